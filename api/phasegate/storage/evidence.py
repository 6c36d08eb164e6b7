"""Evidence, its content, and its revocations."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from phasegate.engine.facts import Producer, Strength
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables import Evidence, EvidenceData, FreeText, RawContent, Revocation

_evidence = table_of(Evidence)
_data = table_of(EvidenceData)
_raw = table_of(RawContent)
_revocation = table_of(Revocation)
_text = table_of(FreeText)


class EvidenceRecord(msgspec.Struct, frozen=True):
    """One record as stored; `data` is JSON with the number types of its shape, empty once erased."""

    id: str
    digest: str
    subject: str
    bound: str
    artifacts: tuple[str, ...] | None
    type: str
    shape: str
    shape_digest: str
    format: str
    strength: Strength
    data: bytes
    context: dict[str, str]
    producer: Producer
    collected_at: datetime
    received_at: datetime
    submitted_by: str
    submitted_for: tuple[str, ...]
    identity: dict[str, str]
    warnings: tuple[str, ...]
    raw_sha256: str | None
    raw_media_type: str
    revoked_at: datetime | None = None


def insert(connection: Connection, org: str, record: EvidenceRecord, raw: bytes | None) -> bool:
    """Insert a record unless the same is there; whether it was inserted."""
    values = {
        "org": org,
        "subject": record.subject,
        "bound": record.bound,
        "id": record.id,
        "digest": record.digest,
        "artifacts": None if record.artifacts is None else msgspec.json.encode(record.artifacts),
        "type": record.type,
        "shape": record.shape,
        "shape_digest": record.shape_digest,
        "format": record.format,
        "strength": record.strength,
        "context": msgspec.json.encode(record.context),
        "producer_tool": record.producer.tool,
        "producer_version": record.producer.version,
        "collected_at": record.collected_at,
        "received_at": record.received_at,
        "submitted_by": record.submitted_by,
        "submitted_for": msgspec.json.encode(record.submitted_for),
        "identity": msgspec.json.encode(record.identity),
        "warnings": msgspec.json.encode(record.warnings),
        "raw_sha256": record.raw_sha256,
        "raw_media_type": record.raw_media_type,
    }
    if not insert_if_new(connection, _evidence, values, ("org", "digest")):
        return False
    key = {"org": org, "subject": record.subject, "bound": record.bound, "id": record.id}
    connection.execute(_data.insert().values(**key, data=record.data))
    if raw is not None and record.raw_sha256 is not None:
        content = {"org": org, "sha256": record.raw_sha256, "content": raw}
        insert_if_new(connection, _raw, content, ("org", "sha256"))
    return True


def by_digest(connection: Connection, org: str, digest: str) -> EvidenceRecord | None:
    return _one(connection, _records(org).where(_evidence.c.digest == digest))


def by_id(connection: Connection, org: str, identifier: str) -> EvidenceRecord | None:
    return _one(connection, _records(org).where(_evidence.c.id == identifier))


def of_bounds(connection: Connection, org: str, subject: str, bounds: Iterable[str]) -> list[EvidenceRecord]:
    """All records of a subject bound to one of `bounds` (empty: to the subject itself)."""
    query = _records(org).where(_evidence.c.subject == subject, _evidence.c.bound.in_(list(bounds)))
    return [_record(row) for row in connection.execute(query)]


def page(
    connection: Connection, org: str, subject: str, bounds: Iterable[str], before: str, limit: int
) -> list[EvidenceRecord]:
    """Records older than the one with id `before` (empty: all), newest first."""
    query = _records(org).where(_evidence.c.subject == subject, _evidence.c.bound.in_(list(bounds)))
    if before:
        query = query.where(_evidence.c.id < before)
    return [_record(row) for row in connection.execute(query.order_by(_evidence.c.id.desc()).limit(limit))]


def raw(connection: Connection, org: str, sha256: str) -> bytes | None:
    """Bytes as received; None once erased."""
    query = select(_raw.c.content).where(_raw.c.org == org, _raw.c.sha256 == sha256)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def revoke(connection: Connection, org: str, record: EvidenceRecord, reason: str, by: str, at: datetime) -> bool:
    """Revoke a record from `at` on; False if it was revoked already."""
    values = {
        "org": org,
        "subject": record.subject,
        "bound": record.bound,
        "evidence": record.id,
        "revoked_at": at,
        "revoked_by": by,
    }
    if not insert_if_new(connection, _revocation, values, ("org", "subject", "bound", "evidence")):
        return False
    connection.execute(_text.insert().values(org=org, id=record.id, text=reason))
    return True


def _records(org: str) -> Any:
    same = ("org", "subject", "bound")
    data = [_data.c[key] == _evidence.c[key] for key in (*same, "id")]
    revoked = [_revocation.c[key] == _evidence.c[key] for key in same]
    return (
        select(_evidence, _data.c.data, _revocation.c.revoked_at)
        .outerjoin(_data, data[0] & data[1] & data[2] & data[3])
        .outerjoin(_revocation, revoked[0] & revoked[1] & revoked[2] & (_revocation.c.evidence == _evidence.c.id))
        .where(_evidence.c.org == org)
    )


def _one(connection: Connection, query: Any) -> EvidenceRecord | None:
    row = connection.execute(query).first()
    return None if row is None else _record(row)


def _record(row: Any) -> EvidenceRecord:
    return EvidenceRecord(
        id=row.id,
        digest=row.digest,
        subject=row.subject,
        bound=row.bound,
        artifacts=None if row.artifacts is None else tuple(msgspec.json.decode(row.artifacts)),
        type=row.type,
        shape=row.shape,
        shape_digest=row.shape_digest,
        format=row.format,
        strength=row.strength,
        data=row.data or b"",
        context=msgspec.json.decode(row.context),
        producer=Producer(row.producer_tool, row.producer_version),
        collected_at=row.collected_at,
        received_at=row.received_at,
        submitted_by=row.submitted_by,
        submitted_for=tuple(msgspec.json.decode(row.submitted_for)),
        identity=msgspec.json.decode(row.identity),
        warnings=tuple(msgspec.json.decode(row.warnings)),
        raw_sha256=row.raw_sha256,
        raw_media_type=row.raw_media_type,
        revoked_at=row.revoked_at,
    )
