"""What is changed: every output of a tool under tests/adapters/outputs, in every shape that it is read into."""

from pathlib import Path
from typing import Any, NamedTuple

from phasegate.adapters.interface import Adapter, Hints
from phasegate.adapters.registry import adapters
from phasegate.engine.facts import Producer
from phasegate.engine.policy import EvidenceType
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.operations.evidence import Submission, read_submission
from phasegate.shapes import catalogue
from tests.adapters.samples import CONTEXT, FILES, name
from tests.fuzz.judge import newest

SUBJECT, RELEASE = "churn-scorer", "2.1.0"


class Taken(NamedTuple):
    """What a file gives."""

    format: str
    data: dict[str, Any]
    """As its shape has it."""
    warnings: tuple[str, ...]


class Original(NamedTuple):
    """One output of a tool, in one shape."""

    path: Path
    raw: bytes
    shape: str
    taken: Taken

    @property
    def name(self) -> str:
        return f"{name(self.path)} as {self.shape}"


def take(raw: bytes, shape: str) -> Taken:
    """As the server reads a file whose format nobody states. Raises `Malformed` or `Invalid`."""
    kind = EvidenceType(shape=shape, scope="release")
    sent = Submission("any", CONTEXT, None, Producer(), raw=raw)
    found = read_submission(newest().policy, kind, sent, SUBJECT, RELEASE)
    return Taken(found.format, found.data, found.warnings)


def forced(adapter: Adapter, raw: bytes, shape: str) -> None:
    """As one adapter reads a file that it may not have detected. Raises `Malformed` or `Invalid`."""
    reading = adapter.read(raw, Hints(context=CONTEXT, release=RELEASE, subject=SUBJECT, shape=shape))
    read_data(catalogue()[reading.shape], reading.data)


def originals() -> list[Original]:
    """In the order of their names."""
    shapes = sorted({shape for adapter in adapters().values() for shape in adapter.shapes})
    found = []
    for path in FILES:
        raw = path.read_bytes()
        for shape in shapes:
            try:
                found.append(Original(path, raw, shape, take(raw, shape)))
            except (Malformed, Invalid):
                continue
    return found
