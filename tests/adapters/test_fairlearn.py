"""MetricFrames of Fairlearn."""

import math
from typing import Any

import pytest

from phasegate.adapters.fairlearn import Fairlearn
from tests.adapters.samples import approximately, attempt, expected, names, read, sample

FOLDER = "fairlearn"
BOTH = {"sensitive_features": "sex, race"}


def frame(by_group: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    groups = {"a": group(0.5), "b": group(0.4)} if by_group is None else by_group
    return {"sensitive_features": ["sex"], "by_group": groups, "overall": {"selection_rate": 0.45}, **more}


def group(rate: Any, count: Any = 100, **more: Any) -> dict[str, Any]:
    return {"selection_rate": rate, "count": count, **more}


def dimension(content: Any, **hints: Any) -> dict[str, Any]:
    (found,) = read(Fairlearn(), content, **hints).data["dimensions"]
    return dict(found)


@pytest.mark.parametrize("name", [name for name in names(FOLDER) if name != "sex_race_fail"])
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(Fairlearn(), sample(f"{FOLDER}/{name}"))
    (found,) = reading.data["dimensions"]
    assert approximately(found["selection_rate_difference"], want["demographic_parity_difference"])
    assert approximately(found["selection_rate_ratio"], want["demographic_parity_ratio"])
    assert approximately(found["equalized_odds_difference"], want["equalized_odds_difference"])
    assert found["attributes"] == want.get("dimensions", ["sex"])
    assert found["name"] == "sex"
    assert found["groups"] == want.get("groups", 2)
    assert found["min_count"] == want.get("min_group_count", 500)
    assert [(item["group"], item["count"]) for item in reading.data["groups"]] == [("female", 500), ("male", 500)]
    assert (reading.producer.tool, reading.producer.version[:2]) == ("fairlearn", "0.")
    assert reading.warnings == ()


def test_gives_exactly_the_facts_of_an_intersection() -> None:
    want = expected(f"{FOLDER}/sex_race_fail")
    reading = read(Fairlearn(), sample(f"{FOLDER}/sex_race_fail"), context=BOTH)
    (found,) = reading.data["dimensions"]
    assert (found["name"], found["attributes"], found["groups"]) == ("sex+race", want["dimensions"], want["groups"])
    assert found["min_count"] == want["min_group_count"]
    rates = [item["metrics"]["selection_rate"] for item in reading.data["groups"]]
    assert approximately(min(rates), want["selection_rate_min"])
    assert approximately(max(rates), want["selection_rate_max"])
    assert approximately(found["selection_rate_ratio"], want["ratio"])
    assert reading.data["groups"][0]["group"] == "female/A"
    assert reading.data["overall"]["selection_rate"] == 0.513
    assert "equalized_odds_difference" not in found


def test_what_is_compared_must_be_named() -> None:
    assert attempt(Fairlearn(), sample(f"{FOLDER}/sex_race_fail")) is None
    assert attempt(Fairlearn(), sample(f"{FOLDER}/sex_race_fail"), context={"sensitive_features": " , "}) is None
    assert attempt(Fairlearn(), sample(f"{FOLDER}/sex_race_fail"), context={"sensitive_features": "a,b,c"}) is None


def test_the_names_of_the_file_count_before_those_of_the_context() -> None:
    assert dimension(frame(), context={"sensitive_features": "age"})["name"] == "sex"


def test_either_orientation() -> None:
    columns = {"selection_rate": {"a": 0.5, "b": 0.4}, "count": {"a": 100, "b": 100}}
    assert dimension(frame(columns)) == dimension(frame())


@pytest.mark.parametrize(
    ("stated", "ratio", "gap", "told"),
    [
        ({}, 0.8, 0.1, False),
        ({"demographic_parity_ratio": 0.8, "demographic_parity_difference": 0.1}, 0.8, 0.1, False),
        ({"demographic_parity_ratio": 0.99, "demographic_parity_difference": 0.0}, 0.8, 0.1, True),
        ({"demographic_parity_ratio": 0.5}, 0.5, 0.1, True),
        ({"demographic_parity_ratio": 4.0}, 0.25, 0.1, True),
        ({"demographic_parity_difference": -0.3}, 0.8, 0.3, True),
        ({"difference": {"selection_rate": 0.2}, "ratio": {"selection_rate": 0.7}}, 0.7, 0.2, True),
        ({"demographic_parity_ratio": math.nan, "demographic_parity_difference": "0"}, 0.8, 0.1, False),
    ],
)
def test_the_worse_of_stated_and_computed_counts(stated: dict[str, Any], ratio: float, gap: float, told: bool) -> None:
    reading = read(Fairlearn(), frame(**stated))
    (found,) = reading.data["dimensions"]
    assert math.isclose(found["selection_rate_ratio"], ratio)
    assert math.isclose(found["selection_rate_difference"], gap)
    assert bool(reading.warnings) == told


def test_gaps_of_both_error_rates() -> None:
    groups = {"a": group(0.5, recall=0.9, fpr=0.1), "b": group(0.5, recall=0.8, fpr=0.4)}
    found = dimension(frame(groups, equalized_odds_difference=0.01))
    assert math.isclose(found["equal_opportunity_difference"], 0.1)
    assert math.isclose(found["equalized_odds_difference"], 0.3)


@pytest.mark.parametrize("value", [math.nan, math.inf, "0.9", None, []])
def test_a_gap_is_refused_where_one_group_has_no_rate(value: Any) -> None:
    groups = {"a": group(0.5, recall=0.9, fpr=0.1), "b": group(0.5, recall=value, fpr=0.1)}
    stated = {"equalized_odds_difference": 0.0, "difference": {"recall": 0.0}}
    assert attempt(Fairlearn(), frame(groups, **stated)) is None


@pytest.mark.parametrize("value", [math.nan, "0.9", []])
def test_a_stated_gap_that_is_no_number_is_refused_where_none_can_be_computed(value: Any) -> None:
    assert attempt(Fairlearn(), frame(equalized_odds_difference=value)) is None
    assert attempt(Fairlearn(), frame(difference={"recall": value})) is None


def test_an_empty_group_is_listed_and_not_compared() -> None:
    reading = read(Fairlearn(), frame({"a": group(0.5), "b": group(0.4), "c": group(math.nan, 0)}))
    (found,) = reading.data["dimensions"]
    assert (found["groups"], found["min_count"], found["selection_rate_ratio"]) == (3, 0, 0.8)
    assert len(reading.data["groups"]) == 3


def test_one_group_alone_is_told() -> None:
    assert any("nothing was compared" in w for w in read(Fairlearn(), frame({"a": group(0.5)})).warnings)


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"selection_rate": {}, "count": {}},
        {"a": 0.5, "b": 0.5},
        {"a": group(0.5), "b": {"selection_rate": 0.5}},
        {"a": group(0.5), "b": group(math.nan)},
        {"a": group(0.5), "b": group("0.5")},
        {"a": group(0.5), "b": group(1.5)},
        {"a": group(0.5), "b": group(0.5, "100")},
        {"a": group(0.5), "b": group(0.5, 1.5)},
        {"a": group(0.0), "b": group(0.0)},
        {"a": group(math.nan, 0)},
    ],
)
def test_what_cannot_be_compared_is_refused(groups: Any) -> None:
    assert attempt(Fairlearn(), frame(groups)) is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("('female', 'A')", "female/A"),
        ('("it\'s", "B")', "it's/B"),
        ("('a, b', 3)", "a, b/3"),
        ("(1, 2)", "1/2"),
        ("('a',)", None),
        ("female", None),
        ("('a', 'b', 'c')", None),
        ("(" * 5_000, None),
    ],
)
def test_keys_of_an_intersection(key: str, name: str | None) -> None:
    content = {**frame({key: group(0.5)}), "sensitive_features": ["sex", "race"]}
    reading = attempt(Fairlearn(), content)
    assert (reading and reading.data["groups"][0]["group"]) == name


def test_more_groups_than_are_read_are_counted() -> None:
    groups = {f"g{n}": group(0.5) for n in range(1_200)} | {"low": group(0.1)}
    data = read(Fairlearn(), frame(groups)).data
    assert (len(data["groups"]), data["unlisted"], data["dimensions"][0]["groups"]) == (1_000, 201, 1_201)
    assert "low" in {item["group"] for item in data["groups"]}


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(Fairlearn(), frame(), exit_code=2).warnings[0]
