"""Suite results of deepchecks."""

import json
import math
from typing import Any

import pytest

from phasegate.adapters.deepchecks import Deepchecks
from phasegate.adapters.interface import Reading
from tests.adapters.samples import attempt, expected, names, read, sample

FOLDER = "deepchecks"
FIGURES, DRIFT, CHECKS = Deepchecks.shapes


def result(name: str, value: Any, *statuses: Any) -> dict[str, Any]:
    conditions = [{"Status": status, "Condition": "c", "More Info": ""} for status in statuses]
    return {"type": "CheckResult", "check": {"name": name}, "header": name, "value": value,
            "conditions_results": conditions}  # fmt: skip


def suite(*results: Any) -> dict[str, Any]:
    return {"type": "SuiteResult", "name": "s", "results": list(results)}


def of(name: str, shape: str) -> Reading:
    return read(Deepchecks(), sample(f"{FOLDER}/{name}"), shape=shape)


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    checks = of(name, CHECKS)
    data = checks.data
    assert (data["total"], data["passed"], data["failed"]) == (want["conditions"], want["passed"], want["failed"])
    assert (data["warned"], data["errors"]) == (want.get("warn", 0), 0)
    assert [check["name"] for check in data["checks"] if check["status"] == "fail"] == want.get("failed_checks", [])
    conditions = of(name, FIGURES).data["conditions"]
    assert len(conditions) == want["conditions"]
    assert all(condition["passed"] for condition in conditions) == want["sdk_passed"]
    assert checks.warnings[0].startswith(f"{want['not_run']} checks did not run")
    assert checks.collected_at is None


def test_figures_are_those_of_the_test_set_and_of_the_simple_model() -> None:
    data = of("suite_fail", FIGURES).data
    assert data["metrics"]["f1_1"] == 0.6995884773662552
    assert data["metrics"]["recall_0"] == 0.5368421053
    assert data["baseline"] == {"f1_0": 0.0, "f1_1": 0.7058823529411765}
    assert data["rows"] == 209
    assert data["conditions"][0] == {
        "name": "Train Test Performance: Train-Test scores relative degradation is less than 0.15",
        "passed": False,
    }


def test_drift_that_passed_and_drift_that_failed() -> None:
    passed = of("suite_pass", DRIFT).data
    assert (passed["column_count"], passed["drifted_count"], passed["drift_share"]) == (6, 0, 0.0)
    assert passed["columns"][0]["method"] == "Kolmogorov-Smirnov"
    failed = of("suite_fail", DRIFT)
    assert (failed.data["drifted_count"], failed.data["drift_share"]) == (6, 1.0)
    assert any("only in words" in warning for warning in failed.warnings)
    both = of("train_test_validation_pass", DRIFT).data
    assert [column["name"] for column in both["columns"]] == ["a", "b", "c", "label"]


@pytest.mark.parametrize(
    ("status", "counted"),
    [("PASS", "passed"), ("FAIL", "failed"), ("WARN", "warned"), ("ERROR", "errors"), ("pass", "errors"),
     (None, "errors"), (1, "errors")],
)  # fmt: skip
def test_only_pass_is_a_pass(status: Any, counted: str) -> None:
    content = suite(result("x", None, status))
    assert read(Deepchecks(), content, shape=CHECKS).data[counted] == 1
    assert read(Deepchecks(), content).data["conditions"][0]["passed"] == (status == "PASS")
    drift = suite(result("Label Drift", {"Drift score": 0.1, "Method": "m"}, status))
    assert read(Deepchecks(), drift, shape=DRIFT).data["drifted_count"] == (status != "PASS")


def test_drift_without_a_condition_or_a_score_counts_as_drift() -> None:
    for value in ({"Drift score": 0.1}, {"Drift score": math.nan}, {}, None, {"Drift score": "0"}):
        content = suite(result("Label Drift", value, *(() if value == {"Drift score": 0.1} else ("PASS",))))
        reading = read(Deepchecks(), content, shape=DRIFT)
        assert reading.data["drifted_count"] == 1
        assert "nothing shows" in reading.warnings[0]


def test_one_check_that_ran_and_failed_among_passes() -> None:
    value = {"a": {"Drift score": 0.1}, "b": {"Drift score": 0.2}}
    content = suite(result("Feature Drift", value, "PASS", "FAIL"))
    assert read(Deepchecks(), content, shape=DRIFT).data["drifted_count"] == 2


def test_a_suite_in_which_nothing_ran() -> None:
    content = suite({"type": "CheckFailure", "check": {"name": "x"}, "header": "x", "exception": "e"})
    reading = read(Deepchecks(), content, shape=CHECKS)
    assert (reading.data["total"], reading.data["passed"]) == (0, 0)
    assert len(reading.warnings) == 2
    assert read(Deepchecks(), suite()).data["conditions"] == []
    assert attempt(Deepchecks(), content, shape=DRIFT) is None


@pytest.mark.parametrize(
    "table", ["", "[", "{}", "5", [{"Dataset": "Train", "Metric": "F1", "Value": 1}], "\ud800", None]
)
def test_a_table_of_something_else_gives_no_figures(table: Any) -> None:
    content = json.dumps(suite(result("Train Test Performance", table, "PASS"))).encode()
    reading = attempt(Deepchecks(), content)
    assert reading is None or reading.data["metrics"] == {}


def test_figures_that_are_none() -> None:
    rows = [{"Dataset": "Test", "Metric": "MAE", "Value": math.nan, "Number of samples": 5},
            {"Dataset": "Test", "Metric": "RMSE", "Value": "0.1", "Number of samples": 5}]  # fmt: skip
    data = read(Deepchecks(), suite(result("Train Test Performance", json.dumps(rows), "PASS"))).data
    assert (data["metrics"], data["non_finite"], data["rows"]) == ({}, ["mae", "rmse"], 5)


def test_scores_of_a_regression() -> None:
    value = {"scores": {"RMSE": {"Origin": -1.5, "Simple": {"dtype": "float64", "value": -3.0}}}}
    data = read(Deepchecks(), suite(result("Simple Model Comparison", value, "PASS"))).data
    assert (data["metrics"], data["baseline"]) == ({"rmse": -1.5}, {"rmse": -3.0})


def test_more_conditions_than_are_read_are_counted() -> None:
    content = suite(*(result("x", None, "PASS") for _ in range(1_500)), result("bad", None, "FAIL"))
    data = read(Deepchecks(), content).data
    assert (len(data["conditions"]), data["unlisted"], data["conditions"][0]["passed"]) == (1_000, 501, False)
    assert read(Deepchecks(), content, shape=CHECKS).data["total"] == 1_501


def test_the_exit_code_counts() -> None:
    content = suite(result("x", None, "PASS"))
    assert read(Deepchecks(), content, shape=CHECKS, exit_code=1).data["errors"] == 1
    assert "exit code 1" in read(Deepchecks(), content, exit_code=1).warnings[0]
