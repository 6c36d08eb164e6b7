"""Gathering what was shown of a release, as it stood at an instant."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence, Facts, Release, SignOff, Subject, Waiver
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, NotFound
from phasegate.storage import evidence, launches, releases, signoffs, subjects, waivers
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.releases import ReleaseRecord
from phasegate.storage.signoffs import SignOffRecord

ERASED = "(erased)"
"""In the place of a waiver's reason: it counts as before, since only evidence stops counting once erased."""


def gather(connection: Connection, org: str, release: ReleaseRecord, policy: CompiledPolicy, at: datetime) -> Facts:
    """The facts of a release under its pinned policy at `at`."""
    subject = subjects.at(connection, org, release.subject, at)
    if subject is None:
        raise NotFound(f"the subject {release.subject!r} did not exist at that instant")
    launched = launches.received(connection, org, release.subject, at)
    records = evidence.of_bounds(connection, org, release.subject, ("", release.bound))
    admitted = (_admitted(record, policy) for record in records)
    given = _signoffs(connection, org, release, at) if policy.asking else ()
    # When the policy was changed is asked only where it makes a difference: to a verdict given under another one.
    moved = any(each.policy_digest != policy.digest for each in given)
    pinned_at = releases.pinned_at(connection, org, release.subject, release.version, at) if moved else None
    return Facts(
        subject=Subject(subject.name, subject.kind, subject.team, subject.title, subject.attributes),
        release=Release(
            version=release.version,
            artifacts=release.artifacts,
            registered_at=release.registered_at,
            registered_by=release.registered_by,
            registered_for=release.registered_for,
            predecessor=next((each.release for each in launched if each.release != release.version), ""),
            pinned_at=pinned_at,
        ),
        evidence=tuple(record for record in admitted if record is not None),
        waivers=_waivers(connection, org, release),
        signoffs=given,
    )


def latest(facts: Facts) -> datetime:
    """The latest instant at which any of these facts was received, a revocation or a withdrawal being one, too."""
    moments = [facts.release.registered_at]
    moments += [each.revoked_at or each.received_at for each in facts.evidence]
    moments += [each.revoked_at or each.granted_at for each in facts.waivers]
    moments += [each.withdrawn_at or each.at for each in facts.signoffs]
    return max(moments)


def _waivers(connection: Connection, org: str, release: ReleaseRecord) -> tuple[Waiver, ...]:
    return tuple(
        Waiver(
            each.criterion, each.reason or ERASED, each.granted_by, each.granted_at, each.expires_at, each.revoked_at
        )
        for each in waivers.of_release(connection, org, release.subject, release.version)
    )


def _signoffs(connection: Connection, org: str, release: ReleaseRecord, at: datetime) -> tuple[SignOff, ...]:
    """The verdicts on the release's artifacts; and, of each role, the last one before its registration on others,
    which doesn't count and tells whoever gave it that he is asked anew."""
    given = signoffs.of_bound(connection, org, release.subject, release.bound)
    prior: dict[tuple[str, str], SignOffRecord] = {}
    for each in signoffs.before(connection, org, release.subject, release.bound, release.registered_at):
        if each.withdrawn_at is None or each.withdrawn_at > at:
            prior.setdefault((each.criterion, each.role), each)
    return tuple(as_fact(each) for each in (*given, *prior.values()))


def as_fact(record: SignOffRecord) -> SignOff:
    """A stored verdict as the engine reads it."""
    return SignOff(
        role=record.role,
        verdict=record.verdict,
        by=record.given_by,
        at=record.given_at,
        criterion=record.criterion,
        acknowledged=record.acknowledged,
        comment=record.comment or "",
        via=record.via,
        mfa=record.mfa,
        withdrawn_at=record.withdrawn_at,
        artifacts=record.artifacts,
        policy_digest=record.policy_digest,
        covered=record.covered,
        id=record.id,
    )


def _admitted(record: EvidenceRecord, policy: CompiledPolicy) -> Evidence | None:
    """The record as the policy reads it; None where the policy has no such type, its data doesn't fit
    the shape that the policy was published with, or it is erased."""
    kind = policy.policy.evidence.get(record.type)
    if kind is None or not record.data or (kind.scope == "subject") != (record.bound == ""):
        return None
    data = msgspec.json.decode(record.data)
    if record.shape != kind.shape or record.shape_digest != policy.shape_digests[kind.shape]:
        try:
            data = read_data(policy.shapes[kind.shape], data)
        except Invalid:
            return None
    return Evidence(
        type=record.type,
        data=data,
        collected_at=record.collected_at,
        received_at=record.received_at,
        digest=record.digest,
        context=record.context,
        revoked_at=record.revoked_at,
        submitted_by=record.submitted_by,
        submitted_for=record.submitted_for,
        producer=record.producer,
        strength=record.strength,
        format=record.format,
        artifacts=record.artifacts,
        identity=record.identity,
        id=record.id,
    )
