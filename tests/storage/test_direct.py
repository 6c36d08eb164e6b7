"""What goes past SQLAlchemy on SQLite stores, gives and raises what it would."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from phasegate.storage.database import open_database
from phasegate.storage.direct import first
from phasegate.storage.statements import table_of
from phasegate.storage.tables.evidence import RawContent
from phasegate.storage.tables.principals import Org
from tests.support.clock import START
from tests.support.databases import Sql

ORG, RAW = table_of(Org), table_of(RawContent)


def on(url: str, work: Any) -> Any:
    async def inside() -> Any:
        database = open_database(url)
        try:
            return await database.write(work)
        finally:
            await database.close()

    return asyncio.run(inside())


def test_instants_and_bytes_are_stored_as_the_table_has_them(database_url: str) -> None:
    def work(connection: Connection) -> tuple[Any, Any]:
        first(connection, ORG.insert(), {"org": "x", "title": "?:%(a)s'", "created_at": START})
        first(connection, RAW.insert(), {"org": "x", "sha256": "y", "content": b"\x00\xff"})
        return connection.execute(select(ORG)).one(), connection.execute(select(RAW.c.content)).scalar_one()

    org, content = on(database_url, work)
    assert tuple(org) == ("x", "?:%(a)s'", START)
    assert content == b"\x00\xff"


def test_a_row_or_none(database_url: str) -> None:
    title = select(ORG.c.title, ORG.c.org == "x").where(ORG.c.org == bindparam("wanted"))

    def work(connection: Connection) -> list[Any]:
        first(connection, ORG.insert(), {"org": "x", "title": "X", "created_at": START})
        return [first(connection, title, {"wanted": wanted}) for wanted in ("x", "y", "x' OR '1'='1")]

    found = on(database_url, work)
    assert tuple(found[0]) == ("X", True)
    assert found[1:] == [None, None]


def test_a_row_without_a_transaction(database_url: str) -> None:
    Sql(database_url).rows("INSERT INTO org VALUES ('x', 'X', '2027-03-05T12:00:00.000000Z')")
    title = select(ORG.c.title).where(ORG.c.org == bindparam("wanted"))

    async def run() -> list[Any]:
        database = open_database(database_url)
        try:
            return [await database.row(title, {"wanted": wanted}) for wanted in ("x", "y")]
        finally:
            await database.close()

    assert asyncio.run(run()) == [("X",), None]


def test_what_the_database_refuses(database_url: str) -> None:
    row = {"org": "x", "title": "X", "created_at": START}

    def twice(connection: Connection) -> None:
        for _ in range(2):
            first(connection, ORG.insert(), row)

    with pytest.raises(IntegrityError):
        on(database_url, twice)
    assert Sql(database_url).number("SELECT count(*) FROM org") == 0
