"""Drift detectors of Alibi Detect."""

import math
from typing import Any

import pytest

from phasegate.adapters.alibi_detect import AlibiDetect
from tests.adapters.samples import attempt, expected, names, read, sample

FOLDER = "alibi-detect"


def answer(is_drift: Any, p_val: Any = None, **data: Any) -> dict[str, Any]:
    meta = {"name": "KSDrift", "version": "0.13.0", "detector_type": "drift"}
    return {"data": {"is_drift": is_drift, "p_val": p_val, "threshold": 0.05, **data}, "meta": meta}


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(AlibiDetect(), sample(f"{FOLDER}/{name}"))
    data = reading.data
    verdict = want["is_drift"]
    if isinstance(verdict, list):
        assert [n for n, drifted in enumerate(verdict) if drifted] == [0, 2]
        assert "dataset_drift" not in data
    else:
        assert data["dataset_drift"] == bool(verdict) == want["drift_detected"]
    drifted = want.get("drifted_feature_indexes", [0, 2] if want["drift_detected"] else [])
    assert sorted(int(column["name"]) for column in data["columns"] if column["drifted"]) == drifted
    assert data["column_count"] == want.get("features", 4)
    assert (data["drifted_count"], data["drift_share"]) == (len(drifted), len(drifted) / 4)
    assert {column["threshold"] for column in data["columns"]} == {want["threshold"]}
    assert all({"statistic", "p_value"} <= column.keys() for column in data["columns"])
    assert (reading.producer.tool, reading.producer.version) == ("alibi-detect", "0.13.0")
    assert reading.warnings == ()
    assert reading.collected_at is None


@pytest.mark.parametrize(
    ("content", "drifted", "told"),
    [
        (answer(0, [0.9, 0.9]), 0, False),
        (answer(1, [0.9, 0.01]), 1, False),
        (answer(1, [0.9, 0.9]), 2, True),
        (answer(0, [0.9, 0.01]), 1, False),
        (answer([0, 0], [0.9, 0.01]), 1, True),
        (answer([1, 0], [0.9, 0.9]), 1, True),
        (answer(0, [0.9, math.nan]), 1, True),
        (answer(0, [0.9, "0.9"]), 1, True),
        (answer(0, [0.9, None]), 1, True),
        (answer(0, [0.9, 0.9], threshold=None), 2, True),
        (answer(0, [0.9, 0.9], threshold=math.nan), 2, True),
        (answer(0, 0.9), 0, False),
        (answer(1, 0.9), 1, True),
        (answer(0, 0.01), 1, True),
        (answer(True, 0.01), 1, False),
        (answer(0, distance=0.1, distance_threshold=0.2), 0, False),
        (answer(0, distance=0.3, distance_threshold=0.2), 1, True),
        (answer(0, distance=0.1), 0, False),
        (answer(0, distance=[0.1, 0.1]), 2, True),
    ],
)
def test_nothing_is_better_than_the_figures_or_the_verdict(content: Any, drifted: int, told: bool) -> None:
    reading = read(AlibiDetect(), content)
    assert reading.data["drifted_count"] == drifted
    assert bool(reading.warnings) == told


@pytest.mark.parametrize(
    "content",
    [
        answer(0),
        answer(0, []),
        answer([], []),
        answer([], [0.9]),
        answer([0], [0.9, 0.9]),
        answer(0, [0.9], distance=[0.1, 0.2]),
        answer(2, [0.9]),
        answer("0", [0.9]),
        answer(None, [0.9]),
        answer([None], [0.9]),
        answer(math.nan, [0.9]),
    ],
)
def test_what_says_nothing_is_refused(content: Any) -> None:
    assert attempt(AlibiDetect(), content) is None


def test_a_detector_of_outliers_is_none() -> None:
    content = answer(0, [0.9])
    content["meta"]["detector_type"] = "outlier"
    assert attempt(AlibiDetect(), content) is None


def test_more_features_than_are_read_are_counted() -> None:
    data = read(AlibiDetect(), answer(1, [0.9] * 1_500 + [0.0])).data
    assert (len(data["columns"]), data["column_count"], data["columns"][0]["name"]) == (1_000, 1_501, "1500")


def test_more_features_than_can_be_compared_are_refused() -> None:
    assert attempt(AlibiDetect(), answer(0, [0.9] * 100_001)) is None


def test_the_exit_code_is_told() -> None:
    assert "exit code 1" in read(AlibiDetect(), answer(0, [0.9]), exit_code=1).warnings[0]
