"""Writes to SQLite, which waits for the disk at each commit: all that wait meanwhile share the next one."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
_MOST = 64
"""Writes in one transaction."""


class _Outcome(NamedTuple):
    result: Any
    error: BaseException | None


class _Write(NamedTuple):
    work: Callable[[Connection], Any]
    done: "asyncio.Future[_Outcome]"


class _RolledBack(Exception):
    """The database gave up the transaction: the writes before this one are gone too."""


class Writer:
    """One connection. What waits, for another process's lock and for the disk, is on a thread; statements are run on
    the event loop, since two threads that take turns at every statement cost more than the statements.

    A write is answered once it is durable. One that fails takes no other down: it is undone to its savepoint, and
    where a transaction as a whole fails, each of its writes is tried anew in one of its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="phasegate-writer")
        self._waiting: deque[_Write] = deque()
        self._running: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, in `BEGIN IMMEDIATE`."""
        write = _Write(work, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        outcome = await write.done
        if outcome.error is not None:
            raise outcome.error
        result: T = outcome.result
        return result

    async def close(self) -> None:
        """Finish what waits."""
        if self._running is not None and not self._running.done():
            await self._running
        if self._connection is not None:
            self._connection.close()
        self._thread.shutdown()

    async def _run(self) -> None:
        while self._waiting:
            await self._commit([self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))])

    async def _commit(self, group: list[_Write]) -> None:
        try:
            outcomes = await self._together(group)
        except Exception as error:
            if len(group) > 1:
                for each in group:
                    await self._commit([each])
                return
            outcomes = [_Outcome(None, error)]
        for write, outcome in zip(group, outcomes, strict=True):
            if not write.done.done():
                write.done.set_result(outcome)

    async def _together(self, group: list[_Write]) -> list[_Outcome]:
        """Run them in one transaction that is committed when this returns. Raises where it can't be, with nothing
        done."""
        if self._connection is None:
            self._connection = await self._waited_for(self._engine.connect)
        try:
            await self._waited_for(self._connection.begin)
            outcomes = []
            for each in group:
                outcomes.append(_run_inside(self._connection, each.work))
                await asyncio.sleep(0)  # reads take turns with writes
            await self._waited_for(self._connection.commit)
        except BaseException:
            # Where a commit fails SQLite can leave the transaction open, and SQLAlchemy takes it for ended. Where the
            # event loop ends meanwhile, the thread still works for it: the connection is closed behind that.
            self._thread.submit(self._connection.close)
            self._connection = None
            raise
        return outcomes

    async def _waited_for(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _run_inside(connection: Connection, work: Callable[[Connection], Any]) -> _Outcome:
    """What a write gives, or why it was undone. Raises `_RolledBack`."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute("SAVEPOINT one_write")
    try:
        outcome = _Outcome(work(connection), None)
    except Exception as error:
        outcome = _Outcome(None, error)
        if driver.in_transaction:
            driver.execute("ROLLBACK TO one_write")
    if not driver.in_transaction:
        raise _RolledBack from outcome.error
    driver.execute("RELEASE one_write")
    return outcome
