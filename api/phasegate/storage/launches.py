"""Launches: which releases went live, and when."""

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, bindparam, select

from phasegate.storage import texts
from phasegate.storage.direct import rows
from phasegate.storage.statements import table_of
from phasegate.storage.tables.releases import Launch

_launch = table_of(Launch)


class LaunchRecord(msgspec.Struct, frozen=True):
    """That a release went live."""

    id: str
    release: str
    launched_at: datetime
    launched_by: str
    decision: str
    """Id of the stored decision."""
    despite: Literal["", "rollback", "emergency"] = ""
    """`rollback` or `emergency` where the decision was no-go, else empty."""


_LAUNCHES = (
    select(*(_launch.c[name] for name in LaunchRecord.__struct_fields__))
    .where(
        _launch.c.org == bindparam("org"),
        _launch.c.subject == bindparam("subject"),
        _launch.c.launched_at <= bindparam("until"),
    )
    .order_by(_launch.c.launched_at.desc(), _launch.c.id.desc())
)


def insert(connection: Connection, org: str, subject: str, launch: LaunchRecord, reason: str) -> None:
    """Record a launch; `reason` is empty where none is due."""
    if reason:
        texts.insert(connection, org, launch.id, reason)
    connection.execute(_launch.insert(), {"org": org, "subject": subject, **msgspec.structs.asdict(launch)})


def received(connection: Connection, org: str, subject: str, until: datetime) -> list[LaunchRecord]:
    """Launches of a subject received by `until`, latest first: the first is the live one."""
    found = rows(connection, _LAUNCHES, {"org": org, "subject": subject, "until": until})
    return [LaunchRecord(*row) for row in found]
