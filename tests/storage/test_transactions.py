"""A piece of work is done whole or not at all, and one after the other."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from phasegate.operations.tokens import hashed
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database, normalised, open_database, sqlite_engine
from phasegate.storage.statements import upsert_count
from phasegate.storage.subjects import raise_counter
from phasegate.storage.tables.subjects import FactsCounter
from phasegate.storage.tokens import ensure_org, token_by_hash
from tests.support.clock import START
from tests.support.databases import Sql

T = TypeVar("T")
ACTOR = Actor("x", "someone", "token", "api")


def on(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run work on a database that is closed afterwards."""

    async def inside() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(inside())


class TestWrite:
    def test_a_failure_in_the_middle_leaves_nothing(self, database_url: str) -> None:
        def work(connection: Connection) -> None:
            ensure_org(connection, "x", "X", START)
            raise_counter(connection, "x", "s", "")
            record(connection, ACTOR, START, "thing.made", ("thing", "1"))
            raise RuntimeError("in the middle")

        async def run(database: Database) -> None:
            with pytest.raises(RuntimeError, match="in the middle"):
                await database.write(work)
            assert await database.write(lambda connection: ensure_org(connection, "y", "Y", START))

        on(database_url, run)
        sql = Sql(database_url)
        assert sql.rows("SELECT org FROM org") == [("y",)]
        assert sql.number("SELECT count(*) FROM facts_counter") == 0
        assert sql.number("SELECT count(*) FROM audit") == 0

    def test_a_failure_of_the_database_leaves_nothing(self, database_url: str) -> None:
        def work(connection: Connection) -> None:
            ensure_org(connection, "x", "X", START)
            connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

        async def run(database: Database) -> None:
            with pytest.raises(Exception, match="no_such_table"):
                await database.write(work)

        on(database_url, run)
        assert Sql(database_url).number("SELECT count(*) FROM org") == 0

    def test_no_update_is_lost(self, database_url: str) -> None:
        """Read, then write, 40 at once."""

        def work(connection: Connection) -> None:
            raise_counter(connection, "x", "s", "")

        async def run(database: Database) -> None:
            await asyncio.gather(*(database.write(work) for _ in range(40)))

        on(database_url, run)
        assert Sql(database_url).rows("SELECT facts FROM facts_counter") == [(40,)]

    def test_two_databases_on_one_file_or_server(self, database_url: str) -> None:
        """As two workers have them."""

        def work(connection: Connection) -> None:
            raise_counter(connection, "x", "s", "")

        async def run(database: Database) -> None:
            other = open_database(database_url)
            try:
                await asyncio.gather(*(each.write(work) for _ in range(15) for each in (database, other)))
            finally:
                await other.close()

        on(database_url, run)
        assert Sql(database_url).rows("SELECT facts FROM facts_counter") == [(30,)]

    def test_what_one_wrote_the_other_reads_at_once(self, database_url: str) -> None:
        def count(connection: Connection) -> Any:
            return connection.execute(text("SELECT count(*) FROM org")).scalar_one()

        async def run(database: Database) -> None:
            other = open_database(database_url)
            try:
                for n in range(5):
                    await database.write(partial(ensure_org, org=f"o{n}", title="", at=START))
                    assert await other.read(count) == n + 1
            finally:
                await other.close()

        on(database_url, run)


class TestRead:
    def test_one_snapshot(self, database_url: str, kind: str) -> None:
        """What commits in between is not seen by the second statement."""
        if kind == "sqlite":
            pytest.skip("a read occupies the loop from its first statement to its last")

        async def run(database: Database) -> tuple[Any, Any]:
            def work(connection: Connection) -> tuple[Any, Any]:
                count = text("SELECT count(*) FROM org")
                before = connection.execute(count).scalar_one()
                Sql(database_url).rows("INSERT INTO org VALUES ('x', '', now())")
                return before, connection.execute(count).scalar_one()

            return await database.read(work)

        assert on(database_url, run) == (0, 0)
        assert Sql(database_url).number("SELECT count(*) FROM org") == 1

    def test_a_failed_read_hinders_no_other(self, database_url: str) -> None:
        async def run(database: Database) -> None:
            with pytest.raises(Exception, match="no_such_table"):
                await database.read(lambda connection: connection.execute(text("SELECT * FROM no_such_table")))
            assert await database.read(lambda connection: token_by_hash(connection, hashed("x"))) is None

        on(database_url, run)


class TestCounter:
    def test_each_key_by_itself(self, database_url: str) -> None:
        table = SQLModel.metadata.tables[FactsCounter.__tablename__]

        def work(connection: Connection) -> None:
            for org, subject, bound, times in (("x", "s", "", 3), ("x", "s", "b", 2), ("y", "s", "", 1)):
                for _ in range(times):
                    upsert_count(connection, table, {"org": org, "subject": subject, "bound": bound}, "facts")

        on(database_url, lambda database: database.write(work))
        rows = Sql(database_url).rows("SELECT org, bound, facts FROM facts_counter ORDER BY org, bound")
        assert rows == [("x", "", 3), ("x", "b", 2), ("y", "", 1)]


class TestAddress:
    @pytest.mark.parametrize(
        ("given", "used"),
        [
            ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
            ("postgresql://u:p%40@h:5/d?sslmode=require", "postgresql+psycopg://u:p%40@h:5/d?sslmode=require"),
            ("postgresql+asyncpg://h/d", "postgresql+psycopg://h/d"),
            ("sqlite:///a/b.db", "sqlite:///a/b.db"),
            ("sqlite+aiosqlite:////a/b.db", "sqlite:////a/b.db"),
        ],
    )
    def test_what_is_spoken(self, given: str, used: str) -> None:
        assert normalised(given) == used

    @pytest.mark.parametrize("given", ["", "x", "mysql://h/d", "sqlite://", "file.db", "http://h/d", "postgresql"])
    def test_what_is_not(self, given: str) -> None:
        with pytest.raises(ValueError, match=r"database|neither"):
            normalised(given)


class TestPragmas:
    def test_an_acknowledged_write_survives_a_power_cut(self, database_url: str, kind: str) -> None:
        if kind != "sqlite":
            pytest.skip("PostgreSQL's defaults do")

        def work(connection: Connection) -> dict[str, Any]:
            names = ("journal_mode", "synchronous", "recursive_triggers", "foreign_keys")
            return {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in names}

        wanted = {"journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "foreign_keys": 1}
        assert on(database_url, lambda database: database.write(work)) == wanted
        assert on(database_url, lambda database: database.read(work)) == wanted

    def test_a_file_to_which_another_process_writes_first_is_waited_for(self, tmp_path: Path) -> None:
        """SQLite itself gives up at once where the file isn't in WAL mode yet."""
        path = tmp_path / "new.db"
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            going_on = Timer(0.3, other.execute, ["COMMIT"])
            going_on.start()
            engine = sqlite_engine(path)
            with engine.connect() as connection:
                assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            engine.dispose()
            going_on.join()
