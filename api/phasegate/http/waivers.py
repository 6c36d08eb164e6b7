"""Waivers: grant, list, revoke."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.instants import parse_instant
from phasegate.errors import Invalid, nearest
from phasegate.http.bodies import (
    ReasonText,
    as_shown,
    cursor_key,
    cursor_of,
    json_response,
    length,
    page_limit,
    read_body,
)
from phasegate.http.idempotency import Told, write_once
from phasegate.http.openapi import json_operation
from phasegate.http.persons import person
from phasegate.http.services import Call, services
from phasegate.operations.tokens import may_touch
from phasegate.operations.waivers import NewWaiver, grant, revoke
from phasegate.operations.waivers_listed import KINDS, SOON, Asked, Listed, State, of_org, of_release, state_of
from phasegate.storage.waivers import WaiverRecord

_QUERY = ("state", "within")


class WaiverBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exception for one criterion."""

    criterion: Annotated[str, msgspec.Meta(max_length=128)]
    reason: ReasonText
    expires_at: str
    """RFC 3339 with a zone; no further away than the policy allows."""


class WaiverShown(msgspec.Struct, frozen=True):
    id: str
    subject: str
    release: str
    criterion: str
    reason: str | None
    """Null once erased."""
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    request: str | None
    """Id of the request that it grants."""
    revoked_at: datetime | None
    revoked_by: str | None
    state: State


class WaiverListed(WaiverShown, frozen=True):
    used: bool
    """Whether its criterion would not be met without it."""


class WaiverList(msgspec.Struct, frozen=True):
    items: tuple[WaiverListed, ...]


class WaiverPage(msgspec.Struct, frozen=True):
    items: tuple[WaiverListed, ...]
    next_cursor: str | None


@get(
    "/subjects/{subject:str}/releases/{version:str}/waivers",
    operation_id="listWaivers",
    summary="Waivers of a release",
    opt={"scope": "read", "query": _QUERY},
)
async def list_waivers(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    kind: Annotated[str | None, QueryParameter(name="state")] = None,
    within: Annotated[str | None, QueryParameter()] = None,
) -> Response[WaiverList]:
    """Oldest first. `state`: in-force, used, unused, expiring (`within` a length of time, P14D by default), expired,
    revoked; all without it."""
    here, org, asked = services(request), request.auth.org, _asked(kind, within)
    now = here.clock()
    found = await here.database.read(
        lambda connection: of_release(connection, here.policies, org, subject, version, asked, now)
    )
    return json_response(WaiverList(tuple(_listed(each) for each in found)))


@get(
    "/waivers",
    operation_id="listAllWaivers",
    summary="Waivers of all releases",
    opt={"scope": "read", "query": (*_QUERY, "cursor", "limit")},
)
async def list_all_waivers(
    request: Call,
    kind: Annotated[str | None, QueryParameter(name="state")] = None,
    within: Annotated[str | None, QueryParameter()] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[WaiverPage]:
    """Oldest first, with the same `state` and `within`. A page can hold fewer than `limit` where there are more."""
    here, token, asked = services(request), request.auth, _asked(kind, within)
    count, after, now = page_limit(limit), cursor_key(cursor), here.clock()

    def visible(subject: str) -> bool:
        return may_touch(token, subject)

    found = await here.database.read(
        lambda connection: of_org(connection, here.policies, token.org, asked, after, count, visible, now)
    )
    last = None if found.last is None else cursor_of(found.last)
    return json_response(WaiverPage(tuple(_listed(each) for each in found.items), last))


@post(
    "/subjects/{subject:str}/releases/{version:str}/waivers",
    operation_id="grantWaiver",
    summary="Waive a criterion for a while",
    opt={"scope": "waivers:write"},
    operation_class=json_operation(WaiverBody),
    responses={200: ResponseSpec(WaiverShown, description="The same was granted before and is in force")},
    status_code=201,
)
async def post_waiver(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[WaiverShown]:
    """By a person who neither registered the release, nor asked for the waiver, nor submitted what it excuses."""
    here = services(request)
    wanted = wanted_of(await read_body(request, WaiverBody))
    return await write_once(
        request,
        lambda connection: grant(connection, here.policies, person(request), subject, version, wanted, here.clock),
        lambda granted: Told(201 if granted.created else 200, shown_waiver(granted.record, here.clock())),
    )


@delete(
    "/subjects/{subject:str}/releases/{version:str}/waivers/{id:str}",
    operation_id="revokeWaiver",
    summary="Revoke a waiver",
    opt={"scope": "waivers:write", "query": ("reason",)},
    status_code=200,
)
async def delete_waiver(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    id: FromPath[str],  # noqa: A002 - the contract's name
    reason: Annotated[str | None, QueryParameter()] = None,
) -> Response[WaiverShown]:
    """From this instant on it counts for nothing; the record stays. A reason is required."""
    here = services(request)
    if reason is None or not 1 <= len(reason) <= 4_000 or "\x00" in reason:
        told = "is required: 1 to 4000 characters that say why the waiver is revoked"
        raise Invalid.at("reason", told, code="reason_missing")
    gone = await here.database.write(
        lambda connection: revoke(connection, person(request), subject, version, id, reason, here.clock)
    )
    return json_response(shown_waiver(gone, here.clock()))


def wanted_of(body: WaiverBody) -> NewWaiver:
    """What is asked for. Raises `Invalid`."""
    try:
        ends = parse_instant(body.expires_at)
    except ValueError as error:
        raise Invalid.at("expires_at", str(error)) from None
    return NewWaiver(body.criterion, body.reason, ends)


def _asked(state: str | None, within: str | None) -> Asked:
    kind = next((each for each in KINDS if each == state), None)
    if state is not None and kind is None:
        raise Invalid.at("state", f"must be one of: {', '.join(KINDS)}", suggestion=nearest(state, KINDS))
    return Asked(kind, SOON if within is None else length(within, "within"))


def _listed(listed: Listed) -> WaiverListed:
    return as_shown(WaiverListed, listed.record, state=listed.state, used=listed.used)


def shown_waiver(waiver: WaiverRecord, now: datetime) -> WaiverShown:
    """As it stands at `now`, a revocation of this very call included."""
    return as_shown(WaiverShown, waiver, state=state_of(waiver, max(now, waiver.revoked_at or now)))


HANDLERS = [
    list_waivers,
    list_all_waivers,
    post_waiver,
    delete_waiver,
]
