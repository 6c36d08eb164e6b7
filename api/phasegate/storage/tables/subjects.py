"""Subjects, and how often what is shown of them changed."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


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


class Retirement(SQLModel, table=True):
    """That a subject is out of the standings. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "retirement"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str
    retired_at: datetime = Field(sa_type=UtcTime)
    retired_by: str


class FactsCounter(SQLModel, table=True):
    """How often the facts of a subject (`bound` empty) or of an artifact set changed."""

    __tablename__: ClassVar[str] = "facts_counter"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    facts: int
