"""Tokens: made, listed, rotated, revoked."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, QueryParameter

from phasegate.http.bodies import (
    as_shown,
    cursor_key,
    instant,
    json_response,
    length,
    page,
    page_limit,
    read_body,
    refuse_idempotency_key,
)
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.operations.issue import Order, issue, rotate, withdraw
from phasegate.operations.tokens import holds
from phasegate.reading import Name
from phasegate.storage import tokens as stored
from phasegate.storage.tokens import TokenRecord

_OWN: dict[str, Any] = {"scope": "admin", "own": True}


class TokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token as it shall be."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    """What people call it."""
    principal: Name
    """Who calls with it; a name that is new becomes a tool."""
    scopes: Annotated[tuple[str, ...], msgspec.Meta(max_length=50)]
    subjects: tuple[str, ...] | None = None
    """Patterns of subjects, with `*`; left out, those of the token that asks."""
    expires_at: str | None = None
    """RFC 3339, a year ahead at most; left out, 90 days ahead."""


class RotationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Needs not be sent."""

    overlap: str = "PT0S"
    """How long the old secret is valid beside the new one: an ISO 8601 length, PT24H at most."""


class IssuedToken(msgspec.Struct, frozen=True):
    """A token, without its secret."""

    id: str
    name: str
    principal: str
    kind: str
    """Of the principal: `person`, `tool` or `service`."""
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]
    assurance: str | None
    """Of a person's own token, how it is known to be his: `oidc` or `enrolled`. Without it nothing is signed."""
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    successor: str | None
    """The token that took its place, which is valid beside it until `ends_at`."""
    ends_at: datetime | None
    last_used_at: datetime | None
    """To a minute."""


class NewlyIssued(IssuedToken, frozen=True, kw_only=True):
    """A token, with its secret."""

    secret: str
    """Told this once."""


class TokenPage(msgspec.Struct, frozen=True):
    items: list[IssuedToken]
    next_cursor: str | None


@post(
    "/tokens",
    operation_id="issueToken",
    summary="Make a token",
    opt=_OWN,
    operation_class=json_operation(TokenBody),
    status_code=201,
)
async def post_token(request: Call) -> Response[NewlyIssued]:
    """With `admin` for anybody; a person without it for himself, within scopes, patterns and time of the token that
    asks. A person's token that signs off or waives comes from his log-in or an enrolment code alone: 403."""
    refuse_idempotency_key(request)
    here = services(request)
    body = await read_body(request, TokenBody)
    patterns = request.auth.subjects if body.subjects is None else body.subjects
    until = instant(body.expires_at, "expires_at")
    order = Order(body.name, body.principal, frozenset(body.scopes), patterns, until)
    token, secret = await issue(here.database, request.auth, actor(request), order, here.clock())
    return json_response(_shown(token, NewlyIssued, secret=secret), 201)


@get(
    "/tokens",
    operation_id="listTokens",
    summary="Tokens, newest first",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_tokens(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[TokenPage]:
    """Without their secrets. With `admin` all of the org, ended ones too; else one's own."""
    count, before, token = page_limit(limit), cursor_key(cursor), request.auth
    whose = None if holds(token, "admin") else token.principal
    found = await services(request).database.read(
        lambda connection: stored.page(connection, token.org, before, count + 1, whose)
    )
    return json_response(page(found, count, lambda each: each.id, _shown))


@post(
    "/tokens/{id:str}/rotation",
    operation_id="rotateToken",
    summary="Put another secret in the place of a token's",
    opt=_OWN,
    operation_class=json_operation(RotationBody, required=False),
    status_code=201,
)
async def post_rotation(request: Call, id: FromPath[str]) -> Response[NewlyIssued]:  # noqa: A002 - the contract's name
    """The answer is the successor: all but id and secret stays, the instant at which it expires too. The old secret
    ends at once unless `overlap` says otherwise."""
    refuse_idempotency_key(request)
    here = services(request)
    sent = request.headers.get("content-type") is not None or await request.body() != b""
    body = await read_body(request, RotationBody) if sent else RotationBody()
    overlap = length(body.overlap, "overlap")
    token, secret = await rotate(here.database, request.auth, actor(request), id, overlap, here.clock)
    return json_response(_shown(token, NewlyIssued, secret=secret), 201)


@delete(
    "/tokens/{id:str}",
    operation_id="revokeToken",
    summary="Revoke a token",
    opt=_OWN,
    status_code=204,
)
async def delete_token(request: Call, id: FromPath[str]) -> None:  # noqa: A002 - the contract's name
    """Effective at once, everywhere."""
    here = services(request)
    await withdraw(here.database, request.auth, actor(request), id, here.clock)


def _shown(token: TokenRecord, kind: type[IssuedToken] = IssuedToken, **more: str) -> IssuedToken:
    scopes, assurance = tuple(sorted(token.scopes)), token.assurance or None
    return as_shown(kind, token, scopes=scopes, assurance=assurance, **more)


HANDLERS = [post_token, list_tokens, post_rotation, delete_token]
