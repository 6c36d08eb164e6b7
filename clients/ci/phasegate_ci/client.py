"""One question to the server and its answer: HTTP in, bytes of an expected status out, or a `Stop`."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from phasegate_ci import __version__
from phasegate_ci.deadline import bounded
from phasegate_ci.exits import NO_ANSWER, Stop, untrusted, wrong_use
from phasegate_ci.job import Job, exchanged
from phasegate_ci.problems import refusal
from phasegate_ci.settings import Settings

if TYPE_CHECKING:
    import httpx

# Every call of ours may be repeated: it only asks, what it records has an identity of its own, or it carries a key.
PAUSES: Final = (0.2, 0.6)
"""Seconds before the second and the third attempt; there is no fourth."""
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an answer. A decision has some 100 kB."""


@dataclass(frozen=True)
class Answer:
    """An answer of a status that was asked for."""

    status: int
    body: bytes


class Client:
    """Asks one server. It follows no redirect: who answers elsewhere was not asked."""

    def __init__(self, settings: Settings, job: Job | None = None) -> None:
        self._settings = settings
        self._job = job
        self._token = settings.token

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
        key: str | None = None,
        expected: tuple[int, ...] = (200,),
        within: float | None = None,
    ) -> Answer:
        """Ask, repeat where the connection failed, and give up for good when the time is up. A `key` makes a call
        that records something one that may be repeated."""
        seconds = min(within or self._settings.timeout, self._settings.timeout)

        def once() -> tuple[Answer, str | None]:
            headers = {"content-type": content_type} if content_type else {}
            if key:
                headers["idempotency-key"] = key
            if token := self._bearer():
                headers["authorization"] = f"Bearer {token}"
            request = self._http.build_request(
                method, self._settings.url + path, params=params, content=body, headers=headers, timeout=seconds
            )
            return bounded(lambda: self._persist(request), seconds)

        had = self._token
        answer, retry_after = once()
        if answer.status == 401 and had is not None and self._job is not None:
            # A job's token ends with the job's own, after minutes; another can be had.
            self._token = None
            answer, retry_after = once()
        if answer.status not in expected:
            raise refusal(answer.status, answer.body, retry_after)
        return answer

    def _bearer(self) -> str | None:
        if self._token is None and self._job is not None:
            url, secret = self._job.request_url, self._job.request_token
            github = None if url is None else Client(Settings(url, secret, self._settings.timeout))
            anonymous = Client(Settings(self._settings.url, None, self._settings.timeout))
            self._token = exchanged(self._job, anonymous, github)
        return self._token

    @cached_property
    def _http(self) -> "httpx.Client":
        _load_httpx()
        import ssl
        from urllib.request import getproxies

        import httpx

        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"phasegate-ci/{__version__}",
        }
        # Reading the certificate bundle costs 20 ms. Without TLS it is not needed, and a context that trusts
        # nobody takes its place.
        plain = self._settings.url.startswith("http:") and not getproxies()
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True
        try:
            client = httpx.Client(headers=headers, verify=verify, follow_redirects=False)
            client.build_request("GET", self._settings.url)
        except (httpx.InvalidURL, ValueError, OSError) as failure:
            raise wrong_use(f"can't set up the connection: {failure}", "check PHASEGATE_URL and *_PROXY") from failure
        return client

    def _persist(self, request: "httpx.Request") -> tuple[Answer, str | None]:
        import httpx

        for pause in (*PAUSES, None):
            try:
                return self._once(request)
            except (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError) as failure:
                if pause is None:
                    raise self._unreachable(str(failure)) from failure
                time.sleep(pause)
            except httpx.TimeoutException as failure:
                raise TimeoutError from failure
            except httpx.DecodingError as failure:
                raise untrusted(f"it can't be decoded: {failure}") from failure
            except httpx.RequestError as failure:
                raise self._unreachable(str(failure)) from failure
        raise AssertionError("the last attempt answers or raises")

    def _once(self, request: "httpx.Request") -> tuple[Answer, str | None]:
        response = self._http.send(request, stream=True)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise untrusted(f"it is larger than {LARGEST // 1024 // 1024} MiB")
            return Answer(response.status_code, bytes(body)), response.headers.get("retry-after")
        finally:
            response.close()

    def _unreachable(self, because: str) -> Stop:
        return Stop(
            NO_ANSWER,
            f"no answer from {self._settings.url}: {because}",
            "set PHASEGATE_URL to the server's address, or start one with: phasegate serve",
        )


def _load_httpx() -> None:
    """Import httpx without its own command line: that pulls in rich and pygments where they happen to be
    installed, and costs 60 ms."""
    if "httpx" not in sys.modules:
        sys.modules["httpx._main"] = None  # type: ignore[assignment]  # Python's own mark for "not to be had"
        import httpx  # noqa: F401

        del sys.modules["httpx._main"]
