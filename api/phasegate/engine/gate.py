"""The decision: policy + facts + gate + instant in, go or no-go with every reason out."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.decision import (
    SATISFIED,
    CriterionResult,
    Decision,
    NextChange,
    PhaseResult,
    PolicyRef,
    WaiverShown,
)
from phasegate.engine.exceptions import NONE_GRANTED, Standing, excused_by, standing
from phasegate.engine.facts import Facts
from phasegate.engine.inputs import inputs_digest
from phasegate.engine.instants import in_force, rfc3339
from phasegate.engine.judge import View, judge, view
from phasegate.engine.maturity import maturity
from phasegate.engine.policy import Criterion, Phase
from phasegate.engine.selection import Selection, select
from phasegate.engine.signoffs import Tally, tally
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, nearest


def decide(policy: CompiledPolicy, facts: Facts, gate: str, at: datetime) -> Decision:
    """May the release pass `gate` (a phase, or `launch`) at `at`?

    Facts received after `at` are not seen. Raises `Invalid` where the policy has no such gate.
    """
    phases = policy.policy.phases
    last = _last_phase(phases, gate)
    selection = select(policy, facts, at)
    seen = view(policy, facts, selection, at)
    waivers = _waivers(policy, facts, selection, at)
    signoffs = {c.id: tally(policy, c, facts, selection, at) for c in policy.policy.criteria}
    results = _with_causes(
        policy.policy.criteria,
        {
            c.id: _criterion(c, policy.rules[c.id], seen, selection, waivers[c.id], signoffs[c.id])
            for c in policy.policy.criteria
        },
    )
    shown = _phases(phases, results)
    go = shown[last].status == "passed"
    change = _next_change(policy, selection, waivers, signoffs, at)
    return Decision(
        subject=facts.subject.name,
        release=facts.release.version,
        artifacts=facts.release.ordered,
        policy=PolicyRef(policy.policy.policy, policy.policy.version, policy.digest),
        gate=gate,
        outcome="go" if go else "no-go",
        summary=_summary(facts, gate, shown[: last + 1], go),
        current_phase=next((phase.id for phase in shown if phase.status != "passed"), None),
        phases=shown,
        maturity=maturity(policy.policy, results, seen),
        evaluated_at=rfc3339(at),
        valid_until=change.at if change else None,
        next_change=change,
        inputs_digest=inputs_digest(policy, facts, selection, gate, at),
    )


def _last_phase(phases: tuple[Phase, ...], gate: str) -> int:
    if gate == LAUNCH:
        return len(phases) - 1
    for n, phase in enumerate(phases):
        if phase.id == gate:
            return n
    known = [*(phase.id for phase in phases), LAUNCH]
    fault = Fault("gate", f"is none of {', '.join(known)}", suggestion=nearest(gate, known))
    raise Invalid(f"the policy has no gate {gate!r}", faults=(fault,), code="unknown_gate")


def _waivers(policy: CompiledPolicy, facts: Facts, selection: Selection, at: datetime) -> dict[str, Standing]:
    return {
        criterion.id: standing(
            criterion,
            policy.policy.waivers,
            facts,
            excused_by(policy, criterion.id, selection),
            at,
        )
        if facts.waivers
        else NONE_GRANTED
        for criterion in policy.policy.criteria
    }


def _with_causes(criteria: tuple[Criterion, ...], results: dict[str, CriterionResult]) -> Mapping[str, CriterionResult]:
    """The results, each unsatisfied one with the unsatisfied ones that it is an echo of."""
    unsatisfied = {name for name, result in results.items() if result.status not in SATISFIED}
    for criterion in criteria:
        if criterion.id not in unsatisfied:
            continue
        causes = tuple(name for name in dict.fromkeys(criterion.depends_on) if name in unsatisfied)
        if causes:
            results[criterion.id] = msgspec.structs.replace(results[criterion.id], because_of=causes)
    return results


def _criterion(
    criterion: Criterion, rule: Rule, seen: View, selection: Selection, waivers: Standing, signoffs: Tally
) -> CriterionResult:
    judged = judge(rule, seen, signoffs)
    satisfied = judged.status in SATISFIED
    waiver = waivers.waiver
    used = waiver is not None and not satisfied
    read = [selection.shown[kind] for kind in rule.types if kind in selection.shown]
    ends = [shown.ends for shown in read if shown.ends is not None]
    ends += signoffs.ends
    reasons = [*judged.reasons]
    if waiver is not None and used:
        ends.append(waiver.expires_at)
        reasons.insert(0, f"waived by {waiver.granted_by} until {rfc3339(waiver.expires_at)}: {waiver.reason}")
    elif not satisfied:
        reasons += waivers.notes
    return CriterionResult(
        id=criterion.id,
        title=criterion.title,
        status="waived" if used else judged.status,
        blocking=not criterion.advisory
        and (criterion.effective_from is None or in_force(criterion.effective_from, None, seen.at)),
        reason="; ".join(reasons) or None,
        remediation=criterion.remediation,
        owner=criterion.owner,
        checks=judged.checks,
        evidence=tuple([shown.read for shown in read]),
        revoked=tuple(each for kind in rule.types for each in selection.revoked[kind]) if selection.revoked else (),
        expires_at=rfc3339(min(ends)) if ends else None,
        waiver=None
        if waiver is None
        else WaiverShown(waiver.reason, waiver.granted_by, rfc3339(waiver.expires_at), used),
        underlying=judged.status if used else None,
        signoffs=signoffs.shown,
    )


def _phases(phases: tuple[Phase, ...], results: Mapping[str, CriterionResult]) -> tuple[PhaseResult, ...]:
    """A phase is passed when all its blocking criteria and those of all earlier phases are satisfied,
    at least one of them applicable."""
    shown: list[PhaseResult] = []
    open_ones: list[str] = []
    any_applicable = any_shut = False
    for phase in phases:
        criteria = tuple(results[criterion.id] for criterion in phase.criteria)
        applicable = [result for result in criteria if result.status != "not-applicable"]
        here = [result.id for result in criteria if result.blocking and result.status not in SATISFIED]
        open_ones += here
        any_applicable = any_applicable or any(result.blocking for result in applicable)
        passed = not open_ones and any_applicable
        reason = None
        if here:
            reason = "not satisfied: " + ", ".join(here)
        elif not any_applicable:
            reason = "no criterion applies up to here: a gate is not passed by being empty"
        shown.append(
            PhaseResult(
                id=phase.id,
                title=phase.title or phase.id,
                status="passed" if passed else "locked" if any_shut else "open",
                applicable=len(applicable),
                satisfied=sum(result.status in SATISFIED for result in applicable),
                reason=reason,
                criteria=criteria,
            )
        )
        any_shut = any_shut or not passed
    return tuple(shown)


def _summary(facts: Facts, gate: str, phases: tuple[PhaseResult, ...], go: bool) -> str:
    what = f"{facts.subject.name} {facts.release.version}"
    where = LAUNCH if gate == LAUNCH else f"the gate {gate}"
    if go:
        return f"nothing stands between {what} and {where}"
    criteria = [result for phase in phases for result in phase.criteria]
    open_ones = {result.id: result for result in criteria if result.blocking and result.status not in SATISFIED}
    count = sum(not any(cause in open_ones for cause in result.because_of) for result in open_ones.values())
    if count == 0:
        return f"no criterion applies to {what}, so nothing shows that it may pass {where}"
    return f"{count} of {len(criteria)} criteria {'stands' if count == 1 else 'stand'} between {what} and {where}"


def _next_change(
    policy: CompiledPolicy,
    selection: Selection,
    waivers: Mapping[str, Standing],
    signoffs: Mapping[str, Tally],
    at: datetime,
) -> NextChange | None:
    """The earliest end ahead among all that is selected for any rule, all waivers in force and all sign-offs
    that count, or the earliest instant at which a criterion begins to block."""
    ends: list[tuple[datetime, str]] = [
        (shown.ends, name)
        for name in policy.types_read
        if (shown := selection.shown.get(name)) is not None and shown.ends is not None and shown.ends > at
    ]
    ahead: list[tuple[datetime, str]] = []
    if ends:
        end, name = min(ends)
        ahead.append((end, f"{name} collected {selection.shown[name].read.collected_at} expires"))
    for name, held in waivers.items():
        ahead += [(waiver.expires_at, f"the waiver for {name} ends") for waiver in held.in_force]
    for name, tallied in signoffs.items():
        ahead += [(end, f"an approval of {name} expires") for end in tallied.ends]
    for criterion in policy.policy.criteria:
        start = criterion.effective_from
        if start is not None and start > at and not criterion.advisory:
            ahead.append((start, f"{criterion.id} begins to block"))
    if not ahead:
        return None
    end, because = min(ahead)
    return NextChange(rfc3339(end), because)
