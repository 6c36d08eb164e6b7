"""Records for good: launches, and decisions that were asked for as a record."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.decision import Decision
from phasegate.engine.instants import rfc3339
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, NotFound
from phasegate.http.auth import allow, lacking
from phasegate.http.bodies import (
    ReasonText,
    cursor_key,
    encoded_response,
    json_response,
    page,
    page_limit,
    read_body,
    visible,
)
from phasegate.http.idempotency import Told, write_once
from phasegate.http.openapi import json_operation
from phasegate.http.persons import person
from phasegate.http.services import Call, actor, services
from phasegate.http.subjects import read_name
from phasegate.operations.people_only import require_person
from phasegate.operations.records import Despite, launch, record_decision
from phasegate.operations.tokens import holds, may_touch
from phasegate.storage import decisions as stored
from phasegate.storage.decisions import DecisionRecord


class LaunchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing; or why the release went live although its decision is no-go."""

    despite: bool = False
    reason: ReasonText | None = None
    kind: Literal["rollback", "emergency"] | None = None


class LaunchShown(msgspec.Struct, frozen=True):
    subject: str
    release: str
    launched_at: datetime
    launched_by: str
    decision_id: str
    despite: Literal["rollback", "emergency"] | None
    """What kind of launch it was where the decision was no-go."""


class StoredDecision(msgspec.Struct, frozen=True):
    id: str
    subject: str
    release: str
    gate: str
    outcome: Literal["go", "no-go"]
    recorded_at: datetime
    recorded_by: str
    result_digest: str
    """SHA-256 over the bytes of `decision`."""
    decision: Decision


class DecisionPage(msgspec.Struct, frozen=True):
    items: list[StoredDecision]
    next_cursor: str | None


@post(
    "/subjects/{subject:str}/releases/{version:str}/launch",
    operation_id="launchRelease",
    summary="Record that a release went live",
    opt={"scope": "releases:write", "or_scope": "waivers:write"},
    operation_class=json_operation(LaunchBody),
    responses={
        200: ResponseSpec(LaunchShown, description="It is live already"),
        409: ResponseSpec(Decision, description="The decision, which is no-go"),
    },
    status_code=201,
)
async def launch_release(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[LaunchShown]:
    """409 with the decision unless it is `go`. `{despite: true, reason, kind}` by a person with `waivers:write`
    records that it went live although it is no-go. A release that another has followed is launched anew."""
    here = services(request)
    body = await read_body(request, LaunchBody) if await request.body() else LaunchBody()
    despite = _despite(request, body)
    found = await launch(here.database, here.decisions, actor(request), subject, version, despite, here.clock)
    if found.launch is None:
        return encoded_response(found.answer.body, 409)
    shown = LaunchShown(
        subject,
        version,
        found.launch.launched_at,
        found.launch.launched_by,
        found.launch.decision,
        found.launch.despite or None,
    )
    return json_response(shown, 201 if found.new else 200)


def _despite(request: Call, body: LaunchBody) -> Despite | None:
    if not body.despite:
        for name in ("reason", "kind"):
            if getattr(body, name) is not None:
                raise Invalid.at(name, "goes with `despite: true`")
        if not holds(request.auth, "releases:write"):
            raise lacking("releases:write")
        return None
    faults = tuple(
        Fault(name, f"is required: {told}")
        for name, told in (("reason", "why it went live all the same"), ("kind", "rollback or emergency"))
        if getattr(body, name) is None
    )
    if faults or body.kind is None or body.reason is None:
        raise Invalid("a launch despite a no-go needs `reason` and `kind`", faults=faults)
    if request.auth.kind == "person" and not holds(request.auth, "waivers:write"):
        raise lacking("waivers:write")
    require_person(person(request), "answers for a launch despite a no-go")
    return Despite(body.kind, body.reason)


@post(
    "/subjects/{subject:str}/releases/{version:str}/decision",
    operation_id="recordDecision",
    summary="Decide, and keep the decision for good",
    opt={"scope": "releases:write", "query": ("gate",)},
    status_code=201,
)
async def post_decision(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    gate: Annotated[str | None, QueryParameter()] = None,
) -> Response[StoredDecision]:
    """Of a gate (`launch` by default), at this instant; a body is not needed and is ignored."""
    here = services(request)
    wanted = LAUNCH if gate is None else gate
    return await write_once(
        request,
        lambda connection: record_decision(
            connection, here.decisions, actor(request), subject, version, wanted, here.clock
        ),
        lambda kept: Told(201, msgspec.json.encode(_shown(kept))),
    )


@get("/decisions/{id:str}", operation_id="getStoredDecision", summary="A stored decision", opt={"scope": "read"})
async def get_stored(request: Call, id: FromPath[str]) -> Response[StoredDecision]:  # noqa: A002 - the contract's name
    """As it was given, byte for byte."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: stored.find(connection, org, id))
    if found is None:
        raise NotFound("there is no such decision")
    allow(request.auth, found.subject)
    return encoded_response(msgspec.json.encode(_shown(found)))


@get(
    "/decisions",
    operation_id="listStoredDecisions",
    summary="Stored decisions, newest first",
    opt={"scope": "read", "query": ("subject", "outcome", "cursor", "limit")},
)
async def list_stored(
    request: Call,
    subject: Annotated[str | None, QueryParameter()] = None,
    outcome: Annotated[str | None, QueryParameter()] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[DecisionPage]:
    """Each launch and each record, of the subjects that the token may see."""
    count, before, token = page_limit(limit), cursor_key(cursor), request.auth
    if subject is not None:
        read_name(subject)
        allow(token, subject)
    if outcome not in (None, "go", "no-go"):
        raise Invalid.at("outcome", "must be go or no-go")

    def work(connection: Any) -> list[DecisionRecord]:
        return visible(
            lambda last, most: stored.page(connection, token.org, last, most, subject, outcome),
            lambda each: each.id,
            lambda each: may_touch(token, each.subject),
            before,
            count,
        )

    found = await services(request).database.read(work)
    return encoded_response(msgspec.json.encode(page(found, count, lambda each: each.id, _shown)))


def _shown(kept: DecisionRecord) -> dict[str, Any]:
    return {
        "id": kept.id,
        "subject": kept.subject,
        "release": kept.release,
        "gate": kept.gate,
        "outcome": kept.outcome,
        "recorded_at": rfc3339(kept.recorded_at),
        "recorded_by": kept.recorded_by,
        "result_digest": kept.result_digest,
        "decision": msgspec.Raw(kept.body),
    }


HANDLERS = [launch_release, post_decision, get_stored, list_stored]
