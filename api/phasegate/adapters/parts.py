"""Parts of a tool's file, whose types nobody promised."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from phasegate.adapters import json_file
from phasegate.adapters.text import MAX_MESSAGE, clean
from phasegate.engine.shape import TOO_BIG
from phasegate.errors import Fault, Invalid

T = TypeVar("T")
MOST = 1_000
"""Entries of a list or map that rules see."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def refused(message: str) -> Invalid:
    """What is wrong with the file, and what to send instead."""
    return Invalid(message, faults=(Fault("", message),))


def json_like(raw: bytes, looks: Callable[[Any], bool], told: str) -> Any:
    """The content of a JSON file that has the fingerprint. Raises `Malformed`, or `Invalid` where it lacks it."""
    content = json_file.parse(raw)
    if not looks(content):
        raise refused(f"the file is not {told}; send it as the tool wrote it")
    return content


def object_in(value: Any) -> dict[str, Any]:
    """The object, empty where it is none."""
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    """The list, empty where it is none."""
    return value if isinstance(value, list) else []


def text_in(value: Any) -> str:
    """The text as one clean line of at most 500 characters, empty where it is none."""
    return clean(value.strip())[:MAX_MESSAGE] if isinstance(value, str) else ""


def is_number(value: Any) -> bool:
    return type(value) in (int, float)


def finite(value: Any) -> float | None:
    """The number; None where it is none, or infinite as some trackers write it."""
    return float(value) if is_number(value) and math.isfinite(value) and abs(value) < TOO_BIG else None


def count(value: Any) -> int | None:
    """The whole number from 0 on, also where it is written as a double; None for anything else."""
    number = finite(value)
    return int(number) if number is not None and number.is_integer() and 0 <= number < 2**53 else None


def instant_of_ms(value: Any) -> datetime | None:
    """The instant of milliseconds since 1970 (some servers write them as text), None where there is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    number = count(value)
    if not number:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        return None


def bounded(items: Iterable[T], worse: Callable[[T], bool]) -> tuple[list[T], int]:
    """At most 1,000, the worse first and otherwise in order; and how many are left out."""
    ordered = sorted(items, key=lambda item: not worse(item))
    return ordered[:MOST], max(0, len(ordered) - MOST)
