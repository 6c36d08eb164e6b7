"""What a reader is left without: guidance, owners, ages."""

from collections.abc import Iterator

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.places import criteria
from phasegate.engine.policy import Criterion
from phasegate.errors import Flaw
from phasegate.policies.lint.finding import Finding


def remediation(policy: CompiledPolicy) -> Iterator[Finding]:
    """A no-go that doesn't say what to do is half an answer."""
    for path, criterion in criteria(policy.policy):
        if not criterion.remediation.strip():
            yield Finding("remediation", Flaw(path, f"{criterion.id} doesn't say what to do when it fails"))


def owner(policy: CompiledPolicy) -> Iterator[Finding]:
    """Somebody mends it."""
    for path, criterion in criteria(policy.policy):
        if not criterion.owner.strip():
            yield Finding("owner", Flaw(path, f"{criterion.id} doesn't say who mends it", "owner: data engineer"))


def max_age(policy: CompiledPolicy) -> Iterator[Finding]:
    """Evidence that never grows old is believed for ever."""
    for name, kind in policy.policy.evidence.items():
        if kind.max_age is None:
            yield Finding("max-age", Flaw(("evidence", name), f"{name} never grows old", "max_age: P90D"))
    for path, criterion in criteria(policy.policy):
        if criterion.signoff is not None and criterion.signoff.max_age is None:
            told = f"an approval of {criterion.id} never grows old"
            yield Finding("max-age", Flaw((*path, "signoff"), told, "max_age: P30D"))


def blocks_from_the_start(policy: CompiledPolicy) -> Iterator[Finding]:
    """A gate at which nothing blocks yet is a no-go until a date that has nothing to do with the release."""
    first = policy.policy.phases[0]
    if all(_waits(criterion) for criterion in first.criteria):
        told = f"every criterion of the first phase, {first.id}, is advisory or begins to block at a date"
        yield Finding("blocks-from-the-start", Flaw(("phases", 0), told, "let one of them block from the start"))


def _waits(criterion: Criterion) -> bool:
    return criterion.advisory or criterion.effective_from is not None
