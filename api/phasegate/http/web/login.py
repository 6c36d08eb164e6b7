"""Logging in at the org's OIDC provider, and out again."""

import re
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter
from sqlalchemy import Connection

from phasegate.errors import NotFound
from phasegate.http.services import services
from phasegate.http.web.forms import read_form
from phasegate.http.web.visitors import LOGIN, SESSION, Look, cookie, go, html_page
from phasegate.identity.jwt import Refused
from phasegate.identity.login import LoggedIn, Provider, address, logged_in, new_secret
from phasegate.operations.sessions import LONGEST, NobodyHere, enter, leave
from phasegate.operations.tokens import DEFAULT_ORG
from phasegate.operations.trust import client_secret, matches
from phasegate.reading import NAME_PATTERN
from phasegate.rendering import web
from phasegate.rendering.words import sentence
from phasegate.storage import trust
from phasegate.storage.trust import TrustRuleRecord

_NEXT = re.compile(r"/(?:subjects/[A-Za-z0-9._+/-]*)?")
_AWAY = 600
"""Seconds that a person may take at the provider."""
Ask = Request[Any, Any, State]


class _Away(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser keeps while its person is at the provider."""

    org: str
    rule: str
    secret: str
    next: str


@get("/login", include_in_schema=False, opt={"query": ("org", "next")})
async def show_login(
    request: Ask,
    org: Annotated[str, QueryParameter()] = DEFAULT_ORG,
    next: Annotated[str, QueryParameter()] = "/",  # noqa: A002 - what such a parameter is called everywhere
) -> Response[str]:
    """Where people of the org can log in."""
    rules = await services(request).database.read(lambda connection: _rules(connection, org))
    choices = [
        web.Choice(rule.name, f"/login/start?{urlencode({'org': org, 'rule': rule.id, 'next': _safe(next)})}")
        for rule in rules
    ]
    return html_page(web.login_page(choices))


@get("/login/start", include_in_schema=False, opt={"query": ("org", "rule", "next")})
async def start_login(
    request: Ask,
    org: Annotated[str, QueryParameter()] = DEFAULT_ORG,
    rule: Annotated[str, QueryParameter()] = "",
    next: Annotated[str, QueryParameter()] = "/",  # noqa: A002 - what such a parameter is called everywhere
) -> Response[Any]:
    """To the provider, with what has to come back."""
    here = services(request)
    found = await here.database.read(lambda connection: _rule(connection, org, rule))
    away = _Away(org, found.id, new_secret(), _safe(next))
    try:
        href = await address(here.issuers, _provider(request, org, found), away.secret, here.clock())
    except Refused as refused:
        return _failed(str(refused))
    kept = msgspec.json.encode(away).hex()
    return go(href, [cookie(LOGIN, kept, _AWAY)])


@get("/login/callback", include_in_schema=False, opt={"query": None})
async def end_login(request: Ask) -> Response[Any]:
    """Back from the provider: a new session, or why not."""
    here, query = services(request), request.query_params
    gone = cookie(LOGIN, "", 0)
    try:
        away = msgspec.json.decode(bytes.fromhex(request.cookies.get(LOGIN, "")), type=_Away)
    except (ValueError, msgspec.DecodeError):
        return _failed("The log-in took too long, or was begun in another browser.")
    if "error" in query or "code" not in query:
        return _failed("The provider did not confirm the log-in.", gone)
    try:
        rule = await here.database.read(lambda connection: _rule(connection, away.org, away.rule))
        who = await logged_in(
            here.issuers,
            here.outbound,
            _provider(request, away.org, rule),
            away.secret,
            query["code"],
            query.get("state", ""),
            here.clock(),
        )
        _admit(rule, who)
        _, secret = await enter(here.database, away.org, rule.id, who, here.clock())
    except Refused as refused:
        return _failed(sentence(str(refused)), gone)
    except NobodyHere as nobody:
        return _stranger(nobody, gone)
    return go(_safe(away.next), [cookie(SESSION, secret, int(LONGEST.total_seconds())), gone])


@post("/logout", include_in_schema=False)
async def log_out(request: Look) -> Response[Any]:
    """The session ends here, not at the provider."""
    await read_form(request)
    await leave(services(request).database, request.user.session, services(request).clock)
    return go("/login", [cookie(SESSION, "", 0)])


def _rules(connection: Connection, org: str) -> list[TrustRuleRecord]:
    return trust.in_force(connection, org, "login") if re.fullmatch(NAME_PATTERN, org) else []


def _rule(connection: Connection, org: str, identifier: str) -> TrustRuleRecord:
    found = next((rule for rule in _rules(connection, org) if rule.id == identifier), None)
    if found is None:
        raise NotFound("nobody can log in here this way; begin at the log-in page")
    return found


def _provider(request: Ask, org: str, rule: TrustRuleRecord) -> Provider:
    here = services(request)
    assert rule.client_id is not None
    secret = client_secret(rule, org, here.secret_key())
    return Provider(rule.issuer, rule.client_id, secret, f"{here.settings.public_url}/login/callback")


def _admit(rule: TrustRuleRecord, who: LoggedIn) -> None:
    """Raise `Refused` unless the claims are those that the rule asks for."""
    claims = {name: value for name, value in who.claims.items() if isinstance(value, str)}
    if rule.match is None or (rule.match and not matches(rule, claims)):
        raise Refused("the provider knows you, and this organisation's rule does not let you in")


def _safe(path: str) -> str:
    """A page of ours, whatever was asked for."""
    return path if _NEXT.fullmatch(path) and "//" not in path else "/"


def _failed(told: str, *cookies: Any) -> Response[str]:
    content = web.message_page("You are not logged in", told, back="/login", back_text="Log in again")
    return html_page(content, 403, list(cookies))


def _stranger(nobody: NobodyHere, gone: Any) -> Response[str]:
    person = nobody.person
    if person.state == "disabled":
        return _failed("This account is disabled. An administrator can enable it.", gone)
    told = f"You are known as {person.id}, and wait for an administrator to let you in."
    return html_page(web.message_page("Almost there", told), 403, [gone])


ANYBODY = [show_login, start_login, end_login]
VISITORS = [log_out]
