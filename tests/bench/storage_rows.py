"""The read of records that a process meets for the first time, against the raw driver with the same statement."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from phasegate.storage.database import Database, open_database, sync_engine
from phasegate.storage.evidence import of_ids
from phasegate.storage.schema import upgrade
from phasegate.storage.statements import table_of
from phasegate.storage.tables.evidence import Evidence, EvidenceData
from tests.bench.green import request
from tests.bench.measure import Measure, interleaved, seconds_of
from tests.bench.table import Result, Target

_RECORDS, _OTHERS, _READS = 30, 20_000, 50
_ORG, _SUBJECT, _BOUND = "default", "subject-0", "sha256:" + "b" * 64
_RAW = """
SELECT e.*, d.data, r.revoked_at FROM evidence e
LEFT JOIN evidence_data d ON d.org = e.org AND d.subject = e.subject AND d.bound = e.bound AND d.id = e.id
LEFT JOIN revocation r ON r.org = e.org AND r.subject = e.subject AND r.bound = e.bound AND r.evidence = e.id
WHERE e.org = {0} AND e.subject = {0} AND e.bound IN ({0}, {0}) AND e.id IN ({1})
"""


def _id(number: int) -> str:
    return f"01956a4e-8f00-7000-8000-{number:012x}"


_IDS = [_id(number) for number in range(_RECORDS)]
_VALUES = (_ORG, _SUBJECT, "", _BOUND, *_IDS)


def _raw(mark: str) -> str:
    """The statement with the driver's own mark for a value."""
    return _RAW.format(mark, ", ".join([mark] * _RECORDS))


async def sqlite(rounds: int) -> Result:
    """A file."""
    with TemporaryDirectory(prefix="bench") as folder:
        path = Path(folder, "bench.db")
        url = f"sqlite:///{path}"
        _fill(url)
        raw, statement, engine = sqlite3.connect(path, isolation_level=None), _raw("?"), sync_engine(url)
        raw.execute("BEGIN")

        async def peer() -> float:
            return seconds_of(lambda: _complete(raw.execute(statement, _VALUES).fetchall()), _READS) * 1e6

        with engine.connect().execution_options(phasegate_read=True) as connection:
            connection.exec_driver_sql("BEGIN")

            async def ours() -> float:
                return seconds_of(lambda: _records(connection), _READS) * 1e6

            mine, other, through = await _beside(rounds, url, ours, peer)
        raw.close()
    return Result(mine, other, "us", "sqlite3, rows as tuples", Target("at most", 3.0), _note(through, other))


async def postgresql(rounds: int) -> Result:
    """A server on this machine, in its own process."""
    from tests.support.databases import Databases, cluster

    with TemporaryDirectory(prefix="bench") as folder, cluster() as server:
        databases = Databases(Path(folder), server)
        url = databases.empty()
        try:
            _fill(url)
            mine, other, through = await _postgresql(rounds, url)
        finally:
            databases.close()
    return Result(mine, other, "us", "psycopg, rows as tuples", Target("at most", 4.0), _note(through, other))


async def _postgresql(rounds: int, url: str) -> list[float]:
    """Both through psycopg's asynchronous connections, each in an open transaction."""
    engine, statement = create_async_engine(url), _raw("%s")
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        async with await psycopg.AsyncConnection.connect(plain) as raw, engine.begin() as connection:

            async def peer() -> float:
                async def read() -> None:
                    _complete(await (await raw.execute(statement, _VALUES)).fetchall())

                return await _each(read)

            async def ours() -> float:
                return await _each(lambda: connection.run_sync(_records))

            return await _beside(rounds, url, ours, peer)
    finally:
        await engine.dispose()


async def _beside(rounds: int, url: str, ours: Measure, peer: Measure) -> list[float]:
    """Ours, peer, and ours through the port that the server uses, with a transaction for each read."""
    database: Database = open_database(url)

    async def through() -> float:
        return await _each(lambda: database.read(_records))

    try:
        return await interleaved(rounds, ours, peer, through)
    finally:
        await database.close()


async def _each(read: Any) -> float:
    """Microseconds of one read."""
    start = datetime.now(UTC)
    for _ in range(_READS):
        await read()
    return (datetime.now(UTC) - start).total_seconds() / _READS * 1e6


def _records(connection: Connection) -> None:
    _complete(list(of_ids(connection, _ORG, _SUBJECT, _BOUND, _IDS)))


def _complete(rows: list[Any]) -> None:
    assert len(rows) == _RECORDS, f"{len(rows)} rows"


def _note(through: float, peer: float) -> str:
    return (
        f"ours are records, their JSON columns decoded; both in an open transaction. Through `Database.read`, with"
        f" one of its own: {through:.0f} us, {through / peer:.1f} x"
    )


def _fill(url: str) -> None:
    """The newest schema, the records that are read, and the others."""
    upgrade(url)
    rows = list(_rows())
    engine = sync_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(table_of(Evidence).insert(), [row for row, _ in rows])
            connection.execute(table_of(EvidenceData).insert(), [data for _, data in rows])
            if connection.dialect.name == "postgresql":
                connection.execute(text("ANALYZE"))  # else the daemon does, at some moment between two rounds
    finally:
        engine.dispose()


def _rows() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """GREEN's evidence for one subject after the other; the first is the one that is read."""
    given = request()["evidence"][:_RECORDS]
    at = datetime(2027, 3, 5, tzinfo=UTC)
    for n in range(_RECORDS + _OTHERS):
        sent = given[n % _RECORDS]
        key = {"org": _ORG, "subject": f"subject-{n // _RECORDS}", "bound": _BOUND if n % 3 else "", "id": _id(n)}
        row = {
            "digest": f"sha256:{n:064x}",
            "artifacts": json.dumps(["a" * 64]).encode(),
            "type": sent["type"],
            "shape": sent["type"],
            "shape_digest": "sha256:" + "c" * 64,
            "format": sent["format"],
            "strength": sent["strength"],
            "context": json.dumps(sent["context"]).encode(),
            "producer_tool": "",
            "producer_version": "",
            "collected_at": at,
            "received_at": at,
            "submitted_by": "ci-bot",
            "submitted_for": b"[]",
            "identity": b"{}",
            "warnings": b"[]",
            "raw_sha256": None,
            "raw_media_type": "application/json",
        }
        yield key | row, key | {"data": json.dumps(sent["data"]).encode()}
