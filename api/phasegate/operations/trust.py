"""Rules of trust: whose verified claims are believed, as whom and how far."""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Connection

from phasegate.envelopes.sigstore_bundle import CLAIMS
from phasegate.errors import Fault, Invalid, NotFound, nearest
from phasegate.identity.secret_key import SecretKey
from phasegate.operations.tokens import SCOPES
from phasegate.storage import trust
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.trust import TrustRuleRecord

BY_HAND = ("evidence:revoke", "subjects:write", "policies:write", "admin")
"""Scopes that no exchange gives (API 6)."""
LONGEST_TTL = 24 * 3600
"""Seconds that an exchanged token lives at most."""
_NEEDS = {
    "exchange": ("principal", "scopes", "subjects", "match"),
    "login": ("client_id",),
    "sigstore": ("subjects", "match"),
}
_GITHUB = "https://token.actions.githubusercontent.com"
_GITLAB = "https://gitlab.com"
_OF_GITHUB = ("repository", "repository_owner", "job_workflow_ref", "workflow_ref")
_OF_GITLAB = ("project_path", "namespace_path", "ci_config_ref_uri")
_STARTED_BY_OTHERS = ("pull_request", "refs/pull/", "merge_request", "refs/merge-requests/")
"""How a claim of a run begins that somebody without a right to the code can start, with code of his own."""


async def add(database: Database, actor: Actor, rule: TrustRuleRecord, at: datetime) -> TrustRuleRecord:
    """Add a rule. Raises `Invalid` with every fault."""
    faults = tuple(_faults(rule))
    if faults:
        raise Invalid(f"{faults[0].path} {faults[0].message}", faults=faults)

    def work(connection: Connection) -> TrustRuleRecord:
        trust.insert(connection, actor.org, rule)
        after = {"name": rule.name, "use": rule.use, "issuer": rule.issuer, "subjects": rule.subjects}
        record(connection, actor, at, "trust.added", ("trust", rule.id), after=after | {"scopes": rule.scopes})
        return rule

    return await database.write(work)


async def remove(database: Database, actor: Actor, identifier: str, at: datetime) -> TrustRuleRecord:
    """Remove a rule: from now on it believes nobody; what it made possible stands. Raises `NotFound`."""

    def work(connection: Connection) -> TrustRuleRecord:
        found = trust.by_id(connection, actor.org, identifier)
        if found is None or not trust.remove(connection, actor.org, identifier, actor.principal, at):
            raise NotFound("there is no such rule of trust")
        record(connection, actor, at, "trust.removed", ("trust", identifier))
        return found

    return await database.write(work)


def matches(rule: TrustRuleRecord, claims: Mapping[str, str]) -> bool:
    """Whether verified claims, `iss` or `issuer` left aside, are those that the rule names: each exactly equal.

    A run that a pull request started is believed only where the rule names the very claim that says so.
    """
    wanted = rule.match
    if not wanted or any(claims.get(name) != value for name, value in wanted.items()):
        return False
    return not any(value.startswith(_STARTED_BY_OTHERS) and name not in wanted for name, value in claims.items())


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
        elif scope in BY_HAND:
            yield Fault("scopes", f"{scope} can't be obtained by a rule", suggestion="issue a token by hand")
    if rule.max_ttl is not None and not 0 < rule.max_ttl <= LONGEST_TTL:
        yield Fault("max_ttl", "must be longer than nothing, and a day at most")
    if rule.jwks is not None and (told := _wrong_with_keys(rule.jwks)):
        yield Fault("jwks", told)
    yield from _of_sigstore(rule) if rule.use == "sigstore" else _of_a_pipeline(rule)


def _of_sigstore(rule: TrustRuleRecord) -> Iterator[Fault]:
    match = rule.match or {}
    if match and "identity" not in match:
        yield Fault("match.identity", "is required: the subject alternative name of the certificate, in full")
    for name in match:
        if name not in ("identity", *CLAIMS):
            known = ("identity", *CLAIMS)
            hint = nearest(name, known) or f"there are: {', '.join(known)}"
            yield Fault(f"match.{name[:64]}", "is no claim of a certificate", suggestion=hint)


def _of_a_pipeline(rule: TrustRuleRecord) -> Iterator[Fault]:
    """Names of repositories can be given away and taken by others; their numbers can't."""
    match = rule.match or {}
    host = urlsplit(rule.issuer).hostname or ""
    if rule.issuer.startswith(_GITHUB) or any(name in match for name in _OF_GITHUB):
        needed = ("repository_id", "repository_owner_id")
    elif rule.issuer == _GITLAB or "gitlab" in host or any(name in match for name in _OF_GITLAB):
        needed = ("project_id", "namespace_id")
    else:
        return
    for name in needed:
        if name not in match:
            yield Fault(f"match.{name}", "is required: names can change hands, numbers can't")


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
    except (JoseError, ValueError, TypeError, KeyError):
        return "holds a key that can't be read"
    return None
