"""Which org a CI job's token is shown to, whether it is genuine, and by which of the org's rules it counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from phasegate.identity import ci
from phasegate.identity.issuers import Issuers
from phasegate.identity.jwt import Refused, Unverified, check_claims, key_set, verified
from phasegate.operations.trust import matches
from phasegate.storage import exchange as stored
from phasegate.storage import trust
from phasegate.storage.trust import TrustRuleRecord

_MOST_TOLD = 20
"""Rules of which a refusal says why they don't match."""
_LONGEST_NAME = 64


class Barred(Exception):
    """A genuine token isn't exchanged; why, for the audit alone."""


class Genuine(NamedTuple):
    """A token whose signature holds."""

    unverified: Unverified
    claims: dict[str, Any]
    rules: tuple[TrustRuleRecord, ...]
    """For its issuer and audience, and by whose keys it was signed; oldest first."""

    @property
    def issuer(self) -> str:
        return self.unverified.issuer


def audience_of(claims: dict[str, Any]) -> str:
    """The one that the token is for: with others beside it, it could be taken there and used here."""
    value = claims.get("aud")
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if not isinstance(value, str) or not value.isprintable():
        raise Refused("it must be for one audience, and for no other")
    return value


def org_and_rules(
    connection: Connection, base: str, issuer: str, audience: str, asked: str | None
) -> tuple[str, tuple[TrustRuleRecord, ...]]:
    """The org, which may not exist, and its rules for this issuer and audience."""
    own = _org(connection, base, audience)
    meant = _org(connection, base, base if asked is None else asked)
    org = meant if own is None else own if asked is None or own == meant else ""
    found = trust.of_use(connection, org or "", "exchange", issuer)
    fitting = (each for each in found if (own is not None if each.audience is None else each.audience == audience))
    return org or "", tuple(fitting)


def _org(connection: Connection, base: str, audience: str) -> str | None:
    """The org that an audience names, whether it exists or not; None where it is none of ours."""
    if audience == base:
        return stored.only_org(connection) or ""
    stem = f"{base}/orgs/"
    return audience.removeprefix(stem) if audience.startswith(stem) else None


async def genuine(
    issuers: Issuers, unverified: Unverified, audience: str, rules: Sequence[TrustRuleRecord], now: datetime
) -> Genuine:
    """The token, and the rules by whose keys it is signed. Raises `Refused`."""
    claims: dict[str, Any] | None = None
    believing = []
    for rule in (each for each in rules if each.jwks is not None):
        try:
            claims = verified(unverified, key_set(rule.jwks))
            believing.append(rule)
        except (Refused, ValueError):
            continue
    published = [each for each in rules if each.jwks is None]
    if published:
        try:
            claims = await issuers.claims(unverified, now)
            believing += published
        except Refused:
            if not believing:
                raise
    if claims is None:
        raise Refused("no rule of trust names the issuer")
    check_claims(claims, unverified.issuer, audience, now)
    return Genuine(unverified, claims, tuple(sorted(believing, key=lambda rule: rule.id)))


def chosen(token: Genuine) -> TrustRuleRecord:
    """The rule that counts. Raises `Barred`."""
    texts = ci.texts(token.claims)
    fitting = [
        rule for rule in token.rules if matches(rule, texts) and not ci.missing(token.issuer, texts, rule.match or {})
    ]
    if not fitting:
        raise Barred(_unmatched(token, texts))
    named = {rule.id: set(rule.match or {}) for rule in fitting}
    narrowest = [rule for rule in fitting if not any(named[rule.id] < others for others in named.values())]
    if len({(rule.principal, frozenset(rule.scopes), rule.subjects, rule.max_ttl) for rule in narrowest}) > 1:
        raise Barred(f"several rules match and differ: {', '.join(rule.name for rule in narrowest)}")
    return narrowest[0]


def _unmatched(token: Genuine, texts: dict[str, str]) -> str:
    """Which claims, by their names alone, keep the rules from matching."""
    told = []
    for rule in token.rules:
        match = rule.match or {}
        differing = sorted(name for name, value in match.items() if texts.get(name) != value)
        others = ci.started_by_others(texts, match)
        lacking = ci.missing(token.issuer, texts, match)
        because = (
            f"{', '.join(differing)} differ"
            if differing
            else f"it must name {', '.join(lacking)} too"
            if lacking
            else f"{str(others)[:_LONGEST_NAME]} says that others may have started the run, and it doesn't name that"
        )
        told.append(f"{rule.name}: {because}")
    return "no rule matches; " + "; ".join(told[:_MOST_TOLD])
