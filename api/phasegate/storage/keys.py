"""Public keys, their revocations, and what they attested."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, func, select

from phasegate.storage import texts
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.trust import Attestation, Key, KeyRevocation

_key = table_of(Key)
_revocation = table_of(KeyRevocation)
_attestation = table_of(Attestation)
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_ended = (
    select(
        _revocation.c.org,
        _revocation.c.key,
        func.min(_revocation.c.revoked_at).label("revoked_at"),
        func.min(_revocation.c.compromised_since).label("compromised_since"),
    )
    .group_by(_revocation.c.org, _revocation.c.key)
    .subquery()
)
_KEYS = select(_key, _ended.c.revoked_at, _ended.c.compromised_since).outerjoin(
    _ended, (_ended.c.org == _key.c.org) & (_ended.c.key == _key.c.id)
)


class KeyRecord(msgspec.Struct, frozen=True):
    """A registered key as it stands."""

    id: str
    name: str
    keyid: str
    der: bytes
    """SubjectPublicKeyInfo."""
    subjects: tuple[str, ...]
    """Patterns of the subjects that it may vouch for, with `*`."""
    types: tuple[str, ...]
    """Patterns of evidence types, with `*`."""
    not_before: datetime
    not_after: datetime | None
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None = None
    compromised_since: datetime | None = None
    """The earliest instant that any of its revocations names."""


def insert(connection: Connection, org: str, record: KeyRecord) -> bool:
    """Insert a key unless this public key is there; whether it was inserted."""
    values = {
        "org": org,
        "id": record.id,
        "name": record.name,
        "keyid": record.keyid,
        "public_key": record.der,
        "subjects": msgspec.json.encode(record.subjects),
        "types": msgspec.json.encode(record.types),
        "not_before": record.not_before,
        "not_after": record.not_after,
        "registered_at": record.registered_at,
        "registered_by": record.registered_by,
    }
    return insert_if_new(connection, _key, values, ("org", "keyid"))


def by_id(connection: Connection, org: str, identifier: str) -> KeyRecord | None:
    row = connection.execute(_KEYS.where(_key.c.org == org, _key.c.id == identifier)).first()
    return None if row is None else _record(row)


def by_keyid(connection: Connection, org: str, keyid: str) -> KeyRecord | None:
    row = connection.execute(_KEYS.where(_key.c.org == org, _key.c.keyid == keyid)).first()
    return None if row is None else _record(row)


def hold(connection: Connection, org: str, identifier: str, *, alone: bool = False) -> None:
    """Until the transaction ends, nobody revokes the key; `alone`: nor does anybody let it vouch meanwhile."""
    query = select(_key.c.id).where(_key.c.org == org, _key.c.id == identifier)
    connection.execute(query.with_for_update(read=not alone)).first()


def every(connection: Connection, org: str) -> list[KeyRecord]:
    """All keys of an org, those without effect too."""
    return [_record(row) for row in connection.execute(_KEYS.where(_key.c.org == org).order_by(_key.c.id))]


def page(connection: Connection, org: str, before: str, limit: int) -> list[KeyRecord]:
    """Keys older than the one with id `before` (empty: all), newest first."""
    query = _KEYS.where(_key.c.org == org).order_by(_key.c.id.desc()).limit(limit)
    if before:
        query = query.where(_key.c.id < before)
    return [_record(row) for row in connection.execute(query)]


def revoke(
    connection: Connection,
    org: str,
    key: str,
    identifier: str,
    reason: str,
    by: str,
    at: datetime,
    since: datetime | None,
) -> None:
    """Record a revocation, `identifier` being its own id."""
    values = {"org": org, "key": key, "id": identifier, "revoked_at": at, "revoked_by": by, "compromised_since": since}
    connection.execute(_revocation.insert().values(**values))
    texts.insert(connection, org, identifier, reason)


def attest(connection: Connection, org: str, evidence: str, attestors: Iterable[tuple[str, str]], at: datetime) -> None:
    """Record who made a record `attested`: each the kind, `key` or `rule`, and the id."""
    for kind, attestor in attestors:
        values = {"org": org, "attestor": attestor, "evidence": evidence, "kind": kind, "attested_at": at}
        insert_if_new(connection, _attestation, values, ("org", "attestor", "evidence"))


def resting_on(connection: Connection, org: str, key: str, since: datetime) -> list[str]:
    """Ids of the evidence that this key attested from `since` on, and nobody else but keys that were compromised
    when they did."""
    other = _attestation.alias()
    compromised = exists().where(
        _revocation.c.org == other.c.org,
        _revocation.c.key == other.c.attestor,
        _revocation.c.compromised_since <= other.c.attested_at,
    )
    stands = exists().where(
        other.c.org == org,
        other.c.evidence == _attestation.c.evidence,
        other.c.attestor != key,
        ~compromised,
    )
    query = select(_attestation.c.evidence).where(
        _attestation.c.org == org, _attestation.c.attestor == key, _attestation.c.attested_at >= since, ~stands
    )
    return [str(identifier) for (identifier,) in connection.execute(query.order_by(_attestation.c.evidence))]


def _record(row: Any) -> KeyRecord:
    return KeyRecord(
        row.id,
        row.name,
        row.keyid,
        row.public_key,
        _names(row.subjects),
        _names(row.types),
        row.not_before,
        row.not_after,
        row.registered_at,
        row.registered_by,
        row.revoked_at,
        row.compromised_since,
    )
