"""Instants and lengths of time: the one place where they are read, compared, added and written."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)

_LENGTH = re.compile(
    r"P(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?"
)


def parse_instant(text: str) -> datetime:
    """The instant that an RFC 3339 text with a zone names, in UTC, cut to microseconds.

    Raises ValueError, with a message for the writer, on anything else.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("is not an RFC 3339 instant with a zone, such as 2026-11-23T12:00:00Z")
    date, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{date}T{clock}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("names an instant that does not exist") from None


def parse_length(text: str) -> timedelta:
    """A length of time in ISO 8601 days, hours, minutes and seconds (`P90D`, `PT1H`).

    Raises ValueError, with a message for the writer, on anything else: months and years have no
    fixed length.
    """
    found = _LENGTH.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError("is not a length of time in days, hours, minutes and seconds, such as P90D")
    days, hours, minutes, seconds = (float(part) if "." in part else int(part) for part in found.groups("0"))
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError("is longer than any time") from None


def in_force(start: datetime, end: datetime | None, at: datetime) -> bool:
    """Half-open: in force at the first instant, no longer at the end. `end` None never ends."""
    return start <= at and (end is None or at < end)


def end_of(start: datetime, length: timedelta | None) -> datetime | None:
    """The first instant after `start + length`; None where it never comes."""
    if length is None:
        return None
    try:
        return start + length
    except OverflowError:
        return None


@lru_cache(16_384)
def rfc3339(instant: datetime) -> str:
    """`2026-11-23T12:00:00Z`; a fraction only where it isn't zero, without trailing zeros (RFC 3339)."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    text = instant.isoformat()[:-6]
    return (text.rstrip("0") if instant.microsecond else text) + "Z"


def spoken(length: timedelta) -> str:
    """A length of time in words: `7 days`, `1 hour`, `90 minutes`, `30 seconds`."""
    whole, rest = length.days * 86400 + length.seconds, length.microseconds
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if not rest and whole and whole % size == 0:
            return f"{whole // size} {word}{'' if whole == size else 's'}"
    return f"{length.total_seconds()} seconds" if rest else "0 seconds"
