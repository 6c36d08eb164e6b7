"""HTTP without a library's opinion on what may be sent."""

import contextlib
import http.client
import json
import socket
import time
from typing import Any, NamedTuple

from tests.soak.server import TOKEN

_IDLE = 3.0
"""Seconds after which a connection is not used again."""


class Sent(NamedTuple):
    """One request."""

    kind: str
    """What was done to it, for counts and reports."""
    method: str
    target: str
    """Path and query as they go on the wire (ASCII)."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    garbage: bool = False
    """Whether it may not even be HTTP, so that a closed connection is an answer."""
    green: bool = False
    """Whether it is a true question to which `go` is the right answer."""

    def shown(self) -> str:
        """Enough of it to send it again."""
        body = repr(self.body[:600]) + (f" and so on, {len(self.body)} bytes" if len(self.body) > 600 else "")
        headers = [h for h in self.headers if h[0].lower() != "authorization" or TOKEN not in h[1]]
        return f"[{self.kind}] {self.method} {self.target[:400]} {headers!r:.400} {body}"


class Answer(NamedTuple):
    """What came back; `broken` says how the connection broke down instead."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float
    broken: str = ""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection, opened again after each breakdown."""

    def __init__(self, host: str, port: int, patience: float = 30.0) -> None:
        self._host, self._port = host, port
        self._patience = patience
        self._connection: http.client.HTTPConnection | None = None
        self._last = 0.0

    def send(self, sent: Sent) -> Answer:
        """The answer; never raises for what the server does."""
        began = time.monotonic()
        if began - self._last > _IDLE:
            self.close()  # the server may just be closing it
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=self._patience)
            answer = self._exchange(self._connection, sent, began)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Answer(0, {}, b"", time.monotonic() - began, f"{type(error).__name__}: {error}")
        self._last = time.monotonic()
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def _exchange(self, connection: http.client.HTTPConnection, sent: Sent, began: float) -> Answer:
        connection.putrequest(sent.method, sent.target, skip_accept_encoding=True)
        names = {name.lower() for name, _ in sent.headers}
        for name, value in sent.headers:
            connection.putheader(name, value.encode("latin-1", "replace"))
        if not names & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders()
        # Where it is refused before all of it was sent, the answer may lie there already.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.send(sent.body)
        if hasattr(socket, "TCP_QUICKACK"):
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        response = connection.getresponse()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body, time.monotonic() - began)

    def ask(self, method: str, target: str, body: object = None, *, media: str = "application/json") -> Answer:
        """A well-behaved request."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", media))
        return self.send(Sent("set-up", method, target, headers, raw))

    def turn_to(self, port: int) -> None:
        """The server was started again, there."""
        if port != self._port:
            self.close()
            self._port = port

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
