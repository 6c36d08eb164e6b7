"""The master key, and what is made with it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from phasegate.identity.secret_key import SecretKey


def test_it_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        made = {key.derived("x") for key in pool.map(SecretKey.open, [path] * 32)}
    assert len(made) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_too_short(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 31)
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKey.open(tmp_path / "key")


def test_what_is_encrypted_opens_under_the_same_key_for_the_same_thing() -> None:
    key, other = SecretKey(b"a" * 32), SecretKey(b"b" * 32)
    stored = key.encrypt("client secret", "acme/1")
    assert b"client" not in stored
    assert stored != key.encrypt("client secret", "acme/1")
    assert key.decrypt(stored, "acme/1") == "client secret"
    for opener, about, content in (
        (other, "acme/1", stored),
        (key, "acme/2", stored),
        (key, "acme/1", stored[:-1]),
        (key, "acme/1", b"x" * 40),
    ):
        with pytest.raises(ValueError, match="another key"):
            opener.decrypt(content, about)


def test_each_purpose_has_a_key_of_its_own() -> None:
    key = SecretKey(b"a" * 32)
    assert len({key.derived("one"), key.derived("two"), b"a" * 32}) == 3
