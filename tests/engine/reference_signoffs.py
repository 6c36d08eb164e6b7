"""The reference on sign-offs: whose verdict stands for a role, and whether it holds.

A verdict on other artifacts is about another candidate. A rejection outranks an approval of the same
instant, and needs only its role: whoever may not approve can still stop, and neither new evidence nor
another policy undoes it. An approval that is not admissible does nothing at all. Of the admissible
verdicts of a role the latest stands; where it is void, no earlier one takes its place.
"""

from datetime import datetime
from typing import NamedTuple

from phasegate.engine.facts import Evidence, SignOff
from phasegate.engine.policy import Criterion, Requirement
from tests.engine.reference_selection import Asked, names_the_artifacts, reads, selected

Verdict = tuple[str, str, str, datetime]
"""Role, person, verdict, instant."""


class SignOffsSay(NamedTuple):
    """What the sign-offs of one criterion come to."""

    rejected: bool = False
    """The standing verdict of a role is a rejection."""
    missing: bool = False
    """A role has no standing verdict, or a void one."""
    expired: bool = False
    ends: tuple[datetime, ...] = ()
    """Of the approvals that count."""
    counted: frozenset[Verdict] = frozenset()


def what_the_sign_offs_say(criterion: Criterion | Requirement, asked: Asked) -> SignOffsSay:
    if isinstance(criterion, Requirement) or criterion.signoff is None:
        return SignOffsSay()
    signoff = criterion.signoff
    standing = _standing(criterion, asked)
    rejections = [verdict for verdict in standing.values() if verdict.verdict == "reject"]
    approvals = [
        verdict
        for verdict in standing.values()
        if verdict.verdict == "approve" and not _void(verdict, criterion, asked)
    ]
    ends = {} if signoff.max_age is None else {approval: approval.at + signoff.max_age for approval in approvals}
    in_force = [approval for approval in approvals if approval not in ends or asked.at < ends[approval]]
    return SignOffsSay(
        rejected=bool(rejections),
        missing=len(rejections) + len(approvals) < len(set(signoff.roles)),
        expired=len(in_force) < len(approvals),
        ends=tuple(end for approval, end in ends.items() if approval in in_force),
        counted=frozenset((v.role, v.by, v.verdict, v.at) for v in (*rejections, *in_force)),
    )


def _standing(criterion: Criterion, asked: Asked) -> dict[str, SignOff]:
    """By role, the latest admissible verdict; they are admitted one after another."""
    given = [
        s
        for s in asked.facts.signoffs
        if s.at <= asked.at and not _withdrawn(s, asked.at) and _meant(s, criterion, asked)
    ]
    given.sort(key=lambda s: (s.at, s.verdict == "reject", s.role, s.by))
    standing: dict[str, SignOff] = {}
    for verdict in given:
        if verdict.verdict == "reject" or _may_approve(verdict, standing, criterion, asked):
            standing[verdict.role] = verdict
    return standing


def _withdrawn(verdict: SignOff, at: datetime) -> bool:
    return verdict.withdrawn_at is not None and verdict.withdrawn_at <= at


def _meant(verdict: SignOff, criterion: Criterion, asked: Asked) -> bool:
    """It is about these artifacts, and names the criterion, or names none and its role stands in this one alone
    (a rejection: in this one, too)."""
    asking = [c.id for c in asked.policy.criteria if c.signoff is not None and verdict.role in c.signoff.roles]
    if criterion.id not in asking or not names_the_artifacts(verdict, asked):
        return False
    alone = len(asking) == 1 or verdict.verdict == "reject"
    return verdict.criterion == criterion.id or (verdict.criterion is None and alone)


def _may_approve(approval: SignOff, standing: dict[str, SignOff], criterion: Criterion, asked: Asked) -> bool:
    signoff, release = criterion.signoff, asked.facts.release
    assert signoff is not None
    seen = [record for kind in covered(criterion, asked) if (record := _then(kind, approval, asked)) is not None]
    involved = {release.registered_by, *release.registered_for}
    for record in seen:
        involved |= {record.submitted_by, *record.submitted_for}
    holds_another = any(
        other.role != approval.role and other.verdict == "approve" and other.by == approval.by
        for other in standing.values()
    )
    return (
        approval.by != ""
        and approval.by not in involved
        and all(acknowledgement in approval.acknowledged for acknowledgement in signoff.acknowledge)
        and approval.via in signoff.via
        and (approval.mfa or not signoff.mfa)
        and not (signoff.distinct_persons and holds_another)
    )


def covered(criterion: Criterion, asked: Asked) -> set[str]:
    """The types, not recurring, that the criteria covered and the sign-off criterion itself read."""
    signoff = criterion.signoff
    assert signoff is not None
    read: set[str] = set()
    for phase in asked.policy.phases:
        for each in phase.criteria:
            named = each.id in signoff.covers.criteria or phase.id in signoff.covers.phases
            if named or each.id == criterion.id:
                required, guarded = reads(each)
                read |= {*required, *guarded}
    return {kind for kind in read if not asked.policy.evidence[kind].recurring}


def _void(approval: SignOff, criterion: Criterion, asked: Asked) -> bool:
    """Policy or covered evidence are not those it was given for."""
    if approval.policy_digest not in (None, asked.digest):
        return True
    for kind in covered(criterion, asked):
        then, now = _then(kind, approval, asked), selected(kind, asked)
        if (then and then.digest) != (now and now.digest):
            return True
    return False


def _then(kind: str, approval: SignOff, asked: Asked) -> Evidence | None:
    """What stood at the instant of signing."""
    return selected(kind, asked._replace(at=approval.at))
