"""Judging one criterion: each status, in the order in which they apply."""

from datetime import timedelta
from typing import Any

import pytest

from phasegate.engine.facts import Evidence
from tests.engine.small import DAY, HOUR, NOON, criterion, decided, facts, only, policy, record

GOOD = record()
OLD = record(at=NOON - 7 * DAY)
READS_OTHER = 'facts["other"].evidence.passed > 0'
GUARDS_OTHER = '!("other" in facts) || facts["other"].evidence.passed > 0'


def judged(
    made: dict[str, Any], *evidence: Evidence, attributes: dict[str, Any] | None = None
) -> tuple[str, str | None]:
    result = only(decided(policy(made), facts(*evidence, attributes=attributes)))
    return result.status, result.reason


def test_pass() -> None:
    assert judged(criterion(), GOOD) == ("pass", None)


def test_fail_tells_the_message_of_every_check_that_is_false() -> None:
    made = criterion("c", "evidence.passed > 5", "evidence.passed > 0", "evidence.total > 5")
    assert judged(made, GOOD) == ("fail", "not so: 0; not so: 2")


def test_missing_names_every_type_that_was_not_shown() -> None:
    assert judged(criterion("c", READS_OTHER)) == (
        "missing",
        "no evidence of type report was shown; no evidence of type other was shown",
    )


def test_expired_from_the_very_end_on() -> None:
    just_not = record(at=NOON - 7 * DAY + timedelta(microseconds=1))
    assert judged(criterion(), just_not) == ("pass", None)
    assert judged(criterion(), OLD) == ("expired", "report was collected 2026-02-22T12:00:00Z, valid for 7 days")


def test_error_tells_what_could_not_be_computed() -> None:
    status, reason = judged(criterion("c", "evidence.score > 0.5"), GOOD)
    assert (status, reason) == ("error", "can't be computed: score is absent, in evidence.score > 0.5")


def test_not_applicable_tells_why() -> None:
    made = criterion("c", when="subject.attributes.regulated != false")
    assert judged(made, attributes={"regulated": False}) == (
        "not-applicable",
        "does not apply: subject.attributes.regulated != false is false (subject.attributes.regulated is false)",
    )


def test_waived_is_judged_in_test_exceptions_and_all_seven_statuses_have_a_case() -> None:
    """Six are judged here; the seventh, `waived`, is put on top by `exceptions`."""
    seen = {
        judged(criterion(), GOOD)[0],
        judged(criterion("c", "evidence.passed > 5"), GOOD)[0],
        judged(criterion())[0],
        judged(criterion(), OLD)[0],
        judged(criterion("c", "evidence.score > 0.5"), GOOD)[0],
        judged(criterion(when="subject.kind == 'data'"), GOOD)[0],
    }
    assert seen == {"pass", "fail", "missing", "expired", "error", "not-applicable"}


def test_not_applicable_comes_before_everything() -> None:
    made = criterion("c", "evidence.passed > 5", when="subject.kind == 'data'")
    for evidence in ((), (OLD,), (GOOD,)):
        assert judged(made, *evidence)[0] == "not-applicable"


def test_missing_comes_before_expired() -> None:
    assert judged(criterion("c", READS_OTHER), OLD)[0] == "missing"


def test_expired_comes_before_fail() -> None:
    assert judged(criterion("c", "evidence.passed > 5"), OLD)[0] == "expired"


def test_fail_comes_before_error() -> None:
    made = criterion("c", "evidence.score > 0.5", "evidence.passed > 5")
    assert judged(made, GOOD) == ("fail", "not so: 1")


def test_a_check_that_cannot_be_computed_spoils_others_that_are_true() -> None:
    made = criterion("c", "evidence.passed > 0", "evidence.score > 0.5", "evidence.total > 0")
    result = only(decided(policy(made), facts(GOOD)))
    assert (result.status, [check.passed for check in result.checks]) == ("error", [True, None, True])


def test_when_that_cannot_be_computed_applies() -> None:
    made = criterion("c", when="subject.attributes.regulated == true")
    assert judged(made, attributes={})[0] == "missing"
    assert judged(made, attributes={"regulated": "yes"})[0] == "not-applicable"


def test_checks_are_not_looked_at_without_evidence() -> None:
    for evidence in ((), (OLD,)):
        result = only(decided(policy(criterion("c", "evidence.passed > 0", "true")), facts(*evidence)))
        assert [(check.passed, check.message) for check in result.checks] == [(None, None), (None, None)]


def test_a_type_read_without_a_guard_is_required() -> None:
    made = criterion("c", READS_OTHER)
    assert judged(made, GOOD) == ("missing", "no evidence of type other was shown")
    assert judged(made, GOOD, record("other"))[0] == "pass"
    assert judged(made, GOOD, record("other", NOON - 30 * DAY))[0] == "expired"


def test_a_guarded_type_may_be_absent_but_not_too_old() -> None:
    made = criterion("c", GUARDS_OTHER)
    assert judged(made, GOOD)[0] == "pass"
    assert judged(made, GOOD, record("other", fields={"passed": 0}))[0] == "fail"
    assert judged(made, GOOD, record("other", NOON - 30 * DAY))[0] == "expired"
    assert judged(criterion("c", '!("other" in facts)'), GOOD, record("other", NOON - 30 * DAY))[0] == "expired"


def test_a_guard_holds_for_its_own_check_alone() -> None:
    assert judged(criterion("c", GUARDS_OTHER, READS_OTHER), GOOD)[0] == "missing"


def test_a_type_that_is_absent_is_not_in_facts() -> None:
    made = criterion("c", '"other" in facts')
    assert judged(made, GOOD)[0] == "fail"
    assert judged(made, GOOD, record("other"))[0] == "pass"


@pytest.mark.parametrize(
    ("least", "is_", "status"),
    [
        ("declared", "declared", "pass"),
        ("measured", "declared", "fail"),
        ("measured", "measured", "pass"),
        ("measured", "attested", "pass"),
        ("attested", "measured", "fail"),
    ],
)
def test_strength(least: str, is_: Any, status: str) -> None:
    made = criterion(strength=least)
    reason = f"report is {is_}; it must be {least}" if status == "fail" else None
    assert judged(made, record(strength=is_)) == (status, reason)


def test_strength_is_asked_of_every_type_read() -> None:
    made = criterion("c", GUARDS_OTHER, strength="measured")
    assert judged(made, record(strength="measured"))[0] == "pass"
    assert judged(made, record(strength="measured"), record("other"))[0] == "fail"


def test_too_weak_comes_before_error_and_after_expired() -> None:
    assert judged(criterion("c", "evidence.score > 0.5", strength="measured"), GOOD)[0] == "fail"
    assert judged(criterion(strength="measured"), OLD)[0] == "expired"


@pytest.mark.parametrize("evidence", [(), (OLD,), (GOOD,), (record(fields={"passed": 0}),)])
def test_a_criterion_that_asks_for_a_sign_off_is_missing(evidence: tuple[Evidence, ...]) -> None:
    status, reason = judged(criterion(signoff={"roles": ["owner"]}), *evidence)
    assert status == "missing"
    assert reason is not None
    assert "no verdict of: owner" in reason


def test_a_sign_off_alone_is_missing_unless_it_does_not_apply() -> None:
    bare = {"id": "review", "title": "Review", "signoff": {"roles": ["owner"]}}
    assert judged(bare) == ("missing", "no verdict of: owner")
    assert judged({**bare, "when": "subject.kind == 'data'"})[0] == "not-applicable"


def test_record_and_context_are_those_of_the_criterions_own_type() -> None:
    made = criterion(
        "c",
        'context.split == "test" && record.submitted_by == "ben" && record.strength == "measured"',
        'facts["other"].record.submitted_by == "cyd" && facts["other"].record.received_at > record.received_at',
    )
    own = record(submitted_by="ben", strength="measured")
    other = record("other", submitted_by="cyd", received_at=NOON + HOUR)
    assert only(decided(policy(made), facts(own, other), NOON + HOUR)).status == "pass"


def test_what_a_release_and_its_subject_are_can_be_read() -> None:
    made = criterion(
        "c",
        'subject.name == "fraud-scorer" && subject.kind == "model" && subject.team == "risk" && subject.title == ""',
        'release.version == "2.0.0" && release.predecessor == "" && size(release.artifacts) == 2',
        "release.artifacts.all(a, size(a.sha256) == 64) && release.registered_at < record.collected_at",
        'record.producer.tool == "" && record.format == "json" && size(record.identity) == 0',
    )
    assert judged(made, GOOD) == ("pass", None)
