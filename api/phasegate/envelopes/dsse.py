"""DSSE envelopes: what is inside, and by which keys it was signed.

For each signature, the first that applies:
- it names a known key, which verifies it: that key's;
- it names a known key, which doesn't verify it: refused, whatever other signatures there are;
- another known key verifies it: that key's, since a name is a hint that anybody can write;
- it has no name: refused where any key is known, since it can't be told from one that was tampered with;
- else it is of an unknown key: neither checked nor counted.

Several signatures of one key count as one. Whether a key that signed may vouch is not decided here.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

import msgspec

from phasegate.envelopes.public_keys import PublicKey
from phasegate.errors import Fault, Invalid
from phasegate.reading import read_struct

MOST_SIGNATURES = 16
_MOST_TRIED = 500_000_000
"""Bytes hashed for signatures that name no known key, which every key has to be tried for: about a second."""
_PER_TRY = 50_000
"""What a try costs whatever the length, in bytes hashed in that time."""
_URL_SAFE = str.maketrans("-_", "+/")


class Signature(NamedTuple):
    hint: str
    """The keyid as written: which key the signer says it was; empty where he doesn't."""
    value: bytes


class Envelope(NamedTuple):
    """What was signed, and the signatures; nothing of it is verified yet."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def signed(self) -> bytes:
        """The bytes that signatures are over: type and payload, each behind its length in bytes."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)


class Signed(NamedTuple):
    """Who signed."""

    by: tuple[PublicKey, ...]
    """Of the known keys, each once."""
    unknown: tuple[str, ...]
    """The hints of the signatures that no known key made."""


class _Signature(msgspec.Struct, frozen=True):
    sig: Annotated[str, msgspec.Meta(min_length=1, max_length=4_096)]
    keyid: Annotated[str, msgspec.Meta(max_length=1_024)] | None = None


class _Envelope(msgspec.Struct, frozen=True):
    payload: str
    payloadType: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]  # noqa: N815 - the specification's name
    signatures: Annotated[tuple[_Signature, ...], msgspec.Meta(min_length=1, max_length=MOST_SIGNATURES)]


def looks_like_one(document: Any) -> bool:
    """Whether a JSON document has the three keys of an envelope."""
    return isinstance(document, dict) and {"payload", "payloadType", "signatures"} <= document.keys()


def read_envelope(document: Any, path: str = "") -> Envelope:
    """An envelope out of a JSON document that lies at `path`. Unknown keys are ignored, as DSSE demands.
    Raises `Invalid`."""
    found = read_struct(_Envelope, _known_keys(document))
    return Envelope(
        found.payloadType,
        decoded(found.payload, f"{path}payload"),
        tuple(
            Signature(each.keyid or "", decoded(each.sig, f"{path}signatures[{n}].sig"))
            for n, each in enumerate(found.signatures)
        ),
    )


def decoded(text: str, path: str) -> bytes:
    """Base64 in either alphabet, with or without its padding. Raises `Invalid`."""
    try:
        plain = text.rstrip("=").translate(_URL_SAFE)
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid.at(path, "is not base64") from None


def signers(envelope: Envelope, known: Iterable[PublicKey]) -> Signed:
    """Which of the known keys signed the envelope. Raises `Invalid` for a signature that is refused."""
    keys = [(key, key.names()) for key in known]
    message = envelope.signed()
    by: list[PublicKey] = []
    unknown = []
    tried = 0
    for n, signature in enumerate(envelope.signatures):
        named = [key for key, names in keys if signature.hint in names]
        tried += 0 if named else len(keys) * (len(message) + _PER_TRY)
        if tried > _MOST_TRIED:
            raise _untried(n)
        found = next((key for key in named or (key for key, _ in keys) if key.made(signature.value, message)), None)
        if found is None and (named or (keys and not signature.hint)):
            raise _refused(n, signature.hint)
        if found is None:
            unknown.append(signature.hint)
        elif found not in by:
            by.append(found)
    return Signed(tuple(by), tuple(unknown))


def _known_keys(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    kept = {key: value for key, value in document.items() if key in _Envelope.__struct_fields__}
    if isinstance(kept.get("signatures"), list):
        kept["signatures"] = [
            {key: value for key, value in each.items() if key in _Signature.__struct_fields__}
            if isinstance(each, dict)
            else each
            for each in kept["signatures"]
        ]
    return kept


def _untried(n: int) -> Invalid:
    told = "names no registered key, and the envelope is too large to try them all"
    fault = Fault(f"signatures[{n}].keyid", told, suggestion="name the key as GET /v1/keys does")
    return Invalid(f"signatures[{n}] {told}", faults=(fault,), code="signature_refused")


def _refused(n: int, hint: str) -> Invalid:
    told = (
        f"does not verify under the key {hint[:64]} that it names: the envelope was changed, or another key made it"
        if hint
        else "names no key, and no registered key made it: the envelope was changed, or its key is not registered"
    )
    mend = "sign anew; nothing of this envelope was stored"
    return Invalid.at(f"signatures[{n}]", told, suggestion=mend, code="signature_refused")
