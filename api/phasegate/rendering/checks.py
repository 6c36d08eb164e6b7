"""Checks as a reader meets them: the words for failing, and the condition laid out as code."""

import re
from typing import Literal, NamedTuple

from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.message import shown, split
from phasegate.engine.policy import Check

_LONG = 72
"""Columns up to which a condition stays on one line."""
_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|&&|\|\||[()\[\]{}]|[^"'&|()\[\]{}]+|.""", re.DOTALL
)
_MEMBER = re.compile(r"""(?:facts\["[a-z0-9-]+"\]\.)?(?:\w+\.)*(?P<last>\w+)(?:\["(?P<key>[^"\\]+)"\])?""")
"""What names one value: a member of the facts, or an entry of one by a fixed key."""


class Piece(NamedTuple):
    """A part of a message: words, or a value that is known only when it is judged, by its name if it has one."""

    kind: Literal["words", "value", "unnamed"]
    text: str


class CheckWords(NamedTuple):
    """One check of a criterion."""

    otherwise: tuple[Piece, ...]
    that: str


def check_words(check: Check, policy: CompiledPolicy) -> CheckWords:
    """A check without facts: parameters of its message have their defaults, other values their names."""
    return CheckWords(_pieces(check.otherwise, policy), laid_out(check.that))


def _pieces(message: str, policy: CompiledPolicy) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for part in split(message if message.strip() else "not true"):
        piece = Piece("words", part.text) if part.source is None else _value(part.source.strip(), policy)
        if pieces and piece.kind == pieces[-1].kind == "words":
            piece = Piece("words", pieces.pop().text + piece.text)
        pieces.append(piece)
    return tuple(pieces)


def _value(source: str, policy: CompiledPolicy) -> Piece:
    root, _, name = source.partition(".")
    if root == "params" and name in policy.params:
        return Piece("words", shown(policy.params[name]))
    found = _MEMBER.fullmatch(source)
    if found is None:
        return Piece("unnamed", "")
    return Piece("value", (found["key"] or found["last"]).replace("_", " "))


def laid_out(source: str) -> str:
    """A condition with each of its outermost alternatives or demands on a line, where it is long.

    One with a comment stays as it is written, since lines end comments.
    """
    text = source.strip()
    if "//" in text:
        return text
    pieces = [found[0] if found["text"] else re.sub(r"\s+", " ", found[0]) for found in _TOKEN.finditer(text)]
    if sum(map(len, pieces)) <= _LONG:
        return "".join(pieces)
    lines, depth = [""], 0
    for piece in pieces:
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if depth == 0 and piece in ("&&", "||"):
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def params_read(rule: Rule) -> frozenset[str]:
    """Names of the parameters that a criterion reads; its messages read some too."""
    parts = [part for check in rule.checks for part in check.otherwise.parts if not isinstance(part, str)]
    paths = {path for part in parts for path in part.reads.paths if path.startswith("params.")}
    return rule.params | {path.removeprefix("params.") for path in paths}
