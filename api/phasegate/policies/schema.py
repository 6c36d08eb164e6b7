"""The JSON Schema (draft 2020-12) of a policy file, made from the structs that read one.

What it refuses, publication refuses at the same place; what no schema can say (names that must exist, order,
ids that are unique, expressions) is publication's alone. Editors show its descriptions on hover.
"""

from typing import Any

import msgspec

from phasegate.engine.policy import Policy
from phasegate.engine.shape import SCALARS as OF_BUILT_IN
from phasegate.engine.structure import LAUNCH
from phasegate.policies.keys import KEYS
from phasegate.shapes.schema import DIALECT, INSTANT, LENGTH, OF_SCALAR, Schema, or_null
from phasegate.wording import portable

_SCALARS = tuple(kind for kind in OF_BUILT_IN if kind != "scalar")
_NUMBERS = ("int", "double")
_NULL: Schema = {"type": "null"}
_POSITIVE: Schema = LENGTH | {"allOf": [{"pattern": "[1-9]"}]}
_FULL: Schema = {"minItems": 1}
_NONE: Schema = {"maxItems": 0}
_GIVEN: Schema = {"not": _NULL}
_NO_BOUNDS = {"min": _NULL, "max": _NULL}
_IDLE: tuple[Any, ...] = (None, "", {}, [])
"""Defaults that say no more than leaving the key out."""


def policy_schema() -> Schema:
    """The schema as JSON values."""
    _, parts = msgspec.json.schema_components((Policy,), ref_template="#/$defs/{name}")
    made = {name: _merged(_described(name, _tidy(part)), _BEYOND_TYPES.get(name, {})) for name, part in parts.items()}
    head = {"$schema": DIALECT, "$id": "urn:phasegate:policy-file", "title": "phasegate policy"}
    return head | made.pop("Policy") | {"$defs": made}


def _tidy(schema: Any) -> Any:
    """What msgspec says, in the words of editors: alternatives of plain types as one, idle words left out."""
    if isinstance(schema, (list, tuple)):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(value) for key, value in schema.items() if key != "title" or isinstance(value, dict)}
    if tidy.get("default", ...) in _IDLE:
        del tidy["default"]
    if "pattern" in tidy and isinstance(tidy["pattern"], str):
        tidy["pattern"] = portable(tidy["pattern"])
    if tidy.get("format") == "duration":
        tidy |= _POSITIVE
    return _joined(tidy)


def _joined(schema: Schema) -> Schema:
    """`anyOf` with null, or of plain scalars, as one schema with several types."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if all(set(choice) == {"type"} for choice in choices):
        names = {choice["type"] for choice in choices}
        # A whole number is a number.
        return {"type": sorted(names - {"integer"} if "number" in names else names)} | rest
    others = [choice for choice in choices if choice != _NULL]
    if len(others) == 1 and "$ref" not in others[0] and len(others) < len(choices):
        (only,) = others
        return or_null({"type": "string"} | only if "enum" in only else only) | rest
    return schema


def _described(name: str, schema: Schema) -> Schema:
    known = KEYS.get(name, {})
    properties = {key: {"description": known.get(key, "")} | value for key, value in schema["properties"].items()}
    return schema | {"properties": properties}


def _merged(schema: Schema, more: Schema) -> Schema:
    both = {key: _merged(schema[key], more[key]) for key in more if isinstance(schema.get(key), dict)}
    return schema | more | both


def _spellings(item: str) -> list[str]:
    """Every type of a field over `item`."""
    return [item, f"list<{item}>", f"map<string,{item}>", f"map<string, {item}>"]


def _when(key: str, values: list[Any], then: Schema) -> Schema:
    return {"if": {"properties": {key: {"enum": values}}, "required": [key]}, "then": then}


def _with(key: str, schema: Schema) -> Schema:
    return {"properties": {key: schema}, "required": [key]}


def _bounds(kind: str) -> Schema:
    return {} if kind in _NUMBERS else _NO_BOUNDS


def _of_field() -> list[Schema]:
    rules = [
        _when(
            "type",
            _spellings(kind),
            {"properties": {"fields": {"maxProperties": 0}, "values": {"items": OF_SCALAR[kind]}} | _bounds(kind)},
        )
        for kind in _SCALARS
    ]
    fields = {"fields": {"minProperties": 1}}
    return [*rules, _when("type", _spellings("object"), {"properties": fields | _NO_BOUNDS, "required": ["fields"]})]


def _of_parameter() -> list[Schema]:
    return [
        _when("type", [kind], {"properties": {"default": OF_SCALAR[kind]} | _bounds(kind)})
        for kind in ("bool", "int", "double", "string")
    ]


_BLOCKING: Schema = {"not": _with("advisory", {"const": True})}
_SIGNED = _with("signoff", _GIVEN)
_BEYOND_TYPES: dict[str, Schema] = {
    "Policy": {"properties": {"roles": {"uniqueItems": True}}},
    "Field": {
        "properties": {"type": {"enum": [text for item in (*_SCALARS, "object") for text in _spellings(item)]}},
        "allOf": _of_field(),
    },
    "Attribute": {"properties": {"type": {"enum": [text for item in _SCALARS for text in _spellings(item)]}}},
    "Parameter": {"allOf": _of_parameter()},
    "EvidenceType": {"properties": {"context": {"uniqueItems": True}}},
    "Phase": {"properties": {"id": {"not": {"const": LAUNCH}}, "criteria": _FULL | {"contains": _BLOCKING}}},
    "Criterion": {
        "properties": {"effective_from": or_null(INSTANT)},
        "allOf": [
            {"anyOf": [_with("checks", _FULL), _SIGNED]},
            {"anyOf": [_with("evidence", _GIVEN), _SIGNED]},
        ],
    },
    "Level": {
        "properties": {"level": {"minimum": 1}},
        "allOf": [_when("level", [1], {"properties": {"requires": _NONE}})],
    },
    "Requirement": {
        "properties": {"criteria": _FULL},
        "if": _with("criteria", _GIVEN),
        "then": {"properties": {"evidence": _NULL, "when": _NULL, "checks": _NONE, "strength": _NULL}},
        "else": _with("evidence", _GIVEN) | {"anyOf": [_with("checks", _FULL), _with("strength", _GIVEN)]},
    },
}
"""What a policy file must be beyond the types of its values."""
