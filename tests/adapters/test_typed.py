"""Values of a file by their types."""

from typing import Any

import pytest

from phasegate.adapters import typed
from phasegate.adapters.text import Warnings
from phasegate.errors import Invalid


@pytest.mark.parametrize("value", [0, 5, 5.0, 2**53 - 1])
def test_a_count(value: Any) -> None:
    assert typed.count(value, "a") == value
    assert isinstance(typed.count(value, "a"), int)


@pytest.mark.parametrize("value", [-1, 1.5, True, "1", None, float("nan"), float("inf"), 1e300, 2**53, []])
def test_no_count(value: Any) -> None:
    with pytest.raises(Invalid, match="must be a whole number"):
        typed.count(value, "a")


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("-inf"), 1e308, -1e308])
def test_no_number(value: Any) -> None:
    assert typed.finite(value) is None


def test_a_number_is_a_double() -> None:
    assert isinstance(typed.finite(1), float)


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_no_switch(value: Any) -> None:
    with pytest.raises(Invalid):
        typed.switch(value, "a")


def test_absent_and_null_are_empty() -> None:
    assert (typed.listed({}, "a"), typed.listed({"a": None}, "a"), typed.within({"a": None}, "a")) == ([], [], {})


@pytest.mark.parametrize("value", [0, "", False, 0.0])
def test_what_only_looks_empty_is_refused(value: Any) -> None:
    for read in (typed.listed, typed.within):
        with pytest.raises(Invalid):
            read({"a": value}, "a")


def test_more_entries_than_are_read_are_refused() -> None:
    assert len(typed.items([1] * typed.MOST, "a")) == typed.MOST
    for value in ([1] * (typed.MOST + 1), dict.fromkeys(map(str, range(typed.MOST + 1)))):
        with pytest.raises(Invalid, match="split the file"):
            (typed.items if isinstance(value, list) else typed.mapping)(value, "a")


@pytest.mark.parametrize(
    ("value", "told"), [("2026-01-01T00:00:00", "no zone"), ("?", "can't be read"), (5, "a number can't be read")]
)
def test_a_time_that_names_no_instant_is_told(value: Any, told: str) -> None:
    warnings = Warnings()
    assert typed.moment(value, warnings) is None
    assert told in warnings.all()[0]


def test_no_time_is_nothing_to_tell() -> None:
    warnings = Warnings()
    assert typed.moment(None, warnings) is None
    assert warnings.all() == ()
