"""The syntax tree of a checked CEL expression.

No package carries the classes of `cel.expr.CheckedExpr` without clashing with another, so the few
messages needed are declared here, in a pool of their own. Field numbers: cel-spec,
`proto/cel/expr/checked.proto` and `syntax.proto`. What is not declared is kept as unknown fields.
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory

_F = descriptor_pb2.FieldDescriptorProto
_INT, _TEXT, _BOOL, _MESSAGE = _F.TYPE_INT64, _F.TYPE_STRING, _F.TYPE_BOOL, _F.TYPE_MESSAGE
# message: (field, number, type, type name, repeated, member of the oneof)
_MESSAGES: dict[str, list[tuple[str, int, int, str, bool, bool]]] = {
    "Constant": [
        ("bool_value", 2, _BOOL, "", False, True),
        ("int64_value", 3, _INT, "", False, True),
        ("double_value", 5, _F.TYPE_DOUBLE, "", False, True),
        ("string_value", 6, _TEXT, "", False, True),
    ],
    "Ident": [("name", 1, _TEXT, "", False, False)],
    "Select": [
        ("operand", 1, _MESSAGE, "Expr", False, False),
        ("field", 2, _TEXT, "", False, False),
        ("test_only", 3, _BOOL, "", False, False),
    ],
    "Call": [
        ("target", 1, _MESSAGE, "Expr", False, False),
        ("function", 2, _TEXT, "", False, False),
        ("args", 3, _MESSAGE, "Expr", True, False),
    ],
    "CreateList": [("elements", 1, _MESSAGE, "Expr", True, False)],
    "Entry": [
        ("map_key", 3, _MESSAGE, "Expr", False, False),
        ("value", 4, _MESSAGE, "Expr", False, False),
    ],
    "CreateStruct": [("entries", 2, _MESSAGE, "Entry", True, False)],
    "Comprehension": [
        ("iter_var", 1, _TEXT, "", False, False),
        ("iter_range", 2, _MESSAGE, "Expr", False, False),
        ("accu_var", 3, _TEXT, "", False, False),
        ("accu_init", 4, _MESSAGE, "Expr", False, False),
        ("loop_condition", 5, _MESSAGE, "Expr", False, False),
        ("loop_step", 6, _MESSAGE, "Expr", False, False),
        ("result", 7, _MESSAGE, "Expr", False, False),
    ],
    "Expr": [
        ("id", 2, _INT, "", False, False),
        ("const_expr", 3, _MESSAGE, "Constant", False, True),
        ("ident_expr", 4, _MESSAGE, "Ident", False, True),
        ("select_expr", 5, _MESSAGE, "Select", False, True),
        ("call_expr", 6, _MESSAGE, "Call", False, True),
        ("list_expr", 7, _MESSAGE, "CreateList", False, True),
        ("struct_expr", 8, _MESSAGE, "CreateStruct", False, True),
        ("comprehension_expr", 9, _MESSAGE, "Comprehension", False, True),
    ],
    "SourceInfo": [("positions", 4, _MESSAGE, "SourceInfo.PositionsEntry", True, False)],
    "Type": [
        ("primitive", 3, _F.TYPE_INT32, "", False, True),
        ("well_known", 5, _F.TYPE_INT32, "", False, True),
        ("list_type", 6, _MESSAGE, "Empty", False, True),
        ("map_type", 7, _MESSAGE, "Empty", False, True),
        ("message_type", 9, _TEXT, "", False, True),
    ],
    "Empty": [],
    "CheckedExpr": [
        ("type_map", 3, _MESSAGE, "CheckedExpr.TypeMapEntry", True, False),
        ("expr", 4, _MESSAGE, "Expr", False, False),
        ("source_info", 5, _MESSAGE, "SourceInfo", False, False),
    ],
}
_MAPS: dict[str, tuple[str, Any, str]] = {
    "SourceInfo": ("PositionsEntry", _F.TYPE_INT32, ""),
    "CheckedExpr": ("TypeMapEntry", _MESSAGE, "Type"),
}
_PRIMITIVES = {1: "bool", 2: "int", 4: "double", 5: "string"}
_WELL_KNOWN = {2: "timestamp", 3: "duration"}


def _checked_expr_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="phasegate/syntax.proto", package="phasegate.syntax", syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind, type_name, repeated, one_of in fields:
            field = message.field.add(name=field_name, number=number, type=kind)
            field.label = _F.LABEL_REPEATED if repeated else _F.LABEL_OPTIONAL
            if type_name:
                field.type_name = f".phasegate.syntax.{type_name}"
            if one_of:
                if not message.oneof_decl:
                    message.oneof_decl.add(name="kind")
                field.oneof_index = 0
        if name in _MAPS:
            entry_name, kind, type_name = _MAPS[name]
            entry = message.nested_type.add(name=entry_name)
            entry.options.map_entry = True
            entry.field.add(name="key", number=1, type=_INT, label=_F.LABEL_OPTIONAL)
            value = entry.field.add(name="value", number=2, type=kind, label=_F.LABEL_OPTIONAL)
            if type_name:
                value.type_name = f".phasegate.syntax.{type_name}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("phasegate.syntax.CheckedExpr"))


_CheckedExpr = _checked_expr_class()
Expr = Any
"""A `cel.expr.Expr`; protocol buffer classes made at run time have no static type."""


def parse(serialized: bytes) -> Any:
    """The checked expression in what `Expression.serialize()` gives (an `Any` around it)."""
    wrapper = any_pb2.Any.FromString(serialized)
    return _CheckedExpr.FromString(wrapper.value)


def pack(checked: Any) -> bytes:
    """The bytes that `Env.deserialize()` takes."""
    return any_pb2.Any(
        type_url="type.googleapis.com/cel.expr.CheckedExpr", value=checked.SerializeToString()
    ).SerializeToString()


def children(expr: Expr) -> Iterator[Expr]:
    """The expressions directly inside this one."""
    kind = expr.WhichOneof("kind")
    if kind == "select_expr":
        yield expr.select_expr.operand
    elif kind == "call_expr":
        if expr.call_expr.HasField("target"):
            yield expr.call_expr.target
        yield from expr.call_expr.args
    elif kind == "list_expr":
        yield from expr.list_expr.elements
    elif kind == "struct_expr":
        for entry in expr.struct_expr.entries:
            if entry.HasField("map_key"):
                yield entry.map_key
            yield entry.value
    elif kind == "comprehension_expr":
        loop = expr.comprehension_expr
        yield from (loop.iter_range, loop.accu_init, loop.loop_condition, loop.loop_step, loop.result)


def constant_text(expr: Expr) -> str | None:
    """The text of a string literal, else None."""
    if expr.WhichOneof("kind") != "const_expr" or expr.const_expr.WhichOneof("kind") != "string_value":
        return None
    return str(expr.const_expr.string_value)


def kind(checked: Any, expr: Expr) -> str:
    """What the checker found an expression to yield: `bool`, `int`, `double`, `string`, `timestamp`,
    `duration`, `list`, `map`, `message`, or `dyn` for anything else."""
    if expr.id not in checked.type_map:
        return "dyn"
    found = checked.type_map[expr.id]
    which = found.WhichOneof("kind")
    if which == "primitive":
        return _PRIMITIVES.get(found.primitive, "dyn")
    if which == "well_known":
        return _WELL_KNOWN.get(found.well_known, "dyn")
    return {"list_type": "list", "map_type": "map", "message_type": "message"}.get(which or "", "dyn")
