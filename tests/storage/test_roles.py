"""Roles in force: half-open intervals, ends, disabled people."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.storage import people, roles
from phasegate.storage.people import PersonRecord, State
from phasegate.storage.roles import RoleGrant
from phasegate.storage.tokens import ensure_principal
from tests.support.clock import START

ORG = "here"
MOMENT = timedelta(microseconds=1)
LATER = START + timedelta(days=10)


def granted(
    connection: Connection, person: str = "dana", role: str = "legal", org: str = ORG, **more: Any
) -> RoleGrant:
    values = {"team": None, "subject": None, "granted_at": START, "granted_by": "admin", "expires_at": None} | more
    grant = RoleGrant(id=str(uuid7()), person=person, role=role, reason="asked", **values)
    roles.insert(connection, org, grant)
    return grant


def state(connection: Connection, person: str, revision: int, wanted: State, at: datetime) -> None:
    ensure_principal(connection, ORG, person, "person", START)
    people.save(connection, ORG, PersonRecord(person, revision, wanted, "D", None, (), START, at), "admin")


def holding(connection: Connection, at: datetime = LATER, role: str = "legal") -> tuple[str, ...]:
    return roles.holders(connection, ORG, role, "risk", "fraud", at)


class TestHeld:
    def test_as_granted(self, connection: Connection) -> None:
        grant = granted(connection, team="risk", expires_at=LATER)
        assert roles.held(connection, ORG, "dana", START) == (grant,)

    def test_half_open(self, connection: Connection) -> None:
        grant = granted(connection, expires_at=LATER)
        found = [roles.held(connection, ORG, "dana", at) for at in (START - MOMENT, START, LATER - MOMENT, LATER)]
        assert found == [(), (grant,), (grant,), ()]

    def test_an_end_is_one_too(self, connection: Connection) -> None:
        grant = granted(connection)
        assert roles.end(connection, ORG, grant.id, "admin", LATER)
        assert not roles.end(connection, ORG, grant.id, "admin", LATER + MOMENT)
        assert len(roles.held(connection, ORG, "dana", LATER - MOMENT)) == 1
        assert roles.held(connection, ORG, "dana", LATER) == ()

    def test_the_earlier_of_end_and_expiry(self, connection: Connection) -> None:
        grant = granted(connection, expires_at=LATER)
        roles.end(connection, ORG, grant.id, "admin", LATER + MOMENT)
        assert roles.held(connection, ORG, "dana", LATER) == ()

    def test_in_this_org_of_this_person(self, connection: Connection) -> None:
        granted(connection, org="elsewhere")
        granted(connection, person="lee")
        assert roles.held(connection, ORG, "dana", LATER) == ()

    def test_an_erased_reason(self, connection: Connection) -> None:
        granted(connection)
        connection.exec_driver_sql("DELETE FROM free_text")
        (found,) = roles.held(connection, ORG, "dana", LATER)
        assert found.reason is None


class TestCovers:
    @pytest.mark.parametrize(
        ("limits", "counts"),
        [({}, True), ({"team": "risk"}, True), ({"team": "ops"}, False),
         ({"subject": "fraud"}, True), ({"subject": "churn"}, False)],
    )  # fmt: skip
    def test_org_team_subject(self, connection: Connection, limits: dict[str, str], counts: bool) -> None:
        grant = granted(connection, **limits)
        assert grant.covers("risk", "fraud") is counts
        assert holding(connection) == (("dana",) if counts else ())


class TestHolders:
    def test_each_once_in_order(self, connection: Connection) -> None:
        for person in ("lee", "dana", "lee"):
            granted(connection, person)
        assert holding(connection) == ("dana", "lee")

    def test_of_this_role_and_org(self, connection: Connection) -> None:
        granted(connection, role="model-owner")
        granted(connection, org="elsewhere")
        assert holding(connection) == ()

    def test_in_force(self, connection: Connection) -> None:
        granted(connection, "dana", expires_at=LATER)
        roles.end(connection, ORG, granted(connection, "lee").id, "admin", LATER)
        assert holding(connection, LATER - MOMENT) == ("dana", "lee")
        assert holding(connection, LATER) == ()

    @pytest.mark.parametrize("wanted", ["disabled", "pending"])
    def test_active_at_that_instant(self, connection: Connection, wanted: State) -> None:
        state(connection, "dana", 1, "active", START)
        granted(connection)
        state(connection, "dana", 2, wanted, LATER)
        assert holding(connection, LATER - MOMENT) == ("dana",)
        assert holding(connection, LATER) == ()
        state(connection, "dana", 3, "active", LATER + MOMENT)
        assert holding(connection, LATER + MOMENT) == ("dana",)
