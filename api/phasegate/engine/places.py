"""Where the rules of a policy stand in it."""

from collections.abc import Iterator

from phasegate.engine.policy import Criterion, Policy, Requirement
from phasegate.errors import Path


def criteria(policy: Policy) -> Iterator[tuple[Path, Criterion]]:
    """Each criterion with its path, in order."""
    for p, phase in enumerate(policy.phases):
        for c, criterion in enumerate(phase.criteria):
            yield ("phases", p, "criteria", c), criterion


def requirements(policy: Policy) -> Iterator[tuple[Path, Requirement]]:
    """Each maturity requirement that is more than an id, with its path, in order."""
    for n, level in enumerate(policy.maturity.levels if policy.maturity is not None else ()):
        for r, requirement in enumerate(level.requires):
            if isinstance(requirement, Requirement):
                yield ("maturity", "levels", n, "requires", r), requirement
