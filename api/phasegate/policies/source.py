"""A policy file as read, and where each of its values stands in the text."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from phasegate.errors import Fault, Flaw, Invalid, Malformed, Path, TooLarge
from phasegate.reading import malformed, position, read_json, spell
from phasegate.yaml_events import MOST, build

LARGEST = 1024 * 1024
"""Bytes."""


class Place(NamedTuple):
    """Where a value stands in the text: offsets of its first and last character, and its style."""

    line: int
    column: int
    start: int
    end: int
    style: str | None
    """`|`, `>`, `'`, `"`, empty for a plain scalar, None for a container."""


class Source:
    """A document and the text that it was read from; an empty text where it was part of another one."""

    def __init__(self, text: str, document: Any) -> None:
        self.text = text
        self.document = document

    @cached_property
    def places(self) -> dict[Path, Place]:
        """By path. Only a fault needs them, and it is quicker to read twice then than to keep them always."""
        begins: list[Any] = []
        try:
            return _places(build(self.text, begins), begins)
        except Malformed:
            return {}  # JSON that is no YAML

    def fault(self, flaw: Flaw) -> Fault:
        """The flaw with its line and column in this text."""
        path = flaw.path
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path)
        shown = spell(flaw.path)
        if place is None:
            return Fault(shown, flaw.message, suggestion=flaw.suggestion)
        line, column = place.line, place.column
        if (path == flaw.path and place.style is not None) or flaw.within != (1, 1):
            line, column = self._inside(place, path, flaw.within)
        return Fault(shown, flaw.message, line, column, flaw.suggestion)

    def _inside(self, place: Place, path: Path, within: tuple[int, int]) -> tuple[int, int]:
        """Where a line and column of a scalar's value stand in the text, walking both side by side."""
        if place.style == "|":
            return place.line + within[0], self._indent(place) + within[1]
        value = self._value_at(path)
        target = sum(len(line) + 1 for line in value.split("\n")[: within[0] - 1]) + within[1] - 1
        at = place.start + (1 if place.style in ("'", '"') else 0)
        indent = None
        if place.style == ">":
            indent = self._indent(place)
            at = self.text.find("\n", at) + 1 + indent
        for char in value[:target]:
            at = self._behind(self._start(at, char, place), char, place, indent)
        at = min(self._start(at, value[target : target + 1], place), place.end)
        return position(self.text, at)

    def _indent(self, place: Place) -> int:
        """How far the lines of a block scalar are indented."""
        lines = self.text[place.start : place.end].split("\n")[1:]
        return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)

    def _start(self, at: int, char: str, place: Place) -> int:
        """Where the text for the next character of a value begins, at or behind `at`."""
        while place.style == '"' and self.text[at : at + 2] == "\\\n":
            at += 2
            while self.text[at : at + 1] == " ":
                at += 1
        if char and char not in " \n":
            while at < place.end and self.text[at] in " \n":
                at += 1
        return at

    def _behind(self, at: int, char: str, place: Place, indent: int | None) -> int:
        """Behind the text that stands for one character of a value."""
        if place.style == "'" and self.text[at : at + 2] == "''":
            return at + 2
        if place.style == '"' and self.text[at : at + 1] == "\\":
            return at + {"x": 4, "u": 6, "U": 10}.get(self.text[at + 1 : at + 2], 2)
        if char not in " \n" or self.text[at : at + 1] != "\n":
            return at + 1
        if indent is not None:
            return at + 1 + indent
        while self.text[at : at + 1] in (" ", "\n"):
            at += 1
        return at

    def _value_at(self, path: Path) -> str:
        value = self.document
        for step in path:
            value = value[step]
        return str(value)


def _places(document: Any, begins: Sequence[Any]) -> dict[Path, Place]:
    """Containers come before what they hold, in the order of the text."""
    found: dict[Path, Place] = {}
    waiting: list[tuple[Path, Any]] = [((), document)]
    for event in begins:
        path, value = waiting.pop()
        start, end = event.start_mark, event.end_mark
        style = None
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*path, n), value[n]) for n in reversed(range(len(value)))]
        else:
            style = event.style or ("" if event.implicit[0] else None)
        found[path] = Place(start.line + 1, start.column + 1, start.index, end.index, style)
    return found


def load(raw: bytes) -> Source:
    """Read one document: JSON as the JSON it is, anything else as YAML.

    Raises `Malformed` with line and column, or `TooLarge`.
    """
    text = _text(raw)
    if text.lstrip().startswith("{"):
        try:
            return Source(text, _bounded(read_json(raw)))
        except Malformed:
            pass  # a YAML mapping in braces
    return Source(text, build(text))


def _bounded(document: Any) -> Any:
    """The document, whose values are counted as those of YAML are."""
    count = 0
    waiting = [document]
    while waiting:
        value = waiting.pop()
        count += 1
        if count > MOST:
            raise TooLarge(f"a policy file holds at most {MOST} values")
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return document


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise TooLarge(f"a policy file has at most {LARGEST} bytes; this one has {len(raw)}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at = position(raw[: error.start].decode("utf-8"))
        raise malformed(at, "the file is not UTF-8 from here on") from None
    if "\x00" in text:
        raise malformed(position(text, text.index("\x00")), "the file holds a NUL character")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def invalid(source: Source, flaws: list[Flaw], what: str) -> Invalid:
    """The error that names every flaw with its line."""
    faults = tuple(sorted((source.fault(flaw) for flaw in flaws), key=lambda f: (f.line or 0, f.column or 0)))
    first = faults[0]
    where = f"line {first.line}: " if first.line else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Invalid(f"{what}: {where}{first.path} {first.message}{more}", faults=faults)
