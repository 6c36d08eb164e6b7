"""When a token was used last: noted to a minute, after the answer, and never waited for."""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from phasegate.storage import tokens as stored
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord

_EVERY = timedelta(minutes=1)
_MOST = 65_536
_log = logging.getLogger("phasegate")


class LastUsed:
    """What this process has noted, and when it will note the next use of each token."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next: dict[str, datetime] = {}
        self._due: dict[tuple[str, str], datetime] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, token: TokenRecord, now: datetime) -> None:
        """Say that a token is used; it is written down unless that was done in the last minute."""
        due = self._next.get(token.id)
        if due is not None and now < due:
            return
        if len(self._next) >= _MOST:
            self._next.clear()
        self._next[token.id] = now + _EVERY
        self._due[(token.org, token.id)] = now
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Finish what is being written."""
        if self._writing is not None and not self._writing.done():
            await self._writing

    async def _write(self) -> None:
        try:
            while self._due:
                due, self._due = self._due, {}
                await self._database.write(partial(_all, due=due))
        except Exception as error:  # a note is not worth an answer, and the next use makes another
            _log.warning("the last use of tokens can't be written: %s", type(error).__name__)


def _all(connection: Connection, due: dict[tuple[str, str], datetime]) -> None:
    for (org, token), at in sorted(due.items()):
        stored.used(connection, org, token, at)
