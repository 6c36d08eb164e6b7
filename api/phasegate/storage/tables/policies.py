"""Published policy versions."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


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
