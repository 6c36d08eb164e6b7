"""What was shown of one release: the facts a decision is made from."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import msgspec

from phasegate.engine.instants import rfc3339

_metadata = msgspec.json.Encoder(order="sorted")
Strength = Literal["declared", "measured", "attested"]
STRENGTHS: tuple[Strength, ...] = ("declared", "measured", "attested")
"""Weakest first."""


class Artifact(msgspec.Struct, frozen=True):
    """One file of a release."""

    name: str
    sha256: str
    """64 lower-case hex digits."""


class Producer(msgspec.Struct, frozen=True):
    """The tool that wrote a piece of evidence; empty where unknown."""

    tool: str = ""
    version: str = ""


class Subject(msgspec.Struct, frozen=True):
    """The long-lived thing under governance, as it stood at the instant of the decision."""

    name: str
    kind: str
    team: str
    title: str = ""
    attributes: dict[str, Any] = {}


class Release(msgspec.Struct, frozen=True):
    """One immutable candidate of a subject."""

    version: str
    artifacts: tuple[Artifact, ...]
    registered_at: datetime
    registered_by: str = ""
    registered_for: tuple[str, ...] = ()
    predecessor: str = ""
    """Version of the subject's latest launch of another release; empty if there is none."""
    pinned_at: datetime | None = None
    """Since when it is judged by its policy version; None: since it was registered. No rule reads it."""

    @property
    def ordered(self) -> tuple[Artifact, ...]:
        """The artifacts in the one order in which they are shown."""
        return tuple(sorted(self.artifacts, key=lambda artifact: (artifact.name, artifact.sha256)))

    @property
    def digests(self) -> frozenset[str]:
        """The set of artifact digests that evidence of scope `release` is bound to."""
        return frozenset(artifact.sha256 for artifact in self.artifacts)


class Evidence(msgspec.Struct, frozen=True, dict=True):
    """One record. `data` is normalised by the shape of its type; nobody changes it, since whoever gathers facts may
    keep records and give the same ones again."""

    type: str
    data: dict[str, Any]
    collected_at: datetime
    """The tool's clock."""
    received_at: datetime
    """Our clock."""
    digest: str
    """Identity of the record, `sha256:…`."""
    context: dict[str, str] = {}
    revoked_at: datetime | None = None
    submitted_by: str = ""
    submitted_for: tuple[str, ...] = ()
    producer: Producer = Producer()
    strength: Strength = "declared"
    format: str = "json"
    artifacts: tuple[str, ...] | None = None
    """The set of sha256 it is bound to; None: the artifacts of the release decided on."""
    identity: dict[str, str] = {}
    """Verified claims of the CI run."""
    id: str | None = None

    @cached_property
    def line(self) -> bytes:
        """The canonical line of a record that isn't revoked."""
        return self.line_of(None)

    def line_of(self, revoked_at: datetime | None) -> bytes:
        """All that a decision can show or judge of a record; RFC 8785 where, as here, all is text and null.

        Data, context, producer and binding stand behind the record's digest.
        """
        return _metadata.encode(
            (
                self.digest,
                self.type,
                _moment(self.collected_at),
                _moment(self.received_at),
                None if revoked_at is None else rfc3339(revoked_at),
                self.submitted_by,
                sorted(set(self.submitted_for)) if self.submitted_for else (),
                self.strength,
                self.format,
                self.identity,
                self.id,
            )
        )


def _moment(instant: datetime) -> datetime | str:
    """What is written as `rfc3339` writes it: msgspec does so itself, and quicker, but for fractions."""
    return instant if instant.microsecond == 0 and instant.tzinfo is UTC else rfc3339(instant)


class Waiver(msgspec.Struct, frozen=True):
    """A time-boxed, reasoned exception for one criterion of one release."""

    criterion: str
    reason: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class SignOff(msgspec.Struct, frozen=True):
    """A person's approval or rejection in a role."""

    role: str
    verdict: Literal["approve", "reject"]
    by: str
    at: datetime
    """When it was given, which is when it was received."""
    criterion: str | None = None
    """None: the one criterion that asks for the role."""
    acknowledged: tuple[str, ...] = ()
    comment: str = ""
    via: str = "web"
    """The channel through which it was given."""
    mfa: bool = False
    withdrawn_at: datetime | None = None
    artifacts: tuple[str, ...] | None = None
    """The set of sha256 it was given for; None: the artifacts of the release decided on."""
    policy_digest: str | None = None
    """The policy version it was given under; None: the one decided by."""
    covered: tuple[str, ...] | None = None
    """Digests of the records that its giver was shown; None: of those selected when it was given. What is received
    with an earlier instant and stored later can't slip in between."""
    id: str | None = None


class Facts(msgspec.Struct, frozen=True):
    """Everything known of one release. Order and duplicates don't matter."""

    subject: Subject
    release: Release
    evidence: tuple[Evidence, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    signoffs: tuple[SignOff, ...] = ()
