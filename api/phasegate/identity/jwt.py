"""Signed tokens of OIDC issuers (RFC 7519, OpenID Connect Core 1.0, BCP 225), checked before a claim is believed.

The order of checks matters: nothing of a token is looked at before its size, no key is taken from it, and
claims are read only once the signature holds. What is refused is told in words that hold nothing of the token.
"""

import base64
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from phasegate.errors import Malformed
from phasegate.reading import read_json

LARGEST = 16 * 1024
"""Bytes of a token."""
LEEWAY = 60
LONGEST_LIFE = 24 * 3600
"""Both in seconds."""
_KEY_OF = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
ALGORITHMS = tuple(_KEY_OF)
"""Asymmetric ones alone: with `HS256` a public key would be a secret that everybody knows."""
_CARRIED_KEYS = ("jwk", "jku", "x5u", "x5c")
_KINDS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LEAST_RSA = 2048
_MOST_KEYS = 100


class Refused(Exception):
    """The token is not accepted; why, in words."""


class UnknownKey(Refused):
    """No key of the issuer fits the token: it may have new ones."""


class PublicKey(NamedTuple):
    """One key of an issuer."""

    kid: str | None
    kty: str
    alg: str | None
    key: Key


def key_set(document: Any) -> tuple[PublicKey, ...]:
    """The keys of a JWKS (RFC 7517) that can check a signature; others in it are passed over.

    Raises ValueError where it is none, or holds no such key.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ValueError(f"a key set is {{keys: […]}} with at most {_MOST_KEYS} keys")
    keys = tuple(key for key in map(_public_key, listed) if key is not None)
    if not keys:
        raise ValueError("the key set holds no RSA, EC P-256 or Ed25519 key for signatures")
    return keys


def _public_key(jwk: Any) -> PublicKey | None:
    if not isinstance(jwk, dict) or jwk.get("kty") not in _KINDS or jwk.get("use", "sig") != "sig":
        return None
    if {"d", "p", "q", "dp", "dq", "qi"} & set(jwk):
        raise ValueError("the key set holds a private key: its owner must replace it")
    if jwk["kty"] != "RSA" and jwk.get("crv") not in ("P-256", "Ed25519"):
        return None
    kid, alg = jwk.get("kid"), jwk.get("alg")
    if not isinstance(kid, str | None) or not isinstance(alg, str | None):
        return None
    try:
        if jwk["kty"] == "RSA" and int.from_bytes(_bytes(jwk["n"])).bit_length() < _LEAST_RSA:
            return None
        key = _KINDS[jwk["kty"]].import_key({name: value for name, value in jwk.items() if name != "key_ops"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return PublicKey(kid, jwk["kty"], alg, key)


class Unverified(NamedTuple):
    """A token taken apart: only to find out whose keys to check it with."""

    token: str
    alg: str
    kid: str | None
    issuer: str
    claims: dict[str, Any]
    """As anybody may have written them."""


def take_apart(token: str) -> Unverified:
    """The header of a token, and the issuer that it names. Raises `Refused`."""
    if len(token) > LARGEST:
        raise Refused(f"the token is longer than {LARGEST} bytes")
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise Refused("the token is no signed JWT: it has not three parts")
    header, claims = (_json(part) for part in parts[:2])
    alg, kid, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if alg not in _KEY_OF:
        raise Refused(f"the token must be signed with one of {', '.join(ALGORITHMS)}")
    for name in ("crit", "b64", *_CARRIED_KEYS):
        if name in header:
            raise Refused(f"the token has a {name} in its header, which is not accepted")
    if not isinstance(kid, str | None) or not isinstance(issuer, str) or not issuer.isprintable():
        raise Refused("the token names no issuer, or no key in a form that can be read")
    return Unverified(token, alg, kid, issuer, claims)


def _json(part: str) -> dict[str, Any]:
    try:
        value = read_json(_bytes(part))
    except (Malformed, ValueError):
        raise Refused("the token is no signed JWT: a part of it can't be read") from None
    if not isinstance(value, dict):
        raise Refused("the token is no signed JWT: a part of it is no object")
    return value


def _bytes(text: str) -> bytes:
    """Base64url without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def verified(unverified: Unverified, keys: tuple[PublicKey, ...]) -> dict[str, Any]:
    """The claims of a token that one of these keys signed. Raises `UnknownKey` or `Refused`."""
    alg = unverified.alg
    fitting = [key for key in keys if key.kty == _KEY_OF[alg] and key.alg in {None, alg} | _same(alg)]
    if unverified.kid is not None:
        fitting = [key for key in fitting if key.kid == unverified.kid]
    if len(fitting) != 1:
        raise UnknownKey("the issuer has no key that the token names")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # that the name `EdDSA` is an old one
            signed = jws.deserialize_compact(unverified.token, fitting[0].key, algorithms=[alg])
        claims = read_json(signed.payload)
    except (JoseError, Malformed, ValueError, TypeError):
        raise Refused("the signature of the token doesn't hold") from None
    if not isinstance(claims, dict):
        raise Refused("the token holds no claims")
    return claims


def _same(alg: str) -> set[str]:
    """RFC 9864 has a new name for what was `EdDSA`."""
    return {"EdDSA", "Ed25519"} if alg in ("EdDSA", "Ed25519") else set()


def check_claims(claims: Mapping[str, Any], issuer: str, audience: str, now: datetime) -> None:
    """Raise `Refused` unless the token is from `issuer`, for `audience` alone, and in force at `now`."""
    if claims.get("iss") != issuer:
        raise Refused("the token is from another issuer")
    if claims.get("aud") not in (audience, [audience]):
        raise Refused(f"the token must be for the audience {audience!r}, and for no other")
    check_times(claims, now)


def check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Raise `Refused` unless the token is in force at `now`, and not for long."""
    at = now.timestamp()
    expires, starts, issued = (_seconds(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None:
        raise Refused("the token has no end (exp)")
    if at >= expires + LEEWAY:
        raise Refused("the token has expired")
    if any(instant is not None and at < instant - LEEWAY for instant in (starts, issued)):
        raise Refused("the token is not valid yet")
    if expires - (at if issued is None else issued) > LONGEST_LIFE:
        raise Refused("the token lives longer than a day")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"the token's {name} is no number of seconds")
    return float(value)
