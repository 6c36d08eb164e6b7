"""Orgs, principals and their tokens."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, exists, or_, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import Org, Principal
from phasegate.storage.tables.tokens import Token, TokenRevocation, TokenRotation, TokenRun, TokenUse

_org = table_of(Org)
_principal = table_of(Principal)
_token = table_of(Token)
_revocation = table_of(TokenRevocation)
_rotation = table_of(TokenRotation)
_use = table_of(TokenUse)
_run = table_of(TokenRun)


def _beside(table: Any) -> Any:
    return (table.c.org == _token.c.org) & (table.c.token == _token.c.id)


_TOKENS = (
    select(_token, _principal.c.kind, _revocation.c.revoked_at, _rotation.c.successor, _rotation.c.ends_at)
    .add_columns(_use.c.last_used_at, _run.c.identity, _run.c.acts_for)
    .join(_principal, (_principal.c.org == _token.c.org) & (_principal.c.id == _token.c.principal))
    .outerjoin(_revocation, _beside(_revocation))
    .outerjoin(_rotation, _beside(_rotation))
    .outerjoin(_use, _beside(_use))
    .outerjoin(_run, _beside(_run))
)
_BY_HASH = _TOKENS.where(_token.c.hash == bindparam("hash"))
TOUCHED = or_(
    exists().where(_revocation.c.org == bindparam("org"), _revocation.c.token == bindparam("token")),
    exists().where(_rotation.c.org == bindparam("org"), _rotation.c.token == bindparam("token")),
)
"""Whether the `token`, an id, was revoked or rotated in `org`; all else about a token never changes. The tokens of a
person who is disabled are revoked in the same transaction."""
IS_TOUCHED = select(TOUCHED)


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
    created_by: str = ""
    assurance: str = ""
    """Of a person's own token, how it is known to be his: `oidc` or `enrolled`; else empty."""
    successor: str | None = None
    """The token that took its place, which is valid beside it until `ends_at`."""
    ends_at: datetime | None = None
    last_used_at: datetime | None = None
    identity: dict[str, str] = {}
    """Of a token that came of an exchange, verified claims of the CI run."""
    acts_for: tuple[str, ...] = ()
    """And the people who started the run, where they are known."""


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


def kind_of(connection: Connection, org: str, principal: str) -> str | None:
    """The kind of a principal; None where there is none."""
    query = select(_principal.c.kind).where(_principal.c.org == org, _principal.c.id == principal)
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


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
        "assurance": token.assurance,
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


def rotate(connection: Connection, org: str, token: str, successor: str, ends_at: datetime) -> bool:
    """Let another token take the place of this one; False if one did already."""
    values = {"org": org, "token": token, "successor": successor, "ends_at": ends_at}
    return insert_if_new(connection, _rotation, values, ("org", "token"))


def used(connection: Connection, org: str, token: str, at: datetime) -> None:
    """Note that a token was used at `at`."""
    values = {"org": org, "token": token, "last_used_at": at}
    if insert_if_new(connection, _use, values, ("org", "token")):
        return
    older = (_use.c.org == org) & (_use.c.token == token) & (_use.c.last_used_at < at)
    connection.execute(_use.update().where(older).values(last_used_at=at))


def page(connection: Connection, org: str, before: str, limit: int, principal: str | None) -> list[TokenRecord]:
    """Tokens created before the one with id `before` (empty: all), newest first; of one principal, or all."""
    query = _TOKENS.where(_token.c.org == org).order_by(_token.c.id.desc()).limit(limit)
    if before:
        query = query.where(_token.c.id < before)
    if principal is not None:
        query = query.where(_token.c.principal == principal)
    return [_record(row) for row in connection.execute(query)]


def tokens_of(connection: Connection, org: str, principal: str) -> list[TokenRecord]:
    """All tokens of a principal, oldest first."""
    query = _TOKENS.where(_token.c.org == org, _token.c.principal == principal).order_by(_token.c.id)
    return [_record(row) for row in connection.execute(query)]


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
        created_by=row.created_by,
        assurance=row.assurance,
        successor=row.successor,
        ends_at=row.ends_at,
        last_used_at=row.last_used_at,
        identity={} if row.identity is None else msgspec.json.decode(row.identity),
        acts_for=() if row.acts_for is None else tuple(msgspec.json.decode(row.acts_for)),
    )
