"""Deciding on what is stored: computed once, kept until a fact or time changes it."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision, Maturity, encode
from phasegate.engine.facts import Facts
from phasegate.engine.gate import decide
from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, NotFound
from phasegate.operations.facts import gather, latest
from phasegate.operations.policies import Policies, resolve
from phasegate.operations.releases import found_release, found_subject
from phasegate.operations.remembered import Records
from phasegate.storage import launches, releases
from phasegate.storage.columns import LATEST
from phasegate.storage.database import Database
from phasegate.storage.releases import Pin, ReleaseRecord
from phasegate.storage.tokens import TokenRecord

Clock = Callable[[], datetime]
"""Now, in UTC."""
_KEPT = 4096


class Answer(NamedTuple):
    """A decision ready to be sent."""

    decision: Decision
    body: bytes
    tag: str
    """Made of the facts, the policy, `valid_until` and what was asked, so that none survives a lapse."""
    settled: bool
    """Whether nothing is recorded with a later instant, which would count once the clock got there: always so where
    all servers' clocks agree."""


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
        self._records = Records()

    async def current(self, org: str, subject: str, version: str, gate: str, clock: Clock) -> Answer:
        """The decision now. Raises `NotFound`, or `Invalid` for an unknown gate."""
        key = (org, subject, version, gate)

        def work(connection: Connection) -> _Kept:
            pin = _pin(connection, org, subject, version)
            # Read behind the counters: a fact that they count and that was received later would be kept out for good.
            now = clock()
            kept = self._kept.get(key)
            if kept is not None and kept.holds(pin, now):
                return kept
            release = found_release(connection, org, subject, version)
            answer = self._basis(connection, org, release, gate, now, pin, self._records).answer
            until = answer.decision.valid_until
            return _Kept(pin, now, None if until is None else parse_instant(until), answer)

        kept = await self._database.read(work)
        if not kept.answer.settled:
            return kept.answer
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept.answer

    async def kept(self, token: TokenRecord, subject: str, version: str, gate: str, now: datetime) -> Answer | None:
        """The decision at `now` if it is kept and still stands, and nothing became of the token: one query. Else None,
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
        *pin, touched = found
        return kept.answer if not touched and kept.holds(Pin(*pin), now) else None

    async def past(self, org: str, subject: str, version: str, gate: str, at: datetime, now: datetime) -> Answer:
        """The decision for an instant that has been. Raises `Invalid` for one ahead."""
        return (await self.basis(org, subject, version, gate, at, now)).answer

    async def basis(self, org: str, subject: str, version: str, gate: str, at: datetime, now: datetime) -> Basis:
        """The decision for an instant that has been, or is, made anew and with its facts. Raises like `past`."""
        if at > now:
            fault = Fault("at", f"is later than now ({rfc3339(now)})", suggestion="POST /v1/evaluate looks ahead")
            raise Invalid("a decision for an instant ahead can't be given", faults=(fault,))

        def work(connection: Connection) -> Basis:
            release = found_release(connection, org, subject, version, at)
            if at < release.registered_at:
                fault = Fault("at", f"is before the release was registered ({rfc3339(release.registered_at)})")
                raise Invalid("the release did not exist at that instant", faults=(fault,))
            pin = _pin(connection, org, subject, version)
            return self._basis(connection, org, release, gate, at, pin, self._records)

        return await self._database.read(work)

    def compute(self, connection: Connection, org: str, release: ReleaseRecord, gate: str, at: datetime) -> Answer:
        """Decide on the facts that stand in this transaction: at `at`, or at the latest instant that is recorded of
        them where that lies ahead, since what is kept for good overlooks nothing."""
        pin = _pin(connection, org, release.subject, release.version)
        found = self._basis(connection, org, release, gate, at, pin)
        if not found.answer.settled:
            found = self._basis(connection, org, release, gate, latest(found.facts), pin)
        return found.answer

    def _basis(
        self,
        connection: Connection,
        org: str,
        release: ReleaseRecord,
        gate: str,
        at: datetime,
        pin: Pin,
        records: Records | None = None,
    ) -> Basis:
        policy = self._policies.get(connection, org, release.policy, release.policy_version)
        facts = gather(connection, org, release, policy, at, records)
        decision = decide(policy, facts, gate, at)
        settled = at >= latest(facts)
        moment = "" if settled else decision.evaluated_at
        asked = (org, release.subject, release.version, gate, *pin, policy.digest, decision.valid_until, moment)
        tag = sha256(repr(asked).encode()).hexdigest()[:32]
        return Basis(Answer(decision, encode(decision), tag, settled), policy, facts)

    async def maturity(
        self, org: str, subject: str, clock: Clock
    ) -> tuple[ReleaseRecord | None, Maturity | None, str | None]:
        """The subject's reference release (latest launched, else newest), its maturity, and until when."""

        def reference(connection: Connection) -> tuple[ReleaseRecord | None, Maturity | None]:
            binding = found_subject(connection, org, subject).policy
            launched = launches.received(connection, org, subject, LATEST)
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
        answer = await self.current(org, subject, release.version, LAUNCH, clock)
        return release, answer.decision.maturity, answer.decision.valid_until


def _pin(connection: Connection, org: str, subject: str, version: str) -> Pin:
    pin = releases.pin(connection, org, subject, version)
    if pin is None:
        found_subject(connection, org, subject)
        raise NotFound("the subject has no such release; register it first")
    return pin
