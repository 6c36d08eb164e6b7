"""CDEvents that carry evidence: their form by the version in their type, and the release that `customData` names.

`schemaUri` is never fetched: what an event may say is fixed by its type, of which these are known.
"""

import re
from typing import Annotated, Any, Literal

import msgspec

from phasegate.engine.instants import parse_instant
from phasegate.envelopes.message import Event, Message, artifact_set
from phasegate.envelopes.own import OwnArtifact
from phasegate.errors import Invalid
from phasegate.reading import Name, read_struct

_TYPE = re.compile(r"dev\.cdevents\.test(suite|case)(?:run)?\.finished\.0\.([123])\.[0-9]{1,9}")
_KNOWN = "dev.cdevents.testsuiterun.finished and dev.cdevents.testcaserun.finished, 0.1 to 0.3"
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
_Words = Annotated[str, msgspec.Meta(max_length=4_000)]


class _Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    id: _Text
    source: _Text
    type: str
    timestamp: str
    specversion: str = msgspec.field(name="specversion", default="")
    version: str = ""
    """What `specversion` was called up to 0.4."""
    schema_uri: _Words = ""
    chain_id: _Words = ""
    links: tuple[dict[str, Any], ...] = ()


class _Reference(msgspec.Struct, frozen=True):
    id: _Text
    name: _Words = ""


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    outcome: str
    environment: _Reference
    severity: Literal["low", "medium", "high", "critical"] | None = None
    reason: _Words = ""
    test_suite: _Reference | None = None
    test_case: _Reference | None = None
    test_suite_run: _Reference | None = None


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: _Text
    content: _Content
    source: _Words = ""
    type: str | None = None


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    context: _Context
    subject: _Subject
    custom_data: Any = None
    custom_data_content_type: _Words = ""


class _Ours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`customData.phasegate`."""

    subject: Name = ""
    release: Name = ""
    type: str = ""
    artifacts: Annotated[tuple[OwnArtifact, ...], msgspec.Meta(min_length=1)] = ()


class _Custom(msgspec.Struct, frozen=True):
    phasegate: _Ours = _Ours()


class _Whole(msgspec.Struct, frozen=True, rename="camel"):
    custom_data: _Custom = _Custom()


def is_cdevent(document: Any) -> bool:
    """Whether a JSON value says that it is a CDEvent, of whatever type."""
    context = document.get("context") if isinstance(document, dict) else None
    kind = context.get("type") if isinstance(context, dict) else None
    return isinstance(kind, str) and kind.startswith(("dev.cdevents.", "dev.cdeventsx."))


def cdevent_of(document: Any, raw: bytes) -> Message:
    """The evidence in an event. Raises `Invalid` with every fault, for an unknown type by its name."""
    _check_type(document)
    event = read_struct(_Event, document)
    if not (event.context.specversion or event.context.version):
        raise Invalid.at("context.specversion", "is required")
    try:
        happened_at = parse_instant(event.context.timestamp)
    except ValueError as error:
        raise Invalid.at("context.timestamp", str(error)) from None
    ours = _Ours()
    if isinstance(event.custom_data, dict) and "phasegate" in event.custom_data:
        kept = {"customData": {"phasegate": event.custom_data["phasegate"]}}
        ours = read_struct(_Whole, kept).custom_data.phasegate
    return Message(
        subject=ours.subject or None,
        release=ours.release or None,
        artifacts=artifact_set([each.sha256 for each in ours.artifacts]) if ours.artifacts else None,
        type=ours.type or None,
        file=raw,
        reader="cdevents",
        context={"environment": event.subject.content.environment.id},
        happened_at=happened_at,
        event=Event(event.context.source, event.context.id),
    )


def _check_type(document: dict[str, Any]) -> None:
    named = str(document["context"]["type"])
    kind = _TYPE.fullmatch(named)
    if kind is None:
        raise Invalid.at("context.type", f"{named[:200]!r} is no event that is read here; there are {_KNOWN}")
    subject = document.get("subject")
    if kind[2] == "3" and isinstance(subject, dict) and "type" in subject:
        raise Invalid.at("subject.type", "is no key of this version of the event; leave it out")
