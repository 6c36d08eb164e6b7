"""JSON of jest."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.jest import Jest
from tests.adapters import samples

ADAPTER = Jest()
GIVEN = "jest/json_fail"
COUNTS = ("total", "passed", "failed", "errors", "skipped")


def run(*tests: dict[str, Any], suite: dict[str, Any] | None = None, **header: Any) -> dict[str, Any]:
    stated = {
        "numTotalTests": len(tests),
        "numPassedTests": sum(test["status"] == "passed" for test in tests),
        "numFailedTests": sum(test["status"] == "failed" for test in tests),
        "success": True,
    }
    held = {"name": "a.test.js", "status": "passed", "assertionResults": list(tests)} | (suite or {})
    return stated | {"testResults": [held]} | header


def counts(reading: Reading) -> tuple[int, ...]:
    return tuple(reading.data[name] for name in COUNTS)


def of(content: dict[str, Any], exit_code: int | None = None) -> tuple[int, ...]:
    return counts(samples.read(ADAPTER, content, Hints(exit_code=exit_code)))


PASSED = {"title": "a", "status": "passed"}


class TestSample:
    def test_gives_exactly_the_facts(self) -> None:
        data = samples.assert_facts(ADAPTER, GIVEN, "cases").data
        states = samples.meta(GIVEN)["states"]
        assert data["total"] == len(data["cases"]) == states["total"]
        assert (data["passed"], data["failed"]) == (states["passed"], states["failed"])
        assert data["skipped"] == states["pending"] + states["todo"]
        assert states["success"] is False

    def test_cases_are_called_as_in_junit(self) -> None:
        cases = samples.read(ADAPTER, samples.sample(GIVEN)).data["cases"]
        suite = "fallback when the model is unavailable"
        assert [(case["id"], case["status"]) for case in cases] == [
            (f"{suite}::timeouts fall back", "failed"),
            (f"{suite}::uses the rule when scoring throws", "passed"),
            (f"{suite}::uses the rule when the score is NaN", "passed"),
            (f"{suite}::model path", "passed"),
            (f"{suite}::circuit breaker", "skipped"),
        ]
        assert cases[0]["message"].startswith("Error: expect(received).toBe(expected)")
        assert (cases[0]["duration_s"], "duration_s" in cases[4]) == (0.017, False)


class TestStatuses:
    @pytest.mark.parametrize(
        ("test", "want"),
        [
            ({"status": "passed"}, (1, 1, 0, 0, 0)),
            ({"status": "failed"}, (1, 0, 1, 0, 0)),
            ({"status": "pending"}, (1, 0, 0, 0, 1)),
            ({"status": "todo"}, (1, 0, 0, 0, 1)),
            ({"status": "disabled"}, (1, 0, 0, 0, 1)),
            ({"status": "passed", "failing": True}, (1, 0, 0, 0, 1)),
            ({"status": "failed", "failing": True}, (1, 0, 1, 0, 0)),
            ({"status": "focused"}, (1, 0, 0, 1, 0)),
        ],
    )
    def test_status(self, test: dict[str, Any], want: tuple[int, ...]) -> None:
        assert of(run({"title": "a"} | test)) == want

    def test_a_pass_on_a_retry_is_told(self) -> None:
        assert "tried again" in samples.read(ADAPTER, run(PASSED | {"retryReasons": ["flaked"]})).warnings[0]


class TestWhatDidNotRun:
    def test_a_suite_that_could_not_run(self) -> None:
        suite = {"status": "failed", "message": "SyntaxError", "assertionResults": []}
        reading = samples.read(ADAPTER, run(suite=suite, success=False, numRuntimeErrorTestSuites=1))
        assert counts(reading) == (1, 0, 0, 1, 0)
        assert reading.data["cases"] == [{"id": "a.test.js", "status": "error", "message": "SyntaxError"}]

    def test_a_broken_suite_that_only_the_header_states(self) -> None:
        assert of(run(PASSED, numRuntimeErrorTestSuites=2)) == (3, 1, 0, 2, 0)

    def test_no_success_without_a_failure(self) -> None:
        assert of(run(PASSED, success=False)) == (2, 1, 0, 1, 0)
        assert of(run(PASSED, success=False), exit_code=1) == (2, 1, 0, 1, 0)

    def test_an_interrupted_run(self) -> None:
        assert of(run(PASSED, wasInterrupted=True)) == (2, 1, 0, 1, 0)

    def test_exit_code(self) -> None:
        assert of(run(PASSED), exit_code=1) == (2, 1, 0, 1, 0)
        assert of(run(PASSED), exit_code=0) == (1, 1, 0, 0, 0)

    def test_nothing_ran(self) -> None:
        reading = samples.read(ADAPTER, run())
        assert counts(reading) == (0, 0, 0, 0, 0)
        assert "collected nothing" in reading.warnings[0]

    def test_the_worse_of_header_and_tests_counts(self) -> None:
        assert of(run(PASSED, numPassedTests=0)) == (1, 0, 0, 0, 1)
        assert of(run(PASSED, numFailedTests=2)) == (3, 1, 2, 0, 0)
        assert of(run(PASSED, numTotalTests=4)) == (4, 1, 0, 3, 0)


class TestHostile:
    def test_times_that_are_none(self) -> None:
        reading = samples.read(ADAPTER, json.dumps(run(PASSED, startTime=float("nan"))))
        assert reading.collected_at is None
        assert "duration_s" not in reading.data


class TestSuitesOfTheHeader:
    def test_a_suite_that_the_header_alone_says_failed_is_an_error(self) -> None:
        assert of(run(PASSED, numFailedTestSuites=1, numTotalTestSuites=2)) == (2, 1, 0, 1, 0)

    def test_a_failed_snapshot_without_a_failed_test_is_an_error(self) -> None:
        assert of(run(PASSED, snapshot={"failure": True, "unmatched": 2})) == (2, 1, 0, 1, 0)

    def test_vitest_counts_groups_of_a_failed_test_as_suites_too(self) -> None:
        failed = {"title": "b", "status": "failed"}
        assert of(run(PASSED, failed, success=False, numFailedTestSuites=3)) == (2, 1, 1, 0, 0)
