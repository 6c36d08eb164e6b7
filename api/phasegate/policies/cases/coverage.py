"""Outcome coverage: which statuses and truth values the cases of a policy have shown, of those there can be."""

from collections.abc import Iterator
from typing import NamedTuple

from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.decision import Status
from phasegate.engine.partial import Partial
from phasegate.engine.policy import Criterion
from phasegate.errors import Invalid
from phasegate.policies.cases.comparison import Observed

_ALWAYS: tuple[Status, ...] = ("pass", "fail", "missing")
_LONGEST = 100


class Coverage:
    """Outcomes by criterion and by check."""

    def __init__(self) -> None:
        self.statuses: dict[str, set[Status]] = {}
        """By criterion."""
        self.checks: dict[tuple[str, int], set[bool | None]] = {}
        """By criterion or maturity requirement of its own, and index; None: not computed."""
        self.mappings: set[str] = set()
        """Those that read a file."""

    def add(self, observed: Observed | Invalid) -> None:
        """Note what came out of a case; facts that were refused show nothing."""
        if isinstance(observed, Invalid):
            return
        for name, result in observed.criteria.items():
            self.statuses.setdefault(name, set()).add(result.status)
        for name, checks in observed.checks.items():
            for n, check in enumerate(checks):
                self.checks.setdefault((name, n), set()).add(check.passed)

    def share_of(self, possible: "Coverage") -> "Share":
        """How much of what is possible was seen."""
        seen = total = 0
        for name, statuses in possible.statuses.items():
            seen, total = seen + len(statuses & self.statuses.get(name, set())), total + len(statuses)
        for check, outcomes in possible.checks.items():
            seen, total = seen + len(outcomes & self.checks.get(check, set())), total + len(outcomes)
        return Share(seen, total)

    def never(self, policy: CompiledPolicy) -> Iterator[str]:
        """A line for each possible outcome that was not seen, in the order of the policy."""
        can = possible(policy)
        for rule in _rules(policy):
            seen = self.statuses.get(rule.id, set())
            for status in sorted(can.statuses.get(rule.id, set()) - seen):
                yield f"{rule.id}: never {status}"
            for n, check in enumerate(rule.checks):
                for outcome in sorted(can.checks[rule.id, n] - self.checks.get((rule.id, n), set()), key=str):
                    yield f"{rule.id}: check {n} never {str(outcome).lower()}: `{excerpt(check.that)}`"


class Share(NamedTuple):
    """Outcomes seen, of all that are possible."""

    seen: int
    total: int

    @property
    def percent(self) -> float:
        """To a tenth, rounded down: 100 is all of them."""
        return self.seen * 1000 // self.total / 10 if self.total else 0.0


def possible(policy: CompiledPolicy) -> Coverage:
    """What each criterion can have, and each check: both true and false."""
    result = Coverage()
    partial = Partial(policy)
    for criterion in policy.policy.criteria:
        result.statuses[criterion.id] = set(_statuses(criterion, policy, partial))
    for rule in _rules(policy):
        for n in range(len(rule.checks)):
            result.checks[rule.id, n] = {True, False}
    return result


def excerpt(that: str) -> str:
    """An expression on one line, cut where it is long."""
    line = " ".join(that.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _statuses(criterion: Criterion, policy: CompiledPolicy, partial: Partial) -> Iterator[Status]:
    rule, types = policy.rules[criterion.id], policy.policy.evidence
    yield from _ALWAYS
    ages = [types[name].max_age for name in rule.types] + ([criterion.signoff.max_age] if criterion.signoff else [])
    if any(age is not None for age in ages):
        yield "expired"
    if criterion.waivable and policy.policy.waivers is not None:
        yield "waived"
    if criterion.when is not None:
        yield "not-applicable"
    if partial.rule(rule):
        yield "error"


def _rules(policy: CompiledPolicy) -> Iterator[Rule]:
    yield from policy.rules.values()
    yield from policy.requirements.values()
