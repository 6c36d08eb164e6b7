"""What is put into a checked expression before it runs on plain data: a computed double that is none has no value, and
a map is gone through in one order."""

import math
from collections.abc import Iterable
from typing import Any

from cel_expr_python import cel

from phasegate.engine import syntax

_FINITE = "finite"
_COMPUTED = tuple(
    enumerate((cel.Type.DOUBLE, cel.Type.INT, cel.Type.STRING, cel.Type.TIMESTAMP, cel.Type.DURATION, cel.Type.LIST))
)
"""What arithmetic can yield, if the checker doesn't know."""
_IN_ORDER = "in_order"
_GONE_THROUGH = (cel.Type.MAP, cel.Type.LIST)
_COMPUTES = ("_+_", "_-_", "_*_", "_/_", "double")


def plain_environment(variables: Iterable[str] = ()) -> Any:
    """An environment in which checked expressions run on plain data."""
    return cel.NewEnv(
        variables=dict.fromkeys(variables, cel.Type.DYN),
        functions=[
            cel.FunctionDecl(_FINITE, [cel.Overload(f"{_FINITE}_{n}", of, [of]) for n, of in _COMPUTED]),
            cel.FunctionDecl(
                _IN_ORDER, [cel.Overload(f"{_IN_ORDER}_{n}", cel.Type.LIST, [of]) for n, of in enumerate(_GONE_THROUGH)]
            ),
        ],
        function_impls={
            **{f"{_FINITE}_{n}": _finite for n, _ in _COMPUTED},
            **{f"{_IN_ORDER}_{n}": _in_order for n, _ in enumerate(_GONE_THROUGH)},
        },
    )


def computes_double(tree: Any, expr: Any) -> bool:
    """Whether `expr` of a checked expression computes what may be a double that isn't one."""
    called = expr.WhichOneof("kind") == "call_expr" and expr.call_expr.function in _COMPUTES
    return called and syntax.kind(tree, expr) in ("double", "dyn")


def demand_finite(expr: Any, identifier: int) -> None:
    """Put `expr`, in place, into a call with this new id that has no value where the double is none."""
    _call(_FINITE, expr, identifier)


def may_be_map(tree: Any, expr: Any) -> bool:
    """Whether a loop of a checked expression over `expr` may be over the keys of a map."""
    return syntax.kind(tree, expr) in ("map", "dyn")


def demand_order(expr: Any, identifier: int) -> None:
    """Put `expr`, in place, into a call with this new id that gives a map's keys in one order: cel-cpp's own is another
    one in each process."""
    _call(_IN_ORDER, expr, identifier)


def _call(function: str, expr: Any, identifier: int) -> None:
    inner = type(expr)()
    inner.CopyFrom(expr)
    expr.id = identifier
    expr.call_expr.Clear()
    expr.call_expr.function = function
    expr.call_expr.args.add().CopyFrom(inner)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a computed number is not finite")
    return value


def _in_order(value: Any) -> Any:
    return sorted(value, key=lambda key: (type(key).__name__, key)) if isinstance(value, dict) else value
