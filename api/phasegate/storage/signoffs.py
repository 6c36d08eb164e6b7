"""Sign-offs and their withdrawals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, select

from phasegate.storage import texts
from phasegate.storage.direct import rows
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.approvals import SignOff, SignOffWithdrawal
from phasegate.storage.tables.texts import FreeText

_signoff = table_of(SignOff)
_withdrawal = table_of(SignOffWithdrawal)
_text = table_of(FreeText)
_PRIOR = 16
"""How many verdicts on other artifacts are looked at."""
_JSON = ("artifacts", "acknowledged", "covered")


class SignOffRecord(msgspec.Struct, frozen=True):
    """A verdict with all that it is bound to."""

    id: str
    subject: str
    bound: str
    release: str
    artifacts: tuple[str, ...]
    """The set of sha256, sorted."""
    policy: str
    policy_version: str
    policy_digest: str
    criterion: str
    role: str
    role_grant: str
    verdict: Literal["approve", "reject"]
    given_by: str
    given_at: datetime
    acknowledged: tuple[str, ...]
    covered: tuple[str, ...]
    """Digests of the covered records, sorted."""
    covers: str
    covers_shown: bool
    via: str
    assurance: str
    mfa: bool
    comment: str | None = None
    """None once erased."""
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


_COLUMNS = tuple(name for name in SignOffRecord.__struct_fields__ if name in _signoff.c)
_RECORDS = (
    select(*(_signoff.c[name] for name in _COLUMNS))
    .add_columns(_text.c.text, _withdrawal.c.withdrawn_at, _withdrawal.c.withdrawn_by)
    .outerjoin(
        _withdrawal,
        and_(
            *(_withdrawal.c[key] == _signoff.c[key] for key in ("org", "subject", "bound")),
            _withdrawal.c.signoff == _signoff.c.id,
        ),
    )
    .outerjoin(_text, and_(_text.c.org == _signoff.c.org, _text.c.id == _signoff.c.id))
    .where(_signoff.c.org == bindparam("org"))
)
_OF_SUBJECT = _RECORDS.where(_signoff.c.subject == bindparam("subject"))
_OF_BOUND = _OF_SUBJECT.where(_signoff.c.bound == bindparam("bound")).order_by(_signoff.c.id)
_BEFORE = (
    _OF_SUBJECT.where(_signoff.c.bound != bindparam("bound"), _signoff.c.given_at < bindparam("before"))
    .order_by(_signoff.c.id.desc())
    .limit(_PRIOR)
)
_BY_ID = _RECORDS.where(_signoff.c.id == bindparam("id"))
_strings = msgspec.json.Decoder(tuple[str, ...]).decode


def insert(connection: Connection, org: str, record: SignOffRecord) -> None:
    """Store a verdict and its comment."""
    values = {name: getattr(record, name) for name in _COLUMNS}
    values |= {name: msgspec.json.encode(values[name]) for name in _JSON}
    connection.execute(_signoff.insert().values(org=org, **values))
    texts.insert(connection, org, record.id, record.comment or "")


def of_bound(connection: Connection, org: str, subject: str, bound: str) -> list[SignOffRecord]:
    """All verdicts on one set of artifacts, oldest first."""
    return _records(connection, _OF_BOUND, {"org": org, "subject": subject, "bound": bound})


def before(connection: Connection, org: str, subject: str, bound: str, instant: datetime) -> list[SignOffRecord]:
    """The latest verdicts on other artifacts of the subject that were given before `instant`, newest first."""
    return _records(connection, _BEFORE, {"org": org, "subject": subject, "bound": bound, "before": instant})


def by_id(connection: Connection, org: str, identifier: str) -> SignOffRecord | None:
    return next(iter(_records(connection, _BY_ID, {"org": org, "id": identifier})), None)


def withdraw(
    connection: Connection, org: str, record: SignOffRecord, identifier: str, reason: str, by: str, at: datetime
) -> bool:
    """Withdraw a verdict from `at` on; False if it was withdrawn already. `identifier`: of the withdrawal."""
    values = {
        "org": org,
        "subject": record.subject,
        "bound": record.bound,
        "signoff": record.id,
        "id": identifier,
        "withdrawn_at": at,
        "withdrawn_by": by,
    }
    if not insert_if_new(connection, _withdrawal, values, ("org", "subject", "bound", "signoff")):
        return False
    texts.insert(connection, org, identifier, reason)
    return True


def _records(connection: Connection, query: Select[Any], asked: dict[str, Any]) -> list[SignOffRecord]:
    return [_record(row) for row in rows(connection, query, asked)]


def _record(row: Sequence[Any]) -> SignOffRecord:
    values = dict(zip(SignOffRecord.__struct_fields__, row, strict=True))
    values |= {name: _strings(values[name]) for name in _JSON}
    return SignOffRecord(**values)
