"""All lint rules, and running them.

A finding is allowed by a comment above what it is about, or above anything around that, with a reason:
`# lint: allow unguarded: a report without it can't be judged`.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.errors import Fault, nearest
from phasegate.policies.cases.coverage import Coverage
from phasegate.policies.lint import expressions, shown, texts, unused
from phasegate.policies.lint.finding import Finding, Told
from phasegate.policies.publication import Candidate

_ALLOW = re.compile(r"^\s*# lint: allow ([a-z-]+)(?:: *(.*))?$")

OF_POLICY: dict[str, Callable[[CompiledPolicy], Iterator[Finding]]] = {
    "remediation": texts.remediation,
    "owner": texts.owner,
    "max-age": texts.max_age,
    "blocks-from-the-start": texts.blocks_from_the_start,
    "constant": expressions.constant,
    "passes-when-empty": expressions.passes_when_empty,
    "unguarded": expressions.unguarded,
    "unused-parameter": unused.unused_parameter,
    "unused-type": unused.unused_type,
    "unused-shape": unused.unused_shape,
}
OF_CASES: dict[str, Callable[[CompiledPolicy, Coverage], Iterator[Finding]]] = {
    "case": shown.case,
    "never-false": shown.never_false,
    "mapping-case": shown.mapping_case,
}
ALLOWANCE = "allowance"
"""The rule about the comments that allow: each has a reason, and something to allow."""
RULES: dict[str, str] = {
    **{name: (rule.__doc__ or "").strip() for name, rule in {**OF_POLICY, **OF_CASES}.items()},
    ALLOWANCE: "An allowance has a reason, and something to allow.",
}
"""Each rule with what it is for."""


class _Allowance(NamedTuple):
    line: int
    """Of the comment."""
    above: int
    """The line that it stands above."""
    rule: str
    reason: str


def lint(candidate: Candidate, coverage: Coverage | None) -> tuple[Told, ...]:
    """Everything senseless in a policy that compiles, by line. Without `coverage` nothing is said of cases."""
    found = [finding for rule in OF_POLICY.values() for finding in rule(candidate.compiled)]
    if coverage is not None:
        found += [finding for rule in OF_CASES.values() for finding in rule(candidate.compiled, coverage)]
    allowances = list(_allowances(candidate.source.text))
    used: set[_Allowance] = set()
    told: list[Told] = []
    for finding in found:
        allowed = _allowing(candidate, finding, allowances)
        used.update(allowed)
        if not allowed:
            told.append(Told(finding.rule, candidate.source.fault(finding.flaw)))
    told += [Told(ALLOWANCE, fault) for each in allowances for fault in _faults(each, each in used, coverage)]
    return tuple(sorted(told, key=lambda each: (each.fault.line or 0, each.fault.column or 0, each.rule)))


def _allowances(text: str) -> Iterator[_Allowance]:
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if (found := _ALLOW.match(line)) is not None:
            above = next((m for m in range(n + 1, len(lines)) if not lines[m].lstrip().startswith("#")), n)
            yield _Allowance(n + 1, above + 1, found[1], (found[2] or "").strip())


def _allowing(candidate: Candidate, finding: Finding, allowances: list[_Allowance]) -> list[_Allowance]:
    path = finding.flaw.path
    around = (candidate.source.places.get(path[:length]) for length in range(1, len(path) + 1))
    lines = {place.line for place in around if place is not None}
    return [each for each in allowances if each.rule == finding.rule and each.above in lines and each.reason]


def _faults(allowance: _Allowance, used: bool, coverage: Coverage | None) -> Iterator[Fault]:
    if allowance.rule not in RULES:
        told = f"there is no lint rule {allowance.rule!r}"
        yield Fault("", told, allowance.line, 1, nearest(allowance.rule, RULES))
    elif not allowance.reason:
        yield Fault("", "allows without a reason", allowance.line, 1, f"# lint: allow {allowance.rule}: because …")
    elif not used and (coverage is not None or allowance.rule not in OF_CASES):
        yield Fault("", f"allows {allowance.rule} where there is nothing to allow", allowance.line, 1, "take it out")
