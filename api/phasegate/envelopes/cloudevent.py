"""CloudEvents 1.0 that carry evidence, in structured, binary and batch mode.

`id` and `source` name the event for ever. `subject` is `SUBJECT` or `SUBJECT/RELEASE`; the extension attributes
`evidencetype`, `evidenceformat` and `exitcode` say what the query says in the ordinary route; further ones are
context. The data is a statement, a CDEvent, our own envelope, or a tool's file as it is; what is signed goes by itself.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from phasegate.engine.instants import parse_instant
from phasegate.envelopes import dsse, sigstore_bundle
from phasegate.envelopes.cdevent import cdevent_of, is_cdevent
from phasegate.envelopes.header import decoded
from phasegate.envelopes.media_types import safe_media_type
from phasegate.envelopes.message import Event, Message
from phasegate.envelopes.own import checked_context, envelope_fields, is_own
from phasegate.envelopes.place import place
from phasegate.envelopes.statement import is_statement, message_of, statement_of
from phasegate.errors import Fault, Invalid, Malformed
from phasegate.reading import read_json, refuse_heavy

_REQUIRED = ("specversion", "id", "source", "type")
_CORE = (*_REQUIRED, "datacontenttype", "dataschema", "subject", "time")
_NOT_CONTEXT = ("evidencetype", "evidenceformat", "exitcode", "traceparent", "tracestate")
_NAME = re.compile(r"[a-z0-9]{1,64}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_JSON = re.compile(r"(application|text)/([A-Za-z0-9!#$&^_.+-]+\+)?json", re.IGNORECASE)
_MARK = re.compile(r"[ \t\r\n]*([\[\],])[ \t\r\n]*")
_LONGEST = 4_000


class _Raw(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"")


class _Data(NamedTuple):
    """What an event carries: bytes, and their media type."""

    content: bytes
    media_type: str


def is_cloudevent(document: Any) -> bool:
    """Whether a JSON value says that it is an event in structured form."""
    return isinstance(document, dict) and isinstance(document.get("specversion"), str)


def is_binary(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether headers say that a body is the data of an event."""
    required = {f"ce-{name}".encode() for name in _REQUIRED}
    return any(name.lower() in required for name, _ in headers)


def read_binary(headers: Iterable[tuple[bytes, bytes]], body: bytes, media_type: str) -> Message:
    """The evidence in a body whose headers are the event. Raises `Malformed` or `Invalid`."""
    attributes: dict[str, Any] = {}
    for raw, value in headers:
        header = raw.decode("latin-1").lower()
        name = header.removeprefix("ce-")
        if name == header:
            continue
        if name in attributes:
            raise _invalid(header, "is given twice")
        if name == "datacontenttype":
            raise _invalid(header, "is not allowed: the Content-Type says it")
        attributes[name] = decoded(header, value)
    return _message(attributes, _Data(body, media_type), "ce-")


def structured_of(document: Any, raw: bytes) -> Message:
    """The evidence in an event as JSON. Raises `Malformed` or `Invalid`."""
    if not isinstance(document, dict):
        raise _invalid("", "must be an object: an event")
    attributes = {key: value for key, value in document.items() if key not in ("data", "data_base64")}
    attributes = {key: _text(key, value) for key, value in attributes.items() if value is not None}
    return _message(attributes, _data(document, raw, attributes.get("datacontenttype", "application/json")), "")


def split_batch(raw: bytes, most: int) -> list[bytes]:
    """The events of a batch, each as it was written; of more than `most`, one more than that. Raises `Malformed`, or
    `Invalid` where it is no list."""
    try:
        text = raw.decode("utf-8")
        refuse_heavy(text)
        return [part.encode() for part in islice(_elements(text), most + 1)]
    except (ValueError, RecursionError):
        if isinstance(read_json(raw), list):  # which says where it is malformed
            raise Malformed("this is not JSON", faults=(Fault("", "is not JSON"),)) from None
        raise _invalid("", "must be a list of events") from None


def _elements(text: str) -> Iterator[str]:
    """The elements of a list in JSON, one after the other: all at once they can take forty times their length. Raises
    ValueError."""
    mark, at = "[", 0
    while (found := _MARK.match(text, at)) is not None and found[1] == mark:
        start = found.end()
        if mark == "[" and text.startswith("]", start):
            end = start
        else:
            _, end = _SCANNER.raw_decode(text, start)
            yield text[start:end]
        mark, at = ",", end
    if found is None or found[1] != "]" or mark == "[" or found.end() != len(text):
        raise ValueError


def _refused(text: str) -> Any:
    raise ValueError(text)


_SCANNER = json.JSONDecoder(parse_constant=_refused, parse_int=bool, parse_float=bool)
"""Finds where a value ends; what it is, is read later."""


def _message(attributes: dict[str, str], data: _Data | None, prefix: str) -> Message:
    _check(attributes, prefix)
    if data is None or not data.content:
        raise _invalid("data", "is required: the evidence")
    context = {key: value for key, value in attributes.items() if key not in (*_CORE, *_NOT_CONTEXT)}
    beside: dict[str, Any] = {
        "event": Event(attributes["source"], attributes["id"]),
        "happened_at": _time(attributes, prefix),
        "exit_code": _exit_code(attributes, prefix),
    }
    inner = _inner(data, attributes)
    if inner.reader != "cdevents" and "subject" in attributes:  # there it is the id of a run
        beside["subject"], beside["release"] = place(attributes["subject"], f"{prefix}subject")
    for key, extension in (("type", "evidencetype"), ("format", "evidenceformat")):
        if extension in attributes:
            beside[key] = attributes[extension]
    for key in ("subject", "release", "type", "format"):
        stated, outside = getattr(inner, key), beside.get(key)
        if stated is not None and outside not in (None, stated):
            raise _invalid(f"data.{key}", "contradicts what the event's attributes state")
    said = {key: value for key, value in beside.items() if value is not None}
    context = checked_context({**context, **inner.context})
    return msgspec.structs.replace(inner, **said, context=context)


def _inner(data: _Data, attributes: dict[str, str]) -> Message:
    """The evidence that the data of an event is."""
    if _JSON.fullmatch(data.media_type.split(";")[0].strip()):
        document = read_json(data.content)
        if is_cdevent(document):
            return cdevent_of(document, data.content)
        if is_statement(document):
            return message_of(statement_of(document, data.content))
        if dsse.looks_like_one(document) or sigstore_bundle.looks_like_one(document):
            raise _invalid("data", "is a signed envelope; send it by itself, not in an event")
        if is_own(document) and "evidenceformat" not in attributes:
            return Message(**envelope_fields(document, "data"))
    return Message(file=data.content, media_type=safe_media_type(data.media_type.split(";")[0].strip()))


def _data(document: dict[str, Any], raw: bytes, media_type: str) -> _Data | None:
    encoded = document.get("data_base64")
    if encoded is not None:
        if document.get("data") is not None:
            raise _invalid("data_base64", "stands beside data; an event has one of them")
        try:
            return _Data(base64.b64decode(encoded, validate=True), media_type)
        except (TypeError, ValueError, binascii.Error):
            raise Malformed("data_base64 is not base64", faults=(Fault("data_base64", "is not base64"),)) from None
    value = document.get("data")
    if value is None:
        return None
    if isinstance(value, str) and not _JSON.fullmatch(media_type.split(";")[0].strip()):
        return _Data(value.encode(), media_type)
    return _Data(bytes(msgspec.json.decode(raw, type=_Raw).data), media_type)


def _check(attributes: dict[str, str], prefix: str) -> None:
    faults = [Fault(f"{prefix}{key}", "is required") for key in _REQUIRED if not attributes.get(key)]
    for key, value in attributes.items():
        if not _NAME.fullmatch(key):
            faults.append(Fault(f"{prefix}{key[:64]}", "is no name of an attribute: a to z and 0 to 9 alone"))
        elif _UNFIT.search(value) or len(value) > _LONGEST:
            faults.append(Fault(f"{prefix}{key}", f"must be visible text of at most {_LONGEST} characters"))
    if attributes.get("specversion") not in (None, "", "1.0"):
        faults.append(Fault(f"{prefix}specversion", "must be 1.0"))
    if faults:
        raise Invalid.of(faults)


def _text(key: str, value: Any) -> str:
    """An attribute as text: a Boolean and an Integer in the one form they have in a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and key not in _CORE:
        return str(value)
    if not isinstance(value, str):
        raise _invalid(key[:64], "must be text" if key in _CORE else "must be text, a whole number, true or false")
    return value


def _time(attributes: dict[str, str], prefix: str) -> Any:
    if "time" not in attributes:
        return None
    try:
        return parse_instant(attributes["time"])
    except ValueError as error:
        raise _invalid(f"{prefix}time", str(error)) from None


def _exit_code(attributes: dict[str, str], prefix: str) -> int | None:
    stated = attributes.get("exitcode")
    if stated is None:
        return None
    if re.fullmatch(r"-?[0-9]{1,3}", stated) and -255 <= int(stated) <= 255:
        return int(stated)
    raise _invalid(f"{prefix}exitcode", "must be a whole number from -255 to 255")


def _invalid(path: str, told: str) -> Invalid:
    return Invalid(f"{path or 'the body'} {told}", faults=(Fault(path, told),))
