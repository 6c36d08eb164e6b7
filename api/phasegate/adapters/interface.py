"""The door through which every format comes in, built-in or plugged in."""

from datetime import datetime
from importlib.resources import files
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


class Example(msgspec.Struct, frozen=True):
    """A short real file of the format, shipped with the adapter: the format's page shows what becomes of it."""

    file: str
    """Its name inside `package`."""
    package: str = "phasegate.adapters.examples"
    """Where it is installed."""
    context: dict[str, str] = {}
    """What has to be said beside it."""
    shape: str = ""
    """What the page shows it as, one of the adapter's `shapes`; empty: the first of them."""

    def content(self) -> bytes:
        """The file. Raises OSError where it isn't installed."""
        return files(self.package).joinpath(self.file).read_bytes()


@runtime_checkable
class Adapter(Protocol):
    """Reads one format.

    What it may have besides, for the format's page: `command`, how the tool is made to write such a file;
    `fingerprint`, by what it is detected, in words after "detected as"; `example`, an `Example`.
    """

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
