"""CTRF files of several writers."""

import json
from typing import Any

import pytest

from phasegate.adapters.ctrf import Ctrf
from phasegate.adapters.interface import Hints, Reading
from tests.adapters import samples

TOOL = "ctrf"
NAMES = samples.names(TOOL)
ADAPTER = Ctrf()
COUNTS = ("total", "passed", "failed", "errors", "skipped")


def raw(name: str) -> bytes:
    return samples.sample(f"{TOOL}/{name}")


def report(tests: list[dict[str, Any]], *, header: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    summary = {"tests": len(tests), "passed": sum(test.get("status") == "passed" for test in tests), "failed": 0}
    summary |= {"failed": sum(test.get("status") == "failed" for test in tests)} | (header or {})
    return {"results": {"tool": {"name": "t"}, "summary": summary, "tests": tests} | more}


def one(**test: Any) -> Reading:
    return samples.read(ADAPTER, report([{"name": "a", "duration": 1} | test]))


def counts(reading: Reading) -> tuple[int, ...]:
    return tuple(reading.data[name] for name in COUNTS)


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["jest_fail", "pytest_fail", "pytest_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"{TOOL}/{name}"
        data = samples.assert_facts(ADAPTER, given, "cases").data
        states = samples.meta(given)["states"]
        assert data["total"] == len(data["cases"]) == states["tests"]
        assert data["passed"] == states["passed"]
        assert data["failed"] + data["errors"] == states["failed"]
        assert data["skipped"] == states["skipped"] + states.get("pending", 0) + states.get("other", 0)

    def test_cases(self) -> None:
        cases = samples.read(ADAPTER, raw("pytest_fail")).data["cases"]
        assert [case["status"] for case in cases[:5]] == ["failed", "failed", "error", "error", "passed"]
        assert cases[0] == {
            "id": "tests_bad/test_regressions.py::test_typo_contract_is_tolerated",
            "status": "failed",
            "duration_s": 0.019,
            "message": "scorer.SchemaError: contract: unseen category 'Month-To-Month'",
        }

    def test_a_todo_of_jest_is_no_pass(self) -> None:
        cases = samples.read(ADAPTER, raw("jest_fail")).data["cases"]
        suite = "fallback.test.js::fallback when the model is unavailable"
        assert [(case["id"], case["status"]) for case in cases][::4] == [
            (f"{suite}::timeouts fall back", "failed"),
            (f"{suite}::circuit breaker", "skipped"),
        ]


class TestStatuses:
    @pytest.mark.parametrize(
        ("test", "status"),
        [
            ({"status": "passed"}, "passed"),
            ({"status": "failed"}, "failed"),
            ({"status": "failed", "rawStatus": "setup_failed"}, "error"),
            ({"status": "failed", "rawStatus": "teardown_failed"}, "error"),
            ({"status": "skipped", "rawStatus": "xfailed"}, "skipped"),
            ({"status": "pending"}, "skipped"),
            ({"status": "other", "rawStatus": "todo"}, "skipped"),
            ({"status": "other"}, "error"),
            ({"status": "other", "rawStatus": "interrupted"}, "error"),
            ({"status": "PASSED"}, "error"),
        ],
    )
    def test_status(self, test: dict[str, Any], status: str) -> None:
        assert [case["status"] for case in one(**test).data["cases"]] == [status]

    def test_a_pass_on_a_retry_is_told(self) -> None:
        assert one(status="passed", flaky=True).warnings == (
            "1 tests passed only when tried again; the last attempt counts",
        )

    def test_a_suite_is_a_list_or_a_text(self) -> None:
        for suite in (["s", "inner"], "s > inner"):
            assert one(status="passed", suite=suite).data["cases"][0]["id"] == "s::inner::a"
        assert one(status="passed", suite=[str(n) for n in range(100_000)]).data["cases"][0]["id"].count("::") == 20
        assert one(status="passed", suite=7).data["cases"][0]["id"] == "a"


class TestContradictions:
    def test_the_worse_of_summary_and_tests_counts(self) -> None:
        two = [{"name": name, "status": "passed"} for name in "ab"]
        assert counts(samples.read(ADAPTER, report(two))) == (2, 2, 0, 0, 0)
        assert counts(samples.read(ADAPTER, report(two, header={"failed": 1}))) == (3, 2, 1, 0, 0)
        assert counts(samples.read(ADAPTER, report(two, header={"passed": 1}))) == (2, 1, 0, 0, 1)
        assert counts(samples.read(ADAPTER, report(two, header={"tests": 5}))) == (5, 2, 0, 3, 0)

    def test_a_summary_without_tests_is_refused(self) -> None:
        content = report([])
        del content["results"]["tests"]
        assert samples.attempt(ADAPTER, json.dumps(content).encode()) is None

    def test_nothing_ran(self) -> None:
        reading = samples.read(ADAPTER, report([]))
        assert counts(reading) == (0, 0, 0, 0, 0)
        assert reading.warnings == ("the file holds no test: a run that collected nothing",)

    def test_exit_code(self) -> None:
        assert counts(samples.read(ADAPTER, raw("pytest_pass"), Hints(exit_code=2))) == (13, 12, 0, 1, 0)
        assert counts(samples.read(ADAPTER, raw("pytest_fail"), Hints(exit_code=1))) == (23, 17, 2, 2, 2)


class TestAround:
    def test_environment_and_what_is_in_its_extra(self) -> None:
        extra = {"rows": 1200000, "appName": "other"}
        environment = {"testEnvironment": "staging", "appName": "churn", "release": "2.0.0", "extra": extra}
        reading = samples.read(ADAPTER, report([], environment=environment))
        assert reading.data["properties"] == {
            "testEnvironment": "staging",
            "environment": "staging",
            "release": "2.0.0",
            "rows": "1200000",
        }
        assert any("'appName'" in warning for warning in reading.warnings)
        assert any("names release '2.0.0'" in warning for warning in reading.warnings)

    @pytest.mark.parametrize(
        ("timestamp", "stop", "found", "told"),
        [
            ("2026-11-23T06:00:00Z", 1795413762318, "2026-11-23 06:00:00+00:00", False),
            (None, 1795413762318, "2026-11-23 06:02:42.318000+00:00", False),
            ("2026-11-23T06:00:00", 0, "None", True),
            ("yesterday", 1e300, "None", True),
            (7, "1795413762318", "None", False),
        ],
    )
    def test_time(self, timestamp: Any, stop: Any, found: str, told: bool) -> None:
        content = report([{"name": "a", "status": "passed"}], header={"stop": stop}) | {"timestamp": timestamp}
        reading = samples.read(ADAPTER, content)
        assert str(reading.collected_at) == found
        assert any("time" in warning for warning in reading.warnings) >= told

    def test_an_end_before_the_start_is_no_duration(self) -> None:
        reading = samples.read(ADAPTER, report([], header={"start": 5, "stop": 3}))
        assert "duration_s" not in reading.data
        assert any("no length of time" in warning for warning in reading.warnings)


class TestOther:
    def test_what_the_summary_alone_counts_as_other_is_an_error(self) -> None:
        tests = [{"name": "a", "duration": 1, "status": "passed"}]
        assert counts(samples.read(ADAPTER, report(tests, header={"other": 1}))) == (2, 1, 0, 1, 0)
        assert counts(samples.read(ADAPTER, report(tests, header={"other": 1, "tests": 2}))) == (2, 1, 0, 1, 0)

    def test_one_that_is_listed_is_counted_once(self) -> None:
        tests = [{"name": "a", "duration": 1, "status": "other", "rawStatus": "todo"}]
        assert counts(samples.read(ADAPTER, report(tests, header={"other": 1}))) == (1, 0, 0, 0, 1)
