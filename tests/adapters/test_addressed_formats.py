"""Formats that stand behind the door for evidence addressed by digest: a test result, and an event of a test run."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.adapters.cdevents import Cdevents
from phasegate.adapters.in_toto_test_result import InTotoTestResult
from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.adapters.registry import adapters
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.http.addressed_bodies import CDEVENT
from phasegate.shapes import catalogue
from tests.envelopes.test_statement import JSON, REAL

BOTH: list[Adapter] = [InTotoTestResult(), Cdevents()]
COUNTS = ("total", "passed", "failed", "errors", "skipped")


def read(adapter: Adapter, content: Any, **hints: Any) -> Reading:
    found = adapter.read(json.dumps(content).encode(), Hints(**hints))
    read_data(catalogue()[found.shape], found.data)
    return found


def counts(found: Reading) -> tuple[int, ...]:
    return tuple(found.data[name] for name in COUNTS)


def result(verdict: str, **lists: Any) -> dict[str, Any]:
    return {"result": verdict, "configuration": [{"name": "pytest.ini"}], **lists}


class TestTestResult:
    def test_one_that_a_tool_wrote(self) -> None:
        predicate = json.loads(REAL.read_bytes())["predicate"]
        found = read(InTotoTestResult(), predicate)
        assert counts(found) == (2, 2, 0, 0, 0)
        assert found.data["properties"] == {"result": "PASSED", "url": "https://ci.example.com/runs/812"}
        assert found.warnings == ()

    @pytest.mark.parametrize(
        ("predicate", "wanted"),
        [
            (result("PASSED", passedTests=["a"], warnedTests=None), (1, 1, 0, 0, 0)),
            (result("PASSED"), (0, 0, 0, 0, 0)),
            (result("FAILED"), (1, 0, 0, 1, 0)),
            (result("FAILED", passedTests=["a"]), (2, 1, 0, 1, 0)),
            (result("FAILED", failedTests=["a"], passedTests=["a", "b", "b"]), (2, 1, 1, 0, 0)),
            (result("FAILED", warnedTests=["a"]), (2, 1, 0, 1, 0)),
            (result("WARNED", passedTests=["a"]), (2, 1, 0, 1, 0)),
            (result("WARNED", passedTests=["a"], warnedTests=["b"]), (2, 2, 0, 0, 0)),
            (result("WARNED", passedTests=["b"], warnedTests=["b"]), (1, 1, 0, 0, 0)),
            (result("PASSED", passedTests=["a"], failedTests=["b"]), (2, 1, 1, 0, 0)),
        ],
    )
    def test_the_worst_of_what_it_says_counts(self, predicate: dict[str, Any], wanted: tuple[int, ...]) -> None:
        assert counts(read(InTotoTestResult(), predicate)) == wanted

    def test_a_warned_test_is_told_apart(self) -> None:
        found = read(InTotoTestResult(), result("WARNED", warnedTests=["b"]))
        assert found.data["cases"] == [{"id": "b", "status": "passed", "message": "passed with a warning"}]
        assert found.data["properties"]["result"] == "WARNED"
        assert "WARNED isn't PASSED" in found.warnings[0]

    def test_the_exit_code_counts(self) -> None:
        assert counts(read(InTotoTestResult(), result("PASSED", passedTests=["a"]), exit_code=1))[3] == 1

    @pytest.mark.parametrize(
        ("predicate", "where"),
        [
            ({}, "predicate.result"),
            (result("passed"), "predicate.result"),
            ({"result": "PASSED"}, "predicate.configuration"),
            (result("PASSED", passedTests={}), ""),
            (result("PASSED", passedTests=[3]), "predicate.passedTests[0]"),
            (result("PASSED", failedTests=["a", " "]), "predicate.failedTests[1]"),
        ],
    )
    def test_what_is_none(self, predicate: Any, where: str) -> None:
        if not where:
            assert counts(read(InTotoTestResult(), predicate)) == (0, 0, 0, 0, 0)
            return
        with pytest.raises(Invalid) as caught:
            read(InTotoTestResult(), predicate)
        assert caught.value.faults[0].path == where


class TestCdevents:
    def test_one_case_of_a_run(self) -> None:
        found = read(Cdevents(), CDEVENT)
        assert counts(found) == (1, 1, 0, 0, 0)
        assert found.data["cases"] == [{"id": "Edge cases", "status": "passed"}]
        assert found.data["properties"] == {"outcome": "success", "run": "run-42", "environment": "staging"}
        assert found.collected_at is not None
        assert found.collected_at.isoformat() == "2026-01-02T03:04:05+00:00"

    def test_a_reason_is_its_message(self) -> None:
        event = json.loads(json.dumps(CDEVENT))
        event["subject"]["content"] |= {"outcome": "failure", "reason": "3 of 40"}
        assert read(Cdevents(), event).data["cases"][0]["message"] == "3 of 40"


def test_neither_is_a_format_of_the_ordinary_route() -> None:
    assert not {each.name for each in BOTH} & set(adapters())


@pytest.mark.parametrize("adapter", BOTH, ids=lambda adapter: adapter.name)
@given(data=st.data())
def test_anything_else_is_refused_in_words(adapter: Adapter, data: st.DataObject) -> None:
    whole: Any = result("PASSED", passedTests=["a"]) if adapter.name.startswith("in-toto") else CDEVENT
    document = json.loads(json.dumps(whole))
    place = document
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    raw = json.dumps(document).encode()
    assert adapter.detects(raw) in (True, False)
    found = None
    with suppress(Invalid, Malformed):
        found = adapter.read(raw, Hints())
    if found is not None:
        read_data(catalogue()[found.shape], found.data)


def test_an_event_of_a_tool_that_failed_is_no_pass() -> None:
    found = read(Cdevents(), CDEVENT, exit_code=1)
    assert counts(found) == (2, 1, 0, 1, 0)
    assert "exit code 1" in found.warnings[-1]
