"""Great Expectations: validations and checkpoints, of 1.x and of 0.x."""

import json
from typing import Any

import pytest

from phasegate.adapters.great_expectations import GreatExpectations
from phasegate.adapters.interface import Reading
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample


def of_sample(name: str) -> tuple[Reading, dict[str, Any]]:
    path = f"great_expectations/{name}.json"
    return read(GreatExpectations(), sample(path)), expected(path)


def failed(reading: Reading) -> list[str]:
    return [f"{one['name']}:{one.get('target', '')}" for one in reading.data["checks"] if one["status"] == "fail"]


class TestSamples:
    @pytest.mark.parametrize("name", ["validation_pass", "validation_fail", "missing_column"])
    def test_a_validation(self, name: str) -> None:
        reading, want = of_sample(name)
        data = reading.data
        assert (data["total"], data["passed"]) == (want["evaluated"], want["successful"])
        assert data["failed"] + data["errors"] == want["unsuccessful"]
        assert data["errors"] == want.get("raised_exceptions", 0)
        assert (data["failed"] + data["errors"] == 0) == want["success"]
        assert data["rows"] == 400
        assert 100.0 * data["passed"] / data["total"] == pytest.approx(
            want.get("success_percent", 100 * data["passed"] / 7)
        )
        if "failed" in want:
            assert failed(reading) == want["failed"]
        assert reading.producer == Producer("great_expectations", "1.24.1")
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at).startswith("2026-11-23T06:15:10.")
        assert reading.warnings == ()

    @pytest.mark.parametrize("name", ["checkpoint_pass", "checkpoint_fail"])
    def test_a_checkpoint(self, name: str) -> None:
        reading, want = of_sample(name)
        data = reading.data
        assert data["total"] == want["evaluated_expectations"]
        assert data["failed"] + data["errors"] == want.get("unsuccessful_expectations", 0)
        assert (data["failed"] == 0) == want["success"]
        assert (reading.collected_at, reading.producer) == (None, Producer("great_expectations"))

    def test_what_was_seen_and_expected(self) -> None:
        checks = of_sample("validation_pass")[0].data["checks"]
        assert checks[1] == {
            "name": "expect_table_row_count_to_be_between",
            "status": "pass",
            "expected": '{"min_value": 100}',
            "observed": 400.0,
        }
        assert checks[4]["target"] == "contract"
        assert "observed" not in checks[4]


def result(success: Any = True, **more: Any) -> dict[str, Any]:
    config = {"expectation_type": "expect_x", "kwargs": {"column": "c"}}
    return {"success": success, "expectation_config": config, "result": {}} | more


def validation(*results: Any, success: bool = True, bad: int = 0, **meta: Any) -> dict[str, Any]:
    return {
        "success": success,
        "results": list(results),
        "statistics": {"evaluated_expectations": len(results), "unsuccessful_expectations": bad},
        "meta": meta,
    }


def of(content: dict[str, Any]) -> Reading:
    return read(GreatExpectations(), json.dumps(content))


class TestOld:
    def test_a_validation(self) -> None:
        run = {"run_time": "2024-05-01T10:00:00+02:00"}
        reading = of(validation(result(), great_expectations_version="0.18.22", run_id=run))
        assert reading.producer.version == "0.18.22"
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2024-05-01T08:00:00Z"

    def test_a_compact_time(self) -> None:
        reading = of(validation(result(), validation_time="20240501T080000.123456Z"))
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2024-05-01T08:00:00.123456Z"

    def test_a_checkpoint_is_as_old_as_its_oldest_validation(self) -> None:
        first = validation(result(), validation_time="2024-05-02T00:00:00Z", great_expectations_version="0.18.22")
        second = validation(
            result(False),
            success=False,
            bad=1,
            validation_time="2024-05-01T00:00:00Z",
            great_expectations_version="0.18.22",
        )
        runs = {"a": {"validation_result": first}, "b": {"validation_result": second}}
        reading = of({"success": False, "run_results": runs})
        assert (reading.data["total"], reading.data["passed"], reading.data["failed"]) == (2, 1, 1)
        assert reading.producer.version == "0.18.22"
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2024-05-01T00:00:00Z"

    def test_a_time_without_a_zone_is_told(self) -> None:
        reading = of(validation(result(), validation_time="2024-05-01T08:00:00"))
        assert reading.collected_at is None
        assert "no zone" in reading.warnings[0]


class TestTheWorseCounts:
    @pytest.mark.parametrize(
        "info",
        [
            {"raised_exception": True},
            {"raised_exception": None},
            {"metric": {"raised_exception": True}},
            {"a": {"raised_exception": False}, "b": {"raised_exception": True}},
            {"metric": "?"},
        ],
    )
    def test_an_exception_is_an_error_even_beside_success(self, info: dict[str, Any]) -> None:
        assert of(validation(result(exception_info=info))).data["errors"] == 1

    def test_the_verdict_of_the_whole(self) -> None:
        assert of(validation(result(), success=False)).data["failed"] == 1
        whole = {"success": False, "run_results": {"a": {"validation_result": validation(result())}}}
        assert of(whole).data["errors"] == 1

    def test_the_statistics_and_only_those_of_the_same_validation(self) -> None:
        assert of(validation(result(), bad=2)).data["failed"] == 2
        runs = {
            "a": {"validation_result": validation(result(False), result(False), success=False, bad=2)},
            "b": {"validation_result": validation(result(), bad=1)},
        }
        assert of({"success": False, "run_results": runs}).data["failed"] == 3

    def test_a_count_that_is_not_shown_is_told(self) -> None:
        content = validation(result(False), success=False, bad=1)
        content["statistics"]["evaluated_expectations"] = 9
        reading = of(content)
        assert (reading.data["total"], reading.data["passed"]) == (1, 0)
        assert "counts 9 expectations and shows 1" in reading.warnings[0]


@pytest.mark.parametrize(
    "content",
    [
        validation(result("true")),
        validation(result(1)),
        validation({"success": True}),
        validation("x"),
        {"success": "true", "run_results": {}},
        {"success": True, "run_results": {"a": {}}},
        {"success": True, "run_results": {"a": 5}},
        {"success": True, "statistics": {"evaluated_validations": 1}, "validation_results": [[]]},
        {"success": True},
        [],
    ],
)
def test_another_structure_is_refused(content: Any) -> None:
    with pytest.raises(Invalid):
        GreatExpectations().read(json.dumps(content).encode(), HINTS)


def test_fewer_successes_in_the_statistics_than_are_shown_are_failures() -> None:
    content = json.loads(sample("great_expectations/validation_pass.json"))
    content["statistics"]["successful_expectations"] = 5
    reading = read(GreatExpectations(), json.dumps(content).encode())
    assert (reading.data["passed"], reading.data["failed"]) == (7, 2)
