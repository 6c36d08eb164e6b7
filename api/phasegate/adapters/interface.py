"""The door through which every format comes in, built-in or plugged in."""

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import msgspec

from phasegate.engine.facts import Producer


class Hints(msgspec.Struct, frozen=True):
    """What the submitter said beside the file. It is never in the file, and never overrules it."""

    exit_code: int | None = None
    """Of the process that wrote the file; None: not said."""
    context: dict[str, str] = {}
    release: str = ""
    """Version of the release that the evidence is for; empty for evidence of scope `subject`."""
    subject: str = ""
    """Name of the subject that the evidence is for."""
    shape: str = ""
    """What to give, one of the adapter's `shapes`; empty: the first of them."""
    artifacts: tuple[str, ...] = ()
    """sha256 of the release's artifacts; empty for evidence of scope `subject`, or where they are not known."""


class Reading(msgspec.Struct, frozen=True):
    """What one file says."""

    shape: str
    data: dict[str, Any]
    """By the fields of the shape. A fact that the file doesn't hold is absent, never zero."""
    collected_at: datetime | None = None
    """The tool's own time in UTC, only where the file states one with a zone."""
    producer: Producer = Producer()
    warnings: tuple[str, ...] = ()
    """In words for the submitter: whatever had to be guessed or left out."""


@runtime_checkable
class Adapter(Protocol):
    """Reads one format."""

    @property
    def name(self) -> str:
        """Of the format, as in `format=junit`. Permanent: records carry it."""

    @property
    def version(self) -> str:
        """Of the adapter (not of the tool): rises when the same file would give other facts."""

    @property
    def shapes(self) -> tuple[str, ...]:
        """What it can give; never empty."""

    @property
    def title(self) -> str:
        """For people: which tools write it."""

    def detects(self, raw: bytes) -> bool:
        """Whether the bytes look like this format: a cheap fingerprint that never raises."""

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The facts. Raises `Malformed` or `Invalid`, and nothing else, with what to do about it."""
