"""Evidently's reports and test suites as JSON, from 0.5 on and of 0.4: figures, drift, and tests of data.

What a test says in words is not read: from 0.7 on its sentence has the wrong sign where the test fails.
"""

from collections.abc import Iterator
from typing import Any

from phasegate.adapters import drift_report
from phasegate.adapters.bounds import bounded
from phasegate.adapters.check_report import SHAPE as CHECKS
from phasegate.adapters.check_report import Checks
from phasegate.adapters.drift_report import Columns, gives_p_value
from phasegate.adapters.evidently_parts import Metric, Report, looks_new, looks_old, report
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import canonical, figures
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import finite, label, list_in, moment, object_in, refused, text, whole
from phasegate.engine.facts import Producer

_STATUS = {"SUCCESS": "pass", "FAIL": "fail", "WARNING": "warn", "ERROR": "error"}
_SKIPPED = "SKIPPED"
_ABOUT_DATA = ("ValueDrift", "DriftedColumnsCount", "RowCount")


class Evidently:
    """The adapter `evidently`."""

    name = "evidently"
    version = "1.0.0"
    shapes = ("metrics-report", drift_report.SHAPE, CHECKS)
    title = "Evidently report or test suite as JSON"
    command = "Report([DataDriftPreset()]).run(current, reference).save_json('report.json')"
    fingerprint = "JSON with `metrics` and `tests` as Evidently 0.7 writes them, or with `version` and those of 0.4"
    example = Example("evidently.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """Figures with the tests as conditions, or drift by column, or the tests as checks of data."""
        found = report(parse_like(raw, _looks, "a report of Evidently"))
        producer = Producer("evidently", found.version)
        if hints.shape == CHECKS:
            return _checks(found, producer, hints)
        warnings = Warnings()
        at = moment(found.timestamp, warnings)
        data = _drift(found, warnings) if hints.shape == drift_report.SHAPE else _figures(found, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(hints.shape or self.shapes[0], data, at, producer, warnings.all())


def _looks(content: Any) -> bool:
    return looks_new(content) or looks_old(content)


def _checks(found: Report, producer: Producer, hints: Hints) -> Reading:
    checks = Checks()
    at = moment(found.timestamp, checks.warnings)
    for test in found.tests:
        if test.status == _SKIPPED:
            checks.warnings.add("tests that were skipped are no checks")
            continue
        status = _STATUS.get(test.status)
        if status is None:
            checks.warnings.add("a test has a status that isn't known here; counted as an error")
        checks.add(test.name, status or "error", target=test.column, expected=test.expected, observed=test.observed)
    if found.summary:
        checks.failed_as_a_whole(found.summary.get("all_passed") is True)
        checks.stated_failures(whole(found.summary.get("failed_tests")) or 0)
    checks.rows = _rows(found)
    return checks.reading(producer, hints, at)


def _rows(found: Report) -> int | None:
    rows = [whole(metric.value) for metric in found.metrics if metric.kind == "RowCount"]
    return rows[0] if len(rows) == 1 else None


def _figures(found: Report, hints: Hints, warnings: Warnings) -> dict[str, Any]:
    stated = (pair for metric in found.metrics for pair in (_new if found.new else _old)(metric))
    data: dict[str, Any] = figures(stated, warnings, hints.context)
    ran = [test for test in found.tests if test.status != _SKIPPED]
    if len(ran) < len(found.tests):
        warnings.add("tests that were skipped are no conditions")
    data["conditions"], unlisted = bounded(
        ({"name": test.name, "passed": test.status == "SUCCESS"} for test in ran), lambda item: not item["passed"]
    )
    if unlisted:
        data["unlisted"] = unlisted
    if found.summary and found.summary.get("all_passed") is not True and all(c["passed"] for c in data["conditions"]):
        warnings.add("the suite didn't pass, yet its tests show no failure: one more condition that failed")
        data["conditions"].insert(0, {"name": "all_passed", "passed": False})
        data["conditions"] = data["conditions"][:1_000]
    if not any(data[field] for field in ("metrics", "baseline", "non_finite", "conditions")):
        raise refused("", "the report has neither figures of a model nor tests; send one that has")
    rows = _rows(found)
    if rows is not None:
        data["rows"] = rows
    return data


def _new(metric: Metric) -> Iterator[tuple[str, Any]]:
    """Figures of the model; those of single columns are about the data."""
    if metric.kind in _ABOUT_DATA or "column" in metric.settings or not metric.kind:
        return
    name = canonical(metric.kind.removesuffix("ByLabel"))
    if not isinstance(metric.value, dict):
        yield name, metric.value
        return
    for part, value in metric.value.items():
        if isinstance(value, dict):
            continue
        yield (name if part == "mean" and "std" in metric.value else f"{name}_{part}"), value


def _old(metric: Metric) -> Iterator[tuple[str, Any]]:
    """Figures on the current data; those on the reference are of no rival."""
    if metric.kind.endswith("QualityMetric"):
        for name, value in object_in(object_in(metric.value).get("current")).items():
            if not isinstance(value, (dict, list, str)):
                yield name, value


def _drift(found: Report, warnings: Warnings) -> dict[str, Any]:
    columns = Columns(warnings)
    verdicts: list[bool] = []
    for metric in found.metrics:
        if found.new:
            _new_drift(metric, columns, verdicts)
        else:
            _old_drift(metric, columns, verdicts)
    for test in found.tests:
        for name, said in test.features.items():
            one = object_in(said)
            _column(columns, name, one.get("stattest"), one.get("score"), one.get("threshold"), one.get("detected"))
    if verdicts:
        columns.dataset_drift = any(verdicts)
    return columns.data()


def _new_drift(metric: Metric, columns: Columns, verdicts: list[bool]) -> None:
    settings = metric.settings
    if metric.kind == "ValueDrift":
        name = label(text(settings.get("column"), "config.column"))
        _column(columns, name, settings.get("method"), metric.value, settings.get("threshold"), None)
    elif metric.kind == "DriftedColumnsCount":
        value = object_in(metric.value)
        drifted, total = _counted(value, len(list_in(settings.get("columns"))))
        columns.state(drifted, total)
        limit = finite(settings.get("drift_share"))
        if limit is not None and total:
            verdicts.append(value["share"] >= limit)


def _counted(value: dict[str, Any], named: int) -> tuple[int, int]:
    """Drifted and compared columns, of a count and a share of them. Raises `Invalid`."""
    drifted, share = whole(value.get("count")), finite(value.get("share"))
    if drifted == 0 and share == 0:
        return 0, named
    total = round(drifted / share) if drifted and share and drifted <= share * 1e6 else 0
    if drifted is None or share is None or not total or abs(drifted / total - share) > 1e-6:
        raise refused(
            "", "the count and share of drifted columns don't fit together; send the report as it was written"
        )
    return drifted, total


def _old_drift(metric: Metric, columns: Columns, verdicts: list[bool]) -> None:
    result = object_in(metric.value)
    stated = list(object_in(result.get("drift_by_columns")).items())
    if "drift_score" in result:
        stated.append((label(text(result.get("column_name"), "column_name")), result))
    for name, said in stated:
        one = object_in(said)
        _column(
            columns, name, one.get("stattest_name"), one.get("drift_score"), one.get("stattest_threshold"),
            one.get("drift_detected"),
        )  # fmt: skip
    if "number_of_drifted_columns" in result:
        columns.state(result["number_of_drifted_columns"], result.get("number_of_columns"))
    if isinstance(result.get("dataset_drift"), bool):
        verdicts.append(result["dataset_drift"])


def _column(columns: Columns, name: str, method: Any, value: Any, threshold: Any, detected: Any) -> None:
    named = label(method)
    columns.add(
        name, named, value=value, p_value=gives_p_value(named), threshold=threshold,
        detected=detected if isinstance(detected, bool) else None,
    )  # fmt: skip
