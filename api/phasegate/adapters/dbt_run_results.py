"""dbt's `run_results.json`: the tests of a build."""

from typing import Any

from phasegate.adapters.check_report import SHAPE, Checks
from phasegate.adapters.dbt import head, is_artifact
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import parse
from phasegate.adapters.text import shown
from phasegate.adapters.typed import finite, mapping, mappings, text

_TESTS = ("test", "unit_test")
_STATUSES = {
    "pass": "pass",
    "success": "pass",
    "warn": "warn",
    "fail": "fail",
    "error": "error",
    "runtime error": "error",
}
_NOT_RUN = ("skipped", "no-op")
_BUILT = ("success", "pass", "no-op")


class DbtRunResults:
    """The adapter `dbt-run-results`."""

    name = "dbt-run-results"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "dbt run results (target/run_results.json, v4 to v6)"
    command = "dbt build"
    fingerprint = "JSON whose `metadata.dbt_schema_version` ends in run-results/v4.json to v6.json"
    example = Example("dbt-run-results.json")

    def detects(self, raw: bytes) -> bool:
        return is_artifact(raw, "run-results")

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `data-quality-report`: tests alone are checks, but a model that couldn't be built is an error too."""
        content = mapping(parse(raw), "")
        checks = Checks()
        producer, at = head(content, "run-results", range(4, 7), checks.warnings)
        skipped = sum(
            _skips(each, f"results[{n}]", checks) for n, each in enumerate(mappings(content.get("results"), "results"))
        )
        if skipped:
            checks.warnings.add(f"{skipped} tests or models did not run; they are counted nowhere")
        return checks.reading(producer, hints, at)


def _skips(result: dict[str, Any], path: str, checks: Checks) -> bool:
    """Counts a result; whether it didn't run."""
    kind, _, rest = text(result.get("unique_id"), f"{path}.unique_id").partition(".")
    name = ".".join(rest.split(".")[1:2]) or rest
    word = result.get("status")
    if word in _NOT_RUN:
        return True
    if kind not in _TESTS:
        if word not in _BUILT:
            checks.warnings.add(f"the {kind} {shown(name)} ended with {shown(str(word))}: counted as an error")
            checks.add(f"{kind} {name}", "error")
        return False
    status = _STATUSES.get(word, "") if isinstance(word, str) else ""
    if not status:
        status = "error"
        checks.warnings.add(f"the test {shown(name)} has the status {shown(str(word))}; counted as an error")
    checks.add(name, status, observed=finite(result.get("failures")))
    return False
