"""The file of k6 run --summary-export. A threshold is true where it was crossed: the other way round."""

from typing import Any

from phasegate.adapters import json_file, k6
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.load_report import SHAPE
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import count, mapping, switch


class K6SummaryExport:
    """The adapter `k6-summary-export`."""

    name = "k6-summary-export"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of k6 run --summary-export"
    command = "k6 run --summary-export=summary.json script.js"
    fingerprint = "JSON with `metrics` without `values`, and `root_group.checks` as an object"
    example = Example("k6-summary-export.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run; the file doesn't say how long it was. Raises `Malformed` and `Invalid`."""
        content = json_file.parse_like(raw, _looks, "the JSON of k6 run --summary-export")
        metrics = content["metrics"]
        return k6.load_test(
            metrics,
            rate_key="value",
            thresholds_failed=sum(_crossed(metric, f"metrics.{name}") for name, metric in metrics.items()),
            checks_failed=_failed_checks(content["root_group"], "root_group"),
            duration_s=None,
            hints=hints,
            warnings=Warnings(),
        )


def _looks(content: Any) -> bool:
    metrics = content.get("metrics") if isinstance(content, dict) else None
    return (
        isinstance(metrics, dict)
        and bool(metrics)
        and isinstance(content.get("root_group"), dict)
        and all(isinstance(metric, dict) and "values" not in metric for metric in metrics.values())
        # The other layout has lists here, and its booleans mean the opposite.
        and isinstance(content["root_group"].get("checks"), dict)
    )


def _crossed(metric: dict[str, Any], path: str) -> int:
    thresholds = mapping(metric.get("thresholds", {}), f"{path}.thresholds")
    return sum(switch(crossed, f"{path}.thresholds") for crossed in thresholds.values())


def _failed_checks(group: dict[str, Any], path: str) -> int:
    """In a group and those inside it."""
    checks = mapping(group.get("checks"), f"{path}.checks")
    groups = mapping(group.get("groups", {}), f"{path}.groups")
    own = sum(count(mapping(each, f"{path}.checks").get("fails"), f"{path}.checks: fails") for each in checks.values())
    return own + sum(_failed_checks(mapping(inner, f"{path}.groups"), f"{path}.groups") for inner in groups.values())
