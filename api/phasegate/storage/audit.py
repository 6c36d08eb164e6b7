"""The audit entry that every change writes in its own transaction, and the numbers that entries get afterwards.

A number that every writer took from one counter would make them wait for each other. So an entry is written without
one, and noted as such; whoever reads numbers what was committed since, holding a lock that no writer takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, func, select, text
from uuid_utils.compat import uuid7

from phasegate.engine.instants import rfc3339
from phasegate.storage.direct import first
from phasegate.storage.statements import table_of
from phasegate.storage.tables.audit import Audit, AuditSequence, AuditUnsequenced

_audit = table_of(Audit)
_sequence = table_of(AuditSequence)
_unsequenced = table_of(AuditUnsequenced)
_INSERT = _audit.insert()
_NOTE = _unsequenced.insert()
_LOCK = text("SELECT pg_advisory_xact_lock(:space, hashtext(:org))")
_SPACE = 0x61756469
_BATCH = 10_000
_WAITING = select(_unsequenced.c.audit).where(_unsequenced.c.org == bindparam("org"))
_LAST = select(func.coalesce(func.max(_sequence.c.seq), 0)).where(_sequence.c.org == bindparam("org"))


class Actor(NamedTuple):
    """Who makes a change, and by which door."""

    org: str
    principal: str
    token: str
    """Id of the token; empty for the server itself."""
    via: str
    """`api` or `cli`."""
    request_id: str = ""
    identity: Mapping[str, str] = MappingProxyType({})
    """Verified claims of the CI run that acts."""
    acts_for: tuple[str, ...] = ()
    """People known to stand behind it, beside the owner of the tool."""
    session: str = ""
    """Id of the session of who uses the pages."""


class Changed(NamedTuple):
    """What a change touched, and what that is before and after it."""

    target: tuple[str, str]
    """Kind and id."""
    after: Any = None
    before: Any = None
    subject: str | None = None
    release: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One change, with its number."""

    seq: int
    at: datetime
    actor: str
    via: str
    token: str
    action: str
    target: tuple[str, str]
    """Kind and id."""
    before: Any
    after: Any
    request_id: str
    subject: str | None


class Wanted(NamedTuple):
    """Which entries; None: whichever. From `since` on, and before `until`."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    release: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    connection: Connection,
    actor: Actor,
    at: datetime,
    action: str,
    target: tuple[str, str],
    *,
    before: Any = None,
    after: Any = None,
    subject: str | None = None,
    release: str | None = None,
) -> None:
    """Record `action` (`evidence.submitted`, …) on `target`, its kind and id; `subject` and `release` say what it
    concerns. Nothing in `before` and `after` may be personal: an entry can't be erased."""
    entry = _entry(actor, at, action, Changed(target, after, before, subject, release))
    first(connection, _INSERT, entry)
    first(connection, _NOTE, {"org": actor.org, "audit": entry["id"]})


def record_all(connection: Connection, actor: Actor, at: datetime, action: str, changes: Sequence[Changed]) -> None:
    """Record the same action on many targets."""
    if changes:
        entries = [_entry(actor, at, action, each) for each in changes]
        connection.execute(_INSERT, entries)
        connection.execute(_NOTE, [{"org": actor.org, "audit": entry["id"]} for entry in entries])


def _entry(actor: Actor, at: datetime, action: str, changed: Changed) -> dict[str, Any]:
    return {
        "org": actor.org,
        "id": str(uuid7()),
        "at": at,
        "actor": actor.principal,
        "via": actor.via,
        "token": actor.token,
        "action": action,
        "target_kind": changed.target[0],
        "target_id": changed.target[1],
        "before": _encoded(changed.before),
        "after": _encoded(changed.after),
        "request_id": actor.request_id,
        "subject": changed.subject,
        "release": changed.release,
    }


def waiting(connection: Connection, org: str) -> bool:
    """Whether entries have no number yet."""
    return connection.execute(_WAITING.limit(1), {"org": org}).first() is not None


def number(connection: Connection, org: str) -> int:
    """Number what was committed since the last time, in the order of ids; how many entries that were.

    One that is committed while this runs is seen the next time and gets a higher number, so numbers follow commits.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"space": _SPACE, "org": org})
    found = connection.execute(_WAITING.order_by(_unsequenced.c.audit).limit(_BATCH), {"org": org}).scalars().all()
    if not found:
        return 0
    start = connection.execute(_LAST, {"org": org}).scalar_one() + 1
    rows = [{"org": org, "seq": seq, "audit": audit} for seq, audit in enumerate(found, start)]
    connection.execute(_sequence.insert(), rows)
    gone = _unsequenced.delete().where(_unsequenced.c.org == org, _unsequenced.c.audit == bindparam("numbered"))
    connection.execute(gone, [{"numbered": audit} for audit in found])
    return len(found)


def page(connection: Connection, org: str, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
    """Numbered entries below the number `before` (None: all), the newest first."""
    joined = _sequence.join(_audit, (_audit.c.org == _sequence.c.org) & (_audit.c.id == _sequence.c.audit))
    query = select(_sequence.c.seq, _audit).select_from(joined).where(_sequence.c.org == org)
    if before is not None:
        query = query.where(_sequence.c.seq < bindparam("before", before, BigInteger))
    for column, value in (
        (_audit.c.actor, wanted.actor),
        (_audit.c.action, wanted.action),
        (_audit.c.subject, wanted.subject),
        (_audit.c.release, wanted.release),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(_audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_audit.c.at < wanted.until)
    return list(_entries(connection.execute(query.order_by(_sequence.c.seq.desc()).limit(limit))))


def submitted_to(connection: Connection, org: str, evidence: str) -> str | None:
    """The version of the release to which evidence was submitted first; None for evidence of a subject."""
    query = select(_audit.c.release).where(
        _audit.c.org == org,
        _audit.c.target_kind == "evidence",
        _audit.c.target_id == evidence,
        _audit.c.action == "evidence.submitted",
    )
    found: str | None = connection.execute(query.limit(1)).scalar_one_or_none()
    return found


def _entries(rows: Iterable[Any]) -> Iterable[Entry]:
    for row in rows:
        yield Entry(
            row.seq,
            row.at,
            row.actor,
            row.via,
            row.token,
            row.action,
            (row.target_kind, row.target_id),
            None if row.before is None else msgspec.json.decode(row.before),
            None if row.after is None else msgspec.json.decode(row.after),
            row.request_id,
            row.subject,
        )


def _encoded(content: Any) -> bytes | None:
    """JSON in which instants are written as everywhere."""
    if content is None:
        return None
    return msgspec.json.encode(_plain(msgspec.to_builtins(content, builtin_types=(datetime,))))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
