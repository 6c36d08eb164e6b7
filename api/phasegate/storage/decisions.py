"""Decisions that were stored."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from phasegate.storage.statements import table_of
from phasegate.storage.tables import Decision

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
