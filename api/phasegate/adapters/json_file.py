"""A tool's JSON file, parsed once for all formats that look at it."""

from functools import lru_cache
from typing import Any

from phasegate.errors import Malformed
from phasegate.reading import read_json

_OPENS = (b"{", b"[")


def look(raw: bytes) -> Any:
    """The content for a fingerprint, None where it is no JSON object or list. Shared: don't change it."""
    if not raw.lstrip()[:1].startswith(_OPENS):
        return None
    found = _parsed(raw)
    return None if isinstance(found, Malformed) else found


def parse(raw: bytes) -> Any:
    """The content, `NaN` and `Infinity` as the doubles they mean. Shared: don't change it. Raises `Malformed`."""
    found = _parsed(raw)
    if isinstance(found, Malformed):
        raise found
    return found


@lru_cache(maxsize=1)
def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw, non_finite=True)
    except Malformed as error:
        return error
