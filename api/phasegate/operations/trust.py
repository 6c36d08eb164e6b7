"""Rules of trust: whose verified claims are believed, as whom and how far."""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Connection

from phasegate.envelopes.sigstore_bundle import CLAIMS
from phasegate.errors import Fault, Invalid, NotFound, nearest
from phasegate.identity.ci import missing, started_by_others
from phasegate.identity.jwt import key_set
from phasegate.identity.secret_key import SecretKey
from phasegate.operations.tokens import RESERVED, SCOPES, SIGNING, end, valid
from phasegate.storage import exchange, tokens, trust
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.trust import TrustRuleRecord

BY_HAND = (
    "evidence:revoke",
    "subjects:write",
    "policies:write",
    "signoffs:write",
    "waivers:write",
    "chat:relay",
    "admin",
)
"""Scopes that no exchange gives (API 6), or that no tool can use."""
LONGEST_TTL = 24 * 3600
"""Seconds that an exchanged token lives at most."""
_NEEDS = {
    "exchange": ("principal", "scopes", "subjects", "match"),
    "login": ("client_id",),
    "sigstore": ("subjects", "match"),
}
_OF_REPOSITORIES = frozenset({"repository_id", "project_id"})
"""Claims of tokens whose issuer's certificates name repository and owner by number, too."""
_OF_EVERY_TOKEN = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "typ"})


async def add(database: Database, actor: Actor, rule: TrustRuleRecord, at: datetime) -> TrustRuleRecord:
    """Add a rule. Raises `Invalid` with every fault."""
    faults = tuple(_faults(rule))
    if faults:
        raise Invalid.of(faults)

    def work(connection: Connection) -> TrustRuleRecord:
        if rule.use == "exchange" and not _is_tool(connection, actor.org, str(rule.principal)):
            hint = "a rule acts as a tool, never as a person"
            raise Invalid.at("principal", "is no tool's name", suggestion=hint)
        trust.insert(connection, actor.org, rule)
        after = {"name": rule.name, "use": rule.use, "issuer": rule.issuer, "subjects": rule.subjects}
        after |= {"principal": rule.principal} if rule.principal else {}
        record(connection, actor, at, "trust.added", ("trust", rule.id), after=after | {"scopes": rule.scopes})
        return rule

    return await database.write(work)


async def remove(database: Database, actor: Actor, identifier: str, at: datetime) -> TrustRuleRecord:
    """Remove a rule: from now on it believes nobody, and tokens that came of it end; what was attested or sent by it
    stands. Raises `NotFound`."""

    def work(connection: Connection) -> TrustRuleRecord:
        trust.hold(connection, actor.org, identifier, alone=True)
        found = trust.by_id(connection, actor.org, identifier)
        if found is None or not trust.remove(connection, actor.org, identifier, actor.principal, at):
            raise NotFound("there is no such rule of trust")
        record(connection, actor, at, "trust.removed", ("trust", identifier))
        since = at - timedelta(seconds=LONGEST_TTL)
        for each in exchange.tokens_of(connection, actor.org, identifier, since):
            token = tokens.token_by_id(connection, actor.org, each)
            if token is not None and valid(token, at):
                end(connection, actor, token, at)
        return found

    return await database.write(work)


def matches(rule: TrustRuleRecord, claims: Mapping[str, str]) -> bool:
    """Whether verified claims, `iss` or `issuer` left aside, are those that the rule names: each exactly equal.

    A run that a pull request started is believed only where the rule names the very claim that says so.
    """
    wanted = rule.match
    if not wanted or any(claims.get(name) != value for name, value in wanted.items()):
        return False
    return started_by_others(claims, wanted) is None


def _is_tool(connection: Connection, org: str, principal: str) -> bool:
    """Whether a rule can act as the principal, who need not be there yet."""
    kind = tokens.kind_of(connection, org, principal)
    return kind == "tool" or (kind is None and principal not in RESERVED)


def about(org: str, identifier: str) -> str:
    """What the secret of a rule is encrypted for."""
    return f"{org}/{identifier}"


def client_secret(rule: TrustRuleRecord, org: str, key: SecretKey) -> str | None:
    """The secret that the provider gave. Raises ValueError under another master key."""
    return None if rule.client_secret is None else key.decrypt(rule.client_secret, about(org, rule.id))


def _faults(rule: TrustRuleRecord) -> Iterator[Fault]:
    if rule.client_secret is not None and rule.use != "login":
        yield Fault("client_secret", "goes with the use login")
    for name in _NEEDS[rule.use]:
        if not getattr(rule, name):
            yield Fault(name, f"is required for {rule.use}")
    if not _acceptable(rule.issuer):
        yield Fault("issuer", "must be an https address without query, as tokens write it in `iss`")
    for scope in rule.scopes:
        if scope not in SCOPES:
            yield Fault("scopes", f"there is no scope {scope[:64]!r}", suggestion=nearest(scope, SCOPES))
        elif scope in BY_HAND and not (rule.use == "login" and scope in SIGNING):
            yield Fault("scopes", f"{scope} can't be obtained by a rule", suggestion="issue a token by hand")
    if rule.max_ttl is not None and not 0 < rule.max_ttl <= LONGEST_TTL:
        yield Fault("max_ttl", "must be longer than nothing, and a day at most")
    if rule.jwks is not None and (told := _wrong_with_keys(rule.jwks)):
        yield Fault("jwks", told)
    if rule.use == "sigstore":
        yield from _of_sigstore(rule)
    if rule.use == "exchange":
        yield from _of_a_pipeline(rule)


def _of_sigstore(rule: TrustRuleRecord) -> Iterator[Fault]:
    match = rule.match or {}
    if match and "identity" not in match:
        yield Fault("match.identity", "is required: the subject alternative name of the certificate, in full")
    if match and _OF_REPOSITORIES.intersection(missing(rule.issuer, (), ())):
        for name in ("source_repository_identifier", "source_repository_owner_identifier"):
            if name not in match:
                yield Fault(f"match.{name}", "is required: names can change hands, numbers can't")
    for name in match:
        if name not in ("identity", *CLAIMS):
            known = ("identity", *CLAIMS)
            hint = nearest(name, known) or f"there are: {', '.join(known)}"
            yield Fault(f"match.{name[:64]}", "is no claim of a certificate", suggestion=hint)


def _of_a_pipeline(rule: TrustRuleRecord) -> Iterator[Fault]:
    """Names of repositories can be given away and taken by others; their numbers can't."""
    match = rule.match or {}
    for name in missing(rule.issuer, match, match):
        yield Fault(f"match.{name}", "is required: names can change hands, numbers can't")
    if match and not match.keys() - _OF_EVERY_TOKEN:
        yield Fault("match", "must name whom the issuer speaks of", suggestion="sub, for one")


def _acceptable(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username is not None or not issuer.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong_with_keys(jwks: Any) -> str | None:
    """What keeps a key set from being one of public keys; never a part of it."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        return "must be a key set: {keys: [one or more]}"
    if any({"d", "p", "q", "k"} & key.keys() or key.get("kty") == "oct" for key in keys):
        return "holds a private or a shared key, which is known to others now; send public keys alone"
    try:
        KeySet.import_key_set({"keys": keys})
        key_set(jwks)
    except (JoseError, ValueError, TypeError, KeyError):
        return "holds a key that can't be read, or none for signatures: RSA of 2048 bits, EC P-256 or Ed25519"
    return None
