"""Public keys: read from PEM, named, and asked whether they made a signature.

| algorithm | keys | signatures |
| --- | --- | --- |
| `ed25519` | Ed25519, no point of small order | RFC 8032 |
| `ecdsa-p256` | P-256 | SHA-256; ASN.1 DER, or r and s side by side |
| `ecdsa-p384` | P-384 | SHA-384 or SHA-256; the same two forms |
| `rsa` | 2048 to 8192 bits, exponent 65537 or larger | SHA-256; PSS, or PKCS#1 v1.5 |
"""

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from phasegate.errors import Invalid

_BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]{1,40})-----[^-]*-----END (?P=label)-----")
_PUBLIC = ("PUBLIC KEY", "RSA PUBLIC KEY")
_ED25519_PRIME = 2**255 - 19
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER = (0, 1, _ED25519_PRIME - 1, _ORDER_8, _ED25519_PRIME - _ORDER_8)
"""The y of the points whose order divides 8: under such a key one signature fits many messages."""
_RSA_SCHEMES = (padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO), padding.PKCS1v15())


class _Curve(NamedTuple):
    algorithm: str
    size: int
    """Bytes of r, and of s."""
    hashes: tuple[HashAlgorithm, ...]
    scheme: str
    """As securesystemslib calls it."""


_CURVES = {
    "secp256r1": _Curve("ecdsa-p256", 32, (SHA256(),), "ecdsa-sha2-nistp256"),
    "secp384r1": _Curve("ecdsa-p384", 48, (SHA384(), SHA256()), "ecdsa-sha2-nistp384"),
}


class PublicKey(NamedTuple):
    """A key that can verify."""

    algorithm: str
    keyid: str
    """Hex SHA-256 of the DER SubjectPublicKeyInfo: its id everywhere here."""
    der: bytes
    """SubjectPublicKeyInfo."""
    pem: str
    key: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

    def names(self) -> frozenset[str]:
        """What signers call it in a hint: `keyid`, the same in base64 (sigstore clients), the hash of the PEM
        text (model-signing), and the one of securesystemslib."""
        own = base64.b64encode(bytes.fromhex(self.keyid)).decode()
        return frozenset((self.keyid, own, sha256(self.pem.encode()).hexdigest(), _of_securesystemslib(self)))

    def made(self, signature: bytes, message: bytes) -> bool:
        """Whether the holder of the private key signed `message`."""
        return any(self._attempts(signature, message))

    def _attempts(self, signature: bytes, message: bytes) -> Iterator[bool]:
        key = self.key
        if isinstance(key, Ed25519PublicKey):
            yield _true(key.verify, signature, message)
        elif isinstance(key, RSAPublicKey):
            for scheme in _RSA_SCHEMES:
                yield _true(key.verify, signature, message, scheme, SHA256())
        else:
            curve = _CURVES[key.curve.name]
            for form in _ecdsa_forms(signature, curve.size):
                for algorithm in curve.hashes:
                    yield _true(key.verify, form, message, ECDSA(algorithm))


def read_public_key(pem: str) -> PublicKey:
    """The one public key in a PEM text. Raises `Invalid`, which never repeats what was sent."""
    if "PRIVATE" in pem.upper():
        told = "is a private key. It was sent over a network: make a new pair, and register its public half"
        raise _refused(told, "openssl pkey -in key.pem -pubout", code="private_key")
    blocks = list(_BLOCK.finditer(pem))
    if len(blocks) != 1 or _BLOCK.sub("", pem).strip():
        told = f"must be one PEM block and nothing else, not {len(blocks)}" if blocks else "holds no PEM block"
        raise _refused(f"{told}; register each key by itself")
    if blocks[0]["label"] not in _PUBLIC:
        mend = "openssl x509 -in certificate.pem -pubkey -noout" if "CERT" in blocks[0]["label"] else None
        raise _refused("must be a PUBLIC KEY", mend)
    try:
        key = load_pem_public_key(blocks[0][0].encode())
    except (ValueError, UnsupportedAlgorithm, TypeError):
        raise _refused("can't be read as a public key") from None
    return _checked(key)


@lru_cache(1024)
def of_der(der: bytes) -> PublicKey:
    """A key that was read before, from its DER SubjectPublicKeyInfo."""
    return _checked(load_der_public_key(der))


def _checked(key: object) -> PublicKey:
    """Raises `Invalid` for a kind of key that is not used here, and for a weak one."""
    if isinstance(key, Ed25519PublicKey):
        y = int.from_bytes(key.public_bytes_raw(), "little") & (2**255 - 1)
        if y >= _ED25519_PRIME or y in _SMALL_ORDER:
            raise _refused("is a weak Ed25519 key, a point of small order or in no canonical form")
        return _named("ed25519", key)
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _named(_CURVES[key.curve.name].algorithm, key)
    if isinstance(key, RSAPublicKey):
        exponent = key.public_numbers().e
        if not 2048 <= key.key_size <= 8192 or exponent < 65_537 or exponent % 2 == 0:
            told = f"is an RSA key of {key.key_size} bits; 2048 to 8192 are taken, with 65537 or more as exponent"
            raise _refused(told)
        return _named("rsa", key)
    raise _refused("must be an Ed25519, ECDSA P-256 or P-384, or RSA key")


def _named(algorithm: str, key: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey) -> PublicKey:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(algorithm, sha256(der).hexdigest(), der, pem, key)


def _of_securesystemslib(key: PublicKey) -> str:
    """Its default id: SHA-256 over type, scheme and value, in a JSON that leaves newlines as they are."""
    inner = key.key
    if isinstance(inner, Ed25519PublicKey):
        kind, scheme, value = "ed25519", "ed25519", inner.public_bytes_raw().hex()
    elif isinstance(inner, RSAPublicKey):
        kind, scheme, value = "rsa", "rsassa-pss-sha256", key.pem
    else:
        kind, scheme, value = "ecdsa", _CURVES[inner.curve.name].scheme, key.pem
    text = f'{{"keytype":"{kind}","keyval":{{"public":"{value}"}},"scheme":"{scheme}"}}'
    return sha256(text.encode()).hexdigest()


def _ecdsa_forms(signature: bytes, size: int) -> Iterator[bytes]:
    """A signature in DER, and what r and s side by side are in DER."""
    yield signature
    if len(signature) == 2 * size:
        yield encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))


def _true(verify: object, *arguments: object) -> bool:
    try:
        verify(*arguments)  # type: ignore[operator]  # each kind of key has a signature of its own
    except InvalidSignature:
        return False
    return True


def _refused(told: str, suggestion: str | None = None, code: str = "unusable_key") -> Invalid:
    return Invalid.at("public_key", told, suggestion=suggestion, code=code)
