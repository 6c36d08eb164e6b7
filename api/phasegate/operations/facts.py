"""Gathering what was shown of a release, as it stood at an instant."""

from datetime import datetime

from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Facts, Release, SignOff, Subject, Waiver
from phasegate.errors import NotFound
from phasegate.operations.remembered import Records
from phasegate.storage import launches, releases, signoffs, subjects, waivers
from phasegate.storage.releases import ReleaseRecord
from phasegate.storage.signoffs import SignOffRecord

ERASED = "(erased)"
"""In the place of a waiver's reason: it counts as before, since only evidence stops counting once erased."""


def gather(
    connection: Connection,
    org: str,
    release: ReleaseRecord,
    policy: CompiledPolicy,
    at: datetime,
    records: Records | None = None,
) -> Facts:
    """The facts of a release under its pinned policy at `at`. `records`, where all that is read here is there for
    good, are those that were read before."""
    subject = subjects.at(connection, org, release.subject, at)
    if subject is None:
        raise NotFound(f"the subject {release.subject!r} did not exist at that instant")
    launched = launches.received(connection, org, release.subject, at)
    admitted = (Records(0) if records is None else records).admitted(connection, org, release, policy)
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
        evidence=tuple(admitted),
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
