"""Events whose evidence was accepted: the same one again is accepted once, and never with other data."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables import ReceivedEvent

_event = table_of(ReceivedEvent)
_BY_KEY = select(_event.c.said, _event.c.evidence).where(
    _event.c.org == bindparam("org"), _event.c.key == bindparam("key")
)


class EventRecord(NamedTuple):
    """An event, by the digest of its source and id."""

    key: str
    source: str
    id: str
    said: str
    """Digest of all that it said of its evidence."""
    evidence: str
    """Digest of the record."""


def insert(connection: Connection, org: str, event: EventRecord, at: datetime) -> bool:
    """Insert an event unless it was received before; whether it was inserted."""
    return insert_if_new(connection, _event, {**event._asdict(), "org": org, "received_at": at}, ("org", "key"))


def said_before(connection: Connection, org: str, key: str) -> tuple[str, str] | None:
    """What the event of this key said, and the digest of its record."""
    row = connection.execute(_BY_KEY, {"org": org, "key": key}).first()
    return None if row is None else (row.said, row.evidence)
