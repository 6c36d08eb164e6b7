"""One piece of evidence as its envelope says it, before anything is looked up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from phasegate.engine.facts import Producer
from phasegate.errors import Fault, Invalid

T = TypeVar("T")
MOST_ARTIFACTS = 100
"""Of a release, so of a statement that could ever count for one."""


class Event(msgspec.Struct, frozen=True):
    """What names an event for ever; the same pair with other data is a conflict."""

    source: str
    id: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, and of which artifacts. Without a `file` it is data in the form of its type's shape."""

    subject: str | None = None
    release: str | None = None
    artifacts: tuple[str, ...] | None = None
    """The set of sha256, sorted; None: those of the release named."""
    type: str | None = None
    data: Any = None
    file: bytes | None = None
    """What an adapter reads."""
    format: str | None = None
    """Of the file, as stated; None: it is detected."""
    reader: str | None = None
    """The format of an envelope that has a reader of its own."""
    received: bytes | None = None
    """What is kept as received; None: the file itself."""
    signed: bytes | None = None
    """What a signature is over; evidence is known by it and not by the envelope, which can be written in many ways."""
    media_type: str = "application/json"
    context: Mapping[str, str] = {}
    collected_at: datetime | None = None
    """As stated for the evidence."""
    happened_at: datetime | None = None
    """As the envelope states it of itself; it counts where nobody states the time of the evidence."""
    exit_code: int | None = None
    producer: Producer = Producer()
    event: Event | None = None
    warnings: tuple[str, ...] = ()


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller said beside the envelope."""

    subject: str | None = None
    release: str | None = None
    artifacts: tuple[str, ...] | None = None
    type: str | None = None
    format: str | None = None
    context: Mapping[str, str] = {}
    collected_at: datetime | None = None
    exit_code: int | None = None


def combined(message: Message, beside: Beside) -> Message:
    """The message with what it leaves unsaid taken from beside it. Raises `Invalid` where the two contradict."""
    return msgspec.structs.replace(
        message,
        subject=_one("subject", message.subject, beside.subject),
        release=_one("subject", message.release, beside.release),
        artifacts=_one("artifact", message.artifacts, beside.artifacts),
        type=_one("type", message.type, beside.type),
        format=_one("format", message.format, beside.format),
        collected_at=_one("collected_at", message.collected_at, beside.collected_at),
        exit_code=_one("exit_code", message.exit_code, beside.exit_code),
        context={
            **beside.context,
            **{key: _said(key, value, beside.context.get(key)) for key, value in message.context.items()},
        },
    )


def _said(key: str, inside: str, outside: str | None) -> str:
    return _one(f"context.{key}", inside, outside) or ""


def _one(path: str, inside: T | None, outside: T | None) -> T | None:
    if inside is None or outside is None or inside == outside:
        return outside if inside is None else inside
    fault = Fault(path, "contradicts what is stated inside", suggestion="leave it out")
    raise Invalid(f"{path} contradicts what is stated inside the envelope; leave it out", faults=(fault,))


def artifact_set(digests: list[str]) -> tuple[str, ...]:
    """Digests as a set in its one order. Raises `Invalid` where it is more than a release can have."""
    found = tuple(sorted(set(digests)))
    if len(found) > MOST_ARTIFACTS:
        told = f"names {len(found)} artifacts; a release has at most {MOST_ARTIFACTS}"
        raise Invalid(f"this {told}, so it could count for none", faults=(Fault("artifacts", told),))
    return found
