"""Roles: granting, taking back, and the access review."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.instants import rfc3339
from phasegate.errors import Fault, Invalid
from phasegate.http.bodies import (
    ReasonText,
    as_shown,
    cursor_key,
    instant,
    json_response,
    page,
    page_limit,
    read_body,
    visible,
)
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.http.subjects import read_name
from phasegate.operations.roles import NewRole, grant, take_back
from phasegate.operations.tokens import may_touch
from phasegate.reading import Name
from phasegate.storage import roles as stored
from phasegate.storage.roles import Reviewed
from phasegate.wording import matching

_ROLE = "start with a lower-case letter or digit and hold those and - only, at most 64 characters"
Role = Annotated[str, matching(r"^[a-z0-9][a-z0-9-]{0,63}\Z", _ROLE)]


class RoleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role: in the whole org, for a team, or for a subject."""

    role: Role
    reason: ReasonText
    team: Name | None = None
    subject: Name | None = None
    expires_at: str | None = None
    """RFC 3339; left out, until it is taken back."""


class RoleGranted(msgspec.Struct, frozen=True):
    id: str


class RoleReviewed(msgspec.Struct, frozen=True):
    """One line of the access review."""

    id: str
    person: str
    role: str
    team: str | None
    subject: str | None
    granted_at: datetime
    granted_by: str
    expires_at: datetime | None
    reason: str | None
    """Null once erased."""
    disabled: bool
    """Whether the person was disabled at that instant, and so could do nothing with it."""


class RolePage(msgspec.Struct, frozen=True):
    items: list[RoleReviewed]
    next_cursor: str | None


@post(
    "/people/{person:str}/roles",
    operation_id="grantRole",
    summary="Give a person a role",
    opt={"scope": "admin"},
    operation_class=json_operation(RoleBody),
    responses={200: ResponseSpec(RoleGranted, description="The person holds just that already")},
    status_code=201,
)
async def post_role(request: Call, person: FromPath[str]) -> Response[RoleGranted]:
    """Nobody grants one to himself, nor through a tool or a token that he made: 403."""
    here = services(request)
    body = await read_body(request, RoleBody)
    wanted = NewRole(body.role, body.team, body.subject, instant(body.expires_at, "expires_at"), body.reason)
    made, new = await grant(here.database, request.auth, actor(request), person, wanted, here.clock)
    return json_response(RoleGranted(made.id), 201 if new else 200)


@delete(
    "/people/{person:str}/roles/{id:str}",
    operation_id="endRole",
    summary="Take a role back",
    opt={"scope": "admin"},
    status_code=204,
)
async def delete_role(request: Call, person: FromPath[str], id: FromPath[str]) -> None:  # noqa: A002 - the contract's name
    """From now on; what was signed with it stands."""
    here = services(request)
    await take_back(here.database, request.auth, actor(request), person, id, here.clock)


@get(
    "/roles",
    operation_id="listRoles",
    summary="Access review: who holds which role",
    opt={"scope": "audit:read", "query": ("role", "team", "at", "cursor", "limit")},
)
async def list_roles(
    request: Call,
    role: Annotated[str | None, QueryParameter()] = None,
    team: Annotated[str | None, QueryParameter()] = None,
    at: Annotated[str | None, QueryParameter()] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[RolePage]:
    """At an instant, now by default; later than now: 422. `team`: what counts for it or for one of its subjects."""
    count, after, token = page_limit(limit), cursor_key(cursor), request.auth
    here = services(request)
    now = here.clock()
    when = instant(at, "at") or now
    if when > now:
        fault = Fault("at", f"is later than now ({rfc3339(now)})")
        raise Invalid("who will hold a role can't be told", faults=(fault,))
    if team is not None:
        read_name(team, "team")
    if role is not None:
        read_name(role, "role", Role)

    def work(connection: Any) -> list[Reviewed]:
        return visible(
            lambda last, most: stored.page(connection, token.org, when, last, most, role, team),
            lambda each: each.grant.id,
            lambda each: each.grant.subject is None or may_touch(token, each.grant.subject),
            after,
            count,
        )

    found = await here.database.read(work)
    return json_response(page(found, count, lambda each: each.grant.id, _shown))


def _shown(line: Reviewed) -> RoleReviewed:
    return as_shown(RoleReviewed, line.grant, disabled=line.state == "disabled")


HANDLERS = [post_role, delete_role, list_roles]
