"""Sessions of people who logged in to the pages."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


class WebSession(SQLModel, table=True):
    """A person who logged in to the pages; its secret as the SHA-256 of it. Append-only; ends stand beside it."""

    __tablename__: ClassVar[str] = "web_session"
    __table_args__ = (UniqueConstraint("org", "hash"), Index(None, "hash"))
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    hash: str
    person: str
    rule: str
    """By which he logged in."""
    mfa: bool
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)


class WebSessionEnd(SQLModel, table=True):
    """Append-only."""

    __tablename__: ClassVar[str] = "web_session_end"
    org: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    ended_at: datetime = Field(sa_type=UtcTime)


class WebSessionUse(SQLModel, table=True):
    """When a session was seen last, to a few minutes."""

    __tablename__: ClassVar[str] = "web_session_use"
    org: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=UtcTime)
