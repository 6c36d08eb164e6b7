"""The text shown when a check is false: literal text with CEL expressions in braces."""

import re
from collections.abc import Iterator
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
_DIGITS, _EXACT = 4, 17
"""Significant digits of a double in a sentence: as few as tell its numbers apart, and at least these; and those
that tell it from every other double."""
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_Number = int | float


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
        """The message on these facts; what can't be computed is shown as `?`.

        Doubles are rounded, but never so far that two numbers of the sentence look the same, or one a whole number.
        """
        values = [part if isinstance(part, str) else _value(part, inputs) for part in self.parts]
        digits = _digits(values)
        return "".join(each if isinstance(each, str) else shown(each, digits)[:_LONGEST] for each in values)


def _value(program: Program, inputs: Inputs) -> Any:
    try:
        value = program.run(inputs)
    except NotComputable:
        return "?"
    return value[:_LONGEST] if isinstance(value, str) else value


def _digits(values: list[Any]) -> int:
    numbers = {number for value in values for number in _numbers(value)}
    if not any(isinstance(number, float) and not number.is_integer() for number in numbers):
        return _DIGITS
    enough = (n for n in range(_DIGITS, _EXACT) if len({shown(each, n) for each in numbers}) == len(numbers))
    return next(enough, _EXACT)


def _numbers(value: Any) -> Iterator[_Number]:
    """The numbers that a value shows, those written in a text included; without signs, which a text can mean
    otherwise."""
    if isinstance(value, str):
        yield from map(float, _NUMBER.findall(value[:_LONGEST]))
    elif isinstance(value, dict):
        yield from (number for pair in _pairs(value)[:_SHOWN] for each in pair for number in _numbers(each))
    elif isinstance(value, (list, tuple)):
        yield from (number for each in value[:_SHOWN] for number in _numbers(each))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield abs(value)


def _pairs(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """In one order: a map that CEL gives has another one in each process."""
    return sorted(value.items(), key=lambda pair: str(pair[0]))


def shown(value: Any, digits: int = _EXACT) -> str:
    """A value in words: lists joined by commas (ten items at most), doubles in shortest form, or rounded."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _double(value, digits)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return spoken(value)
    if isinstance(value, dict):
        return shown([f"{shown(key, digits)}: {shown(item, digits)}" for key, item in _pairs(value)])
    if isinstance(value, (list, tuple)):
        items = ", ".join(shown(item, digits) for item in value[:_SHOWN])
        return f"{items} and {len(value) - _SHOWN} more" if len(value) > _SHOWN else items
    return str(value)


def _double(value: float, digits: int) -> str:
    if value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else repr(value)
    exact = repr(value)
    rounded = (f"{value:.{n}g}" for n in range(digits, _EXACT))
    fraction = (text for text in rounded if "e+" not in text and ("." in text or "e-" in text))
    return min(next(fraction, exact), exact, key=len)
