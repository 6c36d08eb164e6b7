"""Signed bodies: DSSE envelopes and Sigstore bundles, by content type or by what JSON says of itself."""

import re
from typing import Any

import msgspec

from phasegate.envelopes.cloudevent import is_binary
from phasegate.envelopes.message import Beside
from phasegate.envelopes.sigstore_bundle import MEDIA_TYPES as BUNDLES
from phasegate.errors import Fault, Invalid, Problem
from phasegate.http.encodings import body_of
from phasegate.http.envelopes import beside, media_type
from phasegate.http.services import Call, actor, services
from phasegate.operations.addressed import Sent, accept
from phasegate.operations.evidence import Accepted
from phasegate.operations.releases import found_release
from phasegate.operations.signed import is_signed, open_signed
from phasegate.reading import read_json

DSSE = "application/vnd.dsse.envelope.v1+json"
_ATTESTATION = re.compile(r"application/vnd\.in-toto(\.[a-z0-9.-]+)?\+dsse")
_MARKS = (b'"payloadType"', b'"mediaType"')


async def signed(request: Call, media: str, body: bytes, said: Beside) -> Sent | None:
    """The evidence in a signed body; None where the body is none. Raises `Malformed` or `Invalid`."""
    certainly = _certainly(media)
    document = read_json(body) if certainly or (media == "application/json" and _may_be(body)) else None
    if is_signed(document):
        if is_binary(request.scope["headers"]):
            told = "stand beside a signed envelope, which nothing that they say is signed with"
            raise Invalid(f"the headers of a CloudEvent {told}; leave them out", faults=(Fault("ce-id", told),))
        return await _open(request, body, document, media, said)
    if certainly:
        told = "holds neither a DSSE envelope (payload, payloadType, signatures) nor a Sigstore bundle (mediaType)"
        raise Invalid(f"the body {told}", faults=(Fault("", told),))
    return None


async def signed_line(request: Call, raw: bytes, said: Beside) -> Sent | Problem | None:
    """The evidence in a line that is signed, or what is wrong with it; None where the line isn't signed."""
    try:
        document = read_json(raw) if _may_be(raw) else None
        return await _open(request, raw, document, "application/json", said) if is_signed(document) else None
    except Problem as problem:
        return problem


async def accept_signed(request: Call, subject: str, version: str) -> Accepted | None:
    """Accept a signed body that was posted to a release; None where the body isn't signed. Raises `Problem`."""
    media = media_type(request)
    if not _certainly(media) and media != "application/json":
        return None
    sent = await signed(request, media, await body_of(request), _at(request, subject, version))
    if sent is None:
        return None
    here = services(request)
    org = request.auth.org
    await here.database.read(lambda connection: found_release(connection, org, subject, version))
    return await accept(here.database, here.policies, actor(request), request.auth, sent, here.clock)


def _at(request: Call, subject: str, version: str) -> Beside:
    return msgspec.structs.replace(beside(request), subject=subject, release=version)


async def _open(request: Call, raw: bytes, document: Any, media: str, said: Beside) -> Sent:
    here = services(request)
    root = here.settings.sigstore_trusted_root
    return await open_signed(here.database, request.auth.org, raw, document, media, said, root, here.clock())


def _certainly(media: str) -> bool:
    """Whether a body of this content type has to be signed."""
    return media in (DSSE, *BUNDLES) or _ATTESTATION.fullmatch(media) is not None


def _may_be(body: bytes) -> bool:
    """Whether it is worth reading the JSON to find out."""
    return any(mark in body for mark in _MARKS)
