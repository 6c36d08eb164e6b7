"""classification_report of scikit-learn, as JSON and as the printed table."""

import math
from typing import Any

import pytest

from phasegate.adapters.sklearn_report import SklearnReport
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "sklearn-report"
TEXT = sample(f"{FOLDER}/holdout_pass_text")


def report(**changes: Any) -> dict[str, Any]:
    row = {"precision": 0.5, "recall": 0.5, "f1-score": 0.5, "support": 10}
    return {"yes": row, "accuracy": 0.5, "macro avg": row, "weighted avg": row} | changes


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(SklearnReport(), sample(f"{FOLDER}/{name}"))
    assert reading.data["rows"] == want.pop("support")
    metrics = reading.data["metrics"]
    classes = want.pop("classes", ["malignant", "benign"])
    assert {key for key in metrics if key.startswith("recall_")} == {f"recall_{label}" for label in classes}
    assert all(approximately(metrics[key], value) for key, value in want.items())
    assert len(metrics) == 13
    assert reading.data["non_finite"] == []
    assert (reading.producer.tool, reading.producer.version) == ("scikit-learn", "")
    assert reading.collected_at is None
    assert len(reading.warnings) == name.endswith("_text")


def test_the_table_gives_what_the_json_gives_rounded() -> None:
    table = read(SklearnReport(), TEXT).data["metrics"]
    exact = read(SklearnReport(), sample(f"{FOLDER}/holdout_pass")).data["metrics"]
    assert table == {key: round(value, 2) for key, value in exact.items()}


def test_accuracy_is_not_made_up_from_the_micro_average() -> None:
    content = report(**{"micro avg": report()["yes"]})
    del content["accuracy"]
    metrics = read(SklearnReport(), content).data["metrics"]
    assert "accuracy" not in metrics
    assert metrics["micro_f1"] == 0.5


def test_labels_are_lower_snake_case() -> None:
    metrics = read(SklearnReport(), report(**{"Month-To-Month é": report()["yes"]})).data["metrics"]
    assert "recall_month_to_month_é" in metrics


def test_what_is_not_finite_is_named_and_left_out() -> None:
    bad = {"precision": math.nan, "recall": math.inf, "f1-score": 1e308, "support": 10}
    data = read(SklearnReport(), report(yes=bad)).data
    assert data["non_finite"] == ["precision_yes", "recall_yes", "f1_yes"]
    assert "recall_yes" not in data["metrics"]
    reading = read(
        SklearnReport(), TEXT.replace(b"0.98        64", b" nan        64", 1).replace(b"0.97 ", b" nan ", 1)
    )
    assert reading.data["non_finite"]


@pytest.mark.parametrize("junk", ["0.99", None, True, [], {"a": 1}])
def test_what_is_no_number_is_told(junk: Any) -> None:
    reading = read(SklearnReport(), report(accuracy=junk))
    assert "accuracy" not in reading.data["metrics"]
    assert any("accuracy" in warning for warning in reading.warnings) == (junk not in (None, {"a": 1}))


def test_the_fewer_rows_count() -> None:
    row = report()["yes"]
    reading = read(SklearnReport(), report(yes={**row, "support": 3}))
    assert reading.data["rows"] == 3
    assert "disagree" in reading.warnings[0]
    for junk in ("10", None, -1, 0.5, math.nan):
        assert "rows" not in read(SklearnReport(), report(yes={**row, "support": junk})).data


def test_a_report_about_nothing_is_told() -> None:
    row = {**report()["yes"], "support": 0}
    reading = read(SklearnReport(), {"macro avg": row, "weighted avg": row})
    assert reading.data["rows"] == 0
    assert "no row" in reading.warnings[0]


def test_the_prefix_of_the_split_is_cut_off_only_on_the_test_split() -> None:
    assert "yes" not in read(SklearnReport(), report(test_yes=0.5)).data["metrics"]
    assert read(SklearnReport(), report(test_yes=0.5), context={"split": "test"}).data["metrics"]["yes"] == 0.5


def test_the_exit_code_is_told() -> None:
    assert "exit code 1" in read(SklearnReport(), report(), exit_code=1).warnings[0]


@pytest.mark.parametrize("end", range(60, len(TEXT.rstrip()), 7))
def test_a_table_that_is_cut_short_is_refused(end: int) -> None:
    assert attempt(SklearnReport(), TEXT[:end]) is None


@pytest.mark.parametrize(
    "extra",
    [
        b"Traceback (most recent call last):\n",
        b"   macro avg       0.97      0.98      0.98       171\n",
        b"\xff\n",
        b"a " * 400_000 + b"\n",
        b"a" + b" " * 900_000 + b"\n",
        b" 1" * 400_000 + b"\n",
    ],
)
def test_a_table_with_something_else_is_refused(extra: bytes) -> None:
    assert attempt(SklearnReport(), TEXT + extra) is None


def test_a_large_table_is_refused() -> None:
    assert attempt(SklearnReport(), TEXT + b"\n" * 1_100_000) is None


def test_more_metrics_than_are_read_are_told() -> None:
    reading = read(SklearnReport(), report(**{f"class {n}": report()["yes"] for n in range(500)}))
    assert len(reading.data["metrics"]) == 1_000
    assert any("left out" in warning for warning in reading.warnings)
