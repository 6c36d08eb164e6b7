"""A server of the story's own, and how it is asked."""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

_PATIENCE = 60.0
"""Seconds for the server to come up, and for any one answer."""

Json = dict[str, Any]


class Failed(Exception):
    """The story can't go on."""


class Refused(NamedTuple):
    """An answer of 400 and above."""

    status: int
    detail: str
    """The server's sentence."""


class Api:
    """The server as one caller knows it: an address and a token."""

    def __init__(self, connection: http.client.HTTPConnection, token: str) -> None:
        self._connection = connection
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def of(self, token: str) -> "Api":
        """The same server for another caller; without a token for nobody."""
        return Api(self._connection, token)

    def get(self, path: str) -> Json:
        """A JSON answer."""
        return self.call("GET", path, None, None)

    def send(self, method: str, path: str, body: Json) -> Json:
        """JSON in, JSON out."""
        return self.call(method, path, json.dumps(body).encode(), "application/json")

    def call(self, method: str, path: str, body: bytes | None, content_type: str | None) -> Json:
        """Bytes in, JSON out. Raises `Failed` for a refusal, saying what the server said."""
        answer = self._ask(method, path, body, content_type)
        if isinstance(answer, Refused):
            raise Failed(f"{method} {path}: {answer.status}, {answer.detail}")
        return answer

    def refused(self, path: str, body: Json) -> Refused:
        """The refusal of a POST. Raises `Failed` where it is accepted."""
        answer = self._ask("POST", path, json.dumps(body).encode(), "application/json")
        if isinstance(answer, Refused):
            return answer
        raise Failed(f"POST {path}: accepted, and should have been refused")

    def close(self) -> None:
        """Let the server go."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, content_type: str | None) -> Json | Refused:
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            status, content = answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failed(f"{method} {path}: no answer ({error})") from error
        return Refused(status, str(content.get("detail", content))) if status >= 400 else dict(content)


@contextmanager
def server() -> Iterator[Api]:
    """A server of our own on a free port, with an empty database; process and folder end with the block."""
    token = secrets.token_urlsafe(32)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHASEGATE_")}
    environment["PHASEGATE_BOOTSTRAP_TOKEN"] = token
    with tempfile.TemporaryDirectory(prefix="phasegate-demo-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "stderr")
        command = [sys.executable, "-m", "phasegate", "serve", "--port", "0", "--data", folder]
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", _port(process), timeout=_PATIENCE)
            with closing(Api(connection, token)) as api:
                _await_ready(api)
                yield api
        except Failed as failure:
            tail = log.read_text(errors="replace").strip().splitlines()[-15:]
            raise Failed("\n".join([str(failure), *(["the server said:"] if tail else []), *tail])) from failure
        finally:
            _end(process)


def _port(process: subprocess.Popen[str]) -> int:
    """From the line that says where it serves; a server that never says it is killed, which ends the reading."""
    assert process.stdout is not None
    timer = Timer(_PATIENCE, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            _, found, address = line.partition("phasegate serves at ")
            if found:
                return int(address.rstrip().rpartition(":")[2])
    finally:
        timer.cancel()
    raise Failed("the server did not start")


def _await_ready(api: Api) -> None:
    """Ask until the server answers: it names its address a moment before it takes connections."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            api.get("/health/ready")
            return
        except Failed:
            api.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
