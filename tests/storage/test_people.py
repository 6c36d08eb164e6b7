"""People, their identities, and the tools that act for them."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection

from phasegate.storage import people, tools
from phasegate.storage.audit import Actor
from phasegate.storage.people import PersonRecord, State, new_identity
from phasegate.storage.tokens import ensure_principal
from phasegate.storage.tools import ToolRecord
from tests.support.clock import START

ORG = "here"


def stored(
    connection: Connection,
    name: str = "dana",
    revision: int = 1,
    state: State = "active",
    org: str = ORG,
    **changes: object,
) -> PersonRecord:
    at = START + timedelta(days=revision)
    values = {"display_name": "Dana", "email": None, "identities": ()} | changes
    record = PersonRecord(id=name, revision=revision, state=state, created_at=START, updated_at=at, **values)  # type: ignore[arg-type]  # as the tests give them
    ensure_principal(connection, org, name, "person", START)
    assert people.save(connection, org, record, "admin")
    return record


class TestPerson:
    def test_as_saved_last(self, connection: Connection) -> None:
        stored(connection)
        later = stored(connection, revision=2, state="disabled", display_name="D.", email="d@example.org")
        assert people.person(connection, ORG, "dana") == later
        assert people.person(connection, ORG, "dana", lock=True) == later

    def test_in_this_org_alone(self, connection: Connection) -> None:
        stored(connection, org="elsewhere")
        assert people.person(connection, ORG, "dana") is None

    def test_neither_a_tool_nor_a_service_is_one(self, connection: Connection) -> None:
        ensure_principal(connection, ORG, "ci", "tool", START)
        ensure_principal(connection, ORG, "robot", "service", START)
        assert people.person(connection, ORG, "ci") is None
        assert people.person(connection, ORG, "robot") is None
        assert people.page(connection, ORG, "", 10) == []

    def test_whom_nobody_described(self, connection: Connection) -> None:
        ensure_principal(connection, ORG, "kim", "person", START)
        assert people.person(connection, ORG, "kim") == PersonRecord("kim", 0, "active", None, None, (), START, START)

    def test_an_erased_profile(self, connection: Connection) -> None:
        stored(connection, email="d@example.org")
        connection.exec_driver_sql("DELETE FROM profile")
        found = people.person(connection, ORG, "dana")
        assert found is not None
        assert (found.display_name, found.email, found.state) == (None, None, "active")

    def test_a_revision_is_stored_once(self, connection: Connection) -> None:
        record = stored(connection)
        assert not people.save(connection, ORG, record, "admin")

    def test_pages_by_id(self, connection: Connection) -> None:
        for name in ("lee", "dana", "kim"):
            stored(connection, name)
        assert [each.id for each in people.page(connection, ORG, "", 2)] == ["dana", "kim"]
        assert [each.id for each in people.page(connection, ORG, "kim", 2)] == ["lee"]


class TestIdentities:
    def test_exactly_those_saved_last(self, connection: Connection) -> None:
        one, two, three = (new_identity("https://idp", str(n)) for n in range(3))
        stored(connection, identities=(one, two))
        stored(connection, revision=2, identities=(two, three))
        found = people.person(connection, ORG, "dana")
        assert found is not None
        assert found.identities == (two, three)
        named = [people.identified(connection, ORG, "https://idp", each.subject) for each in (one, two, three)]
        assert named == [None, "dana", "dana"]

    def test_neither_another_issuer_nor_another_org(self, connection: Connection) -> None:
        stored(connection, identities=(new_identity("https://idp", "1"),))
        assert people.identified(connection, ORG, "https://other", "1") is None
        assert people.identified(connection, "elsewhere", "https://idp", "1") is None


def acting(principal: str) -> Actor:
    return Actor(ORG, principal, "", "api")


class TestActsFor:
    def test_the_owner_as_saved_last(self, connection: Connection) -> None:
        name = f"ci-{uuid4().hex[:6]}"
        for revision, owner in ((1, "dana"), (2, "lee")):
            assert tools.save(connection, ORG, ToolRecord(name, revision, owner, "CI", START), "admin")
        assert people.acts_for(connection, acting(name)) == ("lee",)
        assert people.acts_for(connection, acting(name)._replace(org="elsewhere")) == ()

    def test_who_started_a_run_stands_behind_it_too(self, connection: Connection) -> None:
        name = f"ci-{uuid4().hex[:6]}"
        assert tools.save(connection, ORG, ToolRecord(name, 1, "lee", "CI", START), "admin")
        started = acting(name)._replace(acts_for=("dana", "lee"))
        assert people.acts_for(connection, started) == ("lee", "dana")
        assert people.acts_for(connection, started._replace(org="elsewhere")) == ("dana", "lee")

    def test_people_and_services_for_nobody(self, connection: Connection) -> None:
        stored(connection)
        assert people.acts_for(connection, acting("dana")) == ()
        assert people.acts_for(connection, acting("nobody")) == ()
