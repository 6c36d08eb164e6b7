"""Files of pytest-json-report."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.pytest_json_report import PytestJsonReport
from phasegate.engine.facts import Producer
from tests.adapters import samples

TOOL = "pytest-json-report"
NAMES = samples.names(TOOL)
ADAPTER = PytestJsonReport()
COUNTS = ("total", "passed", "failed", "errors", "skipped")


def raw(name: str) -> bytes:
    return samples.sample(f"{TOOL}/{name}")


def changed(name: str, **keys: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(raw(name))
    return content | keys


def counts(content: Any, hints: Hints = samples.HINTS) -> tuple[int, ...]:
    data = samples.read(ADAPTER, content, hints).data
    return tuple(data[name] for name in COUNTS)


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["fail", "no_tests_ran", "pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"{TOOL}/{name}"
        data = samples.assert_facts(ADAPTER, given, "cases").data
        states = samples.meta(given)["states"]
        assert data["total"] == len(data["cases"]) == states["total"]
        assert data["passed"] == states.get("passed", 0)
        assert data["failed"] == states.get("failed", 0) + states.get("xpassed", 0)
        assert data["errors"] == states.get("error", 0)
        assert data["skipped"] == states.get("skipped", 0) + states.get("xfailed", 0)

    def test_cases(self) -> None:
        cases = samples.read(ADAPTER, raw("fail")).data["cases"]
        assert [(case["id"].rpartition("::")[2], case["status"]) for case in cases[:6]] == [
            ("test_typo_contract_is_tolerated", "failed"),
            ("test_perturbation_budget[500.0]", "failed"),
            ("test_zero_charges_ok", "failed"),
            ("test_online_lookup", "error"),
            ("test_reload", "error"),
            ("test_missing_column_fails_loudly[tenure_months]", "passed"),
        ]
        assert cases[0]["message"] == "scorer.SchemaError: contract: unseen category 'Month-To-Month'"
        assert cases[2]["message"] == "unexpected pass"
        assert cases[4]["message"] == "RuntimeError: teardown failed: lock held"
        assert cases[0]["duration_s"] == pytest.approx(0.000494, abs=1e-6)


class TestWhatDidNotRun:
    def test_a_collection_error_is_in_the_collectors_and_the_exit_code_alone(self) -> None:
        broken = {"nodeid": "tests/test_x.py", "outcome": "failed", "result": [], "longrepr": "ImportError: no torch"}
        content = changed("no_tests_ran", exitcode=2, collectors=[broken])
        assert counts(content) == (1, 0, 0, 1, 0)
        case = samples.read(ADAPTER, content).data["cases"][0]
        assert case == {"id": "tests/test_x.py", "status": "error", "message": "ImportError: no torch"}

    @pytest.mark.parametrize("code", [1, 2, 3, 4, -11])
    def test_an_exit_code_that_the_file_does_not_explain(self, code: int) -> None:
        assert counts(changed("pass", exitcode=code)) == (13, 12, 0, 1, 0)
        assert counts(changed("no_tests_ran", exitcode=code)) == (1, 0, 0, 1, 0)

    def test_exit_codes_of_file_and_submitter_count_once(self) -> None:
        assert counts(changed("pass", exitcode=1), Hints(exit_code=1)) == (13, 12, 0, 1, 0)
        assert counts(raw("pass"), Hints(exit_code=1)) == (13, 12, 0, 1, 0)
        assert counts(raw("fail"), Hints(exit_code=1)) == (23, 16, 3, 2, 2)

    def test_exit_code_5_beside_tests_contradicts_them(self) -> None:
        assert counts(changed("pass", exitcode=5)) == (13, 12, 0, 1, 0)

    def test_a_skipped_module(self) -> None:
        skipped = {"nodeid": "tests/test_gpu.py", "outcome": "skipped", "result": [], "longrepr": "no GPU"}
        assert counts(changed("no_tests_ran", collectors=[skipped])) == (1, 0, 0, 0, 1)

    def test_a_summary_alone(self) -> None:
        content = changed("fail")
        del content["tests"], content["collectors"]
        reading = samples.read(ADAPTER, content)
        assert tuple(reading.data[name] for name in COUNTS) == (23, 16, 3, 2, 2)
        assert (reading.data["cases"], reading.data["unlisted"]) == ([], 23)
        assert "lists no tests" in reading.warnings[0]


class TestContradictions:
    def of(self, tests: list[dict[str, Any]], **summary: int) -> Reading:
        return samples.read(ADAPTER, changed("pass", tests=tests, summary=summary))

    def test_a_pass_with_a_stage_that_failed(self) -> None:
        for stage, field in (("setup", "errors"), ("call", "failed"), ("teardown", "errors")):
            test = {"nodeid": "a", "outcome": "passed", stage: {"outcome": "failed", "crash": {"message": "m"}}}
            reading = self.of([test], passed=1, total=1)
            assert (reading.data["passed"], reading.data[field]) == (0, 1)
            assert reading.warnings

    def test_an_outcome_that_nobody_knows(self) -> None:
        reading = self.of([{"nodeid": "a", "outcome": "rerun"}], total=1)
        assert (reading.data["passed"], reading.data["errors"]) == (0, 1)
        assert "'rerun' is no outcome that is known here" in reading.warnings[0]

    def test_the_worse_of_summary_and_tests_counts(self) -> None:
        passed = [{"nodeid": name, "outcome": "passed"} for name in "abc"]
        assert self.of(passed, passed=3, total=3).data["passed"] == 3
        fewer = self.of(passed, passed=1, total=3)
        assert (fewer.data["passed"], fewer.data["skipped"]) == (1, 2)
        assert [case["status"] for case in fewer.data["cases"]] == ["passed", "skipped", "skipped"]
        assert self.of(passed, passed=3, failed=2, total=5).data["failed"] == 2
        assert self.of(passed, passed=3, total=5).data["errors"] == 2

    def test_a_long_list_is_cut_after_counting(self) -> None:
        tests = [{"nodeid": f"p{n}", "outcome": "passed"} for n in range(1_500)] + [
            {"nodeid": "f", "outcome": "failed"}
        ]
        data = self.of(tests, passed=1_500, failed=1, total=1_501).data
        assert (len(data["cases"]), data["unlisted"], data["passed"]) == (1_000, 501, 1_500)
        assert data["cases"][0]["id"] == "f"


class TestEnvironment:
    def test_becomes_properties(self) -> None:
        environment = {
            "environment": "staging",
            "rows": 1200000,
            "release": "churn-scorer@2.1.0",
            "Packages": {"pytest": "9.2.0", "nested": {"a": 1}},
            "list": [1],
            "odd\nname": True,
        }
        reading = samples.read(ADAPTER, changed("pass", environment=environment))
        assert reading.data["properties"] == {
            "environment": "staging",
            "rows": "1200000",
            "release": "churn-scorer@2.1.0",
            "Packages.pytest": "9.2.0",
            "odd\ufffdname": "true",
        }
        assert reading.producer == Producer("pytest", "9.2.0")
        assert reading.warnings == ()

    def test_that_names_another_release_is_told(self) -> None:
        reading = samples.read(ADAPTER, changed("pass", environment={"release": "churn-scorer@2.0.0"}))
        told = "the file names release 'churn-scorer@2.0.0'; it was sent for 2.1.0: counted as one more in `errors`"
        assert (reading.warnings, reading.data["errors"]) == ((told,), 1)


class TestCollected:
    """`pytest.exit` ends a run in its middle, with whatever exit code it is given."""

    def summary(self, **changes: int) -> dict[str, int]:
        found: dict[str, int] = json.loads(raw("pass"))["summary"]
        return found | changes

    def test_tests_that_were_collected_and_did_not_run_are_errors(self) -> None:
        total, passed, *_ = counts(changed("pass"))
        found = counts(changed("pass", summary=self.summary(collected=total + 3)))
        assert found == (total + 3, passed, 0, 3, 0)

    def test_also_where_no_tests_are_listed(self) -> None:
        content = changed("pass", summary=self.summary(collected=20))
        del content["tests"]
        assert counts(content) == (20, 12, 0, 8, 0)

    def test_those_that_were_deselected_did_not_have_to(self) -> None:
        content = changed("pass", summary=self.summary(collected=20, deselected=8))
        assert counts(content) == counts(changed("pass"))
