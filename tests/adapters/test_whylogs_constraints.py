"""whylogs: reports of constraints."""

import json
from typing import Any

import pytest

from phasegate.adapters.whylogs_constraints import WhylogsConstraints
from phasegate.engine.facts import Producer
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample


@pytest.mark.parametrize("name", ["pass", "fail"])
def test_each_sample(name: str) -> None:
    path = f"whylogs/constraints_{name}.json"
    want, reading = expected(path), read(WhylogsConstraints(), sample(path))
    data = reading.data
    assert (data["total"], data["failed"], data["errors"]) == (want["constraints"], want["failed"], 0)
    assert (data["failed"] == 0) == want["valid"]
    assert [one["name"] for one in data["checks"] if one["status"] == "fail"] == want.get("failed_names", [])
    assert (reading.producer, reading.collected_at, reading.warnings) == (Producer("whylogs"), None, ())


def of(valid: Any, *report: Any) -> dict[str, Any]:
    return read(WhylogsConstraints(), json.dumps({"valid": valid, "report": report})).data


def test_named_tuples_come_as_lists() -> None:
    assert of(True, ["a", 1, 0, None], ["b", 1, 0])["passed"] == 2


def test_the_verdict_of_the_whole() -> None:
    assert of(False, ["a", 1, 0])["errors"] == 1


def test_passed_and_failed_is_failed() -> None:
    assert (of(False, ["a", 3, 1])["failed"], of(False, ["a", 3, 1])["passed"]) == (1, 0)


def test_neither_is_counted_nowhere() -> None:
    assert of(True, ["a", 0, 0])["total"] == 0


@pytest.mark.parametrize(
    ("valid", "one"),
    [
        ("true", ["a", 1, 0]),
        (1, ["a", 1, 0]),
        (True, ["a", True, 0]),
        (True, ["a", "1", 0]),
        (True, ["a", 1]),
        (True, ["", 1, 0]),
        (True, {"name": "a", "passed": 1}),
        (True, "a"),
    ],
)
def test_another_structure_is_refused(valid: Any, one: Any) -> None:
    with pytest.raises(Invalid):
        WhylogsConstraints().read(json.dumps({"valid": valid, "report": [one]}).encode(), HINTS)
