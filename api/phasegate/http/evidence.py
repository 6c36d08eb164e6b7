"""Evidence: submit, list, read, revoke."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.adapters.merging.together import File
from phasegate.engine.facts import Producer, Strength
from phasegate.envelopes.cloudevent import is_binary
from phasegate.envelopes.media_types import safe_media_type
from phasegate.envelopes.statement import MEDIA_TYPE, is_statement
from phasegate.errors import Fault, Invalid, NotFound
from phasegate.http.auth import allow
from phasegate.http.bodies import (
    Reason,
    as_shown,
    cursor_key,
    instant,
    json_body,
    json_response,
    page,
    page_limit,
    read_body,
    whole_number,
)
from phasegate.http.encodings import body_of
from phasegate.http.envelopes import holds_statement, statement_for
from phasegate.http.forms import read_form
from phasegate.http.openapi import EvidenceBody, json_operation
from phasegate.http.services import Call, actor, services
from phasegate.http.signed import accept_signed
from phasegate.operations.addressed import accept
from phasegate.operations.evidence import Accepted, Submission, revoke, submit
from phasegate.operations.releases import found_release, found_subject
from phasegate.reading import read_struct
from phasegate.storage import evidence as stored
from phasegate.storage.evidence import EvidenceRecord

_QUERY = ("type", "format", "collected_at", "exit_code", "raw", "context.*")
_MOST_CONTEXT = 100
_Text = Annotated[str, msgspec.Meta(max_length=4_000)]


class ProducerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tool: Annotated[str, msgspec.Meta(max_length=256)] = ""
    version: Annotated[str, msgspec.Meta(max_length=256)] = ""


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Evidence as JSON, in the form of its type's shape."""

    type: str
    data: dict[str, Any]
    context: dict[str, _Text] = {}
    collected_at: str | None = None
    """RFC 3339; left out, it is the time of receipt."""
    producer: ProducerBody = ProducerBody()


class EvidenceAccepted(msgspec.Struct, frozen=True):
    id: str
    digest: str
    type: str
    shape: str
    format: str
    strength: Strength
    affects: tuple[str, ...]
    """Criteria that read it."""
    warnings: tuple[str, ...]


class EvidenceShown(msgspec.Struct, frozen=True):
    id: str
    digest: str
    subject: str
    artifacts: tuple[str, ...] | None
    """The set of sha256 it is bound to; null for evidence of the subject itself."""
    type: str
    shape: str
    format: str
    strength: Strength
    data: dict[str, Any] | None
    context: dict[str, str]
    producer: Producer
    collected_at: datetime
    received_at: datetime
    submitted_by: str
    submitted_for: tuple[str, ...]
    identity: dict[str, str]
    revoked_at: datetime | None
    warnings: tuple[str, ...]


class EvidencePage(msgspec.Struct, frozen=True):
    items: list[EvidenceShown]
    next_cursor: str | None


_AGAIN = {200: ResponseSpec(EvidenceAccepted, description="The same record was there; its times are unchanged")}


@post(
    "/subjects/{subject:str}/releases/{version:str}/evidence",
    operation_id="submitEvidence",
    summary="Submit evidence for a release",
    opt={"scope": "evidence:write", "query": _QUERY},
    operation_class=EvidenceBody,
    responses=_AGAIN,
    status_code=201,
)
async def submit_for_release(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    type: Annotated[str | None, QueryParameter()] = None,  # noqa: A002 - the contract's name
    format: Annotated[str | None, QueryParameter()] = None,  # noqa: A002 - the contract's name
    collected_at: Annotated[str | None, QueryParameter()] = None,
    exit_code: Annotated[str | None, QueryParameter()] = None,
    raw: Annotated[str | None, QueryParameter()] = None,
) -> Response[EvidenceAccepted]:
    """The JSON envelope as `application/json`, or a tool's file as it is: any other content type, or
    `application/json` with `format=` or `raw=true`, then with `type=` and `context.KEY=` in the query; or
    several files of one format as `multipart/form-data`, which become one record where the shape has a rule for it.
    An in-toto Statement (`application/vnd.in-toto+json`), or a DSSE envelope or Sigstore bundle around one, counts
    only where it names all artifacts of the release and no other; else it is stored with a warning and counts for no
    release, of whatever artifacts."""
    if holds_statement(request):
        return await _accept_statement(request, subject, version)
    if format is None and raw != "true" and (accepted := await accept_signed(request, subject, version)) is not None:
        return json_response(accepted_body(accepted), 201 if accepted.created else 200)
    sent = await _submission(request, type, format, collected_at, exit_code, raw)
    return await _accept(request, subject, version, sent)


@post(
    "/subjects/{subject:str}/evidence",
    operation_id="submitSubjectEvidence",
    summary="Submit evidence for a subject",
    opt={"scope": "evidence:write", "query": _QUERY},
    operation_class=EvidenceBody,
    responses=_AGAIN,
    status_code=201,
)
async def submit_for_subject(
    request: Call,
    subject: FromPath[str],
    type: Annotated[str | None, QueryParameter()] = None,  # noqa: A002 - the contract's name
    format: Annotated[str | None, QueryParameter()] = None,  # noqa: A002 - the contract's name
    collected_at: Annotated[str | None, QueryParameter()] = None,
    exit_code: Annotated[str | None, QueryParameter()] = None,
    raw: Annotated[str | None, QueryParameter()] = None,
) -> Response[EvidenceAccepted]:
    """The same for evidence types of scope `subject`."""
    sent = await _submission(request, type, format, collected_at, exit_code, raw)
    return await _accept(request, subject, None, sent)


@get(
    "/subjects/{subject:str}/releases/{version:str}/evidence",
    operation_id="listEvidence",
    summary="Evidence that a release can count on",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_of_release(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[EvidencePage]:
    """What is bound to its artifact set, newest first."""
    return await _list(request, subject, version, cursor, limit)


@get(
    "/subjects/{subject:str}/evidence",
    operation_id="listSubjectEvidence",
    summary="Evidence of a subject itself",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_of_subject(
    request: Call,
    subject: FromPath[str],
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[EvidencePage]:
    """What is bound to the subject, newest first."""
    return await _list(request, subject, None, cursor, limit)


@get("/evidence/{id:str}", operation_id="getEvidence", summary="One record", opt={"scope": "read"})
async def get_evidence(request: Call, id: FromPath[str]) -> Response[EvidenceShown]:  # noqa: A002 - the contract's name
    """With its normalised data."""
    return json_response(_shown(await _found(request, id)))


@get("/evidence/{id:str}/raw", operation_id="getRawEvidence", summary="The bytes as received", opt={"scope": "read"})
async def get_raw(request: Call, id: FromPath[str]) -> Response[bytes]:  # noqa: A002 - the contract's name
    """As an attachment, so that no browser renders what somebody uploaded."""
    record = await _found(request, id)
    digest, org = record.raw_sha256, request.auth.org
    if digest is None:
        raise NotFound("the evidence was sent as a JSON envelope; there are no raw bytes")
    content = await services(request).database.read(lambda connection: stored.raw(connection, org, digest))
    if content is None:
        raise NotFound("the raw bytes were erased", code="erased")
    headers = {
        "Content-Disposition": f'attachment; filename="{record.id}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=record.raw_media_type, headers=headers)


@post(
    "/evidence/{id:str}/revocation",
    operation_id="revokeEvidence",
    summary="Revoke a record",
    opt={"scope": "evidence:revoke"},
    operation_class=json_operation(Reason),
    status_code=200,
)
async def revoke_evidence(request: Call, id: FromPath[str]) -> Response[EvidenceShown]:  # noqa: A002 - the contract's name
    """It stays and no longer counts."""
    await _found(request, id)
    body = await read_body(request, Reason)
    here = services(request)
    return json_response(_shown(await revoke(here.database, actor(request), id, body.reason, here.clock)))


async def _submission(
    request: Call,
    kind: str | None,
    stated_format: str | None,
    collected_at: str | None,
    exit_code: str | None,
    raw: str | None,
) -> Submission:
    media_type = request.content_type[0]
    if is_binary(request.scope["headers"]):
        told = "the headers of a CloudEvent are not read here; send events to /v1/evidence, or leave these headers out"
        raise Invalid(told, faults=(Fault("ce-id", told),))
    if raw not in (None, "true", "false"):
        raise Invalid.at("raw", "must be true or false")
    if media_type == "application/json" and stated_format is None and raw != "true":
        document = await json_body(request)
        _refuse_statement(document)
        return _of_envelope(read_struct(Envelope, document), request)
    body = await body_of(request)
    given = {"type": kind, "format": stated_format, "collected_at": collected_at, "exit_code": exit_code}
    stated = {key: value for key, value in given.items() if value is not None} | _context(request)
    files: tuple[File, ...] = ()
    if media_type.startswith("multipart/"):
        form = read_form(media_type, request.content_type[1], body)
        stated |= form.stated_beside(stated)
        body, media_type, files = form.kept(body)
    if "type" not in stated:
        fault = Fault("type", "is required beside a tool's file", suggestion="as in ?type=edge-case-tests")
        raise Invalid("say what the file is evidence of: ?type=…", faults=(fault,))
    context = {key.removeprefix("context."): value for key, value in stated.items() if key.startswith("context.")}
    return Submission(
        type=stated["type"],
        context=_checked(context),
        collected_at=instant(stated.get("collected_at"), "collected_at"),
        producer=Producer(),
        raw=body,
        media_type=media_type if files else safe_media_type(media_type),
        format=stated.get("format"),
        exit_code=whole_number(stated.get("exit_code"), "exit_code", -255, 255),
        files=files,
    )


def _refuse_statement(document: Any) -> None:
    """Say how one is sent, instead of what keeps it from being our envelope. Raises `Invalid`."""
    if is_statement(document):
        told = "is that of an in-toto statement, and application/json is our own envelope here"
        hint = f"send it as {MEDIA_TYPE}, or to /v1/evidence"
        raise Invalid(f"_type {told}: {hint}", faults=(Fault("_type", told, suggestion=hint),))


def _of_envelope(envelope: Envelope, request: Call) -> Submission:
    beside = [key for key in request.query_params if key not in ("raw",)]
    if beside:
        fault = Fault(beside[0], "goes into the envelope", suggestion="or send the file itself with raw=true")
        raise Invalid(f"{beside[0]} goes into the envelope, not into the query", faults=(fault,))
    return Submission(
        type=envelope.type,
        context=_checked(envelope.context),
        collected_at=instant(envelope.collected_at, "collected_at"),
        producer=Producer(envelope.producer.tool, envelope.producer.version),
        data=envelope.data,
    )


def _context(request: Call) -> dict[str, str]:
    return {key: value for key, value in request.query_params.items() if key.startswith("context.")}


def _checked(context: dict[str, str]) -> dict[str, str]:
    """Context whose keys and values can be shown. Raises `Invalid`."""
    faults = [
        Fault(f"context.{key[:64]}", "must be visible text: a key of 1 to 64 characters, a value of at most 4000")
        for key, value in context.items()
        if not key.isprintable() or not 1 <= len(key) <= 64 or "\x00" in value or len(value) > 4_000
    ]
    if len(context) > _MOST_CONTEXT:
        faults.append(Fault("context", f"has {len(context)} keys; at most {_MOST_CONTEXT} are kept"))
    if faults:
        raise Invalid.of(faults)
    return context


async def _accept(request: Call, subject: str, version: str | None, sent: Submission) -> Response[EvidenceAccepted]:
    here = services(request)
    accepted = await submit(here.database, here.policies, actor(request), subject, version, sent, here.clock)
    return json_response(accepted_body(accepted), 201 if accepted.created else 200)


async def _accept_statement(request: Call, subject: str, version: str) -> Response[EvidenceAccepted]:
    here, org = services(request), request.auth.org
    await here.database.read(lambda connection: found_release(connection, org, subject, version))
    sent = statement_for(request, await body_of(request), subject, version)
    accepted = await accept(here.database, here.policies, actor(request), request.auth, sent, here.clock)
    return json_response(accepted_body(accepted), 201 if accepted.created else 200)


async def _list(
    request: Call, subject: str, version: str | None, cursor: str | None, limit: str | None
) -> Response[EvidencePage]:
    count, before, org = page_limit(limit), cursor_key(cursor), request.auth.org

    def work(connection: Any) -> list[EvidenceRecord]:
        found_subject(connection, org, subject)
        bound = "" if version is None else found_release(connection, org, subject, version).bound
        return stored.page(connection, org, subject, (bound,), before, count + 1)

    found = await services(request).database.read(work)
    return json_response(page(found, count, lambda each: each.id, _shown))


async def _found(request: Call, identifier: str) -> EvidenceRecord:
    org = request.auth.org
    record = await services(request).database.read(lambda connection: stored.by_id(connection, org, identifier))
    if record is None:
        raise NotFound("there is no such evidence")
    allow(request.auth, record.subject)
    return record


def accepted_body(accepted: Accepted) -> EvidenceAccepted:
    """The answer to a submission."""
    return as_shown(EvidenceAccepted, accepted.record, affects=accepted.affects, warnings=accepted.warnings)


def _shown(record: EvidenceRecord) -> EvidenceShown:
    return as_shown(EvidenceShown, record, data=msgspec.json.decode(record.data) if record.data else None)


HANDLERS = [
    submit_for_release,
    submit_for_subject,
    list_of_release,
    list_of_subject,
    get_evidence,
    get_raw,
    revoke_evidence,
]
