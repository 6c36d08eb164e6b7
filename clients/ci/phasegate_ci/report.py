"""A decision as text: at a glance on top, what stands in the way in full, the first thing to do at the end."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from phasegate_ci.decision import SATISFIED, Criterion, Decision, Phase
from phasegate_ci.terminal import clean, line, paint, symbol

_WORDS = {
    "fail": "Failed",
    "missing": "No evidence",
    "expired": "Expired",
    "error": "Not computable",
}
WIDEST = 100


def text(decision: Decision, first_step: str | None, mismatch: Sequence[str] = ()) -> str:
    """The whole report. The last line is `GATE: go` or `GATE: no-go`, for whoever reads nothing else.

    `mismatch` says how the files given differ from the release's artifacts: with it no go is shown.
    """
    return "\n".join(_lines(decision, first_step, mismatch))


def _lines(decision: Decision, first_step: str | None, mismatch: Sequence[str]) -> Iterator[str]:
    go = decision.outcome == "go" and not mismatch
    policy = line(f"({decision.policy.name} {decision.policy.version})")
    headline = f"{decision.subject} {decision.release}  gate {decision.gate}   {policy}"
    yield f"{paint('GO', 'green') if go else paint('NO-GO', 'red')}  {headline}"
    if mismatch:
        yield "the files given are not exactly the release's artifacts"
        yield from (f"  {line(difference)}" for difference in mismatch)
    if go or decision.outcome == "no-go":
        yield from _wrapped(line(decision.summary), "")
    yield ""
    for criterion in decision.standing_between:
        yield from _criterion(criterion)
    criteria = [criterion for phase in decision.before_gate for criterion in phase.criteria]
    waived = [criterion for criterion in criteria if criterion.status == "waived"]
    for criterion in waived:
        yield from _wrapped(f"{symbol('waived')} {line(criterion.id)}  {line(criterion.reason or 'Waived')}", "  ")
    early = [line(c.id) for c in criteria if not c.blocking and c.status not in SATISFIED]
    if early:
        yield from _wrapped(f"not satisfied, and not blocking (yet): {', '.join(early)}", "  ")
    if waived or early:
        yield ""
    yield from _phases(decision.before_gate)
    yield ""
    yield from _wrapped(_stands(decision), "")
    if first_step:
        yield clean(first_step)
    yield f"{decision.gate}: {'go' if go else 'no-go'}"


def _criterion(criterion: Criterion) -> Iterator[str]:
    colour = "yellow" if criterion.status in ("missing", "expired") else "red"
    word = _WORDS.get(criterion.status, criterion.status)
    owner = f"  ({line(criterion.owner)})" if criterion.owner else ""
    yield f"  {paint(symbol(criterion.status), colour)} {paint(line(criterion.id), 'bold')}  {line(word)}{owner}"
    reason = line(criterion.reason or "")
    if reason:
        yield from _wrapped(reason, "      ")
    for check in criterion.checks:
        message = line(check.message or "")
        if check.passed is not True and message and message not in reason:
            yield from _wrapped(message, "      ")
    if criterion.because_of:
        yield from _wrapped(f"follows from: {', '.join(map(line, criterion.because_of))}", "      ")
    mend = line((criterion.remediation or "").strip().partition("\n\n")[0])
    if mend:
        yield from _wrapped(f"mend: {mend}", "      ")
    yield ""


def _phases(phases: Sequence[Phase]) -> Iterator[str]:
    width = max((len(line(phase.id)) for phase in phases), default=0)
    for phase in phases:
        sign = symbol("pass" if phase.status == "passed" else "not-applicable" if phase.status == "locked" else "fail")
        note = "" if phase.status == "passed" else f"  {line(phase.status)}"
        if phase.reason and not any(criterion.stands_between for criterion in phase.criteria):
            note += f": {line(phase.reason)}"
        yield f"  {sign} {line(phase.id):<{width}}  {phase.satisfied} of {phase.applicable}{note}"


def _stands(decision: Decision) -> str:
    if decision.valid_until is None:
        return "Stands until new facts arrive"
    because = decision.next_change.because if decision.next_change else ""
    return line(f"Stands until {decision.valid_until}" + (f" ({because})" if because else ""))


def _wrapped(text: str, indent: str) -> list[str]:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    # Cleaned once more: wrapping can bring a sign to the start of a line, where it means something.
    lines = textwrap.wrap(text, max(width, 40), initial_indent=indent, subsequent_indent=indent)
    return [clean(one) for one in lines]
