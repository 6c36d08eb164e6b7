"""Rules of trust: whose verified identity is believed."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, QueryParameter
from uuid_utils.compat import uuid7

from phasegate.errors import NotFound
from phasegate.http.bodies import as_shown, cursor_key, json_response, length, page, page_limit, read_body
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.operations.trust import about, add, remove
from phasegate.reading import Name
from phasegate.storage import trust as stored
from phasegate.storage.trust import TrustRuleRecord

Use = Literal["exchange", "login", "sigstore"]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1_024)]
Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class TrustRuleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose verified claims are believed, as whom and how far."""

    name: Name
    use: Use
    issuer: Text
    match: Annotated[dict[Text, Text], msgspec.Meta(max_length=50)] = {}
    """Claims, each exactly equal; on GitHub and GitLab the numbers of repository and owner among them. For `sigstore`
    of the certificate: `identity` and, beside it, what Fulcio writes."""
    jwks: dict[str, Any] | None = None
    audience: Text | None = None
    principal: Name | None = None
    scopes: Annotated[tuple[str, ...], msgspec.Meta(max_length=50)] = ()
    subjects: Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=100)] = ()
    """Patterns of subject names, with `*`."""
    max_ttl: str | None = None
    """As in `PT15M`."""
    client_id: Text | None = None
    client_secret: Text | None = None
    """Of `login`, where the provider gave one. Never shown again."""
    roles: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()


class TrustRuleShown(msgspec.Struct, frozen=True):
    id: str
    name: str
    use: Use
    issuer: str
    match: dict[str, str] | None
    jwks: dict[str, Any] | None
    audience: str | None
    principal: str | None
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]
    max_ttl: str | None
    client_id: str | None
    roles: tuple[str, ...]
    created_at: datetime
    created_by: str


class TrustRulePage(msgspec.Struct, frozen=True):
    items: list[TrustRuleShown]
    next_cursor: str | None


@post(
    "/trust",
    operation_id="addTrust",
    summary="Add a rule of trust",
    opt={"scope": "admin"},
    operation_class=json_operation(TrustRuleBody),
    status_code=201,
)
async def add_trust(request: Call) -> Response[TrustRuleShown]:
    """A Sigstore identity that `sigstore` names attests evidence; `exchange` and `login` are for tokens and people."""
    body = await read_body(request, TrustRuleBody)
    here = services(request)
    now, identifier = here.clock(), str(uuid7())
    secret = None
    if body.client_secret is not None:
        secret = here.secret_key().encrypt(body.client_secret, about(request.auth.org, identifier))
    rule = TrustRuleRecord(
        identifier,
        body.name,
        body.use,
        body.issuer,
        body.jwks,
        body.audience,
        body.match,
        body.principal,
        body.scopes,
        body.subjects,
        None if body.max_ttl is None else int(length(body.max_ttl, "max_ttl").total_seconds()),
        body.client_id,
        body.roles,
        now,
        request.auth.principal,
        secret,
    )
    return json_response(_shown(await add(here.database, actor(request), rule, now)), 201)


@get("/trust", operation_id="listTrust", summary="Rules of trust", opt={"scope": "read", "query": ("cursor", "limit")})
async def list_trust(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[TrustRulePage]:
    """Those in force, newest first."""
    count, before, org = page_limit(limit), cursor_key(cursor), request.auth.org
    found = await services(request).database.read(lambda connection: stored.page(connection, org, before, count + 1))
    return json_response(page(found, count, lambda each: each.id, _shown))


@get("/trust/{id:str}", operation_id="getTrust", summary="One rule of trust", opt={"scope": "read"})
async def get_trust(request: Call, id: FromPath[str]) -> Response[TrustRuleShown]:  # noqa: A002 - the contract's name
    """While it is in force."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: stored.by_id(connection, org, id))
    if found is None:
        raise NotFound("there is no such rule of trust")
    return json_response(_shown(found))


@delete("/trust/{id:str}", operation_id="removeTrust", summary="Remove a rule", opt={"scope": "admin"}, status_code=200)
async def remove_trust(request: Call, id: FromPath[str]) -> Response[TrustRuleShown]:  # noqa: A002 - the contract's name
    """It believes nobody from now on; what it attested stands."""
    here = services(request)
    return json_response(_shown(await remove(here.database, actor(request), id, here.clock())))


def _shown(rule: TrustRuleRecord) -> TrustRuleShown:
    return as_shown(TrustRuleShown, rule, max_ttl=None if rule.max_ttl is None else _length(rule.max_ttl))


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return "PT" + "".join(f"{part}{unit}" for part, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if part)


HANDLERS = [add_trust, list_trust, get_trust, remove_trust]
