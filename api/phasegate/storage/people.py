"""People, and the tools that act for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select
from uuid_utils.compat import uuid7

from phasegate.storage.audit import Actor
from phasegate.storage.direct import first
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import PersonIdentity, PersonRevision, Principal, Profile, ToolRevision

_principal = table_of(Principal)
_revision = table_of(PersonRevision)
_profile = table_of(Profile)
_identity = table_of(PersonIdentity)
_tool = table_of(ToolRevision)
State = Literal["active", "disabled", "pending"]

_each = _revision.alias()
_newest = (
    select(func.max(_each.c.revision))
    .where(_each.c.org == _principal.c.org, _each.c.person == _principal.c.id)
    .scalar_subquery()
)
_SAME = ("org", "person", "revision")
_PEOPLE = (
    select(
        _principal.c.id,
        _principal.c.created_at,
        func.coalesce(_revision.c.revision, 0).label("revision"),
        func.coalesce(_revision.c.state, "active").label("state"),
        _revision.c.received_at,
        _profile.c.display_name,
        _profile.c.email,
    )
    .select_from(_principal)
    .outerjoin(
        _revision,
        and_(
            _revision.c.org == _principal.c.org,
            _revision.c.person == _principal.c.id,
            _revision.c.revision == _newest,
        ),
    )
    .outerjoin(_profile, and_(*(_profile.c[key] == _revision.c[key] for key in _SAME)))
    .where(_principal.c.org == bindparam("org"), _principal.c.kind == "person")
)
_PERSON = _PEOPLE.where(_principal.c.id == bindparam("person"))
_PAGE = _PEOPLE.where(_principal.c.id > bindparam("after")).order_by(_principal.c.id).limit(bindparam("most"))
_HELD = select(_principal.c.id).where(_principal.c.org == bindparam("org"), _principal.c.id == bindparam("id"))
_OWNER = (
    select(_tool.c.owner)
    .where(_tool.c.org == bindparam("org"), _tool.c.tool == bindparam("tool"))
    .order_by(_tool.c.revision.desc())
    .limit(1)
)


class Identity(msgspec.Struct, frozen=True):
    """Whom an issuer calls `subject`."""

    id: str
    issuer: str
    subject: str


class PersonRecord(msgspec.Struct, frozen=True):
    """A person as he stands."""

    id: str
    """A permanent pseudonym."""
    revision: int
    """0 for a principal that nobody has described."""
    state: State
    display_name: str | None
    """None once erased, and where nobody gave one."""
    email: str | None
    identities: tuple[Identity, ...]
    created_at: datetime
    updated_at: datetime


def person(connection: Connection, org: str, identifier: str, *, lock: bool = False) -> PersonRecord | None:
    """The person; `lock` holds him as he stands until the transaction ends."""
    if lock:
        lock_principal(connection, org, identifier)
    row = connection.execute(_PERSON, {"org": org, "person": identifier}).first()
    return None if row is None else _record(row, identities(connection, org, (identifier,)))


def lock_principal(connection: Connection, org: str, principal: str) -> None:
    """Let no other transaction that asks for this lock change the principal until this one ends."""
    connection.execute(_HELD.with_for_update(), {"org": org, "id": principal}).all()


def page(connection: Connection, org: str, after: str, limit: int) -> list[PersonRecord]:
    """People behind `after`, by id."""
    rows = connection.execute(_PAGE, {"org": org, "after": after, "most": limit}).all()
    known = identities(connection, org, [row.id for row in rows])
    return [_record(row, known) for row in rows]


def save(connection: Connection, org: str, wanted: PersonRecord, by: str) -> bool:
    """Store a revision with its profile and exactly these identities, `wanted.updated_at` being its instant. False if
    another request was faster, by which the revision is there or an identity is another person's: then the transaction
    must be undone."""
    key = {"org": org, "person": wanted.id, "revision": wanted.revision}
    values = {**key, "state": wanted.state, "received_at": wanted.updated_at, "received_from": by}
    if not insert_if_new(connection, _revision, values, _SAME):
        return False
    profile = {**key, "display_name": wanted.display_name or "", "email": wanted.email}
    connection.execute(_profile.insert().values(**profile))
    kept = [each.id for each in wanted.identities]
    connection.execute(
        _identity.delete().where(_identity.c.org == org, _identity.c.person == wanted.id, _identity.c.id.not_in(kept))
    )
    for each in wanted.identities:
        row = {"org": org, "issuer": each.issuer, "subject": each.subject, "id": each.id, "person": wanted.id}
        new = insert_if_new(connection, _identity, row, ("org", "issuer", "subject"))
        if not new and identified(connection, org, each.issuer, each.subject) != wanted.id:
            return False
    return True


def new_identity(issuer: str, subject: str) -> Identity:
    """One that isn't stored yet."""
    return Identity(str(uuid7()), issuer, subject)


def identified(connection: Connection, org: str, issuer: str, subject: str) -> str | None:
    """The person whom `issuer` calls `subject`."""
    query = select(_identity.c.person).where(
        _identity.c.org == org, _identity.c.issuer == issuer, _identity.c.subject == subject
    )
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def identities(connection: Connection, org: str, people: Iterable[str]) -> dict[str, list[Identity]]:
    """Of each of these people, oldest first."""
    query = select(_identity).where(_identity.c.org == org, _identity.c.person.in_(list(people)))
    found: dict[str, list[Identity]] = {}
    for row in connection.execute(query.order_by(_identity.c.id)):
        found.setdefault(row.person, []).append(Identity(row.id, row.issuer, row.subject))
    return found


def acts_for(connection: Connection, actor: Actor) -> tuple[str, ...]:
    """The people for whom somebody acts beside himself: a tool's owner, and whoever started its CI run. Nobody, for
    people and services."""
    row = first(connection, _OWNER, {"org": actor.org, "tool": actor.principal})
    return tuple(dict.fromkeys((*(() if row is None else (row[0],)), *actor.acts_for)))


def _record(row: Any, known: dict[str, list[Identity]]) -> PersonRecord:
    return PersonRecord(
        id=row.id,
        revision=row.revision,
        state=row.state,
        display_name=row.display_name,
        email=row.email,
        identities=tuple(known.get(row.id, ())),
        created_at=row.created_at,
        updated_at=row.received_at or row.created_at,
    )
