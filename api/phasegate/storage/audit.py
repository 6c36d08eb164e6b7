"""The audit entry that every change writes in its own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.storage.direct import first
from phasegate.storage.statements import table_of
from phasegate.storage.tables import Audit

_INSERT = table_of(Audit).insert()


class Actor(NamedTuple):
    """Who makes a change, and by which door."""

    org: str
    principal: str
    token: str
    """Id of the token; empty for the server itself."""
    via: str
    """`api` or `cli`."""
    request_id: str = ""


def record(
    connection: Connection,
    actor: Actor,
    at: datetime,
    action: str,
    target: tuple[str, str],
    *,
    before: Any = None,
    after: Any = None,
) -> None:
    """Record `action` (`evidence.submitted`, …) on `target`, its kind and id."""
    first(connection, _INSERT, _entry(actor, at, action, target, before, after))


def record_all(
    connection: Connection, actor: Actor, at: datetime, action: str, changes: Sequence[tuple[tuple[str, str], Any]]
) -> None:
    """Record the same action on many targets, each with what it is after it."""
    if changes:
        connection.execute(_INSERT, [_entry(actor, at, action, target, None, after) for target, after in changes])


def _entry(actor: Actor, at: datetime, action: str, target: tuple[str, str], before: Any, after: Any) -> dict[str, Any]:
    return {
        "org": actor.org,
        "id": str(uuid7()),
        "at": at,
        "actor": actor.principal,
        "via": actor.via,
        "token": actor.token,
        "action": action,
        "target_kind": target[0],
        "target_id": target[1],
        "before": None if before is None else msgspec.json.encode(before),
        "after": None if after is None else msgspec.json.encode(after),
        "request_id": actor.request_id,
    }
