"""A tool's JSON file, parsed once for all formats that look at it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from phasegate.errors import Fault, Invalid, Malformed
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


def parse_like(raw: bytes, looks: Callable[[Any], bool], told: str) -> Any:
    """The content of a file that has the fingerprint, which `told` names. Raises `Malformed`, `Invalid` without it."""
    content = parse(raw)
    if not looks(content):
        refusal = f"the file is not {told}; send it as the tool wrote it"
        raise Invalid(refusal, faults=(Fault("", refusal),))
    return content


@lru_cache(maxsize=1)
def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw, non_finite=True)
    except Malformed as error:
        return error
