"""Judging one rule: a criterion, or a maturity requirement of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from phasegate.engine.cel import Inputs, NotComputable
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.decision import CheckResult, Status
from phasegate.engine.facts import STRENGTHS, Facts
from phasegate.engine.instants import rfc3339, spoken
from phasegate.engine.message import shown
from phasegate.engine.naming import variable_of
from phasegate.engine.native import Declined
from phasegate.engine.params import OWN_VALUES, parameters
from phasegate.engine.selection import Selection, Shown
from phasegate.engine.shape import stamp
from phasegate.engine.signoffs import NONE_ASKED, Tally


class Judgement(NamedTuple):
    """The status of a rule before waivers, with every reason there is for it."""

    status: Status
    reasons: tuple[str, ...]
    checks: tuple[CheckResult, ...]


class View(NamedTuple):
    """The facts of one decision, selected once for all its rules."""

    policy: CompiledPolicy
    shown: Mapping[str, Shown]
    inputs: Inputs
    unusable: Mapping[str, str]
    """Parameters without a value, and why."""
    at: datetime


def view(policy: CompiledPolicy, facts: Facts, selection: Selection, at: datetime) -> View:
    """Prepare the selected facts for expressions."""
    subject, release = facts.subject, facts.release
    of_subject: dict[str, Any] = {
        "name": subject.name,
        "kind": subject.kind,
        "team": subject.team,
        "title": subject.title,
        "attributes": subject.attributes,
    }
    of_release: dict[str, Any] = {
        "version": release.version,
        "artifacts": [{"name": a.name, "sha256": a.sha256} for a in release.ordered],
        "registered_at": release.registered_at,
        "predecessor": release.predecessor,
    }
    seen = {name: _shown(each) for name, each in selection.shown.items()}
    params, unusable = parameters(policy.policy, policy.params, _own_values(selection))

    def convert(types: tuple[str, ...] | None) -> dict[str, Any]:
        variables: dict[str, Any] = {
            "subject": of_subject,
            "release": {**of_release, "registered_at": stamp(release.registered_at)},
            "params": params,
        }
        if types is None:
            return variables
        variables["facts"] = dict.fromkeys(seen, True)
        for name in types:
            each = seen.get(name)
            if each is None:
                continue
            change = policy.timings[name]
            record = {**each["record"]}
            for key in ("collected_at", "received_at"):
                record[key] = stamp(record[key])
            data = change(each["evidence"]) if change else each["evidence"]
            variables[variable_of(name)] = {**each, "evidence": data, "record": record}
        return variables

    inputs = Inputs(policy.language, seen, of_subject, of_release, params, convert)
    return View(policy, selection.shown, inputs, unusable, at)


def _own_values(selection: Selection) -> Mapping[str, Any]:
    """The subject's own values, by the record that speaks. One that has expired still holds, since waiting
    must not bring a laxer default back."""
    shown = selection.shown.get(OWN_VALUES)
    own = shown.evidence.data.get("params") if shown is not None else None
    return own if isinstance(own, dict) else {}


def _shown(shown: Shown) -> dict[str, Any]:
    record = shown.evidence
    return {
        "evidence": record.data,
        "context": record.context,
        "record": {
            "collected_at": record.collected_at,
            "received_at": record.received_at,
            "producer": {"tool": record.producer.tool, "version": record.producer.version},
            "submitted_by": record.submitted_by,
            "strength": record.strength,
            "format": record.format,
            "identity": record.identity,
        },
    }


def judge(rule: Rule, view: View, signoffs: Tally = NONE_ASKED) -> Judgement:
    """The first status that applies: not-applicable, fail (a rejection), missing, expired, fail, error, pass."""
    exempt = _exempt(rule, view)
    if exempt is not None:
        return Judgement("not-applicable", (exempt,), rule.unseen)
    read = [(kind, view.shown[kind]) for kind in rule.types if kind in view.shown]
    absent = []
    if len(read) < len(rule.types):
        absent = [f"no evidence of type {kind} was shown" for kind in rule.required if kind not in view.shown]
    stale = [_stale(kind, shown, view) for kind, shown in read if shown.expired(view.at)]
    if signoffs.rejected:
        return Judgement("fail", signoffs.rejected, rule.unseen)
    if absent or signoffs.missing:
        return Judgement("missing", (*absent, *signoffs.missing), rule.unseen)
    if stale or signoffs.expired:
        return Judgement("expired", (*stale, *signoffs.expired), rule.unseen)
    weak = _weak(rule, read)
    checks = _run(rule, view.inputs)
    if checks is rule.passed and not weak and not view.unusable:
        return Judgement("pass", (), checks)
    failed = [*weak, *(check.message or "" for check in checks if check.passed is False)]
    if failed:
        return Judgement("fail", tuple(failed), checks)
    broken = [check.message or "" for check in checks if check.passed is None]
    if view.unusable:
        broken += [told for name, told in view.unusable.items() if name in rule.params]
    return Judgement("error", tuple(broken), checks) if broken else Judgement("pass", (), checks)


def _exempt(rule: Rule, view: View) -> str | None:
    """Why the rule does not apply; None where it does, or where that can't be computed."""
    if rule.when is None or any(f"params.{name}" in rule.when.reads.paths for name in view.unusable):
        return None
    try:
        applies = rule.when.run(view.inputs)
    except NotComputable:
        return None
    if applies is not False:
        return None
    attributes = view.inputs.subject["attributes"]
    named = sorted(path for path in rule.when.reads.paths if path.startswith("subject.attributes."))
    values = "; ".join(f"{path} is {shown(attributes.get(path.split('.')[2]))}" for path in named)
    return f"does not apply: {rule.when.source.strip()} is false" + (f" ({values})" if values else "")


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


def _run(rule: Rule, inputs: Inputs) -> tuple[CheckResult, ...]:
    if all_true(rule, inputs):
        return rule.passed
    results = []
    for check in rule.checks:
        try:
            passed = check.program.run(inputs)
        except NotComputable as error:
            results.append(CheckResult(check.that, None, f"can't be computed: {error}, in {check.that.strip()}"))
            continue
        if passed is True:
            results.append(CheckResult(check.that, True, None))
        elif passed is False:
            told = check.otherwise.render(inputs)
            results.append(CheckResult(check.that, False, told if told.strip() else f"not true: {check.that.strip()}"))
        else:
            results.append(CheckResult(check.that, None, f"yields neither true nor false: {check.that.strip()}"))
    return tuple(results)


def all_true(rule: Rule, inputs: Inputs) -> bool:
    """Whether the quick way finds every check true; False says only that cel-cpp has to look."""
    native, left_out = rule.quick()
    try:
        if native is not None and native(inputs.facts, inputs.subject, inputs.release, inputs.params) is not True:
            return False
        return not left_out or all(rule.checks[n].program.run(inputs) is True for n in left_out)
    except (NotComputable, Declined, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, NameError):
        return False
