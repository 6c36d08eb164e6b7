"""What the laws of a decision are stated with."""

from datetime import datetime
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.decision import CriterionResult, Decision
from phasegate.engine.facts import Facts
from phasegate.engine.gate import decide
from phasegate.engine.policy import Criterion, Policy
from tests.engine.strategies import Case, cases, likely_cases, signing
from tests.engine.strategies_policies import blocking

any_cases = st.one_of(cases(), likely_cases())
signed_cases = any_cases.filter(lambda case: bool(signing(case.policy)))
"""Cases in which a criterion asks for sign-offs."""


def asked(
    case: Case, *, at: datetime | None = None, facts: Facts | None = None, policy: Policy | None = None
) -> Decision:
    """The decision on a case, or on a variant of it."""
    changed = case if policy is None else case._replace(policy=policy)
    return decide(changed.compiled(), facts or case.facts, case.gate, at or case.at)


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


def something_blocks(decision: Decision) -> bool:
    """A criterion that blocks applies before the gate."""
    return any(c.blocking and c.status != "not-applicable" for c in before_the_gate(decision))


def changed(policy: Policy, criterion: Criterion, **new: Any) -> Policy:
    """The policy with this criterion changed."""
    return replace(
        policy,
        phases=tuple(
            replace(phase, criteria=tuple(replace(c, **new) if c.id == criterion.id else c for c in phase.criteria))
            for phase in policy.phases
        ),
    )


def extended(policy: Policy, n: int, added: Criterion) -> Policy:
    """The policy with one more criterion, in front of phase `n`."""
    phases = list(policy.phases)
    phases[n] = replace(phases[n], criteria=(added, *phases[n].criteria))
    return replace(policy, phases=tuple(phases))


def can_spare(policy: Policy) -> list[Criterion]:
    """The criteria without which their phase can still block."""
    return [
        criterion
        for phase in policy.phases
        for criterion in phase.criteria
        if any(other is not criterion and blocking(other) for other in phase.criteria)
    ]
