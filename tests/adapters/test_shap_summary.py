"""Summaries of SHAP values."""

import math
from typing import Any

import pytest

from phasegate.adapters.shap_summary import ShapSummary
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "shap-summary"


def summary(values: Any, **more: Any) -> dict[str, Any]:
    return {"explainer": "TreeExplainer", "n_samples": 100, "mean_abs_shap": values, **more}


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(ShapSummary(), sample(f"{FOLDER}/{name}"))
    data = reading.data
    assert data["feature_count"] == len(data["features"]) == want["features"]
    assert data["n_samples"] == want.get("n_samples", 120)
    assert data["top_feature"] == data["features"][0]["name"] == want["top_feature"]
    for field in ("top1_share", "top5_share"):
        assert approximately(data[field], want.get(field, data[field]))
    assert data.get("additivity_max_error", 0.0) < want.get("additivity_max_error_lt", math.inf)
    assert data["method"] == "TreeExplainer"
    assert (reading.producer.tool, reading.producer.version) == ("shap", "0.51.0")
    assert reading.warnings == ()


def test_features_are_in_descending_order_with_their_shares() -> None:
    data = read(ShapSummary(), summary({"a": 1, "b": 3, "c": 0})).data
    assert data["features"] == [
        {"name": "b", "importance": 3.0, "share": 0.75},
        {"name": "a", "importance": 1.0, "share": 0.25},
        {"name": "c", "importance": 0.0, "share": 0.0},
    ]
    assert (data["top1_share"], data["top5_share"]) == (0.75, 1.0)
    assert "additivity_max_error" not in data


@pytest.mark.parametrize(
    ("stated", "share"), [(0.5, 0.75), (0.9, 0.9), ("0.1", 0.75), (math.nan, 0.75), (7, 0.75), (-1, 0.75)]
)
def test_the_greater_share_counts(stated: Any, share: float) -> None:
    reading = read(ShapSummary(), summary({"a": 1, "b": 3}, top1_share=stated))
    assert reading.data["top1_share"] == share
    assert len(reading.warnings) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e308, 1e307, "0.1", None, True, [0.1], {}])
def test_a_feature_without_a_number_is_not_left_out(value: Any) -> None:
    assert attempt(ShapSummary(), summary({"a": 1, "b": value})) is None


def test_a_value_below_zero_is_told() -> None:
    reading = read(ShapSummary(), summary({"a": 1, "b": -3}))
    assert (reading.data["top_feature"], reading.data["top1_share"]) == ("b", 0.75)
    assert "below zero" in reading.warnings[0]


@pytest.mark.parametrize("values", [{}, {"a": 0}, {"a": 0.0, "b": -0.0}])
def test_nothing_explained_is_refused(values: Any) -> None:
    assert attempt(ShapSummary(), summary(values)) is None


@pytest.mark.parametrize("rows", [None, "120", -1, 1.5, math.nan, True])
def test_the_rows_must_be_stated(rows: Any) -> None:
    assert attempt(ShapSummary(), summary({"a": 1}, n_samples=rows)) is None


def test_no_rows_are_told() -> None:
    assert read(ShapSummary(), summary({"a": 1}, n_samples=0)).warnings == ("no row was explained",)


@pytest.mark.parametrize("error", [math.nan, math.inf, "0", True])
def test_an_additivity_error_that_is_no_number_is_refused(error: Any) -> None:
    assert attempt(ShapSummary(), summary({"a": 1}, additivity_max_error=error)) is None


def test_more_features_than_are_read_are_counted() -> None:
    data = read(ShapSummary(), summary({f"f{n}": n for n in range(1_500)})).data
    assert (len(data["features"]), data["feature_count"], data["top_feature"]) == (1_000, 1_500, "f1499")


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(ShapSummary(), summary({"a": 1}), exit_code=2).warnings[0]
