"""Maturity: the highest level for which it and all below hold, and what is unmet for the next."""

from collections.abc import Mapping

from phasegate.engine.decision import CriterionResult, Maturity, NextLevel, Unmet
from phasegate.engine.judge import View, judge
from phasegate.engine.policy import Level, Policy, Requirement

_MET = ("pass", "not-applicable")


def maturity(policy: Policy, results: Mapping[str, CriterionResult], view: View) -> Maturity | None:
    """The maturity of one release; None where the policy has no levels."""
    if policy.maturity is None:
        return None
    reached: Level = policy.maturity.levels[0]
    for level in policy.maturity.levels:
        unmet = _unmet(level, policy, results, view)
        if unmet:
            return Maturity(reached.level, reached.name, NextLevel(level.level, level.name, tuple(unmet)))
        reached = level
    return Maturity(reached.level, reached.name, None)


def _unmet(level: Level, policy: Policy, results: Mapping[str, CriterionResult], view: View) -> list[Unmet]:
    unmet = []
    for requirement in level.requires:
        if isinstance(requirement, str):
            unmet += [_of(results[name]) for name in _named(requirement, policy) if not _met(results[name])]
        elif requirement.criteria is not None:
            names = [c.id for c in policy.criteria] if requirement.criteria == "all" else requirement.criteria
            open_ones = [name for name in names if not _met(results[name])]
            if open_ones:
                told = requirement.otherwise or "not every criterion is met without exception"
                unmet.append(
                    Unmet(requirement.id, requirement.title or requirement.id, f"{told}: {', '.join(open_ones)}")
                )
        else:
            unmet += _by_rule(requirement, view)
    return unmet


def _named(requirement: str, policy: Policy) -> list[str]:
    for phase in policy.phases:
        if phase.id == requirement:
            return [criterion.id for criterion in phase.criteria]
    return [requirement]


def _met(result: CriterionResult) -> bool:
    """A waived criterion is not met: an exception is not a capability."""
    return result.status in _MET


def _of(result: CriterionResult) -> Unmet:
    reason = result.reason or result.status
    return Unmet(result.id, result.title, f"waived ({reason})" if result.status == "waived" else reason)


def _by_rule(requirement: Requirement, view: View) -> list[Unmet]:
    judged = judge(view.policy.requirements[requirement.id], view)
    if judged.status in _MET:
        return []
    return [Unmet(requirement.id, requirement.title or requirement.id, "; ".join(judged.reasons))]
