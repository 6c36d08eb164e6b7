"""Canonical bytes and digests (RFC 8785, JSON Canonicalization Scheme)."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
import rfc8785

from phasegate.engine.instants import rfc3339

_JSON_SAFE = 2**53 - 1
_sorted = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of `value` (builtins, structs, instants).

    An integer that a double can't hold is written as the text of its digits, since RFC 8785 knows
    only doubles and two different integers must never share a digest.
    """
    try:
        return _sorted.encode(_plain(value))
    except _Unusual:
        return rfc8785.dumps(_exact(value))


def digest(value: Any) -> str:
    """`sha256:` and 64 hex digits over the canonical form of `value`."""
    return digest_of_bytes(canonical(value))


def digest_of_bytes(content: bytes) -> str:
    """`sha256:` and 64 hex digits over the bytes as they are."""
    return "sha256:" + sha256(content).hexdigest()


class _Unusual(Exception):
    """A value that msgspec would not write as RFC 8785 does."""


def _plain(value: Any) -> Any:
    """`value` so that msgspec, which is quicker, writes its RFC 8785 form; `_Unusual` where it can't.

    Both write texts alike, and doubles from 1e-4 on that aren't whole; both sort keys alike as long as
    they are ASCII.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -_JSON_SAFE <= value <= _JSON_SAFE else f"int:{value}"
    if kind is float:
        if value.is_integer() and abs(value) <= _JSON_SAFE:
            return int(value)
        if 1e-4 <= abs(value) < 1e15:
            return value
        raise _Unusual
    if kind is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            raise _Unusual
        return {key: _plain(item) for key, item in value.items()}
    if kind in (list, tuple):
        return [_plain(item) for item in value]
    if kind is datetime:
        return rfc3339(value)
    return _plain(msgspec.to_builtins(value, builtin_types=(datetime,)))


def _exact(value: Any) -> Any:
    kind = type(value)
    if kind is int:
        return value if -_JSON_SAFE <= value <= _JSON_SAFE else f"int:{value}"
    if kind is dict:
        return {key: _exact(item) for key, item in value.items()}
    if kind in (list, tuple):
        return [_exact(item) for item in value]
    if kind in (str, bool, float) or value is None:
        return value
    if kind is datetime:
        return rfc3339(value)
    return _exact(msgspec.to_builtins(value, builtin_types=(datetime,)))
