"""Where rules and their expressions stand in a policy."""

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.engine.cel import Program
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.policy import Criterion, Policy, Requirement

Path = tuple[str | int, ...]


def criteria(policy: Policy) -> Iterator[tuple[Path, Criterion]]:
    """Each criterion with its path."""
    for p, phase in enumerate(policy.phases):
        for c, criterion in enumerate(phase.criteria):
            yield ("phases", p, "criteria", c), criterion


def rules(policy: CompiledPolicy) -> Iterator[tuple[Path, Rule]]:
    """Each criterion and each maturity requirement of its own, compiled, with its path."""
    for path, criterion in criteria(policy.policy):
        yield path, policy.rules[criterion.id]
    levels = policy.policy.maturity.levels if policy.policy.maturity is not None else ()
    for n, level in enumerate(levels):
        for r, requirement in enumerate(level.requires):
            if isinstance(requirement, Requirement) and requirement.id in policy.requirements:
                yield ("maturity", "levels", n, "requires", r), policy.requirements[requirement.id]


class Placed(NamedTuple):
    """An expression that yields a verdict: a `when`, or the condition of a check."""

    path: Path
    rule: Rule
    program: Program


def expressions(policy: CompiledPolicy) -> Iterator[Placed]:
    """Every `when` and every check; what messages compute decides nothing."""
    for path, rule in rules(policy):
        if rule.when is not None:
            yield Placed((*path, "when"), rule, rule.when)
        for n, check in enumerate(rule.checks):
            yield Placed((*path, "checks", n, "that"), rule, check.program)
