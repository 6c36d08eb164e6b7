"""Registering releases, and moving the policy version that one is held to."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest
from phasegate.engine.facts import Artifact
from phasegate.errors import Conflict, Fault, Invalid, NotFound, nearest
from phasegate.operations.policies import resolve
from phasegate.storage import policies, subjects
from phasegate.storage import releases as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.columns import LATEST
from phasegate.storage.database import Database
from phasegate.storage.people import acts_for
from phasegate.storage.releases import MovedPinRecord, ReleaseRecord
from phasegate.storage.subjects import SubjectRecord


def found_subject(connection: Connection, org: str, name: str, *, lock: bool = False) -> SubjectRecord:
    """The subject. Raises `NotFound`."""
    subject = subjects.find(connection, org, name, lock=lock)
    if subject is None:
        raise NotFound("there is no such subject; create it with PUT /v1/subjects/SUBJECT")
    return subject


def found_release(connection: Connection, org: str, subject: str, version: str, at: datetime = LATEST) -> ReleaseRecord:
    """The release, with the policy version that it was held to at `at`. Raises `NotFound`, for the subject
    where that isn't there either."""
    release = stored.find(connection, org, subject, version, at)
    if release is None:
        found_subject(connection, org, subject)
        raise NotFound("the subject has no such release; register it first")
    return release


def bound_to(artifacts: tuple[Artifact, ...]) -> str:
    """The digest of a *set* of artifact digests: names and order don't matter."""
    return digest(sorted({artifact.sha256 for artifact in artifacts}))


async def register(
    database: Database,
    actor: Actor,
    subject: str,
    version: str,
    artifacts: tuple[Artifact, ...],
    source: dict[str, str] | None,
    at: datetime,
) -> tuple[ReleaseRecord, bool]:
    """Register a release, pinning the newest policy version that its subject admits; whether it is new.

    Raises `Conflict` where the version is there with other artifacts.
    """
    ordered = tuple(sorted(artifacts, key=lambda artifact: artifact.name))

    def work(connection: Connection) -> tuple[ReleaseRecord, bool]:
        binding = found_subject(connection, actor.org, subject).policy
        existing = stored.find(connection, actor.org, subject, version)
        if existing is None:
            published = resolve(connection, actor.org, binding)
            release = ReleaseRecord(
                id=str(uuid7()),
                subject=subject,
                version=version,
                artifacts=ordered,
                bound=bound_to(ordered),
                policy=published.name,
                policy_version=published.version,
                registered_at=at,
                registered_by=actor.principal,
                registered_for=acts_for(connection, actor),
                source=source,
            )
            if stored.insert(connection, actor.org, release):
                subjects.raise_counter(connection, actor.org, subject, release.bound)
                target = ("release", f"{subject}/{version}")
                record(
                    connection, actor, at, "release.registered", target, after=release, subject=subject, release=version
                )
                return release, True
            existing = found_release(connection, actor.org, subject, version)
        if existing.artifacts != ordered:
            raise Conflict(
                f"release {version!r} of {subject!r} is registered with other artifacts; "
                "a release never changes: register another version",
                code="release_exists",
            )
        return existing, False

    return await database.write(work)


async def move_pin(
    database: Database,
    actor: Actor,
    subject: str,
    version: str,
    policy_version: str,
    reason: str,
    clock: Callable[[], datetime],
) -> ReleaseRecord:
    """Hold a release to another version of its policy from now on; to the one it has: nothing changes.

    What is decided for an earlier instant stays. Raises `Invalid` where there is no such version.
    """

    def work(connection: Connection) -> ReleaseRecord:
        found_subject(connection, actor.org, subject, lock=True)
        release = found_release(connection, actor.org, subject, version)
        subjects.lock_counters(connection, actor.org, subject, release.bound)
        published = [each.version for each in policies.versions(connection, actor.org, release.policy)]
        if policy_version not in published:
            told = f"{release.policy} has no version {policy_version!r}"
            hint = nearest(policy_version, published) or f"there are: {', '.join(published)}"
            raise Invalid(told, faults=(Fault("version", "is not published", suggestion=hint),))
        if policy_version == release.policy_version:
            return release
        # Of two moves the later one counts, also where the clock was set back between them.
        before = stored.pinned_at(connection, actor.org, subject, version, LATEST)
        at = max(clock(), before or release.registered_at)
        moved = MovedPinRecord(str(uuid7()), policy_version, at, actor.principal, reason)
        stored.move_pin(connection, actor.org, subject, version, moved)
        subjects.raise_counter(connection, actor.org, subject, release.bound)
        target = ("release", f"{subject}/{version}")
        was, is_now = ({"policy_version": each} for each in (release.policy_version, policy_version))
        record(
            connection,
            actor,
            at,
            "release.pin_moved",
            target,
            before=was,
            after=is_now,
            subject=subject,
            release=version,
        )
        return found_release(connection, actor.org, subject, version)

    return await database.write(work)
