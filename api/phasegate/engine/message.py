"""The text shown when a check is false: literal text with CEL expressions in braces."""

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from phasegate.engine.cel import Inputs, NotComputable, Program
from phasegate.engine.instants import rfc3339, spoken

_BRACE = re.compile(r"\{\{|\}\}|\{|\}")
_CLOSING = re.compile(r"""(?s:"(?:\\.?|[^"\\])*"?|'(?:\\.?|[^'\\])*'?)|[()\[\]{}]""")
"""Quoted text, whether closed or not, or a bracket."""
_OPENING = "([{"
_SHOWN = 10
_LONGEST = 500


class Part(NamedTuple):
    """Literal text (`source` is None), or an expression and where it starts in the message."""

    text: str
    source: str | None = None
    offset: int = 0


def split(message: str) -> list[Part]:
    """The parts of a message. Raises ValueError, with a text for the writer, on an unclosed brace."""
    parts: list[Part] = []
    literal = ""
    at = 0
    while (brace := _BRACE.search(message, at)) is not None:
        literal += message[at : brace.start()]
        at = brace.end()
        if len(brace[0]) == 2:
            literal += brace[0][0]
        elif brace[0] == "}":
            literal += "}"
        else:
            end = _closing(message, at)
            if end is None:
                raise ValueError("an opening brace without its closing one; write {{ for a brace")
            parts += [Part(literal), Part("", message[at:end], at)]
            literal = ""
            at = end + 1
    parts.append(Part(literal + message[at:]))
    return [part for part in parts if part.text or part.source is not None]


def _closing(message: str, start: int) -> int | None:
    """The index of the first `}` outside quotes and brackets."""
    depth = 0
    for found in _CLOSING.finditer(message, start):
        if found[0] in _OPENING:
            depth += 1
        elif found[0] == "}" and depth == 0:
            return found.start()
        elif found[0] in ")]}":
            depth -= 1
    return None


class Template(NamedTuple):
    """A message ready to be filled in."""

    parts: tuple[str | Program, ...]

    def render(self, inputs: Inputs) -> str:
        """The message on these facts; what can't be computed is shown as `?`."""
        return "".join(part if isinstance(part, str) else _value(part, inputs) for part in self.parts)


def _value(program: Program, inputs: Inputs) -> str:
    try:
        return shown(program.run(inputs))[:_LONGEST]
    except NotComputable:
        return "?"


def shown(value: Any) -> str:
    """A value in words: lists joined by commas (ten items at most), doubles in shortest form."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return spoken(value)
    if isinstance(value, dict):
        return shown([f"{shown(key)}: {shown(item)}" for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        items = ", ".join(shown(item) for item in value[:_SHOWN])
        return f"{items} and {len(value) - _SHOWN} more" if len(value) > _SHOWN else items
    return str(value)
