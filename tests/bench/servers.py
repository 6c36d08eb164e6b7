"""Server processes and keep-alive connections to them."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Timer

from tests.bench.measure import cpu_seconds

ROOT = Path(__file__).parents[2]
TOKEN = "bench-token-0123456789-0123456789-abcdef"
_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_PATIENCE = 30.0
"""Seconds until a server has to say where it serves."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Server:
    """A process that serves on a loopback port."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self.port = port

    def cpu(self) -> float:
        """Seconds used so far."""
        return cpu_seconds(self._pid)


@contextmanager
def phasegate(folder: Path) -> Iterator[Server]:
    """A real one, on SQLite in `folder`, until the block ends."""
    with _running(folder, ["phasegate", "serve", "--port", "0", "--data", str(folder / "data")]) as server:
        yield server


@contextmanager
def bare(folder: Path, body: bytes) -> Iterator[Server]:
    """The floor: `bare.py`, answering with `body`."""
    (folder / "body").write_bytes(body)
    with _running(folder, ["tests.bench.bare", str(folder / "body"), TOKEN]) as server:
        yield server


def clean_environment() -> dict[str, str]:
    """Without what would set phasegate or lead loopback traffic through a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PHASEGATE_") and not name.lower().endswith("_proxy")
    }


@contextmanager
def _running(folder: Path, module: list[str]) -> Iterator[Server]:
    log = folder / f"{module[0]}.log"
    environment = {**clean_environment(), "PHASEGATE_BOOTSTRAP_TOKEN": TOKEN}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        port = _port(process)
        assert port, f"{module[0]} did not start: {log.read_text(errors='replace')[-500:]}"
        yield Server(process.pid, port)
    finally:
        process.kill()
        process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    """From the line that says where it serves; 0 if it ends without it. Silence is ended by killing it."""
    assert process.stdout is not None
    timer = Timer(_PATIENCE, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            if found := re.search(r"serves at http://127\.0\.0\.1:(\d+)", line):
                return int(found[1])
    finally:
        timer.cancel()
    return 0


def message(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of a request; `headers` are whole lines."""
    if body:
        headers += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\r\n"
    return head.encode() + body


class Connections:
    """Keep-alive connections to one server, all used at once. As little client as there can be."""

    def __init__(self, streams: list[_Stream]) -> None:
        self._streams = streams

    async def one(self, request: bytes, *expected: int) -> tuple[bytes, bytes]:
        """Head and body of one answer."""
        return await _exchange(self._streams[0], request, expected)

    async def all(self, requests: Iterable[bytes], expected: int) -> None:
        """Send each as soon as a connection is free."""
        left = iter(requests)

        async def work(stream: _Stream) -> None:
            for request in left:
                await _exchange(stream, request, (expected,))

        await asyncio.gather(*(work(stream) for stream in self._streams))


@asynccontextmanager
async def connected(server: Server, count: int) -> AsyncIterator[Connections]:
    """New connections until the block ends; the server closes what was idle for 5 s, so none is kept for long."""
    streams = [await _connected(server.port) for _ in range(count)]
    try:
        yield Connections(streams)
    finally:
        for _, writer in streams:
            writer.close()


async def _connected(port: int) -> _Stream:
    """Tries until the server accepts: it says where it serves a moment before."""
    for _ in range(500):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.02)
    raise ConnectionError(f"nothing accepts on port {port}")


async def _exchange(stream: _Stream, request: bytes, expected: tuple[int, ...]) -> tuple[bytes, bytes]:
    reader, writer = stream
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = int(head[9:12]), _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length and status != 304 else b""
    assert status in expected, f"{request.splitlines()[0].decode()}: {status} {body[:300].decode()}"
    return head, body
