"""Roles that people hold."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from phasegate.storage import texts
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import PersonRevision, RoleEnd
from phasegate.storage.tables.principals import RoleGrant as RoleGrantTable
from phasegate.storage.tables.subjects import SubjectRevision
from phasegate.storage.tables.texts import FreeText

_grant = table_of(RoleGrantTable)
_end = table_of(RoleEnd)
_text = table_of(FreeText)
_person = table_of(PersonRevision)
_subject = table_of(SubjectRevision)
_GRANTS = (
    select(_grant, _end.c.ended_at, _end.c.ended_by, _text.c.text)
    .outerjoin(_end, and_(_end.c.org == _grant.c.org, _end.c.role_grant == _grant.c.id))
    .outerjoin(_text, and_(_text.c.org == _grant.c.org, _text.c.id == _grant.c.id))
)


class Reviewed(NamedTuple):
    """A grant, and the state of its person at the instant that was asked for."""

    grant: "RoleGrant"
    state: str


class RoleGrant(msgspec.Struct, frozen=True):
    """A role given to a person: in the whole org, for one team's subjects, or for one subject."""

    id: str
    person: str
    role: str
    team: str | None
    subject: str | None
    granted_at: datetime
    granted_by: str
    expires_at: datetime | None
    ended_at: datetime | None = None
    ended_by: str | None = None
    reason: str | None = None
    """None once erased."""

    def covers(self, team: str, subject: str) -> bool:
        """Whether it counts for this subject of this team."""
        if self.subject is not None:
            return self.subject == subject
        return self.team is None or self.team == team


def held(connection: Connection, org: str, person: str, at: datetime) -> tuple[RoleGrant, ...]:
    """The grants of a person that are in force at `at`, oldest first: from `granted_at` on, and no longer at
    `expires_at` or at their end. Whether the person is disabled is not asked."""
    query = _GRANTS.where(_grant.c.org == org, _grant.c.person == person, in_force(at))
    return _records(connection, query)


def holders(connection: Connection, org: str, role: str, team: str, subject: str, at: datetime) -> tuple[str, ...]:
    """The people, by id, who at `at` hold the role for this subject of this team and are active."""
    query = _GRANTS.where(
        _grant.c.org == org,
        _grant.c.role == role,
        in_force(at),
        or_(_grant.c.team.is_(None), _grant.c.team == team),
        or_(_grant.c.subject.is_(None), _grant.c.subject == subject),
        _state(org, at) == "active",
    )
    return tuple(sorted({each.person for each in _records(connection, query)}))


def in_force(at: datetime) -> ColumnElement[bool]:
    """Whether a grant stands at `at`: a half-open interval."""
    return and_(
        _grant.c.granted_at <= at,
        or_(_grant.c.expires_at.is_(None), _grant.c.expires_at > at),
        or_(_end.c.ended_at.is_(None), _end.c.ended_at > at),
    )


def grant_by_id(connection: Connection, org: str, person: str, identifier: str) -> RoleGrant | None:
    """A grant of this person, whatever its state."""
    query = _GRANTS.where(_grant.c.org == org, _grant.c.id == identifier, _grant.c.person == person)
    return next(iter(_records(connection, query)), None)


def page(
    connection: Connection, org: str, at: datetime, after: str, limit: int, role: str | None, team: str | None
) -> tuple[Reviewed, ...]:
    """Grants in force at `at` behind the one with id `after`, oldest first; of a role; that count for a team or for one
    of the subjects that were its own at that instant."""
    query = _GRANTS.add_columns(_state(org, at).label("state"))
    query = query.where(_grant.c.org == org, _grant.c.id > after, in_force(at)).limit(limit)
    if role is not None:
        query = query.where(_grant.c.role == role)
    if team is not None:
        everywhere = and_(_grant.c.subject.is_(None), _grant.c.team.is_(None))
        query = query.where(or_(everywhere, _grant.c.team == team, _team_of_subject(org, at) == team))
    return tuple(Reviewed(_record(row), row.state) for row in connection.execute(query.order_by(_grant.c.id)))


def insert(connection: Connection, org: str, grant: RoleGrant) -> None:
    """Store a grant and its reason."""
    values = {
        "org": org,
        "id": grant.id,
        "person": grant.person,
        "role": grant.role,
        "team": grant.team,
        "subject": grant.subject,
        "granted_at": grant.granted_at,
        "granted_by": grant.granted_by,
        "expires_at": grant.expires_at,
    }
    connection.execute(_grant.insert().values(**values))
    texts.insert(connection, org, grant.id, grant.reason or "")


def end(connection: Connection, org: str, grant: str, by: str, at: datetime) -> bool:
    """End a grant from `at` on; False if it was ended already."""
    values = {"org": org, "role_grant": grant, "ended_at": at, "ended_by": by}
    return insert_if_new(connection, _end, values, ("org", "role_grant"))


def _state(org: str, at: datetime) -> Any:
    """The state of a grant's person at `at`."""
    query = select(_person.c.state).where(
        _person.c.org == org, _person.c.person == _grant.c.person, _person.c.received_at <= at
    )
    last = query.order_by(_person.c.revision.desc()).limit(1).correlate(_grant).scalar_subquery()
    return func.coalesce(last, "active")


def _team_of_subject(org: str, at: datetime) -> Any:
    """The team that the subject of a grant belonged to at `at`."""
    query = select(_subject.c.team).where(
        _subject.c.org == org, _subject.c.subject == _grant.c.subject, _subject.c.received_at <= at
    )
    return query.order_by(_subject.c.revision.desc()).limit(1).correlate(_grant).scalar_subquery()


def _records(connection: Connection, query: Select[Any]) -> tuple[RoleGrant, ...]:
    return tuple(_record(row) for row in connection.execute(query.order_by(_grant.c.id)))


def _record(row: Any) -> RoleGrant:
    return RoleGrant(
        id=row.id,
        person=row.person,
        role=row.role,
        team=row.team,
        subject=row.subject,
        granted_at=row.granted_at,
        granted_by=row.granted_by,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        reason=row.text,
    )
