"""Sign-offs, waivers, and requests for these."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


class SignOff(SQLModel, table=True):
    """A person's verdict in a role. The key leads with what a decision looks for. Append-only; the comment lies in
    `free_text` under the same id."""

    __tablename__: ClassVar[str] = "signoff"
    __table_args__ = (UniqueConstraint("org", "id"),)
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    """Digest of the set of artifact digests that it was given for."""
    id: str = Field(primary_key=True)
    release: str
    """Under whose version label it was given."""
    artifacts: bytes = Field(sa_type=LargeBinary)
    policy: str
    policy_version: str
    policy_digest: str
    criterion: str
    role: str
    role_grant: str
    """Id of the grant by which the signer held the role."""
    verdict: str
    given_by: str
    given_at: datetime = Field(sa_type=UtcTime)
    acknowledged: bytes = Field(sa_type=LargeBinary)
    covered: bytes = Field(sa_type=LargeBinary)
    """Digests of the records that stood then."""
    covers: str
    """The one digest over all that it is bound to."""
    covers_shown: bool
    """Whether the signer sent it, as it had been shown to him."""
    via: str
    assurance: str
    mfa: bool


class SignOffWithdrawal(SQLModel, table=True):
    """A sign-off taken back. Append-only; the reason lies in `free_text` under the withdrawal's own id."""

    __tablename__: ClassVar[str] = "signoff_withdrawal"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    bound: str = Field(primary_key=True)
    signoff: str = Field(primary_key=True)
    id: str
    withdrawn_at: datetime = Field(sa_type=UtcTime)
    withdrawn_by: str


class Waiver(SQLModel, table=True):
    """An exception for one criterion of one release. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "waiver"
    __table_args__ = (UniqueConstraint("org", "id"), Index(None, "org", "expires_at"))
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    criterion: str
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    request: str | None
    """Id of the request that it grants."""


class WaiverRevocation(SQLModel, table=True):
    """A waiver taken back. Append-only; the reason lies in `free_text` under the revocation's own id."""

    __tablename__: ClassVar[str] = "waiver_revocation"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    waiver: str = Field(primary_key=True)
    id: str
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str


class WaiverRequest(SQLModel, table=True):
    """Somebody asks for a waiver. Append-only; the reason lies in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "waiver_request"
    __table_args__ = (UniqueConstraint("org", "id"),)
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    criterion: str
    requested_by: str
    requested_for: bytes = Field(sa_type=LargeBinary)
    """The people that a tool asked for."""
    requested_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)


class WaiverVerdict(SQLModel, table=True):
    """What became of a request. Append-only; the comment lies in `free_text` under the verdict's own id."""

    __tablename__: ClassVar[str] = "waiver_verdict"
    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    request: str = Field(primary_key=True)
    id: str
    verdict: str
    given_by: str
    given_at: datetime = Field(sa_type=UtcTime)
