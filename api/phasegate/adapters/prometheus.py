"""What all answers of the Prometheus API share."""

import re
from typing import Any

from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import finite, label, mapping, refused

_VALUE = re.compile(r"[-+]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][-+]?[0-9]{1,4})?")
_NO_NUMBERS = ("NaN", "Inf", "+Inf", "-Inf")
_LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


def answer(content: Any, warnings: Warnings) -> dict[str, Any]:
    """The data of an answer that succeeded; its own warnings are passed on. Raises `Invalid` on any other."""
    envelope = mapping(content, "")
    status = envelope.get("status")
    if status != "success":
        told = label(envelope.get("error"))
        raise refused("status", f"must be success, not {shown(str(status))}" + (f": {told}" if told else ""))
    for kind in ("warnings", "infos"):
        said = envelope.get(kind)
        for each in said if isinstance(said, list) else []:
            warnings.add(f"Prometheus says: {label(each)}")
    return mapping(envelope.get("data"), "data")


def sample(pair: Any, path: str) -> tuple[float, float]:
    """Unix seconds and value, which may be infinite or none. Prometheus writes values, and them alone, as text."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise refused(path, 'must be a pair of a time and a value, such as [1795416579, "0.5"]')
    at = finite(pair[0])
    if at is None or not 0 <= at <= _LAST_SECOND:
        raise refused(f"{path}[0]", "must be a time in seconds since 1970")
    if pair[1] not in _NO_NUMBERS and not _VALUE.fullmatch(pair[1]):
        raise refused(f"{path}[1]", "must be a number as text")
    return at, float(pair[1])
