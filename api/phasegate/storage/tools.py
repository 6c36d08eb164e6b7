"""Tools: who owns them."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import Principal, ToolRevision

_principal = table_of(Principal)
_revision = table_of(ToolRevision)
_each = _revision.alias()
_newest = (
    select(func.max(_each.c.revision))
    .where(_each.c.org == _principal.c.org, _each.c.tool == _principal.c.id)
    .scalar_subquery()
)
_TOOLS = (
    select(_principal.c.id, _principal.c.created_at, _revision)
    .select_from(_principal)
    .outerjoin(
        _revision,
        and_(_revision.c.org == _principal.c.org, _revision.c.tool == _principal.c.id, _revision.c.revision == _newest),
    )
    .where(_principal.c.org == bindparam("asked_org"), _principal.c.kind == "tool")
)
_TOOL = _TOOLS.where(_principal.c.id == bindparam("asked_tool"))
_PAGE = _TOOLS.where(_principal.c.id > bindparam("after")).order_by(_principal.c.id).limit(bindparam("most"))


class ToolRecord(msgspec.Struct, frozen=True):
    """A tool as it stands."""

    name: str
    revision: int
    """0 for one that got a token and that nobody has described."""
    owner: str | None
    """The person it acts for; None for one that nobody has described."""
    title: str
    updated_at: datetime


def find(connection: Connection, org: str, tool: str) -> ToolRecord | None:
    row = connection.execute(_TOOL, {"asked_org": org, "asked_tool": tool}).first()
    return None if row is None else _record(row)


def page(connection: Connection, org: str, after: str, limit: int) -> list[ToolRecord]:
    """Tools behind `after`, by name."""
    rows = connection.execute(_PAGE, {"asked_org": org, "after": after, "most": limit})
    return [_record(row) for row in rows]


def save(connection: Connection, org: str, wanted: ToolRecord, by: str) -> bool:
    """Store a revision, `wanted.updated_at` being its instant. False if it is there: another request was faster."""
    values = {
        "org": org,
        "tool": wanted.name,
        "revision": wanted.revision,
        "owner": wanted.owner,
        "title": wanted.title,
        "received_at": wanted.updated_at,
        "received_from": by,
    }
    return insert_if_new(connection, _revision, values, ("org", "tool", "revision"))


def owners(connection: Connection, org: str, tool: str) -> frozenset[str]:
    """Everybody who ever owned the tool."""
    query = select(_revision.c.owner).where(_revision.c.org == org, _revision.c.tool == tool)
    return frozenset(connection.execute(query).scalars())


def _record(row: Any) -> ToolRecord:
    return ToolRecord(row.id, row.revision or 0, row.owner, row.title or "", row.received_at or row.created_at)
