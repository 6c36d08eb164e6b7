"""Over HTTP: the real server against a Litestar application that does nothing, each in a process of its own.

CPU of the server per request, since requests per second swing by half on a busy machine; ingest waits for the disk
and is measured in requests per second.
"""

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from phasegate.engine.instants import rfc3339
from tests.bench.green import envelopes, published, request
from tests.bench.measure import Measure, interleaved
from tests.bench.servers import Connections, Server, bare, connected, message, phasegate
from tests.bench.table import Result, Target

RELEASE = "/v1/subjects/churn-scorer/releases/2.1.0"
DECISION = f"{RELEASE}/decision"
_TOGETHER, _INGESTING = 8, 32
"""Connections."""


class Pair(NamedTuple):
    """Ours with GREEN submitted, and the floor, which answers with the same bytes."""

    server: Server
    floor: Server
    head: bytes
    """Of our answer."""


@asynccontextmanager
async def _pair() -> AsyncIterator[Pair]:
    with TemporaryDirectory(prefix="bench") as folder, phasegate(Path(folder)) as server:
        async with connected(server, 1) as connections:
            await _submit_green(connections)
            head, body = await connections.one(message("GET", DECISION), 200)
        _whole(json.loads(body))
        with bare(Path(folder), body) as floor:
            yield Pair(server, floor, head)


async def _submit_green(ours: Connections) -> None:
    asked = request()
    subject = {key: asked["subject"][key] for key in ("kind", "team", "attributes")}
    release = {key: asked["release"][key] for key in ("version", "artifacts")}
    bound = json.dumps(subject | {"policy": "ml-deployment@1.0.0"}).encode()
    await ours.one(message("PUT", "/v1/subjects/churn-scorer", bound), 201)
    await ours.one(message("POST", "/v1/subjects/churn-scorer/releases", json.dumps(release).encode()), 201)
    for scope, envelope in envelopes(published().compiled, datetime.now(UTC)):
        path = RELEASE if scope == "release" else "/v1/subjects/churn-scorer"
        await ours.one(message("POST", f"{path}/evidence", json.dumps(envelope).encode()), 201)


def _whole(decision: dict[str, list[dict[str, list[dict[str, str]]]]]) -> None:
    """Nearly all criteria have been judged on evidence; an answer about missing evidence would be cheaper."""
    statuses = [criterion["status"] for phase in decision["phases"] for criterion in phase["criteria"]]
    assert len(statuses) == 26, f"{len(statuses)} criteria"
    assert statuses.count("pass") >= 20, f"only {statuses.count('pass')} criteria pass: {statuses}"


def _cpu(server: Server, requests: Callable[[], Iterable[bytes]], status: int) -> Measure:
    """Microseconds of the server's CPU per request."""

    async def measure() -> float:
        sent = list(requests())
        async with connected(server, _TOGETHER) as connections:
            start = server.cpu()
            await connections.all(sent, status)
            return (server.cpu() - start) / len(sent) * 1e6

    return measure


def _plain(number: int, headers: str = "") -> Callable[[], list[bytes]]:
    return lambda: [message("GET", DECISION, headers=headers)] * number


async def unchanged(rounds: int) -> Result:
    """The answer is in the process's cache, and the database says that it still holds."""
    async with _pair() as pair:
        ours = _cpu(pair.server, _plain(300), 200)
        peer = _cpu(pair.floor, _plain(300), 200)
        mine, other = await interleaved(rounds, ours, peer)
    return Result(mine, other, "us CPU", "bare Litestar, same bytes", Target("at most", 1.3))


async def not_modified(rounds: int) -> Result:
    """The caller has the answer already."""
    async with _pair() as pair:
        tag = re.search(rb"\r\netag: *(\S+)", pair.head, re.IGNORECASE)
        assert tag is not None, pair.head
        known = _plain(300, f"If-None-Match: {tag[1].decode()}\r\n")
        ours = _cpu(pair.server, known, 304)
        peer = _cpu(pair.floor, _plain(300), 200)
        mine, other = await interleaved(rounds, ours, peer)
    return Result(mine, other, "us CPU", "bare Litestar, 200", Target("at most", 1.0))


async def changed(rounds: int) -> Result:
    """No answer that is kept: made anew each time, on records that the process has read before."""
    async with _pair() as pair:
        at = datetime.now(UTC)
        time.sleep(0.1)  # long enough for as many instants as are asked for, each of which has to have been
        moments = (at + timedelta(microseconds=n) for n in count())

        def asked() -> list[bytes]:
            return [message("GET", f"{DECISION}?at={rfc3339(moment)}") for moment in islice(moments, 100)]

        ours = _cpu(pair.server, asked, 200)
        peer = _cpu(pair.floor, _plain(300), 200)
        mine, other = await interleaved(rounds, ours, peer)
    note = "each request asks for an instant of its own (`at=`); records read before are not decoded again"
    return Result(mine, other, "us CPU", "bare Litestar, same bytes", Target("at most", 4.0), note)


async def ingest(rounds: int) -> Result:
    """Answered once it is durable."""
    async with _pair() as pair:
        bodies = _evidence()
        ours = _rate(pair.server, bodies, 250)
        peer = _rate(pair.floor, bodies, 500)
        mine, other = await interleaved(rounds, ours, peer)
    note = f"SQLite, synchronous=FULL; {_INGESTING} connections; every record is new"
    return Result(mine, other, "req/s", "bare Litestar, no database", Target("at least", 0.25), note)


def _rate(server: Server, bodies: Iterator[bytes], number: int) -> Measure:
    async def measure() -> float:
        sent = [message("POST", f"{RELEASE}/evidence", body) for body in islice(bodies, number)]
        async with connected(server, _INGESTING) as connections:
            start = time.perf_counter()
            await connections.all(sent, 201)
            return number / (time.perf_counter() - start)

    return measure


def _evidence() -> Iterator[bytes]:
    """Test reports of 1,024 bytes, no two alike."""
    given = next(each for each in request()["evidence"] if each["type"] == "edge-case-tests")
    for n in count():
        data = given["data"] | {"properties": {"run": f"{n:08}", "padding": ""}}
        envelope = {"type": given["type"], "data": data, "context": given["context"]}
        data["properties"]["padding"] = "x" * (1024 - len(json.dumps(envelope)))
        yield json.dumps(envelope).encode()
