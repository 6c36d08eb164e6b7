"""The data that k6 gives to handleSummary, written as JSON. `ok` of a threshold is true where it held."""

from typing import Any

from phasegate.adapters import json_file, k6
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.json_fields import amount, count, mapping, objects, switch
from phasegate.adapters.load_report import SHAPE
from phasegate.adapters.text import Warnings
from phasegate.adapters.text_file import first_line
from phasegate.errors import Invalid, Malformed
from phasegate.reading import read_json


class K6Summary:
    """The adapter `k6-summary`."""

    name = "k6-summary"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of k6's handleSummary"

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw)) or _is_point_stream(raw)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run. Raises `Malformed`, and `Invalid` on a stream of points."""
        if _is_point_stream(raw):
            raise Invalid(
                "this is k6's stream of single points (--out json); send the summary, written by handleSummary "
                "or by --summary-export"
            )
        content = json_file.parse(raw)
        if not _looks(content):
            raise Malformed("this is no summary of k6: write `data` of handleSummary as JSON and send that")
        warnings = Warnings()
        metrics = content["metrics"]
        duration = amount(content["state"].get("testRunDurationMs"))
        if duration is None:
            warnings.add("`testRunDurationMs` is no length of time, so the duration is unknown")
        return k6.load_test(
            {name: mapping(metric, "values") for name, metric in metrics.items()},
            rate_key="rate",
            thresholds_failed=sum(_crossed(metric) for metric in metrics.values()),
            checks_failed=_failed_checks(content.get("root_group")),
            duration_s=None if duration is None else duration / 1000,
            hints=hints,
            warnings=warnings,
        )


def _looks(content: Any) -> bool:
    metrics = content.get("metrics") if isinstance(content, dict) else None
    return (
        isinstance(metrics, dict)
        and bool(metrics)
        and isinstance(content.get("state"), dict)
        and all(isinstance(metric, dict) and isinstance(metric.get("values"), dict) for metric in metrics.values())
    )


def _is_point_stream(raw: bytes) -> bool:
    line = first_line(raw, 65_536)
    if not line.startswith("{") or '"metric"' not in line:
        return False
    try:
        first = read_json(line.encode(), non_finite=True)
    except Malformed:
        return False
    return first.get("type") in ("Metric", "Point") and isinstance(first.get("data"), dict)


def _crossed(metric: dict[str, Any]) -> int:
    if "thresholds" not in metric:
        return 0
    thresholds = mapping(metric, "thresholds")
    return sum(not switch(mapping(thresholds, name), "ok") for name in thresholds)


def _failed_checks(group: Any) -> int:
    """In a group and those inside it."""
    if not isinstance(group, dict):
        return 0
    own = sum(count(check, "fails") for check in objects(group, "checks")) if "checks" in group else 0
    return own + sum(_failed_checks(inner) for inner in (objects(group, "groups") if "groups" in group else ()))
