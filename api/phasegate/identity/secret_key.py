"""The one master key: other keys are derived from it, and secrets of others are encrypted under it.

HKDF-SHA-256 (RFC 5869) for the first, AES-256-GCM with a random nonce (SP 800-38D) for the second.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES = 32
_NONCE = 12


class SecretKey:
    """The key, which leaves this object only as what is derived from it."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < _BYTES:
            raise ValueError(f"a secret key has at least {_BYTES} bytes")
        self._raw = raw

    @classmethod
    def open(cls, path: Path) -> "SecretKey":
        """From a file, made with mode 0600 where there is none. Raises OSError, or ValueError where it is too short."""
        if not path.exists():
            _make(path)
        return cls(path.read_bytes())

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return HKDF(SHA256(), _BYTES, salt=None, info=purpose.encode()).derive(self._raw)

    def encrypt(self, secret: str, about: str) -> bytes:
        """`secret` as what can be stored; it opens only as what it is `about`."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.derived("encryption")).encrypt(nonce, secret.encode(), about.encode())

    def decrypt(self, stored: bytes, about: str) -> str:
        """What `encrypt` was given. Raises ValueError under another key, or for another `about`."""
        try:
            opened = AESGCM(self.derived("encryption")).decrypt(stored[:_NONCE], stored[_NONCE:], about.encode())
        except InvalidTag:
            raise ValueError("it was encrypted under another key") from None
        return opened.decode()


def _make(path: Path) -> None:
    """Whole or not at all, and never over one that another process made meanwhile."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
