"""Registering releases."""

from datetime import datetime

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest
from phasegate.engine.facts import Artifact
from phasegate.errors import Conflict, NotFound
from phasegate.operations.policies import resolve
from phasegate.storage import releases as stored
from phasegate.storage import subjects
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.releases import ReleaseRecord
from phasegate.storage.subjects import SubjectRecord


def found_subject(connection: Connection, org: str, name: str, *, lock: bool = False) -> SubjectRecord:
    """The subject. Raises `NotFound`."""
    subject = subjects.find(connection, org, name, lock=lock)
    if subject is None:
        raise NotFound("there is no such subject; create it with PUT /v1/subjects/SUBJECT")
    return subject


def found_release(connection: Connection, org: str, subject: str, version: str) -> ReleaseRecord:
    """The release. Raises `NotFound`, for the subject where that isn't there either."""
    release = stored.find(connection, org, subject, version)
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
                source=source,
            )
            if stored.insert(connection, actor.org, release):
                subjects.raise_counter(connection, actor.org, subject, release.bound)
                target = ("release", f"{subject}/{version}")
                record(connection, actor, at, "release.registered", target, after=release)
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
