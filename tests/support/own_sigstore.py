"""A Sigstore of one's own: certificate authority, certificate log, transparency log, and bundles out of them.

Real ones hold no evidence of ours. What is made here is made as Fulcio and Rekor make it, and verified by
sigstore-python itself.
"""

import base64
import json
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.signing import IN_TOTO, pae

MADE = datetime(2027, 3, 5, 11, 0, tzinfo=UTC)
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _utf8(text: str) -> bytes:
    """DER UTF8String, as short as they come."""
    raw = text.encode()
    assert len(raw) < 256
    return b"\x0c" + (bytes([len(raw)]) if len(raw) < 128 else b"\x81" + bytes([len(raw)])) + raw


class OwnSigstore:
    """The keys of all its parts."""

    def __init__(self) -> None:
        self._ca, self._ct, self._log = _key(), _key(), _key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own")])
        self._root = (
            self._builder(self._name, self._ca, timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._ca.public_key()), critical=False)
            .sign(self._ca, SHA256())
        )

    def trusted_root(self) -> bytes:
        """The file that an operator would be given."""
        valid = {"start": "2020-01-01T00:00:00Z"}

        def log(key: ec.EllipticCurvePrivateKey, url: str) -> dict[str, Any]:
            public = {"rawBytes": _b64(_der(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}
            identifier = {"keyId": _b64(sha256(_der(key)).digest())}
            return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": identifier}

        authority = {
            "subject": {"organization": "own", "commonName": "own"},
            "uri": "https://fulcio.example",
            "certChain": {"certificates": [{"rawBytes": _b64(self._root.public_bytes(Encoding.DER))}]},
            "validFor": valid,
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self._log, "https://rekor.example")],
                "certificateAuthorities": [authority],
                "ctlogs": [log(self._ct, "https://ctfe.example")],
                "timestampAuthorities": [],
            }
        ).encode()

    def bundle(
        self, payload: bytes, issuer: str, identity: str, claims: dict[int, str] | None = None
    ) -> dict[str, Any]:
        """A keyless bundle v0.3; `claims` by the last part of their OID."""
        key = _key()
        certificate = self._certificate(key, issuer, identity, claims or {})
        signature = key.sign(pae(IN_TOTO, payload), ec.ECDSA(SHA256()))
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(payload, signature, certificate)],
            },
            "dsseEnvelope": {
                "payload": _b64(payload),
                "payloadType": IN_TOTO,
                "signatures": [{"sig": _b64(signature)}],
            },
        }

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(issuer_name=self._name)
            .subject_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(MADE)
            .not_valid_after(MADE + life)
        )

    def _certificate(
        self, key: ec.EllipticCurvePrivateKey, issuer: str, identity: str, claims: dict[int, str]
    ) -> x509.Certificate:
        name = x509.UniformResourceIdentifier(identity) if "://" in identity else x509.RFC822Name(identity)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._ca.public_key())
        builder = (
            self._builder(x509.Name([]), key, timedelta(minutes=10))
            .add_extension(_usage(sign=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        )
        for number, text in ({8: issuer} | claims).items():
            identifier = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
            builder = builder.add_extension(x509.UnrecognizedExtension(identifier, _utf8(text)), critical=False)
        promised = self._promise(builder.sign(self._ca, SHA256()).tbs_certificate_bytes)
        listed = x509.UnrecognizedExtension(_SCT_LIST, promised)
        return builder.add_extension(listed, critical=False).sign(self._ca, SHA256())

    def _promise(self, certificate: bytes) -> bytes:
        """The certificate log's signed timestamp (RFC 6962, 3.2), as the list that certificates carry."""
        at = int(MADE.timestamp() * 1000)
        size = len(certificate).to_bytes(3)
        entry = sha256(_der(self._ca)).digest() + size + certificate
        signature = self._ct.sign(struct.pack("!BBQH", 0, 0, at, 1) + entry + b"\0\0", ec.ECDSA(SHA256()))
        signed = b"\x04\x03" + len(signature).to_bytes(2) + signature
        promise = b"\0" + sha256(_der(self._ct)).digest() + at.to_bytes(8) + b"\0\0" + signed
        several = len(promise).to_bytes(2) + promise
        body = len(several).to_bytes(2) + several
        assert len(body) < 256
        return b"\x04" + (b"\x81" if len(body) > 127 else b"") + bytes([len(body)]) + body

    def _entry(self, payload: bytes, signature: bytes, certificate: x509.Certificate) -> dict[str, Any]:
        """The entry in the transparency log, its only one, with the log's promise and proof."""
        pem = certificate.public_bytes(Encoding.PEM)
        entry: Any = {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                "payloadHash": {"algorithm": "sha256", "value": sha256(payload).hexdigest()},
                "signatures": [{"signature": _b64(signature), "verifier": _b64(pem)}],
            },
        }
        body = rfc8785.dumps(entry)
        identifier = sha256(_der(self._log)).digest()
        at = int((MADE + timedelta(minutes=1)).timestamp())
        said: Any = {"body": _b64(body), "integratedTime": at, "logID": identifier.hex(), "logIndex": 0}
        promise = self._log.sign(rfc8785.dumps(said), ec.ECDSA(SHA256()))
        root = sha256(b"\0" + body).digest()
        note = f"rekor.example\n1\n{_b64(root)}\n"
        signed = identifier[:4] + self._log.sign(note.encode(), ec.ECDSA(SHA256()))
        return {
            "logIndex": "0",
            "logId": {"keyId": _b64(identifier)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {"signedEntryTimestamp": _b64(promise)},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _b64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n— rekor.example {_b64(signed)}\n"},
            },
            "canonicalizedBody": _b64(body),
        }


def _usage(*, sign: bool) -> x509.KeyUsage:
    """Of an authority, or of a key that signs files."""
    return x509.KeyUsage(not sign, False, False, False, False, sign, sign, False, False)
