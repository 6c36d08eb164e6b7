"""Outgoing calls, which never reach what lies behind the server's own door.

An address that someone gave us (an issuer, a web hook) must not become a way into the operator's network.
Names are looked up here and the address found is the one connected to, so that a second look-up can't differ;
redirects are not followed; only public addresses are reached, and what the operator opened.
"""

import asyncio
import re
import ssl
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore
import httpx

TIMEOUT = 5.0
"""Seconds for each step of a call."""
LARGEST_ANSWER = 512 * 1024
"""Bytes."""
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_TUNNELS = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 in which an IPv4 address travels: NAT64, 6to4, Teredo."""

Address = IPv4Address | IPv6Address


class Unreachable(Exception):
    """The call was not made, or gave nothing that can be used; says why, without what was answered."""


class Allowed(NamedTuple):
    """What the operator opened beside public addresses."""

    endpoints: frozenset[tuple[str, int]]
    """Host and port; plain `http` may be spoken with them."""
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def read(cls, text: str) -> "Allowed":
        """From `host:port|cidr,…`. Raises ValueError naming the entry."""
        endpoints: set[tuple[str, int]] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            found = _HOST_PORT.fullmatch(entry)
            if found and 0 < int(found["port"]) < 65536:
                endpoints.add((found["host"].strip("[]").lower(), int(found["port"])))
                continue
            try:
                networks.append(ip_network(entry))
            except ValueError:
                raise ValueError(f"{entry!r} is neither host:port nor a network like 10.1.0.0/16") from None
        return cls(frozenset(endpoints), tuple(networks))


def public(address: Address) -> bool:
    """Whether an address lies outside every private, local, shared and reserved range."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return public(mapped)
    if any(address in network for network in _TUNNELS if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


class _Door(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, and to no others."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(loop.getaddrinfo(host, port, type=1), timeout)
        except (OSError, UnicodeError, TimeoutError):
            raise httpcore.ConnectError("the name can't be looked up") from None
        addresses = [ip_address(each[4][0]) for each in found]
        if not addresses or not all(self._open(host, port, address) for address in addresses):
            raise httpcore.ConnectError("the address is not public; the operator can open it")
        return await self._inner.connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _open(self, host: str, port: int, address: Address) -> bool:
        if (host.lower(), port) in self._allowed.endpoints:
            return True
        plain = getattr(address, "ipv4_mapped", None) or address
        inside = (network for network in self._allowed.networks if network.version == plain.version)
        return public(address) or any(plain in network for network in inside)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx over that door; its constructor has no argument for it."""

    def __init__(self, allowed: Allowed) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=_Door(allowed), http1=True
        )


class Outbound:
    """The client for calls to addresses that others gave."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._client = httpx.AsyncClient(
            transport=_Transport(allowed), timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )

    def check(self, url: str) -> str:
        """`url` if it can be called at all: `https`, or `http` to an endpoint that was opened. Raises `Unreachable`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Unreachable("the address is none") from None
        if parts.username is not None or parts.password is not None or not parts.hostname:
            raise Unreachable("the address must be a host without user or password")
        opened = (parts.hostname, port or 80) in self._allowed.endpoints
        if parts.scheme != "https" and not (parts.scheme == "http" and opened):
            raise Unreachable("the address must begin with https://")
        return url

    async def get(self, url: str, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """The body of a 200. Raises `Unreachable`."""
        return await self._send(
            httpx.Request("GET", self.check(url), headers={"Accept": "application/json", **headers})
        )

    async def post_form(self, url: str, form: dict[str, str], headers: Mapping[str, str]) -> bytes:
        """The body of a 200 to a form. Raises `Unreachable`."""
        return await self._send(
            httpx.Request("POST", self.check(url), data=form, headers={"Accept": "application/json", **headers})
        )

    async def _send(self, request: httpx.Request) -> bytes:
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                answer = await self._client.send(request, stream=True)
                try:
                    if answer.status_code != 200:
                        raise Unreachable(f"{request.url.host} answered {answer.status_code}")
                    body = bytearray()
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > LARGEST_ANSWER:
                            raise Unreachable(f"{request.url.host} answered more than {LARGEST_ANSWER} bytes")
                    return bytes(body)
                finally:
                    await answer.aclose()
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unreachable(f"{request.url.host} can't be reached: {error or 'no answer in time'}") from None

    async def close(self) -> None:
        await self._client.aclose()
