"""Runs of MLflow."""

from datetime import UTC, datetime
from typing import Any

import pytest

from phasegate.adapters.mlflow_run import MlflowRun
from tests.adapters.samples import approximately, attempt, expected, read, sample

FOLDER = "mlflow-run"


def run(status: Any = "FINISHED", metrics: Any = (), info: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    stated = [{"key": key, "value": value} for key, value in metrics]
    return {"run": {"info": {"status": status, **(info or {})}, "data": {"metrics": stated, "tags": []}, **more}}


def test_gives_exactly_the_facts_of_a_good_run() -> None:
    want = expected(f"{FOLDER}/run_good")
    reading = read(MlflowRun(), sample(f"{FOLDER}/run_good"), release="2.1.0", subject="churn-scorer")
    data = reading.data
    assert data["status"] == want["status"].lower()
    for name in ("test_roc_auc", "test_f1", "test_accuracy", "test_log_loss"):
        assert approximately(data["metrics"][name], want[name])
    assert data["baseline"] == {"roc_auc": want["baseline_roc_auc"]}
    assert approximately(data["metrics"]["test_roc_auc"] - data["baseline"]["roc_auc"], want["uplift_roc_auc"])
    assert data["revision"] == want["git_commit"]
    assert (data["dataset"], data["model"]) == ("breast_cancer", "m-315bd2d82571483a9936b34508fd2d57")
    assert reading.collected_at == datetime(2026, 11, 23, 6, 6, 24, 192_000, tzinfo=UTC)
    assert reading.warnings == ()
    assert reading.producer.tool == "mlflow"


def test_gives_exactly_the_facts_of_a_run_with_figures_that_are_none() -> None:
    want = expected(f"{FOLDER}/run_dummy")
    reading = read(MlflowRun(), sample(f"{FOLDER}/run_dummy"), release="2.1.0", subject="churn-scorer")
    assert approximately(reading.data["metrics"]["test_roc_auc"], want["test_roc_auc"])
    assert approximately(reading.data["metrics"]["test_accuracy"], want["test_accuracy"])
    assert reading.data["non_finite"] == ["psi", "calibration_error"]
    told = f"the file names release {want['release']!r}; it was sent for 2.1.0: counted as a failed condition"
    assert reading.warnings == (told,)
    assert reading.data["conditions"] == [{"name": "is about this release", "passed": False}]


def test_gives_exactly_the_facts_of_a_failed_run() -> None:
    want = expected(f"{FOLDER}/run_failed")
    data = read(MlflowRun(), sample(f"{FOLDER}/run_failed")).data
    assert data["status"] == want["status"].lower()
    assert data["metrics"] == want["metrics"]


def test_on_the_test_split_the_prefix_is_cut_off() -> None:
    metrics = read(MlflowRun(), sample(f"{FOLDER}/run_good"), context={"split": "test"}).data["metrics"]
    assert sorted(metrics) == ["accuracy", "f1", "log_loss", "roc_auc", "train_loss"]


@pytest.mark.parametrize(
    ("metrics", "want", "non_finite", "told"),
    [
        ([("auc", 0.99), ("test_auc", 0.6)], {"auc": 0.6}, [], True),
        ([("test_auc", 0.6), ("auc", 0.99)], {"auc": 0.6}, [], True),
        ([("auc", 0.99), ("test_auc", "NaN")], {}, ["auc"], True),
        ([("auc", 0.99), ("test_auc", "0.6")], {}, ["auc"], True),
        ([("test_auc", 0.6), ("holdout_auc", 0.99)], {"test_auc": 0.6, "holdout_auc": 0.99}, [], True),
        ([("auc", 0.5), ("test_auc", 0.6), ("holdout_auc", 0.9)], {"test_auc": 0.6, "holdout_auc": 0.9}, [], True),
        ([("test_auc", 0.6), ("test_auc", 0.99)], {}, ["auc"], True),
        ([("test_auc", 0.6), ("test_auc", 0.6)], {"auc": 0.6}, [], False),
        ([("Test AUC", 0.6)], {"auc": 0.6}, [], False),
        ([("test_", 0.6)], {"test": 0.6}, [], False),
        ([("auc", True), ("f1", None), ("mae", "-Infinity"), ("rmse", -1e308)], {}, ["auc", "f1", "mae", "rmse"], True),
    ],
)
def test_nothing_stands_in_for_the_test_figure(
    metrics: Any, want: dict[str, float], non_finite: list[str], told: bool
) -> None:
    reading = read(MlflowRun(), run(metrics=metrics), context={"split": "test"})
    assert reading.data["metrics"] == want
    assert reading.data["non_finite"] == non_finite
    assert any("no finite metric" not in warning for warning in reading.warnings) == told


def test_figures_of_the_rival_are_apart() -> None:
    stated = [("baseline_test_auc", 0.5), ("test_baseline_f1", 0.4), ("auc", 0.9)]
    data = read(MlflowRun(), run(metrics=stated), context={"split": "test"}).data
    assert (data["metrics"], data["baseline"]) == ({"auc": 0.9}, {"auc": 0.5, "f1": 0.4})


@pytest.mark.parametrize(
    ("status", "want"),
    [("RUNNING", "running"), ("SCHEDULED", "running"), ("KILLED", "killed"), ("FAILED", "failed")],
)
def test_how_it_ended(status: str, want: str) -> None:
    assert read(MlflowRun(), run(status)).data["status"] == want


@pytest.mark.parametrize("status", [None, "", "finished", "UNKNOWN", 3, [], {}])
def test_a_run_that_does_not_say_how_it_ended_is_refused(status: Any) -> None:
    assert attempt(MlflowRun(), run(status)) is None


@pytest.mark.parametrize(
    ("ended", "want", "told"),
    [
        (1795413984192, datetime(2026, 11, 23, 6, 6, 24, 192_000, tzinfo=UTC), False),
        ("1795413984192", datetime(2026, 11, 23, 6, 6, 24, 192_000, tzinfo=UTC), False),
        (None, None, False),
        (0, None, True),
        (-1, None, True),
        (2**62, None, True),
        (10**15, None, True),
        ("yesterday", None, True),
        ("²", None, True),
        ({}, None, True),
    ],
)
def test_when_it_ended(ended: Any, want: datetime | None, told: bool) -> None:
    reading = read(MlflowRun(), run(metrics=[("a", 1)], info={"end_time": ended}))
    assert reading.collected_at == want
    assert bool(reading.warnings) == told


def test_a_run_without_figures_is_told() -> None:
    assert read(MlflowRun(), run()).warnings == ("the run has no finite metric",)


def test_a_deleted_run_is_told() -> None:
    reading = read(MlflowRun(), run(metrics=[("a", 1)], info={"lifecycle_stage": "deleted"}))
    assert reading.warnings == ("the run was deleted in MLflow",)


def test_the_data_set_is_the_logged_one() -> None:
    inputs = {"dataset_inputs": [{"dataset": {"name": "churn-2026"}}, {"dataset": {"name": "churn-2026"}}]}
    assert read(MlflowRun(), run(inputs=inputs)).data["dataset"] == "churn-2026"
    inputs["dataset_inputs"].append({"dataset": {"name": "other"}})
    assert "dataset" not in read(MlflowRun(), run(inputs=inputs)).data


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(MlflowRun(), run(metrics=[("a", 1)]), exit_code=2).warnings[0]
