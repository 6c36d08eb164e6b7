"""Sigstore bundles, v0.1 to v0.3: a DSSE envelope with what is needed to verify it offline.

- With a `certificate` (keyless), sigstore-python verifies it against a trusted root that the operator gave:
  certificate chain, signed certificate timestamp, entry in the transparency log, signature. No network.
- With a `publicKey`, the bundle only hints at a key; the envelope is verified as any other, by registered keys.
  A key that the bundle brings along is never looked at, nor is its log entry.
"""

from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat import asn1
from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    ObjectIdentifier,
    RFC822Name,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    UnrecognizedExtension,
)

from phasegate.envelopes.dsse import Envelope, Signature, read_envelope
from phasegate.errors import Fault, Invalid

MEDIA_TYPES = (
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json",
)
"""Of a request; inside the bundle the second one names its version: `;version=0.1`."""
CLAIMS = {
    "build_signer_uri": 9,
    "build_signer_digest": 10,
    "runner_environment": 11,
    "source_repository_uri": 12,
    "source_repository_digest": 13,
    "source_repository_ref": 14,
    "source_repository_identifier": 15,
    "source_repository_owner_uri": 16,
    "source_repository_owner_identifier": 17,
    "build_config_uri": 18,
    "build_config_digest": 19,
    "build_trigger": 20,
    "run_invocation_uri": 21,
    "source_repository_visibility": 22,
}
"""What a certificate of Fulcio says of the run besides `issuer` and `identity`, by the last part of its OID."""
_ARC = "1.3.6.1.4.1.57264.1"
_ISSUER = 8
_KEYLESS = ("certificate", "x509CertificateChain")
_INSIDE = {MEDIA_TYPES[0], *(f"{MEDIA_TYPES[1]};version=0.{minor}" for minor in (1, 2, 3))}


class SignedBundle(NamedTuple):
    envelope: Envelope
    keyless: bool


def looks_like_one(document: Any) -> bool:
    """Whether a JSON document says that it is a bundle."""
    kind = document.get("mediaType") if isinstance(document, dict) else None
    return isinstance(kind, str) and kind.startswith("application/vnd.dev.sigstore.bundle")


def read_bundle(document: Any) -> SignedBundle:
    """A bundle's envelope, not verified yet. Raises `Invalid`."""
    if not isinstance(document, dict) or document.get("mediaType") not in _INSIDE:
        raise _refused("mediaType", f"must be one of: {', '.join(sorted(_INSIDE))}")
    if "dsseEnvelope" not in document:
        told = "is missing; a bundle over a bare file says nothing of it"
        raise _refused("dsseEnvelope", told, "sign an in-toto statement")
    envelope = read_envelope(document["dsseEnvelope"], "dsseEnvelope.")
    if len(envelope.signatures) != 1:
        raise _refused("dsseEnvelope.signatures", f"must be exactly one in a bundle, not {len(envelope.signatures)}")
    found = document.get("verificationMaterial")
    material = found if isinstance(found, dict) else {}
    kinds = [key for key in ("publicKey", *_KEYLESS) if key in material]
    if len(kinds) != 1:
        raise _refused("verificationMaterial", "must hold one of publicKey, certificate, x509CertificateChain")
    if kinds[0] != "publicKey":
        return SignedBundle(envelope, True)
    return SignedBundle(_hinted(envelope, material["publicKey"]), False)


def _hinted(envelope: Envelope, public_key: Any) -> Envelope:
    """The envelope, whose one signature names the key that the bundle hints at."""
    hint = public_key.get("hint") if isinstance(public_key, dict) else None
    if hint in (None, ""):
        return envelope
    if not isinstance(hint, str) or len(hint) > 1_024:
        raise _refused("verificationMaterial.publicKey.hint", "must be text of at most 1024 characters")
    (signature,) = envelope.signatures
    if signature.hint not in ("", hint):
        raise _refused("verificationMaterial.publicKey.hint", "is another than the keyid of the envelope")
    return envelope._replace(signatures=(Signature(hint, signature.value),))


def verify_keyless(raw: bytes, trusted_root: Path) -> tuple[Envelope, dict[str, str]]:
    """What was signed, and the verified claims of who signed: `issuer`, `identity`, and those of `CLAIMS` that the
    certificate holds. Raises `Invalid` for what doesn't verify, ValueError for a root that can't be read.

    Takes tens of milliseconds, and loads sigstore when called first.
    """
    from sigstore.errors import Error
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier

    try:
        verifier = Verifier(trusted_root=TrustedRoot.from_file(str(trusted_root)))
    except (OSError, Error, ValueError) as error:
        raise ValueError(f"{trusted_root} is no trusted root of Sigstore: {type(error).__name__}") from error
    signer = _Signer()
    try:
        kind, payload = verifier.verify_dsse(Bundle.from_json(raw), signer)
    except Exception as error:  # whatever the bytes made it raise, they did not verify
        told = f"does not verify against the trusted root of this server: {_shortly(error)}"
        fault = Fault("", told, suggestion="sign anew; nothing of this bundle was stored")
        raise Invalid(f"the bundle {told}", faults=(fault,), code="signature_refused") from None
    return Envelope(kind, payload, ()), signer.claims


class _Signer:
    """In place of a policy of sigstore's: collects whom the verified certificate names, and demands that it names
    somebody. Whether he is trusted is decided by rules of ours."""

    def __init__(self) -> None:
        self.claims: dict[str, str] = {}

    def verify(self, cert: Certificate) -> None:
        from sigstore.errors import VerificationError

        names = cert.extensions.get_extension_for_class(SubjectAlternativeName).value
        identities = [*names.get_values_for_type(RFC822Name), *names.get_values_for_type(UniformResourceIdentifier)]
        issuer = _text(cert, _ISSUER)
        if len(list(names)) != 1 or len(identities) != 1 or not issuer:
            raise VerificationError("the certificate must name one identity and its issuer")
        found = {name: _text(cert, arc) for name, arc in CLAIMS.items()}
        self.claims = {"issuer": issuer, "identity": identities[0]} | {key: text for key, text in found.items() if text}


def _text(cert: Certificate, arc: int) -> str:
    """The text of an extension; empty where there is none."""
    try:
        value = cert.extensions.get_extension_for_oid(ObjectIdentifier(f"{_ARC}.{arc}")).value
    except ExtensionNotFound:
        return ""
    assert isinstance(value, UnrecognizedExtension)
    return asn1.decode_der(str, value.value)


def _shortly(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (text if text.isprintable() else type(error).__name__)[:200]


def _refused(path: str, told: str, suggestion: str | None = None) -> Invalid:
    return Invalid.at(path, told, suggestion=suggestion, code="unreadable_bundle")
