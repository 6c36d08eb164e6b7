"""Waivers: which one stands, which does not and why, and what they leave in sight."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from phasegate.engine.decision import WaiverShown
from phasegate.engine.facts import Evidence, Waiver
from tests.engine.small import DAY, HOUR, NOON, criterion, decided, facts, only, policy, record

MOMENT = timedelta(microseconds=1)
BAD = record(fields={"passed": 0}, submitted_by="ben", submitted_for=("dee",))


def waiver(by: str = "eve", **more: Any) -> Waiver:
    """One hour old, for another day."""
    made: dict[str, Any] = {"granted_at": NOON - HOUR, "expires_at": NOON + DAY, "reason": "a known limit", **more}
    return Waiver(criterion=made.pop("criterion", "tests-pass"), granted_by=by, **made)


def result(
    *waivers: Waiver,
    evidence: tuple[Evidence, ...] = (BAD,),
    at: datetime = NOON,
    made: dict[str, Any] | None = None,
    registered_for: tuple[str, ...] = (),
    **top: Any,
) -> Any:
    known = facts(*evidence, waivers=waivers, registered_for=registered_for)
    return only(decided(policy(made or criterion(), **top), known, at))


@pytest.mark.parametrize(
    ("evidence", "that", "underlying"),
    [
        ((), "evidence.passed > 0", "missing"),
        ((record(at=NOON - 7 * DAY),), "evidence.passed > 0", "expired"),
        ((BAD,), "evidence.passed > 0", "fail"),
        ((BAD,), "evidence.score > 0.5", "error"),
    ],
)
def test_a_waiver_excuses_what_is_not_satisfied_and_keeps_it_in_sight(
    evidence: tuple[Evidence, ...], that: str, underlying: str
) -> None:
    found = result(waiver(), evidence=evidence, made=criterion("tests-pass", that))
    assert (found.status, found.underlying) == ("waived", underlying)
    assert found.waiver == WaiverShown("a known limit", "eve", "2026-03-02T12:00:00Z", used=True)
    assert found.reason.startswith("waived by eve until 2026-03-02T12:00:00Z: a known limit; ")


def test_a_waived_criterion_opens_the_gate() -> None:
    decision = decided(policy(), facts(BAD, waivers=(waiver(),)))
    assert (decision.outcome, decision.phases[0].satisfied) == ("go", 1)
    assert decision.valid_until == "2026-03-02T12:00:00Z"


def test_a_waiver_for_a_criterion_that_passes_is_unused() -> None:
    found = result(waiver(), evidence=(record(),))
    assert (found.status, found.underlying, found.reason) == ("pass", None, None)
    assert found.waiver == WaiverShown("a known limit", "eve", "2026-03-02T12:00:00Z", used=False)


def test_a_waiver_for_a_criterion_that_does_not_apply_is_unused() -> None:
    found = result(waiver(), made=criterion(when="subject.kind == 'data'"))
    assert (found.status, found.waiver.used) == ("not-applicable", False)


def test_a_waiver_holds_from_its_first_instant_and_no_longer_at_its_end() -> None:
    short = waiver(granted_at=NOON, expires_at=NOON + HOUR)
    statuses = [result(short, at=at).status for at in (NOON, NOON + HOUR - MOMENT, NOON + HOUR)]
    assert statuses == ["waived", "waived", "fail"]
    assert result(short, evidence=(), at=NOON - MOMENT).status == "missing"


def test_a_waiver_counts_for_nothing_from_its_revocation_on() -> None:
    revoked = waiver(revoked_at=NOON)
    assert result(revoked, at=NOON - MOMENT, evidence=()).status == "waived"
    assert result(revoked).status == "fail"
    assert result(revoked).reason == "not so: 0; the waiver by eve was revoked at 2026-03-01T12:00:00Z"


def test_a_criterion_that_cannot_be_waived_is_not() -> None:
    found = result(waiver(), made=criterion(waivable=False))
    assert (found.status, found.waiver) == ("fail", None)
    assert found.reason == "not so: 0; the waiver by eve does not count: this criterion cannot be waived"


def test_a_policy_without_waivers_allows_none() -> None:
    found = result(waiver(), waivers=None)
    assert (found.status, found.waiver) == ("fail", None)
    assert "this policy allows none" in found.reason


def test_a_waiver_may_last_as_long_as_the_policy_allows_and_no_longer() -> None:
    longest = waiver(expires_at=NOON - HOUR + 30 * DAY)
    too_long = waiver(expires_at=NOON - HOUR + 30 * DAY + MOMENT)
    assert result(longest).status == "waived"
    assert result(too_long).status == "fail"
    assert "it lasts longer than 30 days" in result(too_long).reason


@pytest.mark.parametrize(
    ("by", "status"),
    [("ann", "fail"), ("zoe", "fail"), ("ben", "fail"), ("dee", "fail"), ("eve", "waived")],
)
def test_neither_registrant_nor_submitter_nor_those_they_act_for_may_approve(by: str, status: str) -> None:
    assert result(waiver(by), registered_for=("zoe",)).status == status


def test_who_submitted_evidence_that_the_waiver_does_not_excuse_may_approve() -> None:
    assert result(waiver("cyd"), evidence=(BAD, record("other", submitted_by="cyd"))).status == "waived"
    older = record(at=NOON - HOUR, submitted_by="cyd")
    assert result(waiver("cyd"), evidence=(BAD, older)).status == "waived"


def test_who_submitted_a_guarded_or_second_type_may_not_approve() -> None:
    other = record("other", submitted_by="cyd")
    for that in ('facts["other"].evidence.passed > 5', '!("other" in facts)'):
        assert result(waiver("cyd"), evidence=(BAD, other), made=criterion("tests-pass", that)).status == "fail"


@pytest.mark.parametrize("more", [{"reason": ""}, {"reason": " \n"}, {"by": ""}])
def test_a_waiver_without_reason_or_approver_does_not_count(more: dict[str, str]) -> None:
    assert result(waiver(**more)).status == "fail"


def test_a_waiver_for_another_criterion_excuses_nothing() -> None:
    found = result(waiver(criterion="other"))
    assert (found.status, found.waiver, found.reason) == ("fail", None, "not so: 0")


def test_of_two_waivers_the_one_that_lasts_longer_is_shown_and_both_are_watched() -> None:
    first = waiver(expires_at=NOON + HOUR)
    second = waiver("fay", expires_at=NOON + DAY)
    for order in permutations((first, second)):
        decision = decided(policy(), facts(BAD, waivers=order))
        found = only(decision)
        assert found.waiver is not None
        assert (found.status, found.waiver.granted_by) == ("waived", "fay")
        assert (decision.valid_until, found.expires_at) == ("2026-03-01T13:00:00Z", "2026-03-02T12:00:00Z")


def test_a_waiver_that_does_not_count_takes_nothing_from_one_that_does() -> None:
    found = result(waiver("ben"), waiver(), waiver("gus", expires_at=NOON + 99 * DAY))
    assert (found.status, found.waiver.granted_by) == ("waived", "eve")


def test_an_unused_waiver_is_watched_but_not_one_for_a_criterion_that_cannot_be_waived() -> None:
    lasting = criterion(evidence="lasting")
    known = facts(record("lasting"), waivers=(waiver(),))
    assert decided(policy(lasting), known).valid_until == "2026-03-02T12:00:00Z"
    assert decided(policy({**lasting, "waivable": False}), known).valid_until is None


@pytest.mark.parametrize(
    "refused",
    [waiver("ann"), waiver("ben"), waiver(reason=" "), waiver(granted_at=NOON - 40 * DAY)],
    ids=["by the registrant", "by the submitter", "without a reason", "too long"],
)
def test_the_end_of_a_waiver_that_never_counted_changes_nothing(refused: Waiver) -> None:
    """Until `valid_until` the decision stands; it names no end of a waiver that does not count."""
    made = criterion(evidence="lasting")
    bad = record("lasting", fields={"passed": 0}, submitted_by="ben")
    before, after = (decided(policy(made), facts(bad, waivers=(refused,)), at) for at in (NOON, refused.expires_at))
    assert before.valid_until is None
    assert after.phases == before.phases
