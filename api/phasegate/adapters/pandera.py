"""Pandera: what `SchemaErrors` holds, as JSON or as a CSV of failure cases. A data frame that fits leaves no file."""

from collections import Counter
from typing import Any

from phasegate.adapters.check_report import SHAPE, Checks
from phasegate.adapters.csv_file import lines, records
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.typed import label, mapping, mappings, refused, words
from phasegate.adapters.yaml_file import decoded
from phasegate.engine.facts import Producer
from phasegate.reading import malformed

_KINDS = {"SCHEMA", "DATA"}
_BROKEN = "CHECK_ERROR"
"""The reason of a check that raised an exception."""
_ENTRY = {"schema", "column", "check", "error"}
_HEADER = ("schema_context", "column", "check", "check_number", "failure_case", "index")


class Pandera:
    """The adapter `pandera`."""

    name = "pandera"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "pandera SchemaErrors (message as JSON, or failure_cases as CSV)"
    command = "str(error.message) of SchemaErrors as JSON, or error.failure_cases.to_csv('cases.csv', index=False)"
    fingerprint = "JSON with `SCHEMA` or `DATA`, or CSV with the columns of failure_cases"
    example = Example("pandera.json")

    def detects(self, raw: bytes) -> bool:
        if _header(raw) is not None:
            return True
        content = look(raw)
        if not isinstance(content, dict) or not content or not content.keys() <= _KINDS:
            return False
        reasons = [reason for kind in content.values() if isinstance(kind, dict) for reason in kind.values()]
        entries = [entry for reason in reasons if isinstance(reason, list) for entry in reason]
        return bool(entries) and all(isinstance(entry, dict) and entry.keys() >= _ENTRY for entry in entries)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `data-quality-report` of failures alone: no check in it passed, and none of its times is known."""
        checks = Checks()
        if _header(raw) is not None:
            _read_cases(raw, checks)
        else:
            _read_message(mapping(parse(raw), ""), checks)
        return checks.reading(Producer("pandera"), hints)


def _read_message(content: dict[str, Any], checks: Checks) -> None:
    if not content or not content.keys() <= _KINDS:
        raise refused("", f"the file must hold {' or '.join(sorted(_KINDS))}, and nothing else")
    for kind, reasons in content.items():
        for reason, entries in mapping(reasons, kind).items():
            for entry in mappings(entries, f"{kind}.{label(reason)}"):
                status = "error" if reason == _BROKEN else "fail"
                checks.add(words(entry.get("check")) or reason, status, target=words(entry.get("column")))


def _header(raw: bytes) -> list[str] | None:
    """The columns, where it is a CSV of failure cases; pandas may have put its index first, without a name."""
    names = raw[:200].partition(b"\n")[0].decode("utf-8", "replace").strip().removeprefix("\ufeff").split(",")
    return names if tuple(names) in (_HEADER, ("", *_HEADER)) else None


def _read_cases(raw: bytes, checks: Checks) -> None:
    """One row per failing value; a check with several of them is one check, which observed that many."""
    rows = records(lines(decoded(raw)))
    failing: Counter[tuple[str, ...]] = Counter()
    names = [name.strip() for name in next(rows)[1]]
    for number, row in rows:
        if len(row) != len(names):
            raise malformed((number, 1), f"the row has {len(row)} fields; the header has {len(names)}")
        fields = dict(zip(names, row, strict=True))
        missing = fields["check"] == "column_in_dataframe"  # then `column` holds the name of the schema
        column = fields["failure_case"] if missing else fields["column"]
        failing[fields["schema_context"], column, fields["check"], fields["check_number"]] += 1
    for (_, column, check, _), times in failing.items():
        checks.add(check, "fail", target=column, observed=float(times))
