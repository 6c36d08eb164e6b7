"""Outgoing calls reach public addresses and what the operator opened, and nothing else."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from threading import Thread
from typing import Any

import pytest

from phasegate.identity.outbound import LARGEST_ANSWER, Allowed, Outbound, Unreachable, public
from tests.support.issuer import Issuer, serving

NOTHING = Allowed.read("")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as served:
        yield served


def called(allowed: Allowed, url: str) -> bytes:
    async def call() -> bytes:
        outbound = Outbound(allowed)
        try:
            return await outbound.get(url)
        finally:
            await outbound.close()

    return asyncio.run(call())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public(address: str) -> None:
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_one(address: str) -> None:
    assert public(ip_address(address))


def test_loopback_is_not_reached(issuer: Issuer) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"):
        port = issuer.endpoint.rpartition(":")[2]
        for allowed in (NOTHING, Allowed.read("10.0.0.0/8")):
            with pytest.raises(Unreachable):
                called(allowed, f"https://{host}:{port}/keys")
    assert issuer.asked == []


def test_what_the_operator_opened_is(issuer: Issuer) -> None:
    assert b"keys" in called(Allowed.read(issuer.endpoint), f"{issuer.url}/keys")
    assert issuer.asked == ["/keys"]


def test_a_network_opens_no_plain_http(issuer: Issuer) -> None:
    with pytest.raises(Unreachable, match="https"):
        called(Allowed.read("127.0.0.0/8"), f"{issuer.url}/keys")


def test_a_name_that_leads_inside(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the name, it is the address that is judged; and one bad address among several is enough."""
    port = int(issuer.endpoint.rpartition(":")[2])

    def looked_up(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in ("1.1.1.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with pytest.raises(Unreachable, match="not public"):
        called(NOTHING, f"https://innocent.example:{port}/keys")
    assert issuer.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://issuer.example/keys", "ftp://issuer.example/", "file:///etc/passwd", "https://", "https://a:b@issuer.example/",
     "https://[::1", "//issuer.example", "unix:/run/x", "https://issuer.example:99999/"],
)  # fmt: skip
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(Unreachable):
        called(NOTHING, url)


@contextmanager
def answering(raw: bytes) -> Iterator[int]:
    """A server that answers each call with these bytes; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    connection.sendall(raw)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (LARGEST_ANSWER + 1), "more than"),
        (b"nonsense\r\n\r\n", "can't be reached"),
        (b"", "can't be reached"),
    ],
)
def test_an_answer_that_is_none(raw: bytes, told: str) -> None:
    with answering(raw) as port, pytest.raises(Unreachable, match=told):
        called(Allowed.read(f"127.0.0.1:{port}"), f"http://127.0.0.1:{port}/keys")


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "host", "host:0", "host:65536", "a b:1", "10.0.0.0/33"])
def test_a_setting_that_is_none(wrong: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Allowed.read(f"127.0.0.1:80,{wrong}")
