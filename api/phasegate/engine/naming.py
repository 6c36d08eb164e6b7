"""What an author writes, as the names under which the checker knows it.

`facts["edge-case-tests"]` becomes a variable of its own, typed by the type's shape; `evidence` a
variable of the shape of the criterion's own type. Both are as long as what they stand for, so that
line and column of a fault hold. One environment then serves all expressions of a policy; making one
for each shape would cost more than checking them.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from phasegate.errors import nearest
from phasegate.reading import position

_TOKENS = re.compile(
    r"""(?=[efs.bBrR"'`/])(?:(?P<facts>(?<!\w)facts\s*\[\s*(?P<quote>["'])(?P<type>[^"'\\]*)(?P=quote)\s*\])"""
    r"|(?P<name>(?<!\w)(?:evidence|s_[0-9]{6}|facts(?:__\w*)?)(?!\w))"
    r"|\.(?:\s|//[^\n]*\n)*(?:evidence|facts)(?!\w)"
    r"|`[^`\n]*`"
    r'|(?<!\w)[bB]?[rR][bB]?(?:"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'|"[^"\n]*"|\'[^\'\n]*\')'
    r'|"""(?s:(?:\\.|[^\\])*?)"""|\'\'\'(?s:(?:\\.|[^\\])*?)\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|//[^\n]*)"
)
"""The lookahead names what a token begins with, so that most places cost one character's look."""
_OURS = re.compile(r"facts__(\w+?)__|s_[0-9]{6}")


class Refusal(NamedTuple):
    """What is wrong with an expression; line and column are 1-based, inside its source."""

    line: int
    column: int
    message: str
    suggestion: str | None = None


class Named(NamedTuple):
    """An expression under the checker's names."""

    text: str
    types: tuple[str, ...]
    """Evidence types that it names as `facts["…"]`, in order."""
    refusals: tuple[Refusal, ...]
    loose: bool
    """Whether `facts` stands there without a type in brackets."""


class Naming:
    """The checker's names in one policy."""

    def __init__(self, shape_of: Mapping[str, str]) -> None:
        """`shape_of` gives the shape of each evidence type."""
        self._types = {name: variable_of(name) for name in shape_of}
        self._shapes = {name: f"s_{n:06}" for n, name in enumerate(sorted(set(shape_of.values())))}

    def variables(self) -> Mapping[str, str]:
        """The variable that stands for `evidence` of each shape."""
        return self._shapes

    def rename(self, source: str, shape: str | None) -> Named:
        """`source`, in which `evidence` is of `shape` (None: there is none)."""
        types: list[str] = []
        refusals: list[Refusal] = []
        loose = False

        def refuse(at: int, message: str, suggestion: str | None = None) -> None:
            refusals.append(Refusal(*position(source, at), message, suggestion))

        def replace(found: re.Match[str]) -> str:
            nonlocal loose
            if found["facts"] is not None:
                name = found["type"]
                variable = self._types.get(name)
                if variable is None:
                    told = f"there is no evidence type {name!r}"
                    refuse(found.start("type"), told, nearest(name, self._types))
                    return found[0]
                types.append(name)
                return variable.ljust(len(found[0]))
            if found["name"] == "evidence":
                return "evidence" if shape is None else self._shapes[shape]
            if found["name"] == "facts":
                loose = True
            elif found["name"] is not None:
                refuse(found.start(), f"there is no {found['name']!r}", 'write facts["the-type"], or evidence')
            return found[0]

        return Named(_TOKENS.sub(replace, source), tuple(types), tuple(refusals), loose)


def variable_of(evidence_type: str) -> str:
    """The variable that stands for `facts["…"]` of a type."""
    return f"facts__{evidence_type.replace('-', '_')}__"


def type_of(variable: str) -> str | None:
    """The type whose facts a variable stands for; None if it stands for something else."""
    return variable[7:-2].replace("_", "-") if variable.startswith("facts__") else None


def member_of(variable: str) -> str | None:
    """Which of `evidence`, `context`, `record` a variable stands for; None if for something else."""
    if variable in ("context", "record"):
        return variable
    return "evidence" if variable.startswith("s_") and _OURS.fullmatch(variable) else None


def written(message: str) -> str:
    """A message of the checker in the author's names."""
    return _OURS.sub(lambda m: f'facts["{m[1].replace("_", "-")}"]' if m[1] else "evidence", message)
