"""What several commands share: where the database is, and how a failure is told."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

import click
import msgspec
from sqlalchemy.exc import DBAPIError

from phasegate.errors import Problem
from phasegate.settings import Settings
from phasegate.storage.database import Database, normalised, open_database

T = TypeVar("T")
WRONG_USE = 2
"""Exit code of wrong use, and of whatever the server refuses as such."""
NO_ANSWER = 3
"""Exit code where there is no answer."""


def database_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data` and `--database`."""
    data = click.option("--data", metavar="DIR", help="Folder of the SQLite file (PHASEGATE_DATA; ./phasegate-data).")
    url = click.option("--database", metavar="URL", help="PostgreSQL or SQLite (PHASEGATE_DATABASE_URL).")
    return data(url(command))


def settings(data: str | None, database: str | None) -> Settings:
    """The settings, or a wrong-use exit that names what is wrong."""
    try:
        found = Settings.read(os.environ, data=data, database=database)
        return msgspec.structs.replace(found, database=normalised(found.database))
    except ValueError as error:
        text = str(error)
        fail(text if text.startswith("PHASEGATE_") else f"PHASEGATE_DATABASE_URL (or --database) {text}")


def run(found: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` on the database."""

    async def inside() -> T:
        database = open_database(found.database)
        try:
            return await work(database)
        finally:
            await database.close()

    with reachable():
        return asyncio.run(inside())


@contextmanager
def reachable() -> Iterator[None]:
    """Tell in a line what is wrong with the database, or with what was asked of it."""
    try:
        yield
    except Problem as problem:
        fault = problem.faults[0] if problem.faults else None
        fail(problem.detail + (f" ({fault.suggestion})" if fault is not None and fault.suggestion else ""))
    except DBAPIError as error:
        first = str(error.orig).strip().split("\n")[0]
        fail(f"the database can't be used: {first}; is it there, and up to date (phasegate db upgrade)?", NO_ANSWER)


def now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def fail(message: str, code: int = WRONG_USE) -> NoReturn:
    """Say what is wrong, and end."""
    click.echo(f"phasegate: {message}", err=True)
    raise SystemExit(code)
