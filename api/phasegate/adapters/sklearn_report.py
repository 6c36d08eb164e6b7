"""`classification_report` of scikit-learn: its dict as JSON, or the table that it prints.

Neither says when, by which version, or for which model it was made.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import canonical, figures
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings, clean
from phasegate.adapters.typed import object_in, refused, whole
from phasegate.engine.facts import Producer

_AVERAGES = {"micro avg": "micro", "macro avg": "macro", "weighted avg": "weighted", "samples avg": "samples"}
_FIGURES = ("precision", "recall", "f1-score")
_HEADER = re.compile(rb"\s*precision +recall +f1-score +support[ \r]*\n")
_NUMBER = r"([0-9]{1,20}(?:\.[0-9]{1,20})?|nan)"
_ROW = re.compile(rf" *(\S.*?) +{_NUMBER} +{_NUMBER} +{_NUMBER} +([0-9]{{1,15}})")
_ACCURACY = re.compile(rf" *accuracy +{_NUMBER} +([0-9]{{1,15}})")
_LAST = ("weighted avg", "samples avg")
_TOLD = "a classification_report of scikit-learn"
_LONGEST = 1_048_576
_LONGEST_LINE = 1_000


class SklearnReport:
    """The adapter `sklearn-report`."""

    name = "sklearn-report"
    version = "1.0.0"
    shapes = ("metrics-report",)
    title = "classification_report of scikit-learn, as JSON or as the printed table"
    command = "json.dump(classification_report(y, predicted, output_dict=True), file)"
    fingerprint = "JSON with `macro avg` and `weighted avg`, or the printed table of them"
    example = Example("sklearn-report.json", context={"split": "test"})

    def detects(self, raw: bytes) -> bool:
        return _HEADER.match(raw[:1_000]) is not None or _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `metrics-report`: accuracy where it is stated, averages, and `recall_CLASS` and so on of each class."""
        warnings = Warnings()
        if _HEADER.match(raw[:1_000]):
            report = _table(raw)
            warnings.add("the printed table rounds its figures; send the dict as JSON to compare with limits exactly")
        else:
            report = parse_like(raw, _looks, _TOLD)
        data: dict[str, Any] = figures(_figures(report), warnings, hints.context)
        rows = _rows(report, warnings)
        if rows is not None:
            data["rows"] = rows
        if rows == 0:
            warnings.add("the report is about no row at all")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading("metrics-report", data, producer=Producer("scikit-learn"), warnings=warnings.all())


def _looks(content: Any) -> bool:
    macro = object_in(object_in(content).get("macro avg"))
    return all(name in macro for name in (*_FIGURES, "support"))


def _figures(report: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for label, row in report.items():
        if not isinstance(row, dict):
            yield label, row
            continue
        for name in _FIGURES:
            if name in row:
                of = canonical(name)
                yield (f"{_AVERAGES[label]}_{of}" if label in _AVERAGES else f"{of}_{label}"), row[name]


def _rows(report: dict[str, Any], warnings: Warnings) -> int | None:
    """Evaluated rows: of the averages and of the classes together, the fewer where they differ."""
    rows = {label: object_in(row) for label, row in report.items() if isinstance(row, dict)}
    stated = [whole(row.get("support")) for label, row in rows.items() if label in _AVERAGES]
    classes = [whole(row.get("support")) for label, row in rows.items() if label not in _AVERAGES]
    if None in stated or None in classes or not stated:
        warnings.add("a support is no whole number; the number of rows is left out")
        return None
    found = [n for n in (*stated, sum(n for n in classes if n is not None)) if n is not None]
    if len(set(found)) > 1:
        warnings.add("the supports of classes and averages disagree; the smallest counts")
    return min(found)


def _table(raw: bytes) -> dict[str, Any]:
    """The printed table as the dict. Raises `Invalid` where a line is none of it, or where it ends early."""
    if len(raw) > _LONGEST:
        raise refused("", "the table is longer than 1 MiB; send the dict of the report as JSON")
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise refused("", "the table is not UTF-8; write it as UTF-8") from None
    report: dict[str, Any] = {}
    begun = False
    for line in lines:
        line = line.rstrip()
        if not line or not begun:
            begun = begun or bool(line)
            continue
        label, row = _line(line)
        if label in report:
            raise refused("", f"the table has {clean(label)[:80]!r} twice; send the dict of the report as JSON")
        report[label] = row
    if lines[-1] or next(reversed(report), None) not in _LAST:
        raise refused(
            "", "the table doesn't end with its averages and a new line: it was cut short; send the whole of it"
        )
    return report


def _line(line: str) -> tuple[str, Any]:
    if found := _ACCURACY.fullmatch(line[:_LONGEST_LINE]):
        return "accuracy", _number(found[1])
    found = _ROW.fullmatch(line) if len(line) <= _LONGEST_LINE else None
    if found is None:
        raise refused("", f"the table has a line that is none of it: {clean(line)[:80]!r}; send the report alone")
    figures_ = dict(zip(_FIGURES, map(_number, found.groups()[1:4]), strict=True))
    return found[1], {**figures_, "support": int(found[5])}


def _number(text: str) -> float:
    return math.nan if text == "nan" else float(text)
