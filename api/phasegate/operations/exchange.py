"""Exchanging the OIDC token of a CI job for one of ours (RFC 8693), by rules of trust.

1. Which org: the token's own audience names it, `BASE/orgs/ORG`, or `BASE` while there is but one. Only that org's
   rules for `exchange` and this issuer are looked at. A rule with an audience of its own takes tokens for exactly
   that one, and then the caller says which org he means.
2. Is it genuine: by the rule's own keys, else by those that the issuer publishes. An issuer that no rule names is
   never called.
3. Which rule: one whose claims are all equal. One that names all that another names, and more, counts before it; if
   several are left and differ in what they allow, the token is refused.
4. What it gives: the rule's tool, subjects and, of its scopes, those that were asked for; until the rule's limit (an
   hour unless it has one) or the end of the job's token, whichever comes first.

Up to the signature nothing is told but what the caller can read in his token: an org that doesn't exist, one without
a rule and a forged token are answered alike. Behind it the reason goes into the audit.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from phasegate.errors import Conflict, Forbidden, Invalid
from phasegate.identity import ci
from phasegate.identity.issuers import Issuers
from phasegate.identity.jwt import Refused, check_times, take_apart
from phasegate.operations.job_tokens import Barred, Genuine, audience_of, chosen, genuine, org_and_rules
from phasegate.operations.tokens import SCOPES, NewToken, add, check, new_secret
from phasegate.operations.trust import BY_HAND
from phasegate.storage import exchange as stored
from phasegate.storage import people, tokens, tools, trust
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord
from phasegate.storage.trust import TrustRuleRecord

DEFAULT_TTL = timedelta(hours=1)
NOT_ACCEPTED = (
    "the subject token was not accepted: it must be genuine, be for the audience that this server and the rule of "
    "trust ask for, and be of a job that a rule of trust names; the organisation's audit may hold the reason"
)


class Wanted(NamedTuple):
    """What a caller asks for."""

    token: str
    audience: str | None
    """Which org is meant, as an address; None: the one that the token names."""
    scopes: frozenset[str] | None
    """None: all that the rule allows."""


class Exchanged(NamedTuple):
    token: TokenRecord
    secret: str
    """Shown this once."""


class Denied(Exception):
    """No exchange, in OAuth's terms (RFC 6749, section 5.2; RFC 8693, section 2.2.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


async def exchange(
    database: Database, issuers: Issuers, base: str, wanted: Wanted, request_id: str, now: datetime
) -> Exchanged:
    """A token of the org's for that of a CI job. Raises `Denied`."""
    if wanted.scopes is not None and not wanted.scopes & set(SCOPES):
        known = " ".join(each for each in SCOPES if each not in BY_HAND)
        raise Denied("invalid_scope", f"scope names none of: {known}")
    asked = wanted.audience
    if asked is not None and asked != base and not (asked.startswith(f"{base}/orgs/") and asked.isprintable()):
        raise Denied("invalid_target", f"audience must be {base}/orgs/ORG, or {base} while there is one organisation")
    try:
        unverified = take_apart(wanted.token)
        check_times(unverified.claims, now)
        audience = audience_of(unverified.claims)
    except Refused as refused:
        raise Denied("invalid_request", f"the subject token was not accepted: {refused}") from None
    org, rules = await database.read(
        lambda connection: org_and_rules(connection, base, unverified.issuer, audience, asked)
    )
    try:
        token = await genuine(issuers, unverified, audience, rules, now)
    except Refused:
        raise Denied("invalid_request", NOT_ACCEPTED) from None
    actor, secret = Actor(org, "", "", "api", request_id), new_secret()
    try:
        rule = chosen(token)
        made = await database.write(lambda connection: _issue(connection, actor, token, rule, wanted, secret, now))
    except Barred as barred:
        after = {"issuer": token.issuer, "because": str(barred), "rules": [each.name for each in token.rules]}
        target = ("exchange", ci.proof(unverified, token.claims))
        await database.write(lambda connection: record(connection, actor, now, "exchange.refused", target, after=after))
        raise Denied("invalid_request", NOT_ACCEPTED) from None
    return Exchanged(made, secret)


def _issue(
    connection: Connection,
    actor: Actor,
    token: Genuine,
    rule: TrustRuleRecord,
    wanted: Wanted,
    secret: str,
    now: datetime,
) -> TokenRecord:
    """Make the token, count the exchange and audit it. Raises `Barred` or `Denied`."""
    org, actor = actor.org, actor._replace(principal=str(rule.principal))
    trust.hold(connection, org, rule.id, alone=False)
    if trust.by_id(connection, org, rule.id) is None:
        raise Barred(f"the rule {rule.name} was removed meanwhile")
    if tokens.kind_of(connection, org, actor.principal) not in (None, "tool"):
        raise Barred(f"{actor.principal} is no tool")
    _refuse_unowned(connection, org, actor.principal)
    order = NewToken(
        rule.name, actor.principal, "tool", _scopes(rule, wanted), rule.subjects, _life(rule, token.claims, now)
    )
    try:
        check(order)
        made = add(connection, actor, order, secret, now)
    except (Conflict, Forbidden, Invalid) as problem:
        raise Barred(str(problem)) from None
    proof = ci.proof(token.unverified, token.claims)
    number = stored.take(connection, org, proof, rule.id, made.id, now)
    if number is None:
        raise Barred("it was exchanged as often as it can be, or by another rule before")
    identity, acts_for = _run(connection, org, token, rule)
    stored.keep_run(connection, org, made.id, identity, acts_for)
    after = {"token": made.id, "rule": rule.id, "number": number, "identity": identity, "acts_for": acts_for}
    record(connection, actor, now, "token.exchanged", ("exchange", proof), after=after)
    return made


def _run(
    connection: Connection, org: str, token: Genuine, rule: TrustRuleRecord
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What is kept of the run, and who started it, as far as he is known here. What he is known by is not kept: it
    could not be erased."""
    texts = ci.texts(token.claims)
    known = {each: people.identified(connection, org, token.issuer, each) for each in ci.people(texts)}
    identity = ci.kept(token.issuer, texts, rule.match or {})
    by_name = {name: value for name, value in identity.items() if known.get(value) is None}
    return by_name, tuple(dict.fromkeys(person for person in known.values() if person is not None))


def _scopes(rule: TrustRuleRecord, wanted: Wanted) -> frozenset[str]:
    allowed = frozenset(rule.scopes) - set(BY_HAND)
    scopes = allowed if wanted.scopes is None else allowed & wanted.scopes
    if not scopes:
        raise Denied("invalid_scope", "nothing of the scope asked for can be had with this token")
    return scopes


def _refuse_unowned(connection: Connection, org: str, principal: str) -> None:
    """A tool whose owner was disabled acts for nobody."""
    tool = tools.find(connection, org, principal)
    if tool is None or tool.owner is None:
        return
    owner = people.person(connection, org, tool.owner, lock=True)
    if owner is None or owner.state != "active":
        raise Barred(f"the owner of {principal} is not active; an administrator names another")


def _life(rule: TrustRuleRecord, claims: dict[str, Any], now: datetime) -> timedelta:
    longest = DEFAULT_TTL if rule.max_ttl is None else timedelta(seconds=rule.max_ttl)
    life = min(longest, datetime.fromtimestamp(float(claims["exp"]), UTC) - now)
    if life < timedelta(seconds=1):
        raise Denied("invalid_request", "the subject token was not accepted: the token has expired")
    return life
