"""Writes that share a commit are still each by itself. SQLite alone: PostgreSQL groups commits by itself."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from phasegate.storage.database import Sqlite, sqlite_engine
from phasegate.storage.group_commit import Writer

Outcome = Any
TABLES = (
    "CREATE TABLE owner (id PRIMARY KEY)",
    "CREATE TABLE note (body UNIQUE)",
    "CREATE TABLE owned (owner REFERENCES owner (id) DEFERRABLE INITIALLY DEFERRED)",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three tables."""
    found = tmp_path / "x.db"
    with closing(sqlite3.connect(found)) as connection:
        for table in TABLES:
            connection.execute(table)
    return found


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = sqlite_engine(path)
    yield made
    made.dispose()


def note(connection: Connection, body: Any) -> Any:
    connection.execute(text("INSERT INTO note VALUES (:body)"), {"body": body})
    return body


def notes(path: Path) -> set[Any]:
    """As another process sees them."""
    with closing(sqlite3.connect(path)) as connection:
        return {body for (body,) in connection.execute("SELECT body FROM note")}


def at_once(engine: Engine, *works: Callable[[Connection], Any]) -> list[Outcome]:
    """What each gives, or the error it raised."""

    async def run() -> list[Outcome]:
        writer = Writer(engine)
        try:
            return await asyncio.gather(*(writer.write(work) for work in works), return_exceptions=True)
        finally:
            await writer.close()

    return asyncio.run(run())


def test_many_at_once_share_few_commits(engine: Engine, path: Path) -> None:
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    assert at_once(engine, *(partial(note, body=n) for n in range(100))) == list(range(100))
    assert notes(path) == set(range(100))
    assert 1 <= len(commits) <= 10


def test_it_is_durable_when_it_is_answered(engine: Engine, path: Path) -> None:
    """Another process sees it at once, and so would one after a crash."""

    async def run() -> None:
        writer = Writer(engine)

        async def one(n: int) -> None:
            await writer.write(partial(note, body=n))
            assert n in notes(path)

        await asyncio.gather(*(one(n) for n in range(20)))
        await writer.close()

    asyncio.run(run())


@pytest.mark.parametrize("raised", [RuntimeError("in the middle"), StopIteration(), KeyError("x")], ids=repr)
def test_one_that_fails_is_undone_and_no_other(engine: Engine, path: Path, raised: Exception) -> None:
    def fails(connection: Connection) -> None:
        note(connection, "half")
        raise raised

    first, failed, last = at_once(engine, partial(note, body=1), fails, partial(note, body=2))
    assert (first, last) == (1, 2)
    assert failed is raised or isinstance(failed.__cause__, StopIteration)
    assert notes(path) == {1, 2}


def test_one_that_the_database_refuses(engine: Engine, path: Path) -> None:
    outcomes = at_once(engine, *(partial(note, body=body) for body in ("a", "a", "b")))
    assert [outcomes[0], outcomes[2]] == ["a", "b"]
    assert "UNIQUE" in str(outcomes[1])
    assert notes(path) == {"a", "b"}


def test_one_that_the_commit_refuses(engine: Engine, path: Path) -> None:
    def orphan(connection: Connection) -> None:
        note(connection, "orphan's")
        connection.execute(text("INSERT INTO owned VALUES ('nobody')"))

    outcomes = at_once(engine, partial(note, body=1), orphan, partial(note, body=2), partial(note, body=3))
    assert [outcomes[0], *outcomes[2:]] == [1, 2, 3]
    assert "FOREIGN KEY" in str(outcomes[1])
    assert notes(path) == {1, 2, 3}


def test_one_under_which_the_transaction_is_rolled_back(engine: Engine, path: Path) -> None:
    """As SQLite does where the disk is full."""

    def lost(connection: Connection) -> None:
        note(connection, "lost")
        connection.exec_driver_sql("INSERT OR ROLLBACK INTO note VALUES ('lost')")

    outcomes = at_once(engine, partial(note, body=1), lost, partial(note, body=2))
    assert [outcomes[0], outcomes[2]] == [1, 2]
    assert isinstance(outcomes[1], Exception)
    assert notes(path) == {1, 2}


def test_one_that_goes_on_after_the_transaction_was_rolled_back(engine: Engine, path: Path) -> None:
    """It would write outside of any transaction."""

    def careless(connection: Connection) -> str:
        note(connection, "lost")
        with pytest.raises(Exception, match="UNIQUE"):
            connection.exec_driver_sql("INSERT OR ROLLBACK INTO note VALUES ('lost')")
        return "done"

    outcomes = at_once(engine, partial(note, body=1), careless, partial(note, body=2))
    assert [outcomes[0], outcomes[2]] == [1, 2]
    assert isinstance(outcomes[1], Exception)
    assert notes(path) == {1, 2}


def test_a_write_after_a_failed_commit(engine: Engine, path: Path) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("INSERT INTO owned VALUES ('nobody')"))

    async def run() -> None:
        writer = Writer(engine)
        for n in range(3):
            with pytest.raises(Exception, match="FOREIGN KEY"):
                await writer.write(orphan)
            assert await writer.write(partial(note, body=n)) == n
        await writer.close()

    asyncio.run(run())
    assert notes(path) == {0, 1, 2}


def test_whoever_gave_up_waiting_hinders_nobody(engine: Engine, path: Path) -> None:
    async def run() -> None:
        writer = Writer(engine)
        tasks = [asyncio.create_task(writer.write(partial(note, body=n))) for n in range(10)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        assert await asyncio.gather(*tasks[1::2]) == [1, 3, 5, 7, 9]
        await writer.close()

    asyncio.run(run())
    assert notes(path) >= {1, 3, 5, 7, 9}


def test_an_event_loop_that_ends_meanwhile_hinders_no_other(engine: Engine, path: Path) -> None:
    writer = Writer(engine)

    async def leave(turns: int) -> asyncio.Task[str]:
        abandoned = asyncio.create_task(writer.write(partial(note, body=f"given up after {turns}")))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        return abandoned

    for turns in range(8):
        asyncio.run(leave(turns))
        assert asyncio.run(writer.write(partial(note, body=turns))) == turns
    asyncio.run(leave(1))
    asyncio.run(writer.close())
    assert notes(path) >= set(range(8))


def test_reads_go_on_while_another_process_holds_the_lock(path: Path) -> None:
    async def run() -> None:
        database = Sqlite(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(database.write(partial(note, body=1)))
            for _ in range(50):
                await asyncio.sleep(0.002)
                count = await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM note")))
                assert count.scalar_one() == 0
            assert not waiting.done()
            other.execute("COMMIT")
        assert await waiting == 1
        await database.close()

    asyncio.run(run())


def test_what_waits_is_finished_on_closing(engine: Engine, path: Path) -> None:
    async def run() -> None:
        writer = Writer(engine)
        tasks = [asyncio.create_task(writer.write(partial(note, body=n))) for n in range(10)]
        await asyncio.sleep(0)
        await writer.close()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert notes(path) == set(range(10))
