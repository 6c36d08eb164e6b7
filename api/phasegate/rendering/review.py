"""A decision as the team's review document: a document of one release at one instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SATISFIED, CriterionResult, Decision, EvidenceRead, PhaseResult
from phasegate.engine.facts import Facts
from phasegate.engine.instants import end_of, parse_instant, rfc3339
from phasegate.engine.policy import Criterion
from phasegate.engine.structure import LAUNCH
from phasegate.rendering.basis import Basis, basis_of
from phasegate.rendering.cards import card_of
from phasegate.rendering.checks import laid_out
from phasegate.rendering.documents import Format, document
from phasegate.rendering.figures import Figure, figures
from phasegate.rendering.signing import pages
from phasegate.rendering.words import CHECK, PHASE, Mark, ahead, counted, moments, numbers, short, status

_SOONEST = 3


class EvidenceShown(NamedTuple):
    """A record that a criterion was judged on."""

    title: str
    read: EvidenceRead
    digest: str
    """Its beginning."""
    href: str | None
    tool: str
    by: str
    ends: str
    """When it expires and how long that is after the decision; empty: never."""
    others: str


class Wanted(NamedTuple):
    """Evidence that was not shown."""

    title: str
    type: str
    formats: tuple[str, ...]
    command: str


class CheckShown(NamedTuple):
    """One check as it was judged."""

    mark: Mark
    that: str
    message: str | None
    figures: tuple[Figure, ...]


class CriterionShown(NamedTuple):
    """A criterion as it stands."""

    number: str
    of: Criterion
    result: CriterionResult
    mark: Mark
    evidence: tuple[EvidenceShown, ...]
    wanted: tuple[Wanted, ...]
    checks: tuple[CheckShown, ...]
    expires: str
    notes: tuple[str, ...]


class PhaseShown(NamedTuple):
    number: int
    result: PhaseResult
    mark: Mark
    criteria: tuple[CriterionShown, ...]


class WaiverInForce(NamedTuple):
    criterion: CriterionShown
    left: str


class Ending(NamedTuple):
    """Something that ends by itself."""

    at: str
    left: str
    what: str


def render_review(
    policy: CompiledPolicy,
    decision: Decision,
    facts: Facts,
    form: Format,
    *,
    base_url: str | None = None,
    decision_id: str | None = None,
    formats: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The review document in `form`.

    `facts` are those that `decision` was made from. `base_url` is where the server's `/v1` lies; without
    it evidence is not linked. `decision_id` names the decision where it is stored; `formats` says which
    ones give a shape.
    """
    values = review_values(policy, decision, facts, base_url=base_url, decision_id=decision_id, formats=formats)
    return document("review", form, **values)


def review_values(
    policy: CompiledPolicy,
    decision: Decision,
    facts: Facts,
    *,
    base_url: str | None = None,
    decision_id: str | None = None,
    formats: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """What the review document is made from; the arguments are those of `render_review`."""
    work = _Review(basis_of(policy, decision, facts), base_url, formats or {})
    last = next((n for n, phase in enumerate(decision.phases) if phase.id == decision.gate), len(decision.phases) - 1)
    criteria = [each for phase in work.phases for each in phase.criteria]
    unsatisfied = [each for each in criteria if each.result.status not in SATISFIED]
    before = {each.result.id for phase in work.phases[: last + 1] for each in phase.criteria}
    blocking = [each for each in unsatisfied if each.result.blocking]
    go = decision.outcome == "go"
    return {
        "decision": decision,
        "policy": policy.policy,
        "go": go,
        "verdict": f"{'✓ GO' if go else '✗ NO-GO'} — {decision.subject} {decision.release} {_may(decision, go)}",
        "summary": decision.summary[:1].upper() + decision.summary[1:],
        "subject": facts.subject,
        "obstacles": [each for each in blocking if each.result.id in before],
        "behind": [each for each in blocking if each.result.id not in before],
        "warnings": [each for each in unsatisfied if not each.result.blocking],
        "soonest": work.soonest(),
        "waivers": work.waivers(criteria),
        "exempt": [each for each in criteria if each.result.status == "not-applicable"],
        "phases": work.phases,
        "card": card_of(work.basis),
        "pages": pages(work.basis),
        "decision_id": decision_id,
        "again": work.address(),
    }


def _may(decision: Decision, go: bool) -> str:
    what = "launch" if decision.gate == LAUNCH else f"pass the gate {decision.gate}"
    return f"may {'' if go else 'not '}{what}"


class _Review:
    """The parts of one document."""

    def __init__(self, basis: Basis, base_url: str | None, formats: Mapping[str, Sequence[str]]) -> None:
        self.basis = basis
        self._base = None if base_url is None else base_url.rstrip("/")
        self._formats = formats
        self._policy = basis.policy.policy
        self._numbers = numbers(self._policy)
        criteria = {criterion.id: criterion for criterion in self._policy.criteria}
        self.phases = [
            PhaseShown(
                number, phase, PHASE[phase.status], tuple(self._criterion(criteria[r.id], r) for r in phase.criteria)
            )
            for number, phase in enumerate(basis.decision.phases, 1)
        ]

    def _criterion(self, criterion: Criterion, result: CriterionResult) -> CriterionShown:
        rule = self.basis.policy.rules[criterion.id]
        applies = result.status != "not-applicable"
        wanted = [name for name in rule.required if name not in self.basis.shown] if applies else []
        return CriterionShown(
            number=self._numbers[criterion.id],
            of=criterion,
            result=result,
            mark=status(result),
            evidence=tuple(self._evidence(read) for read in result.evidence),
            wanted=tuple(self._wanted(name) for name in wanted),
            checks=tuple(
                CheckShown(
                    CHECK[judged.passed],
                    laid_out(judged.that),
                    judged.message,
                    () if wanted or not applies else figures(check, criterion.evidence, self.basis.roots),
                )
                for check, judged in zip(rule.checks, result.checks, strict=True)
            ),
            expires="" if result.expires_at is None else self._end(parse_instant(result.expires_at)),
            notes=tuple(self._notes(criterion, result)),
        )

    def _notes(self, criterion: Criterion, result: CriterionResult) -> list[str]:
        notes = []
        if result.because_of:
            causes = ", ".join(f"{self._numbers[name]} ({name})" for name in result.because_of)
            notes.append(f"An echo of {causes}: mend that first.")
        if not result.blocking:
            until = criterion.effective_from
            blocks = (
                "It advises and never blocks." if until is None else f"It blocks from {moments(rfc3339(until))} on."
            )
            notes.append(blocks)
        gone = len(result.revoked)
        if gone:
            told = f"{counted(gone, 'record')} of what it reads {'was' if gone == 1 else 'were'} revoked"
            notes.append(f"{told} since the release was registered.")
        return notes

    def _evidence(self, read: EvidenceRead) -> EvidenceShown:
        shown = self.basis.shown[read.type]
        evidence, others = shown.evidence, self.basis.others(read.type)
        kind = self._policy.evidence[read.type]
        told = ""
        if others.times:
            of = "these artifacts" if kind.scope == "release" else "this subject"
            told = f"{counted(others.times, 'other submission')} of this type for {of}"
            told += f", {others.revoked} of them revoked" if others.revoked else ""
        by = evidence.submitted_by or "unknown"
        acting = f" for {', '.join(evidence.submitted_for)}" if evidence.submitted_for else ""
        linked = self._base is not None and read.id is not None
        return EvidenceShown(
            title=kind.title or read.type,
            read=read,
            digest=short(read.digest),
            href=f"{self._base}/v1/evidence/{quote(read.id or '', safe='')}" if linked else None,
            tool=" ".join([evidence.producer.tool, evidence.producer.version]).strip() or evidence.format,
            by=f"{by}{acting}",
            ends="" if shown.ends is None else self._end(shown.ends),
            others=told,
        )

    def _wanted(self, name: str) -> Wanted:
        kind = self._policy.evidence[name]
        release = self.basis.facts.release
        command = f"phasegate submit {self.basis.facts.subject.name} {release.version} FILE --type {name}"
        command += "".join(f" --context {key}=…" for key in kind.required_context)
        return Wanted(kind.title or name, name, tuple(self._formats.get(kind.shape, ())), command)

    def _end(self, end: datetime) -> str:
        if end <= self.basis.at:
            return f"expired {moments(rfc3339(end))}"
        return f"expires in {ahead(end, self.basis.at)}, {moments(rfc3339(end))}"

    def waivers(self, criteria: Sequence[CriterionShown]) -> list[WaiverInForce]:
        """Every waiver in force, with how long it still stands."""
        return [
            WaiverInForce(each, ahead(parse_instant(each.result.waiver.expires_at), self.basis.at))
            for each in criteria
            if each.result.waiver is not None
        ]

    def soonest(self) -> list[Ending]:
        """What ends first, of all that the decision rests on."""
        ends = [
            (shown.ends, f"{self._policy.evidence[name].title or name} ({name})")
            for name in self.basis.policy.types_read
            if (shown := self.basis.shown.get(name)) is not None and shown.ends is not None
        ]
        for phase in self.phases:
            for each in phase.criteria:
                if each.result.waiver is not None:
                    end = parse_instant(each.result.waiver.expires_at)
                    ends.append((end, f"the waiver for {each.number} ({each.result.id})"))
                for given in each.result.signoffs:
                    asked = each.of.signoff
                    until = end_of(parse_instant(given.at), asked.max_age) if asked and given.counts else None
                    if until is not None:
                        ends.append((until, f"the approval by {given.by} as {given.role}"))
        coming = sorted(pair for pair in ends if pair[0] > self.basis.at)[:_SOONEST]
        return [Ending(rfc3339(end), ahead(end, self.basis.at), what) for end, what in coming]

    def address(self) -> str:
        """Where the same decision is answered again."""
        decision = self.basis.decision
        path = f"/v1/subjects/{decision.subject}/releases/{decision.release}/decision"
        return f"{self._base or ''}{path}?gate={decision.gate}&at={decision.evaluated_at}"
