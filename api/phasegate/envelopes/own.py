"""phasegate's own envelope: as the predicate of a statement, the data of an event, or a line of bulk."""

from typing import Annotated, Any

import msgspec

from phasegate.engine.facts import Producer
from phasegate.engine.instants import parse_instant
from phasegate.envelopes.message import artifact_set
from phasegate.errors import Fault, Invalid
from phasegate.reading import Name, Sha256, read_struct

PREDICATE = "urn:phasegate:attestation:evidence:v1"
"""The predicate type under which a statement carries an envelope."""
_Text = Annotated[str, msgspec.Meta(max_length=4_000)]
_Label = Annotated[str, msgspec.Meta(max_length=256)]
_MOST_CONTEXT = 100


class OwnProducer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tool: _Label = ""
    version: _Label = ""


class OwnArtifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As in a release; the name is a label."""

    sha256: Sha256
    name: _Label = ""


class Predicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Evidence in the form of its type's shape or, with a `format`, a tool's file: its text, or its JSON."""

    type: str = ""
    data: Any = None
    format: str = ""
    context: dict[str, _Text] = {}
    collected_at: str | None = None
    producer: OwnProducer = OwnProducer()


class Envelope(Predicate, frozen=True, forbid_unknown_fields=True):
    """The same with the artifacts that it is about, or the release that has them."""

    subject: Name = ""
    release: Name = ""
    artifacts: Annotated[tuple[OwnArtifact, ...], msgspec.Meta(min_length=1)] = ()


_KEYS = frozenset(Envelope.__struct_fields__)


def is_own(document: Any) -> bool:
    """Whether a JSON value is meant as an envelope."""
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        return False
    return "data" in document or "artifacts" in document or _KEYS.issuperset(document)


def own_fields(document: Any, path: str = "") -> dict[str, Any]:
    """What a predicate says, as fields of a message. Raises `Invalid`, its faults under `path`."""
    return _fields(_read(Predicate, document, path), path)


def envelope_fields(document: Any, path: str = "") -> dict[str, Any]:
    """What an envelope says, as fields of a message. Raises `Invalid`, its faults under `path`."""
    envelope = _read(Envelope, document, path)
    artifacts = envelope.artifacts
    return {
        **_fields(envelope, path),
        "subject": envelope.subject or None,
        "release": envelope.release or None,
        "artifacts": artifact_set([each.sha256 for each in artifacts]) if artifacts else None,
    }


def _fields(envelope: Predicate, path: str) -> dict[str, Any]:
    if envelope.data is None:
        raise Invalid.at(_under(path, "data"), "is required")
    fields: dict[str, Any] = {
        "type": envelope.type or None,
        "context": checked_context(envelope.context, path),
        "producer": Producer(envelope.producer.tool, envelope.producer.version),
    }
    if envelope.collected_at is not None:
        try:
            fields["collected_at"] = parse_instant(envelope.collected_at)
        except ValueError as error:
            raise Invalid.at(_under(path, "collected_at"), str(error)) from None
    if not envelope.format:
        return {**fields, "data": envelope.data}
    text = isinstance(envelope.data, str)
    return {
        **fields,
        "file": envelope.data.encode() if text else msgspec.json.encode(envelope.data),
        "format": envelope.format,
        "media_type": "application/octet-stream" if text else "application/json",
    }


def checked_context(context: dict[str, str], path: str = "") -> dict[str, str]:
    """Context whose keys and values can be shown. Raises `Invalid`."""
    faults = [
        Fault(_under(path, f"context.{key[:64]}"), "must be visible text: a key of 1 to 64 characters")
        for key, value in context.items()
        if not key.isprintable() or not 1 <= len(key) <= 64 or "\x00" in value
    ]
    if len(context) > _MOST_CONTEXT:
        faults.append(Fault(_under(path, "context"), f"has {len(context)} keys; at most {_MOST_CONTEXT} are kept"))
    if faults:
        raise Invalid.of(faults)
    return context


def _read(kind: type[Any], document: Any, path: str) -> Any:
    try:
        return read_struct(kind, document)
    except Invalid as error:
        if not path:
            raise
        faults = tuple(
            msgspec.structs.replace(fault, path=_under(path, fault.path)) if isinstance(fault, Fault) else fault
            for fault in error.faults
        )
        raise Invalid(f"{path}: {error.detail}", faults=faults, code=error.reason) from None


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name
