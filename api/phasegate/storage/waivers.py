"""Waivers and their revocations."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, bindparam, select

from phasegate.storage import texts
from phasegate.storage.direct import rows
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.approvals import Waiver, WaiverRevocation
from phasegate.storage.tables.texts import FreeText

_waiver = table_of(Waiver)
_revocation = table_of(WaiverRevocation)
_text = table_of(FreeText)
_SAME = ("org", "subject", "release")


class WaiverRecord(msgspec.Struct, frozen=True):
    """An exception for one criterion of one release."""

    id: str
    subject: str
    release: str
    criterion: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    request: str | None = None
    """Id of the request that it grants."""
    reason: str | None = None
    """None once erased."""
    revoked_at: datetime | None = None
    revoked_by: str | None = None


_COLUMNS = tuple(name for name in WaiverRecord.__struct_fields__ if name in _waiver.c)
_RECORDS = (
    select(*(_waiver.c[name] for name in _COLUMNS))
    .add_columns(_text.c.text, _revocation.c.revoked_at, _revocation.c.revoked_by)
    .outerjoin(
        _revocation,
        and_(*(_revocation.c[key] == _waiver.c[key] for key in _SAME), _revocation.c.waiver == _waiver.c.id),
    )
    .outerjoin(_text, and_(_text.c.org == _waiver.c.org, _text.c.id == _waiver.c.id))
    .where(_waiver.c.org == bindparam("org"))
)
_OF_RELEASE = _RECORDS.where(
    _waiver.c.subject == bindparam("subject"), _waiver.c.release == bindparam("release")
).order_by(_waiver.c.id)
_BY_ID = _RECORDS.where(_waiver.c.id == bindparam("id"))


def insert(connection: Connection, org: str, record: WaiverRecord) -> None:
    """Store a waiver and its reason."""
    connection.execute(_waiver.insert().values(org=org, **{name: getattr(record, name) for name in _COLUMNS}))
    texts.insert(connection, org, record.id, record.reason or "")


def of_release(connection: Connection, org: str, subject: str, release: str) -> list[WaiverRecord]:
    """All waivers of a release, oldest first."""
    found = rows(connection, _OF_RELEASE, {"org": org, "subject": subject, "release": release})
    return [WaiverRecord(*row) for row in found]


def by_id(connection: Connection, org: str, identifier: str) -> WaiverRecord | None:
    return next((WaiverRecord(*row) for row in rows(connection, _BY_ID, {"org": org, "id": identifier})), None)


def page(
    connection: Connection, org: str, after: str, limit: int, *, now: datetime, standing: bool
) -> list[WaiverRecord]:
    """Waivers of the org behind the one with id `after`, oldest first; `standing`: those alone that are neither
    revoked nor over at `now`."""
    query = _RECORDS.where(_waiver.c.id > after)
    if standing:
        query = query.where(_waiver.c.expires_at > now, _revocation.c.revoked_at.is_(None))
    found = connection.execute(query.order_by(_waiver.c.id).limit(limit), {"org": org})
    return [WaiverRecord(*row) for row in found]


def revoke(
    connection: Connection, org: str, record: WaiverRecord, identifier: str, reason: str, by: str, at: datetime
) -> bool:
    """Revoke a waiver from `at` on; False if it was revoked already. `identifier`: of the revocation."""
    values = {
        "org": org,
        "subject": record.subject,
        "release": record.release,
        "waiver": record.id,
        "id": identifier,
        "revoked_at": at,
        "revoked_by": by,
    }
    if not insert_if_new(connection, _revocation, values, (*_SAME, "waiver")):
        return False
    texts.insert(connection, org, identifier, reason)
    return True
