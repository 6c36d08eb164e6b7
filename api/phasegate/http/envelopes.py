"""Bodies that name artifacts by digest: by content type, or by what JSON says of itself, into messages."""

import re

import msgspec

from phasegate.envelopes.cloudevent import is_binary, is_cloudevent, read_binary, split_batch, structured_of
from phasegate.envelopes.kinds import message_in
from phasegate.envelopes.media_types import BATCH, CLOUDEVENT
from phasegate.envelopes.message import Beside, Message, artifact_set, combined
from phasegate.envelopes.own import checked_context
from phasegate.envelopes.place import place
from phasegate.envelopes.statement import is_statement, message_of, statement_of
from phasegate.errors import Fault, Invalid, Problem, TooLarge, Unsupported
from phasegate.http.bodies import instant, whole_number
from phasegate.http.services import Call
from phasegate.operations.addressed import Sent
from phasegate.reading import read_json

QUERY = ("subject", "artifact", "type", "format", "collected_at", "exit_code", "context.*")
NDJSON = "application/x-ndjson"
MOST_LINES = 100_000
"""In one body; an empty object takes three bytes, and its answer two hundred."""
MOST_EVENTS = 10_000
"""In one batch, whose answer is given as a whole."""
_STATEMENT = re.compile(r"application/vnd\.in-toto(\.[a-z0-9.-]+)?\+json")
_LINE = re.compile(rb"[^ \t\r\n][^\n]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ = (
    "application/json, application/vnd.in-toto+json, application/vnd.dsse.envelope.v1+json, "
    f"application/vnd.dev.sigstore.bundle.v0.3+json, {CLOUDEVENT}, {BATCH}, {NDJSON}, or a CloudEvent in headers"
)


def media_type(request: Call) -> str:
    """The content type without its parameters, in lower case."""
    return request.content_type[0].lower()


def holds_statement(request: Call) -> bool:
    """Whether the content type says that the body is an in-toto statement."""
    return _STATEMENT.fullmatch(media_type(request)) is not None


def beside(request: Call) -> Beside:
    """What the query says. Raises `Invalid`."""
    query = request.query_params
    subject, release = (None, None) if "subject" not in query else place(query["subject"], "subject")
    digests = query.getall("artifact", [])
    if wrong := [each for each in digests if not _SHA256.fullmatch(each)]:
        told = "must be 64 lower-case hex digits"
        raise Invalid(f"artifact {wrong[0][:64]!r} {told}", faults=(Fault("artifact", told),))
    context = {key.removeprefix("context."): query[key] for key in query if key.startswith("context.")}
    return Beside(
        subject=subject,
        release=release,
        artifacts=artifact_set(digests) if digests else None,
        type=query.get("type"),
        format=query.get("format"),
        context=checked_context(context),
        collected_at=instant(query.get("collected_at"), "collected_at"),
        exit_code=whole_number(query.get("exit_code"), "exit_code", -255, 255),
    )


def statement_for(request: Call, body: bytes, subject: str, release: str) -> Sent:
    """A statement that is posted to a release. Raises `Malformed` or `Invalid`."""
    said = beside(request)
    return one(request, body, msgspec.structs.replace(said, subject=subject, release=release))


def one(request: Call, body: bytes, said: Beside) -> Sent:
    """The evidence in a body that holds one piece of it. Raises `Unsupported`, `Malformed` or `Invalid`."""
    return Sent(combined(_message(request, body), said))


def of_line(raw: bytes, said: Beside) -> Sent | Problem:
    """The evidence in one line, or what is wrong with it."""
    try:
        return Sent(combined(message_in(read_json(raw), raw), said))
    except Problem as problem:
        return problem


def lines(body: bytes) -> list[tuple[int, bytes]]:
    """Lines that hold something, by number. Raises `TooLarge`."""
    found: list[tuple[int, bytes]] = []
    number, at = 1, 0
    for line in _LINE.finditer(body):
        number += body.count(b"\n", at, line.start())
        at = line.start()
        found.append((number, line[0].rstrip(b" \t\r")))
        _bound(len(found), MOST_LINES, "lines")
    return found


def events(body: bytes) -> list[bytes]:
    """The events of a batch, each as it was written. Raises `Malformed`, `Invalid` or `TooLarge`."""
    found = split_batch(body, MOST_EVENTS)
    _bound(len(found), MOST_EVENTS, "events")
    return found


def of_event(raw: bytes, said: Beside) -> Sent | Problem:
    """The evidence in one event of a batch, or what is wrong with it."""
    try:
        return Sent(combined(structured_of(read_json(raw), raw), said))
    except Problem as problem:
        return problem


def _bound(number: int, most: int, what: str) -> None:
    if number > most:
        raise TooLarge(f"the body holds more than {most:,} {what}; send it in parts")


def _message(request: Call, body: bytes) -> Message:
    media = media_type(request)
    if media.startswith("application/cloudevents"):
        if media != CLOUDEVENT:
            raise Unsupported(f"events are read as JSON; send one of: {_READ}")
        document = read_json(body)
        if isinstance(document, dict) and not is_cloudevent(document):
            raise Invalid("this is no CloudEvent", faults=(Fault("specversion", "must be 1.0"),))
        return structured_of(document, body)
    headers = request.scope["headers"]
    if is_binary(headers):
        return read_binary(headers, body, request.headers.get("content-type", "application/json"))
    if holds_statement(request):
        document = read_json(body)
        if isinstance(document, dict) and not is_statement(document):
            raise Invalid("this is no in-toto statement", faults=(Fault("_type", "names none"),))
        return message_of(statement_of(document, body), media)
    if media == "application/json":
        return message_in(read_json(body), body)
    raise Unsupported(f"send one of: {_READ}; a tool's file goes to /v1/subjects/SUBJECT/releases/VERSION/evidence")
