"""Public keys: which are read, how they are called, what they verify."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # its stub lists none

from phasegate.envelopes.public_keys import of_der, read_public_key
from phasegate.errors import Invalid
from tests.support.signing import SIGNERS, Signer, ed25519_signer, p256_signer, p384_signer, rsa_signer

ED25519_PEM = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEANxw/0ShFXFH46UFtq1ZZZvV3zAkPVkrNjUi26v8B89s=
-----END PUBLIC KEY-----
"""
P256_PEM = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAER5TeUgcybzO4LqvWApAwQ8dNAmzG
l1G7Ibbnfm8CTqE/g3WriUWHmP6Et8LD1+7Tw5kfwJ12wOL0E08VFXKo3w==
-----END PUBLIC KEY-----
"""
every = pytest.mark.parametrize("kind", SIGNERS)


def refused(pem: str, code: str = "unusable_key") -> str:
    with pytest.raises(Invalid) as caught:
        read_public_key(pem)
    assert caught.value.reason == code
    assert caught.value.faults[0].path == "public_key"
    return caught.value.detail


class TestReading:
    @every
    def test_what_is_read(self, kind: str) -> None:
        signer = SIGNERS[kind]()
        key = read_public_key(signer.pem)
        assert key.algorithm == kind.removesuffix("-pkcs1")
        assert key.keyid == signer.keyid
        assert key.pem == signer.pem
        assert of_der(key.der).keyid == key.keyid

    def test_white_space_around_the_block(self) -> None:
        assert read_public_key(f"\n  {ED25519_PEM}\r\n".replace("\n", "\r\n")).algorithm == "ed25519"

    @pytest.mark.parametrize(
        "pem",
        [
            "",
            "no key",
            ED25519_PEM * 2,
            ED25519_PEM + P256_PEM,
            "# my key\n" + ED25519_PEM,
            ED25519_PEM[:-10],
            ED25519_PEM.replace("MCow", "MCox"),
            ED25519_PEM.replace("PUBLIC KEY", "CERTIFICATE"),
            ED25519_PEM.replace("PUBLIC KEY", "SSH2 PUBLIC KEY"),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDccP9EoRVxR+OlBbatWWWb1d8wJD1ZKzY1Itur/AfPb",
        ],
    )
    def test_what_is_no_single_public_key(self, pem: str) -> None:
        refused(pem)

    @pytest.mark.parametrize(
        ("form", "secret"),
        [
            (PrivateFormat.PKCS8, False),
            (PrivateFormat.PKCS8, True),
            (PrivateFormat.TraditionalOpenSSL, False),
            (PrivateFormat.TraditionalOpenSSL, True),
            (PrivateFormat.OpenSSH, False),
        ],
    )
    def test_a_private_key_is_refused_and_never_told(self, form: PrivateFormat, secret: bool) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        encryption = BestAvailableEncryption(b"x" * 8) if secret else NoEncryption()
        pem = key.private_bytes(Encoding.PEM, form, encryption).decode()
        body = "".join(line for line in pem.splitlines() if "-----" not in line)
        for text in (pem, ED25519_PEM + pem, pem.lower()):
            told = refused(text, "private_key")
            assert body[:24] not in told
            assert "new pair" in told

    def test_a_private_key_that_claims_to_be_public(self) -> None:
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        body = base64.b64encode(raw).decode()
        assert body[:16] not in refused(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")


class TestWeakKeys:
    @pytest.mark.parametrize(
        "key",
        [
            rsa.generate_private_key(65537, 1024).public_key(),
            rsa.RSAPublicNumbers(3, rsa.generate_private_key(65537, 2048).public_key().public_numbers().n).public_key(),
            ec.generate_private_key(ec.SECP521R1()).public_key(),
            ec.generate_private_key(ec.SECP256K1()).public_key(),
            ec.generate_private_key(ec.BrainpoolP256R1()).public_key(),
            ed448.Ed448PrivateKey.generate().public_key(),
            x25519.X25519PrivateKey.generate().public_key(),
            dsa.generate_private_key(2048).public_key(),
        ],
        ids=["rsa-1024", "rsa-e3", "p521", "secp256k1", "brainpool", "ed448", "x25519", "dsa"],
    )
    def test_refused(self, key: rsa.RSAPublicKey) -> None:
        refused(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())

    @pytest.mark.parametrize(
        "raw",
        [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ],
    )
    def test_ed25519_points_of_small_order(self, raw: str) -> None:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
        assert "small order" in refused(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


class TestNames:
    def test_the_id_is_the_hash_of_the_der_form(self) -> None:
        assert read_public_key(ED25519_PEM).keyid == "4a75e98cd55de870e953c730081a884e8fef9d0300e5c6a7eeed81d78a7aa760"
        assert read_public_key(P256_PEM).keyid == "0d9023fea27c056570772cef8409aed2a3f1d019e78360de22e253f1fd1d17b2"

    @pytest.mark.parametrize("kind", ["ed25519", "ecdsa-p256", "ecdsa-p384", "rsa"])
    def test_securesystemslib_calls_it_by_one_of_them(self, kind: str) -> None:
        key = read_public_key(SIGNERS[kind]().pem)
        assert SSlibKey.from_crypto(key.key).keyid in key.names()

    def test_two_keys_share_no_name(self) -> None:
        assert not read_public_key(ED25519_PEM).names() & read_public_key(P256_PEM).names()


class TestSignatures:
    @every
    def test_made_by_it_and_by_no_other(self, kind: str) -> None:
        signer, other = SIGNERS[kind](), SIGNERS[kind]()
        signature = signer.sign(b"message")
        key = read_public_key(signer.pem)
        assert key.made(signature, b"message")
        assert not key.made(signature, b"messagf")
        assert not key.made(other.sign(b"message"), b"message")
        assert not key.made(signature[:-1], b"message")
        assert not key.made(signature + b"\x00", b"message")
        assert not key.made(b"", b"message")

    @pytest.mark.parametrize(("make", "size"), [(p256_signer, 32), (p384_signer, 48)])
    def test_ecdsa_side_by_side(self, make: Callable[[], Signer], size: int) -> None:
        signer = make()
        r, s = decode_dss_signature(signer.sign(b"message"))
        raw = r.to_bytes(size) + s.to_bytes(size)
        key = read_public_key(signer.pem)
        assert key.made(raw, b"message")
        assert not key.made(raw, b"another")
        assert not key.made(raw[::-1], b"message")
        assert not key.made(bytes(2 * size), b"message")

    def test_a_signature_of_another_kind_of_key(self) -> None:
        signers = [ed25519_signer(), p256_signer(), rsa_signer()]
        for signer in signers:
            for other in signers:
                made = read_public_key(signer.pem).made(other.sign(b"message"), b"message")
                assert made is (signer is other)
