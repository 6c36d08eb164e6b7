"""Orgs, and who belongs to them: people, with their roles, and the tools that act for them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

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
