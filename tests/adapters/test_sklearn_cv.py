"""A pair of cross_validate results."""

import math
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.sklearn_cv import SklearnCv
from phasegate.errors import Invalid
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "sklearn-cv"


def pair(random: Any, temporal: Any, metric: str = "roc_auc") -> dict[str, Any]:
    return {"random_kfold": {f"test_{metric}": random}, "time_series_split": {f"test_{metric}": temporal}}


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(SklearnCv(), sample(f"{FOLDER}/{name}"), context={"metric": "roc_auc"})
    data = reading.data
    assert approximately(data["random_mean"], want["random_auc_mean"])
    assert approximately(data["temporal_mean"], want["time_auc_mean"])
    assert abs(data["gap"] - want["gap"]) < 6e-5
    assert (data["random_folds"], data["temporal_folds"]) == (want["folds"], want["folds"])
    assert (data["metric"], data["folds"], data["leakage_suspects"]) == ("roc_auc", [], [])
    assert reading.warnings == ()


def test_the_gap_is_that_of_the_means() -> None:
    data = read(SklearnCv(), pair([0.5, 1.0], [0.25, 0.25, 0.25])).data
    assert (data["random_mean"], data["random_std"], data["temporal_std"], data["gap"]) == (0.75, 0.25, 0.0, 0.5)
    assert (data["random_folds"], data["temporal_folds"]) == (2, 3)


def test_an_error_metric_stays_negated() -> None:
    data = read(SklearnCv(), pair([-0.2], [-0.4], "neg_log_loss")).data
    assert (data["metric"], data["gap"]) == ("neg_log_loss", 0.2)


def test_of_several_metrics_one_must_be_named() -> None:
    raw = sample(f"{FOLDER}/time_split_ok")
    with pytest.raises(Invalid, match=r"'accuracy', 'roc_auc'; send the context `metric`"):
        SklearnCv().read(raw, Hints())
    with pytest.raises(Invalid, match="'f1' is not one of both results"):
        SklearnCv().read(raw, Hints(context={"metric": "f1"}))


def test_a_metric_of_one_side_alone_is_none() -> None:
    content = pair([0.5], [0.5])
    content["random_kfold"]["test_f1"] = [0.5]
    assert read(SklearnCv(), content).data["metric"] == "roc_auc"
    assert attempt(SklearnCv(), content, context={"metric": "f1"}) is None


@pytest.mark.parametrize(
    "scores",
    [[], None, "x", 0.9, {}, [0.9, math.nan], [math.inf], ["0.9"], [None], [True], [1e308], [[0.9]], [0.9] * 1_001,
     [9e307] * 9, [9e307, -9e307]],
)  # fmt: skip
def test_scores_that_have_no_mean_are_refused(scores: Any) -> None:
    assert attempt(SklearnCv(), pair(scores, [0.5])) is None
    assert attempt(SklearnCv(), pair([0.5], scores)) is None


def test_a_gap_beyond_all_numbers_is_refused() -> None:
    assert attempt(SklearnCv(), pair([9e307], [-9e307])) is None


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(SklearnCv(), pair([0.5], [0.5]), exit_code=2).warnings[0]
