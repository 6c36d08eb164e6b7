"""The sign-off page: what is signed, on which evidence, and how each role stands."""

from typing import NamedTuple

from phasegate.engine.decision import CriterionResult, EvidenceRead, SignOffShown
from phasegate.engine.instants import rfc3339
from phasegate.engine.policy import Criterion, SignOff
from phasegate.rendering.basis import Basis
from phasegate.rendering.words import STATUS, Mark

_AWAITED = Mark("○", "awaited", "missing")
_HISTORY = ("superseded", "withdrawn")
"""How the engine words a verdict that its own role took back."""
_VERDICTS = {"approve": "approved", "reject": "rejected"}


class Box(NamedTuple):
    """An acknowledgement and the roles whose standing approval gives it."""

    sentence: str
    roles: tuple[str, ...]


class Row(NamedTuple):
    """A role with a verdict, or with none yet: then only `role` and `validity` say something."""

    role: str
    by: str
    verdict: str
    comment: str
    at: str
    validity: Mark


class Page(NamedTuple):
    """One sign-off criterion."""

    title: str
    result: CriterionResult
    exempt: str
    """Why the criterion does not apply; empty where it does."""
    covers: tuple[str, ...]
    evidence: tuple[EvidenceRead, ...]
    boxes: tuple[Box, ...]
    rows: tuple[Row, ...]


def pages(basis: Basis) -> tuple[Page, ...]:
    """Every criterion that asks for sign-offs, in order."""
    results = {result.id: result for phase in basis.decision.phases for result in phase.criteria}
    return tuple(
        _page(criterion, criterion.signoff, results, basis)
        for criterion in basis.policy.policy.criteria
        if criterion.signoff is not None
    )


def _page(criterion: Criterion, asked: SignOff, results: dict[str, CriterionResult], basis: Basis) -> Page:
    phases = basis.policy.policy.phases
    covered = basis.policy.covered[criterion.id]
    evidence = [basis.shown[name].read for name in basis.policy.types_read if name in covered and name in basis.shown]
    result = results[criterion.id]
    named = [phase.title or phase.id for phase in phases if phase.id in asked.covers.phases]
    named += [results[name].title for name in asked.covers.criteria]
    return Page(
        title=criterion.title,
        result=result,
        exempt=(result.reason or "") if result.status == "not-applicable" else "",
        covers=tuple(named),
        evidence=tuple(evidence),
        boxes=tuple(_box(name, sentence, asked, result, basis) for name, sentence in asked.acknowledge.items()),
        rows=tuple(row for role in asked.roles for row in _rows(role, result, basis)),
    )


def _box(name: str, sentence: str, asked: SignOff, result: CriterionResult, basis: Basis) -> Box:
    giving = {
        shown.role
        for shown in result.signoffs
        if shown.counts and shown.verdict == "approve" and name in _given(shown, basis)[1]
    }
    return Box(sentence, tuple(role for role in asked.roles if role in giving))


def _rows(role: str, result: CriterionResult, basis: Basis) -> list[Row]:
    rows = [
        Row(role, shown.by, _VERDICTS[shown.verdict], _given(shown, basis)[0], shown.at, _validity(shown))
        for shown in result.signoffs
        if shown.role == role
    ]
    if not any(shown.role == role and shown.counts for shown in result.signoffs):
        rows.append(Row(role, "", "", "", "", _AWAITED))
    return rows


def _validity(shown: SignOffShown) -> Mark:
    if not shown.counts:
        told = shown.reason or "does not count"
        if told.startswith(_HISTORY):
            return Mark("\u2013", told, "none")
        return Mark(STATUS["expired"].symbol if told.startswith("expired") else "✗", told, "fail")
    if shown.verdict == "reject":
        return Mark("✗", "rejected", "fail")
    return Mark("✓", "in force", "pass")


def _given(shown: SignOffShown, basis: Basis) -> tuple[str, tuple[str, ...]]:
    """The comment and the acknowledgements of a sign-off, as it was given."""
    from_facts = [
        each
        for each in basis.facts.signoffs
        if (each.role, each.by, each.verdict) == (shown.role, shown.by, shown.verdict) and rfc3339(each.at) == shown.at
    ]
    return (from_facts[0].comment, from_facts[0].acknowledged) if from_facts else ("", ())
