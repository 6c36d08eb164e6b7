"""Typed looks into a tool's JSON. What is of another type than it should be is never read as something else."""

import math
from datetime import UTC, datetime
from typing import Any, NoReturn

from phasegate.engine.shape import TOO_BIG
from phasegate.errors import Malformed

_MOST = 2**53
"""A count from here on is no count."""


def count(holder: dict[str, Any], key: str, *, absent: int | None = None) -> int:
    """A whole number from 0 on; where it is missing, `absent`. Raises `Malformed`, also on a missing one without it."""
    value = holder.get(key)
    if value is None and absent is not None and key not in holder:
        return absent
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value < _MOST:
        refuse(key, "a whole number from 0 on")
    return value


def switch(holder: dict[str, Any], key: str) -> bool:
    """Raises `Malformed` where it is neither true nor false."""
    value = holder.get(key)
    if value is not True and value is not False:
        refuse(key, "true or false")
    return bool(value)


def objects(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects. Raises `Malformed`."""
    value = holder.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        refuse(key, "a list of objects")
    return value


def mapping(holder: dict[str, Any], key: str) -> dict[str, Any]:
    """An object. Raises `Malformed`."""
    value = holder.get(key)
    if not isinstance(value, dict):
        refuse(key, "an object")
    return value


def text(holder: dict[str, Any], key: str) -> str:
    """Empty where it is absent or no text."""
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def amount(value: Any) -> float | None:
    """A finite number from 0 on, None for anything else."""
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value < TOO_BIG:
        return None
    return float(value)


def since_epoch(seconds: Any) -> datetime | None:
    """The instant, in UTC, None for what is none; 0 is what writers put who don't know."""
    value = amount(seconds)
    if not value:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def refuse(key: str, should_be: str) -> NoReturn:
    raise Malformed(f"`{key}` is missing or is not {should_be}; send the file as the tool wrote it")
