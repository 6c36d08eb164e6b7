"""Reports and test suites of Evidently, new and old."""

import math
from typing import Any

import pytest

from phasegate.adapters.evidently import Evidently
from phasegate.adapters.interface import Reading
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "evidently"
FIGURES, DRIFT, CHECKS = Evidently.shapes
NEW = "evidently:metric_v2:"


def metric(kind: str, value: Any, **config: Any) -> dict[str, Any]:
    return {"id": kind, "metric_name": kind, "config": {"type": NEW + kind, **config}, "value": value}


def report(*metrics: Any, tests: Any = ()) -> dict[str, Any]:
    return {"metrics": list(metrics), "tests": list(tests)}


def old(kind: str, **result: Any) -> dict[str, Any]:
    return {"version": "0.4.40", "metrics": [{"metric": kind, "result": result}]}


def suite(*statuses: Any, **summary: Any) -> dict[str, Any]:
    tests = [{"name": f"t{n}", "status": status} for n, status in enumerate(statuses)]
    return {"version": "0.4.40", "tests": tests, "summary": {"all_passed": True, **summary}}


def of(name: str, shape: str) -> Reading:
    return read(Evidently(), sample(f"{FOLDER}/{name}"), shape=shape)


def drifted(content: Any) -> Any:
    return read(Evidently(), content, shape=DRIFT).data


@pytest.mark.parametrize("name", [name for name in names(FOLDER) if "drift" in name and "prediction" not in name])
def test_gives_exactly_the_facts_of_drift(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = of(name, DRIFT)
    data = reading.data
    assert data["drifted_count"] == want["drifted_columns"]
    assert data["column_count"] == want.get("columns", 4)
    assert data["drift_share"] == want["drift_share"]
    assert [column["name"] for column in data["columns"] if column["drifted"]] == want["drifted"]
    assert data["dataset_drift"] == want.get("dataset_drift", want.get("drift_detected"))
    assert len(reading.warnings) == name.startswith("old")
    assert (reading.producer.tool, reading.producer.version) == ("evidently", "0.4.40" if "old" in name else "")
    assert reading.collected_at is None


def test_gives_exactly_the_facts_of_distances() -> None:
    want = expected(f"{FOLDER}/prediction_drift_pass")
    score, tenure = of("prediction_drift_pass", DRIFT).data["columns"]
    assert approximately(score["statistic"], want["score_wasserstein"])
    assert approximately(tenure["statistic"], want["tenure_psi"])
    assert score["drifted"] == tenure["drifted"] == want["drift_detected"]


@pytest.mark.parametrize("name", [name for name in names(FOLDER) if "tests" in name])
def test_gives_exactly_the_facts_of_tests(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    data = of(name, CHECKS).data
    assert (data["total"], data["passed"], data["failed"]) == (want["tests"], want["success"], want["fail"])
    assert (data["warned"], data["errors"], len(data["checks"])) == (0, 0, want["tests"])
    figures = of(name, FIGURES).data
    assert [condition["passed"] for condition in figures["conditions"]].count(True) == want["success"]
    assert len(figures["conditions"]) == want["tests"]
    for key in ("accuracy", "f1", "recall"):
        assert approximately(figures["metrics"].get(key, 0.0), want.get(key, 0.0))


def test_gives_exactly_the_facts_of_figures() -> None:
    want = expected(f"{FOLDER}/classification_full_fail")
    data = of("classification_full_fail", FIGURES).data
    assert len(data["conditions"]) == want["tests"]
    assert len(data["metrics"]) == want["metrics"] - 3 + 6  # three of them are by label, of two labels
    assert (data["metrics"]["accuracy"], data["metrics"]["recall_1"]) == (0.605, 0.5193370165745856)
    want = expected(f"{FOLDER}/old_classification")
    reading = of("old_classification", FIGURES)
    assert all(approximately(reading.data["metrics"][key], value) for key, value in want.items())
    assert "roc_auc" not in reading.data["metrics"]
    assert len(reading.warnings) == 1


def test_a_check_has_its_column_value_and_limit_and_the_wrong_sentence_is_not_read() -> None:
    first, second, _ = of("data_tests_fail", CHECKS).data["checks"]
    assert (first["status"], first["observed"], first["expected"]) == ("fail", 4.0, "<= 0")
    assert (second["target"], second["observed"], second["expected"]) == ("support_calls", 66.0, "== 0")


def test_without_columns_the_count_and_share_of_the_tool_are_kept() -> None:
    data = of("data_tests_fail", DRIFT).data
    assert (data["columns"], data["column_count"], data["drifted_count"], data["drift_share"]) == ([], 5, 4, 0.8)


def test_a_file_without_what_the_shape_asks_for() -> None:
    assert attempt(Evidently(), sample(f"{FOLDER}/drift_fail"), shape=FIGURES) is None
    assert attempt(Evidently(), sample(f"{FOLDER}/classification_tests_pass"), shape=DRIFT) is None
    reading = of("drift_pass", CHECKS)
    assert reading.data["total"] == 0
    assert "holds no check" in reading.warnings[0]


@pytest.mark.parametrize(
    ("method", "value", "threshold", "drift", "told"),
    [
        ("K-S p_value", 0.04, 0.05, True, False),
        ("K-S p_value", 0.05, 0.05, False, False),
        ("ks", 0.04, 0.05, True, False),
        ("Fisher's Exact test", 0.2, 0.05, False, False),
        ("psi", 0.2, 0.2, True, False),
        ("psi", 0.04, 0.2, False, False),
        ("Wasserstein distance (normed)", 0.1, 0.1, True, False),
        ("my own", 0.0, 1.0, True, True),
        ("my own", 1.0, 0.0, True, True),
        ("", 0.9, 0.05, True, True),
        ("ks", 0.9, None, True, True),
        ("ks", math.nan, 0.05, True, True),
        ("ks", None, 0.05, True, True),
        ("ks", "0.9", 0.05, True, True),
        ("psi", math.inf, 0.2, True, True),
        ("psi", 0.1, math.nan, True, True),
        (None, 0.9, 0.05, True, True),
    ],
)
def test_whether_a_column_drifted(method: Any, value: Any, threshold: Any, drift: bool, told: bool) -> None:
    content = report(metric("ValueDrift", value, column="a", method=method, threshold=threshold))
    reading = read(Evidently(), content, shape=DRIFT)
    assert reading.data["columns"][0]["drifted"] == drift
    assert (reading.data["drifted_count"], bool(reading.warnings)) == (int(drift), told)


@pytest.mark.parametrize(
    ("method", "score", "said", "drift", "told"),
    [
        ("K-S p_value", 0.9, False, False, False),
        ("K-S p_value", 0.01, False, True, True),
        ("K-S p_value", 0.9, True, True, True),
        ("my own", 0.9, False, False, False),
        ("my own", 0.9, True, True, False),
        ("my own", 0.9, "no", True, True),
        ("K-S p_value", math.nan, False, True, True),
    ],
)
def test_the_verdict_of_old_reports(method: str, score: Any, said: Any, drift: bool, told: bool) -> None:
    stated = {"stattest_name": method, "stattest_threshold": 0.05, "drift_score": score, "drift_detected": said}
    content = old("ColumnDriftMetric", column_name="a", **stated)
    reading = read(Evidently(), content, shape=DRIFT)
    assert reading.data["columns"][0]["drifted"] == drift
    assert bool(reading.warnings) == told


def test_of_different_counts_the_worst_counts() -> None:
    column = metric("ValueDrift", 0.9, column="a", method="ks", threshold=0.05)
    counted = metric("DriftedColumnsCount", {"count": 2.0, "share": 0.5}, drift_share=0.5)
    reading = read(Evidently(), report(column, counted), shape=DRIFT)
    data = reading.data
    assert (data["column_count"], data["drifted_count"], data["drift_share"], data["dataset_drift"]) == (
        4,
        2,
        0.5,
        True,
    )
    assert "several ways" in reading.warnings[0]


def test_a_column_that_is_compared_twice_counts_once() -> None:
    twice = [metric("ValueDrift", v, column="a", method="ks", threshold=0.05) for v in (0.9, 0.01)]
    data = drifted(report(*twice, metric("ValueDrift", 0.9, column="b", method="ks", threshold=0.05)))
    assert (len(data["columns"]), data["column_count"], data["drifted_count"], data["drift_share"]) == (3, 2, 1, 0.5)


@pytest.mark.parametrize(
    "value",
    [
        {"count": 2, "share": 0.0},
        {"count": 0, "share": 0.5},
        {"count": 2, "share": 1.5},
        {"count": -1, "share": 0.5},
        {"count": 3, "share": 0.7},
        {"count": 1, "share": 1e-308},
        {"count": "2", "share": 0.5},
        {"count": 2, "share": math.nan},
        {"count": 0, "share": 0},
        {},
        None,
        2,
    ],
)
def test_counts_that_are_none_are_refused(value: Any) -> None:
    assert attempt(Evidently(), report(metric("DriftedColumnsCount", value, drift_share=0.5)), shape=DRIFT) is None


@pytest.mark.parametrize("counts", [(3, 2), (0, 0), ("1", 2), (1, None), (math.nan, 4), (-1, 4)])
def test_old_counts_that_are_none_are_refused(counts: Any) -> None:
    content = old("DatasetDriftMetric", number_of_drifted_columns=counts[0], number_of_columns=counts[1])
    assert attempt(Evidently(), content, shape=DRIFT) is None


def test_a_large_report_is_cut_with_drifted_columns_first() -> None:
    many = [metric("ValueDrift", 0.9, column=f"c{n}", method="ks", threshold=0.05) for n in range(1_500)]
    data = drifted(report(*many, metric("ValueDrift", 0.0, column="bad", method="ks", threshold=0.05)))
    assert (len(data["columns"]), data["column_count"], data["columns"][0]["name"]) == (1_000, 1_501, "bad")


@pytest.mark.parametrize(
    ("status", "counted", "passed"),
    [
        ("SUCCESS", "passed", True),
        ("FAIL", "failed", False),
        ("WARNING", "warned", False),
        ("ERROR", "errors", False),
        ("success", "errors", False),
        ("", "errors", False),
        (None, "errors", False),
        (1, "errors", False),
    ],
)
def test_only_success_is_a_pass(status: Any, counted: str, passed: bool) -> None:
    content = report(metric("Accuracy", 0.9), tests=[{"name": "t", "status": status}])
    assert read(Evidently(), content, shape=CHECKS).data[counted] == 1
    assert read(Evidently(), content).data["conditions"] == [{"name": "t", "passed": passed}]


def test_a_skipped_test_is_none() -> None:
    reading = read(Evidently(), suite("SKIPPED", "SUCCESS"), shape=CHECKS)
    assert (reading.data["total"], reading.data["passed"]) == (1, 1)
    assert "skipped" in reading.warnings[0]
    assert len(read(Evidently(), suite("SKIPPED", "SUCCESS")).data["conditions"]) == 1


def test_a_suite_that_failed_without_showing_it() -> None:
    data = read(Evidently(), suite("SUCCESS", all_passed=False), shape=CHECKS).data
    assert (data["total"], data["errors"]) == (2, 1)
    conditions = read(Evidently(), suite("SUCCESS", all_passed=False)).data["conditions"]
    assert conditions[0] == {"name": "all_passed", "passed": False}
    assert read(Evidently(), suite("SUCCESS", failed_tests=2), shape=CHECKS).data["failed"] == 2


def test_figures_of_regression_and_of_columns() -> None:
    content = report(
        metric("MAE", {"mean": 1.5, "std": 0.5}),
        metric("RocAuc", 0.9),
        metric("LogLoss", math.nan),
        metric("MinValue", 3.0, column="age"),
        metric("RowCount", 500.0),
    )
    data = read(Evidently(), content).data
    assert data["metrics"] == {"mae": 1.5, "mae_std": 0.5, "roc_auc": 0.9}
    assert (data["non_finite"], data["rows"]) == (["log_loss"], 500)


def test_the_exit_code_counts() -> None:
    assert read(Evidently(), suite("SUCCESS"), shape=CHECKS, exit_code=1).data["errors"] == 1
    assert "exit code 1" in read(Evidently(), suite("SUCCESS"), exit_code=1).warnings[0]


@pytest.mark.parametrize(
    "content",
    [
        report(),
        {"metrics": [{"metric_name": "x"}], "tests": []},
        {"metrics": [None], "tests": []},
        {"version": 4, "tests": [], "summary": {"all_passed": True}},
        {"version": "0.4", "tests": [], "summary": {}},
        {"version": "0.4", "metrics": [{"metric": "x"}]},
    ],
)
def test_what_is_no_report(content: Any) -> None:
    for shape in Evidently.shapes:
        assert attempt(Evidently(), content, shape=shape) is None
