"""Answers to calls that carried an Idempotency-Key."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


class KeyedAnswer(SQLModel, table=True):
    """The answer to a call that carried an Idempotency-Key, for a day. Erasable: it repeats what a person wrote."""

    __tablename__: ClassVar[str] = "keyed_answer"
    __table_args__ = (Index(None, "org", "answered_at"),)
    org: str = Field(primary_key=True)
    principal: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked: str
    """SHA-256 of what was sent, in hex."""
    status: int
    body: bytes = Field(sa_type=LargeBinary)
    answered_at: datetime = Field(sa_type=UtcTime)
