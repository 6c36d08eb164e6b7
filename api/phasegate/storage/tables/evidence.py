"""Evidence, the events that brought it, and its revocations."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


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


class RawContent(SQLModel, table=True):
    """Bytes as received, by their SHA-256. Erasable."""

    __tablename__: ClassVar[str] = "raw_content"
    org: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


class ReceivedEvent(SQLModel, table=True):
    """An event whose evidence was accepted, so that it is accepted once; or a signed payload, without a source, so that
    it keeps the time of its first receipt. Append-only."""

    __tablename__: ClassVar[str] = "received_event"
    org: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    """Digest of `source` and `id`; `signed:` and the SHA-256 of a payload."""
    source: str
    id: str
    said: str
    """Digest of all that it said of its evidence."""
    evidence: str
    """Digest of the record."""
    received_at: datetime = Field(sa_type=UtcTime)


class Revocation(SQLModel, table=True):
    """A record that no longer counts. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "revocation"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    evidence: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str
