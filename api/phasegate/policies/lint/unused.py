"""What is declared and never read: a parameter that somebody will turn in vain, evidence collected for nobody."""

from collections.abc import Iterator

from phasegate.engine.cel import Program
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.params import OWN_VALUES
from phasegate.errors import Flaw
from phasegate.policies.lint.finding import Finding
from phasegate.policies.lint.places import rules


def unused_parameter(policy: CompiledPolicy) -> Iterator[Finding]:
    """A parameter that no expression reads changes nothing, whoever sets it."""
    read = {path for program in _programs(policy) for path in program.reads.paths}
    for name in policy.policy.params:
        if f"params.{name}" not in read:
            told = f"no expression reads the parameter {name}"
            yield Finding("unused-parameter", Flaw(("params", name), told))


def unused_type(policy: CompiledPolicy) -> Iterator[Finding]:
    """Evidence that no rule reads is asked for in vain."""
    for name in policy.policy.evidence:
        if name not in policy.types_read and not (name == OWN_VALUES and policy.policy.params):
            yield Finding("unused-type", Flaw(("evidence", name), f"no rule reads evidence of type {name}"))


def unused_shape(policy: CompiledPolicy) -> Iterator[Finding]:
    """A shape that no evidence type has."""
    for name in policy.policy.shapes:
        if name not in policy.shapes:
            yield Finding("unused-shape", Flaw(("shapes", name), f"no evidence type has the shape {name}"))


def _programs(policy: CompiledPolicy) -> Iterator[Program]:
    for _, rule in rules(policy):
        if rule.when is not None:
            yield rule.when
        for check in rule.checks:
            yield check.program
            yield from (part for part in check.otherwise.parts if isinstance(part, Program))
