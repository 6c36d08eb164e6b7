"""The laws of a decision, each on random policies and facts."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from phasegate.engine.decision import CriterionResult, Decision, encode
from phasegate.engine.facts import Evidence, Facts
from phasegate.engine.gate import decide
from phasegate.engine.policy import Check, Criterion, Policy
from tests.engine.strategies import OTHER, Case, bounded, cases, compiled, digest_of, likely_cases, received_by
from tests.engine.strategies_policies import OF_ONE, STEP, TYPES, checks

any_cases = st.one_of(cases(), likely_cases())
replace = msgspec.structs.replace


def asked(case: Case, *, at: datetime | None = None, facts: Facts | None = None) -> Decision:
    return decide(case.compiled(), facts or case.facts, case.gate, at or case.at)


def without(decision: Decision, *left_out: str) -> Any:
    """The decision as data, without these keys at any depth."""

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: stripped(item) for key, item in value.items() if key not in left_out}
        return [stripped(item) for item in value] if isinstance(value, list | tuple) else value

    return stripped(msgspec.to_builtins(decision))


def before_the_gate(decision: Decision) -> list[CriterionResult]:
    """The criteria that the asked gate depends on."""
    ids = [phase.id for phase in decision.phases]
    last = len(ids) if decision.gate == "launch" else ids.index(decision.gate) + 1
    return [criterion for phase in decision.phases[:last] for criterion in phase.criteria]


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
    assert asked(case, facts=replace(case.facts, evidence=(), waivers=())).outcome == "no-go"


@bounded(60)
@given(any_cases)
def test_go_means_that_all_is_satisfied_and_something_applies(case: Case) -> None:
    """A go has at least one applicable criterion, and none that is not satisfied."""
    decision = asked(case)
    statuses = {criterion.status for criterion in before_the_gate(decision)}
    satisfied = statuses <= {"pass", "waived", "not-applicable"} and statuses != {"not-applicable"}
    assert (decision.outcome == "go") == satisfied


@bounded(60)
@given(any_cases, st.randoms(use_true_random=False))
def test_order_and_duplicates_of_facts_do_not_matter(case: Case, random: Any) -> None:
    """The same facts in another order, and some of them twice, give the same bytes."""
    evidence = [*case.facts.evidence, *random.choices(case.facts.evidence or ((),), k=2 * bool(case.facts.evidence))]
    waivers = [*case.facts.waivers, *case.facts.waivers[:1]]
    random.shuffle(evidence)
    random.shuffle(waivers)
    shuffled = replace(case.facts, evidence=tuple(evidence), waivers=tuple(waivers))
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
    before = asked(case)
    phases = list(case.policy.phases)
    n = data.draw(st.integers(0, len(phases) - 1), "phase")
    added = Criterion(
        id="added",
        title="Added",
        evidence=data.draw(st.sampled_from(TYPES)),
        checks=(data.draw(checks),),
        when=data.draw(st.sampled_from((None, 'release.predecessor != ""'))),
    )
    phases[n] = replace(phases[n], criteria=(added, *phases[n].criteria))
    after = decide(compiled(replace(case.policy, phases=tuple(phases))), case.facts, case.gate, case.at)
    if before.outcome == "no-go" and any(c.status != "not-applicable" for c in before_the_gate(before)):
        assert after.outcome == "no-go"


@bounded(90)
@given(any_cases)
def test_no_evaluation_error_ever_yields_go(case: Case) -> None:
    """A check that can't be computed never counts as true, and a criterion in error keeps the gate shut."""
    decision = asked(case)
    for criterion in before_the_gate(decision):
        if criterion.status == "pass":
            assert [check.passed for check in criterion.checks] == [True] * len(criterion.checks)
    if any(criterion.status == "error" for criterion in before_the_gate(decision)):
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
    """With the facts received by `at`, no later instant turns no-go into go."""
    facts = received_by(case.facts, case.at)
    if asked(case, facts=facts).outcome == "no-go":
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
    """Evidence, waivers and revocations that come after `at` leave every byte as it was."""
    assert encode(asked(case, facts=received_by(case.facts, case.at))) == encode(asked(case))


@bounded(90)
@given(any_cases)
def test_what_is_revoked_counts_for_nothing_from_that_instant(case: Case) -> None:
    """A decision on revoked evidence and waivers is the one without them, but that the evidence is listed."""

    def revoked(record: Any) -> bool:
        return record.revoked_at is not None and record.revoked_at <= case.at

    gone = replace(
        case.facts,
        evidence=tuple(record for record in case.facts.evidence if not revoked(record)),
        waivers=tuple(waiver for waiver in case.facts.waivers if not revoked(waiver)),
    )
    # A reason may tell of a revoked waiver.
    left_out = ("revoked", "inputs_digest", "reason")
    assert without(asked(case, facts=gone), *left_out) == without(asked(case), *left_out)


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
