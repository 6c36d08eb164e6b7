"""Requests for waivers, and what became of them."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, select

from phasegate.storage import texts
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.approvals import WaiverRequest, WaiverVerdict
from phasegate.storage.tables.texts import FreeText

_request = table_of(WaiverRequest)
_verdict = table_of(WaiverVerdict)
_text = table_of(FreeText)
_comment = _text.alias("comment")
_SAME = ("org", "subject", "release")

_RECORDS = (
    select(
        _request,
        _verdict.c.verdict,
        _verdict.c.given_by,
        _verdict.c.given_at,
        _text.c.text,
        _comment.c.text.label("comment"),
    )
    .outerjoin(
        _verdict, and_(*(_verdict.c[key] == _request.c[key] for key in _SAME), _verdict.c.request == _request.c.id)
    )
    .outerjoin(_text, and_(_text.c.org == _request.c.org, _text.c.id == _request.c.id))
    .outerjoin(_comment, and_(_comment.c.org == _verdict.c.org, _comment.c.id == _verdict.c.id))
    .where(_request.c.org == bindparam("org"))
)
_OF_RELEASE = _RECORDS.where(
    _request.c.subject == bindparam("subject"), _request.c.release == bindparam("release")
).order_by(_request.c.id)
_BY_ID = _RECORDS.where(_request.c.id == bindparam("id"))


class VerdictRecord(msgspec.Struct, frozen=True):
    """What became of a request."""

    verdict: Literal["approve", "reject"]
    given_by: str
    given_at: datetime
    comment: str | None
    """None once erased."""


class RequestRecord(msgspec.Struct, frozen=True):
    """Somebody asks for a waiver."""

    id: str
    subject: str
    release: str
    criterion: str
    requested_by: str
    requested_for: tuple[str, ...]
    """The people that a tool asked for."""
    requested_at: datetime
    expires_at: datetime
    reason: str | None = None
    """None once erased."""
    verdict: VerdictRecord | None = None

    @property
    def askers(self) -> tuple[str, ...]:
        return (self.requested_by, *self.requested_for)


_COLUMNS = tuple(name for name in RequestRecord.__struct_fields__ if name in _request.c)


def insert(connection: Connection, org: str, record: RequestRecord) -> None:
    """Store a request and its reason."""
    values = {name: getattr(record, name) for name in _COLUMNS}
    values["requested_for"] = msgspec.json.encode(record.requested_for)
    connection.execute(_request.insert().values(org=org, **values))
    texts.insert(connection, org, record.id, record.reason or "")


def of_release(connection: Connection, org: str, subject: str, release: str) -> list[RequestRecord]:
    """All requests for a release, oldest first."""
    return _records(connection, _OF_RELEASE, {"org": org, "subject": subject, "release": release})


def by_id(connection: Connection, org: str, identifier: str) -> RequestRecord | None:
    return next(iter(_records(connection, _BY_ID, {"org": org, "id": identifier})), None)


def decide(connection: Connection, org: str, request: RequestRecord, identifier: str, given: VerdictRecord) -> bool:
    """Store the verdict on a request; False if there is one. `identifier`: of the verdict."""
    values = {
        "org": org,
        "subject": request.subject,
        "release": request.release,
        "request": request.id,
        "id": identifier,
        "verdict": given.verdict,
        "given_by": given.given_by,
        "given_at": given.given_at,
    }
    if not insert_if_new(connection, _verdict, values, (*_SAME, "request")):
        return False
    texts.insert(connection, org, identifier, given.comment or "")
    return True


def _records(connection: Connection, query: Select[Any], asked: dict[str, Any]) -> list[RequestRecord]:
    found = []
    for row in connection.execute(query, asked):
        values = {name: row._mapping[_request.c[name]] for name in _COLUMNS}
        values["requested_for"] = tuple(msgspec.json.decode(values["requested_for"]))
        given = None
        if row.verdict is not None:
            given = VerdictRecord(row.verdict, row.given_by, row.given_at, row.comment)
        found.append(RequestRecord(**values, reason=row.text, verdict=given))
    return found
