"""MetricJSONExplainer of AIF360."""

import math
from typing import Any

import pytest

from phasegate.adapters.aif360 import Aif360
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "aif360"
SEX = {"sensitive_features": "sex"}


def impact(a: Any, m: Any, b: Any, n: Any) -> dict[str, Any]:
    counts = {"numPositivePredictionsUnprivileged": a, "numUnprivileged": m}
    return {"message": "", **counts, "numPositivePredictionsPrivileged": b, "numPrivileged": n}


def odds(*counts: Any) -> dict[str, Any]:
    keys = [
        f"num{kind}{side}"
        for side in ("Unprivileged", "Privileged")
        for kind in ("FalsePositives", "Negatives", "TruePositives", "Positives")
    ]
    return {"message": "", **dict(zip(keys, counts, strict=True))}


def dimension(content: Any) -> dict[str, Any]:
    (found,) = read(Aif360(), content, context=SEX).data["dimensions"]
    return dict(found)


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(Aif360(), sample(f"{FOLDER}/{name}"), context=SEX)
    (found,) = reading.data["dimensions"]
    assert approximately(found["selection_rate_ratio"], want["disparate_impact"])
    for field, metric in (
        ("selection_rate_difference", "statistical_parity_difference"),
        ("equal_opportunity_difference", "equal_opportunity_difference"),
        ("average_odds_difference", "average_odds_difference"),
    ):
        assert approximately(found[field], abs(want[metric]))
    assert (found["name"], found["attributes"], found["groups"], found["min_count"]) == ("sex", ["sex"], 2, 500)
    assert [item["group"] for item in reading.data["groups"]] == ["unprivileged", "privileged"]
    assert reading.warnings == ()


def test_what_is_compared_must_be_named() -> None:
    assert attempt(Aif360(), sample(f"{FOLDER}/metrics_pass")) is None


def test_the_words_of_the_file_are_not_read() -> None:
    raw = sample(f"{FOLDER}/metrics_fail").replace(b": 0.49127906976744196", b": 0.99")
    assert approximately(dimension(raw)["selection_rate_ratio"], 0.49128)


def test_a_ratio_above_one_is_turned_over() -> None:
    assert math.isclose(dimension({"disparate_impact": impact(80, 100, 40, 100)})["selection_rate_ratio"], 0.5)


def test_either_metric_about_selection_is_enough_and_the_worse_counts() -> None:
    parity = {
        "message": "",
        "numPositivesUnprivileged": 40,
        "numInstancesUnprivileged": 100,
        "numPositivesPrivileged": 80,
        "numInstancesPrivileged": 100,
    }
    assert math.isclose(dimension({"statistical_parity_difference": parity})["selection_rate_ratio"], 0.5)
    both = {"statistical_parity_difference": parity, "disparate_impact": impact(50, 90, 50, 90)}
    reading = read(Aif360(), both, context=SEX)
    (found,) = reading.data["dimensions"]
    assert (found["selection_rate_ratio"], found["min_count"]) == (0.5, 90)
    assert "different counts" in reading.warnings[0]


def test_gaps_of_opposite_sign_do_not_cancel_out() -> None:
    content = {
        "disparate_impact": impact(50, 100, 50, 100),
        "average_odds_difference": odds(20, 100, 50, 100, 40, 100, 30, 100),
    }
    found = dimension(content)
    assert math.isclose(found["average_odds_difference"], 0.2)
    assert math.isclose(found["equalized_odds_difference"], 0.2)


@pytest.mark.parametrize("counts", [(0, 0, 5, 10, 1, 10, 5, 10), (1, 10, 0, 0, 1, 10, 5, 10), ("1",) * 8, (9, 1) * 4])
def test_a_gap_without_counts_is_refused_so_that_it_is_not_taken_for_one_that_was_not_asked_for(counts: Any) -> None:
    content = {"disparate_impact": impact(50, 100, 50, 100), "average_odds_difference": odds(*counts)}
    assert attempt(Aif360(), content, context=SEX) is None


@pytest.mark.parametrize(
    "counts",
    [(0, 0, 5, 10), (0, 10, 0, 10), (11, 10, 5, 10), ("5", 10, 5, 10), (math.nan, 10, 5, 10), (-1, 10, 5, 10)],
)  # fmt: skip
def test_counts_without_a_ratio_are_refused(counts: Any) -> None:
    assert attempt(Aif360(), {"disparate_impact": impact(*counts)}, context=SEX) is None


def test_the_exit_code_is_told() -> None:
    content = {"disparate_impact": impact(50, 100, 50, 100)}
    assert "exit code 2" in read(Aif360(), content, context=SEX, exit_code=2).warnings[0]
