"""Where rules and their expressions stand in a policy."""

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.engine.cel import Program
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.places import criteria, requirements
from phasegate.errors import Path


def rules(policy: CompiledPolicy) -> Iterator[tuple[Path, Rule]]:
    """Each criterion and each maturity requirement of its own, compiled, with its path."""
    for path, criterion in criteria(policy.policy):
        yield path, policy.rules[criterion.id]
    for path, requirement in requirements(policy.policy):
        if requirement.id in policy.requirements:
            yield path, policy.requirements[requirement.id]


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
