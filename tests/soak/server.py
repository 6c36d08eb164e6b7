"""The server as users run it: a process of its own, that can be killed and started again on the same database."""

import os
import queue
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from uuid import uuid4

from sqlalchemy import make_url

TOKEN = "soak-token-of-the-tests-0123456789abcdef"
_SAYS = "phasegate serves at http://"
_READY_WITHIN = 120.0
"""Seconds."""


class Served:
    """`phasegate serve` on one database; `port` changes with every start."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self._folder = folder
        self._database = database
        self.host = "127.0.0.1"
        self.port = 0
        self.log = folder / "server.log"
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """Its SQLAlchemy address."""
        return self._database or f"sqlite:///{self._folder / 'data' / 'phasegate.db'}"

    def start(self) -> None:
        """Returns when it says that it serves."""
        line = [sys.executable, "-m", "phasegate", "serve", "--port", "0", "--data", str(self._folder / "data")]
        if self._database is not None:
            line += ["--database", self._database]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PHASEGATE_")}
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                line,
                cwd=self._folder,
                env={**kept, "PHASEGATE_BOOTSTRAP_TOKEN": TOKEN},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        said = self._first_words(self._process)
        self.port = int(said.rpartition(":")[2])
        self._wait_until_it_accepts(self._process)

    def _wait_until_it_accepts(self, process: subprocess.Popen[str]) -> None:
        until = time.monotonic() + _READY_WITHIN
        while True:
            try:
                socket.create_connection((self.host, self.port), timeout=5).close()
            except ConnectionRefusedError:
                assert process.poll() is None, f"the server ended at its start: {self.told()}"
                assert time.monotonic() < until, f"the server accepts no connection: {self.told()}"
                time.sleep(0.01)
            else:
                return

    def _first_words(self, process: subprocess.Popen[str]) -> str:
        lines: queue.Queue[str] = queue.Queue()
        stream = process.stdout
        assert stream is not None

        def read() -> None:
            for line in stream:
                lines.put(line)
            lines.put("")
            stream.close()

        Thread(target=read, daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=_READY_WITHIN)
            except queue.Empty:
                process.kill()
                raise AssertionError(f"the server did not serve within {_READY_WITHIN} s: {self.told()}") from None
            if not line:
                raise AssertionError(f"the server ended at its start, code {process.wait()}: {self.told()}")
            if line.startswith(_SAYS):
                return line.strip()

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def resident(self) -> int:
        """MiB of memory that it holds now; 0 where the system doesn't tell."""
        if self._process is None or not Path("/proc/self/status").exists():
            return 0
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)

    def told(self, most: int = 3_000) -> str:
        """The end of what it wrote to its log."""
        return self.log.read_text(errors="replace")[-most:]


@contextmanager
def serving(database: str | None) -> Iterator[Served]:
    """A server in a folder of its own, until the block ends. `database` is None for SQLite there."""
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        served = Served(Path(folder), database)
        try:
            served.start()
            yield served
        finally:
            served.kill()


@contextmanager
def database(kind: str, cluster: str | None) -> Iterator[str | None]:
    """An empty database of that kind: None for SQLite, else the address of one in the cluster."""
    if kind == "sqlite":
        yield None
        return
    from tests.support.databases import execute

    assert cluster is not None
    name = f"soak_{uuid4().hex[:8]}"
    execute(cluster, f"CREATE DATABASE {name}")
    try:
        yield make_url(cluster).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
