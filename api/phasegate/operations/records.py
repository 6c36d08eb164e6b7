"""Records for good: decisions that someone asked to keep, and that a release went live."""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest_of_bytes
from phasegate.engine.structure import LAUNCH
from phasegate.operations.decisions import Answer, Clock, Decisions
from phasegate.operations.people_only import instant_of
from phasegate.operations.releases import found_release, found_subject
from phasegate.storage import decisions as stored
from phasegate.storage import launches, subjects
from phasegate.storage.audit import Actor, record
from phasegate.storage.columns import LATEST
from phasegate.storage.database import Database
from phasegate.storage.decisions import DecisionRecord
from phasegate.storage.launches import LaunchRecord


class Despite(NamedTuple):
    """Why a release went live although its decision was no-go."""

    kind: Literal["rollback", "emergency"]
    reason: str


class Launched(NamedTuple):
    launch: LaunchRecord | None
    """None: refused."""
    answer: Answer
    """The decision at that instant."""
    new: bool


def record_decision(
    connection: Connection, decisions: Decisions, actor: Actor, subject: str, version: str, gate: str, clock: Clock
) -> DecisionRecord:
    """Decide and keep the decision for good. Raises `NotFound`, or `Invalid` for an unknown gate."""
    release = found_release(connection, actor.org, subject, version)
    subjects.lock_counters(connection, actor.org, subject, release.bound)
    at = clock()  # behind the locks: nothing that was received before it is left out
    kept = _kept(connection, decisions.compute(connection, actor.org, release, gate, at), actor, at)
    after = {"gate": gate, "outcome": kept.outcome, "result_digest": kept.result_digest}
    target = ("decision", kept.id)
    record(connection, actor, at, "decision.recorded", target, after=after, subject=subject, release=version)
    return kept


async def launch(
    database: Database,
    decisions: Decisions,
    actor: Actor,
    subject: str,
    version: str,
    despite: Despite | None,
    clock: Clock,
) -> Launched:
    """Record that a release went live, with the decision it stands on, which is made on what stands in the
    same transaction. Refused where that is no-go, unless `despite` says why it went live all the same.

    The release that is live already: nothing new. One that was live before another: live anew.
    """

    def work(connection: Connection) -> Launched:
        found_subject(connection, actor.org, subject, lock=True)
        release = found_release(connection, actor.org, subject, version)
        subjects.lock_counters(connection, actor.org, subject, release.bound)
        at = instant_of(connection, actor, clock)  # behind the locks: nothing received before it is left out
        answer = decisions.compute(connection, actor.org, release, LAUNCH, at)
        live = next(iter(launches.received(connection, actor.org, subject, LATEST)), None)
        if live is not None and live.release == version:
            return Launched(live, answer, False)
        go = answer.decision.outcome == "go"
        if not go and despite is None:
            return Launched(None, answer, False)
        kept = _kept(connection, answer, actor, at)
        kind = "" if go or despite is None else despite.kind
        launched = LaunchRecord(str(uuid7()), version, at, actor.principal, kept.id, kind)
        reason = despite.reason if kind and despite is not None else ""
        launches.insert(connection, actor.org, subject, launched, reason)
        subjects.raise_counter(connection, actor.org, subject, "")
        target = ("release", f"{subject}/{version}")
        record(connection, actor, at, "release.launched", target, after=launched, subject=subject, release=version)
        return Launched(launched, answer, True)

    return await database.write(work)


def _kept(connection: Connection, answer: Answer, actor: Actor, at: datetime) -> DecisionRecord:
    decision = answer.decision
    kept = DecisionRecord(
        id=str(uuid7()),
        subject=decision.subject,
        release=decision.release,
        gate=decision.gate,
        outcome=decision.outcome,
        policy_digest=decision.policy.digest,
        inputs_digest=decision.inputs_digest,
        result_digest=digest_of_bytes(answer.body),
        body=answer.body,
        recorded_at=at,
        recorded_by=actor.principal,
    )
    stored.insert(connection, actor.org, kept)
    return kept
