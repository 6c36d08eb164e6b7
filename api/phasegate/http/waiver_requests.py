"""Requests for waivers: ask for one, and decide on it."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from phasegate.http.bodies import Comment, as_shown, json_response, read_body
from phasegate.http.idempotency import Told, write_once
from phasegate.http.openapi import json_operation
from phasegate.http.persons import person
from phasegate.http.services import Call, actor, services
from phasegate.http.waivers import WaiverBody, WaiverShown, shown_waiver, wanted_of
from phasegate.operations.releases import found_release
from phasegate.operations.waiver_requests import Decided, ask, decide_request
from phasegate.storage import waiver_requests as stored
from phasegate.storage.waiver_requests import RequestRecord


class VerdictBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Literal["approve", "reject"]
    comment: Comment = ""


class RequestVerdict(msgspec.Struct, frozen=True):
    verdict: Literal["approve", "reject"]
    by: str
    at: datetime
    comment: str | None


class RequestShown(msgspec.Struct, frozen=True):
    id: str
    criterion: str
    reason: str | None
    requested_by: str
    requested_for: tuple[str, ...]
    """The people that a tool asked for."""
    requested_at: datetime
    expires_at: datetime
    verdict: RequestVerdict | None
    """Null while it waits for one."""


class RequestList(msgspec.Struct, frozen=True):
    items: tuple[RequestShown, ...]


class DecidedShown(msgspec.Struct, frozen=True):
    request: RequestShown
    waiver: WaiverShown | None
    """Null where the request was rejected."""


@post(
    "/subjects/{subject:str}/releases/{version:str}/waiver-requests",
    operation_id="requestWaiver",
    summary="Ask for a waiver",
    opt={"scope": "read"},
    operation_class=json_operation(WaiverBody),
    responses={200: ResponseSpec(RequestShown, description="The same was asked for before and is open")},
    status_code=201,
)
async def post_request(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[RequestShown]:
    """Whoever may read may ask. Nothing is waived until somebody else approves."""
    here = services(request)
    wanted = wanted_of(await read_body(request, WaiverBody))
    return await write_once(
        request,
        lambda connection: ask(connection, here.policies, actor(request), subject, version, wanted, here.clock),
        lambda asked: Told(201 if asked.created else 200, _shown(asked.record)),
    )


@get(
    "/subjects/{subject:str}/releases/{version:str}/waiver-requests",
    operation_id="listWaiverRequests",
    summary="What was asked to be waived",
    opt={"scope": "read"},
)
async def list_requests(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[RequestList]:
    """Oldest first, each with its verdict."""
    here, org = services(request), request.auth.org

    def work(connection: Any) -> list[RequestRecord]:
        found_release(connection, org, subject, version)
        return stored.of_release(connection, org, subject, version)

    found = await here.database.read(work)
    return json_response(RequestList(tuple(_shown(each) for each in found)))


@post(
    "/subjects/{subject:str}/releases/{version:str}/waiver-requests/{id:str}/verdict",
    operation_id="decideWaiverRequest",
    summary="Grant what was asked for, or not",
    opt={"scope": "waivers:write"},
    operation_class=json_operation(VerdictBody),
    responses={200: ResponseSpec(DecidedShown, description="The same verdict was given before")},
    status_code=201,
)
async def post_verdict(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    id: FromPath[str],  # noqa: A002 - the contract's name
) -> Response[DecidedShown]:
    """By a person who could grant the waiver himself, and not by whoever asked."""
    here = services(request)
    body = await read_body(request, VerdictBody)
    return await write_once(
        request,
        lambda connection: decide_request(
            connection, here.policies, person(request), subject, version, id, body.verdict, body.comment, here.clock
        ),
        lambda decided: Told(201 if decided.created else 200, _decided(decided, here.clock())),
    )


def _shown(record: RequestRecord) -> RequestShown:
    given = record.verdict
    verdict = None if given is None else as_shown(RequestVerdict, given, by=given.given_by, at=given.given_at)
    return as_shown(RequestShown, record, verdict=verdict)


def _decided(decided: Decided, now: datetime) -> DecidedShown:
    return DecidedShown(_shown(decided.request), None if decided.waiver is None else shown_waiver(decided.waiver, now))


HANDLERS = [post_request, list_requests, post_verdict]
