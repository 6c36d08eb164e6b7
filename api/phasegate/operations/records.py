"""Records for good: decisions that someone asked to keep, and that a release went live."""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest_of_bytes
from phasegate.engine.instants import parse_instant
from phasegate.engine.structure import LAUNCH
from phasegate.operations.decisions import Answer, Clock, Decisions
from phasegate.operations.people_only import instant_of
from phasegate.operations.releases import found_release, found_subject
from phasegate.storage import decisions as stored
from phasegate.storage import launches, releases, subjects
from phasegate.storage.audit import Actor, record
from phasegate.storage.columns import LATEST
from phasegate.storage.database import Database
from phasegate.storage.decisions import DecisionRecord
from phasegate.storage.launches import LaunchRecord
from phasegate.storage.releases import ReleaseRecord


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
    now = _instant(connection, actor, release, clock)
    kept = _kept(connection, decisions.compute(connection, actor.org, release, gate, now), actor)
    after = {"gate": gate, "outcome": kept.outcome, "result_digest": kept.result_digest}
    target = ("decision", kept.id)
    at = kept.recorded_at
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
        live = next(iter(launches.received(connection, actor.org, subject, LATEST)), None)
        now = _instant(connection, actor, release, clock)
        answer = decisions.compute(connection, actor.org, release, LAUNCH, now)
        if live is not None and live.release == version:
            return Launched(live, answer, False)
        go = answer.decision.outcome == "go"
        if not go and despite is None:
            return Launched(None, answer, False)
        kept = _kept(connection, answer, actor)
        # What is live is what was launched last, also where the clock was set back between them.
        at = kept.recorded_at if live is None else max(kept.recorded_at, live.launched_at)
        kind = "" if go or despite is None else despite.kind
        launched = LaunchRecord(str(uuid7()), version, at, actor.principal, kept.id, kind)
        reason = despite.reason if kind and despite is not None else ""
        launches.insert(connection, actor.org, subject, launched, reason)
        subjects.raise_counter(connection, actor.org, subject, "")
        target = ("release", f"{subject}/{version}")
        record(connection, actor, at, "release.launched", target, after=launched, subject=subject, release=version)
        return Launched(launched, answer, True)

    return await database.write(work)


def _instant(connection: Connection, actor: Actor, release: ReleaseRecord, clock: Clock) -> datetime:
    """The instant of a record, behind the locks and not before what is recorded of subject and policy, whatever the
    clock says: nothing is left out."""
    subject = found_subject(connection, actor.org, release.subject)
    moved = releases.pinned_at(connection, actor.org, release.subject, release.version, LATEST)
    return max(instant_of(connection, actor, clock), subject.updated_at, moved or release.registered_at)


def _kept(connection: Connection, answer: Answer, actor: Actor) -> DecisionRecord:
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
        recorded_at=parse_instant(decision.evaluated_at),
        recorded_by=actor.principal,
    )
    stored.insert(connection, actor.org, kept)
    return kept
