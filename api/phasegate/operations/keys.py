"""Registering public keys, and revoking them together with what rests on them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.instants import rfc3339
from phasegate.envelopes.public_keys import PublicKey
from phasegate.errors import Conflict, Invalid, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.evidence import revoke_held
from phasegate.storage import evidence, keys
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.keys import KeyRecord
from phasegate.storage.subjects import lock_counters


class NewKey(NamedTuple):
    """What is registered."""

    name: str
    key: PublicKey
    subjects: tuple[str, ...]
    types: tuple[str, ...]
    not_before: datetime | None
    """None: from now on."""
    not_after: datetime | None
    """None: until it is revoked."""


class Revoked(NamedTuple):
    key: KeyRecord
    evidence: int
    """How many records were revoked with it."""


async def register(database: Database, actor: Actor, wanted: NewKey, at: datetime) -> tuple[KeyRecord, bool]:
    """Register a key; the key, and whether it is new. The same again changes nothing. Raises `Invalid`, and
    `Conflict` where the same public key stands with other limits, or was revoked: it never comes back."""
    starts = wanted.not_before or at
    if wanted.not_after is not None and not max(starts, at) < wanted.not_after:
        raise Invalid.at("not_after", "must lie ahead, and behind not_before")
    new = KeyRecord(
        id=str(uuid7()),
        name=wanted.name,
        keyid=wanted.key.keyid,
        der=wanted.key.der,
        subjects=wanted.subjects,
        types=wanted.types,
        not_before=starts,
        not_after=wanted.not_after,
        registered_at=at,
        registered_by=actor.principal,
    )

    def work(connection: Connection) -> tuple[KeyRecord, bool]:
        if keys.insert(connection, actor.org, new):
            record(connection, actor, at, "key.registered", ("key", new.id), after=_shown(new))
            return new, True
        existing = keys.by_keyid(connection, actor.org, new.keyid)
        assert existing is not None
        if existing.revoked_at is not None:
            raise Conflict(f"this public key was revoked as {existing.name!r}; make a new pair", code="key_revoked")
        if not _same(existing, wanted):
            told = f"this public key is registered as {existing.name!r} with other limits; register another key"
            raise Conflict(told, code="key_exists")
        return existing, False

    return await database.write(work)


async def revoke(
    database: Database, actor: Actor, identifier: str, reason: str, since: datetime | None, clock: Clock
) -> Revoked:
    """Revoke a key from now on. With `since`, the instant from which it was in wrong hands, the evidence that it
    alone attested and that was received from then on is revoked with it.

    Again, it changes nothing unless it names an earlier `since`. Raises `NotFound`, `Invalid`.
    """
    if since is not None and since > (now := clock()):
        raise Invalid.at("compromised_since", f"lies ahead of {rfc3339(now)}")

    def work(connection: Connection) -> Revoked:
        keys.hold(connection, actor.org, identifier, alone=True)
        found = keys.by_id(connection, actor.org, identifier)
        if found is None:
            raise NotFound("there is no such key")
        if found.revoked_at is not None and not _earlier(since, found.compromised_since):
            return Revoked(found, 0)
        resting = [] if since is None else _resting(connection, actor.org, found.id, since)
        at = clock()  # behind the locks: what was decided before them counted the evidence
        keys.revoke(connection, actor.org, found.id, str(uuid7()), reason, actor.principal, at, since)
        after = {"revoked_at": at, "compromised_since": since}
        record(connection, actor, at, "key.revoked", ("key", found.id), after=after)
        why = f"the key {found.name} that attested it was compromised since {rfc3339(since or at)}: {reason}"
        count = sum(revoke_held(connection, actor, each, why, at, key=found.id) for each in resting)
        revoked = keys.by_id(connection, actor.org, identifier)
        assert revoked is not None
        return Revoked(revoked, count)

    return await database.write(work)


def _resting(connection: Connection, org: str, key: str, since: datetime) -> list[EvidenceRecord]:
    """The evidence that only this key attested from `since` on; its facts are held until the transaction ends."""
    found = [evidence.by_id(connection, org, identifier) for identifier in keys.resting_on(connection, org, key, since)]
    records = [each for each in found if each is not None]
    for subject, bound in sorted({(each.subject, each.bound) for each in records}):
        lock_counters(connection, org, subject, bound)
    return records


def _earlier(since: datetime | None, known: datetime | None) -> bool:
    return since is not None and (known is None or since < known)


def _same(existing: KeyRecord, wanted: NewKey) -> bool:
    starts = wanted.not_before or existing.not_before
    return (existing.name, existing.subjects, existing.types, existing.not_before, existing.not_after) == (
        wanted.name,
        wanted.subjects,
        wanted.types,
        starts,
        wanted.not_after,
    )


def _shown(key: KeyRecord) -> dict[str, object]:
    return {
        "name": key.name,
        "keyid": key.keyid,
        "subjects": key.subjects,
        "types": key.types,
        "not_before": key.not_before,
        "not_after": key.not_after,
    }
