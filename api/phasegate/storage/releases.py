"""Releases and the policy versions they are held to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, or_, select

from phasegate.engine.facts import Artifact
from phasegate.storage import release_keys, texts
from phasegate.storage.columns import LATEST
from phasegate.storage.direct import first, rows
from phasegate.storage.release_keys import Found
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.releases import MovedPin, Release
from phasegate.storage.tables.subjects import FactsCounter
from phasegate.storage.tokens import TOUCHED

_release = table_of(Release)
_moved = table_of(MovedPin)
_counter = table_of(FactsCounter)
_artifacts = msgspec.json.Decoder(tuple[Artifact, ...]).decode
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_source = msgspec.json.Decoder(dict[str, str]).decode


def _facts(bound: Any) -> Any:
    query = select(_counter.c.facts).where(
        _counter.c.org == _release.c.org, _counter.c.subject == _release.c.subject, _counter.c.bound == bound
    )
    return func.coalesce(query.correlate(_release).scalar_subquery(), 0)


def _pinned() -> Any:
    """The version that a release was held to at `until`."""
    query = select(_moved.c.policy_version).where(
        _moved.c.org == _release.c.org,
        _moved.c.subject == _release.c.subject,
        _moved.c.release == _release.c.version,
        _moved.c.moved_at <= bindparam("until"),
    )
    latest = query.order_by(_moved.c.id.desc()).limit(1).correlate(_release).scalar_subquery()
    return func.coalesce(latest, _release.c.policy_version).label("pinned")


_COLUMNS = (
    *(_release.c[name] for name in ("id", "subject", "version", "artifacts", "bound", "policy")),
    _pinned(),
    *(_release.c[name] for name in ("registered_at", "registered_by", "registered_for", "source")),
)
"""As `ReleaseRecord` has them."""
_HERE = (_release.c.org == bindparam("org"), _release.c.subject == bindparam("subject"))
_RELEASES = select(*_COLUMNS).where(*_HERE)
_RELEASE = _RELEASES.where(_release.c.version == bindparam("version"))
_PIN = _RELEASE.with_only_columns(
    _release.c.bound, _release.c.policy, _release.c.policy_version, _facts(""), _facts(_release.c.bound)
)
PIN_FOR = _PIN.add_columns(TOUCHED)
"""The `Pin` of the release `version` of `subject` in `org`, and whether the asking `token` is `TOUCHED`."""

_MOVED_AT = (
    select(_moved.c.moved_at)
    .where(
        *(_moved.c[name] == bindparam(name) for name in ("org", "subject", "release")),
        _moved.c.moved_at <= bindparam("until"),
    )
    .order_by(_moved.c.id.desc())
    .limit(1)
)


class ReleaseRecord(msgspec.Struct, frozen=True):
    """One candidate, with the exact policy version it is held to at the instant that was asked about."""

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


class MovedPinRecord(msgspec.Struct, frozen=True):
    """A release's move to another version of its policy."""

    id: str
    policy_version: str
    moved_at: datetime
    moved_by: str
    reason: str


class Pin(NamedTuple):
    """What a decision on a release hangs on: as long as it is the same, only time changes the answer.

    The policy version is that of registration: a move raises the release's counter, and is read with the facts.
    """

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
    if not insert_if_new(connection, _release, values, ("org", "subject", "version")):
        return False
    digests = [artifact.sha256 for artifact in release.artifacts]
    commit = None if release.source is None else release.source.get("commit")
    release_keys.insert(
        connection, org, Found(release.subject, release.version, release.id), digests, release.bound, commit
    )
    return True


def find(
    connection: Connection, org: str, subject: str, version: str, until: datetime = LATEST
) -> ReleaseRecord | None:
    """The release, with the policy version that it was held to at `until`."""
    asked = {"org": org, "subject": subject, "version": version, "until": until}
    return next(map(_record, rows(connection, _RELEASE, asked)), None)


def newest(connection: Connection, org: str, subject: str) -> ReleaseRecord | None:
    """The release registered last."""
    query = _RELEASES.order_by(_release.c.id.desc()).limit(1)
    row = connection.execute(query, {"org": org, "subject": subject, "until": LATEST}).first()
    return None if row is None else _record(row)


def page(connection: Connection, org: str, subject: str, before: str, limit: int) -> list[ReleaseRecord]:
    """Releases registered before the one with id `before` (empty: all), newest first."""
    query = _RELEASES.order_by(_release.c.id.desc()).limit(limit)
    if before:
        query = query.where(_release.c.id < before)
    return [_record(row) for row in connection.execute(query, {"org": org, "subject": subject, "until": LATEST})]


def search(
    connection: Connection,
    org: str,
    before: str,
    limit: int,
    *,
    sha256: str | None = None,
    commit: str | None = None,
    subject: str | None = None,
    prefixes: tuple[str, ...] = ("",),
) -> list[ReleaseRecord]:
    """Releases of an org that have this artifact, commit and subject, registered before the one with id `before`
    (empty: all), newest first. `prefixes`: of the names of subjects that matter."""
    query = select(*_COLUMNS).where(_release.c.org == org).order_by(_release.c.id.desc()).limit(limit)
    for key in release_keys.wanted(sha256, commit):
        same = key.alias()
        query = query.join(same, (same.c.org == _release.c.org) & (same.c.release == _release.c.id))
    if before:
        query = query.where(_release.c.id < before)
    if subject is not None:
        query = query.where(_release.c.subject == subject)
    if "" not in prefixes:
        query = query.where(or_(*(_release.c.subject.startswith(prefix, autoescape=True) for prefix in prefixes)))
    return [_record(row) for row in connection.execute(query, {"until": LATEST})]


def pin(connection: Connection, org: str, subject: str, version: str) -> Pin | None:
    """The release's pinned policy and the counters of its facts, in one statement."""
    row = first(connection, _PIN, {"org": org, "subject": subject, "version": version})
    return None if row is None else Pin(*row)


def move_pin(connection: Connection, org: str, subject: str, version: str, moved: MovedPinRecord) -> None:
    """Record that a release is held to another policy version, and why."""
    texts.insert(connection, org, moved.id, moved.reason)
    values = {
        "org": org,
        "subject": subject,
        "release": version,
        "id": moved.id,
        "policy_version": moved.policy_version,
        "moved_at": moved.moved_at,
        "moved_by": moved.moved_by,
    }
    connection.execute(_moved.insert(), values)


def pinned_at(connection: Connection, org: str, subject: str, version: str, until: datetime) -> datetime | None:
    """When a release was moved to the policy version that it was held to at `until`; None where it never was."""
    asked = {"org": org, "subject": subject, "release": version, "until": until}
    found: datetime | None = connection.execute(_MOVED_AT, asked).scalar()
    return found


def _record(row: Sequence[Any]) -> ReleaseRecord:
    identifier, subject, version, artifacts, bound, policy, pinned, at, by, acted_for, source = row
    return ReleaseRecord(
        identifier,
        subject,
        version,
        _artifacts(artifacts),
        bound,
        policy,
        pinned,
        at,
        by,
        _names(acted_for),
        None if source is None else _source(source),
    )
