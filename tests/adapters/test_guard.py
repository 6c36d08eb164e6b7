"""Plug-ins at fault: told by name, and no harm to anybody else."""

import threading
from datetime import datetime
from typing import Any

import pytest

from phasegate.adapters import Example, Hints, Invalid, Malformed, Producer, Reading
from phasegate.adapters.guard import Guarded

SOURCE = "their-package (theirs:adapter)"


class Theirs:
    """Reads as it is told to."""

    name, version, title, shapes = "theirs", "1.0.0", "their tool", ("test-report",)

    def __init__(self, does: Any) -> None:
        self.does = does

    def detects(self, raw: bytes) -> bool:
        return bool(self.does())

    def read(self, raw: bytes, hints: Hints) -> Reading:
        found: Reading = self.does()
        return found


def raises(error: BaseException) -> Any:
    def does() -> None:
        raise error

    return does


def recursive() -> Any:
    return recursive()


def guarded(does: Any, seconds: float = 10.0) -> Guarded:
    return Guarded(Theirs(does), SOURCE, seconds=seconds)


def refusal(does: Any) -> str:
    with pytest.raises(Invalid) as caught:
        guarded(does).read(b"", Hints())
    assert SOURCE in caught.value.detail
    assert caught.value.detail.isprintable()
    return caught.value.detail


@pytest.mark.parametrize(
    "error", [KeyError("x"), RuntimeError("\x00"), MemoryError(), SystemExit(1), KeyboardInterrupt()]
)
def test_what_it_raises_names_it(error: BaseException) -> None:
    assert "failed with" in refusal(raises(error))
    assert not guarded(raises(error)).detects(b"")


def test_endless_recursion_names_it() -> None:
    assert "RecursionError" in refusal(recursive)
    assert not guarded(recursive).detects(b"")


@pytest.mark.parametrize("error", [Malformed("cut short"), Invalid("no such thing")])
def test_a_refusal_in_words_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        guarded(raises(error)).read(b"", Hints())
    assert caught.value is error


@pytest.mark.parametrize(
    "found",
    [
        None,
        {},
        Reading("load-test", {}),
        Reading("test-report", []),  # type: ignore[arg-type]  # the point
        Reading("test-report", {"total": object()}),
        Reading("test-report", {"a": {1: 2}, 2: 3}),  # type: ignore[dict-item]  # the point
        Reading("test-report", {}, warnings="many"),  # type: ignore[arg-type]  # the point
        Reading("test-report", {}, warnings=(1,)),  # type: ignore[arg-type]  # the point
        Reading("test-report", {}, producer=("a", "b")),  # type: ignore[arg-type]  # the point
        Reading("test-report", {}, producer=Producer(1)),  # type: ignore[arg-type]  # the point
        Reading("test-report", {}, collected_at=datetime(2026, 11, 24)),  # noqa: DTZ001 - the point
        Reading("test-report", {}, collected_at="soon"),  # type: ignore[arg-type]  # the point
    ],
)
def test_what_is_no_reading_names_it(found: Any) -> None:
    refusal(lambda: found)


def test_its_warnings_are_few_clean_and_short() -> None:
    told = ("\x1b[31m" + "x" * 9_000,) * 99
    warnings = guarded(lambda: Reading("test-report", {}, warnings=told)).read(b"", Hints()).warnings
    assert len(warnings) == 21
    assert all(each.isprintable() and len(each) <= 500 for each in warnings)


def test_one_that_loops_is_not_asked_again() -> None:
    go_on = threading.Event()
    asked = []

    def loops() -> None:
        asked.append(1)
        go_on.wait(30)

    adapter = guarded(loops, seconds=0.1)
    try:
        with pytest.raises(Invalid, match=r"within 0\.1 seconds"):
            adapter.read(b"", Hints())
        with pytest.raises(Invalid, match="too long on an earlier file"):
            adapter.read(b"", Hints())
        assert not adapter.detects(b"")
        assert len(asked) == 1
    finally:
        go_on.set()


def test_one_that_was_late_once_is_asked_again() -> None:
    """As any is late while the machine has other things to do."""
    go_on, found = threading.Event(), Reading("test-report", {})

    def late() -> Reading:
        go_on.wait(30)
        return found

    adapter = guarded(late, seconds=0.1)
    with pytest.raises(Invalid, match=r"within 0\.1 seconds"):
        adapter.read(b"", Hints())
    assert adapter._asked is not None
    go_on.set()
    adapter._asked.join(30)
    adapter._seconds = 30.0
    assert adapter.read(b"", Hints()) == found


@pytest.mark.parametrize(("found", "detected"), [(True, True), (False, False), (None, False)])
def test_detection(found: Any, detected: bool) -> None:
    assert guarded(lambda: found).detects(b"") == detected


def test_what_its_page_needs_may_be_missing_or_wrong() -> None:
    plain = guarded(lambda: True)
    assert (plain.command, plain.fingerprint, plain.example) == ("", "", None)
    theirs: Any = Theirs(lambda: True)
    theirs.command, theirs.fingerprint, theirs.example = "run\n", 5, "example.json"
    assert (Guarded(theirs, SOURCE).command, Guarded(theirs, SOURCE).example) == ("run\ufffd", None)
    theirs.example = Example("a.json", "theirs")
    assert Guarded(theirs, SOURCE).example == Example("a.json", "theirs")
