"""The data that k6 gives to handleSummary, written as JSON. `ok` of a threshold is true where it held."""

from typing import Any

from phasegate.adapters import json_file, k6
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.load_report import SHAPE
from phasegate.adapters.text import Warnings
from phasegate.adapters.text_file import first_line
from phasegate.adapters.typed import amount, count, mapping, mappings, object_in, refused, switch
from phasegate.errors import Malformed
from phasegate.reading import read_json


class K6Summary:
    """The adapter `k6-summary`."""

    name = "k6-summary"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of k6's handleSummary"
    command = "k6 run script.js, with `JSON.stringify(data)` in handleSummary"
    fingerprint = "JSON with `state` and `metrics` that have `values`"
    example = Example("k6-summary.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw)) or _is_point_stream(raw)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run. Raises `Malformed`, and `Invalid` on a stream of points."""
        if _is_point_stream(raw):
            raise refused(
                "",
                "this is k6's stream of single points (--out json); send the summary, written by handleSummary "
                "or by --summary-export",
            )
        content = json_file.parse_like(raw, _looks, "`data` of k6's handleSummary as JSON")
        warnings = Warnings()
        metrics = content["metrics"]
        duration = amount(content["state"].get("testRunDurationMs"))
        if duration is None:
            warnings.add("`testRunDurationMs` is no length of time, so the duration is unknown")
        return k6.load_test(
            {name: metric["values"] for name, metric in metrics.items()},
            rate_key="rate",
            thresholds_failed=sum(_crossed(metric, f"metrics.{name}") for name, metric in metrics.items()),
            checks_failed=_failed_checks(object_in(content.get("root_group")), "root_group"),
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


def _crossed(metric: dict[str, Any], path: str) -> int:
    thresholds = mapping(metric.get("thresholds", {}), f"{path}.thresholds")
    return sum(
        not switch(mapping(each, f"{path}.thresholds").get("ok"), f"{path}.thresholds: ok")
        for each in thresholds.values()
    )


def _failed_checks(group: dict[str, Any], path: str) -> int:
    """In a group and those inside it."""
    checks, groups = (mappings(group.get(key, []), f"{path}.{key}") for key in ("checks", "groups"))
    own = sum(count(check.get("fails"), f"{path}.checks[{n}].fails") for n, check in enumerate(checks))
    return own + sum(_failed_checks(inner, f"{path}.groups[{n}]") for n, inner in enumerate(groups))
