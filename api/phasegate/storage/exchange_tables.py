"""The tables of token exchange. Both are append-only, and neither holds anything personal."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime

MOST = 20
"""How often one token of a CI job can be exchanged; the database has no row for more."""


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


APPEND_ONLY = ("token_exchange", "token_run")
