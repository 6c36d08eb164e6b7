"""Answers to calls that carried an Idempotency-Key."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, select, text

from phasegate.storage.statements import table_of
from phasegate.storage.tables.keyed_answers import KeyedAnswer

_answer = table_of(KeyedAnswer)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:number)")


class Key(NamedTuple):
    """What an answer is kept under."""

    org: str
    principal: str
    route: str
    """Method and path."""
    key: str


class KeptAnswer(NamedTuple):
    asked: str
    """SHA-256 of what was sent, in hex."""
    status: int
    body: bytes
    answered_at: datetime


def claim(connection: Connection, key: Key) -> bool:
    """Whether nobody else is about to answer under this key; held until the transaction ends. SQLite has one writer
    at a time, so there nobody can be."""
    if connection.dialect.name != "postgresql":
        return True
    number = int.from_bytes(sha256(repr(tuple(key)).encode()).digest()[:8], signed=True)
    return bool(connection.execute(_TRY_LOCK, {"number": number}).scalar_one())


def find(connection: Connection, key: Key) -> KeptAnswer | None:
    query = select(_answer.c.asked, _answer.c.status, _answer.c.body, _answer.c.answered_at)
    for name, value in key._asdict().items():
        query = query.where(_answer.c[name] == value)
    row = connection.execute(query).first()
    return None if row is None else KeptAnswer(*row)


def keep(connection: Connection, key: Key, answer: KeptAnswer, since: datetime) -> None:
    """Store an answer, and forget those of the org that were given at or before `since`."""
    connection.execute(_answer.delete().where(_answer.c.org == key.org, _answer.c.answered_at <= since))
    connection.execute(_answer.insert().values(**key._asdict(), **answer._asdict()))
