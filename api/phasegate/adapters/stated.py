"""Numbers and times as tools write them. Nothing is guessed: what can't be read for certain is None."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from phasegate.engine.instants import parse_instant
from phasegate.engine.shape import TOO_BIG

_COUNT = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{0,400}\.?[0-9]{0,400}(?:[eE][+-]?[0-9]{1,4})?")
# Surefire groups thousands. "1,234" alone could as well be a decimal comma, so the point must be there.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,20}")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?) ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_RFC1123 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) "
    r"([0-9]{2}:[0-9]{2}:[0-9]{2})(?: (GMT|UTC|UT|Z|[+-][0-9]{4}))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoZone(ValueError):
    """A time, but not one that names an instant."""


def count(text: str) -> int | None:
    """A whole number from 0 on, of at most 9 digits."""
    text = text.strip()
    return int(text) if _COUNT.fullmatch(text) else None


def seconds(text: str) -> float | None:
    """A finite length of time from 0 on, as the file has it."""
    text = text.strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _SECONDS.fullmatch(text):
        return None
    try:
        value = float(text)
    except ValueError:  # "", ".", "e5"
        return None
    return value if math.isfinite(value) and value < TOO_BIG else None


def instant(text: str) -> datetime:
    """The instant of an ISO 8601 or RFC 1123 time with a zone, in UTC, cut to microseconds.

    Raises `NoZone` on a time without one, ValueError on anything else.
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        date, clock, zone = found.groups()
    elif found := _RFC1123.fullmatch(text):
        day, month, year, clock, zone = found.groups()
        date = f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}"
    else:
        raise ValueError("is no time that is read here")
    if zone is None:
        raise NoZone("has no zone")
    if zone[0] not in "+-":
        zone = "Z"
    elif ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return parse_instant(f"{date}T{clock}{zone}").astimezone(UTC)


def since_epoch(seconds: Any) -> datetime | None:
    """The instant, in UTC; None for what is none, and for 0, which writers put who don't know."""
    if type(seconds) not in (int, float) or not 0 < seconds < TOO_BIG:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def since_epoch_ms(value: Any, *, or_digits: bool = False) -> datetime | None:
    """The same of milliseconds; `or_digits` for servers that write them as text."""
    if or_digits and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return since_epoch(value / 1000) if type(value) in (int, float) else None
