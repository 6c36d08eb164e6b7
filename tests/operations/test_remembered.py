"""Records that are remembered are those that are stored, however many there are and whatever becomes of them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection

from phasegate.operations import remembered
from phasegate.operations.decisions import Decisions
from phasegate.operations.policies import Policies
from phasegate.operations.releases import found_release
from phasegate.operations.remembered import Records
from phasegate.shapes import catalogue
from phasegate.storage.database import Database
from phasegate.storage.releases import ReleaseRecord
from tests.support.policies import report
from tests.support.world import World

SIZE = 2_000
"""More than a record of the tests weighs."""


def read(world: World, path: str, records: Records) -> set[int]:
    """How many tests each admitted record tells of."""
    return read_at_once(world, path, records, 1)[0]


def read_at_once(world: World, path: str, records: Records, times: int) -> list[set[int]]:
    """The same, by so many who ask at the same time."""
    _, _, _, subject, _, version = path.split("/")

    def work(connection: Connection) -> set[int]:
        release: ReleaseRecord = found_release(connection, world.org, subject, version)
        policy = Policies(catalogue()).get(connection, world.org, release.policy, release.policy_version)
        return {each.data["total"] for each in records.admitted(connection, world.org, release, policy)}

    async def ask(database: Database) -> list[set[int]]:
        return await asyncio.gather(*(database.read(work) for _ in range(times)))

    found: list[set[int]] = world.execute(ask)
    return found


@pytest.fixture
def path(world: World) -> str:
    made = world.release()
    for n in range(1, 9):
        world.submit(made, data=report(n))
    return made


@pytest.mark.parametrize("room", [0, 1, 3 * SIZE, 100 * SIZE])
def test_as_many_as_there_is_room_for(world: World, path: str, room: int) -> None:
    records = Records(room)
    for _ in range(3):
        assert read(world, path, records) == {*range(1, 9)}
        assert len(records) <= room // remembered.OVERHEAD
    world.submit(path, data=report(9))
    assert read(world, path, records) == {*range(1, 10)}


def test_what_is_read_twice_at_once_takes_its_room_once(world: World, path: str) -> None:
    records = Records(8 * SIZE)
    assert read_at_once(world, path, records, 8) == [{*range(1, 9)}] * 8
    assert len(records) == 8


def test_more_than_one_statement_asks_for(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phasegate.storage.evidence._AT_ONCE", 3)
    assert read(world, path, Records()) == {*range(1, 9)}


def test_what_is_erased_counts_no_more(world: World, path: str) -> None:
    records = Records()
    assert 3 in read(world, path, records)
    identifier = next(e["id"] for e in world.get(f"{path}/evidence").json()["items"] if e["data"]["total"] == 3)
    world.sql.rows("DELETE FROM evidence_data WHERE org = :org AND id = :id", org=world.org, id=identifier)
    assert read(world, path, records) == {1, 2, 4, 5, 6, 7, 8}


def test_two_orgs_that_name_all_alike(world: World, path: str) -> None:
    records, other = Records(), world.another()
    assert other.release(other.subject(path.split("/")[3])) == path
    assert read(world, path, records) == {*range(1, 9)}
    assert read(other, path, records) == set()


def test_what_is_undone_is_not_remembered(world: World, path: str) -> None:
    """A decision in a transaction that is undone, on facts of the same."""
    _, _, _, subject, _, version = path.split("/")
    text = "INSERT INTO revocation SELECT org, subject, bound, id, '{}', 'x' FROM evidence WHERE org = '{}'"
    revoke = text.format(f"{world.clock():%Y-%m-%dT%H:%M:%S.000000Z}", world.org)

    async def ask(database: Database) -> list[Any]:
        decisions = Decisions(database, Policies(catalogue()))

        def undone(connection: Connection) -> None:
            connection.exec_driver_sql(revoke)
            release = found_release(connection, world.org, subject, version)
            seen.append(decisions.compute(connection, world.org, release, "launch", world.clock()).body)
            raise InterruptedError

        seen: list[Any] = []
        current = (world.org, subject, version, "launch", world.clock)
        seen.append((await decisions.current(*current)).body)
        with pytest.raises(InterruptedError):
            await database.write(undone)
        seen.append((await decisions.current(*current)).body)
        past = (world.org, subject, version, "launch", world.clock(), world.clock())
        seen.append((await decisions.past(*past)).body)
        seen.append((await Decisions(database, Policies(catalogue())).past(*past)).body)
        return seen

    before, inside, *after = world.execute(ask)
    assert inside != before
    assert after == [before] * 3
