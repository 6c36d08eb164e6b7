"""The file of k6 run --summary-export. A threshold is true where it was crossed: the other way round."""

from typing import Any

from phasegate.adapters import json_file, k6
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.json_fields import count, mapping, switch
from phasegate.adapters.load_report import SHAPE
from phasegate.adapters.text import Warnings
from phasegate.errors import Malformed


class K6SummaryExport:
    """The adapter `k6-summary-export`."""

    name = "k6-summary-export"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of k6 run --summary-export"

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run; the file doesn't say how long it was. Raises `Malformed` and `Invalid`."""
        content = json_file.parse(raw)
        if not _looks(content):
            raise Malformed("this is no summary export of k6: send the file of k6 run --summary-export")
        metrics = content["metrics"]
        return k6.load_test(
            metrics,
            rate_key="value",
            thresholds_failed=sum(_crossed(metric) for metric in metrics.values()),
            checks_failed=_failed_checks(content["root_group"]),
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


def _crossed(metric: dict[str, Any]) -> int:
    if "thresholds" not in metric:
        return 0
    thresholds = mapping(metric, "thresholds")
    return sum(switch(thresholds, name) for name in thresholds)


def _failed_checks(group: dict[str, Any]) -> int:
    """In a group and those inside it."""
    checks = mapping(group, "checks")
    groups = mapping(group, "groups") if "groups" in group else {}
    own = sum(count(mapping(checks, name), "fails") for name in checks)
    return own + sum(_failed_checks(mapping(groups, name)) for name in groups)
