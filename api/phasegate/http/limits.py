"""How often is too often: for each token, for each address without one, and for wrong secrets.

Each process counts for itself: behind a balancer a limit is multiplied by the number of processes at most.
"""

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from phasegate.errors import TooMany

_MINUTE = 60.0
_SECOND = 1.0 + 1e-6
"""And what floating point adds to many small intervals."""
_MOST = 65_536
"""Tokens or addresses that are remembered; the rest of the world shares what is left over after forgetting."""


class Rate:
    """So many a second for each key, as many at once. Of a key one number is kept: when it will have used up nothing
    (the generic cell rate algorithm)."""

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._interval = 1.0 / per_second
        self._clock = clock
        self._free_at: dict[str, float] = {}

    def wait(self, key: str) -> float:
        """Take one: 0. Or the seconds until there is one."""
        now = self._clock()
        free_at = self._free_at.get(key, now)
        free_at = (free_at if free_at > now else now) + self._interval
        if free_at - now > _SECOND:
            return free_at - now - 1.0
        self._free_at[key] = free_at
        if len(self._free_at) > _MOST:
            self._free_at = {each: at for each, at in self._free_at.items() if at > now}
            if len(self._free_at) > _MOST:
                self._free_at.clear()
        return 0.0


class Failures:
    """So many within any minute for each key."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        self._most = a_minute
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """The seconds until another failure would be one too many no longer; 0: it isn't."""
        seen = self._seen.get(key)
        if seen is None or len(seen) < self._most:
            return 0.0
        return max(0.0, seen[0] + _MINUTE - self._clock())

    def count(self, key: str) -> None:
        """One more."""
        seen = self._seen.setdefault(key, deque(maxlen=self._most))
        seen.append(self._clock())
        self._seen.move_to_end(key)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)


class Limits:
    """All limits of this process. Each method raises `TooMany`."""

    def __init__(
        self, per_token: int, per_address: int, failures: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens = Rate(per_token, clock)
        self._addresses = Rate(per_address, clock)
        self._failures = Failures(failures, clock)

    def within(self, token: str) -> bool:
        """One more request with this token, by its id; False for one too many."""
        return self._tokens.wait(token) == 0.0

    def spend(self, token: str) -> None:
        """The same, as an error."""
        _refuse(self._tokens.wait(token), "the token asks too often")

    def visit(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """One more request without a token."""
        _refuse(self._addresses.wait(address_of(connection)), "this address asks too often")

    def attempt(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Before a secret is looked at that could be guessed one by one."""
        _refuse(self._failures.wait(address_of(connection)), "too many wrong secrets came from this address")

    def failed(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """A secret was wrong."""
        self.attempt(connection)
        self._failures.count(address_of(connection))


def address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Where a request comes from; of IPv6 the network, since whoever has one address there has them all."""
    host = connection.client.host if connection.client is not None else ""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host


async def address_guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """For routes without a token."""
    connection.app.state.services.limits.visit(connection)


def _refuse(wait: float, told: str) -> None:
    if wait > 0.0:
        seconds = ceil(wait)
        raise TooMany(f"{told}; try again in {seconds} s", seconds)
