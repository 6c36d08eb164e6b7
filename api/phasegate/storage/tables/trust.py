"""Who may vouch for evidence, and who did."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from phasegate.storage.columns import UtcTime


class Key(SQLModel, table=True):
    """A public key that may vouch for evidence. Append-only; revocations stand beside it."""

    __tablename__: ClassVar[str] = "key"
    __table_args__ = (UniqueConstraint("org", "keyid"),)
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    keyid: str
    """Hex SHA-256 of `public_key`."""
    public_key: bytes = Field(sa_type=LargeBinary)
    """DER SubjectPublicKeyInfo."""
    subjects: bytes = Field(sa_type=LargeBinary)
    types: bytes = Field(sa_type=LargeBinary)
    not_before: datetime = Field(sa_type=UtcTime)
    not_after: datetime | None = Field(sa_type=UtcTime, nullable=True)
    registered_at: datetime = Field(sa_type=UtcTime)
    registered_by: str


class KeyRevocation(SQLModel, table=True):
    """That a key no longer vouches. Append-only; a later one may say that it was compromised earlier. The reason lies
    in `free_text` under the same id."""

    __tablename__: ClassVar[str] = "key_revocation"
    org: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=UtcTime)
    revoked_by: str
    compromised_since: datetime | None = Field(sa_type=UtcTime, nullable=True)


class TrustRule(SQLModel, table=True):
    """Whose identity is believed, as whom and how far. Append-only; removals stand beside it. The claims to match,
    which can name a person, lie in `free_text` under the same id, as JSON."""

    __tablename__: ClassVar[str] = "trust_rule"
    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    use: str
    """`exchange`, `login` or `sigstore`."""
    issuer: str
    jwks: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    audience: str | None
    principal: str | None
    scopes: bytes = Field(sa_type=LargeBinary)
    subjects: bytes = Field(sa_type=LargeBinary)
    max_ttl: int | None
    """Seconds."""
    client_id: str | None
    client_secret: bytes | None = Field(sa_type=LargeBinary, nullable=True)
    """Encrypted under the master key."""
    roles: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcTime)
    created_by: str


class TrustRuleRemoval(SQLModel, table=True):
    """Append-only."""

    __tablename__: ClassVar[str] = "trust_rule_removal"
    org: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    removed_at: datetime = Field(sa_type=UtcTime)
    removed_by: str


class Attestation(SQLModel, table=True):
    """Which key, or which identity by a rule of trust, made a record `attested`. Append-only."""

    __tablename__: ClassVar[str] = "attestation"
    __table_args__ = (Index(None, "org", "evidence"),)
    org: str = Field(primary_key=True)
    attestor: str = Field(primary_key=True)
    """Id of the key or rule."""
    evidence: str = Field(primary_key=True)
    kind: str
    """`key` or `rule`."""
    attested_at: datetime = Field(sa_type=UtcTime)
