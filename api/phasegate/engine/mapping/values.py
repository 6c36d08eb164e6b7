"""Values on their way: into CEL, and out of it into the data of a shape."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from phasegate.engine.instants import rfc3339
from phasegate.engine.mapping.document import Size
from phasegate.engine.shape import TOO_BIG, stamp


def finite(value: Any) -> bool:
    """Whether it is no double that counts as infinite."""
    return not isinstance(value, float) or (math.isfinite(value) and abs(value) < TOO_BIG)


def joined(sizes: Iterable[Size]) -> Size:
    """The size of several values together."""
    values = longest = text = 0
    for size in sizes:
        values += size.values
        longest, text = max(longest, size.longest), max(text, size.text)
    return Size(values, longest, text)


def cel_value(value: Any) -> Any:
    """A value that CEL computed in the form in which CEL takes it, times inside others included."""
    if isinstance(value, list):
        return [cel_value(item) for item in value]
    if isinstance(value, dict):
        return {key: cel_value(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        span = Duration()
        span.FromTimedelta(value)
        return span
    return value


def plain(value: Any) -> Any:
    """One value in the form in which CEL gives it."""
    if isinstance(value, Timestamp):
        return value.ToDatetime(UTC)
    return value.ToTimedelta() if isinstance(value, Duration) else value


def text_of(value: Any) -> Any:
    """A value as data has it: instants in RFC 3339, lengths of time in ISO 8601."""
    if isinstance(value, dict):
        return {key: text_of(item) for key, item in value.items()}
    if isinstance(value, list):
        return [text_of(item) for item in value]
    value = plain(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    return _length(value) if isinstance(value, timedelta) else value


def _length(value: timedelta) -> str:
    """In seconds, as a shape reads it; a negative length is none."""
    whole, rest = divmod(value // timedelta(microseconds=1), 1_000_000)
    return f"PT{whole}S" if not rest else f"PT{whole}.{rest:06}S"
