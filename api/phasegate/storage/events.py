"""Events whose evidence was accepted: the same one again is accepted once, and never with other data."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from phasegate.storage.statements import insert_all_new, table_of
from phasegate.storage.tables.evidence import ReceivedEvent

_event = table_of(ReceivedEvent)
_BY_KEYS = select(_event.c.key, _event.c.source, _event.c.id, _event.c.said, _event.c.evidence).where(
    _event.c.org == bindparam("org"), _event.c.key.in_(bindparam("keys", expanding=True))
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


def insert_all(connection: Connection, org: str, events: Sequence[EventRecord], at: datetime) -> dict[str, EventRecord]:
    """Insert those that were not received before; all of these keys as they were received first."""
    if not events:
        return {}
    first: dict[str, EventRecord] = {}
    for event in events:
        first.setdefault(event.key, event)
    rows = [{**event._asdict(), "org": org, "received_at": at} for event in first.values()]
    new = {key for (key,) in insert_all_new(connection, _event, rows, ("org", "key"), "key")}
    known = {key: event for key, event in first.items() if key in new}
    if old := [key for key in first if key not in new]:
        found = connection.execute(_BY_KEYS, {"org": org, "keys": old})
        known |= {event.key: event for event in (EventRecord(*row) for row in found)}
    return known
