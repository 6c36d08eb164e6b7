"""Orgs, principals and their tokens."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, exists, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables import Org, Principal, Token, TokenRevocation

_org = table_of(Org)
_principal = table_of(Principal)
_token = table_of(Token)
_revocation = table_of(TokenRevocation)

_TOKENS = (
    select(_token, _principal.c.kind, _revocation.c.revoked_at)
    .join(_principal, (_principal.c.org == _token.c.org) & (_principal.c.id == _token.c.principal))
    .outerjoin(_revocation, (_revocation.c.org == _token.c.org) & (_revocation.c.token == _token.c.id))
)
_BY_HASH = _TOKENS.where(_token.c.hash == bindparam("hash"))
REVOKED = exists().where(_revocation.c.org == bindparam("org"), _revocation.c.token == bindparam("token"))
"""Whether `token`, an id, was revoked in `org`; all else about a token never changes."""
IS_REVOKED = select(REVOKED)


class TokenRecord(msgspec.Struct, frozen=True):
    """A token, without its secret."""

    org: str
    id: str
    name: str
    principal: str
    kind: str
    """Of the principal: `person`, `tool` or `service`."""
    scopes: frozenset[str]
    subjects: tuple[str, ...]
    """Patterns of subject names, with `*`."""
    instance: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def ensure_org(connection: Connection, org: str, title: str, at: datetime) -> bool:
    """Create the org unless it is there; whether it was created."""
    return insert_if_new(connection, _org, {"org": org, "title": title, "created_at": at}, ("org",))


def ensure_principal(connection: Connection, org: str, principal: str, kind: str, at: datetime) -> str:
    """Create the principal unless it is there; the kind it has."""
    values = {"org": org, "id": principal, "kind": kind, "created_at": at}
    if insert_if_new(connection, _principal, values, ("org", "id")):
        return kind
    query = select(_principal.c.kind).where(_principal.c.org == org, _principal.c.id == principal)
    return str(connection.execute(query).scalar_one())


def insert_token(connection: Connection, token: TokenRecord, secret_hash: str, created_by: str) -> bool:
    """Insert a token unless one with this secret is there; whether it was inserted."""
    values = {
        "org": token.org,
        "id": token.id,
        "name": token.name,
        "principal": token.principal,
        "hash": secret_hash,
        "scopes": msgspec.json.encode(sorted(token.scopes)),
        "subjects": msgspec.json.encode(token.subjects),
        "instance": token.instance,
        "created_at": token.created_at,
        "created_by": created_by,
        "expires_at": token.expires_at,
    }
    return insert_if_new(connection, _token, values, ("org", "hash"))


def revoke_token(connection: Connection, org: str, token: str, by: str, at: datetime) -> bool:
    """Revoke a token from `at` on; False if it was revoked already."""
    values = {"org": org, "token": token, "revoked_at": at, "revoked_by": by}
    return insert_if_new(connection, _revocation, values, ("org", "token"))


def token_by_hash(connection: Connection, secret_hash: str) -> TokenRecord | None:
    """The token whose secret has this SHA-256, whatever its state."""
    row = connection.execute(_BY_HASH, {"hash": secret_hash}).first()
    return None if row is None else _record(row)


def token_by_id(connection: Connection, org: str, token: str) -> TokenRecord | None:
    row = connection.execute(_TOKENS.where(_token.c.org == org, _token.c.id == token)).first()
    return None if row is None else _record(row)


def tokens(connection: Connection, org: str) -> list[TokenRecord]:
    """All tokens of an org, oldest first."""
    rows = connection.execute(_TOKENS.where(_token.c.org == org).order_by(_token.c.id))
    return [_record(row) for row in rows]


def _record(row: Any) -> TokenRecord:
    return TokenRecord(
        org=row.org,
        id=row.id,
        name=row.name,
        principal=row.principal,
        kind=row.kind,
        scopes=frozenset(msgspec.json.decode(row.scopes)),
        subjects=tuple(msgspec.json.decode(row.subjects)),
        instance=bool(row.instance),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
