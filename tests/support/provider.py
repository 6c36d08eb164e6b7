"""A real OIDC provider on loopback, of somebody else's making, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from tests.support.ports import free_port


class OidcProvider(NamedTuple):
    """Where it runs; anybody it knows logs in by pressing a button."""

    url: str

    @property
    def endpoint(self) -> str:
        """`host:port`, for what the operator opens."""
        return self.url.removeprefix("http://")


@contextmanager
def providing(*people: dict[str, Any]) -> Iterator[OidcProvider]:
    """A provider that knows these people, by their claims."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    for claims in people:
        command += ["--user-claims", json.dumps(claims)]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 240
        while not _answers(url):
            assert process.poll() is None, "the provider did not start"
            assert time.monotonic() < until, "the provider does not answer"
            time.sleep(0.1)
        yield OidcProvider(url)
    finally:
        process.terminate()
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
