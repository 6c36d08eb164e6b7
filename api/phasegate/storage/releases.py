"""Releases and their launches."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from phasegate.engine.facts import Artifact
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables import FactsCounter, Launch, Release
from phasegate.storage.tokens import REVOKED

_release = table_of(Release)
_launch = table_of(Launch)
_counter = table_of(FactsCounter)
_artifacts = msgspec.json.Decoder(tuple[Artifact, ...])


def _facts(bound: Any) -> Any:
    query = select(_counter.c.facts).where(
        _counter.c.org == _release.c.org, _counter.c.subject == _release.c.subject, _counter.c.bound == bound
    )
    return func.coalesce(query.correlate(_release).scalar_subquery(), 0)


_RELEASES = select(_release).where(_release.c.org == bindparam("org"), _release.c.subject == bindparam("subject"))
_RELEASE = _RELEASES.where(_release.c.version == bindparam("version"))
_PIN = _RELEASE.with_only_columns(
    _release.c.bound, _release.c.policy, _release.c.policy_version, _facts(""), _facts(_release.c.bound)
)
PIN_FOR = _PIN.add_columns(REVOKED)
"""The `Pin` of the release `version` of `subject` in `org`, and whether the asking `token` was revoked."""
_LAUNCHES = select(_launch.c.release, _launch.c.launched_at, _launch.c.launched_by, _launch.c.decision).where(
    _launch.c.org == bindparam("org"), _launch.c.subject == bindparam("subject")
)
_LAUNCH = _LAUNCHES.where(_launch.c.release == bindparam("release"))
_LAUNCHES_UNTIL = _LAUNCHES.where(_launch.c.launched_at <= bindparam("until")).order_by(
    _launch.c.launched_at.desc(), _launch.c.decision.desc()
)


class ReleaseRecord(msgspec.Struct, frozen=True):
    """One candidate, with the exact policy version it pins."""

    id: str
    subject: str
    version: str
    artifacts: tuple[Artifact, ...]
    bound: str
    """Digest of the set of artifact digests."""
    policy: str
    policy_version: str
    registered_at: datetime
    registered_by: str
    registered_for: tuple[str, ...] = ()
    source: dict[str, str] | None = None


class LaunchRecord(msgspec.Struct, frozen=True):
    release: str
    launched_at: datetime
    launched_by: str
    decision: str
    """Id of the stored decision."""


class Pin(NamedTuple):
    """What a decision on a release hangs on: as long as it is the same, only time changes the answer."""

    bound: str
    policy: str
    policy_version: str
    subject_facts: int
    release_facts: int


def insert(connection: Connection, org: str, release: ReleaseRecord) -> bool:
    """Insert a release unless one of that version is there; whether it was inserted."""
    values = {
        "org": org,
        "subject": release.subject,
        "version": release.version,
        "id": release.id,
        "artifacts": msgspec.json.encode(release.artifacts),
        "bound": release.bound,
        "policy": release.policy,
        "policy_version": release.policy_version,
        "registered_at": release.registered_at,
        "registered_by": release.registered_by,
        "registered_for": msgspec.json.encode(release.registered_for),
        "source": None if release.source is None else msgspec.json.encode(release.source),
    }
    return insert_if_new(connection, _release, values, ("org", "subject", "version"))


def find(connection: Connection, org: str, subject: str, version: str) -> ReleaseRecord | None:
    row = connection.execute(_RELEASE, {"org": org, "subject": subject, "version": version}).first()
    return None if row is None else _record(row)


def newest(connection: Connection, org: str, subject: str) -> ReleaseRecord | None:
    """The release registered last."""
    query = _RELEASES.order_by(_release.c.id.desc()).limit(1)
    row = connection.execute(query, {"org": org, "subject": subject}).first()
    return None if row is None else _record(row)


def page(connection: Connection, org: str, subject: str, before: str, limit: int) -> list[ReleaseRecord]:
    """Releases registered before the one with id `before` (empty: all), newest first."""
    query = _RELEASES.order_by(_release.c.id.desc()).limit(limit)
    if before:
        query = query.where(_release.c.id < before)
    return [_record(row) for row in connection.execute(query, {"org": org, "subject": subject})]


def pin(connection: Connection, org: str, subject: str, version: str) -> Pin | None:
    """The release's pinned policy and the counters of its facts, in one statement."""
    row = connection.execute(_PIN, {"org": org, "subject": subject, "version": version}).first()
    return None if row is None else Pin(*row)


def insert_launch(connection: Connection, org: str, subject: str, launch: LaunchRecord) -> bool:
    """Insert a launch unless the release was launched before; whether it was inserted."""
    values = {
        "org": org,
        "subject": subject,
        "release": launch.release,
        "launched_at": launch.launched_at,
        "launched_by": launch.launched_by,
        "decision": launch.decision,
    }
    return insert_if_new(connection, _launch, values, ("org", "subject", "release"))


def launch_of(connection: Connection, org: str, subject: str, version: str) -> LaunchRecord | None:
    """The launch of one release, whenever it was received."""
    row = connection.execute(_LAUNCH, {"org": org, "subject": subject, "release": version}).first()
    return None if row is None else LaunchRecord(*row)


def launches(connection: Connection, org: str, subject: str, until: datetime) -> list[LaunchRecord]:
    """Launches of a subject received by `until`, latest first."""
    rows = connection.execute(_LAUNCHES_UNTIL, {"org": org, "subject": subject, "until": until})
    return [LaunchRecord(*row) for row in rows]


def _record(row: Any) -> ReleaseRecord:
    return ReleaseRecord(
        id=row.id,
        subject=row.subject,
        version=row.version,
        artifacts=_artifacts.decode(row.artifacts),
        bound=row.bound,
        policy=row.policy,
        policy_version=row.policy_version,
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        registered_for=tuple(msgspec.json.decode(row.registered_for)),
        source=None if row.source is None else msgspec.json.decode(row.source),
    )
