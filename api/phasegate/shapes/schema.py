"""A shape as JSON Schema (draft 2020-12): the same data fits both, with few exceptions.

JSON Schema can't tell 1 from 1.0, nor compute. So it lets pass what reading refuses: a whole number from 2^53
on that is written as a double, an integer beyond 64 bits for a `scalar`, a day that the calendar doesn't have,
and a length of time beyond `LONGEST`.
Its patterns are regular expressions of ECMA 262 without look-around, so that every validator has them.
"""

from typing import Any

from phasegate.engine.policy import Field, Shape
from phasegate.engine.shape import TOO_BIG, parse_type

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": rf"^{_DATE}[Tt]{_CLOCK}:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]{_CLOCK})$",
}
"""RFC 3339, with a zone."""
_DAYS, _HOURS, _MINUTES = (f"[0-9]{{1,9}}{unit}" for unit in "DHM")
_SECONDS = r"[0-9]{1,9}(\.[0-9]{1,6})?S"
_TIME = rf"T({_HOURS}({_MINUTES})?({_SECONDS})?|{_MINUTES}({_SECONDS})?|{_SECONDS})"
LENGTH: Schema = {
    "type": "string",
    "format": "duration",
    "pattern": f"^P({_DAYS}({_TIME})?|{_TIME})$",
}
"""ISO 8601 in days, hours, minutes and seconds: months and years have no fixed length."""
OF_SCALAR: dict[str, Schema] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "double": {"type": "number", "exclusiveMinimum": -TOO_BIG, "exclusiveMaximum": TOO_BIG},
    "string": {"type": "string"},
    "timestamp": INSTANT,
    "duration": LENGTH,
    "scalar": {"type": ["boolean", "number"], "exclusiveMinimum": -TOO_BIG, "exclusiveMaximum": TOO_BIG},
}
"""One value of each scalar type."""


def shape_schema(name: str, shape: Shape) -> Schema:
    """The JSON Schema of data that fits `shape`, called `urn:phasegate:shape:NAME`."""
    head = {"$schema": DIALECT, "$id": f"urn:phasegate:shape:{name}", "title": name}
    return head | ({"description": shape.doc} if shape.doc else {}) | _object(shape.fields)


def or_null(schema: Schema) -> Schema:
    """What fits `schema`, or null."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    more: Schema = {"type": [*kinds, "null"]}
    if "enum" in schema:
        more["enum"] = [*schema["enum"], None]
    return schema | more


def _object(fields: dict[str, Field]) -> Schema:
    properties = {}
    required = []
    for name, field in fields.items():
        kind = parse_type(field.type)
        assert kind is not None, field.type
        schema = _field(field, kind.holds, kind.item)
        if kind.holds == "one" and not field.optional:
            required.append(name)
        else:
            schema = or_null(schema)
        properties[name] = _described(field) | schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _field(field: Field, holds: str, item: str) -> Schema:
    one = _object(field.fields) if item == "object" else _scalar(field, item)
    if holds == "list":
        return {"type": "array", "items": one, "maxItems": field.max_entries}
    if holds == "map":
        return {"type": "object", "additionalProperties": or_null(one), "maxProperties": field.max_entries}
    return one


def _scalar(field: Field, item: str) -> Schema:
    schema = dict(OF_SCALAR[item])
    if field.values is not None:
        schema["enum"] = list(field.values)
    if field.min is not None:
        schema["minimum"] = field.min
    if field.max is not None:
        schema["maximum"] = field.max
    return schema


def _described(field: Field) -> Schema:
    unit = f"unit: {field.unit}" if field.unit else ""
    told = f"{field.doc} ({unit})" if field.doc and unit else field.doc or unit
    return {"description": told} if told else {}
