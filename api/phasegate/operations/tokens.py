"""Tokens: making, checking and revoking bearer secrets."""

import re
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
from phasegate.reading import NAME_PATTERN, NAME_TOLD
from phasegate.storage import people
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
SIGNING = frozenset({"signoffs:write", "waivers:write"})
"""Scopes that a person's token has only where it is known to be his own."""
DEFAULT_ORG = "default"
BOOTSTRAP = "bootstrap"
SERVER = "phasegate"
OPERATOR = "operator"
"""Whoever runs commands on the database itself."""
RESERVED = (BOOTSTRAP, SERVER, OPERATOR)
"""Names of no person and no tool."""
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
_PREFIX = "pgt_"
_KEPT = 4096
_PATTERN = re.compile(r"[A-Za-z0-9._+*-]{1,128}")
_MOST_PATTERNS = 100
_LONGEST_NAME = 128


class NewToken(NamedTuple):
    """What a token is made from."""

    name: str
    principal: str
    kind: str | None
    """None: the kind that the principal has, or a tool."""
    scopes: frozenset[str]
    subjects: tuple[str, ...]
    life: timedelta


def new_secret(prefix: str = _PREFIX) -> str:
    """256 random bits with a prefix and a checksum, so that secret scanners can recognise it."""
    body = secrets.token_urlsafe(32)
    return f"{prefix}{body}_{crc32(body.encode()):08x}"


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


def may_sign(token: TokenRecord) -> bool:
    """Whether it is a person's own token, known to be his: no other ever signs off or waives, whatever its scopes."""
    return token.kind == "person" and token.assurance != ""


def valid(token: TokenRecord, at: datetime) -> bool:
    """Whether at `at` the token is neither revoked, nor expired, nor replaced by another."""
    ends = (token.expires_at, token.ends_at)
    return token.revoked_at is None and all(end is None or at < end for end in ends)


class Tokens:
    """Tokens that this process has seen, by the hashes of their secrets. A token never changes but for its
    revocation and rotation, so whether there was one is all that has to be asked for on each request."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: OrderedDict[str, TokenRecord] = OrderedDict()

    async def authenticate(self, secret: str, now: datetime) -> TokenRecord | None:
        """The token, unless it is unknown, expired or revoked."""
        token = self.seen(secret)
        if token is not None:
            found = await self._database.row(stored.IS_TOUCHED, {"org": token.org, "token": token.id})
            assert found is not None
            if not found[0]:
                return token if valid(token, now) else None
        token = await self._database.read(lambda connection: stored.token_by_hash(connection, hashed(secret)))
        if token is None or not valid(token, now):
            return None
        self._seen[hashed(secret)] = token
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        return token

    def seen(self, secret: str) -> TokenRecord | None:
        """The token as it was when it was seen first: it may have been revoked or rotated or have expired since."""
        return self._seen.get(hashed(secret))


async def create(database: Database, actor: Actor, wanted: NewToken, at: datetime) -> tuple[TokenRecord, str]:
    """Create a token and its principal; the token and its secret, which is shown this once."""
    check(wanted)
    secret = new_secret()

    def work(connection: Connection) -> TokenRecord:
        stored.ensure_org(connection, actor.org, actor.org, at)
        return add(connection, actor, wanted, secret, at)

    return await database.write(work), secret


def add(
    connection: Connection, actor: Actor, wanted: NewToken, secret: str, at: datetime, assurance: str = ""
) -> TokenRecord:
    """Store a checked token, and its principal where that is new. Raises `Conflict` for a principal of another kind, a
    person who isn't active, and a reserved name; `Forbidden` for a person who would sign with a token that is not
    known to be his own."""
    existing = stored.kind_of(connection, actor.org, wanted.principal)
    if existing is None and wanted.principal in RESERVED:
        raise Conflict(f"{wanted.principal!r} is a name of the server's own; choose another", code="reserved_name")
    kind = existing or wanted.kind or "tool"
    if wanted.kind not in (None, kind):
        raise Conflict(f"{wanted.principal!r} is a {kind}, not a {wanted.kind}; choose another name")
    if kind == "person" and not assurance and wanted.scopes & SIGNING:
        told = "a person's token with signoffs:write or waivers:write comes from his own log-in or an enrolment code"
        raise Forbidden(f"{told}: POST /v1/people/{wanted.principal}/enrolment", code="not_his_own")
    stored.ensure_principal(connection, actor.org, wanted.principal, kind, at)
    if kind == "person":
        found = people.person(connection, actor.org, wanted.principal, lock=True)
        if found is None or found.state != "active":
            raise Conflict(f"{wanted.principal!r} is not active; an administrator can change that", code="not_active")
    token = _token(actor, wanted, kind, at, assurance=assurance)
    stored.insert_token(connection, token, hashed(secret), actor.principal)
    record(connection, actor, at, "token.created", ("token", token.id), after=shown(token))
    return token


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
                end(connection, actor, token, at)
        if existing is None:
            token = _token(actor, wanted, "service", at, instance=True)
            stored.insert_token(connection, token, hashed(secret), BOOTSTRAP)
            record(connection, actor, at, "token.created", ("token", token.id), after=shown(token))

    await database.write(work)


async def revoke(database: Database, actor: Actor, identifier: str, at: datetime) -> TokenRecord:
    """Revoke a token, effective at once. Raises `NotFound`."""

    def work(connection: Connection) -> TokenRecord:
        token = stored.token_by_id(connection, actor.org, identifier)
        if token is None:
            raise NotFound(f"there is no token {identifier!r}")
        end(connection, actor, token, at)
        revoked = stored.token_by_id(connection, actor.org, identifier)
        assert revoked is not None
        return revoked

    return await database.write(work)


def end(connection: Connection, actor: Actor, token: TokenRecord, at: datetime) -> None:
    """Revoke a token unless it was revoked before."""
    if stored.revoke_token(connection, actor.org, token.id, actor.principal, at):
        before, after = {"revoked_at": None}, {"revoked_at": at}
        record(connection, actor, at, "token.revoked", ("token", token.id), before=before, after=after)


def check(wanted: NewToken) -> None:
    """Raise `Invalid` for names, scopes, patterns and lengths that no token can have."""
    faults = [] if re.fullmatch(NAME_PATTERN, wanted.principal) else [Fault("principal", f"must {NAME_TOLD}")]
    if not wanted.name.isprintable() or not 0 < len(wanted.name) <= _LONGEST_NAME:
        faults.append(Fault("name", f"must be 1 to {_LONGEST_NAME} visible characters"))
    faults += [
        Fault("scopes", f"there is no scope {scope!r}", suggestion=nearest(scope, SCOPES))
        for scope in sorted(wanted.scopes - set(SCOPES))
    ]
    if not wanted.scopes:
        faults.append(Fault("scopes", f"must name at least one of: {', '.join(SCOPES)}"))
    if not wanted.subjects:
        faults.append(Fault("subjects", "must name at least one pattern", suggestion="* for every subject"))
    if len(wanted.subjects) > _MOST_PATTERNS:
        faults.append(Fault("subjects", f"are {len(wanted.subjects)} patterns; at most {_MOST_PATTERNS}"))
    faults += [
        Fault(f"subjects[{n}]", "must be 1 to 128 characters of names, with * for any of them", suggestion="fraud-*")
        for n, pattern in enumerate(wanted.subjects[:_MOST_PATTERNS])
        if not _PATTERN.fullmatch(pattern)
    ]
    if not timedelta() < wanted.life <= LONGEST_LIFE:
        faults.append(Fault("expires_at", "must lie ahead, by a year at most"))
    if faults:
        raise Invalid(f"{faults[0].path}: {faults[0].message}", faults=tuple(faults))


def _token(
    actor: Actor, wanted: NewToken, kind: str, at: datetime, *, assurance: str = "", instance: bool = False
) -> TokenRecord:
    return TokenRecord(
        org=actor.org,
        id=str(uuid7()),
        name=wanted.name,
        principal=wanted.principal,
        kind=kind,
        scopes=wanted.scopes,
        subjects=wanted.subjects,
        instance=instance,
        created_at=at,
        expires_at=None if instance else at + wanted.life,
        revoked_at=None,
        created_by=actor.principal,
        assurance=assurance,
    )


def shown(token: TokenRecord) -> dict[str, object]:
    """What the audit tells of a token: neither its secret nor the name that somebody gave it."""
    return {
        "principal": token.principal,
        "scopes": sorted(token.scopes),
        "subjects": token.subjects,
        "expires_at": token.expires_at,
        "assurance": token.assurance,
    }
