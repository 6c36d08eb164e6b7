"""Sigstore bundles: real ones, verified without a network, and what is none."""

import base64
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from phasegate.envelopes.dsse import signers
from phasegate.envelopes.public_keys import read_public_key
from phasegate.envelopes.sigstore_bundle import MEDIA_TYPES, looks_like_one, read_bundle, verify_keyless
from phasegate.errors import Invalid
from tests.support.signing import IN_TOTO, ed25519_signer, envelope

SAMPLES = Path(__file__).parent / "samples"
KEYLESS = (SAMPLES / "keyless.sigstore.json").read_bytes()
MODEL = json.loads((SAMPLES / "model.sig").read_bytes())
_ROOTS = Path(str(files("sigstore._store")))
STAGING = _ROOTS / "https%3A%2F%2Ftuf-repo-cdn.sigstage.dev" / "trusted_root.json"
PRODUCTION = _ROOTS / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev" / "trusted_root.json"
WORKFLOW = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
    "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)

_opened: list[str] = []
_watching = [False]
sys.addaudithook(
    lambda event, _arguments: _opened.append(event) if _watching[0] and event.startswith("socket.") else None
)


@pytest.fixture
def no_socket() -> Iterator[None]:
    """Fails where a socket is made, connected or a name is looked up."""
    verify_keyless(KEYLESS, STAGING)  # what is imported on the way tries whether there is IPv6
    _opened.clear()
    _watching[0] = True
    yield
    _watching[0] = False
    assert _opened == []


def refused(raw: bytes, root: Path = STAGING) -> None:
    with pytest.raises(Invalid) as caught:
        verify_keyless(raw, root)
    assert caught.value.reason == "signature_refused"


def changed(path: str, value: Any) -> bytes:
    """The keyless bundle with another value somewhere."""
    document = json.loads(KEYLESS)
    holder, steps = document, path.split(".")
    for step in steps[:-1]:
        holder = holder[int(step) if step.isdigit() else step]
    holder[steps[-1]] = value(holder[steps[-1]]) if callable(value) else value
    return json.dumps(document).encode()


def flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(raw).decode()


class TestKeyless:
    def test_a_real_one_without_a_network(self, no_socket: None) -> None:
        found, claims = verify_keyless(KEYLESS, STAGING)
        assert found.payload_type == IN_TOTO
        assert found.payload == base64.b64decode(json.loads(KEYLESS)["dsseEnvelope"]["payload"])
        assert claims["issuer"] == "https://token.actions.githubusercontent.com"
        assert claims["identity"] == WORKFLOW
        assert claims["source_repository_identifier"] == "632596897"
        assert claims["source_repository_owner_identifier"] == "131804563"
        assert claims["build_trigger"] == "workflow_dispatch"

    def test_one_that_doesn_t_verify_without_a_network(self, no_socket: None) -> None:
        refused(changed("dsseEnvelope.payload", flipped))
        refused(KEYLESS, PRODUCTION)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("dsseEnvelope.payload", flipped),
            ("dsseEnvelope.payloadType", "application/json"),
            ("dsseEnvelope.signatures.0.sig", flipped),
            ("verificationMaterial.certificate.rawBytes", flipped),
            ("verificationMaterial.tlogEntries.0.canonicalizedBody", flipped),
            ("verificationMaterial.tlogEntries.0.inclusionProof.rootHash", flipped),
            ("verificationMaterial.tlogEntries", []),
            ("verificationMaterial.timestampVerificationData", {"rfc3161Timestamps": []}),
            ("verificationMaterial.timestampVerificationData.rfc3161Timestamps.0.signedTimestamp", flipped),
        ],
    )
    def test_any_part_of_it_changed(self, path: str, value: Any) -> None:
        refused(changed(path, value))

    @pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", KEYLESS[:-2]])
    def test_none_at_all(self, raw: bytes) -> None:
        refused(raw)

    def test_a_root_that_is_none(self, tmp_path: Path) -> None:
        for content in (b"", b"{}", b"\xff", b'{"mediaType":"x"}'):
            root = tmp_path / "trusted_root.json"
            root.write_bytes(content)
            with pytest.raises(ValueError, match="no trusted root"):
                verify_keyless(KEYLESS, root)
        with pytest.raises(ValueError, match="no trusted root"):
            verify_keyless(KEYLESS, tmp_path / "nowhere.json")

    def test_sigstore_is_loaded_late(self) -> None:
        code = (
            "import sys, phasegate.http.app; assert not [name for name in sys.modules if name.startswith('sigstore')]"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestReading:
    def test_keyless_or_by_a_key(self) -> None:
        assert read_bundle(json.loads(KEYLESS)).keyless
        assert not read_bundle(MODEL).keyless

    @pytest.mark.parametrize("media", [MEDIA_TYPES[0], *(f"{MEDIA_TYPES[1]};version=0.{minor}" for minor in (1, 2, 3))])
    def test_every_version(self, media: str) -> None:
        document = MODEL | {"mediaType": media}
        assert looks_like_one(document)
        assert read_bundle(document).envelope.payload_type == IN_TOTO

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"mediaType": f"{MEDIA_TYPES[1]};version=0.4"}, "mediaType"),
            ({"mediaType": "application/vnd.dev.sigstore.bundle.v0.4+json"}, "mediaType"),
            ({"mediaType": None}, "mediaType"),
            ({"verificationMaterial": None}, "verificationMaterial"),
            ({"verificationMaterial": {}}, "verificationMaterial"),
            ({"verificationMaterial": {"publicKey": {}, "certificate": {}}}, "verificationMaterial"),
            ({"verificationMaterial": {"publicKey": {"hint": 3}}}, "verificationMaterial.publicKey.hint"),
            ({"dsseEnvelope": None}, ""),
        ],
    )
    def test_what_is_none(self, change: dict[str, Any], path: str) -> None:
        with pytest.raises(Invalid) as caught:
            read_bundle(MODEL | change)
        assert path in [fault.path for fault in caught.value.faults]

    def test_a_signature_over_a_bare_file(self) -> None:
        document = {key: value for key, value in MODEL.items() if key != "dsseEnvelope"}
        with pytest.raises(Invalid, match="says nothing of it"):
            read_bundle(document | {"messageSignature": {}})

    def test_exactly_one_signature(self) -> None:
        document = copy.deepcopy(MODEL)
        document["dsseEnvelope"]["signatures"] *= 2
        with pytest.raises(Invalid, match="exactly one"):
            read_bundle(document)


class TestByAKey:
    KEY = read_public_key(base64.b64decode(MODEL["verificationMaterial"]["publicKey"]["rawBytes"]).decode())

    def test_a_real_one(self) -> None:
        assert self.KEY.algorithm == "ecdsa-p384"
        found = signers(read_bundle(MODEL).envelope, [self.KEY])
        assert [key.keyid for key in found.by] == [self.KEY.keyid]

    def test_a_key_that_the_bundle_brings_along_is_never_looked_at(self) -> None:
        found = signers(read_bundle(MODEL).envelope, [])
        assert (found.by, found.unknown) == ((), ("",))

    def test_the_hint_names_the_key(self) -> None:
        signer, other = ed25519_signer(), ed25519_signer()
        keys = [read_public_key(each.pem) for each in (signer, other)]
        document = MODEL | {
            "dsseEnvelope": envelope(b"{}", signer, keyid=""),
            "verificationMaterial": {"publicKey": {"hint": signer.keyid}},
        }
        assert signers(read_bundle(document).envelope, keys).by == (keys[0],)
        document["verificationMaterial"] = {"publicKey": {"hint": other.keyid}}
        with pytest.raises(Invalid):
            signers(read_bundle(document).envelope, keys)

    def test_hint_and_keyid_are_the_same(self) -> None:
        signer = ed25519_signer()
        document = MODEL | {
            "dsseEnvelope": envelope(b"{}", signer),
            "verificationMaterial": {"publicKey": {"hint": "another"}},
        }
        with pytest.raises(Invalid, match="another than the keyid"):
            read_bundle(document)
