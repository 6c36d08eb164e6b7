"""Public keys that may vouch for evidence."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.envelopes.public_keys import of_der, read_public_key
from phasegate.errors import NotFound
from phasegate.http.bodies import ReasonText, as_shown, cursor_key, instant, json_response, page, page_limit, read_body
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.operations.keys import NewKey, register, revoke
from phasegate.reading import Name
from phasegate.storage import keys as stored
from phasegate.storage.keys import KeyRecord

_LONGEST_PEM = 16_384
_Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Patterns = Annotated[tuple[_Pattern, ...], msgspec.Meta(min_length=1, max_length=100)]


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key, and what it may vouch for."""

    name: Name
    public_key: Annotated[str, msgspec.Meta(max_length=_LONGEST_PEM)]
    """PEM: Ed25519, ECDSA P-256 or P-384, RSA of 2048 bits or more."""
    subjects: _Patterns
    """Patterns of subject names; `*` for all."""
    types: _Patterns
    """Patterns of evidence types; `*` for all."""
    not_before: str | None = None
    """RFC 3339; left out: from now on."""
    not_after: str | None = None
    """The first instant at which it no longer vouches; left out: until it is revoked."""


class KeyRevocationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: ReasonText
    compromised_since: str | None = None
    """RFC 3339: evidence received from then on that it alone attested is revoked, too."""


class KeyShown(msgspec.Struct, frozen=True):
    id: str
    name: str
    keyid: str
    """Hex SHA-256 of the DER SubjectPublicKeyInfo: what signers write as `keyid`."""
    algorithm: str
    public_key: str
    subjects: tuple[str, ...]
    types: tuple[str, ...]
    not_before: datetime
    not_after: datetime | None
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None
    compromised_since: datetime | None
    evidence_revoked: int | None = None
    """How many records this very call revoked."""


class KeyPage(msgspec.Struct, frozen=True):
    items: list[KeyShown]
    next_cursor: str | None


@post(
    "/keys",
    operation_id="registerKey",
    summary="Register a public key",
    opt={"scope": "admin"},
    operation_class=json_operation(KeyBody),
    responses={200: ResponseSpec(KeyShown, description="The same key was there")},
    status_code=201,
)
async def register_key(request: Call) -> Response[KeyShown]:
    """What it signs from now on counts as `attested`, within its limits. 409 where the same public key stands with
    other limits, or was revoked."""
    body = await read_body(request, KeyBody)
    wanted = NewKey(
        body.name,
        read_public_key(body.public_key),
        body.subjects,
        body.types,
        instant(body.not_before, "not_before"),
        instant(body.not_after, "not_after"),
    )
    here = services(request)
    key, created = await register(here.database, actor(request), wanted, here.clock())
    return json_response(_shown(key), 201 if created else 200)


@get("/keys", operation_id="listKeys", summary="Public keys", opt={"scope": "read", "query": ("cursor", "limit")})
async def list_keys(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[KeyPage]:
    """All that ever were registered, newest first."""
    count, before, org = page_limit(limit), cursor_key(cursor), request.auth.org
    found = await services(request).database.read(lambda connection: stored.page(connection, org, before, count + 1))
    return json_response(page(found, count, lambda each: each.id, _shown))


@get("/keys/{id:str}", operation_id="getKey", summary="One public key", opt={"scope": "read"})
async def get_key(request: Call, id: FromPath[str]) -> Response[KeyShown]:  # noqa: A002 - the contract's name
    """As it stands."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: stored.by_id(connection, org, id))
    if found is None:
        raise NotFound("there is no such key")
    return json_response(_shown(found))


@post(
    "/keys/{id:str}/revocation",
    operation_id="revokeKey",
    summary="Revoke a public key",
    opt={"scope": "admin"},
    operation_class=json_operation(KeyRevocationBody),
    status_code=200,
)
async def revoke_key(request: Call, id: FromPath[str]) -> Response[KeyShown]:  # noqa: A002 - the contract's name
    """It vouches for nothing any more; with `compromised_since`, what rests on it from then on no longer counts."""
    body = await read_body(request, KeyRevocationBody)
    since = instant(body.compromised_since, "compromised_since")
    here = services(request)
    revoked = await revoke(here.database, actor(request), id, body.reason, since, here.clock)
    return json_response(_shown(revoked.key, revoked.evidence))


def _shown(key: KeyRecord, evidence_revoked: int | None = None) -> KeyShown:
    public = of_der(key.der)
    return as_shown(KeyShown, key, algorithm=public.algorithm, public_key=public.pem, evidence_revoked=evidence_revoked)


HANDLERS = [register_key, list_keys, get_key, revoke_key]
