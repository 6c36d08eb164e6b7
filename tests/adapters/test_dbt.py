"""dbt: freshness of sources, and the tests of a build."""

import json
from typing import Any

import pytest

from phasegate.adapters.dbt_run_results import DbtRunResults
from phasegate.adapters.dbt_sources import DbtSources
from phasegate.adapters.interface import Reading
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample

SOURCES = "https://schemas.getdbt.com/dbt/sources/v3.json"
RUNS = "https://schemas.getdbt.com/dbt/run-results/v6.json"


def names(reading: Reading, status: str) -> list[str]:
    return [check["name"] for check in reading.data["checks"] if check["status"] == status]


class TestSources:
    @pytest.mark.parametrize("name", ["fresh", "stale"])
    def test_each_sample(self, name: str) -> None:
        want = expected(f"dbt/sources_{name}.json")
        reading = read(DbtSources(), sample(f"dbt/sources_{name}.json"))
        data = reading.data
        assert (data["total"], data["passed"], data["warned"]) == (want["sources"], want["pass"], want["warn"])
        assert (data["failed"], data["errors"]) == (want["error"], 0)
        assert round(max(check["age_s"] for check in data["checks"])) == want["max_age_seconds"]
        assert names(reading, "fail") == want.get("stale", [])
        assert names(reading, "warn") == want.get("warned", [])
        assert {check["limit_s"] for check in data["checks"]} == {86_400.0}
        assert reading.producer == Producer("dbt", "1.10.23")
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at).startswith("2026-11-23T06:21:")
        assert reading.warnings == ()

    def one(self, **fields: Any) -> Reading:
        result = {"unique_id": "source.p.raw.t", "status": "pass", "max_loaded_at_time_ago_in_s": 5.0} | fields
        return read(DbtSources(), json.dumps({"metadata": {"dbt_schema_version": SOURCES}, "results": [result]}))

    def test_one_that_could_not_be_asked_is_an_error_without_an_age(self) -> None:
        reading = self.one(status="runtime error", max_loaded_at_time_ago_in_s=None)
        assert reading.data["errors"] == 1
        assert reading.data["checks"] == [{"name": "raw.t", "status": "error"}]

    @pytest.mark.parametrize("status", ["fresh", None, ["pass"]])
    def test_an_unknown_status_is_an_error(self, status: Any) -> None:
        assert self.one(status=status).data["errors"] == 1

    @pytest.mark.parametrize(
        ("criteria", "limit"),
        [
            ({"error_after": {"count": 2, "period": "day"}, "warn_after": {"count": 1, "period": "hour"}}, 172_800.0),
            ({"error_after": {"count": None, "period": None}, "warn_after": {"count": 1, "period": "hour"}}, 3_600.0),
            ({"error_after": None, "warn_after": {"count": 30, "period": "minute"}}, 1_800.0),
            ({}, None),
            (None, None),
        ],
    )
    def test_the_limit(self, criteria: Any, limit: float | None) -> None:
        assert self.one(criteria=criteria).data["checks"][0].get("limit_s") == limit

    def test_older_than_its_limit_is_no_pass(self) -> None:
        criteria = {"error_after": {"count": 1, "period": "hour"}}
        reading = self.one(criteria=criteria, max_loaded_at_time_ago_in_s=3_601.0)
        assert (reading.data["passed"], reading.data["failed"]) == (0, 1)
        assert "older than its limit" in reading.warnings[0]

    @pytest.mark.parametrize("age", [None, "5.0", True])
    def test_an_age_that_is_no_number_is_left_out(self, age: Any) -> None:
        reading = self.one(max_loaded_at_time_ago_in_s=age)
        assert "age_s" not in reading.data["checks"][0]
        assert "isn't stated as a number" in reading.warnings[0]

    @pytest.mark.parametrize("after", [{"count": 1, "period": "week"}, {"count": "1", "period": "day"}, {"count": 1}])
    def test_an_unreadable_limit_is_refused(self, after: Any) -> None:
        with pytest.raises(Invalid):
            self.one(criteria={"error_after": after})


class TestRunResults:
    @pytest.mark.parametrize("name", ["build_pass", "build_fail", "v15_run_results_fail"])
    def test_each_sample(self, name: str) -> None:
        want = expected(f"dbt/{name}.json")
        reading = read(DbtRunResults(), sample(f"dbt/{name}.json"))
        data = reading.data
        assert data["total"] == want["nodes"] - want.get("success", 0)
        assert (data["passed"], data["failed"], data["warned"]) == (want["pass"], want["fail"], want["warn"])
        assert data["errors"] == want.get("error", 0)
        # The sample's facts leave out what dbt appends to a name: the arguments of the test.
        assert [each.split("__")[0] for each in names(reading, "fail")] == want.get(
            "failed_tests", ["accepted_values_features_contract", "unique_features_customer_id"] * (want["fail"] // 2)
        )
        assert all(check["observed"] == 1.0 for check in data["checks"] if check["status"] == "fail")
        assert reading.producer == Producer("dbt", "1.5.9" if name.startswith("v15") else "1.10.23")
        assert reading.collected_at is not None
        assert reading.warnings == ()

    def of(self, *results: tuple[str, Any]) -> Reading:
        listed = [{"unique_id": name, "status": status} for name, status in results]
        return read(DbtRunResults(), json.dumps({"metadata": {"dbt_schema_version": RUNS}, "results": listed}))

    def test_a_model_that_could_not_be_built_is_an_error(self) -> None:
        reading = self.of(("model.p.m", "error"), ("test.p.t.1", "skipped"), ("test.p.u.2", "pass"))
        assert (reading.data["passed"], reading.data["errors"], reading.data["total"]) == (1, 1, 2)
        assert names(reading, "error") == ["model m"]
        assert "1 tests or models did not run" in reading.warnings[-1]

    def test_a_build_without_tests_holds_no_check(self) -> None:
        assert self.of(("model.p.m", "success"), ("seed.p.s", "success")).data["total"] == 0

    @pytest.mark.parametrize("status", ["passed", None, {}, "partial success"])
    def test_an_unknown_status_is_an_error(self, status: Any) -> None:
        assert self.of(("unit_test.p.m.t", status)).data["errors"] == 1
        assert self.of(("model.p.m", status)).data["errors"] == 1


@pytest.mark.parametrize(
    ("adapter", "content"),
    [
        (DbtSources(), {"metadata": {"dbt_schema_version": RUNS}, "results": []}),
        (DbtRunResults(), {"metadata": {"dbt_schema_version": SOURCES}, "results": []}),
        (DbtRunResults(), {"metadata": {"dbt_schema_version": RUNS.replace("v6", "v3")}, "results": []}),
        (DbtRunResults(), {"metadata": {}, "results": []}),
        (DbtRunResults(), {"results": []}),
        (DbtRunResults(), {"metadata": {"dbt_schema_version": RUNS}}),
        (DbtRunResults(), {"metadata": {"dbt_schema_version": RUNS}, "results": [{"status": "pass"}]}),
        (DbtSources(), {"metadata": {"dbt_schema_version": SOURCES}, "results": {}}),
        (DbtSources(), []),
    ],
)
def test_another_structure_is_refused(adapter: DbtSources | DbtRunResults, content: Any) -> None:
    with pytest.raises(Invalid):
        adapter.read(json.dumps(content).encode(), HINTS)
