"""The application behind a real uvicorn on a free loopback port: for chunks, sizes, sockets and concurrency."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from tests.support.clock import RealClock
from tests.support.world import Execute, World


class Loopback:
    """A server that runs."""

    def __init__(self, app: Litestar, loop: asyncio.AbstractEventLoop, host: str, port: int) -> None:
        self.app = app
        self.host = host
        self.port = port
        self.url = f"http://{host}:{port}"
        self._loop = loop

    @property
    def execute(self) -> Execute:
        """Runs work on the server's own database, in its own loop."""

        def run(work: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(work(self.app.state.services.database), self._loop).result(60)

        return run

    @contextmanager
    def world(self) -> Iterator[World]:
        """An org of one's own on this server, in real time."""
        with self.calling() as http:
            yield World(http, self.execute, RealClock(), self.app.state.services.settings.database)

    def calling(self) -> httpx.Client:
        """Calls this server. Without TLS no certificates are needed, and reading them takes 25 ms."""
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False, verify=False)

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes."""
        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(65536):
                received += part
        return received


@contextmanager
def serving(made: Litestar | Callable[[str], Litestar]) -> Iterator[Loopback]:
    """The app on a real server until the block ends; or one that is made with its own address."""
    # Without the protocol asyncio leaves TCP_NODELAY off, and each answer waits for a delayed ACK.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    host, port = listening.getsockname()
    app = made if isinstance(made, Litestar) else made(f"http://{host}:{port}")
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", server_header=False))
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(server.serve(sockets=[listening]))

    thread = Thread(target=run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive(), "the server did not start"
        yield Loopback(app, loop, host, port)
    finally:
        server.should_exit = True
        thread.join(120)
        loop.close()
        listening.close()
