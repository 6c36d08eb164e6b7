"""Events whose evidence was accepted: the same one again is accepted once, and never with other data.

What was signed is known here too, by its SHA-256 and without a source, from when it was received first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from phasegate.storage.statements import insert_all_new, table_of
from phasegate.storage.tables.evidence import ReceivedEvent

_event = table_of(ReceivedEvent)
_BY_KEYS = select(_event.c.key, _event.c.source, _event.c.id, _event.c.said, _event.c.evidence).where(
    _event.c.org == bindparam("org"), _event.c.key.in_(bindparam("keys", expanding=True))
)

_RECEIVED = select(_event.c.id, _event.c.received_at).where(
    _event.c.org == bindparam("org"), _event.c.key.in_(bindparam("keys", expanding=True))
)
_SIGNED = "signed:"
"""Before a SHA-256, where the keys of events have the name of their digest."""


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


def first_received(connection: Connection, org: str, signed: Mapping[str, str], at: datetime) -> dict[str, datetime]:
    """When each payload was received first, by its SHA-256; `at`, and noted, where that is now. `signed`: the digest of
    the record that it comes with, by SHA-256."""
    if not signed:
        return {}
    rows = [
        {
            "org": org,
            "key": f"{_SIGNED}{sha256}",
            "source": "",
            "id": sha256,
            "said": "",
            "evidence": evidence,
            "received_at": at,
        }
        for sha256, evidence in signed.items()
    ]
    insert_all_new(connection, _event, rows, ("org", "key"), "key")
    found = connection.execute(_RECEIVED, {"org": org, "keys": [row["key"] for row in rows]})
    return {row.id: row.received_at for row in found}
