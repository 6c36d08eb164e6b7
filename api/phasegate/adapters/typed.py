"""Values in a tool's file by the type that its writer promises: a number in quotes is no number.

What a fact needs is demanded, with its place in the file where it is something else (`mapping`, `items`, `count`
and those that raise). What may as well be absent is asked for: `None` or empty where it is something else.
"""

import math
from datetime import datetime
from typing import Any, TypeVar

from phasegate.adapters import stated
from phasegate.adapters.text import Warnings, clean, shown
from phasegate.engine.shape import TOO_BIG
from phasegate.errors import Invalid

C = TypeVar("C", list[Any], dict[str, Any])
MOST = 200_000
"""Entries of a list or object: about a second of work."""
_LONGEST_LABEL = 300
_BEYOND = 2**53
"""From here on nothing is counted: a double would no longer be exact, and sums have to fit in 64 bits."""
_KINDS = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}


def refused(path: str, told: str) -> Invalid:
    """What is wrong at `path` of the file, whose keys may be anything."""
    path = clean(path)[:_LONGEST_LABEL]
    return Invalid.at(path, told)


def mapping(value: Any, path: str) -> dict[str, Any]:
    """An object. Raises `Invalid`."""
    if isinstance(value, dict):
        return _bounded(value, path)
    raise refused(path, f"must be an object, not {_called(value)}")


def items(value: Any, path: str) -> list[Any]:
    """A list. Raises `Invalid`."""
    if isinstance(value, list):
        return _bounded(value, path)
    raise refused(path, f"must be a list, not {_called(value)}")


def mappings(value: Any, path: str) -> list[dict[str, Any]]:
    """A list of objects. Raises `Invalid`."""
    return [mapping(each, f"{path}[{n}]") for n, each in enumerate(items(value, path))]


def listed(parent: dict[str, Any], key: str, path: str = "") -> list[dict[str, Any]]:
    """The list of objects under `key`; empty where there is none, or null. Raises `Invalid`."""
    value = parent.get(key)
    return [] if value is None else mappings(value, f"{path}.{key}" if path else key)


def within(parent: dict[str, Any], key: str, path: str = "") -> dict[str, Any]:
    """The object under `key`; empty where there is none, or null. Raises `Invalid`."""
    value = parent.get(key)
    return {} if value is None else mapping(value, f"{path}.{key}" if path else key)


def switch(value: Any, path: str) -> bool:
    """True or false, not 1 or "true". Raises `Invalid`."""
    if value is True or value is False:
        return value
    raise refused(path, f"must be true or false, not {_called(value)}")


def count(value: Any, path: str) -> int:
    """A whole number from 0 on. Raises `Invalid`."""
    found = whole(value)
    if found is None:
        raise refused(path, f"must be a whole number from 0 on, not {_called(value)}")
    return found


def counted(parent: dict[str, Any], key: str, path: str = "") -> int:
    """The count under `key`; 0 where there is no such key. Raises `Invalid`, also on null."""
    return count(parent[key], f"{path}.{key}" if path else key) if key in parent else 0


def text(value: Any, path: str) -> str:
    """A text that isn't empty. Raises `Invalid`."""
    if isinstance(value, str) and value.strip():
        return value
    raise refused(path, f"must be text, not {_called(value) if value != '' else 'empty'}")


def is_number(value: Any) -> bool:
    """Whether it is one, be it finite or not; true and false are none."""
    return type(value) in (int, float)


def finite(value: Any) -> float | None:
    """A finite number; None for anything else, also where it stands for infinity."""
    return float(value) if is_number(value) and math.isfinite(value) and abs(value) < TOO_BIG else None


def amount(value: Any) -> float | None:
    """A finite number from 0 on; None for anything else."""
    found = finite(value)
    return found if found is not None and found >= 0 else None


def whole(value: Any) -> int | None:
    """A whole number from 0 to 2^53, also where it is written as a double; None for anything else."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < _BEYOND else None


def words(value: Any) -> str:
    """A text; empty for anything else."""
    return value if isinstance(value, str) else ""


def label(value: Any) -> str:
    """A name on one line, of at most 300 characters; empty for anything that is no text."""
    return clean(words(value).strip())[:_LONGEST_LABEL]


def object_in(value: Any) -> dict[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else []


def moment(value: Any, warnings: Warnings) -> datetime | None:
    """The instant that a text names; None, with a warning, where it names none."""
    if value is None:
        return None
    try:
        return stated.instant(words(value))
    except stated.NoZone:
        warnings.add(f"the time {shown(value)} has no zone, so it says no instant and is not used; state collected_at")
    except ValueError:
        told = shown(value) if isinstance(value, str) else _called(value)
        warnings.add(f"the time {told} can't be read and is not used; state collected_at")
    return None


def _bounded(value: C, path: str) -> C:
    if len(value) > MOST:
        raise refused(path, f"holds more than {MOST:,} entries; split the file")
    return value


def _called(value: Any) -> str:
    return _KINDS.get(type(value), "an object")
