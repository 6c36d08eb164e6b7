"""The first thing to do after a no-go, with the command that does it.

The command is meant to be copied into a shell, so only names of the contract's form get into it.
"""

import re
from collections.abc import Mapping

import msgspec

from phasegate_ci.client import Client
from phasegate_ci.decision import Criterion, Decision
from phasegate_ci.exits import Stop
from phasegate_ci.terminal import line

_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_READ_THROUGH_FACTS = re.compile(r"""facts\[["']([a-z0-9-]+)["']\]""")
_READS_ITS_OWN = re.compile(r"(?<![\w.])(?:evidence|context|record)\.")
PATIENCE = 5.0
"""Seconds for the policy: it makes the advice better, and the decision is there already."""


class EvidenceType(msgspec.Struct, frozen=True):
    scope: str = "release"
    context: list[str] = []


class SignOff(msgspec.Struct, frozen=True):
    roles: list[str] = []


class Rule(msgspec.Struct, frozen=True):
    id: str = ""
    evidence: str | list[str] | None = None
    signoff: SignOff | None = None


class RulePhase(msgspec.Struct, frozen=True):
    criteria: list[Rule] = []


class Policy(msgspec.Struct, frozen=True):
    """What a policy says about where evidence comes from; empty where it can't be had."""

    evidence: Mapping[str, EvidenceType] = {}
    phases: list[RulePhase] = []

    def rule(self, criterion: str) -> Rule:
        return next((r for phase in self.phases for r in phase.criteria if r.id == criterion), Rule())


def policy_of(client: Client, decision: Decision) -> Policy:
    """The policy of a decision. Best effort: without it the advice is less precise, and nothing else changes."""
    path = f"/v1/policies/{decision.policy.name}/versions/{decision.policy.version}"
    if not re.fullmatch(r"[/A-Za-z0-9._+-]+", path) or ".." in path:
        return Policy()
    try:
        return msgspec.json.decode(client.ask("GET", path, within=PATIENCE).body, type=Policy)
    except (Stop, msgspec.DecodeError, RecursionError):
        return Policy()


def first_step(decision: Decision, policy: Policy) -> str:
    """One sentence and a command. Causes go before what merely follows from them."""
    standing = decision.standing_between
    if not standing:
        reasons = [phase.reason for phase in decision.before_gate if phase.reason]
        return f"First: let the policy apply to this subject ({line('; '.join(reasons)) or 'no criterion does'})"
    criterion = next((c for c in standing if not c.because_of), standing[0])
    rule = policy.rule(criterion.id)
    kind = _type_to_submit(criterion, rule)
    target = f"{decision.subject} {decision.release}"
    name = line(criterion.id)
    if kind is None and rule.signoff is not None:
        roles = " and ".join(line(role) for role in rule.signoff.roles) or "the roles it names"
        ask = f"phasegate gate {target} --gate {decision.gate}"
        return f"First: have {roles} sign off {name}, then ask again:  {ask}"
    if kind is None:
        return f"First: submit what {name} asks for:  phasegate submit {target} FILE --type TYPE"
    declared = policy.evidence.get(kind, EvidenceType())
    context = [f"--context {key}=VALUE" for key in declared.context if _TYPE.fullmatch(key.replace("_", "-"))]
    place = ["--subject-scope"] if declared.scope == "subject" else []
    command = " ".join([f"phasegate submit {target} FILE --type {kind}", *context, *place])
    before = "submit" if criterion.status in ("missing", "expired") else f"mend {name}, then submit"
    return f"First: {before} evidence of type {kind}:  {command}"


def _type_to_submit(criterion: Criterion, rule: Rule) -> str | None:
    """The evidence type that would move this criterion: where evidence is missing, one that wasn't shown; where a
    check isn't true, one that this check reads; among several, the one that its reason names."""
    own = [rule.evidence] if isinstance(rule.evidence, str) else list(rule.evidence or ())
    shown = [record.type for record in criterion.evidence]
    read = [kind for check in criterion.checks for kind in _READ_THROUGH_FACTS.findall(check.that)]
    kinds = [kind for kind in dict.fromkeys([*own, *shown, *read]) if _TYPE.fullmatch(kind)]
    if criterion.status == "missing":
        kinds = [kind for kind in kinds if kind not in shown]
    if criterion.status in ("fail", "error"):
        untrue = next((check.that for check in criterion.checks if check.passed is not True), "")
        behind: list[str] = [*(own if _READS_ITS_OWN.search(untrue) else ()), *_READ_THROUGH_FACTS.findall(untrue)]
        found = next((kind for kind in behind if kind in kinds), None)
        if found is not None:
            return found
    words = set(re.findall(r"[a-z0-9-]+", criterion.reason or ""))
    return next((kind for kind in kinds if kind in words), kinds[0] if kinds else None)
