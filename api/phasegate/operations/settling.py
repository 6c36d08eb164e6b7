"""Storing many records in one transaction, in as many statements as for one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.errors import Conflict, Forbidden, Problem
from phasegate.operations.decisions import Clock
from phasegate.operations.evidence import SUBMITTED, Accepted, Prepared, again
from phasegate.operations.tokens import refuse_outside
from phasegate.storage import events, evidence
from phasegate.storage.audit import Actor, Changed, record_all
from phasegate.storage.events import EventRecord
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.people import acts_for
from phasegate.storage.subjects import lock_counters, raise_counter
from phasegate.storage.tokens import TokenRecord


class Ready(NamedTuple):
    """A record that only has to be stored, and the event that brought it."""

    prepared: Prepared
    event: EventRecord | None


def settle(
    connection: Connection, actor: Actor, token: TokenRecord, ready: Sequence[Ready], clock: Clock
) -> list[Accepted | Problem]:
    """Store those that are not there, with their audit entries; a result for each, in order. An event that was
    received before with other data is a `Conflict`."""
    for subject, bound in sorted({(each.prepared.record.subject, each.prepared.record.bound) for each in ready}):
        lock_counters(connection, actor.org, subject, bound)
    at = clock()  # behind the locks: what was decided before it hadn't been received
    received = events.insert_all(connection, actor.org, [each.event for each in ready if each.event is not None], at)
    # Of an event that was received before, the record of then counts, whatever it would be today.
    digests = [_digest(each, received) for each in ready]
    new: dict[str, Prepared] = {}
    for digest, each in zip(digests, ready, strict=True):
        if digest == each.prepared.record.digest:
            new.setdefault(digest, each.prepared)
    people = acts_for(connection, actor)
    signed = {each.signed: digest for digest, each in new.items() if each.signed is not None}
    first = events.first_received(connection, actor.org, signed, at)
    records = [(each.received(at, people, first.get(each.signed or "")), each.raw) for each in new.values()]
    inserted = evidence.insert_all(connection, actor.org, records)
    for subject, bound in sorted({(each.subject, each.bound) for each in inserted}):
        raise_counter(connection, actor.org, subject, bound)
    entries = [
        Changed(("evidence", each.id), new[each.digest].audited, None, each.subject, new[each.digest].release)
        for each in inserted
    ]
    record_all(connection, actor, at, SUBMITTED, entries)
    made = {each.digest: each for each in inserted}
    there = evidence.by_digests(connection, actor.org, sorted({each for each in digests if each and each not in made}))
    return list(_results(token, ready, digests, made, there))


def _digest(ready: Ready, received: dict[str, EventRecord]) -> str:
    """Of the record that answers; empty for a conflict."""
    if ready.event is None:
        return ready.prepared.record.digest
    known = received[ready.event.key]
    return known.evidence if known.said == ready.event.said else ""


def _results(
    token: TokenRecord,
    ready: Sequence[Ready],
    digests: Sequence[str],
    made: dict[str, EvidenceRecord],
    there: dict[str, EvidenceRecord],
) -> Iterator[Accepted | Problem]:
    told = set()
    for each, digest in zip(ready, digests, strict=True):
        if not digest:
            yield Conflict(
                "an event with this source and id was received before, with other data; an event never changes: "
                "give another id",
                code="event_exists",
            )
        elif digest in made and digest not in told:
            told.add(digest)
            yield Accepted(made[digest], each.prepared.affects, True, each.prepared.record.warnings)
        else:
            yield _there(token, made.get(digest) or there[digest], each.prepared)


def _there(token: TokenRecord, existing: EvidenceRecord, prepared: Prepared) -> Accepted | Problem:
    try:
        refuse_outside(token, existing.subject)
    except Forbidden as problem:
        return problem
    return again(existing, prepared)
