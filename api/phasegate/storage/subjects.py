"""Subjects and their revisions, and the counters that say when their facts changed."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select
from uuid_utils.compat import uuid7

from phasegate.storage import texts
from phasegate.storage.direct import rows
from phasegate.storage.statements import insert_if_new, table_of, upsert_count
from phasegate.storage.tables.subjects import FactsCounter, Retirement, Subject, SubjectRevision

_subject = table_of(Subject)
_revision = table_of(SubjectRevision)
_counter = table_of(FactsCounter)
_retirement = table_of(Retirement)

_retired_at = (
    select(_retirement.c.retired_at)
    .where(_retirement.c.org == _subject.c.org, _retirement.c.subject == _subject.c.name)
    .correlate(_subject)
    .scalar_subquery()
    .label("retired_at")
)
_SUBJECTS = select(_subject, _retired_at)
_SUBJECT = _SUBJECTS.where(_subject.c.org == bindparam("org"), _subject.c.name == bindparam("name"))
_HELD = _SUBJECT.with_for_update(of=_subject)
_REVISION = (
    select(*(_revision.c[name] for name in ("subject", "revision", "kind", "team", "title", "attributes", "policy")))
    .add_columns(_revision.c.received_at)
    .where(
        _revision.c.org == bindparam("org"),
        _revision.c.subject == bindparam("name"),
        _revision.c.received_at <= bindparam("instant"),
    )
    .order_by(_revision.c.revision.desc())
    .limit(1)
)


class SubjectRecord(msgspec.Struct, frozen=True):
    """A subject at one of its revisions."""

    name: str
    revision: int
    kind: str
    team: str
    title: str
    attributes: dict[str, Any]
    policy: str
    """`NAME@X.Y.Z` or `NAME@^X[.Y[.Z]]`."""
    updated_at: datetime
    retired_at: datetime | None = None


def find(connection: Connection, org: str, name: str, *, lock: bool = False) -> SubjectRecord | None:
    """The subject as it stands; `lock` holds it until the transaction ends."""
    row = connection.execute(_HELD if lock else _SUBJECT, {"org": org, "name": name}).first()
    return None if row is None else _record(row)


def at(connection: Connection, org: str, name: str, instant: datetime) -> SubjectRecord | None:
    """The subject as it stood; before its first revision, None."""
    found = rows(connection, _REVISION, {"org": org, "name": name, "instant": instant})
    if not found:
        return None
    subject, revision, kind, team, title, attributes, policy, received_at = found[0]
    return SubjectRecord(subject, revision, kind, team, title, msgspec.json.decode(attributes), policy, received_at)


def page(
    connection: Connection, org: str, after: str, limit: int, team: str | None, kind: str | None
) -> list[SubjectRecord]:
    """Subjects behind `after`, by name."""
    query = _SUBJECTS.where(_subject.c.org == org, _subject.c.name > after)
    if team is not None:
        query = query.where(_subject.c.team == team)
    if kind is not None:
        query = query.where(_subject.c.kind == kind)
    return [_record(row) for row in connection.execute(query.order_by(_subject.c.name).limit(limit))]


def save(connection: Connection, org: str, subject: SubjectRecord, by: str) -> bool:
    """Store a revision; False if the subject was created meanwhile (of its first revision only)."""
    values = {
        "kind": subject.kind,
        "team": subject.team,
        "title": subject.title,
        "attributes": msgspec.json.encode(subject.attributes),
        "policy": subject.policy,
    }
    current = {**values, "revision": subject.revision, "updated_at": subject.updated_at}
    if subject.revision == 1:
        first = {**current, "org": org, "name": subject.name, "created_at": subject.updated_at}
        if not insert_if_new(connection, _subject, first, ("org", "name")):
            return False
    else:
        connection.execute(
            _subject.update().where(_subject.c.org == org, _subject.c.name == subject.name).values(**current)
        )
    connection.execute(
        _revision.insert().values(
            **values,
            org=org,
            subject=subject.name,
            revision=subject.revision,
            received_at=subject.updated_at,
            received_from=by,
        )
    )
    raise_counter(connection, org, subject.name, "")
    return True


def raise_counter(connection: Connection, org: str, subject: str, bound: str) -> None:
    """Say that the facts of a subject (`bound` empty) or of an artifact set changed."""
    upsert_count(connection, _counter, {"org": org, "subject": subject, "bound": bound}, "facts")


def retire(connection: Connection, org: str, subject: str, by: str, at: datetime, reason: str) -> bool:
    """Take a subject out of the standings; False if it was before."""
    identifier = str(uuid7())
    values = {"org": org, "subject": subject, "id": identifier, "retired_at": at, "retired_by": by}
    if not insert_if_new(connection, _retirement, values, ("org", "subject")):
        return False
    texts.insert(connection, org, identifier, reason)
    return True


def lock_counters(connection: Connection, org: str, subject: str, bound: str) -> None:
    """Hold the facts of a subject and of an artifact set as they are until the transaction ends."""
    if connection.dialect.name == "sqlite":
        return  # whose writers come one after another
    query = select(_counter.c.facts).where(
        _counter.c.org == org, _counter.c.subject == subject, _counter.c.bound.in_(("", bound))
    )
    connection.execute(query.order_by(_counter.c.bound).with_for_update()).all()


def _record(row: Any) -> SubjectRecord:
    return SubjectRecord(
        row.name,
        row.revision,
        row.kind,
        row.team,
        row.title,
        msgspec.json.decode(row.attributes),
        row.policy,
        row.updated_at,
        row.retired_at,
    )
