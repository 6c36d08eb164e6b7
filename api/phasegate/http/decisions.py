"""Decisions: of a release, of the newest one, of given facts; launch; maturity of one subject."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.decision import Decision, Instant, NextLevel, encode
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, NotFound
from phasegate.http.bodies import encoded_response, instant, json_response, read_body
from phasegate.http.documents import RenderedToo, json_operation
from phasegate.http.problems import UNACCEPTABLE
from phasegate.http.rendered import UNCHANGED, VARY, document_response, formats, known, suffix, unchanged, wanted
from phasegate.http.services import Call, actor, services
from phasegate.operations.decisions import Basis
from phasegate.operations.evaluate import Question
from phasegate.operations.evaluate import evaluate as evaluate_question
from phasegate.operations.releases import found_subject
from phasegate.policies.publication import candidate_of
from phasegate.rendering.documents import MEDIA_TYPES
from phasegate.rendering.review import render_review
from phasegate.storage import releases

_JSON = "application/json"
_QUERY = ("gate", "at")


class LaunchShown(msgspec.Struct, frozen=True):
    subject: str
    release: str
    launched_at: datetime
    launched_by: str
    decision_id: str


class SubjectMaturity(msgspec.Struct, frozen=True):
    """`level` and `name` are null where the policy has no levels."""

    subject: str
    release: str | None
    """The reference release: the latest launched, else the newest; null without one."""
    level: int | None
    name: str | None
    next: NextLevel | None
    evaluated_at: datetime
    valid_until: Instant | None


@get(
    "/subjects/{subject:str}/releases/{version:str}/decision",
    operation_id="getDecision",
    summary="May this release go live?",
    opt={"scope": "read", "query": _QUERY},
    operation_class=RenderedToo,
    responses={304: UNCHANGED, 406: UNACCEPTABLE},
)
async def get_decision(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    gate: Annotated[str | None, QueryParameter()] = None,
    at: Annotated[str | None, QueryParameter()] = None,
) -> Response[Decision]:
    """200 for go and no-go alike. `gate` is a phase or `launch` (the default); `at` an instant that has been.
    By `Accept`: the decision as JSON, or the team's review document as Markdown or HTML."""
    return await _decision(request, subject, version, LAUNCH if gate is None else gate, at)


@get(
    "/subjects/{subject:str}/decision",
    operation_id="getNewestDecision",
    summary="May the newest release go live?",
    opt={"scope": "read", "query": ("gate",)},
    operation_class=RenderedToo,
    responses={304: UNCHANGED, 406: UNACCEPTABLE},
)
async def get_newest_decision(
    request: Call, subject: FromPath[str], gate: Annotated[str | None, QueryParameter()] = None
) -> Response[Decision]:
    """The decision on the release registered last, in the forms of the other one."""
    org = request.auth.org

    def work(connection: Any) -> str:
        found_subject(connection, org, subject)
        newest = releases.newest(connection, org, subject)
        if newest is None:
            raise NotFound("the subject has no release; register one first")
        return newest.version

    version = await services(request).database.read(work)
    return await _decision(request, subject, version, LAUNCH if gate is None else gate, None)


@post(
    "/evaluate",
    operation_id="evaluate",
    summary="Decide on given facts; nothing is stored",
    opt={"scope": "read"},
    operation_class=json_operation(Question),
    status_code=200,
)
async def evaluate(request: Call) -> Response[Decision]:
    """What is left out is empty; `at` may lie ahead. `policy` is `{name, version}` or a whole document."""
    here = services(request)
    question = await read_body(request, Question)
    given, org = question.policy, request.auth.org
    if "phases" in given:
        policy = (await asyncio.to_thread(candidate_of, given, here.policies.catalogue)).compiled
    else:
        name, version = _reference(given)
        policy = await here.database.read(lambda connection: here.policies.get(connection, org, name, version))
    decision = evaluate_question(policy, question, here.clock())
    return encoded_response(encode(decision))


@post(
    "/subjects/{subject:str}/releases/{version:str}/launch",
    operation_id="launchRelease",
    summary="Record that a release went live",
    opt={"scope": "releases:write"},
    responses={
        200: ResponseSpec(LaunchShown, description="It was launched before"),
        409: ResponseSpec(Decision, description="The decision, which is no-go"),
    },
    status_code=201,
)
async def launch(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[LaunchShown]:
    """409 with the decision unless it is `go`; a body is not needed and must be empty or `{}`."""
    here = services(request)
    if await request.body() not in (b"", b"{}"):
        told = "must be empty; a launch despite a no-go can't be recorded yet"
        raise Invalid(f"the body {told}", faults=(Fault("", told),))
    launched, answer, new = await here.decisions.launch(actor(request), subject, version, here.clock())
    if launched is None:
        return encoded_response(answer.body, 409)
    shown = LaunchShown(subject, version, launched.launched_at, launched.launched_by, launched.decision)
    return json_response(shown, 201 if new else 200)


@get(
    "/subjects/{subject:str}/maturity",
    operation_id="getMaturity",
    summary="The maturity of one subject",
    opt={"scope": "read"},
)
async def get_maturity(request: Call, subject: FromPath[str]) -> Response[SubjectMaturity]:
    """Of its live release (the latest launched), else of its newest."""
    here = services(request)
    now = here.clock()
    release, maturity, until = await here.decisions.maturity(request.auth.org, subject, now)
    shown = SubjectMaturity(
        subject=subject,
        release=None if release is None else release.version,
        level=None if maturity is None else maturity.level,
        name=None if maturity is None else maturity.name,
        next=None if maturity is None else maturity.next,
        evaluated_at=now,
        valid_until=until,
    )
    return json_response(shown)


async def _decision(request: Call, subject: str, version: str, gate: str, at: str | None) -> Response[Decision]:
    here = services(request)
    media_type = wanted(request, _JSON)
    past, org, now = instant(at, "at"), request.auth.org, here.clock()
    basis: Basis | None = None
    if media_type != _JSON:
        # Made anew with its facts, which the document shows; the tag covers them by their counters.
        basis = await here.decisions.basis(org, subject, version, gate, now if past is None else past, now)
        answer = basis.answer
    elif past is None:
        answer = await here.decisions.current(org, subject, version, gate, now)
    else:
        answer = await here.decisions.past(org, subject, version, gate, past, now)
    moment = "" if past is None else answer.decision.evaluated_at
    headers = headers_of(f"{answer.tag}{moment}", media_type)
    if known(request.headers.get("if-none-match", ""), headers["ETag"]):
        return unchanged(headers)
    if basis is None:
        return encoded_response(answer.body, headers=headers)
    review = partial(
        render_review,
        basis.policy,
        answer.decision,
        basis.facts,
        MEDIA_TYPES[media_type],
        base_url=here.settings.public_url,
        formats=formats(),
    )
    return await document_response(review, media_type, headers)


def headers_of(tag: str, media_type: str) -> dict[str, str]:
    """With the tag of a decision in one of its forms."""
    etag = f'W/"{tag}:{suffix(media_type)}"'
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": VARY}


def _reference(given: dict[str, Any]) -> tuple[str, str]:
    name, version = given.get("name"), given.get("version")
    if set(given) != {"name", "version"} or not isinstance(name, str) or not isinstance(version, str):
        told = "must be {name, version} of a published version, or a whole policy document"
        raise Invalid(f"policy {told}", faults=(Fault("policy", told),))
    return name, version


HANDLERS = [get_decision, get_newest_decision, evaluate, launch, get_maturity]
