"""A tool's JSON file, parsed once for all formats that look at it."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from phasegate.adapters.text import clean
from phasegate.engine.shape import TOO_BIG
from phasegate.errors import Invalid, Malformed
from phasegate.reading import read_json, spell

_SUSPECT = re.compile(rb"NaN|Infinity|[eE]\+?0*308|[0-9]{300}")
_MOST_NAMED = 5
_LONGEST_PLACE = 120
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
        raise Invalid.at("", f"the file is not {told}; send it as the tool wrote it")
    return content


def lost_numbers(raw: bytes) -> str | None:
    """A warning with the places of numbers that are NaN or count as infinite; None where there are none, or no JSON.

    Whoever reads the file leaves them out, each in its own way, so that nobody may forget to name them.
    """
    if not _SUSPECT.search(raw):
        return None
    places = list(islice(_lost(look(raw), ()), _MOST_NAMED + 1))
    if not places:
        return None
    told = ", ".join(clean(spell(place))[:_LONGEST_PLACE] or "the whole" for place in places[:_MOST_NAMED])
    more = " and more" if len(places) > _MOST_NAMED else ""
    return f"left out, as they are no finite numbers: {told}{more}"


def _lost(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if type(value) is float:
        if not abs(value) < TOO_BIG:
            yield place
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _lost(inner, (*place, step))


@lru_cache(maxsize=1)
def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw, non_finite=True)
    except Malformed as error:
        return error
