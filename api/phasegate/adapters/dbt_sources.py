"""dbt's `sources.json`: the freshness of sources."""

from typing import Any

from phasegate.adapters.check_report import SHAPE, Checks
from phasegate.adapters.dbt import head, is_artifact
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import parse
from phasegate.adapters.text import shown
from phasegate.adapters.typed import count, finite, mapping, mappings, refused, text, within

_STATUSES = {"pass": "pass", "warn": "warn", "error": "fail", "runtime error": "error"}
"""dbt calls a source too old an error; one that it couldn't ask, a runtime error."""
_PERIODS = {"minute": 60, "hour": 3_600, "day": 86_400}


class DbtSources:
    """The adapter `dbt-sources`."""

    name = "dbt-sources"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "dbt source freshness (target/sources.json)"
    command = "dbt source freshness"
    fingerprint = "JSON whose `metadata.dbt_schema_version` ends in sources/v1.json to v3.json"
    example = Example("dbt-sources.json")

    def detects(self, raw: bytes) -> bool:
        return is_artifact(raw, "sources")

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `data-quality-report`. The limit of a source is `error_after`, or `warn_after` where that stands alone.

        Some versions leave a source out that they couldn't ask: only the exit code tells.
        """
        content = mapping(parse(raw), "")
        checks = Checks()
        producer, at = head(content, "sources", range(1, 4), checks.warnings)
        for n, result in enumerate(mappings(content.get("results"), "results")):
            _check(result, f"results[{n}]", checks)
        return checks.reading(producer, hints, at)


def _check(result: dict[str, Any], path: str, checks: Checks) -> None:
    name = ".".join(text(result.get("unique_id"), f"{path}.unique_id").split(".")[-2:])
    word = result.get("status")
    status = _STATUSES.get(word, "") if isinstance(word, str) else ""
    if not status:
        status = "error"
        checks.warnings.add(f"source {shown(name)} has the status {shown(str(word))}; counted as an error")
    age, limit = finite(result.get("max_loaded_at_time_ago_in_s")), _limit(result, path)
    if age is None and status != "error":
        checks.warnings.add(f"the age of source {shown(name)} isn't stated as a number; left out")
    if status in ("pass", "warn") and age is not None and limit is not None and age > limit:
        checks.warnings.add(f"source {shown(name)} is older than its limit, yet {word}; counted as failed")
        status = "fail"
    checks.add(name, status, age_s=age, limit_s=limit)


def _limit(result: dict[str, Any], path: str) -> float | None:
    """Seconds."""
    criteria = within(result, "criteria", path)
    for key in ("error_after", "warn_after"):
        after = within(criteria, key, f"{path}.criteria")
        if after.get("count") is None:
            continue
        period = after.get("period")
        seconds = _PERIODS.get(period) if isinstance(period, str) else None
        if seconds is None:
            raise refused(f"{path}.criteria.{key}.period", "must be minute, hour or day")
        return float(count(after["count"], f"{path}.criteria.{key}.count") * seconds)
    return None
