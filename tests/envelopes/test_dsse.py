"""DSSE envelopes: the published vectors, and every confusion of keys and signatures."""

import base64
import copy
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import CryptoSigner, SSlibKey  # type: ignore[attr-defined]  # its stub lists none

from phasegate.envelopes.dsse import MOST_SIGNATURES, looks_like_one, read_envelope, signers
from phasegate.envelopes.public_keys import PublicKey, read_public_key
from phasegate.errors import Invalid
from tests.envelopes.test_public_keys import ED25519_PEM, P256_PEM
from tests.support.signing import IN_TOTO, SIGNERS, Signer, ed25519_signer, envelope, p256_signer, pae

ED25519 = read_public_key(ED25519_PEM)
P256 = read_public_key(P256_PEM)
PAYLOAD = (
    b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"properties":["PHASEGATE_LAUNCH_GO"],'
    b'"timeCreated":"2026-01-02T03:04:05Z","verifier":{"id":"https://gate.example/verifier/v1","policies":[]}},'
    b'"predicateType":"https://in-toto.io/attestation/svr/v0.2","subject":[{"digest":{"sha256":'
    b'"1d416976556b814d173e75f0ca0fbea0ba7cb9b58780990f151b0da018142e70"},"name":"model.onnx"}]}'
)
ED25519_SIG = "9rOyheDzPJ0ozMkP1rZTEFLWUszb67LaIH9+cQAfOggI4Tt3m821fTwkDx08lGLsuY2iXyrMACbb+BG7q5jNBA=="
P256_SIG = "MEYCIQCXuAZm3goG3/AKgYv9w/hTespvLkhlYsQClrtDM71soQIhAJyW4JF4HR48mBVNZ+VqFhxOBJMi/WzpnAxk4iSudq67"
ED25519_PRIVATE = "MC4CAQAwBQYDK2VwBCIEICC5u/2ARAjz+4PynFyBiGMgHdrjrdRRoV4hvYOi7Q/q"
VECTOR: dict[str, Any] = {
    "payload": base64.b64encode(PAYLOAD).decode(),
    "payloadType": IN_TOTO,
    "signatures": [{"keyid": ED25519.keyid, "sig": ED25519_SIG}, {"keyid": P256.keyid, "sig": P256_SIG}],
}


def known(*signers: Signer) -> list[PublicKey]:
    return [read_public_key(each.pem) for each in signers]


def made_by(document: Any, *keys: PublicKey) -> list[str]:
    """The ids of the keys that signed."""
    return [key.keyid for key in signers(read_envelope(document), keys).by]


def refused(document: Any, *keys: PublicKey) -> Invalid:
    with pytest.raises(Invalid) as caught:
        signers(read_envelope(document), keys)
    assert caught.value.reason == "signature_refused"
    return caught.value


class TestVectors:
    def test_of_the_specification(self) -> None:
        """Its key, and r and s side by side: secure-systems-lab/dsse, protocol.md."""
        key = ec.EllipticCurvePublicNumbers(
            46950820868899156662930047687818585632848591499744589407958293238635476079160,
            5640078356564379163099075877009565129882514886557779369047442380624545832820,
            ec.SECP256R1(),
        ).public_key()
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        signer = read_public_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
        document = {
            "payload": "aGVsbG8gd29ybGQ=",
            "payloadType": "http://example.com/HelloWorld",
            "signatures": [
                {"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}
            ],
        }
        assert read_envelope(document).signed() == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        assert made_by(document, signer) == [signer.keyid]

    def test_of_ours(self) -> None:
        assert len(PAYLOAD) == 377
        assert made_by(VECTOR, P256, ED25519) == [ED25519.keyid, P256.keyid]

    def test_what_is_signed(self) -> None:
        from hashlib import sha256

        signed = read_envelope(VECTOR).signed()
        assert sha256(signed).hexdigest() == "e90028708f48be9070b31346ce02cd03c940d0eec3940959e0f2024261799852"
        private = load_der_private_key(base64.b64decode(ED25519_PRIVATE), None)
        assert isinstance(private, Ed25519PrivateKey)
        assert base64.b64encode(private.sign(signed)).decode() == ED25519_SIG

    def test_the_length_is_counted_in_bytes(self) -> None:
        signer = ed25519_signer()
        document = envelope("é".encode(), signer, kind="tÿpe")
        assert read_envelope(document).signed() == "DSSEv1 5 tÿpe 2 é".encode()
        assert made_by(document, *known(signer)) == [signer.keyid]


class TestReading:
    def test_url_safe_base64_and_none_of_its_padding(self) -> None:
        for strip in ("", "="):
            document = copy.deepcopy(VECTOR)
            document["payload"] = base64.urlsafe_b64encode(PAYLOAD).decode().rstrip(strip or None)
            for each in document["signatures"]:
                each["sig"] = base64.urlsafe_b64encode(base64.b64decode(each["sig"])).decode().rstrip(strip or None)
            assert made_by(document, ED25519, P256) == [ED25519.keyid, P256.keyid]

    def test_unknown_keys_and_absent_or_null_key_ids(self) -> None:
        document = copy.deepcopy(VECTOR) | {"more": 1}
        document["signatures"] = [{"sig": ED25519_SIG, "cert": "x"}, {"sig": P256_SIG, "keyid": None}]
        assert made_by(document, ED25519, P256) == [ED25519.keyid, P256.keyid]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"payload": None}, "payload"),
            ({"payload": "a b"}, "payload"),
            ({"payload": "a"}, "payload"),
            ({"payload": "aGk\n"}, "payload"),
            ({"payloadType": ""}, "payloadType"),
            ({"payloadType": 3}, "payloadType"),
            ({"signatures": []}, "signatures"),
            ({"signatures": {}}, "signatures"),
            ({"signatures": [{"sig": "AA=="}] * (MOST_SIGNATURES + 1)}, "signatures"),
            ({"signatures": ["AA=="]}, "signatures[0]"),
            ({"signatures": [{"keyid": "x"}]}, "signatures[0].sig"),
            ({"signatures": [{"sig": ""}]}, "signatures[0].sig"),
            ({"signatures": [{"sig": "ä"}]}, "signatures[0].sig"),
            ({"signatures": [{"sig": "AA==", "keyid": 3}]}, "signatures[0].keyid"),
        ],
    )
    def test_what_is_none(self, change: dict[str, Any], path: str) -> None:
        with pytest.raises(Invalid) as caught:
            read_envelope(VECTOR | change)
        assert path in [fault.path for fault in caught.value.faults]

    @pytest.mark.parametrize("key", ["payload", "payloadType", "signatures"])
    def test_all_three_keys_make_one(self, key: str) -> None:
        assert looks_like_one(VECTOR)
        assert not looks_like_one({name: value for name, value in VECTOR.items() if name != key})
        assert not looks_like_one([VECTOR])


class TestSigners:
    @pytest.mark.parametrize("kind", SIGNERS)
    def test_every_kind_of_key(self, kind: str) -> None:
        signer = SIGNERS[kind]()
        assert made_by(envelope(PAYLOAD, signer), *known(signer)) == [signer.keyid]

    def test_a_bad_signature_of_a_known_key_beside_a_good_one(self) -> None:
        good, bad = ed25519_signer(), p256_signer()
        document = envelope(PAYLOAD, good, bad)
        document["signatures"][1]["sig"] = base64.b64encode(bad.sign(b"another")).decode()
        assert "signatures[1]" in refused(document, *known(good, bad)).detail
        # Nobody knows the second key: that it doesn't verify can't be known either.
        found = signers(read_envelope(document), known(good))
        assert ([key.keyid for key in found.by], found.unknown) == ([good.keyid], (bad.keyid,))

    def test_the_name_of_one_known_key_on_the_signature_of_another(self) -> None:
        first, second = ed25519_signer(), ed25519_signer()
        refused(envelope(PAYLOAD, first, keyid=second.keyid), *known(first, second))

    def test_the_name_of_nobody_on_the_signature_of_a_known_key(self) -> None:
        signer = ed25519_signer()
        for hint in ("nobody", "0" * 64):
            assert made_by(envelope(PAYLOAD, signer, keyid=hint), *known(signer)) == [signer.keyid]

    @pytest.mark.parametrize("kind", ["ed25519", "ecdsa-p256", "rsa"])
    def test_every_name_that_signers_have_for_a_key(self, kind: str) -> None:
        signer, other = SIGNERS[kind](), p256_signer()
        for name in read_public_key(signer.pem).names():
            assert made_by(envelope(PAYLOAD, signer, keyid=name), *known(signer, other)) == [signer.keyid]
            refused(envelope(PAYLOAD + b" ", signer, keyid=name) | {"payload": VECTOR["payload"]}, *known(signer))

    def test_no_name(self) -> None:
        signer, other = ed25519_signer(), p256_signer()
        assert made_by(envelope(PAYLOAD, signer, keyid=""), *known(other, signer)) == [signer.keyid]
        refused(envelope(PAYLOAD, signer, keyid=""), *known(other))
        found = signers(read_envelope(envelope(PAYLOAD, signer, keyid="")), [])
        assert (found.by, found.unknown) == ((), ("",))

    def test_an_unknown_key(self) -> None:
        signer, other = ed25519_signer(), ed25519_signer()
        found = signers(read_envelope(envelope(PAYLOAD, signer)), known(other))
        assert (found.by, found.unknown) == ((), (signer.keyid,))

    def test_several_signatures_of_one_key_are_one(self) -> None:
        signer = p256_signer()
        assert made_by(envelope(PAYLOAD, signer, signer, signer), *known(signer)) == [signer.keyid]

    def test_the_type_is_signed_too(self) -> None:
        signer = ed25519_signer()
        refused(envelope(PAYLOAD, signer) | {"payloadType": f"{IN_TOTO} "}, *known(signer))

    def test_lengths_part_type_and_payload(self) -> None:
        """Where the type ends can't be moved."""
        signer = ed25519_signer()
        document = envelope(b"b 1 c", signer, kind="a")
        moved = document | {"payloadType": "a 5 b", "payload": base64.b64encode(b"c").decode()}
        refused(moved, *known(signer))

    def test_raw_ecdsa_of_another_length_than_the_curve_s(self) -> None:
        signer = p256_signer()
        document = envelope(PAYLOAD, signer)
        for size in (0, 1, 63, 64, 65, 96):
            document["signatures"][0]["sig"] = base64.b64encode(b"\x01" * size).decode() or "AA=="
            refused(document, *known(signer))

    def test_zero_and_huge_numbers_in_ecdsa(self) -> None:
        signer = p256_signer()
        document = envelope(PAYLOAD, signer)
        for r, s in ((0, 0), (1, 0), (0, 1), (2**256 - 1, 2**256 - 1)):
            for raw in (encode_dss_signature(r, s), r.to_bytes(32) + s.to_bytes(32)):
                document["signatures"][0]["sig"] = base64.b64encode(raw).decode()
                refused(document, *known(signer))

    def test_an_unnamed_signature_over_a_lot_is_not_tried_for_ever(self) -> None:
        signer = ed25519_signer()
        others = [read_public_key(ed25519_signer().pem) for _ in range(70)]
        payload = b"x" * 8_000_000
        assert made_by(envelope(payload, signer), *others, *known(signer)) == [signer.keyid]
        for hint in ("", "nobody"):
            refused(envelope(payload, signer, keyid=hint), *others, *known(signer))
        assert made_by(envelope(PAYLOAD, signer, keyid="nobody"), *others, *known(signer)) == [signer.keyid]


class TestAnyByte:
    """Whatever byte is changed, nobody is said to have signed it."""

    SIGNERS = tuple(SIGNERS[kind]() for kind in ("ed25519", "ecdsa-p256", "ecdsa-p384", "rsa"))

    @given(st.data())
    def test_changed(self, data: st.DataObject) -> None:
        signer = data.draw(st.sampled_from(self.SIGNERS))
        hint = data.draw(st.sampled_from([signer.keyid, "", "unknown"]))
        document = envelope(PAYLOAD, signer, keyid=hint)
        assert made_by(document, *known(*self.SIGNERS)) == [signer.keyid]
        part = data.draw(st.sampled_from(["payload", "payloadType", "sig"]))
        holder = document["signatures"][0] if part == "sig" else document
        raw = holder[part].encode() if part == "payloadType" else base64.b64decode(holder[part])
        at = data.draw(st.integers(0, 2**16)) % len(raw)
        flipped = data.draw(st.integers(1, 127 if part == "payloadType" else 255))
        changed = raw[:at] + bytes([raw[at] ^ flipped]) + raw[at + 1 :]
        holder[part] = changed.decode() if part == "payloadType" else base64.b64encode(changed).decode()
        try:
            found = signers(read_envelope(document), known(*self.SIGNERS))
        except Invalid:
            return
        assert hint == "unknown"
        assert found.by == ()


class TestOthers:
    """What securesystemslib signs is verified here, and the other way round."""

    def test_theirs(self) -> None:
        for signer in (CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa()):
            theirs = TheirEnvelope(PAYLOAD, IN_TOTO, {})
            theirs.sign(signer)
            document = json.loads(json.dumps(theirs.to_dict()))
            pem = signer.public_key.keyval["public"]
            if signer.public_key.keytype == "ed25519":
                pem = _pem_of(bytes.fromhex(pem))
            key = read_public_key(pem)
            assert made_by(document, key) == [key.keyid]
            assert document["signatures"][0]["keyid"] in key.names()

    def test_ours(self) -> None:
        for kind in ("ed25519", "ecdsa-p256", "rsa"):
            signer = SIGNERS[kind]()
            key = SSlibKey.from_crypto(read_public_key(signer.pem).key, keyid=signer.keyid)
            theirs = TheirEnvelope.from_dict(copy.deepcopy(envelope(PAYLOAD, signer)))
            assert theirs.pae() == pae(IN_TOTO, PAYLOAD)
            assert set(theirs.verify([key], 1)) == {signer.keyid}


def _pem_of(raw: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
