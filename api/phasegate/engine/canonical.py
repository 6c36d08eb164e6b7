"""Canonical bytes and digests (RFC 8785, JSON Canonicalization Scheme)."""

from hashlib import sha256
from typing import Any

import msgspec
import rfc8785

from phasegate.engine.instants import rfc3339

_JSON_SAFE = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of `value` (builtins, structs, instants).

    An integer that a double can't hold is written as the string of its digits, since RFC 8785 knows
    only doubles and two different integers must never share a digest.
    """
    return rfc8785.dumps(_plain(value))


def digest(value: Any) -> str:
    """`sha256:` and 64 hex digits over the canonical form of `value`."""
    return digest_of_bytes(canonical(value))


def digest_of_bytes(content: bytes) -> str:
    """`sha256:` and 64 hex digits over the bytes as they are."""
    return "sha256:" + sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is bool or value is None or kind is float:
        return value
    if kind is int:
        return value if -_JSON_SAFE <= value <= _JSON_SAFE else f"int:{value}"
    if kind is dict:
        return {key: _plain(item) for key, item in value.items()}
    if kind in (list, tuple):
        return [_plain(item) for item in value]
    return _plain(msgspec.to_builtins(value, enc_hook=_instant))


def _instant(value: Any) -> str:
    return rfc3339(value)
