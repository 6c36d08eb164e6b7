"""Decisions: of a release, of the newest one, as a bare status, of given facts; maturity of one subject."""

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
from phasegate.http.auth import refuse_ended
from phasegate.http.bodies import encoded_response, instant, json_response, read_body, whole_number
from phasegate.http.openapi import RenderedToo, json_operation
from phasegate.http.problems import UNACCEPTABLE
from phasegate.http.rendered import UNCHANGED, VARY, document_response, formats, known, suffix, unchanged, wanted
from phasegate.http.services import Call, services
from phasegate.operations.decisions import Answer, Basis
from phasegate.operations.evaluate import Question
from phasegate.operations.evaluate import evaluate as evaluate_question
from phasegate.operations.releases import found_subject
from phasegate.policies.publication import candidate_of
from phasegate.rendering.documents import MEDIA_TYPES
from phasegate.rendering.review import render_review
from phasegate.storage import releases

_JSON = "application/json"
_QUERY = ("gate", "at", "wait")
_LONGEST_WAIT = 60
_BETWEEN_LOOKS = 0.5
"""Both in seconds."""


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
    wait: Annotated[str | None, QueryParameter()] = None,
) -> Response[Decision]:
    """200 for go and no-go alike. `gate` is a phase or `launch` (the default); `at` an instant that has been;
    with `wait` the answer comes as soon as it is `go`, or after so many seconds (60 at most). By `Accept`: the
    decision as JSON, or the team's review document as Markdown or HTML."""
    waiting = whole_number(wait, "wait", 0, _LONGEST_WAIT) or 0
    if waiting and at is not None:
        fault = Fault("wait", "goes with no `at`: what has been decided doesn't change")
        raise Invalid("there is nothing to wait for in the past", faults=(fault,))
    return await _decision(request, subject, version, LAUNCH if gate is None else gate, at, waiting)


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


_PASSED = {409: ResponseSpec(Decision, description="The decision, which is no-go")}
_GATE = "/subjects/{subject:str}/releases/{version:str}/gates/{gate:str}"


@get(_GATE, operation_id="getGate", summary="A gate as a status", opt={"scope": "read"}, responses=_PASSED)
async def get_gate(
    request: Call, subject: FromPath[str], version: FromPath[str], gate: FromPath[str]
) -> Response[Decision]:
    """For callers that read nothing but the status: 200 when `go`, 409 when `no-go`, with the decision."""
    return await _status(request, subject, version, gate)


@post(
    _GATE,
    operation_id="askGate",
    summary="A gate as a status",
    opt={"scope": "read"},
    responses=_PASSED,
    status_code=200,
)
async def post_gate(
    request: Call, subject: FromPath[str], version: FromPath[str], gate: FromPath[str]
) -> Response[Decision]:
    """The same for callers that can only POST; a body is ignored."""
    return await _status(request, subject, version, gate)


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
    release, maturity, until = await here.decisions.maturity(request.auth.org, subject, here.clock)
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


def _passed(answer: Answer) -> bool:
    return answer.decision.outcome == "go"


async def _current(request: Call, subject: str, version: str, gate: str, seconds: int) -> Answer:
    """The decision now, or as soon as it is `go` within so many seconds."""
    here = services(request)
    answer = await here.decisions.current(request.auth.org, subject, version, gate, here.clock)
    if not seconds or _passed(answer):
        return answer
    with here.waits.one_more(request.auth.id):
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not _passed(answer) and (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, _BETWEEN_LOOKS))
            await refuse_ended(request)
            answer = await here.decisions.current(request.auth.org, subject, version, gate, here.clock)
    return answer


async def _decision(
    request: Call, subject: str, version: str, gate: str, at: str | None, waiting: int = 0
) -> Response[Decision]:
    here = services(request)
    media_type = wanted(request, _JSON)
    past, org, now = instant(at, "at"), request.auth.org, here.clock()
    basis: Basis | None = None
    if media_type != _JSON:
        # Made anew with its facts, which the document shows; the tag covers them by their counters.
        basis = await here.decisions.basis(org, subject, version, gate, now if past is None else past, now)
        answer = basis.answer
    elif past is None:
        answer = await _current(request, subject, version, gate, waiting)
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


async def _status(request: Call, subject: str, version: str, gate: str) -> Response[Decision]:
    answer = await _current(request, subject, version, gate, 0)
    headers = {"Cache-Control": "private, no-cache"}
    return encoded_response(answer.body, 200 if _passed(answer) else 409, headers)


def headers_of(tag: str, media_type: str) -> dict[str, str]:
    """With the tag of a decision in one of its forms."""
    etag = f'W/"{tag}:{suffix(media_type)}"'
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": VARY}


def _reference(given: dict[str, Any]) -> tuple[str, str]:
    name, version = given.get("name"), given.get("version")
    if set(given) != {"name", "version"} or not isinstance(name, str) or not isinstance(version, str):
        told = "must be {name, version} of a published version, or a whole policy document"
        raise Invalid.at("policy", told)
    return name, version


HANDLERS = [get_decision, get_newest_decision, get_gate, post_gate, evaluate, get_maturity]
