"""What a case expects beside what came out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from phasegate.engine.decision import CheckResult, CriterionResult, Decision
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid
from phasegate.policies.cases.form import Case, Expectation

_AS_IN_THE_DECISION = ("outcome", "current_phase", "summary", "valid_until")


class Observed(NamedTuple):
    """What came out of a case."""

    decision: Decision
    checks: Mapping[str, tuple[CheckResult, ...]]
    """By criterion or maturity requirement of its own."""

    @property
    def criteria(self) -> dict[str, CriterionResult]:
        """By id."""
        return {result.id: result for phase in self.decision.phases for result in phase.criteria}


class Difference(NamedTuple):
    """One thing that came out otherwise."""

    what: str
    """As `statuses.load-capacity`."""
    expected: str
    got: str
    note: str = ""
    """What helps to see why."""


def differences(case: Case, observed: Observed | Invalid) -> tuple[Difference, ...]:
    """Everything that came out otherwise than the case says; empty where it holds."""
    expect = case.expect
    if isinstance(observed, Invalid):
        return tuple(_refusal(expect, observed))
    if expect.refused is not UNSET:
        return (Difference("refused", f"a fault at {expect.refused}", "the facts fit"),)
    return (*_statuses(case, observed), *_criteria(expect, observed.criteria), *_rest(expect, observed))


def _refusal(expect: Expectation, refusal: Invalid) -> Iterator[Difference]:
    faults = refusal.faults or (Fault("", refusal.detail),)
    got = "; ".join(f"{fault.path} {fault.message}".strip() for fault in faults)
    if expect.refused is UNSET:
        yield Difference("refused", "facts that fit", got)
    elif not any(expect.refused in fault.path for fault in faults):
        yield Difference("refused", f"a fault at {expect.refused}", got)


def _statuses(case: Case, observed: Observed) -> Iterator[Difference]:
    for name, result in observed.criteria.items():
        if result.status != case.statuses[name]:
            yield Difference(f"statuses.{name}", case.statuses[name], result.status, result.reason or "")


def _criteria(expect: Expectation, results: Mapping[str, CriterionResult]) -> Iterator[Difference]:
    for name, status in expect.underlying.items():
        yield from _compared(f"underlying.{name}", status, results[name].underlying)
    for name, texts in expect.reasons.items():
        reason = results[name].reason
        for text in texts:
            if text not in (reason or ""):
                yield Difference(f"reasons.{name}", f"contains: {text}", reason or "no reason")
    for name, texts in expect.unsigned.items():
        void = [each.reason or "" for each in results[name].signoffs if not each.counts]
        for text in texts:
            if not any(text in reason for reason in void):
                got = "; ".join(void) or "every sign-off counts, or there is none"
                yield Difference(f"unsigned.{name}", f"a sign-off that doesn't count: {text}", got)
    for name, causes in expect.because_of.items():
        yield from _compared(f"because_of.{name}", list(causes), list(results[name].because_of))
    for name, blocking in expect.blocking.items():
        yield from _compared(f"blocking.{name}", blocking, results[name].blocking)


def _rest(expect: Expectation, observed: Observed) -> Iterator[Difference]:
    decision = observed.decision
    for key, wanted in (("false", expect.false), ("uncomputable", expect.uncomputable)):
        for name, indices in wanted.items():
            checks = observed.checks[name]
            found = [n for n, check in enumerate(checks) if _is(key, check)]
            note = "; ".join(f"{n}: {checks[n].that.strip()}" for n in sorted({*found} ^ {*indices}))
            yield from _compared(f"{key}.{name}", sorted({*indices}), found, note)
    gates = {phase.id: "go" if phase.status == "passed" else "no-go" for phase in decision.phases}
    gates[LAUNCH] = decision.outcome
    wanted_gates = dict.fromkeys(gates, expect.gates) if isinstance(expect.gates, str) else expect.gates
    for gate, outcome in wanted_gates.items():
        yield from _compared(f"gates.{gate}", outcome, gates[gate])
    for key in _AS_IN_THE_DECISION:
        if (value := getattr(expect, key)) is not UNSET:
            yield from _compared(key, value, getattr(decision, key))
    maturity = decision.maturity
    if expect.level is not UNSET:
        yield from _compared("level", expect.level, maturity.level if maturity else None)
    if expect.unmet is not UNSET:
        following = maturity.next if maturity else None
        note = "; ".join(f"{each.id}: {each.reason}" for each in following.unmet) if following else ""
        got = [each.id for each in following.unmet] if following else None
        yield from _compared("unmet", None if expect.unmet is None else list(expect.unmet), got, note)


def _is(key: str, check: CheckResult) -> bool:
    """A check without a value that has no message had nothing to be computed on."""
    return check.passed is False if key == "false" else check.passed is None and check.message is not None


def _compared(what: str, expected: Any, got: Any, note: str = "") -> Iterable[Difference]:
    return () if expected == got else (Difference(what, _shown(expected), _shown(got), note),)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
