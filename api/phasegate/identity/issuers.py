"""Keys of issuers: found by discovery (OpenID Connect Discovery 1.0), kept, and asked for anew with restraint.

Anybody can send a token with a key id that nobody knows; that must not make us call an issuer each time.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from phasegate.errors import Malformed
from phasegate.identity.jwt import PublicKey, Refused, UnknownKey, Unverified, key_set, verified
from phasegate.identity.outbound import Outbound, Unreachable
from phasegate.reading import read_json

_log = logging.getLogger(__name__)
FRESH = timedelta(hours=1)
"""How long keys are used without asking again."""
STALE = timedelta(hours=24)
"""How long they are used when the issuer can't be reached."""
RESTRAINT = timedelta(minutes=5)
"""At most one call to an issuer for a key that is not known."""
AFTER_FAILURE = timedelta(seconds=30)
_DISCOVERY = "/.well-known/openid-configuration"


class Discovered(NamedTuple):
    """An issuer's discovery document, and its keys."""

    document: dict[str, Any]
    keys: tuple[PublicKey, ...]


class _Known:
    """What is known of one issuer."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.found: Discovered | None = None
        self.found_at: datetime | None = None
        self.asked_at: datetime | None = None
        self.renewed_at: datetime | None = None


class Issuers:
    """Keys of issuers that were configured, never of one that only a token names."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._known: dict[str, _Known] = {}

    async def claims(self, unverified: Unverified, now: datetime) -> dict[str, Any]:
        """The claims of a token that its issuer, which the caller trusts, signed. Raises `Refused`."""
        found = await self.discovered(unverified.issuer, now)
        try:
            return verified(unverified, found.keys)
        except UnknownKey:
            renewed = await self._renewed(unverified.issuer, now)
            if renewed is None:
                raise
            return verified(unverified, renewed.keys)

    async def discovered(self, issuer: str, now: datetime) -> Discovered:
        """The issuer's document and keys, no older than `FRESH`, or `STALE` while it can't be reached.

        Raises `Refused` where there are none.
        """
        known = self._known.setdefault(issuer, _Known())
        async with known.lock:
            age = None if known.found_at is None else now - known.found_at
            if known.found is not None and age is not None and age < FRESH:
                return known.found
            if known.asked_at is None or now - known.asked_at >= AFTER_FAILURE:
                await self._ask(issuer, known, now)
                age = None if known.found_at is None else now - known.found_at
            if known.found is None or age is None or age >= STALE:
                raise Refused("the keys of the issuer can't be had at present; try again later")
            return known.found

    async def _renewed(self, issuer: str, now: datetime) -> Discovered | None:
        """Asked anew, unless that was done a moment ago."""
        known = self._known[issuer]
        async with known.lock:
            if known.renewed_at is not None and now - known.renewed_at < RESTRAINT:
                return None
            known.renewed_at = now
            await self._ask(issuer, known, now)
            return known.found

    async def _ask(self, issuer: str, known: _Known, now: datetime) -> None:
        known.asked_at = now
        try:
            document = await self._json(issuer.rstrip("/") + _DISCOVERY)
            if document.get("issuer") != issuer or not isinstance(document.get("jwks_uri"), str):
                raise ValueError("its discovery document is of another issuer, or names no jwks_uri")
            keys = key_set(await self._json(document["jwks_uri"]))
        except (Unreachable, Malformed, ValueError) as error:
            _log.warning("the keys of the issuer %s can't be had: %s", issuer, error)
            return
        known.found, known.found_at = Discovered(document, keys), now

    async def _json(self, url: str) -> dict[str, Any]:
        value = read_json(await self._outbound.get(url))
        if not isinstance(value, dict):
            raise ValueError("no object")
        return value
