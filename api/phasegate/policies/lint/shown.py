"""What no case shows: a rule that was never seen to say no may be unable to."""

from collections.abc import Iterator

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SATISFIED
from phasegate.engine.places import criteria
from phasegate.errors import Flaw
from phasegate.policies.cases.coverage import Coverage, excerpt
from phasegate.policies.lint.finding import Finding
from phasegate.policies.lint.places import rules


def case(policy: CompiledPolicy, coverage: Coverage) -> Iterator[Finding]:
    """A criterion is seen to refuse somebody."""
    if not coverage.statuses:
        yield Finding("case", Flaw((), "the policy has no cases", "put them into cases/, beside the policy"))
        return
    for path, criterion in criteria(policy.policy):
        if coverage.statuses.get(criterion.id, set()) <= SATISFIED:
            yield Finding("case", Flaw(path, f"no case shows {criterion.id} unsatisfied"))


def never_false(policy: CompiledPolicy, coverage: Coverage) -> Iterator[Finding]:
    """Each check is seen false."""
    if not coverage.statuses:
        return
    for path, rule in rules(policy):
        for n, check in enumerate(rule.checks):
            if False not in coverage.checks.get((rule.id, n), set()):
                told = f"no case shows this check of {rule.id} false: {excerpt(check.that)}"
                yield Finding("never-false", Flaw((*path, "checks", n, "that"), told))


def mapping_case(policy: CompiledPolicy, coverage: Coverage) -> Iterator[Finding]:
    """A mapping is seen to read a file of its tool."""
    for name in policy.policy.mappings:
        if name not in coverage.mappings:
            told = f"no case reads a file with the mapping {name}"
            yield Finding("mapping-case", Flaw(("mappings", name), told, "put a file of the tool into cases/"))
