"""Sessions of people who logged in to the pages."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import PersonRevision
from phasegate.storage.tables.sessions import WebSession, WebSessionEnd, WebSessionUse
from phasegate.storage.tables.trust import TrustRuleRemoval

_session = table_of(WebSession)
_end = table_of(WebSessionEnd)
_use = table_of(WebSessionUse)
_person = table_of(PersonRevision)
_removal = table_of(TrustRuleRemoval)


class SessionRecord(msgspec.Struct, frozen=True):
    """A session that was not ended, of a person who is active, by a rule of trust that stands."""

    org: str
    id: str
    person: str
    rule: str
    """By which he logged in."""
    mfa: bool
    """Whether the log-in asked for more than one factor."""
    created_at: datetime
    expires_at: datetime
    """However much it is used."""
    seen_at: datetime


_STATE = (
    select(_person.c.state)
    .where(_person.c.org == _session.c.org, _person.c.person == _session.c.person)
    .order_by(_person.c.revision.desc())
    .limit(1)
    .correlate(_session)
    .scalar_subquery()
)
_OPEN: Any = (
    select(
        *(_session.c[name] for name in ("org", "id", "person", "rule", "mfa", "created_at", "expires_at")),
        func.coalesce(_use.c.seen_at, _session.c.created_at),
    )
    .outerjoin(_use, and_(_use.c.org == _session.c.org, _use.c.session == _session.c.id))
    .outerjoin(_end, and_(_end.c.org == _session.c.org, _end.c.session == _session.c.id))
    .outerjoin(_removal, and_(_removal.c.org == _session.c.org, _removal.c.rule == _session.c.rule))
    .where(_end.c.session.is_(None), _removal.c.rule.is_(None), func.coalesce(_STATE, "active") == "active")
)
_BY_HASH = _OPEN.where(_session.c.hash == bindparam("hash"))
_BY_ID = _OPEN.where(_session.c.org == bindparam("org"), _session.c.id == bindparam("id"))


def insert(connection: Connection, session: SessionRecord, secret_hash: str) -> None:
    values = {
        "org": session.org,
        "id": session.id,
        "hash": secret_hash,
        "person": session.person,
        "rule": session.rule,
        "mfa": session.mfa,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    }
    connection.execute(_session.insert(), values)


def by_hash(connection: Connection, secret_hash: str) -> SessionRecord | None:
    """The session with a secret of this SHA-256, unless it was ended, its person isn't active, or its rule was
    removed."""
    row = connection.execute(_BY_HASH, {"hash": secret_hash}).first()
    return None if row is None else SessionRecord(*row)


def is_open(connection: Connection, org: str, session: str) -> bool:
    """Whether the session with this id was neither ended, nor has its person or its rule been."""
    return connection.execute(_BY_ID, {"org": org, "id": session}).first() is not None


def open_of(connection: Connection, org: str, person: str, at: datetime) -> list[str]:
    """Ids of the person's sessions that at `at` were neither ended nor too old, oldest first."""
    query = (
        select(_session.c.id)
        .outerjoin(_end, and_(_end.c.org == _session.c.org, _end.c.session == _session.c.id))
        .where(_session.c.org == org, _session.c.person == person, _session.c.expires_at > at, _end.c.session.is_(None))
    )
    return list(connection.execute(query.order_by(_session.c.id)).scalars())


def seen(connection: Connection, session: SessionRecord, at: datetime) -> None:
    """Say that the session is used."""
    key = {"org": session.org, "session": session.id}
    if not insert_if_new(connection, _use, {**key, "seen_at": at}, ("org", "session")):
        here = (_use.c.org == session.org, _use.c.session == session.id, _use.c.seen_at < at)
        connection.execute(_use.update().where(*here).values(seen_at=at))


def end(connection: Connection, org: str, session: str, at: datetime) -> bool:
    """End the session; False if it had ended."""
    values = {"org": org, "session": session, "ended_at": at}
    return insert_if_new(connection, _end, values, ("org", "session"))
