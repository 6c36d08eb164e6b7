"""Tokens: making, checking and revoking bearer secrets."""

import secrets
from binascii import crc32
from collections import OrderedDict
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.errors import Conflict, Fault, Forbidden, Invalid, NotFound, nearest
from phasegate.storage import tokens as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord

SCOPES = (
    "read",
    "audit:read",
    "policies:write",
    "subjects:write",
    "releases:write",
    "evidence:write",
    "evidence:revoke",
    "signoffs:write",
    "waivers:write",
    "chat:relay",
    "admin",
)
_INCLUDED = {"subjects:write": ("releases:write",)}
DEFAULT_ORG = "default"
BOOTSTRAP = "bootstrap"
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
_PREFIX = "pgt_"
_KEPT = 4096


class NewToken(NamedTuple):
    """What a token is made from."""

    name: str
    principal: str
    kind: str
    scopes: frozenset[str]
    subjects: tuple[str, ...]
    life: timedelta


def new_secret() -> str:
    """256 random bits with a prefix and a checksum, so that secret scanners can recognise it."""
    body = secrets.token_urlsafe(32)
    return f"{_PREFIX}{body}_{crc32(body.encode()):08x}"


def hashed(secret: str) -> str:
    """What is stored of a secret: SHA-256, in hex. It is random, so nothing slower is needed."""
    return sha256(secret.encode()).hexdigest()


def holds(token: TokenRecord, scope: str) -> bool:
    """Whether the token may do what `scope` names."""
    return scope in token.scopes or any(scope in _INCLUDED.get(held, ()) for held in token.scopes)


def may_touch(token: TokenRecord, subject: str) -> bool:
    """Whether the subject lies inside the token's patterns."""
    return any(fnmatchcase(subject, pattern) for pattern in token.subjects)


def refuse_outside(token: TokenRecord, subject: str) -> None:
    """Raise `Forbidden` for a subject outside the token's patterns."""
    if not may_touch(token, subject):
        raise Forbidden(f"the token is limited to subjects {', '.join(token.subjects)}", code="outside_token_subjects")


def valid(token: TokenRecord, at: datetime) -> bool:
    """Whether the token is neither revoked nor expired at `at`."""
    return token.revoked_at is None and (token.expires_at is None or at < token.expires_at)


class Tokens:
    """Tokens that this process has seen, by the hashes of their secrets. A token never changes but for its
    revocation, so that is all that has to be asked for on each request."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: OrderedDict[str, TokenRecord] = OrderedDict()

    async def authenticate(self, secret: str, now: datetime) -> TokenRecord | None:
        """The token, unless it is unknown, expired or revoked."""
        token = self.seen(secret)
        if token is not None:
            gone = await self._database.row(stored.IS_REVOKED, {"org": token.org, "token": token.id})
            assert gone is not None
            return token if valid(token, now) and not gone[0] else None
        token = await self._database.read(lambda connection: stored.token_by_hash(connection, hashed(secret)))
        if token is None or not valid(token, now):
            return None
        self._seen[hashed(secret)] = token
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        return token

    def seen(self, secret: str) -> TokenRecord | None:
        """The token as it was when it was seen first: it may have been revoked or have expired since."""
        return self._seen.get(hashed(secret))


async def create(database: Database, actor: Actor, wanted: NewToken, at: datetime) -> tuple[TokenRecord, str]:
    """Create a token and its principal; the token and its secret, which is shown this once."""
    _check(wanted)
    secret = new_secret()

    def work(connection: Connection) -> TokenRecord:
        stored.ensure_org(connection, actor.org, actor.org, at)
        kind = stored.ensure_principal(connection, actor.org, wanted.principal, wanted.kind, at)
        if kind != wanted.kind:
            raise Conflict(f"{wanted.principal!r} is a {kind}, not a {wanted.kind}; choose another name")
        token = _token(actor.org, wanted, kind, at, instance=False)
        stored.insert_token(connection, token, hashed(secret), actor.principal)
        record(connection, actor, at, "token.created", ("token", token.id), after=_shown(token))
        return token

    return await database.write(work), secret


async def bootstrap(database: Database, secret: str, at: datetime) -> None:
    """Make `secret` the bootstrap token: every scope in the default org, and the instance's right.

    A bootstrap token set before is revoked. Raises `Conflict` if this one was revoked itself.
    """
    actor = Actor(DEFAULT_ORG, BOOTSTRAP, "", "cli")
    wanted = NewToken(BOOTSTRAP, BOOTSTRAP, "service", frozenset(SCOPES), ("*",), LONGEST_LIFE)

    def work(connection: Connection) -> None:
        stored.ensure_org(connection, DEFAULT_ORG, DEFAULT_ORG, at)
        stored.ensure_principal(connection, DEFAULT_ORG, BOOTSTRAP, "service", at)
        existing = stored.token_by_hash(connection, hashed(secret))
        if existing is not None and existing.revoked_at is not None:
            raise Conflict("the bootstrap token was revoked; set PHASEGATE_BOOTSTRAP_TOKEN to a new one")
        for token in stored.tokens(connection, DEFAULT_ORG):
            replaced = token.principal == BOOTSTRAP and token.revoked_at is None
            if replaced and (existing is None or token.id != existing.id):
                stored.revoke_token(connection, DEFAULT_ORG, token.id, BOOTSTRAP, at)
                record(connection, actor, at, "token.revoked", ("token", token.id))
        if existing is None:
            token = _token(DEFAULT_ORG, wanted, "service", at, instance=True, expires=False)
            stored.insert_token(connection, token, hashed(secret), BOOTSTRAP)
            record(connection, actor, at, "token.created", ("token", token.id), after=_shown(token))

    await database.write(work)


async def revoke(database: Database, actor: Actor, identifier: str, at: datetime) -> TokenRecord:
    """Revoke a token, effective at once. Raises `NotFound`."""

    def work(connection: Connection) -> TokenRecord:
        token = stored.token_by_id(connection, actor.org, identifier)
        if token is None:
            raise NotFound(f"there is no token {identifier!r}")
        if stored.revoke_token(connection, actor.org, identifier, actor.principal, at):
            record(connection, actor, at, "token.revoked", ("token", identifier))
        revoked = stored.token_by_id(connection, actor.org, identifier)
        assert revoked is not None
        return revoked

    return await database.write(work)


def _check(wanted: NewToken) -> None:
    faults = [
        Fault("scopes", f"there is no scope {scope!r}", suggestion=nearest(scope, SCOPES))
        for scope in sorted(wanted.scopes - set(SCOPES))
    ]
    if not wanted.scopes:
        faults.append(Fault("scopes", f"must name at least one of: {', '.join(SCOPES)}"))
    if not wanted.subjects:
        faults.append(Fault("subjects", "must name at least one pattern", suggestion="* for every subject"))
    if not timedelta() < wanted.life <= LONGEST_LIFE:
        faults.append(Fault("expires_at", "must lie ahead, by a year at most"))
    if faults:
        raise Invalid(f"{faults[0].path}: {faults[0].message}", faults=tuple(faults))


def _token(org: str, wanted: NewToken, kind: str, at: datetime, *, instance: bool, expires: bool = True) -> TokenRecord:
    return TokenRecord(
        org=org,
        id=str(uuid7()),
        name=wanted.name,
        principal=wanted.principal,
        kind=kind,
        scopes=wanted.scopes,
        subjects=wanted.subjects,
        instance=instance,
        created_at=at,
        expires_at=at + wanted.life if expires else None,
        revoked_at=None,
    )


def _shown(token: TokenRecord) -> dict[str, object]:
    return {"name": token.name, "principal": token.principal, "scopes": sorted(token.scopes)}
