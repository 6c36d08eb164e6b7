"""A tool's bytes as the document of a mapping, by its `reads`. Nothing is guessed."""

from collections.abc import Callable
from typing import Any, NamedTuple

from phasegate.adapters import csv_file, json_file, safe_xml, yaml_file
from phasegate.engine.mapping.document import MOST_VALUES, Document, document
from phasegate.engine.mapping.run import MOST_ROWS
from phasegate.errors import Fault, Invalid, Malformed, Problem, TooLarge
from phasegate.mappings.elements import Elements
from phasegate.reading import malformed, read_json


class _Refused(NamedTuple):
    kind: type[Problem]
    detail: str
    faults: tuple[Fault, ...]


class Documents:
    """One file, read once for all mappings that look at it."""

    def __init__(self) -> None:
        self._raw = b""
        self._found: dict[str, Document | _Refused] = {}

    def document(self, reads: str, raw: bytes) -> Document:
        """The document. Raises `Malformed` or `Invalid`."""
        if raw is not self._raw:
            self._raw, self._found = raw, {}
        if reads not in self._found:
            try:
                self._found[reads] = document(_READ[reads](raw))
            except (Malformed, Invalid, TooLarge) as problem:
                kind = Malformed if isinstance(problem, Malformed) else Invalid
                self._found[reads] = _Refused(kind, problem.detail, problem.faults or (Fault("", problem.detail),))
        found = self._found[reads]
        if isinstance(found, Document):
            return found
        # A new one each time: one that is kept would keep its traceback, and with that the file.
        raise found.kind(found.detail, faults=found.faults)


def _ndjson(raw: bytes) -> list[Any]:
    """Each line's value."""
    lines = raw.split(b"\n")
    if len(lines) > MOST_ROWS + 1:
        raise _refused(f"the file has more than {MOST_ROWS:,} lines; split it")
    values = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values.append(read_json(line, non_finite=True))
        except Malformed as error:
            told = f"line {number} is no JSON value: {error.detail}"
            raise Malformed(told, faults=(Fault("", told, line=number),)) from None
    return values


def _csv(raw: bytes) -> list[dict[str, str]]:
    """Each row as text by the names of the header."""
    found = csv_file.records(csv_file.lines(yaml_file.decoded(raw)))
    _, header = next(found, (0, []))
    if len(set(header)) != len(header):
        name = next(name for name in header if header.count(name) > 1)
        raise malformed((1, 1), f"the header names the column {name[:64]!r} twice")
    rows: list[dict[str, str]] = []
    for line, row in found:
        if not row:
            continue
        if len(row) != len(header):
            raise malformed((line, 1), f"the row has {len(row)} fields and the header {len(header)}")
        rows.append(dict(zip(header, row, strict=True)))
        if len(rows) > MOST_ROWS or len(rows) * len(header) > MOST_VALUES:
            raise _refused(f"the file has more than {MOST_ROWS:,} rows, or {MOST_VALUES:,} fields; split it")
    return rows


def _yaml(raw: bytes) -> list[Any]:
    """Every document that holds something."""
    return yaml_file.documents(yaml_file.decoded(raw))


def _xml(raw: bytes) -> dict[str, Any]:
    """The outermost element."""
    elements = Elements()
    safe_xml.parse(raw, elements, name=safe_xml.as_written)
    return elements.root


_READ: dict[str, Callable[[bytes], Any]] = {
    "json": json_file.parse,
    "ndjson": _ndjson,
    "csv": _csv,
    "yaml": _yaml,
    "xml": _xml,
}


def _refused(told: str) -> Invalid:
    return Invalid(told, faults=(Fault("", told),))
