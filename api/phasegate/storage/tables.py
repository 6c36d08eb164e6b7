"""Every table but those of people, tokens, trust, sign-offs and waivers, which `*_tables.py` hold. `org` leads every
key, so that a distributed PostgreSQL can shard on it.

Rows of an append-only table are never updated or deleted, and triggers forbid it (see the
migrations). What can be personal (raw bytes, normalised data, free text) lies in tables of its own
beside the records; their rows can be deleted, never changed. Lists and maps are kept as JSON bytes,
exact, since PostgreSQL's own type would reorder them.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage import approval_tables, exchange_tables, principal_tables, trust_tables
from phasegate.storage.columns import UtcTime


class Org(SQLModel, table=True):
    """A tenant."""

    __tablename__: ClassVar[str] = "org"
    org: str = Field(primary_key=True)
    title: str
    created_at: datetime = Field(sa_type=UtcTime)


class Principal(SQLModel, table=True):
    """Who calls. Append-only."""

    __tablename__: ClassVar[str] = "principal"
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    """`person`, `tool` or `service`."""
    created_at: datetime = Field(sa_type=UtcTime)


class Token(SQLModel, table=True):
    """A bearer secret, as the SHA-256 of it. Append-only; revocations stand beside it."""

    __tablename__: ClassVar[str] = "token"
    __table_args__ = (UniqueConstraint("org", "hash"), Index(None, "hash"))
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    principal: str
    hash: str
    scopes: bytes = Field(sa_type=LargeBinary)
    subjects: bytes = Field(sa_type=LargeBinary)
    instance: bool
    """Whether it holds the instance administrator's right."""
    created_at: datetime = Field(sa_type=UtcTime)
    created_by: str
    expires_at: datetime | None = Field(sa_type=UtcTime, nullable=True)
    assurance: str
    """Of a person's own token, how it is known to be his: `oidc` or `enrolled`; else empty."""


class TokenRevocation(SQLModel, table=True):
    """Append-only."""

    __tablename__: ClassVar[str] = "token_revocation"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str


class PolicyVersion(SQLModel, table=True):
    """One immutable published rule set. Append-only."""

    __tablename__: ClassVar[str] = "policy_version"
    org: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    digest: str
    published_at: datetime = Field(sa_type=UtcTime)
    published_by: str
    media_type: str
    source: bytes = Field(sa_type=LargeBinary)
    """The bytes as published."""
    content: bytes = Field(sa_type=LargeBinary)
    """The document as read, as JSON."""
    shapes: bytes = Field(sa_type=LargeBinary)
    """The shapes it uses, as JSON, so that an upgrade of the server changes no old decision."""


class Subject(SQLModel, table=True):
    """A subject as it stands; its history is in `subject_revision`."""

    __tablename__: ClassVar[str] = "subject"
    __table_args__ = (Index(None, "org", "team", "name"),)
    org: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    revision: int
    kind: str
    team: str
    title: str
    attributes: bytes = Field(sa_type=LargeBinary)
    policy: str
    created_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)


class SubjectRevision(SQLModel, table=True):
    """What a subject was from `received_at` on. Append-only."""

    __tablename__: ClassVar[str] = "subject_revision"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    kind: str
    team: str
    title: str
    attributes: bytes = Field(sa_type=LargeBinary)
    policy: str
    received_at: datetime = Field(sa_type=UtcTime)
    received_from: str


class Release(SQLModel, table=True):
    """One immutable candidate of a subject. Append-only."""

    __tablename__: ClassVar[str] = "release"
    __table_args__ = (Index(None, "org", "id"),)
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    id: str
    """UUIDv7: sorts by registration."""
    artifacts: bytes = Field(sa_type=LargeBinary)
    bound: str
    """Digest of the set of artifact digests: what evidence of scope `release` is bound to."""
    policy: str
    policy_version: str
    """The exact version it pinned when it was registered."""
    registered_at: datetime = Field(sa_type=UtcTime)
    registered_by: str
    registered_for: bytes = Field(sa_type=LargeBinary)
    source: bytes | None = Field(sa_type=LargeBinary, nullable=True)


class ReleaseKey(SQLModel, table=True):
    """What a release is found by. Append-only."""

    __tablename__: ClassVar[str] = "release_key"
    org: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    """`artifact`, `set` or `commit`."""
    value: str = Field(primary_key=True)
    """sha256 of an artifact, `bound` of the set of them, SHA-256 of the commit's name."""
    release: str = Field(primary_key=True)
    """Its id."""
    subject: str
    version: str


class FactsCounter(SQLModel, table=True):
    """How often the facts of a subject (`bound` empty) or of an artifact set changed."""

    __tablename__: ClassVar[str] = "facts_counter"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    facts: int


class Evidence(SQLModel, table=True):
    """One piece of evidence. The key leads with what a decision looks for. Append-only."""

    __tablename__: ClassVar[str] = "evidence"
    __table_args__ = (UniqueConstraint("org", "digest"), UniqueConstraint("org", "id"))
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    """Empty for evidence of scope `subject`."""
    id: str = Field(primary_key=True)
    digest: str
    artifacts: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    type: str
    shape: str
    shape_digest: str
    """Of the shape that the data was read by."""
    format: str
    strength: str
    context: bytes = Field(sa_type=LargeBinary)
    producer_tool: str
    producer_version: str
    collected_at: datetime = Field(sa_type=UtcTime)
    received_at: datetime = Field(sa_type=UtcTime)
    submitted_by: str
    submitted_for: bytes = Field(sa_type=LargeBinary)
    identity: bytes = Field(sa_type=LargeBinary)
    warnings: bytes = Field(sa_type=LargeBinary)
    raw_sha256: str | None
    raw_media_type: str


class EvidenceData(SQLModel, table=True):
    """The normalised data of a record, as JSON with the number types of its shape. Erasable."""

    __tablename__: ClassVar[str] = "evidence_data"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class ReceivedEvent(SQLModel, table=True):
    """An event whose evidence was accepted, so that it is accepted once. Append-only."""

    __tablename__: ClassVar[str] = "received_event"
    org: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    """Digest of `source` and `id`."""
    source: str
    id: str
    said: str
    """Digest of all that it said of its evidence."""
    evidence: str
    """Digest of the record."""
    received_at: datetime = Field(sa_type=UtcTime)


class RawContent(SQLModel, table=True):
    """Bytes as received, by their SHA-256. Erasable."""

    __tablename__: ClassVar[str] = "raw_content"
    org: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


class Revocation(SQLModel, table=True):
    """A record that no longer counts. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "revocation"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    evidence: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str


class FreeText(SQLModel, table=True):
    """What a person wrote, beside the record it belongs to. Erasable."""

    __tablename__: ClassVar[str] = "free_text"
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    text: str


class Decision(SQLModel, table=True):
    """A decision that was stored. Append-only."""

    __tablename__: ClassVar[str] = "decision"
    __table_args__ = (Index(None, "org", "subject", "release"),)
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    subject: str
    release: str
    gate: str
    outcome: str
    policy_digest: str
    inputs_digest: str
    result_digest: str
    body: bytes = Field(sa_type=LargeBinary)
    recorded_at: datetime = Field(sa_type=UtcTime)
    recorded_by: str


class Launch(SQLModel, table=True):
    """That a release went live. Append-only; a reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "launch"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    """UUIDv7: sorts by time."""
    release: str
    launched_at: datetime = Field(sa_type=UtcTime)
    launched_by: str
    decision: str
    despite: str
    """`rollback` or `emergency` where the decision was no-go, else empty."""


class MovedPin(SQLModel, table=True):
    """That a release is held to another policy version from then on. Append-only; the reason lies in
    `free_text` under the same id."""

    __tablename__: ClassVar[str] = "moved_pin"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    """UUIDv7: sorts by time."""
    policy_version: str
    moved_at: datetime = Field(sa_type=UtcTime)
    moved_by: str


class Retirement(SQLModel, table=True):
    """That a subject is out of the standings. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "retirement"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str
    retired_at: datetime = Field(sa_type=UtcTime)
    retired_by: str


class Audit(SQLModel, table=True):
    """Who changed what, when, through which token. Append-only, written with the change itself."""

    __tablename__: ClassVar[str] = "audit"
    __table_args__ = (
        Index(None, "org", "target_kind", "target_id"),
        Index(None, "org", "subject", "release"),
        Index(None, "org", "release"),
    )
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    """UUIDv7: sorts by time."""
    at: datetime = Field(sa_type=UtcTime)
    actor: str
    via: str
    token: str
    action: str
    target_kind: str
    target_id: str
    before: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    after: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    request_id: str
    subject: str | None
    """The subject and the release that it concerns, if any."""
    release: str | None


class AuditSequence(SQLModel, table=True):
    """The org's numbers of audit entries: from 1, without gaps, in the order of commits. Append-only."""

    __tablename__: ClassVar[str] = "audit_sequence"
    __table_args__ = (UniqueConstraint("org", "audit"),)
    org: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    audit: str


class AuditUnsequenced(SQLModel, table=True):
    """Entries that have no number yet."""

    __tablename__: ClassVar[str] = "audit_unsequenced"
    org: str = Field(primary_key=True)
    audit: str = Field(primary_key=True)


APPEND_ONLY = (
    "principal",
    "token",
    "token_revocation",
    "policy_version",
    "subject_revision",
    "release",
    "release_key",
    "evidence",
    "received_event",
    "revocation",
    *trust_tables.APPEND_ONLY,
    *exchange_tables.APPEND_ONLY,
    "decision",
    "launch",
    "moved_pin",
    "retirement",
    "audit",
    "audit_sequence",
    *principal_tables.APPEND_ONLY,
    *approval_tables.APPEND_ONLY,
)
"""Neither updated nor deleted."""
ERASABLE = (
    "evidence_data",
    "raw_content",
    "free_text",
    *principal_tables.ERASABLE,
    *approval_tables.ERASABLE,
)
"""Deleted at most, by an erasure; never updated."""
