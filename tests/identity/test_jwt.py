"""What a token must be before a claim of it is believed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from phasegate.identity.jwt import LARGEST, Refused, UnknownKey, check_claims, key_set, take_apart, verified
from tests.support.issuer import EC, ED, RSA, Issuer, jwks

ISSUER = Issuer("https://issuer.example")
KEYS = key_set(jwks(RSA, EC, ED))
NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
AUDIENCE = "https://gate.example/orgs/acme"
GOOD: dict[str, Any] = {"aud": AUDIENCE, "exp": AT + 300, "nbf": AT - 5, "iat": AT - 5, "sub": "job"}


def accepted(token: str) -> dict[str, Any]:
    claims = verified(take_apart(token), KEYS)
    check_claims(claims, ISSUER.url, AUDIENCE, NOW)
    return claims


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")]
)
def test_each_algorithm(key: Any, alg: str) -> None:
    assert accepted(ISSUER.token(GOOD, key, alg))["sub"] == "job"


def test_an_audience_in_a_list_of_its_own() -> None:
    assert accepted(ISSUER.token(GOOD | {"aud": [AUDIENCE]}))["sub"] == "job"


def test_without_a_key_id_where_one_key_fits() -> None:
    assert accepted(ISSUER.token(GOOD, kid=None))["sub"] == "job"
    two = key_set(jwks(RSA, RSAKey.generate_key(2048, parameters={"kid": "rsa-2"})))
    with pytest.raises(UnknownKey):
        verified(take_apart(ISSUER.token(GOOD, kid=None)), two)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://other.example"},
        {"aud": [AUDIENCE, "https://other.example"]},
        {"aud": []},
        {"aud": None},
        {"aud": {"0": AUDIENCE}},
        {"aud": AUDIENCE + "/"},
        {"iss": "https://issuer.example/"},
        {"iss": "https://evil.example"},
        {"exp": None},
        {"exp": AT - 60},
        {"exp": AT - 3600},
        {"exp": str(AT + 300)},
        {"exp": True},
        {"exp": AT + 2 * 86400},
        {"nbf": AT + 61},
        {"iat": AT + 61},
        {"iat": "now"},
    ],
    ids=str,
)
def test_claims_that_do_not_fit(change: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        accepted(ISSUER.token(GOOD | change))


def test_clocks_may_differ_by_a_minute() -> None:
    assert accepted(ISSUER.token(GOOD | {"exp": AT - 59, "iat": AT - 300}))
    assert accepted(ISSUER.token(GOOD | {"nbf": AT + 60, "iat": AT + 60}))


class TestAttacks:
    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None], ids=repr)
    @pytest.mark.parametrize("signature", ["", "AA"])
    def test_no_signature(self, alg: str | None, signature: str) -> None:
        token = f"{encoded({'alg': alg, 'kid': 'rsa-1'})}.{encoded(GOOD | {'iss': ISSUER.url})}.{signature}"
        with pytest.raises(Refused):
            accepted(token)

    @pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
    def test_a_public_key_as_a_secret(self, alg: str) -> None:
        signed = f"{encoded({'alg': alg, 'kid': 'rsa-1'})}.{encoded(GOOD | {'iss': ISSUER.url})}"
        for secret in (RSA.as_pem(private=False), RSA.as_der(private=False), json.dumps(RSA.as_dict()).encode()):
            mac = hmac.new(secret, signed.encode(), getattr(hashlib, f"sha{alg[2:]}")).digest()
            with pytest.raises(Refused):
                accepted(f"{signed}.{encoded(mac)}")

    def test_a_key_of_another_kind(self) -> None:
        header = {"alg": "ES256", "kid": "rsa-1"}
        token = ISSUER.token(GOOD)
        with pytest.raises(Refused):
            accepted(".".join([encoded(header), *token.split(".")[1:]]))

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64"])
    def test_a_key_that_comes_with_the_token(self, name: str) -> None:
        own = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})
        values: dict[str, Any] = {
            "jwk": own.as_dict(private=False),
            "jku": "https://evil.example/keys",
            "x5u": "https://evil.example/cert",
            "x5c": ["MIIB"],
            "crit": ["exp"],
            "b64": False,
        }
        header = {"alg": "RS256", "kid": "rsa-1", name: values[name]}
        signed = f"{encoded(header)}.{encoded(GOOD | {'iss': ISSUER.url})}"
        with pytest.raises(Refused, match=name):
            accepted(f"{signed}.{encoded(b'x' * 256)}")

    def test_a_key_of_ones_own_under_the_issuers_key_id(self) -> None:
        own = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})
        with pytest.raises(Refused, match="signature"):
            accepted(ISSUER.token(GOOD, own))

    def test_a_key_id_that_nobody_knows(self) -> None:
        with pytest.raises(UnknownKey):
            accepted(ISSUER.token(GOOD, kid="../../etc/passwd"))

    def test_too_long(self) -> None:
        with pytest.raises(Refused, match="longer"):
            accepted(ISSUER.token(GOOD | {"filler": "x" * LARGEST}))

    @pytest.mark.parametrize("part", [0, 1, 2])
    def test_a_changed_part(self, part: int) -> None:
        parts = ISSUER.token(GOOD).split(".")
        other = ISSUER.token(GOOD | {"sub": "other"}, EC, "ES256").split(".")
        parts[part] = other[part]
        with pytest.raises(Refused):
            accepted(".".join(parts))

    def test_doubled_claims(self) -> None:
        raw = json.dumps(GOOD | {"iss": ISSUER.url})[:-1].encode() + b', "sub": "other"}'
        with pytest.raises(Refused):
            take_apart(f"{encoded({'alg': 'RS256'})}.{encoded(raw)}.AA")

    @given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: f"{encoded(raw)}.{encoded(raw)}.AA"))
    def test_anything_else(self, text: str) -> None:
        with pytest.raises(Refused):
            accepted(text)


class TestKeySets:
    def test_what_can_not_check_a_signature_is_passed_over(self) -> None:
        small = {"kty": "RSA", "kid": "small", "n": encoded((1 << 1023 | 1).to_bytes(128, "big")), "e": "AQAB"}
        others = [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"},
            EC.as_dict(private=False) | {"use": "enc"},
            small,
            {"kty": "RSA", "kid": "broken"},
            {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
            {"kty": 5},
            "text",
        ]
        found = key_set({"keys": [*others, RSA.as_dict(private=False)]})
        assert [key.kid for key in found] == ["rsa-1"]

    @pytest.mark.parametrize("wrong", [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": [{}] * 101}])
    def test_none(self, wrong: Any) -> None:
        with pytest.raises(ValueError, match="key set"):
            key_set(wrong)

    def test_a_private_key_is_told_and_not_used(self) -> None:
        with pytest.raises(ValueError, match="private"):
            key_set({"keys": [RSA.as_dict(private=True)]})

    def test_a_key_for_another_algorithm(self) -> None:
        keys = key_set({"keys": [RSA.as_dict(private=False) | {"alg": "PS256"}]})
        with pytest.raises(UnknownKey):
            verified(take_apart(ISSUER.token(GOOD)), keys)
        assert verified(take_apart(ISSUER.token(GOOD, alg="PS256")), keys)
