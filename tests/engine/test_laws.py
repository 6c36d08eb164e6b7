"""The laws of a decision, each on random policies and facts."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.decision import Decision, encode
from phasegate.engine.facts import Evidence, Facts
from phasegate.engine.gate import decide
from phasegate.engine.policy import Check, Covers, Criterion, Policy
from tests.engine.laws import any_cases, asked, before_the_gate, changed, extended, something_blocks, without
from tests.engine.strategies import OTHER, Case, bounded, compiled, digest_of, received_by, signing
from tests.engine.strategies_policies import OF_ONE, STEP, TYPES, checks


def kept(policy: Policy, facts: Facts, *, scope: str) -> Facts:
    """Only the evidence of types of this scope."""
    return replace(
        facts,
        evidence=tuple(
            record
            for record in facts.evidence
            if record.type not in policy.evidence or policy.evidence[record.type].scope == scope
        ),
    )


@bounded(60)
@given(any_cases)
def test_no_evidence_waiver_or_sign_off_no_go(case: Case) -> None:
    """Without evidence, waiver and sign-off there is no go."""
    assert asked(case, facts=replace(case.facts, evidence=(), waivers=(), signoffs=())).outcome == "no-go"


@bounded(60)
@given(any_cases)
def test_go_means_that_all_that_blocks_is_satisfied_and_something_applies(case: Case) -> None:
    """A go has at least one applicable criterion that blocks, and none that is not satisfied."""
    decision = asked(case)
    statuses = {criterion.status for criterion in before_the_gate(decision) if criterion.blocking}
    satisfied = statuses <= {"pass", "waived", "not-applicable"} and not statuses <= {"not-applicable"}
    assert (decision.outcome == "go") == satisfied


@bounded(60)
@given(any_cases, st.randoms(use_true_random=False))
def test_order_and_duplicates_of_facts_do_not_matter(case: Case, random: Any) -> None:
    """The same facts in another order, and some of them twice, give the same bytes."""
    evidence = [*case.facts.evidence, *random.choices(case.facts.evidence or ((),), k=2 * bool(case.facts.evidence))]
    waivers = [*case.facts.waivers, *case.facts.waivers[:1]]
    signoffs = [*case.facts.signoffs, *case.facts.signoffs[:2]]
    for facts in (evidence, waivers, signoffs):
        random.shuffle(facts)
    shuffled = replace(case.facts, evidence=tuple(evidence), waivers=tuple(waivers), signoffs=tuple(signoffs))
    assert encode(asked(case, facts=shuffled)) == encode(asked(case))


@bounded(60)
@given(any_cases, st.sampled_from(TYPES))
def test_a_newer_failing_run_beats_an_older_passing_one(case: Case, kind: str) -> None:
    """Nobody goes live on a lucky run: the latest record speaks for every criterion that reads its type."""
    strict = with_criteria(case.policy, evidence=kind, checks=(Check(that=OF_ONE[0], otherwise="none passed"),))
    late = max([case.at, *(record.collected_at for record in case.facts.evidence)]) + STEP
    failing = Evidence(
        kind,
        {"passed": 0, "total": 9, "metrics": {}, "names": [], "times": [], "cases": []},
        collected_at=late,
        received_at=late,
        digest=digest_of("failing"),
    )
    facts = replace(case.facts, evidence=(failing, *case.facts.evidence), waivers=())
    decision = decide(compiled(strict), facts, case.gate, max([late, *(r.received_at for r in facts.evidence)]))
    for criterion in before_the_gate(decision):
        assert [read.digest for read in criterion.evidence] == [failing.digest]
        assert criterion.status in ("fail", "expired")
    assert decision.outcome == "no-go"


@bounded(60)
@given(any_cases)
def test_evidence_for_one_artifact_set_never_serves_another(case: Case) -> None:
    """Evidence of scope `release` bound to other artifacts counts as if it had never been shown."""
    elsewhere = replace(
        case.facts,
        evidence=tuple(
            replace(record, artifacts=(OTHER,))
            if record.type in TYPES and case.policy.evidence[record.type].scope == "release"
            else record
            for record in case.facts.evidence
        ),
    )
    nowhere = kept(case.policy, case.facts, scope="subject")
    left_out = ("inputs_digest",)
    assert without(asked(case, facts=elsewhere), *left_out) == without(asked(case, facts=nowhere), *left_out)


@bounded(120)
@given(any_cases, st.data())
def test_adding_a_blocking_criterion_never_opens_a_gate(case: Case, data: Any) -> None:
    """A further blocking criterion on a gate that has an applicable one never turns no-go into go."""
    # What sign-offs cover stays the same; more of it could bar a later approval and bring back an earlier one.
    policy = case.policy
    for criterion in signing(policy):
        assert criterion.signoff is not None
        covers = Covers(criteria=criterion.signoff.covers.criteria)
        policy = changed(policy, criterion, signoff=replace(criterion.signoff, covers=covers))
    before = asked(case, policy=policy)
    added = Criterion(
        id="added",
        title="Added",
        evidence=data.draw(st.sampled_from(TYPES)),
        checks=(data.draw(checks),),
        when=data.draw(st.sampled_from((None, 'release.predecessor != ""'))),
    )
    n = data.draw(st.integers(0, len(policy.phases) - 1), "phase")
    after = asked(case, policy=extended(policy, n, added))
    if before.outcome == "no-go" and something_blocks(before):
        assert after.outcome == "no-go"


@bounded(90)
@given(any_cases)
def test_no_evaluation_error_ever_yields_go(case: Case) -> None:
    """A check that can't be computed never counts as true, and a criterion in error keeps the gate shut."""
    decision = asked(case)
    for criterion in before_the_gate(decision):
        if criterion.status == "pass":
            assert [check.passed for check in criterion.checks] == [True] * len(criterion.checks)
    if any(criterion.status == "error" and criterion.blocking for criterion in before_the_gate(decision)):
        assert decision.outcome == "no-go"


@bounded(110)
@given(any_cases, st.integers(0, 8))
def test_a_decision_stands_until_valid_until(case: Case, steps: int) -> None:
    """With the facts received by `at`, no instant before `valid_until` changes anything but the clock in it."""
    facts = received_by(case.facts, case.at)
    decision = asked(case, facts=facts)
    end = datetime.fromisoformat(decision.valid_until) if decision.valid_until else None
    assert end is None or end > case.at
    last = case.at + 1000 * STEP if end is None else end - timedelta(microseconds=1)
    for later in (last, min(case.at + steps * STEP, last)):
        stands = asked(case, facts=facts, at=later)
        changing = ("evaluated_at", "inputs_digest")
        assert without(stands, *changing) == without(decision, *changing)


@bounded(150)
@given(any_cases, st.lists(st.integers(1, 8), min_size=1, max_size=3))
def test_waiting_never_helps(case: Case, later: list[int]) -> None:
    """With the facts received by `at`, no later instant turns no-go into go.

    But for a gate none of whose applicable criteria blocks yet: it is shut for being empty, and may open
    when the first of them takes effect.
    """
    facts = received_by(case.facts, case.at)
    decision = asked(case, facts=facts)
    if decision.outcome == "no-go" and something_blocks(decision):
        for steps in later:
            assert asked(case, facts=facts, at=case.at + steps * STEP).outcome == "no-go"


@bounded(50)
@given(any_cases)
def test_same_inputs_same_bytes(case: Case) -> None:
    """Deciding twice, and on a policy compiled anew, gives the same bytes."""
    policy = case.compiled()
    first = encode(decide(policy, case.facts, case.gate, case.at))
    assert encode(decide(policy, case.facts, case.gate, case.at)) == first
    assert encode(decide(case.compiled(), case.facts, case.gate, case.at)) == first


@bounded(90)
@given(any_cases)
def test_facts_received_later_do_not_change_a_decision_at_all(case: Case) -> None:
    """Evidence, waivers, sign-offs, revocations and withdrawals after `at` leave every byte as it was."""
    assert encode(asked(case, facts=received_by(case.facts, case.at))) == encode(asked(case))


@bounded(90)
@given(any_cases)
def test_what_is_revoked_counts_for_nothing_from_that_instant(case: Case) -> None:
    """A decision on revoked evidence and waivers is the one without them.

    But that the evidence is listed, and that a sign-off remembers what stood when it was given.
    """

    def revoked(record: Any) -> bool:
        return record.revoked_at is not None and record.revoked_at <= case.at

    known = replace(case.facts, signoffs=())
    gone = replace(
        known,
        evidence=tuple(record for record in case.facts.evidence if not revoked(record)),
        waivers=tuple(waiver for waiver in case.facts.waivers if not revoked(waiver)),
    )
    # A reason may tell of a revoked waiver.
    left_out = ("revoked", "inputs_digest", "reason")
    assert without(asked(case, facts=gone), *left_out) == without(asked(case, facts=known), *left_out)


@bounded(60)
@given(any_cases)
def test_a_waiver_excuses_and_hides_nothing(case: Case) -> None:
    """Under a waiver the status without it stays in sight, and only what is not satisfied is waived."""
    waived, plain = asked(case), asked(case, facts=replace(case.facts, waivers=()))
    for with_waiver, bare in zip(before_the_gate(waived), before_the_gate(plain), strict=True):
        if with_waiver.status == "waived":
            assert with_waiver.underlying == bare.status
            assert bare.status in ("missing", "expired", "fail", "error")
        else:
            assert (with_waiver.status, with_waiver.underlying) == (bare.status, None)


@bounded(60)
@given(any_cases)
def test_a_waiver_never_raises_maturity(case: Case) -> None:
    """Level and unmet requirements are the same with and without waivers."""

    def told(decision: Decision) -> Any:
        found = decision.maturity
        return found and (found.level, found.next and [unmet.id for unmet in found.next.unmet])

    assert told(asked(case)) == told(asked(case, facts=replace(case.facts, waivers=())))


def with_criteria(policy: Policy, *, evidence: str, checks: tuple[Check, ...]) -> Policy:
    """The policy with these checks, on this type, in each of its criteria."""
    return replace(
        policy,
        phases=tuple(
            replace(
                phase,
                criteria=tuple(
                    Criterion(id=c.id, title=c.title, evidence=evidence, checks=checks) for c in phase.criteria
                ),
            )
            for phase in policy.phases
        ),
    )
