"""The decision: policy + facts + gate + instant in, go or no-go with every reason out."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from phasegate.engine.canonical import canonical
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
from phasegate.engine.exceptions import Standing, standing
from phasegate.engine.facts import Facts
from phasegate.engine.instants import rfc3339
from phasegate.engine.judge import View, judge, view
from phasegate.engine.maturity import maturity
from phasegate.engine.policy import Criterion, Phase
from phasegate.engine.selection import Selection, select
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, nearest

_text = msgspec.json.Encoder().encode
"""Of text, null and lists of them: their JSON is the same in RFC 8785."""


def decide(policy: CompiledPolicy, facts: Facts, gate: str, at: datetime) -> Decision:
    """May the release pass `gate` (a phase, or `launch`) at `at`?

    Facts received after `at` are not seen. Raises `Invalid` where the policy has no such gate.
    """
    phases = policy.policy.phases
    last = _last_phase(phases, gate)
    selection = select(policy, facts, at)
    seen = view(policy, facts, selection, at)
    waivers = _waivers(policy, facts, selection, at)
    results = {
        criterion.id: _criterion(criterion, policy.rules[criterion.id], seen, selection, waivers[criterion.id])
        for criterion in policy.policy.criteria
    }
    shown = _phases(phases, results)
    go = shown[last].status == "passed"
    change = _next_change(policy, selection, waivers, at)
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
        inputs_digest=_inputs_digest(policy, facts, selection, gate, at),
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
            [selection.shown[kind].evidence for kind in policy.rules[criterion.id].types if kind in selection.shown],
            at,
        )
        if facts.waivers
        else Standing(None, (), ())
        for criterion in policy.policy.criteria
    }


def _criterion(
    criterion: Criterion, rule: Rule, seen: View, selection: Selection, waivers: Standing
) -> CriterionResult:
    judged = judge(rule, seen)
    satisfied = judged.status in SATISFIED
    waiver = waivers.waiver
    used = waiver is not None and not satisfied
    read = [selection.shown[kind] for kind in rule.types if kind in selection.shown]
    ends = [shown.ends for shown in read if shown.ends is not None]
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
        blocking=True,
        reason="; ".join(reasons) or None,
        remediation=criterion.remediation,
        owner=criterion.owner,
        checks=judged.checks,
        evidence=tuple(shown.read for shown in read),
        revoked=tuple(each for kind in rule.types for each in selection.revoked[kind]) if selection.revoked else (),
        expires_at=rfc3339(min(ends)) if ends else None,
        waiver=None
        if waiver is None
        else WaiverShown(waiver.reason, waiver.granted_by, rfc3339(waiver.expires_at), used),
        underlying=judged.status if used else None,
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
    count = sum(result.blocking and result.status not in SATISFIED for result in criteria)
    if count == 0:
        return f"no criterion applies to {what}, so nothing shows that it may pass {where}"
    return f"{count} of {len(criteria)} criteria {'stands' if count == 1 else 'stand'} between {what} and {where}"


def _next_change(
    policy: CompiledPolicy, selection: Selection, waivers: Mapping[str, Standing], at: datetime
) -> NextChange | None:
    """The earliest end ahead among all that is selected for any rule and all waivers in force."""
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
    if not ahead:
        return None
    end, because = min(ahead)
    return NextChange(rfc3339(end), because)


def _inputs_digest(policy: CompiledPolicy, facts: Facts, selection: Selection, gate: str, at: datetime) -> str:
    """SHA-256 over the RFC 8785 form of all that went in; evidence and waivers as sets, sorted.

    The parts are put together by hand, keys in order: what holds only text and null is canonical as
    msgspec writes it, and canonicalising it again would cost more than the decision.
    """
    subject, release = facts.subject, facts.release
    waivers = {
        _text(
            (
                w.criterion,
                w.reason,
                w.granted_by,
                rfc3339(w.granted_at),
                rfc3339(w.expires_at),
                rfc3339(w.revoked_at) if w.revoked_at is not None and w.revoked_at <= at else None,
            )
        )
        for w in facts.waivers
        if w.granted_at <= at
    }
    of_release = (
        release.version,
        [(a.name, a.sha256) for a in release.ordered],
        rfc3339(release.registered_at),
        release.registered_by,
        sorted(set(release.registered_for)),
        release.predecessor,
    )
    of_subject = _text((subject.name, subject.kind, subject.team, subject.title))[:-1]
    parts = (
        b'{"at":' + _text(rfc3339(at)),
        b'"evidence":[' + b",".join(selection.received) + b"]",
        b'"gate":' + _text(gate),
        b'"policy":' + _text(policy.digest),
        b'"release":' + _text(of_release),
        b'"signoffs":[]',
        b'"subject":' + of_subject + b"," + canonical(subject.attributes) + b"]",
        b'"waivers":[' + b",".join(sorted(waivers)) + b"]}",
    )
    return "sha256:" + sha256(b",".join(parts)).hexdigest()
