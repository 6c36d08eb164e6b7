"""The laws of sign-offs, each on random policies and facts."""

from datetime import datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.covered import Covered
from phasegate.engine.decision import Decision, SignOffShown, encode
from phasegate.engine.facts import Facts, SignOff
from phasegate.engine.policy import Criterion
from phasegate.engine.selection import select
from tests.engine.laws import asked, before_the_gate, signed_cases, without
from tests.engine.strategies import Case, bounded, digest_of, good_record, sign_offs, signing
from tests.engine.strategies_narrow import contested_cases
from tests.engine.strategies_policies import STEP


def shown(decision: Decision, criterion: Criterion) -> tuple[SignOffShown, ...]:
    """The sign-offs that a decision lists with a criterion."""
    (result,) = (c for phase in decision.phases for c in phase.criteria if c.id == criterion.id)
    return result.signoffs


def with_sign_offs(facts: Facts, *signoffs: SignOff) -> Facts:
    return replace(facts, signoffs=signoffs)


def one_role_a_person(case: Case, *more: SignOff) -> bool:
    """Nobody approves in two roles where persons must be distinct.

    There an approval bars a later one by the same person, so that what undoes the first lets the second in.
    """
    given_by: dict[str, set[str]] = {}
    for signoff in (*case.facts.signoffs, *more):
        if signoff.verdict == "approve":
            given_by.setdefault(signoff.by, set()).add(signoff.role)
    distinct = any(criterion.signoff.distinct_persons for criterion in signing(case.policy) if criterion.signoff)
    return not distinct or all(len(roles) == 1 for roles in given_by.values())


@bounded(100)
@given(contested_cases())
def test_the_order_of_equal_records_of_different_people_does_not_matter(case: Case) -> None:
    """The same record, sent again by somebody else, gives the same bytes in whatever order the two are told."""
    first, second = case.facts.evidence, tuple(replace(r, submitted_by="eve") for r in case.facts.evidence)
    one_way = asked(case, facts=replace(case.facts, evidence=(*first, *second)))
    the_other = asked(case, facts=replace(case.facts, evidence=(*second, *first)))
    assert encode(one_way) == encode(the_other)


@bounded(50)
@given(signed_cases)
def test_without_a_sign_off_no_go_where_one_is_asked_for(case: Case) -> None:
    """No gate opens without sign-off past a blocking sign-off criterion that applies and isn't waived."""
    decision = asked(case, facts=with_sign_offs(case.facts))
    asking = {criterion.id for criterion in signing(case.policy)}
    for result in before_the_gate(decision):
        if result.id in asking:
            assert (result.underlying or result.status) in ("not-applicable", "missing")
            if result.blocking and result.status not in ("not-applicable", "waived"):
                assert decision.outcome == "no-go"


@bounded(50)
@given(signed_cases)
def test_an_approval_never_covers_evidence_that_came_later(case: Case) -> None:
    """Where the criterion's own evidence was received after an approval, the approval doesn't count."""
    latest = max([case.at, *(record.collected_at for record in case.facts.evidence)])
    came = {
        criterion.evidence: replace(
            good_record(criterion.evidence, latest + STEP, case.at),
            received_at=case.at,
            digest=digest_of("came later", criterion.evidence),
        )
        for criterion in signing(case.policy)
        if criterion.evidence is not None and not case.policy.evidence[criterion.evidence].recurring
    }
    facts = replace(case.facts, evidence=(*case.facts.evidence, *came.values()))
    decision = asked(case, facts=facts)
    for criterion in signing(case.policy):
        if criterion.evidence in came:
            for signoff in shown(decision, criterion):
                earlier = datetime.fromisoformat(signoff.at) < case.at
                assert not (signoff.counts and signoff.verdict == "approve" and earlier)


@bounded(60)
@given(signed_cases, st.data())
def test_a_rejection_only_worsens(case: Case, data: Any) -> None:
    """Adding a rejection never turns no-go into go, and removing one never turns go into no-go."""
    rejections = tuple(s for s in case.facts.signoffs if s.verdict == "reject")
    others = tuple(s for s in case.facts.signoffs if s.verdict == "approve")
    added = replace(data.draw(sign_offs(signing(case.policy), case.at)), verdict="reject")
    assume(one_role_a_person(case))
    more, as_it_is, less = (
        asked(case, facts=with_sign_offs(case.facts, *signoffs)).outcome == "go"
        for signoffs in ((*others, *rejections, added), (*others, *rejections), others)
    )
    assert more <= as_it_is <= less


@bounded(50)
@given(signed_cases, st.data())
def test_withdrawing_an_approval_never_turns_no_go_into_go(case: Case, data: Any) -> None:
    """With all approvals of a role withdrawn.

    All of them, since an approval takes the place of an earlier one even where it is void by now: withdrawn, it
    is as if it had never been, and the earlier one counts.
    """
    approvals = [s for s in case.facts.signoffs if s.verdict == "approve"]
    assume(approvals and one_role_a_person(case))
    chosen = data.draw(st.sampled_from(approvals))
    withdrawn = [s for s in approvals if s.role == chosen.role]
    kept = [s for s in case.facts.signoffs if s not in withdrawn]
    gone = [replace(s, withdrawn_at=max(s.at, case.at)) for s in withdrawn]
    after = asked(case, facts=with_sign_offs(case.facts, *kept, *gone))
    assert (after.outcome == "go") <= (asked(case).outcome == "go")


@bounded(50)
@given(signed_cases)
def test_a_withdrawn_sign_off_is_as_if_it_had_never_been(case: Case) -> None:
    """But that it is listed, nothing differs."""
    kept = tuple(s for s in case.facts.signoffs if s.withdrawn_at is None or s.withdrawn_at > case.at)
    # A reason may tell of a withdrawn sign-off.
    left_out = ("signoffs", "inputs_digest", "reason")
    gone = asked(case, facts=with_sign_offs(case.facts, *kept))
    assert without(gone, *left_out) == without(asked(case), *left_out)


@bounded(50)
@given(signed_cases)
def test_nobody_approves_what_he_had_a_hand_in(case: Case) -> None:
    """No approval counts of whom the release was registered by or for, nor of one person in two distinct roles."""
    involved = {case.facts.release.registered_by, *case.facts.release.registered_for}
    decision = asked(case)
    for criterion in signing(case.policy):
        approvals = {(s.role, s.by) for s in shown(decision, criterion) if s.counts and s.verdict == "approve"}
        assert not involved & {by for _, by in approvals}
        if criterion.signoff and criterion.signoff.distinct_persons:
            assert len({by for _, by in approvals}) == len(approvals)


@bounded(60)
@given(signed_cases)
def test_what_a_sign_off_says_of_what_it_covers_is_what_stood_then(case: Case) -> None:
    """A sign-off that names the records it was given for counts exactly as one that leaves them to be found."""
    compiled, shown_records = case.compiled(), case.facts.evidence
    # Where records are stored, one digest is one record.
    assume(len({record.digest for record in shown_records}) == len(shown_records))
    named = []
    for signoff in case.facts.signoffs:
        asking = [
            c for c in signing(case.policy) if c.id in (signoff.criterion, *compiled.asking.get(signoff.role, ()))
        ]
        about = [c for c in asking if signoff.criterion in (None, c.id)]
        if len(about) == 1:
            then = Covered(compiled, case.facts, select(compiled, case.facts, signoff.at), about[0].id, signoff.at)
            named.append(replace(signoff, covered=then.digests))
        else:
            named.append(signoff)
    decision = asked(case, facts=with_sign_offs(case.facts, *named))
    assert without(decision, "inputs_digest") == without(asked(case), "inputs_digest")
