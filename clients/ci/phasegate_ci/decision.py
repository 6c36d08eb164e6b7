"""The decision as this client reads it, and when an answer may be believed."""

from typing import Literal

import msgspec

from phasegate_ci.exits import untrusted

SATISFIED = frozenset({"pass", "waived", "not-applicable"})
LAUNCH = "launch"


class Artifact(msgspec.Struct, frozen=True):
    name: str
    sha256: str


class Policy(msgspec.Struct, frozen=True):
    name: str
    version: str


class Check(msgspec.Struct, frozen=True):
    that: str = ""
    passed: bool | None = None
    message: str | None = None


class Evidence(msgspec.Struct, frozen=True):
    type: str


class Criterion(msgspec.Struct, frozen=True):
    id: str
    status: str
    """One this client doesn't know is not satisfied."""
    blocking: bool
    title: str = ""
    reason: str | None = None
    remediation: str | None = None
    owner: str | None = None
    checks: list[Check] = []
    evidence: list[Evidence] = []
    because_of: list[str] = []

    @property
    def stands_between(self) -> bool:
        """Whether it keeps its gate shut."""
        return self.blocking and self.status not in SATISFIED


class Phase(msgspec.Struct, frozen=True):
    id: str
    status: str
    applicable: int
    satisfied: int
    criteria: list[Criterion]
    title: str = ""
    reason: str | None = None


class Change(msgspec.Struct, frozen=True):
    at: str
    because: str = ""


class Decision(msgspec.Struct, frozen=True):
    """The fields this client needs; a field without a default that is missing makes the answer worthless."""

    subject: str
    release: str
    artifacts: list[Artifact]
    policy: Policy
    gate: str
    outcome: Literal["go", "no-go"]
    summary: str
    phases: list[Phase]
    valid_until: str | None = None
    next_change: Change | None = None

    @property
    def before_gate(self) -> list[Phase]:
        """The phases up to the gate: those behind it don't count for it. Empty where the gate isn't among them."""
        if self.gate == LAUNCH:
            return self.phases
        last = next((n for n, phase in enumerate(self.phases) if phase.id == self.gate), -1)
        return self.phases[: last + 1]

    @property
    def standing_between(self) -> list[Criterion]:
        """The blocking criteria up to the gate that are not satisfied, in the policy's order."""
        return [c for phase in self.before_gate for c in phase.criteria if c.stands_between]


def read(body: bytes, subject: str, release: str, gate: str) -> Decision:
    """The decision in an answer to this very question; a `Stop` where it is none, of another, or no go at all.

    A go is taken at its word only where it doesn't contradict itself: some phase stands before the gate,
    and each that does is passed.
    """
    try:
        decision = msgspec.json.decode(body, type=Decision)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise untrusted(f"it is no decision ({failure})") from failure
    asked = {"subject": subject, "release": release, "gate": gate}
    for what, value in asked.items():
        answered = getattr(decision, what)
        if answered != value:
            raise untrusted(f"it is about the {what} {answered!r}; asked was {value!r}")
    phases = decision.before_gate
    if decision.outcome == "go" and (not phases or any(phase.status != "passed" for phase in phases)):
        raise untrusted("it says go, yet not every phase before the gate is passed")
    return decision
