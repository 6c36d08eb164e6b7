"""Logging a person in at an OIDC provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

What has to be remembered between going and coming back is derived from one secret that the browser keeps in a
cookie, so nothing is stored here, and an answer counts only in the browser that asked.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from phasegate.errors import Malformed
from phasegate.identity.issuers import Discovered, Issuers
from phasegate.identity.jwt import Refused, check_claims, take_apart
from phasegate.identity.outbound import Outbound, Unreachable
from phasegate.reading import read_json


class Provider(NamedTuple):
    """Where people of an org log in."""

    issuer: str
    client_id: str
    client_secret: str | None
    """None for a public client."""
    redirect_uri: str


class LoggedIn(NamedTuple):
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    """Of the ID token, verified."""
    mfa: bool
    """Whether the provider says that more than one factor was asked for."""
    name: str | None
    email: str | None
    """Both for eyes alone."""


def new_secret() -> str:
    """What a browser keeps while its person is away at the provider."""
    return secrets.token_urlsafe(32)


def derived(secret: str, purpose: str) -> str:
    """What serves one purpose (`state`, `nonce`, `verifier`): it tells nothing of the others or of the secret."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), "sha256")).decode().rstrip("=")


async def address(issuers: Issuers, provider: Provider, secret: str, now: datetime) -> str:
    """Where the browser is sent. Raises `Refused`."""
    found = await issuers.discovered(provider.issuer, now)
    endpoint = _endpoint(found, "authorization_endpoint")
    challenge = base64.urlsafe_b64encode(sha256(derived(secret, "verifier").encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": "openid profile email",
        "state": derived(secret, "state"),
        "nonce": derived(secret, "nonce"),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


async def logged_in(
    issuers: Issuers, outbound: Outbound, provider: Provider, secret: str, code: str, state: str, now: datetime
) -> LoggedIn:
    """Whom the provider's answer names. Raises `Refused`."""
    if not hmac.compare_digest(state.encode(), derived(secret, "state").encode()):
        raise Refused("the answer does not belong to this log-in; start again")
    found = await issuers.discovered(provider.issuer, now)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "client_id": provider.client_id,
        "code_verifier": derived(secret, "verifier"),
    }
    headers = {}
    if provider.client_secret is not None:
        pair = ":".join(quote(each, safe="") for each in (provider.client_id, provider.client_secret))
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        answer = read_json(await outbound.post_form(_endpoint(found, "token_endpoint"), form, headers))
    except (Unreachable, Malformed):
        raise Refused("the provider did not confirm the log-in; start again") from None
    token = answer.get("id_token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        raise Refused("the provider gave no ID token; ask for the scope openid")
    unverified = take_apart(token)
    if unverified.issuer != provider.issuer:
        raise Refused("the ID token is from another issuer")
    claims = await issuers.claims(unverified, now)
    check_claims(claims, provider.issuer, provider.client_id, now)
    nonce, subject = claims.get("nonce"), claims.get("sub")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), derived(secret, "nonce").encode()):
        raise Refused("the ID token does not belong to this log-in; start again")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Refused("the ID token names nobody")
    methods = claims.get("amr")
    told = {**await _described(outbound, found, answer, subject), **claims}
    name, email = (each if isinstance(each, str) else None for each in (told.get("name"), told.get("email")))
    mfa = isinstance(methods, list) and "mfa" in methods
    return LoggedIn(provider.issuer, subject, claims, mfa, name, email)


async def _described(outbound: Outbound, found: Discovered, answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What the provider says of the person beside the ID token."""
    url, token = found.document.get("userinfo_endpoint"), answer.get("access_token")
    if not isinstance(url, str) or not isinstance(token, str):
        return {}
    try:
        told = read_json(await outbound.get(url, {"Authorization": f"Bearer {token}"}))
    except (Unreachable, Malformed):
        return {}
    if not isinstance(told, dict) or told.get("sub") != subject:
        return {}
    return told


def _endpoint(found: Discovered, name: str) -> str:
    value = found.document.get(name)
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise Refused(f"the provider's discovery document names no {name}")
    return value
