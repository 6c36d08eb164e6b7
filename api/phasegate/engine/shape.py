"""Reading data by its shape: what fits is normalised, what doesn't is named, field by field.

Number types come from the shape, never from the JSON: RFC 8785 writes 1 and 1.0 alike, CEL tells
them apart.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from phasegate.engine.instants import parse_instant, parse_length, rfc3339
from phasegate.engine.policy import Field, Shape
from phasegate.errors import Fault, Invalid, nearest
from phasegate.reading import MOST_FAULTS

SCALARS = ("bool", "int", "double", "string", "timestamp", "duration", "scalar")
"""`scalar`, a number or a switch, is for built-in shapes: what it holds is typed by who reads it."""
LONGEST = timedelta(days=36_500)
"""Of any length of time: CEL computes with less than 293 years."""
TOO_BIG = 1e308
"""Some trackers write infinity as the largest double, so from here on a magnitude counts as infinite."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPE = re.compile(r"(?:(list)<(\w+)>|(map)<string, ?(\w+)>|(\w+))")


class FieldType(NamedTuple):
    """`holds` is `one`, `list` or `map`; `item` a scalar type or `object`."""

    holds: str
    item: str


@lru_cache(256)
def parse_type(text: str) -> FieldType | None:
    """The type that a policy file writes as `text`, or None if there is none."""
    found = _TYPE.fullmatch(text)
    if found is None:
        return None
    kind = FieldType(found[1] or found[3] or "one", found[2] or found[4] or found[5])
    return kind if kind.item in SCALARS or kind.item == "object" else None


def read_data(shape: Shape, data: Any, path: str = "data") -> dict[str, Any]:
    """`data` as the shape has it: nulls dropped, numbers of the declared type, times in UTC.

    A list or map that is left out is empty; every other required field must be there. Raises
    `Invalid` with a fault for each field that doesn't fit.
    """
    faults: list[Fault] = []
    result = _object(shape.fields, data, path, faults)
    if faults:
        raise Invalid(f"the data does not fit its shape: {faults[0].path} {faults[0].message}", faults=tuple(faults))
    return result


def _object(fields: dict[str, Field], data: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(data, dict):
        faults.append(Fault(path, f"must be an object, not {_called(data)}"))
        return {}
    unknown = (key for key in data if key not in fields)
    faults.extend(
        Fault(f"{path}.{key[:64]}", "is not a field of the shape", suggestion=_hint(key[:64], fields))
        for key in islice(unknown, max(0, MOST_FAULTS - len(faults)))
    )
    result: dict[str, Any] = {}
    for name, field in fields.items():
        value = data.get(name)
        holds, item = _parsed(field.type)
        where = f"{path}.{name}"
        if value is None:
            if field.optional:
                continue
            if holds == "one":
                faults.append(Fault(where, f"is required ({field.type})"))
            else:
                result[name] = [] if holds == "list" else {}
        elif holds == "one":
            result[name] = _one(item, field, value, where, faults)
        elif type(value) is not (list if holds == "list" else dict):
            faults.append(Fault(where, f"must be a {holds} ({field.type}), not {_called(value)}"))
        elif len(value) > field.max_entries:
            faults.append(Fault(where, f"has {len(value)} entries; at most {field.max_entries} are read"))
        elif isinstance(value, list):
            result[name] = [_one(item, field, v, f"{where}[{i}]", faults) for i, v in enumerate(value)]
        else:
            result[name] = {k: _one(item, field, v, f"{where}.{k}", faults) for k, v in value.items() if v is not None}
    return result


def _one(item: str, field: Field, value: Any, path: str, faults: list[Fault]) -> Any:
    if item == "object":
        return _object(field.fields, value, path, faults)
    try:
        result = _READ[item](value)
    except ValueError as error:
        faults.append(Fault(path, str(error)))
        return None
    if field.values is not None and result not in field.values:
        allowed = ", ".join(str(v) for v in field.values)
        faults.append(Fault(path, f"must be one of: {allowed}", suggestion=_hint(str(value), field.values)))
    if item in ("int", "double"):
        if field.min is not None and result < field.min:
            faults.append(Fault(path, f"must be at least {field.min}"))
        if field.max is not None and result > field.max:
            faults.append(Fault(path, f"must be at most {field.max}"))
    return result


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise ValueError(f"must be true or false, not {_called(value)}")


def _int(value: Any) -> int:
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is int:
        if -(2**63) <= value < 2**63:
            return value
        raise ValueError("must fit in 64 bits")
    raise ValueError(f"must be a whole number, not {_called(value)}")


def _double(value: Any) -> float:
    if type(value) in (int, float):
        if abs(value) < TOO_BIG and math.isfinite(value):
            return float(value)
        raise ValueError("must be finite; leave a figure that isn't a number out")
    raise ValueError(f"must be a number, not {_called(value)}")


def _number_or_switch(value: Any) -> bool | int | float:
    if type(value) is bool:
        return value
    return _int(value) if type(value) is int else _double(value)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"must be text, not {_called(value)}")


def _timestamp(value: Any) -> str:
    return rfc3339(parse_instant(_string(value)))


def _duration(value: Any) -> str:
    if abs(parse_length(_string(value))) > LONGEST:
        raise ValueError(f"must be at most {LONGEST.days} days")
    return _string(value)


_READ: dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "int": _int,
    "double": _double,
    "string": _string,
    "timestamp": _timestamp,
    "duration": _duration,
    "scalar": _number_or_switch,
}


def read_scalar(kind: str, value: Any) -> Any:
    """`value` as one scalar of type `kind`; ValueError, with a message for the writer, if it isn't one."""
    return _READ[kind](value)


def fits(kind: str, values: tuple[Any, ...] | None, value: Any) -> bool:
    """Whether a value is of a type as a policy file writes it, and one of `values` where they are given."""
    holds, item = _parsed(kind)
    inner = value if holds == "list" else value.values() if isinstance(value, dict) and holds == "map" else [value]
    if holds != "one" and not isinstance(value, list if holds == "list" else dict):
        return False
    try:
        read = [read_scalar(item, each) for each in inner]
    except ValueError:
        return False
    return values is None or all(each in values for each in read)


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def _called(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), type(value).__name__)


def _hint(word: str, known: Any) -> str | None:
    return nearest(word, {str(item) for item in known})


_types: dict[str, FieldType] = {}


def _parsed(text: str) -> FieldType:
    known = _types.get(text)
    if known is None:
        known = parse_type(text)
        if known is None:
            raise ValueError(f"{text!r} is no type of a field")
        _types[text] = known
    return known


Timing = Callable[[dict[str, Any]], dict[str, Any]]


def timing(fields: dict[str, Field]) -> Timing | None:
    """A function that puts instants and lengths of time, kept as text, into the form that CEL compares.

    None where the fields hold neither, so that the data can be passed as it is.
    """
    changes: list[tuple[str, str, Callable[[Any], Any]]] = []
    for name, field in fields.items():
        holds, item = _parsed(field.type)
        inner = timing(field.fields) if item == "object" else {"timestamp": _moment, "duration": _span}.get(item)
        if inner is not None:
            changes.append((name, holds, inner))
    if not changes:
        return None

    def apply(data: dict[str, Any]) -> dict[str, Any]:
        result = dict(data)
        for name, holds, inner in changes:
            value = result.get(name)
            if value is None:
                continue
            if holds == "list":
                result[name] = [inner(item) for item in value]
            elif holds == "map":
                result[name] = {key: inner(item) for key, item in value.items()}
            else:
                result[name] = inner(value)
        return result

    return apply


def stamp(instant: datetime) -> Timestamp:
    """An instant as CEL compares it (a text would put `.5Z` before `Z`)."""
    since = instant - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


def _moment(text: str) -> Timestamp:
    return stamp(parse_instant(text))


def _span(text: str) -> Duration:
    message = Duration()
    message.FromTimedelta(parse_length(text))
    return message
