"""By which secrets callers are known: tokens and what becomes of them, codes for tokens, token exchange."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime

MOST_EXCHANGES = 20
"""How often one token of a CI job can be exchanged; the database has no row for more."""


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
    assurance: str
    """Of a person's own token, how it is known to be his: `oidc` or `enrolled`; else empty."""


class TokenRevocation(SQLModel, table=True):
    """Append-only."""

    __tablename__: ClassVar[str] = "token_revocation"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str


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


class TokenExchange(SQLModel, table=True):
    """That a job's token was exchanged, for the `number`th time. Append-only."""

    __tablename__: ClassVar[str] = "token_exchange"
    __table_args__ = (Index(None, "org", "rule", "exchanged_at"),)
    org: str = Field(primary_key=True)
    proof: str = Field(primary_key=True)
    """What the job's token is known by: hex SHA-256 of its issuer and id, or of what was signed."""
    number: int = Field(primary_key=True)
    rule: str
    token: str
    """What came of it."""
    exchanged_at: datetime = Field(sa_type=UtcTime)


class TokenRun(SQLModel, table=True):
    """What an exchanged token says with all that is done with it. Append-only."""

    __tablename__: ClassVar[str] = "token_run"
    org: str = Field(primary_key=True)
    token: str = Field(primary_key=True)
    identity: bytes = Field(sa_type=LargeBinary)
    """Verified claims of the run, as a map of texts."""
    acts_for: bytes = Field(sa_type=LargeBinary)
    """The people who started the run, where they are known."""
