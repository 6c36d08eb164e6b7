"""Every expression that a policy holds."""

from collections.abc import Iterator

from phasegate.engine.cel import Expression
from phasegate.engine.message import split
from phasegate.engine.places import requirements
from phasegate.engine.policy import Criterion, Policy, Requirement


def expressions_of(policy: Policy) -> Iterator[Expression]:
    """In the order in which they are compiled; those of a message that can't be split are left out."""
    rules: list[Criterion | Requirement] = [*policy.criteria, *(each for _, each in requirements(policy))]
    for rule in rules:
        if rule.when is not None:
            yield Expression(rule.when, None, False)
        for check in rule.checks:
            yield Expression(check.that, rule.evidence, True)
            for part in _parts(check.otherwise):
                yield Expression(part, rule.evidence, True)


def _parts(message: str) -> list[str]:
    try:
        return [part.source for part in split(message) if part.source is not None]
    except ValueError:
        return []
