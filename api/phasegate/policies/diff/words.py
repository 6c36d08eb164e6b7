"""Values of a policy in words, short enough for a line."""

import re
from typing import Any

from phasegate.engine.message import shown

_LONGEST = 100
_LEAD = 40
_TOKEN = re.compile(
    r"(?P<left>\s+|//[^\n]*)"
    r'|(?<!\w)[bB]?[rR][bB]?(?:"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'|"[^"\n]*"|\'[^\'\n]*\')'
    r'|(?<!\w)[bB]?(?:"""(?s:(?:\\.|[^\\])*?)"""|\'\'\'(?s:(?:\\.|[^\\])*?)\'\'\''
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    r"|`[^`\n]*`"  # a name in which a space or // is part of it
    r"|[0-9](?:\w|\.(?=\w)|(?<=[eE])[+-](?=[0-9]))*|\w+|[<>=!]=|&&|\|\||."
)


def tokens(expression: str) -> tuple[str, ...]:
    """The tokens of a CEL expression, without white space and comments.

    Equal tokens parse to equal trees, so two expressions that differ in nothing else mean the same.
    """
    return tuple(found[0] for found in _TOKEN.finditer(expression) if found["left"] is None)


def value(of: Any, absent: str = "none") -> str:
    """A value as a reader sees it; `absent` where there is none."""
    if of is None or of == ():
        return absent
    return _short(_line(shown(of)), _LONGEST) or '""'


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Two texts in quotation marks; of long ones the part in which they begin to differ."""
    start = 0
    if max(len(old), len(new)) > _LONGEST:
        same = min(len(old), len(new))
        same = next((n for n in range(same) if old[n] != new[n]), same)
        start = max(0, same - _LEAD)
    return _excerpt(old, start), _excerpt(new, start)


def _excerpt(text: str, start: int) -> str:
    lead = "…" if start else ""
    return f'"{lead}{_short(_line(text[start:]), _LONGEST)}"'


def _line(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
