"""What the formats of data checks have in common."""

import json

import pytest

from phasegate.adapters.check_report import Checks
from phasegate.adapters.dbt_run_results import DbtRunResults
from phasegate.adapters.dbt_sources import DbtSources
from phasegate.adapters.great_expectations import GreatExpectations
from phasegate.adapters.interface import Adapter, Hints
from phasegate.adapters.pandera import Pandera
from phasegate.adapters.whylogs_constraints import WhylogsConstraints
from phasegate.engine.facts import Producer
from tests.adapters.samples import attempt, read, sample

SAMPLES: list[tuple[Adapter, str]] = [
    *((DbtSources(), f"dbt/sources_{name}.json") for name in ("fresh", "stale")),
    *((DbtRunResults(), f"dbt/{name}.json") for name in ("build_pass", "build_fail", "v15_run_results_fail")),
    *(
        (GreatExpectations(), f"great_expectations/{name}.json")
        for name in ("validation_pass", "validation_fail", "missing_column", "checkpoint_pass", "checkpoint_fail")
    ),
    *((Pandera(), f"pandera/{name}") for name in ("fail.json", "missing_column.json", "type_change.json")),
    *((WhylogsConstraints(), f"whylogs/constraints_{name}.json") for name in ("pass", "fail")),
]
ALL = pytest.mark.parametrize(("adapter", "path"), SAMPLES, ids=[path for _, path in SAMPLES])


@ALL
def test_what_passed_no_longer_passes_once_its_verdicts_are_gone(adapter: Adapter, path: str) -> None:
    original = read(adapter, sample(path)).data
    for before, after in ((b"true", b"null"), (b'"pass"', b'"passed"'), (b'"pass"', b"null"), (b'"pass"', b"{}")):
        raw = sample(path).replace(before, after)
        reading = attempt(adapter, raw)
        if raw != sample(path) and reading is not None:
            bad = original["failed"] + original["errors"]
            assert reading.data["failed"] + reading.data["errors"] >= bad + (before == b'"pass"')


@ALL
def test_an_exit_code_counts_where_nothing_failed(adapter: Adapter, path: str) -> None:
    bad = any(word in path for word in ("fail", "stale", "missing", "type_change"))
    plain, ended = read(adapter, sample(path)).data, read(adapter, sample(path), Hints(exit_code=1)).data
    assert ended["errors"] == plain["errors"] + (not bad)


def test_a_thousand_checks_are_listed_failures_first() -> None:
    checks = Checks()
    for status in ("pass", "warn", "error", "fail"):
        for n in range(400):
            checks.add(f"{status}{n}", status)
    data = checks.reading(Producer("t"), Hints()).data
    assert (data["total"], data["passed"], len(data["checks"])) == (1600, 400, 1000)
    assert [check["status"] for check in data["checks"]] == ["fail"] * 400 + ["error"] * 400 + ["warn"] * 200


@pytest.mark.parametrize(
    ("adapter", "raw"),
    [
        (WhylogsConstraints(), json.dumps({"valid": True, "report": []})),
        (
            GreatExpectations(),
            json.dumps({"success": True, "results": [], "statistics": {"evaluated_expectations": 0}}),
        ),
        (GreatExpectations(), json.dumps({"success": True, "run_results": {}})),
        (Pandera(), "schema_context,column,check,check_number,failure_case,index\n"),
        *(
            (adapter, json.dumps({"metadata": {"dbt_schema_version": f"{base}/{kind}.json"}, "results": []}))
            for base in ("https://schemas.getdbt.com/dbt",)
            for adapter, kind in ((DbtSources(), "sources/v3"), (DbtRunResults(), "run-results/v6"))
        ),
    ],
)
def test_nothing_ran_is_no_pass(adapter: Adapter, raw: str) -> None:
    reading = read(adapter, raw)
    assert (reading.data["total"], reading.data["passed"]) == (0, 0)
    assert "the file holds no check that gave a result" in reading.warnings
