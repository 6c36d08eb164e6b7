"""Sessions of people who logged in to the pages: they begin, are used, and end."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.identity.login import LoggedIn, derived
from phasegate.operations.decisions import Clock
from phasegate.operations.tokens import hashed
from phasegate.storage import people, tokens
from phasegate.storage import sessions as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.people import PersonRecord
from phasegate.storage.sessions import SessionRecord

IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=24)
_BETWEEN_MARKS = timedelta(minutes=5)
"""A session that is used is marked so no more often."""


class NobodyHere(Exception):
    """Who logged in may not enter."""

    def __init__(self, person: PersonRecord) -> None:
        super().__init__(person.state)
        self.person = person


class _Faster(Exception):
    """Another request stored the same stranger at the same time."""


async def enter(database: Database, org: str, rule: str, who: LoggedIn, at: datetime) -> tuple[SessionRecord, str]:
    """A new session of the person whom the provider names, who came by the `rule` of this id; the session and its
    secret.

    Somebody unknown is kept as pending, without roles, for an administrator to see. Raises `NobodyHere` for him,
    and for whoever is disabled.
    """
    secret = secrets.token_urlsafe(32)

    def work(connection: Connection) -> SessionRecord | PersonRecord:
        name = people.identified(connection, org, who.issuer, who.subject)
        person = None if name is None else people.person(connection, org, name, lock=True)
        if person is None:
            return _pending(connection, org, who, at)
        if person.state != "active":
            return person
        session = SessionRecord(org, str(uuid7()), person.id, rule, who.mfa, at, at + LONGEST, at)
        stored.insert(connection, session, hashed(secret))
        after = {"mfa": who.mfa, "expires_at": session.expires_at}
        record(
            connection, Actor(org, person.id, "", "web"), at, "session.started", ("session", session.id), after=after
        )
        return session

    try:
        found = await database.write(work)
    except _Faster:
        found = await database.write(work)
    if isinstance(found, PersonRecord):
        raise NobodyHere(found)
    return found, secret


def _pending(connection: Connection, org: str, who: LoggedIn, at: datetime) -> PersonRecord:
    name = f"person-{secrets.token_hex(6)}"
    tokens.ensure_principal(connection, org, name, "person", at)
    person = PersonRecord(
        id=name,
        revision=1,
        state="pending",
        display_name=None if who.name is None else who.name[:200],
        email=None if who.email is None else who.email[:320],
        identities=(people.new_identity(who.issuer, who.subject),),
        created_at=at,
        updated_at=at,
    )
    if not people.save(connection, org, person, name):
        raise _Faster
    actor = Actor(org, name, "", "web")
    record(connection, actor, at, "person.pending", ("person", name), after={"state": "pending", "issuer": who.issuer})
    return person


async def visit(database: Database, secret: str, at: datetime) -> SessionRecord | None:
    """The session with this secret, unless it ended, lapsed, its person isn't active any more, or the rule by which he
    came was removed."""
    session = await database.read(lambda connection: stored.by_hash(connection, hashed(secret)))
    if session is None or at >= session.expires_at or at >= session.seen_at + IDLE:
        return None
    if at - session.seen_at >= _BETWEEN_MARKS:
        await database.write(lambda connection: stored.seen(connection, session, at))
    return session


async def leave(database: Database, session: SessionRecord, clock: Clock) -> None:
    """End a session: what its person does in it at the same time is done before that instant, or refused. Again:
    nothing changes."""

    def work(connection: Connection) -> None:
        people.lock_principal(connection, session.org, session.person)
        end_session(connection, Actor(session.org, session.person, "", "web"), session.id, clock())

    await database.write(work)


def end_session(connection: Connection, actor: Actor, session: str, at: datetime) -> None:
    """End the session of this id unless it has ended."""
    if stored.end(connection, actor.org, session, at):
        record(connection, actor, at, "session.ended", ("session", session))


def form_token(secret: str) -> str:
    """What each form of a session carries, so that no other site can send one: it can't read the cookie."""
    return derived(secret, "form")
