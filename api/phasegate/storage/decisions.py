"""Decisions that were stored."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from phasegate.storage.statements import table_of
from phasegate.storage.tables.releases import Decision

_decision = table_of(Decision)


class DecisionRecord(msgspec.Struct, frozen=True):
    """A decision as it was given, with the digests of policy, facts and result."""

    id: str
    subject: str
    release: str
    gate: str
    outcome: str
    policy_digest: str
    inputs_digest: str
    result_digest: str
    body: bytes
    recorded_at: datetime
    recorded_by: str


def insert(connection: Connection, org: str, record: DecisionRecord) -> None:
    connection.execute(_decision.insert().values(org=org, **msgspec.structs.asdict(record)))


def find(connection: Connection, org: str, identifier: str) -> DecisionRecord | None:
    query = select(*(_decision.c[name] for name in DecisionRecord.__struct_fields__))
    row = connection.execute(query.where(_decision.c.org == org, _decision.c.id == identifier)).first()
    return None if row is None else DecisionRecord(*row)


def page(
    connection: Connection, org: str, before: str, limit: int, subject: str | None, outcome: str | None
) -> list[DecisionRecord]:
    """Decisions stored before the one with id `before` (empty: all), newest first."""
    query = select(*(_decision.c[name] for name in DecisionRecord.__struct_fields__)).where(_decision.c.org == org)
    if before:
        query = query.where(_decision.c.id < before)
    if subject is not None:
        query = query.where(_decision.c.subject == subject)
    if outcome is not None:
        query = query.where(_decision.c.outcome == outcome)
    return [DecisionRecord(*row) for row in connection.execute(query.order_by(_decision.c.id.desc()).limit(limit))]
