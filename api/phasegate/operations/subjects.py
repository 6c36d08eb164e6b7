"""Creating, changing and retiring subjects."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from phasegate.engine.policy import Attribute
from phasegate.engine.shape import fits
from phasegate.operations.decisions import Clock
from phasegate.operations.policies import Policies, resolve
from phasegate.operations.releases import found_subject
from phasegate.storage import subjects as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.subjects import SubjectRecord


class Described(NamedTuple):
    """A subject as it shall stand."""

    name: str
    kind: str
    team: str
    title: str
    attributes: dict[str, Any]
    policy: str


class SubjectSaved(NamedTuple):
    subject: SubjectRecord
    created: bool
    warnings: tuple[str, ...]


async def save_subject(
    database: Database, policies: Policies, actor: Actor, wanted: Described, clock: Clock
) -> SubjectSaved:
    """Create the subject, or add a revision where it differs.

    Raises `Invalid` where no published policy version matches its binding.
    """

    def work(connection: Connection) -> SubjectSaved:
        published = resolve(connection, actor.org, wanted.policy)
        policy = policies.get(connection, actor.org, published.name, published.version).policy
        warnings = tuple(_misfits(policy.attributes or {}, wanted.attributes))
        current = stored.find(connection, actor.org, wanted.name, lock=True)
        if current is not None and _same(current, wanted):
            return SubjectSaved(current, False, warnings)
        stored.lock_counters(connection, actor.org, wanted.name, "")
        revision, at = 1, clock()  # behind the lock: what was decided before it knew the subject as it was
        if current is not None:
            # The later revision counts, also where the clock was set back between them.
            revision, at = current.revision + 1, max(at, current.updated_at)
        subject = SubjectRecord(revision=revision, updated_at=at, **wanted._asdict())
        if not stored.save(connection, actor.org, subject, actor.principal):
            raise RaceLostError
        action = "subject.created" if current is None else "subject.changed"
        target = ("subject", wanted.name)
        record(connection, actor, at, action, target, before=current, after=subject, subject=wanted.name)
        return SubjectSaved(subject, current is None, warnings)

    while True:
        try:
            return await database.write(work)
        except RaceLostError:
            continue


async def retire(database: Database, actor: Actor, subject: str, reason: str, at: datetime) -> SubjectRecord:
    """Take a subject out of the standings; its records and decisions stay. Again: nothing changes."""

    def work(connection: Connection) -> SubjectRecord:
        found_subject(connection, actor.org, subject)
        if stored.retire(connection, actor.org, subject, actor.principal, at, reason):
            record(
                connection,
                actor,
                at,
                "subject.retired",
                ("subject", subject),
                after={"retired_at": at},
                subject=subject,
            )
        return found_subject(connection, actor.org, subject)

    return await database.write(work)


class RaceLostError(Exception):
    """Another request created the subject first; the next try finds it."""


def _same(one: SubjectRecord, other: Described) -> bool:
    """Whether both say the same; as JSON, since to Python 1 and true are equal."""

    def shown(subject: SubjectRecord | Described) -> bytes:
        told = (subject.kind, subject.team, subject.title, subject.attributes, subject.policy)
        return msgspec.json.encode(told, order="sorted")

    return shown(one) == shown(other)


def without_nulls(value: Any) -> Any:
    """Attributes as they are kept: a null is dropped, since absent means unknown."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def _misfits(declared: dict[str, Attribute], attributes: dict[str, Any]) -> list[str]:
    """Values of another type than the policy declares: kept, since rules read them as they are."""
    return [
        f"attribute {name} is not of the type that the policy declares ({declared[name].type})"
        for name, value in attributes.items()
        if name in declared and not fits(declared[name].type, declared[name].values, value)
    ]
