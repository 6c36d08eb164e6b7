"""Selection: the latest speaks, and only for the artifacts it was made of."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from phasegate.engine.facts import Evidence
from tests.engine.small import (
    DAY,
    HOUR,
    MODEL,
    NOON,
    TOKENIZER,
    criterion,
    decided,
    facts,
    only,
    phase,
    policy,
    record,
    results,
)

POLICY = policy(criterion("c", "evidence.passed > 0"))
MOMENT = timedelta(microseconds=1)


def chosen(*evidence: Evidence, at: datetime = NOON) -> str | None:
    """The digest of the record that speaks."""
    read = only(decided(POLICY, facts(*evidence), at)).evidence
    return read[0].digest if read else None


def bad(at: datetime, **more: Any) -> Evidence:
    return record(at=at, fields={"passed": 0}, **more)


def test_the_newest_by_the_tools_clock_speaks() -> None:
    older = record(at=NOON - HOUR, received_at=NOON)
    newer = bad(NOON - MOMENT)
    assert {chosen(*order) for order in permutations((older, newer))} == {newer.digest}


def test_of_two_collected_at_once_the_one_received_later_speaks() -> None:
    first = record(at=NOON - HOUR, received_at=NOON - HOUR)
    second = bad(NOON - HOUR, received_at=NOON - HOUR + MOMENT)
    assert {chosen(*order) for order in permutations((first, second))} == {second.digest}


def test_of_two_at_the_same_instants_the_greater_digest_speaks() -> None:
    twins = [record(fields={"passed": n}) for n in range(1, 5)]
    greatest = max(twin.digest for twin in twins)
    assert {chosen(*order) for order in permutations(twins)} == {greatest}


def test_what_is_received_later_is_not_seen_and_at_that_instant_it_is() -> None:
    late = bad(NOON - HOUR, received_at=NOON + HOUR)
    assert chosen(late) is None
    assert chosen(late, at=NOON + HOUR - MOMENT) is None
    assert chosen(late, at=NOON + HOUR) == late.digest


def test_what_is_revoked_uncovers_the_older_record_from_that_instant() -> None:
    older = record(at=NOON - HOUR)
    newer = bad(NOON, revoked_at=NOON + HOUR)
    assert chosen(older, newer, at=NOON + HOUR - MOMENT) == newer.digest
    assert chosen(older, newer, at=NOON + HOUR) == older.digest


def test_what_was_revoked_since_registration_is_listed_newest_first() -> None:
    gone = [record(at=NOON - 3 * DAY + n * HOUR, revoked_at=NOON - 2 * DAY + n * HOUR) for n in range(4)]
    known = facts(*gone, registered_at=NOON - 2 * DAY + HOUR)
    listed = only(decided(POLICY, known)).revoked
    assert [item.digest for item in listed] == [record.digest for record in reversed(gone[1:])]
    assert listed[0].revoked_at == "2026-02-27T15:00:00Z"


def test_a_revocation_to_come_is_not_listed() -> None:
    assert only(decided(POLICY, facts(record(revoked_at=NOON + MOMENT)))).revoked == ()


def test_a_record_that_a_criterion_refuses_does_not_fall_back_to_an_older_one() -> None:
    made = policy(criterion("c", 'context.split == "test"'))
    older = record(at=NOON - HOUR)
    newer = record(context={"split": "train"})
    assert only(decided(made, facts(older, newer))).status == "fail"


@pytest.mark.parametrize(
    ("artifacts", "counts"),
    [
        (None, True),
        ((MODEL, TOKENIZER), True),
        ((TOKENIZER, MODEL), True),
        ((MODEL, MODEL, TOKENIZER), True),
        ((MODEL,), False),
        ((TOKENIZER,), False),
        ((MODEL, TOKENIZER, "c" * 64), False),
        (("c" * 64,), False),
        ((), False),
    ],
)
def test_release_scoped_evidence_counts_for_exactly_its_set_of_artifacts(
    artifacts: tuple[str, ...] | None, counts: bool
) -> None:
    bound = record(artifacts=artifacts)
    assert chosen(bound) == (bound.digest if counts else None)


def test_a_newer_record_of_other_artifacts_hides_nothing() -> None:
    own = record(at=NOON - HOUR)
    assert chosen(own, bad(NOON, artifacts=(MODEL,))) == own.digest


def test_what_was_revoked_for_other_artifacts_is_not_listed() -> None:
    assert only(decided(POLICY, facts(record(artifacts=(MODEL,), revoked_at=NOON)))).revoked == ()


def test_subject_scoped_evidence_carries_over() -> None:
    made = policy(criterion("c", evidence="other"))
    assert only(decided(made, facts(record("other", artifacts=("c" * 64,))))).status == "pass"


def test_it_is_the_same_record_for_all_criteria() -> None:
    made = policy(
        phases=[
            phase("one", criterion("a", "evidence.passed > 0")),
            phase("two", criterion("b", 'facts["report"].evidence.passed > 0', evidence="other")),
        ]
    )
    evidence = (record(at=NOON - HOUR), record(), record("other"))
    found = results(decided(made, facts(*evidence)))
    assert found["a"].evidence[0].digest == evidence[1].digest
    assert [read.digest for read in found["b"].evidence] == [evidence[2].digest, evidence[1].digest]


def test_evidence_of_no_type_of_the_policy_is_passed_over() -> None:
    assert chosen(record("no-such-type")) is None


def test_a_record_never_grows_old_without_max_age() -> None:
    made = policy(criterion("c", evidence="lasting"))
    decision = decided(made, facts(record("lasting", NOON - 3000 * DAY)))
    assert (only(decision).status, decision.valid_until, decision.next_change) == ("pass", None, None)


def test_what_is_read_is_shown_as_it_is_known() -> None:
    shown = record(id="018f", strength="attested")
    (read,) = only(decided(POLICY, facts(shown))).evidence
    assert (read.id, read.type, read.digest) == ("018f", "report", shown.digest)
    assert (read.collected_at, read.strength) == ("2026-03-01T12:00:00Z", "attested")
