"""Running a policy's own cases: the facts come in through the same door as those of `POST /v1/evaluate`."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Facts
from phasegate.engine.gate import decide
from phasegate.engine.judge import judge, view
from phasegate.engine.selection import select
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Invalid
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.cases.comparison import Difference, Observed, differences
from phasegate.policies.cases.form import Case
from phasegate.reading import read_struct

_NEVER = datetime.min.replace(tzinfo=UTC)


class Ran(NamedTuple):
    """A case and what came out of it."""

    case: Case
    observed: Observed | Invalid
    """`Invalid`: its facts were refused."""
    differences: tuple[Difference, ...]
    """Empty where it came out as expected."""


def run(policy: CompiledPolicy, cases: Iterable[Case]) -> Iterator[Ran]:
    """Run each case, at the instant that it freezes."""
    for case in cases:
        try:
            observed: Observed | Invalid = observe(policy, *given(policy, case))
        except Invalid as refusal:
            observed = refusal
        yield Ran(case, observed, differences(case, observed))


def given(policy: CompiledPolicy, case: Case) -> tuple[Facts, datetime]:
    """The facts of a case and its instant. Raises `Invalid`."""
    question = read_struct(Question, {**case.body, "policy": {}})
    return facts_of(policy, question, _NEVER)


def observe(policy: CompiledPolicy, facts: Facts, at: datetime) -> Observed:
    """The decision on `launch`, with the checks of maturity requirements that it doesn't show."""
    decision = decide(policy, facts, LAUNCH, at)
    checks = {result.id: result.checks for phase in decision.phases for result in phase.criteria}
    if policy.requirements:
        seen = view(policy, facts, select(policy, facts, at), at)
        checks |= {name: judge(rule, seen).checks for name, rule in policy.requirements.items()}
    return Observed(decision, checks)
