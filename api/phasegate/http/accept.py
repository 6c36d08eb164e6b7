"""Which of the forms that there are a caller asks for (RFC 9110, 12.5.1). The framework's own reading fails on an
infinite weight, and takes a weight of 0 for a wish."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_RANGE = re.compile(
    rf"[ \t]*({_TOKEN})/({_TOKEN})"
    rf"(?:[ \t]*;[ \t]*(?!q=){_TOKEN}=(?:{_TOKEN}|\"[^\"\\]*\"))*"
    r"(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
    rf"(?:[ \t]*;[ \t]*{_TOKEN}(?:=(?:{_TOKEN}|\"[^\"\\]*\"))?)*[ \t]*"
)


class _Range(NamedTuple):
    main: str
    sub: str
    weight: float


def best(accept: str, offered: Sequence[str]) -> str | None:
    """Of what is offered what is wanted most, by weight, then by the closeness of the range, then by the order of the
    offers; the first where the header is empty or malformed; None where nothing fits."""
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    rated = [(_rated(ranges, offer), offer) for offer in offered]
    (weight, _), found = max(rated, key=lambda each: each[0])
    return found if weight > 0 else None


def _ranges(accept: str) -> list[_Range]:
    """Empty where one of them is malformed."""
    found = []
    for part in accept.split(","):
        if not part.strip():
            continue
        read = _RANGE.fullmatch(part)
        if read is None:
            return []
        found.append(_Range(read[1].lower(), read[2].lower(), 1.0 if read[3] is None else float(read[3])))
    return found


def _rated(ranges: Sequence[_Range], offer: str) -> tuple[float, int]:
    """The weight of an offer by the closest range that it is in, and how close that is."""
    main, _, sub = offer.partition("/")
    closeness = {(main, sub): 2, (main, "*"): 1, ("*", "*"): 0}
    fitting = [(closeness[key], each.weight) for each in ranges if (key := (each.main, each.sub)) in closeness]
    close, weight = max(fitting, default=(0, 0.0))
    return weight, close
