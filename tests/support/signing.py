"""Keys, and envelopes signed with them, made as signers make them."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Document = dict[str, Any]
IN_TOTO = "application/vnd.in-toto+json"


class Signer(NamedTuple):
    """A pair of keys."""

    pem: str
    """The public half."""
    keyid: str
    sign: Callable[[bytes], bytes]


def _signer(public: Any, sign: Callable[[bytes], bytes]) -> Signer:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return Signer(pem, sha256(der).hexdigest(), sign)


def ed25519_signer() -> Signer:
    key = ed25519.Ed25519PrivateKey.generate()
    return _signer(key.public_key(), key.sign)


def p256_signer() -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    return _signer(key.public_key(), lambda message: key.sign(message, ec.ECDSA(SHA256())))


def p384_signer() -> Signer:
    key = ec.generate_private_key(ec.SECP384R1())
    return _signer(key.public_key(), lambda message: key.sign(message, ec.ECDSA(SHA384())))


def rsa_signer(*, pss: bool = True, bits: int = 2048) -> Signer:
    key = rsa.generate_private_key(65537, bits)
    scheme = padding.PSS(padding.MGF1(SHA256()), 32) if pss else padding.PKCS1v15()
    return _signer(key.public_key(), lambda message: key.sign(message, scheme, SHA256()))


SIGNERS: dict[str, Callable[[], Signer]] = {
    "ed25519": ed25519_signer,
    "ecdsa-p256": p256_signer,
    "ecdsa-p384": p384_signer,
    "rsa": rsa_signer,
    "rsa-pkcs1": lambda: rsa_signer(pss=False),
}


def pae(kind: str, payload: bytes) -> bytes:
    """What DSSE signs."""
    return b" ".join((b"DSSEv1", str(len(kind.encode())).encode(), kind.encode(), str(len(payload)).encode(), payload))


def envelope(payload: bytes, *signers: Signer, kind: str = IN_TOTO, keyid: str | None = None) -> Document:
    """A DSSE envelope; `keyid` in place of the signers' own."""
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [
            {
                "keyid": each.keyid if keyid is None else keyid,
                "sig": base64.b64encode(each.sign(pae(kind, payload))).decode(),
            }
            for each in signers
        ],
    }


def statement(*shas: str, **predicate: Any) -> bytes:
    """A statement that carries evidence of ours about these artifacts."""
    found = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"file-{n}", "digest": {"sha256": sha}} for n, sha in enumerate(shas)],
        "predicateType": "urn:phasegate:attestation:evidence:v1",
        "predicate": predicate,
    }
    return json.dumps(found).encode()
