"""Judging one rule: a criterion, or a maturity requirement of its own (DESIGN 2.4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from phasegate.engine.cel import Activation, NotComputable, variable_of
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.decision import CheckResult, Status
from phasegate.engine.facts import STRENGTHS, Facts
from phasegate.engine.instants import rfc3339, spoken
from phasegate.engine.message import shown
from phasegate.engine.selection import Selection, Shown
from phasegate.engine.shape import stamp

SIGN_OFFS_NOT_YET = "sign-offs are not evaluated yet"


class Judgement(NamedTuple):
    """The status of a rule before waivers, with every reason there is for it."""

    status: Status
    reasons: tuple[str, ...]
    checks: tuple[CheckResult, ...]


class View(NamedTuple):
    """The facts of one decision, selected and converted once for all its rules."""

    policy: CompiledPolicy
    shown: Mapping[str, Shown]
    activation: Activation
    attributes: Mapping[str, Any]
    at: datetime


def view(policy: CompiledPolicy, facts: Facts, selection: Selection, at: datetime) -> View:
    """Prepare the selected facts for CEL."""
    subject, release = facts.subject, facts.release
    variables: dict[str, Any] = {
        "subject": {
            "name": subject.name,
            "kind": subject.kind,
            "team": subject.team,
            "title": subject.title,
            "attributes": subject.attributes,
        },
        "release": {
            "version": release.version,
            "artifacts": [{"name": a.name, "sha256": a.sha256} for a in release.artifacts],
            "registered_at": stamp(release.registered_at),
            "predecessor": release.predecessor,
        },
        "params": policy.params,
        "facts": dict.fromkeys(selection.shown, True),
    }
    for name in policy.types_read:
        if name in selection.shown:
            variables[variable_of(name)] = _converted(policy, selection.shown[name])
    return View(policy, selection.shown, policy.language.activation(variables), subject.attributes, at)


def _converted(policy: CompiledPolicy, shown: Shown) -> dict[str, Any]:
    record = shown.evidence
    change = policy.timings[record.type]
    return {
        "evidence": change(record.data) if change else record.data,
        "context": record.context,
        "record": {
            "collected_at": stamp(record.collected_at),
            "received_at": stamp(record.received_at),
            "producer": {"tool": record.producer.tool, "version": record.producer.version},
            "submitted_by": record.submitted_by,
            "strength": record.strength,
            "format": record.format,
            "identity": record.identity,
        },
    }


def judge(rule: Rule, view: View) -> Judgement:
    """The first status that applies: not-applicable, missing, expired, fail, error, pass."""
    exempt = _exempt(rule, view)
    if exempt is not None:
        return Judgement("not-applicable", (exempt,), _unseen(rule))
    absent = [f"no evidence of type {kind} was shown" for kind in rule.required if kind not in view.shown]
    if rule.signed:
        absent.append(SIGN_OFFS_NOT_YET)
    if absent:
        return Judgement("missing", tuple(absent), _unseen(rule))
    read = [(kind, view.shown[kind]) for kind in rule.types if kind in view.shown]
    stale = [_stale(kind, shown, view) for kind, shown in read if shown.expired(view.at)]
    if stale:
        return Judgement("expired", tuple(stale), _unseen(rule))
    weak = _weak(rule, read)
    checks = _run(rule, view)
    failed = [*weak, *(check.message or "" for check in checks if check.passed is False)]
    if failed:
        return Judgement("fail", tuple(failed), checks)
    broken = [check.message or "" for check in checks if check.passed is None]
    return Judgement("error", tuple(broken), checks) if broken else Judgement("pass", (), checks)


def _exempt(rule: Rule, view: View) -> str | None:
    """Why the rule does not apply; None where it does, or where that can't be computed."""
    if rule.when is None:
        return None
    try:
        applies = rule.when.run(view.activation)
    except NotComputable:
        return None
    if applies is not False:
        return None
    named = sorted(path for path in rule.when.reads if path.startswith("subject.attributes."))
    values = (f"{path} is {shown(view.attributes.get(path.split('.')[2]))}" for path in named)
    because = "; ".join(values)
    return f"does not apply: {rule.when_text.strip()} is false" + (f" ({because})" if because else "")


def _stale(kind: str, shown: Shown, view: View) -> str:
    age = view.policy.policy.evidence[kind].max_age
    assert age is not None
    return f"{kind} was collected {rfc3339(shown.evidence.collected_at)}, valid for {spoken(age)}"


def _weak(rule: Rule, read: list[tuple[str, Shown]]) -> list[str]:
    if rule.strength is None:
        return []
    least = STRENGTHS.index(rule.strength)
    return [
        f"{kind} is {shown.evidence.strength}; it must be {rule.strength}"
        for kind, shown in read
        if STRENGTHS.index(shown.evidence.strength) < least
    ]


def _unseen(rule: Rule) -> tuple[CheckResult, ...]:
    return tuple(CheckResult(check.that, None, None) for check in rule.checks)


def _run(rule: Rule, view: View) -> tuple[CheckResult, ...]:
    if rule.all_true is not None:
        try:
            if rule.all_true.run(view.activation) is True:
                return rule.passed
        except NotComputable:
            pass
    results = []
    for check in rule.checks:
        try:
            passed = check.program.run(view.activation)
        except NotComputable as error:
            results.append(CheckResult(check.that, None, f"can't be computed: {error}, in {check.that.strip()}"))
            continue
        if passed is True:
            results.append(CheckResult(check.that, True, None))
        elif passed is False:
            results.append(CheckResult(check.that, False, check.otherwise.render(view.activation)))
        else:
            results.append(CheckResult(check.that, None, f"yields neither true nor false: {check.that.strip()}"))
    return tuple(results)
