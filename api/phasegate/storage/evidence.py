"""Evidence, its content, and its revocations."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, select

from phasegate.engine.facts import Producer, Strength
from phasegate.storage import texts
from phasegate.storage.direct import first, rows
from phasegate.storage.statements import insert_all_new, insert_if_new, table_of
from phasegate.storage.tables.evidence import Evidence, EvidenceData, RawContent, Revocation

_evidence = table_of(Evidence)
_data = table_of(EvidenceData)
_raw = table_of(RawContent)
_revocation = table_of(Revocation)
_SAME = ("org", "subject", "bound")


def _joined(table: Any, identifier: str) -> Any:
    """Rows of `table` beside the record they belong to."""
    return and_(*(table.c[key] == _evidence.c[key] for key in _SAME), table.c[identifier] == _evidence.c.id)


_RECORDS = (
    select(_evidence, _data.c.data, _revocation.c.revoked_at)
    .outerjoin(_data, _joined(_data, "id"))
    .outerjoin(_revocation, _joined(_revocation, "evidence"))
    .where(_evidence.c.org == bindparam("org"))
)
_BY_DIGEST = _RECORDS.where(_evidence.c.digest == bindparam("digest"))
_BY_DIGESTS = _RECORDS.where(_evidence.c.digest.in_(bindparam("digests", expanding=True)))
_BY_ID = _RECORDS.where(_evidence.c.id == bindparam("id"))
_OF_BOUNDS = _RECORDS.where(
    _evidence.c.subject == bindparam("subject"), _evidence.c.bound.in_(bindparam("bounds", expanding=True))
)
_OF_IDS = _RECORDS.where(
    _evidence.c.subject == bindparam("subject"),
    _evidence.c.bound.in_((bindparam("of_subject"), bindparam("bound"))),
    _evidence.c.id.in_(bindparam("ids", expanding=True)),
)
_STANDING = (
    select(_data.c.id, _revocation.c.revoked_at)
    .outerjoin(
        _revocation, and_(*(_revocation.c[key] == _data.c[key] for key in _SAME), _revocation.c.evidence == _data.c.id)
    )
    .where(
        _data.c.org == bindparam("org"),
        _data.c.subject == bindparam("subject"),
        _data.c.bound.in_((bindparam("of_subject"), bindparam("bound"))),
    )
)
_AT_ONCE = 1_000
"""How many records are asked for by their ids in one statement."""
_INSERT_DATA = _data.insert()
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_named = msgspec.json.Decoder(dict[str, str]).decode


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
    if not insert_if_new(connection, _evidence, _values(org, record), ("org", "digest")):
        return False
    first(connection, _INSERT_DATA, _data_values(org, record))
    if raw is not None and record.raw_sha256 is not None:
        insert_if_new(connection, _raw, _raw_values(org, record.raw_sha256, raw), ("org", "sha256"))
    return True


def insert_all(
    connection: Connection, org: str, records: Sequence[tuple[EvidenceRecord, bytes | None]]
) -> list[EvidenceRecord]:
    """Insert records, each of another digest, with their raw bytes, unless the same is there; those inserted."""
    values = [_values(org, record) for record, _ in records]
    new = {digest for (digest,) in insert_all_new(connection, _evidence, values, ("org", "digest"), "digest")}
    inserted = [(record, raw) for record, raw in records if record.digest in new]
    if inserted:
        connection.execute(_INSERT_DATA, [_data_values(org, record) for record, _ in inserted])
    files = {record.raw_sha256: raw for record, raw in inserted if raw is not None and record.raw_sha256 is not None}
    contents = [_raw_values(org, sha256, raw) for sha256, raw in sorted(files.items())]
    insert_all_new(connection, _raw, contents, ("org", "sha256"), "sha256")
    return [record for record, _ in inserted]


def _values(org: str, record: EvidenceRecord) -> dict[str, Any]:
    return {
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


def _data_values(org: str, record: EvidenceRecord) -> dict[str, Any]:
    return {"org": org, "subject": record.subject, "bound": record.bound, "id": record.id, "data": record.data}


def _raw_values(org: str, sha256: str, raw: bytes) -> dict[str, Any]:
    return {"org": org, "sha256": sha256, "content": raw}


def by_digests(connection: Connection, org: str, digests: Sequence[str]) -> dict[str, EvidenceRecord]:
    """Those records of these digests that are there, by digest."""
    if not digests:
        return {}
    rows = connection.execute(_BY_DIGESTS, {"org": org, "digests": list(digests)})
    return {record.digest: record for record in map(_record, rows)}


def by_digest(connection: Connection, org: str, digest: str) -> EvidenceRecord | None:
    row = connection.execute(_BY_DIGEST, {"org": org, "digest": digest}).first()
    return None if row is None else _record(row)


def by_id(connection: Connection, org: str, identifier: str) -> EvidenceRecord | None:
    row = connection.execute(_BY_ID, {"org": org, "id": identifier}).first()
    return None if row is None else _record(row)


def standing(connection: Connection, org: str, subject: str, bound: str) -> list[tuple[str, datetime | None]]:
    """Ids of the records that are bound to a subject or to a set of artifacts and whose data isn't erased, each with
    the instant of its revocation."""
    asked = {"org": org, "subject": subject, "of_subject": "", "bound": bound}
    return [(identifier, revoked_at) for identifier, revoked_at in rows(connection, _STANDING, asked)]


def of_ids(connection: Connection, org: str, subject: str, bound: str, ids: Sequence[str]) -> Iterator[EvidenceRecord]:
    """Those of the records bound to a subject or to a set of artifacts that have one of these ids."""
    for start in range(0, len(ids), _AT_ONCE):
        some = list(ids[start : start + _AT_ONCE])
        asked = {"org": org, "subject": subject, "of_subject": "", "bound": bound, "ids": some}
        yield from map(_record, connection.execute(_OF_IDS, asked).all())


def page(
    connection: Connection, org: str, subject: str, bounds: Iterable[str], before: str, limit: int
) -> list[EvidenceRecord]:
    """Records older than the one with id `before` (empty: all), newest first."""
    query = _OF_BOUNDS.order_by(_evidence.c.id.desc()).limit(limit)
    if before:
        query = query.where(_evidence.c.id < before)
    asked = {"org": org, "subject": subject, "bounds": list(bounds)}
    return [_record(row) for row in connection.execute(query, asked)]


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
    texts.insert(connection, org, record.id, reason)
    return True


def _record(row: Any) -> EvidenceRecord:
    """From a row of `_RECORDS`, taken apart at once: that is most of a hot read's cost."""
    (
        _org,
        subject,
        bound,
        identifier,
        digest,
        artifacts,
        kind,
        shape,
        shape_digest,
        format_,
        strength,
        context,
        tool,
        tool_version,
        collected_at,
        received_at,
        submitted_by,
        submitted_for,
        identity,
        warnings,
        raw_sha256,
        raw_media_type,
        data,
        revoked_at,
    ) = row
    return EvidenceRecord(
        identifier,
        digest,
        subject,
        bound,
        None if artifacts is None else _names(artifacts),
        kind,
        shape,
        shape_digest,
        format_,
        strength,
        data or b"",
        _named(context),
        Producer(tool, tool_version),
        collected_at,
        received_at,
        submitted_by,
        _names(submitted_for),
        _named(identity),
        _names(warnings),
        raw_sha256,
        raw_media_type,
        revoked_at,
    )
