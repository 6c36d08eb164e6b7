"""Every table; those of trust are in `trust_tables`. `org` leads every key, so that a distributed PostgreSQL can
shard on it.

Rows of an append-only table are never updated or deleted, and triggers forbid it (see the
migrations). What can be personal (raw bytes, normalised data, free text) lies in tables of its own
beside the records; their rows can be deleted, never changed. Lists and maps are kept as JSON bytes,
exact, since PostgreSQL's own type would reorder them.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage import trust_tables
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


class TokenRevocation(SQLModel, table=True):
    """Append-only."""

    __tablename__: ClassVar[str] = "token_revocation"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str


class PersonRevision(SQLModel, table=True):
    """What a person, a principal of that kind, was from `received_at` on. Append-only."""

    __tablename__: ClassVar[str] = "person_revision"
    org: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    state: str
    """`active`, `disabled`, or `pending`: somebody logged in whom no administrator has admitted."""
    received_at: datetime = Field(sa_type=UtcTime)
    received_from: str


class Profile(SQLModel, table=True):
    """A person's name and address, beside each revision. Erasable."""

    __tablename__: ClassVar[str] = "profile"
    org: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    display_name: str
    email: str | None


class PersonIdentity(SQLModel, table=True):
    """Whom an issuer calls by which name: what a log-in is matched by, and nothing else. Erasable."""

    __tablename__: ClassVar[str] = "person_identity"
    __table_args__ = (Index(None, "org", "person"),)
    org: str = Field(primary_key=True)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str
    """What the audit calls it."""
    person: str


class RoleGrant(SQLModel, table=True):
    """A role given to a person: in the whole org, for a team, or for a subject. Append-only; the reason lies in
    `free_text` under the same id."""

    __tablename__: ClassVar[str] = "role_grant"
    __table_args__ = (Index(None, "org", "person"), Index(None, "org", "role"))
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    person: str
    role: str
    team: str | None
    subject: str | None
    granted_at: datetime = Field(sa_type=UtcTime)
    granted_by: str
    expires_at: datetime | None = Field(sa_type=UtcTime, nullable=True)


class RoleEnd(SQLModel, table=True):
    """A role taken back. Append-only."""

    __tablename__: ClassVar[str] = "role_end"
    org: str = Field(primary_key=True)
    role_grant: str = Field(primary_key=True)
    ended_at: datetime = Field(sa_type=UtcTime)
    ended_by: str


class ToolRevision(SQLModel, table=True):
    """What a tool, a principal of that kind, was from `received_at` on. Append-only."""

    __tablename__: ClassVar[str] = "tool_revision"
    org: str = Field(primary_key=True)
    tool: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    owner: str
    """The person it acts for."""
    title: str
    received_at: datetime = Field(sa_type=UtcTime)
    received_from: str


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
    __table_args__ = (Index(None, "org", "target_kind", "target_id"),)
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


APPEND_ONLY = (
    "principal",
    "token",
    "token_revocation",
    "person_revision",
    "role_grant",
    "role_end",
    "tool_revision",
    "policy_version",
    "subject_revision",
    "release",
    "release_key",
    "evidence",
    "received_event",
    "revocation",
    *trust_tables.APPEND_ONLY,
    "decision",
    "launch",
    "moved_pin",
    "retirement",
    "audit",
)
"""Neither updated nor deleted."""
ERASABLE = ("evidence_data", "raw_content", "free_text", "profile", "person_identity")
"""Deleted at most, by an erasure; never updated."""
