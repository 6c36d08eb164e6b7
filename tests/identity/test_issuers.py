"""An issuer's keys: found by discovery, kept, and asked for anew with restraint."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from phasegate.identity.issuers import FRESH, RESTRAINT, STALE, Issuers
from phasegate.identity.jwt import Refused, take_apart
from phasegate.identity.outbound import Allowed, Outbound
from tests.support.issuer import RSA, Issuer, jwks, serving

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
FETCH = ["/.well-known/openid-configuration", "/keys"]
OTHER = RSAKey.generate_key(2048, parameters={"kid": "rsa-2"})


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as served:
        yield served


def asked(issuer: Issuer, *asks: tuple[timedelta, Any]) -> list[str]:
    """The subject of each accepted token, or `refused`: tokens signed by a key, at some time after `NOW`."""

    async def run() -> list[str]:
        outbound = Outbound(Allowed.read(issuer.endpoint))
        issuers, found = Issuers(outbound), []
        for after, key in asks:
            if callable(key):
                key()
                continue
            try:
                claims = await issuers.claims(take_apart(issuer.token({"sub": "job"}, key)), NOW + after)
                found.append(str(claims["sub"]))
            except Refused:
                found.append("refused")
        await outbound.close()
        return found

    return asyncio.run(run())


def at(**later: int) -> timedelta:
    return timedelta(**later)


def test_keys_are_kept(issuer: Issuer) -> None:
    assert asked(issuer, (at(), RSA), (at(minutes=1), RSA), (FRESH - at(seconds=1), RSA)) == ["job"] * 3
    assert issuer.asked == FETCH


def test_the_operator_is_told_why_there_are_none(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    issuer.down = True
    assert asked(issuer, (at(), RSA), (at(seconds=1), RSA)) == ["refused"] * 2
    assert [each.getMessage() for each in caplog.records if each.name.endswith("issuers")] == [
        f"the keys of the issuer {issuer.url} can't be had: 127.0.0.1 answered 503"
    ]


def test_and_asked_for_again_when_they_are_old(issuer: Issuer) -> None:
    assert asked(issuer, (at(), RSA), (FRESH, RSA)) == ["job"] * 2
    assert issuer.asked == FETCH * 2


def test_a_new_key_is_found_at_once(issuer: Issuer) -> None:
    def rotate() -> None:
        issuer.keys = jwks(OTHER)

    assert asked(issuer, (at(), RSA), (at(), rotate), (at(minutes=1), OTHER)) == ["job"] * 2
    assert issuer.asked == FETCH * 2


def test_a_flood_of_unknown_keys_asks_once(issuer: Issuer) -> None:
    flood = [(at(seconds=n), OTHER) for n in range(1, 100)]
    assert asked(issuer, (at(), RSA), *flood, (at(seconds=100), RSA)) == ["job", *["refused"] * 99, "job"]
    assert issuer.asked == FETCH * 2
    issuer.asked.clear()
    later = [(at(seconds=1), OTHER), (at(seconds=2) + RESTRAINT, OTHER)]
    assert asked(issuer, *later) == ["refused"] * 2
    assert issuer.asked == FETCH * 3


def test_while_the_issuer_is_down_old_keys_serve_for_a_day(issuer: Issuer) -> None:
    def fail() -> None:
        issuer.down = True

    asks = [(at(), RSA), (at(), fail), (FRESH, RSA), (STALE - at(seconds=1), RSA), (STALE, RSA)]
    assert asked(issuer, *asks) == ["job"] * 3 + ["refused"]


def test_an_issuer_that_never_answered_is_not_asked_each_time(issuer: Issuer) -> None:
    issuer.down = True
    assert asked(issuer, *[(at(seconds=n), RSA) for n in range(29)]) == ["refused"] * 29
    assert issuer.asked == FETCH[:1]


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example"},
        {"jwks_uri": None},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"jwks_uri": 5},
    ],
    ids=str,
)
def test_a_document_that_does_not_fit(issuer: Issuer, change: dict[str, Any]) -> None:
    issuer.document |= change
    assert asked(issuer, (at(), RSA)) == ["refused"]


@pytest.mark.parametrize("keys", [None, {}, {"keys": []}, [1], {"keys": [{"kty": "oct", "k": "AA"}]}], ids=str)
def test_keys_that_are_none(issuer: Issuer, keys: Any) -> None:
    issuer.keys = keys
    assert asked(issuer, (at(), RSA)) == ["refused"]
