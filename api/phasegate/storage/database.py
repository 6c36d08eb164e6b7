"""One small port, two databases: `read` and `write` run a piece of work on a connection, in a transaction.

Work is a plain function of a SQLAlchemy connection, so every statement is written once. `row` runs one
statement that is asked for all the time, past what SQLAlchemy does for each.

SQLite: statements run on the event loop (one costs less than a thread hop); commits are waited for on a
thread, and as many writes share one as wait for it. PostgreSQL: psycopg, asynchronously;
reads see one snapshot.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Select, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from phasegate.storage.direct import first_of_driver
from phasegate.storage.group_commit import Writer

T = TypeVar("T")
Work = Callable[[Connection], T]
_LONGEST_WAIT = 10.0
"""Seconds that a connection to SQLite waits for a lock of another process."""
_PRAGMAS = (
    f"busy_timeout={_LONGEST_WAIT * 1000:.0f}",  # first, since switching to WAL takes a lock
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # else INSERT OR REPLACE slips past the triggers that forbid deletion
    "trusted_schema=OFF",
)
_TRIES = 5
_RETRIED = ("40001", "40P01")
"""PostgreSQL's codes of a serialisation failure and of a deadlock."""
_OUT_OF_REACH = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)
"""SQLite's own codes; its driver calls most other failures operational too."""


class Database(Protocol):
    """Where everything is kept."""

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one snapshot."""
        ...

    async def row(self, statement: Select[Any], values: dict[str, str]) -> tuple[Any, ...] | None:
        """The first row of one statement, in a snapshot of its own. Values and columns have to be text and whole
        numbers, which are the same in both drivers."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction; when this returns, it is durable. `work` may run more than once, all but the
        last time undone."""
        ...

    async def close(self) -> None: ...


class Sqlite:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._engine = sqlite_engine(path)
        self._reader = self._engine.connect().execution_options(phasegate_read=True)
        self._writer = Writer(self._engine)

    async def read(self, work: Work[T]) -> T:
        # By the driver, since most reads go past SQLAlchemy and beginning a transaction in it costs more than they do.
        driver: Any = self._reader.connection.dbapi_connection
        driver.execute("BEGIN")
        try:
            return work(self._reader)
        finally:
            driver.rollback()
            self._reader.rollback()  # what SQLAlchemy takes for a transaction, where it was asked for something

    async def row(self, statement: Select[Any], values: dict[str, str]) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = first_of_driver(self._reader, statement, values)
        return found

    async def write(self, work: Work[T]) -> T:
        return await self._writer.write(work)

    async def close(self) -> None:
        await self._writer.close()
        self._reader.close()
        self._engine.dispose()


class Postgres:
    """A server."""

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = create_async_engine(
            make_url(url),
            pool_size=10,
            max_overflow=10,
            pool_timeout=10,
            connect_args={"options": "-c timezone=utc"},  # else year 1 in another zone is out of range
        )
        self._snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def read(self, work: Work[T]) -> T:
        async with self._snapshot.connect() as connection:
            return await connection.run_sync(work)

    async def row(self, statement: Select[Any], values: dict[str, str]) -> tuple[Any, ...] | None:
        async with self._single.connect() as connection:
            found = (await connection.execute(statement, values)).first()
        return None if found is None else tuple(found)

    async def write(self, work: Work[T]) -> T:
        for last in (*[False] * (_TRIES - 1), True):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except DBAPIError as error:
                if last or getattr(error.orig, "sqlstate", None) not in _RETRIED:
                    raise
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        await self._engine.dispose()


def open_database(url: str) -> Database:
    """The database behind an address that `normalised` gave."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        assert parsed.database is not None
        return Sqlite(Path(parsed.database))
    return Postgres(url)


def normalised(url: str) -> str:
    """The address with the driver that is used here. Raises ValueError on a database that isn't spoken."""
    try:
        parsed = make_url(url)
    except Exception:
        raise ValueError("is not a database URL, such as postgresql://user@host/name or sqlite:///file.db") from None
    kind = parsed.drivername.split("+")[0]
    if kind in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if kind == "sqlite" and parsed.database:
        return parsed.set(drivername="sqlite").render_as_string(hide_password=False)
    raise ValueError("names neither PostgreSQL nor a SQLite file")


def sqlite_engine(path: Path) -> Engine:
    """An engine on a SQLite file that begins its transactions itself.

    Python's driver begins late and deferred, so that two read-then-write transactions lose an update.
    """
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _switch_to_wal(connection)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("phasegate_read"):  # else it is begun
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite doesn't wait where another process writes to a file that isn't in WAL mode yet: of several that meet a new
    file, all but one would fail."""
    until = time.monotonic() + _LONGEST_WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


def unavailable(error: Exception) -> bool:
    """Whether the database was out of reach, full or too busy: to ask again later can help."""
    if isinstance(error, OperationalError) and isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in _OUT_OF_REACH
    return isinstance(error, (OperationalError, PoolTimeoutError))


def sync_engine(url: str) -> Engine:
    """A synchronous engine, for migrations."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        assert parsed.database is not None
        return sqlite_engine(Path(parsed.database))
    return create_engine(parsed, poolclass=NullPool)
