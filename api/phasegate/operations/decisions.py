"""Deciding on what is stored: computed once, kept until a fact or time changes it."""

from collections import OrderedDict
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest_of_bytes
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision, Maturity, encode
from phasegate.engine.facts import Facts
from phasegate.engine.gate import decide
from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, NotFound
from phasegate.operations.facts import gather
from phasegate.operations.policies import Policies, resolve
from phasegate.operations.releases import found_release, found_subject
from phasegate.storage import decisions, releases, subjects
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.decisions import DecisionRecord
from phasegate.storage.releases import LaunchRecord, Pin, ReleaseRecord
from phasegate.storage.tokens import TokenRecord

_KEPT = 4096


class Answer(NamedTuple):
    """A decision ready to be sent."""

    decision: Decision
    body: bytes
    tag: str
    """Made of the facts, the policy, `valid_until` and what was asked, so that none survives a lapse."""


class Basis(NamedTuple):
    """An answer and all that it was made from, for whoever shows more than the decision does."""

    answer: Answer
    policy: CompiledPolicy
    facts: Facts


class _Kept(NamedTuple):
    pin: Pin
    evaluated_at: datetime
    valid_until: datetime | None
    answer: Answer

    def holds(self, pin: Pin, now: datetime) -> bool:
        """Whether neither a fact nor time has changed the answer."""
        ahead = self.valid_until is None or now < self.valid_until
        return self.pin == pin and self.evaluated_at <= now and ahead


class Decisions:
    """Answers of this process, by release and gate."""

    def __init__(self, database: Database, policies: Policies) -> None:
        self._database = database
        self._policies = policies
        self._kept: OrderedDict[tuple[str, str, str, str], _Kept] = OrderedDict()

    async def current(self, org: str, subject: str, version: str, gate: str, now: datetime) -> Answer:
        """The decision at `now`. Raises `NotFound`, or `Invalid` for an unknown gate."""
        key = (org, subject, version, gate)

        def work(connection: Connection) -> _Kept:
            pin = _pin(connection, org, subject, version)
            kept = self._kept.get(key)
            if kept is not None and kept.holds(pin, now):
                return kept
            release = found_release(connection, org, subject, version)
            answer = self.compute(connection, org, release, gate, now, pin)
            until = answer.decision.valid_until
            return _Kept(pin, now, None if until is None else parse_instant(until), answer)

        kept = await self._database.read(work)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept.answer

    async def kept(self, token: TokenRecord, subject: str, version: str, gate: str, now: datetime) -> Answer | None:
        """The decision at `now` if it is kept and still stands, and the token was not revoked: one query. Else None,
        whatever the cause; to ask for the `token` again and for `current` tells it."""
        key = (token.org, subject, version, gate)
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        asked = {"org": token.org, "subject": subject, "version": version, "token": token.id}
        found = await self._database.row(releases.PIN_FOR, asked)
        if found is None:
            return None
        *pin, revoked = found
        return kept.answer if not revoked and kept.holds(Pin(*pin), now) else None

    async def past(self, org: str, subject: str, version: str, gate: str, at: datetime, now: datetime) -> Answer:
        """The decision for an instant that has been. Raises `Invalid` for one ahead."""
        return (await self.basis(org, subject, version, gate, at, now)).answer

    async def basis(self, org: str, subject: str, version: str, gate: str, at: datetime, now: datetime) -> Basis:
        """The decision for an instant that has been, or is, made anew and with its facts. Raises like `past`."""
        if at > now:
            fault = Fault("at", f"is later than now ({rfc3339(now)})", suggestion="POST /v1/evaluate looks ahead")
            raise Invalid("a decision for an instant ahead can't be given", faults=(fault,))

        def work(connection: Connection) -> Basis:
            release = found_release(connection, org, subject, version)
            if at < release.registered_at:
                fault = Fault("at", f"is before the release was registered ({rfc3339(release.registered_at)})")
                raise Invalid("the release did not exist at that instant", faults=(fault,))
            pin = _pin(connection, org, subject, version)
            return self._basis(connection, org, release, gate, at, pin)

        return await self._database.read(work)

    def compute(
        self, connection: Connection, org: str, release: ReleaseRecord, gate: str, at: datetime, pin: Pin
    ) -> Answer:
        """Decide on the facts that stand in this transaction."""
        return self._basis(connection, org, release, gate, at, pin).answer

    def _basis(
        self, connection: Connection, org: str, release: ReleaseRecord, gate: str, at: datetime, pin: Pin
    ) -> Basis:
        policy = self._policies.get(connection, org, release.policy, release.policy_version)
        facts = gather(connection, org, release, policy, at)
        decision = decide(policy, facts, gate, at)
        asked = (org, release.subject, release.version, gate, *pin, policy.digest, decision.valid_until)
        tag = sha256(repr(asked).encode()).hexdigest()[:32]
        return Basis(Answer(decision, encode(decision), tag), policy, facts)

    async def launch(
        self, actor: Actor, subject: str, version: str, now: datetime
    ) -> tuple[LaunchRecord | None, Answer, bool]:
        """Record that a release went live: the launch (None where the answer is no-go), the decision it
        stands on, and whether it is new. The decision is made on what stands in the same transaction."""

        def work(connection: Connection) -> tuple[LaunchRecord | None, Answer, bool]:
            found_subject(connection, actor.org, subject, lock=True)
            release = found_release(connection, actor.org, subject, version)
            subjects.lock_counters(connection, actor.org, subject, release.bound)
            pin = _pin(connection, actor.org, subject, version)
            answer = self.compute(connection, actor.org, release, LAUNCH, now, pin)
            # Whoever waited for the lock longest can hold an instant before that of the launch.
            launched = releases.launch_of(connection, actor.org, subject, version)
            if launched is not None:
                return launched, answer, False
            if answer.decision.outcome != "go":
                return None, answer, False
            stored = _stored(answer, actor, now)
            decisions.insert(connection, actor.org, stored)
            launched = LaunchRecord(version, now, actor.principal, stored.id)
            releases.insert_launch(connection, actor.org, subject, launched)
            subjects.raise_counter(connection, actor.org, subject, "")
            target = ("release", f"{subject}/{version}")
            record(connection, actor, now, "release.launched", target, after=launched)
            return launched, answer, True

        return await self._database.write(work)

    async def maturity(
        self, org: str, subject: str, now: datetime
    ) -> tuple[ReleaseRecord | None, Maturity | None, str | None]:
        """The subject's reference release (latest launched, else newest), its maturity, and until when."""

        def reference(connection: Connection) -> tuple[ReleaseRecord | None, Maturity | None]:
            binding = found_subject(connection, org, subject).policy
            launched = releases.launches(connection, org, subject, now)
            if launched:
                return found_release(connection, org, subject, launched[0].release), None
            newest = releases.newest(connection, org, subject)
            if newest is not None:
                return newest, None
            published = resolve(connection, org, binding)
            levels = self._policies.get(connection, org, published.name, published.version).policy.maturity
            return None, None if levels is None else Maturity(levels.levels[0].level, levels.levels[0].name, None)

        release, level = await self._database.read(reference)
        if release is None:
            return None, level, None
        answer = await self.current(org, subject, release.version, LAUNCH, now)
        return release, answer.decision.maturity, answer.decision.valid_until


def _pin(connection: Connection, org: str, subject: str, version: str) -> Pin:
    pin = releases.pin(connection, org, subject, version)
    if pin is None:
        found_subject(connection, org, subject)
        raise NotFound("the subject has no such release; register it first")
    return pin


def _stored(answer: Answer, actor: Actor, now: datetime) -> DecisionRecord:
    decision = answer.decision
    return DecisionRecord(
        id=str(uuid7()),
        subject=decision.subject,
        release=decision.release,
        gate=decision.gate,
        outcome=decision.outcome,
        policy_digest=decision.policy.digest,
        inputs_digest=decision.inputs_digest,
        result_digest=digest_of_bytes(answer.body),
        body=answer.body,
        recorded_at=now,
        recorded_by=actor.principal,
    )
