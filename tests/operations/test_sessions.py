"""Sessions: how long they last, and what ends them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from phasegate.identity.login import LoggedIn
from phasegate.operations.sessions import IDLE, LONGEST, NobodyHere, enter, form_token, leave, visit
from phasegate.storage.database import Database
from phasegate.storage.sessions import SessionRecord
from tests.support.world import World

ISSUER = "https://idp.example"
MIA = LoggedIn(ISSUER, "mia-at-idp", {}, True, "Mia", "mia@example.com")


@pytest.fixture
def mia(world: World) -> World:
    """An org where `mia` can log in."""
    world.person("mia", identities=[{"issuer": ISSUER, "subject": "mia-at-idp"}])
    return world


def entered(world: World, who: LoggedIn = MIA) -> tuple[SessionRecord, str]:
    made: tuple[SessionRecord, str] = world.execute(
        lambda database: enter(database, world.org, "rule", who, world.clock())
    )
    return made


def seen(world: World, secret: str) -> SessionRecord | None:
    found: SessionRecord | None = world.execute(lambda database: visit(database, secret, world.clock()))
    return found


def test_it_knows_its_person(mia: World) -> None:
    session, secret = entered(mia)
    found = seen(mia, secret)
    assert found is not None
    assert (found.id, found.org, found.person, found.mfa) == (session.id, mia.org, "mia", True)
    assert seen(mia, secret[:-1]) is None
    assert seen(mia, "") is None


def test_unused_for_eight_hours_it_is_over(mia: World) -> None:
    _, secret = entered(mia)
    start = mia.clock.now
    mia.clock.now = start + IDLE - timedelta(microseconds=1)
    assert seen(mia, secret) is not None
    mia.clock.now = start + IDLE
    assert seen(mia, secret) is not None
    mia.clock.now = start + 2 * IDLE
    assert seen(mia, secret) is None


def test_used_all_the_time_it_lasts_a_day(mia: World) -> None:
    _, secret = entered(mia)
    start = mia.clock.now
    for hours in range(4, 24, 4):
        mia.clock.now = start + timedelta(hours=hours)
        assert seen(mia, secret) is not None
    mia.clock.now = start + LONGEST - timedelta(microseconds=1)
    assert seen(mia, secret) is not None
    mia.clock.now = start + LONGEST
    assert seen(mia, secret) is None


def test_using_it_writes_no_more_than_once_in_five_minutes(mia: World) -> None:
    _, secret = entered(mia)
    marks = []
    for _ in range(12):
        mia.clock.forward(minutes=1)
        assert seen(mia, secret) is not None
        marks.append(mia.sql.rows("SELECT seen_at FROM web_session_use WHERE org = :org", org=mia.org))
    assert len({str(mark) for mark in marks}) == 3  # none yet, and two marks


def test_it_ends_once(mia: World) -> None:
    session, secret = entered(mia)
    for _ in range(2):
        mia.execute(lambda database: leave(database, session, mia.clock))
    assert seen(mia, secret) is None
    assert mia.audited().count("session.ended") == 1
    assert mia.audited().count("session.started") == 1


def test_it_ends_with_its_person(mia: World) -> None:
    _, secret = entered(mia)
    mia.person("mia", identities=[{"issuer": ISSUER, "subject": "mia-at-idp"}], disabled=True)
    assert seen(mia, secret) is None
    with pytest.raises(NobodyHere, match="disabled"):
        entered(mia)


def test_it_does_not_come_back_with_its_person(mia: World) -> None:
    (_, secret), (old, _) = entered(mia), entered(mia)
    mia.execute(lambda database: leave(database, old, mia.clock))
    identities = [{"issuer": ISSUER, "subject": "mia-at-idp"}]
    for disabled in (True, False):
        mia.person("mia", identities=identities, disabled=disabled)
    assert seen(mia, secret) is None
    assert mia.audited().count("session.ended") == 2
    assert seen(mia, entered(mia)[1]) is not None


def test_an_unknown_person_is_kept_once_and_has_no_session(world: World) -> None:
    for _ in range(2):
        with pytest.raises(NobodyHere, match="pending"):
            entered(world)
    (person,) = world.get("/v1/people").json()["items"]
    assert (person["pending"], person["display_name"], person["roles"]) == (True, "Mia", [])
    assert world.count("web_session") == 0
    assert "mia" not in str(world.sql.rows("SELECT before, after FROM audit WHERE org = :org", org=world.org)).lower()


def test_an_unknown_person_twice_at_once_is_one(world: World) -> None:
    async def work(database: Database) -> list[Any]:
        tries = (enter(database, world.org, "rule", MIA, world.clock()) for _ in range(4))
        return await asyncio.gather(*tries, return_exceptions=True)

    found = world.execute(work)
    assert all(isinstance(each, NobodyHere) for each in found), found
    assert len({each.person.id for each in found}) == 1
    assert len(world.get("/v1/people").json()["items"]) == 1


def test_the_same_subject_of_another_issuer_is_another(mia: World) -> None:
    with pytest.raises(NobodyHere):
        entered(mia, MIA._replace(issuer="https://evil.example"))


def test_each_session_has_forms_of_its_own(mia: World) -> None:
    tokens = {form_token(entered(mia)[1]) for _ in range(3)}
    assert len(tokens) == 3
