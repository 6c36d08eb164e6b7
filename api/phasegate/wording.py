"""What is wrong with a value, in words for whoever has to mend it."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import msgspec

_COMPLAINT = re.compile(
    r"Expected `(?P<kinds>[^`]+)`(?:, got `(?P<got>\w+)`| of length (?P<length>>=|<=) (?P<count>\d+)"
    r"| (?P<bound>>=|<=) (?P<limit>\S+)| matching regex (?P<pattern>.+)| with a timezone component)"
)
_WANTED = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping with keys",
    "datetime": "an RFC 3339 instant with a zone, such as 2026-11-23T12:00:00Z",
    "duration": "a length of time in days, hours, minutes and seconds, such as P90D",
}
_GOT = {**_WANTED, "float": "a decimal number", "bool": "a bool", "object": "a mapping"}
_KNOWN = {
    "Invalid RFC3339 encoded datetime": f"must be {_WANTED['datetime']}",
    "Invalid ISO8601 duration": f"must be {_WANTED['duration']}",
    "Only units 'D', 'H', 'M', and 'S' are supported when parsing ISO8601 durations": f"must be {_WANTED['duration']}",
}
_BOUNDS = {">=": "at least", "<=": "at most"}
_TOLD = "told"


def matching(pattern: str, told: str, max_length: int | None = None) -> msgspec.Meta:
    """A text of this pattern; `told` completes "must …" for one that isn't."""
    return msgspec.Meta(pattern=pattern, max_length=max_length, extra={_TOLD: told})


def portable(pattern: str) -> str:
    """A pattern of ours for JSON Schema, whose regular expressions (ECMA 262) write the end of a text otherwise."""
    return pattern.replace(r"\Z", "$")


def worded(kind: Any, value: Any, complaint: str) -> str:
    """What msgspec complains of, asked to make a `kind` of `value`."""
    found = _COMPLAINT.fullmatch(complaint)
    if found is None:
        return _KNOWN.get(complaint, complaint[:1].lower() + complaint[1:])
    if found["got"] is not None:
        return f"must be {_wanted(found['kinds'].split(' | '))}, not {_GOT.get(found['got'], found['got'])}"
    if found["length"] is not None:
        return length(value, found["length"] == "<=", int(found["count"]))
    if found["bound"] is not None:
        return f"must be {_BOUNDS[found['bound']]} {found['limit']}"
    if found["pattern"] is not None:
        told = next(
            (meta.extra[_TOLD] for meta in _metas(kind) if meta.extra and found["pattern"] == repr(meta.pattern)), None
        )
        return complaint if told is None else f"must {told}"
    return f"must be {_WANTED['datetime']}"


def length(value: Any, too_long: bool, limit: int) -> str:
    """That a text or a list is longer or shorter than `limit`."""
    unit = "characters" if isinstance(value, str) else "entries"
    if too_long:
        return f"has {len(value)} {unit}; at most {limit} are allowed"
    return "must not be empty" if limit == 1 else f"has {len(value)} {unit}; at least {limit} are needed"


def _wanted(kinds: list[str]) -> str:
    left_out = {"null", "int"} if "float" in kinds else {"null"}
    return " or ".join(_WANTED.get(kind, kind) for kind in kinds if kind not in left_out) or "null"


def _metas(kind: Any) -> Iterator[msgspec.Meta]:
    if get_origin(kind) is Annotated:
        yield from kind.__metadata__
    for inner in get_args(kind):
        yield from _metas(inner)
