"""A suite result of deepchecks as JSON: its conditions, figures on the test set, and drift scores.

A check that could not run (`CheckFailure`) is neither passed nor failed. What a condition found stands in
words alone, which are not read: of a drift condition that failed, every column counts as drifted.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from phasegate.adapters import drift_report
from phasegate.adapters.bounds import bounded
from phasegate.adapters.check_report import SHAPE as CHECKS
from phasegate.adapters.check_report import Checks
from phasegate.adapters.drift_report import Columns
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import canonical, figures
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import is_number, label, list_in, object_in, refused, whole
from phasegate.engine.facts import Producer
from phasegate.errors import Malformed
from phasegate.reading import read_json

_STATUS = {"PASS": "pass", "FAIL": "fail", "WARN": "warn", "ERROR": "error"}
_RAN, _NOT_RUN = "CheckResult", "CheckFailure"
_PERFORMANCE, _COMPARISON = "Train Test Performance", "Simple Model Comparison"
_OF_COLUMNS = "Feature Drift"
_OF_ONE = {"Label Drift": "label", "Prediction Drift": "prediction"}


class Check(NamedTuple):
    """A check that ran."""

    name: str
    header: str
    value: Any
    conditions: tuple[tuple[str, str], ...]
    """Status and words of each."""


class Deepchecks:
    """The adapter `deepchecks`."""

    name = "deepchecks"
    version = "1.0.0"
    shapes = ("metrics-report", drift_report.SHAPE, CHECKS)
    title = "deepchecks suite result as JSON (SuiteResult.to_json)"
    command = "suite.run(train, test, model).to_json()"
    fingerprint = "JSON whose `type` is SuiteResult, with `results`"
    example = Example("deepchecks.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """Conditions with figures on the test set, or drift by column, or the conditions as checks of data."""
        content = parse_like(raw, _looks, "a suite result of deepchecks")
        producer = Producer("deepchecks")
        if hints.shape == CHECKS:
            checks = Checks()
            for check in _checks(content, checks.warnings):
                for status, words in check.conditions:
                    checks.add(check.header, _STATUS.get(status, "error"), expected=words)
            return checks.reading(producer, hints)
        warnings = Warnings()
        ran = _checks(content, warnings)
        data = _drift(ran, warnings) if hints.shape == drift_report.SHAPE else _figures(ran, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(hints.shape or self.shapes[0], data, producer=producer, warnings=warnings.all())


def _looks(content: Any) -> bool:
    found = object_in(content)
    return found.get("type") == "SuiteResult" and isinstance(found.get("results"), list)


def _checks(content: dict[str, Any], warnings: Warnings) -> list[Check]:
    ran, not_run = [], []
    for result in map(object_in, content["results"]):
        check = label(object_in(result.get("check")).get("name"))
        header = label(result.get("header")) or check or "(unnamed)"
        if result.get("type") not in (_RAN, _NOT_RUN):
            raise refused("", f"the result of {shown(header)} is neither of a check that ran nor of one that didn't")
        if result["type"] == _NOT_RUN:
            not_run.append(header)
            continue
        stated = result.get("conditions_results")
        if stated is not None and not isinstance(stated, list):
            raise refused("", f"the conditions of {shown(header)} are no list; send the result as deepchecks wrote it")
        conditions = [object_in(condition) for condition in stated or ()]
        if any(label(condition.get("Status")) not in _STATUS for condition in conditions):
            warnings.add(f"{shown(header)} has a condition of a status that isn't known here; counted as an error")
        told = tuple((label(found.get("Status")), label(found.get("Condition"))) for found in conditions)
        ran.append(Check(check, header, result.get("value"), told))
    if not_run:
        warnings.add(f"{len(not_run)} checks did not run: {', '.join(map(shown, not_run[:5]))}")
    return ran


def _figures(checks: list[Check], hints: Hints, warnings: Warnings) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    rows: list[int] = []
    for check in checks:
        if check.name == _COMPARISON:
            for name, value in _compared(object_in(object_in(check.value).get("scores"))):
                stated.setdefault(name, value)
    for check in checks:
        if check.name == _PERFORMANCE:
            found, of = _performance(check.value, warnings)
            rows += [] if of is None else [of]
            for name, value in found:
                stated.setdefault(name, value)
    data: dict[str, Any] = figures(stated.items(), warnings, hints.context)
    data["conditions"], unlisted = bounded(
        (
            {"name": f"{check.header}: {words}", "passed": status == "PASS"}
            for check in checks
            for status, words in check.conditions
        ),
        lambda condition: not condition["passed"],
    )
    if unlisted:
        data["unlisted"] = unlisted
    if not data["conditions"]:
        warnings.add("no condition was judged")
    if len(set(rows)) == 1:
        data["rows"] = rows[0]
    return data


def _plain(value: Any) -> Any:
    """The number of `{"dtype": "float64", "value": 0.5}`."""
    return value["value"] if isinstance(value, dict) and "dtype" in value and "value" in value else value


def _compared(scores: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The model's scores and those of the simple one, by class where there are classes."""
    for metric, found in scores.items():
        scored = object_in(found)
        by_class = [(f"_{name}", object_in(part)) for name, part in scored.items()]
        for suffix, pair in [("", scored), *by_class]:
            for side, prefix in (("Origin", ""), ("Simple", "baseline_")):
                if side in pair:
                    yield f"{prefix}{canonical(metric + suffix)}", _plain(pair[side])


def _performance(value: Any, warnings: Warnings) -> tuple[list[tuple[str, Any]], int | None]:
    """Scores on the test set, and its rows."""
    try:
        table = read_json(value.encode(), non_finite=True) if isinstance(value, str) else value
    except (Malformed, UnicodeEncodeError):
        warnings.add(f"the table of {_PERFORMANCE} can't be read; its figures are left out")
        return [], None
    scores: list[tuple[str, Any]] = []
    rows: dict[str, list[int | None]] = {}
    for row in map(object_in, list_in(table)):
        metric = label(row.get("Metric"))
        if row.get("Dataset") != "Test" or not metric:
            continue
        of = row.get("Class")
        suffix = f"_{of}" if isinstance(of, str) or is_number(of) else ""
        scores.append((canonical(metric + suffix), row.get("Value")))
        rows.setdefault(metric, []).append(whole(row.get("Number of samples")))
    sums = {sum(n or 0 for n in found) for found in rows.values() if None not in found}
    return scores, sums.pop() if len(sums) == 1 else None


def _drift(checks: list[Check], warnings: Warnings) -> dict[str, Any]:
    columns = Columns(warnings)
    for check in checks:
        scores: dict[str, Any] = {}
        if check.name == _OF_COLUMNS:
            scores = object_in(check.value)
        elif check.name in _OF_ONE:
            scores = {_OF_ONE[check.name]: check.value}
        detected = any(status != "PASS" for status, _ in check.conditions) if check.conditions else None
        if detected and len(scores) > 1:
            warnings.add(f"{check.header} failed, and says only in words where: all its columns count as drifted")
        for name, found in scores.items():
            one = object_in(found)
            columns.add(
                name,
                label(one.get("Method")),
                value=_plain(one.get("Drift score", "missing")),
                p_value=False,
                threshold=None,
                detected=detected,
            )
    return columns.data()
