"""Enrolment codes and their use."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import PersonRevision
from phasegate.storage.tables.tokens import Enrolment, EnrolmentUse

_enrolment = table_of(Enrolment)
_use = table_of(EnrolmentUse)
_person = table_of(PersonRevision)
_BY_HASH = select(_enrolment).where(_enrolment.c.hash == bindparam("hash"))


class EnrolmentRecord(msgspec.Struct, frozen=True):
    """A code, without its secret, and what the token that comes of it may do."""

    id: str
    org: str
    person: str
    revision: int
    """Of the person when it was made."""
    scopes: frozenset[str]
    subjects: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


def insert(connection: Connection, made: EnrolmentRecord, code_hash: str, by: str) -> None:
    values = {
        "org": made.org,
        "id": made.id,
        "person": made.person,
        "revision": made.revision,
        "hash": code_hash,
        "scopes": msgspec.json.encode(sorted(made.scopes)),
        "subjects": msgspec.json.encode(made.subjects),
        "created_at": made.created_at,
        "created_by": by,
        "expires_at": made.expires_at,
    }
    connection.execute(_enrolment.insert().values(**values))


def by_hash(connection: Connection, code_hash: str) -> EnrolmentRecord | None:
    """The code whose secret has this SHA-256, in whatever org, and whether or not it can still be used."""
    row = connection.execute(_BY_HASH, {"hash": code_hash}).first()
    if row is None:
        return None
    return EnrolmentRecord(
        row.id,
        row.org,
        row.person,
        row.revision,
        frozenset(msgspec.json.decode(row.scopes)),
        tuple(msgspec.json.decode(row.subjects)),
        row.created_at,
        row.expires_at,
    )


def use(connection: Connection, org: str, enrolment: str, token: str, at: datetime) -> bool:
    """Use a code; False if it was used before."""
    values = {"org": org, "enrolment": enrolment, "token": token, "used_at": at}
    return insert_if_new(connection, _use, values, ("org", "enrolment"))


def disabled_since(connection: Connection, made: EnrolmentRecord) -> bool:
    """Whether the person was disabled at some time since the code was made, even if he no longer is."""
    query = select(_person.c.revision).where(
        _person.c.org == made.org,
        _person.c.person == made.person,
        _person.c.revision > made.revision,
        _person.c.state == "disabled",
    )
    return connection.execute(query.limit(1)).first() is not None
