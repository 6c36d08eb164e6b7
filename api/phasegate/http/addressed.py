"""`POST /v1/evidence`: evidence that names the artifacts it is about by digest, one piece or many."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from phasegate.envelopes.message import Beside
from phasegate.errors import Problem
from phasegate.http.addressed_bodies import AddressedBody
from phasegate.http.bodies import encoded_response, json_response
from phasegate.http.encodings import body_of
from phasegate.http.envelopes import NDJSON, QUERY, beside, events, lines, media_type, of_event, of_line, one
from phasegate.http.evidence import EvidenceAccepted, accepted_body
from phasegate.http.problems import details
from phasegate.http.services import Call, actor, services
from phasegate.http.signed import signed, signed_line
from phasegate.operations.addressed import accept, accept_all
from phasegate.operations.evidence import Accepted

CHUNK = 64
"""Pieces of evidence in one transaction, which other requests wait for."""
LARGE = 200_000
"""Bytes from which a body is read on a thread."""
_ONE_OR_MANY: Any = EvidenceAccepted | list[Any]


@post(
    "/evidence",
    operation_id="acceptEvidence",
    summary="Submit evidence by the digests of the artifacts it is about",
    opt={"scope": "evidence:write", "query": QUERY, "repeated": ("artifact",)},
    operation_class=AddressedBody,
    responses={
        200: ResponseSpec(
            _ONE_OR_MANY, generate_examples=False, description="The same record was there; or a result for each"
        )
    },
    status_code=201,
)
async def post_evidence(request: Call) -> Response[EvidenceAccepted]:
    """An in-toto Statement, bare or signed, a CloudEvent (structured, binary or a batch of them), a CDEvent, our own
    envelope, or any of these as lines of NDJSON.

    **Whose.** Evidence is bound to a subject and to the exact set of sha256 that it names. It counts for each
    release of the subject with exactly that set, registered before or after; not for one of whose artifacts it names
    only some, which `warnings` say. Where it states a registered release and names other artifacts than that has, it
    counts for none at all. The subject is the one that has a release with these artifacts. Where several have, or none
    yet: `subject=SUBJECT` or `SUBJECT/RELEASE` in the query, the event's `subject`, `customData.phasegate.subject`, or
    `subject` in the envelope says it, else 422 `which_subject`. What is stated twice must agree.

    **What.** `type=` in the query, the event's `evidencetype`, `customData.phasegate.type`, or `type` in the
    envelope. A statement with the predicate `urn:phasegate:attestation:evidence:v1` holds our envelope; test-result
    v0.1 is read as a `test-report`; any other predicate is read as the tool's file that it is. In an event `data`
    is any of these, unsigned, or a tool's file; `data_base64`, and the body in binary mode, is the file as it is.
    Digests other than sha256 are ignored.

    **Signed.** A DSSE envelope or Sigstore bundle around a statement. The evidence is `attested` where a registered
    key (`/v1/keys`) or an identity that a rule of trust names (`/v1/trust`) vouches for it; a signature that doesn't
    verify is a 422, one of an unknown key counts as none and says so in `warnings`.

    **Once.** An event is known by `source` and `id`: the same again is the same record, with other data 409.

    **Many.** A batch answers 200 with one result for each event, in order; NDJSON with one line for each line that
    isn't blank, in order, as they are stored: what was answered is durable. A bad one spoils only itself.
    At most 10,000 events and 100,000 lines.
    """
    said, media = beside(request), media_type(request)
    here = services(request)
    body = await body_of(request)
    # What is large takes seconds, for which other callers must not wait.
    run = asyncio.to_thread if len(body) > LARGE else _at_once
    if media == NDJSON:
        stream: Any = Stream(_results(request, await run(lines, body), said), media_type=NDJSON, status_code=200)
        return stream  # type: ignore[no-any-return]  # the annotation documents the answer to one
    if media.startswith("application/cloudevents-batch"):
        found = [each async for each in _all(request, await run(events, body), said)]
        return encoded_response(msgspec.json.encode(found))
    sent = await signed(request, media, body, said)
    if sent is None:
        sent = await run(one, request, body, said)
    accepted = await accept(here.database, here.policies, actor(request), request.auth, sent, here.clock)
    return json_response(accepted_body(accepted), 201 if accepted.created else 200)


async def _at_once(work: Callable[..., Any], *given: Any) -> Any:
    return work(*given)


async def _all(request: Call, found: Sequence[bytes], said: Beside) -> AsyncIterator[dict[str, Any]]:
    """A result for each event, in order, once it is durable."""
    here = services(request)
    for start in range(0, len(found), CHUNK):
        chunk = [of_event(raw, said) for raw in found[start : start + CHUNK]]
        results = await accept_all(here.database, here.policies, actor(request), request.auth, chunk, here.clock)
        for n, result in enumerate(results, start):
            yield {"index": n, **_result(request, result)}
        await asyncio.sleep(0)  # where all are refused, nothing was waited for, and others want their turn


async def _results(request: Call, found: list[tuple[int, bytes]], said: Beside) -> AsyncIterator[bytes]:
    """A result line for each line, in order, once it is durable."""
    here = services(request)
    for start in range(0, len(found), CHUNK):
        chunk = found[start : start + CHUNK]
        sent = [await signed_line(request, raw, said) or of_line(raw, said) for _, raw in chunk]
        results = await accept_all(here.database, here.policies, actor(request), request.auth, sent, here.clock)
        told = [
            msgspec.json.encode({"line": line, **_result(request, result)}) + b"\n"
            for (line, _), result in zip(chunk, results, strict=True)
        ]
        yield b"".join(told)
        await asyncio.sleep(0)


def _result(request: Call, result: Accepted | Problem) -> dict[str, Any]:
    """One of many: a status, and the answer that it would have had alone."""
    if isinstance(result, Problem):
        found: dict[str, Any] = msgspec.to_builtins(details(request, result))
        return found
    return {"status": 201 if result.created else 200, **msgspec.to_builtins(accepted_body(result))}


HANDLERS = [post_evidence]
