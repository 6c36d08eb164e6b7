"""The audit, and the numbers of its entries."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


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
