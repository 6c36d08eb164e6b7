"""Tables of people, roles, tools and sessions, and of what becomes of tokens. `tables.py` says where others are."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


class TokenRotation(SQLModel, table=True):
    """That another token has taken the place of this one, which is valid until `ends_at`. Append-only."""

    __tablename__: ClassVar[str] = "token_rotation"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    successor: str
    ends_at: datetime = Field(sa_type=UtcTime)


class TokenUse(SQLModel, table=True):
    """When a token was used last, to a minute."""

    __tablename__: ClassVar[str] = "token_use"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    last_used_at: datetime = Field(sa_type=UtcTime)


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


class Enrolment(SQLModel, table=True):
    """A code with which a person gets a token of his own, as the SHA-256 of it. Append-only; its use stands beside
    it."""

    __tablename__: ClassVar[str] = "enrolment"
    __table_args__ = (UniqueConstraint("org", "hash"), Index(None, "hash"))
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    person: str
    revision: int
    """Of the person when it was made."""
    hash: str
    scopes: bytes = Field(sa_type=LargeBinary)
    subjects: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcTime)
    created_by: str
    expires_at: datetime = Field(sa_type=UtcTime)


class EnrolmentUse(SQLModel, table=True):
    """That a code was used, which can happen once. Append-only."""

    __tablename__: ClassVar[str] = "enrolment_use"
    org: str = Field(primary_key=True)
    enrolment: str = Field(primary_key=True)
    token: str
    """What came of it."""
    used_at: datetime = Field(sa_type=UtcTime)


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


APPEND_ONLY = (
    "web_session",
    "web_session_end",
    "token_rotation",
    "enrolment",
    "enrolment_use",
    "person_revision",
    "role_grant",
    "role_end",
    "tool_revision",
)
ERASABLE = ("profile", "person_identity")
