"""The answer: what `decide` returns, in the form in which every client reads it."""

from typing import Literal

import msgspec

from phasegate.engine.facts import Artifact, Strength

Instant = str
"""RFC 3339 in UTC, as `instants.rfc3339` writes it."""
Status = Literal["pass", "fail", "missing", "expired", "waived", "not-applicable", "error"]
Outcome = Literal["go", "no-go"]
SATISFIED: frozenset[Status] = frozenset({"pass", "waived", "not-applicable"})


class CheckResult(msgspec.Struct, frozen=True, gc=False):
    """One check: `passed` is null where it could not be computed or nothing was there to compute it on."""

    that: str
    passed: bool | None
    message: str | None


class EvidenceRead(msgspec.Struct, frozen=True, gc=False):
    """A record that a criterion was judged on."""

    id: str | None
    type: str
    digest: str
    collected_at: Instant
    strength: Strength


class RevokedEvidence(msgspec.Struct, frozen=True, gc=False):
    """A record of a type the criterion reads that was revoked since the release was registered."""

    id: str | None
    type: str
    digest: str
    revoked_at: Instant


class WaiverShown(msgspec.Struct, frozen=True, gc=False):
    """A waiver in force for a criterion."""

    reason: str
    granted_by: str
    expires_at: Instant
    used: bool
    """Whether the criterion needed it."""


class SignOffShown(msgspec.Struct, frozen=True, gc=False):
    """A sign-off and whether it counts."""

    role: str
    by: str
    verdict: Literal["approve", "reject"]
    at: Instant
    counts: bool
    reason: str | None


class CriterionResult(msgspec.Struct, frozen=True, gc=False):
    """One criterion of a decision."""

    id: str
    title: str
    status: Status
    blocking: bool
    reason: str | None
    remediation: str
    owner: str
    checks: tuple[CheckResult, ...]
    evidence: tuple[EvidenceRead, ...]
    revoked: tuple[RevokedEvidence, ...]
    expires_at: Instant | None
    """The earliest end among the evidence, the sign-offs and the waiver it rests on."""
    waiver: WaiverShown | None
    underlying: Status | None
    """The status beneath a waiver that is used."""
    because_of: tuple[str, ...] = ()
    signoffs: tuple[SignOffShown, ...] = ()


class PhaseResult(msgspec.Struct, frozen=True, gc=False):
    """One phase: `passed`, `open` (the first one not passed) or `locked` (an earlier one is not)."""

    id: str
    title: str
    status: Literal["passed", "open", "locked"]
    applicable: int
    """Criteria that apply."""
    satisfied: int
    """Of the applicable ones, those that pass or are waived."""
    reason: str | None
    criteria: tuple[CriterionResult, ...]


class Unmet(msgspec.Struct, frozen=True, gc=False):
    """A requirement of the next maturity level that does not hold."""

    id: str
    title: str
    reason: str


class NextLevel(msgspec.Struct, frozen=True, gc=False):
    level: int
    name: str
    unmet: tuple[Unmet, ...]


class Maturity(msgspec.Struct, frozen=True, gc=False):
    """The level reached, and what is unmet for the next one (null at the top)."""

    level: int
    name: str
    next: NextLevel | None


class PolicyRef(msgspec.Struct, frozen=True, gc=False):
    name: str
    version: str
    digest: str


class NextChange(msgspec.Struct, frozen=True, gc=False):
    at: Instant
    because: str


class Decision(msgspec.Struct, frozen=True, gc=False):
    """May this release pass this gate at this instant, and why."""

    subject: str
    release: str
    artifacts: tuple[Artifact, ...]
    policy: PolicyRef
    gate: str
    outcome: Outcome
    summary: str
    current_phase: str | None
    """The first phase that is not passed; null when all are."""
    phases: tuple[PhaseResult, ...]
    maturity: Maturity | None
    evaluated_at: Instant
    valid_until: Instant | None
    """Until then the answer stands without new facts; null: until new facts arrive."""
    next_change: NextChange | None
    inputs_digest: str


_encoder = msgspec.json.Encoder()


def encode(decision: Decision) -> bytes:
    """The decision as JSON; the same decision gives the same bytes."""
    return _encoder.encode(decision)
