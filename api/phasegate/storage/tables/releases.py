"""Releases: what they are found by, the policy version that holds them, decisions on them, launches."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


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
