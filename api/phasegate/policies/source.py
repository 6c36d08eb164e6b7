"""Reading YAML or JSON with the place of every value.

Scalars follow the YAML 1.2 core schema, so that `on: yes` is text. Anchors, aliases, tags, merge keys
and duplicate keys are refused: a reviewer must see what is evaluated. Parsing goes by libyaml's
events, which nest without recursion; its loader would crash the process on deep nesting.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml

from phasegate.errors import Fault, Flaw, Invalid, Malformed, TooLarge
from phasegate.reading import double, integer, read_json, spell

LARGEST = 1024 * 1024
"""Bytes."""
_DEEPEST = 32
_MOST = 50_000
"""Values in a file; each costs some ten microseconds."""
_NOT_TEXT = frozenset("~nNtTfF-+.0123456789")
"""What a plain scalar that isn't text begins with, unless it is empty."""
_CORE: list[tuple[re.Pattern[str], Callable[[str], Any]]] = [
    (re.compile(r"null|Null|NULL|~|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), integer),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), double),
]
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Where a value stands in the text: offsets of its first and last character, and its style."""

    line: int
    column: int
    start: int
    end: int
    style: str | None
    """`|`, `>`, `'`, `"`, or None for a plain scalar or a container."""


class Source(NamedTuple):
    """A document and where each of its values stands."""

    text: str
    document: Any
    places: Mapping[Path, Place]

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
            line, column = self._inside(place, flaw.within)
        return Fault(shown, flaw.message, line, column, flaw.suggestion)

    def _inside(self, place: Place, within: tuple[int, int]) -> tuple[int, int]:
        """Where a line and column of a scalar's value stand in the text, walking both side by side."""
        if place.style == "|":
            return place.line + within[0], self._indent(place) + within[1]
        value = self._value_at(place)
        target = sum(len(line) + 1 for line in value.split("\n")[: within[0] - 1]) + within[1] - 1
        at = place.start + (1 if place.style in ("'", '"') else 0)
        indent = None
        if place.style == ">":
            indent = self._indent(place)
            at = self.text.find("\n", at) + 1 + indent
        for char in value[:target]:
            at = self._behind(self._start(at, char, place), char, place, indent)
        at = min(self._start(at, value[target : target + 1], place), place.end)
        before = self.text[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1

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

    def _value_at(self, place: Place) -> str:
        for path, other in self.places.items():
            if other is place:
                value: Any = self.document
                for step in path:
                    value = value[step]
                return str(value)
        return ""


def load(raw: bytes) -> Source:
    """Read one document: JSON as the JSON it is, anything else as YAML.

    Raises `Malformed` with line and column, or `TooLarge`.
    """
    text = _text(raw)
    if text.lstrip().startswith("{"):
        try:
            document = read_json(raw)
        except Malformed:
            return _load_yaml(text)
        try:
            return _load_yaml(text)._replace(document=document)
        except Malformed:
            return Source(text, document, {})
    return _load_yaml(text)


def _load_yaml(text: str) -> Source:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise _malformed(at, error.problem or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise _malformed((1, 1), str(error).split("\n")[0]) from None
    if not builder.documents:
        raise _malformed((1, 1), "the file is empty")
    return Source(text, builder.documents[0], builder.places)


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise TooLarge(f"a policy file has at most {LARGEST} bytes; this one has {len(raw)}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _malformed(at, "the file is not UTF-8 from here on") from None
    if "\x00" in text:
        before = text[: text.index("\x00")]
        at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _malformed(at, "the file holds a NUL character")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


class _Builder:
    """Puts a document together from events."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self.places: dict[Path, Place] = {}
        self._stack: list[tuple[Any, Path]] = [(self.documents, ())]
        self._keys: list[str | None] = [None]

    def take(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        if len(self.places) > _MOST:
            raise TooLarge(f"a policy file holds at most {_MOST} values")
        at = (start.line + 1, start.column + 1)
        if getattr(event, "anchor", None):
            raise _malformed(at, "anchors and aliases are not allowed; write the value out")
        if getattr(event, "tag", None):
            raise _malformed(at, "tags are not allowed")
        if "\x00" in (getattr(event, "value", None) or ""):
            raise _malformed(at, "a text holds U+0000, which is refused")
        top, _ = self._stack[-1]
        awaits_key = isinstance(top, dict) and self._keys[-1] is None
        if isinstance(event, yaml.ScalarEvent):
            if awaits_key:
                self._key(event.value, top, at)
            else:
                plain = event.implicit[0]
                style = event.style or ("" if plain else None)
                self._put(_scalar(event.value, at) if plain else event.value, Place(*at, start.index, end.index, style))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if awaits_key:
                raise _malformed(at, "a key must be text")
            if len(self._stack) > _DEEPEST:
                raise _malformed(at, f"nested more than {_DEEPEST} deep")
            new: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            path = self._put(new, Place(*at, start.index, end.index, None))
            self._stack.append((new, path))
            self._keys.append(None)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._stack.pop()
            self._keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.documents:
            raise _malformed(at, "one document only")

    def _key(self, key: str, top: dict[str, Any], at: tuple[int, int]) -> None:
        if key in top:
            raise _malformed(at, f"the key {key!r} stands here twice")
        if key == "<<":
            raise _malformed(at, "merge keys are not allowed; write the values out")
        self._keys[-1] = key

    def _put(self, value: Any, place: Place) -> Path:
        top, path = self._stack[-1]
        if isinstance(top, dict):
            key = self._keys[-1]
            assert key is not None
            top[key] = value
            self._keys[-1] = None
            here: Path = (*path, key)
        else:
            here = (*path, len(top)) if len(self._stack) > 1 else ()
            top.append(value)
        self.places[here] = place
        return here


def _scalar(text: str, at: tuple[int, int]) -> Any:
    if text and text[0] not in _NOT_TEXT:
        return text
    try:
        return next((make(text) for form, make in _CORE if form.fullmatch(text)), text)
    except Malformed as error:
        raise _malformed(at, error.detail) from None


def _malformed(at: tuple[int, int], message: str) -> Malformed:
    return Malformed(f"line {at[0]}, column {at[1]}: {message}", faults=(Fault("", message, line=at[0], column=at[1]),))


def invalid(source: Source, flaws: list[Flaw], what: str) -> Invalid:
    """The error that names every flaw with its line."""
    faults = tuple(sorted((source.fault(flaw) for flaw in flaws), key=lambda f: (f.line or 0, f.column or 0)))
    first = faults[0]
    where = f"line {first.line}: " if first.line else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Invalid(f"{what}: {where}{first.path} {first.message}{more}", faults=faults)
