"""Checks as Python: the quick way to find that all of them are true.

Python is generated from the checked syntax tree, for a closed list of constructs whose meaning on
typed data is the same in both languages; anything else is declined. The answer is used only when it
is True. For False, for any exception and for what was declined, cel-cpp decides, exactly, and words
the reason; so what Python may not do is say True where CEL doesn't (`tests/engine/test_native.py`
compares both on random facts).

Nothing of a policy reaches the generated text but constants through `repr`; names of fields are
constants, names of loop variables are our own.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from phasegate.engine import syntax
from phasegate.engine.instants import parse_instant
from phasegate.engine.naming import member_of, type_of

Native = Callable[[Any, Any, Any, Any], Any]
"""Takes facts by type, subject, release and params; True: all true. Any exception: not known."""
_BUDGET = 5_000
"""Loop steps of one rule; cel-cpp stops at 10,000 an expression, so this leaves to it what comes near."""
_LONGEST = timedelta(days=100_000)
_LENGTH = re.compile(r"([0-9]{1,6})([hms])")
_UNITS = {"h": "hours", "m": "minutes", "s": "seconds"}
_COMPARISONS = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_==_": "==", "_!=_": "!="}
_ORDERED = ("int", "double", "string", "timestamp", "duration", "bool")
_NOWHERE = (-1, -1)
"""RE2's span of no match."""
_TEXT_TESTS = {"startsWith": "startswith", "endsWith": "endswith"}


class Declined(Exception):
    """A construct that is left to cel-cpp."""


class Source(NamedTuple):
    """A checked expression as it was before renaming."""

    tree: Any
    primary: str | None


def all_true(sources: Sequence[Source]) -> tuple[Native | None, tuple[int, ...]]:
    """A function that tells whether all of `sources` are true, and the indices of those it leaves out."""
    parts: list[str] = []
    left_out: list[int] = []
    for n, source in enumerate(sources):
        try:
            parts.append(_Writer(source).boolean(source.tree.expr))
        except Declined:
            left_out.append(n)
    if not parts:
        return None, tuple(left_out)
    body = " and\n  ".join(parts)
    text = f"def check(F, subject, release, params):\n b = [{_BUDGET}]\n return (\n  {body})\n"
    scope: dict[str, Any] = dict(_SCOPE)
    exec(compile(text, "<checks>", "exec"), scope)
    native: Native = scope["check"]
    return native, tuple(left_out)


class _Writer:
    """Writes one expression."""

    def __init__(self, source: Source) -> None:
        self._tree = source.tree
        self._primary = source.primary
        self._loops: dict[str, str] = {}
        self._count = 0

    def boolean(self, expr: Any) -> str:
        """An expression that the checker knows to be a bool."""
        if self._kind(expr) != "bool":
            raise Declined
        return self.write(expr)

    def write(self, expr: Any) -> str:
        kind = expr.WhichOneof("kind")
        writer = {
            "const_expr": self._constant,
            "ident_expr": self._ident,
            "select_expr": self._select,
            "call_expr": self._call,
            "comprehension_expr": self._loop,
            "list_expr": self._texts,
        }.get(kind)
        if writer is None:
            raise Declined
        return writer(expr)

    def _kind(self, expr: Any) -> str:
        return syntax.kind(self._tree, expr)

    def _constant(self, expr: Any) -> str:
        constant = expr.const_expr
        which = constant.WhichOneof("kind")
        if which is None:
            raise Declined
        return repr(getattr(constant, which))

    def _texts(self, expr: Any) -> str:
        """A list of constant texts, in the type in which loops take one."""
        texts = [syntax.constant_text(element) for element in expr.list_expr.elements]
        if None in texts:
            raise Declined
        return repr(texts)

    def _ident(self, expr: Any) -> str:
        name = expr.ident_expr.name
        if name in self._loops:
            return self._typed(expr, self._loops[name])
        if (member := member_of(name)) is not None and self._primary is not None:
            return f"F[{self._primary!r}][{member!r}]"
        if (shown := type_of(name)) is not None:
            return f"F[{shown!r}]"
        if name in ("subject", "release", "params"):
            return str(name)
        raise Declined

    def _select(self, expr: Any) -> str:
        select = expr.select_expr
        if self._kind(select.operand) not in ("map", "message"):
            raise Declined
        operand = self.write(select.operand)
        if select.test_only:
            return f"({select.field!r} in {operand})"
        return self._typed(expr, f"{operand}[{select.field!r}]")

    def _typed(self, expr: Any, read: str) -> str:
        """A value read from data, in which instants are text."""
        kind = self._kind(expr)
        if kind == "duration":
            raise Declined
        return f"ts({read})" if kind == "timestamp" else read

    def _call(self, expr: Any) -> str:
        call = expr.call_expr
        arguments = ([call.target] if call.HasField("target") else []) + list(call.args)
        name = call.function
        kinds = [self._kind(argument) for argument in arguments]
        if name in ("_&&_", "_||_"):
            word = "and" if name == "_&&_" else "or"
            return f"({self.boolean(arguments[0])} {word} {self.boolean(arguments[1])})"
        if name == "!_":
            return f"(not {self.boolean(arguments[0])})"
        if name == "_?_:_":
            if kinds[1] != kinds[2]:
                raise Declined
            condition = self.boolean(arguments[0])
            return f"({self.write(arguments[1])} if {condition} else {self.write(arguments[2])})"
        if name in _COMPARISONS:
            return self._compare(name, arguments, kinds)
        if name == "@in":
            return self._in(arguments, kinds)
        if name == "_[_]" and kinds == ["map", "string"]:
            return self._typed(expr, f"{self.write(arguments[0])}[{self.write(arguments[1])}]")
        if name in ("_+_", "_-_", "_*_"):
            return self._arithmetic(name[1], arguments, kinds)
        return self._function(name, arguments, kinds)

    def _compare(self, name: str, arguments: list[Any], kinds: list[str]) -> str:
        left, right = (self.write(argument) for argument in arguments)
        if kinds[0] == kinds[1] and kinds[0] in _ORDERED:
            return f"({left} {_COMPARISONS[name]} {right})"
        if name in ("_==_", "_!=_") and all(kind in ("dyn", *_ORDERED[:3], "bool") for kind in kinds):
            return f"same({left}, {right})" if name == "_==_" else f"(not same({left}, {right}))"
        raise Declined

    def _in(self, arguments: list[Any], kinds: list[str]) -> str:
        item, container = arguments
        if container.WhichOneof("kind") == "ident_expr" and container.ident_expr.name == "facts":
            return f"({self.write(item)} in F)"
        if kinds[0] != "string":
            raise Declined
        if container.WhichOneof("kind") == "list_expr":
            return f"({self.write(item)} in {self._texts(container)})"
        if kinds[1] not in ("map", "list"):
            raise Declined
        return f"({self.write(item)} in {self.write(container)})"

    def _arithmetic(self, sign: str, arguments: list[Any], kinds: list[str]) -> str:
        left, right = (self.write(argument) for argument in arguments)
        if kinds == ["int", "int"]:
            return f"i64({left} {sign} {right})"
        if kinds == ["double", "double"]:
            return f"finite({left} {sign} {right})"
        if sign == "+" and kinds == ["string", "string"]:
            return f"({left} + {right})"
        if sign == "-" and kinds == ["timestamp", "timestamp"]:
            return f"span({left} - {right})"
        raise Declined

    def _function(self, name: str, arguments: list[Any], kinds: list[str]) -> str:
        if name == "size" and kinds[0] in ("list", "map", "string"):
            return f"len({self.write(arguments[0])})"
        if (name, *kinds) == ("duration", "string"):
            return f"length({self.write(arguments[0])})"
        if kinds == ["string", "string"]:
            text, other = (self.write(argument) for argument in arguments)
            if name in _TEXT_TESTS:
                return f"{text}.{_TEXT_TESTS[name]}({other})"
            if name == "contains":
                return f"({other} in {text})"
            if name == "matches":
                return f"rx({other})({text})"
        if (name, *kinds) in (("double", "double"), ("int", "int"), ("string", "string")):
            return self.write(arguments[0])
        if (name, *kinds) == ("string", "int"):
            return f"str({self.write(arguments[0])})"
        if (name, *kinds) == ("string", "dyn"):
            return f"text({self.write(arguments[0])})"
        if (name, *kinds) == ("double", "int"):
            return f"float({self.write(arguments[0])})"
        if (name, *kinds) == ("int", "string"):
            return f"whole({self.write(arguments[0])})"
        raise Declined

    def _loop(self, expr: Any) -> str:
        loop = expr.comprehension_expr
        if self._kind(loop.iter_range) not in ("list", "map", "dyn"):
            raise Declined
        over = f"steps(b, {self.write(loop.iter_range)})"
        outer = dict(self._loops)
        self._count += 1
        variable = self._loops[loop.iter_var] = f"v{self._count}"
        step = loop.loop_step.call_expr
        start = loop.accu_init.WhichOneof("kind")
        if start == "const_expr" and step.function in ("_&&_", "_||_"):
            word = "all" if step.function == "_&&_" else "any"
            written = f"{word}({self.boolean(step.args[1])} for {variable} in {over})"
        elif start == "list_expr" and step.function == "_+_":
            written = f"[{self._element(step)} for {variable} in {over}]"
        elif start == "list_expr" and step.function == "_?_:_":
            test = self.boolean(step.args[0])
            written = f"[{self._element(step.args[1].call_expr)} for {variable} in {over} if {test}]"
        else:
            raise Declined
        self._loops = outer
        return written

    def _element(self, call: Any) -> str:
        if call.function != "_+_" or len(call.args[1].list_expr.elements) != 1:
            raise Declined
        return self.write(call.args[1].list_expr.elements[0])


def _same(one: Any, other: Any) -> bool:
    """CEL's equality of scalars: values of different types are not equal."""
    if type(one) is type(other) and type(one) in (bool, int, float, str):
        return bool(one == other)
    if all(value is None or type(value) in (bool, str) for value in (one, other)):
        return one is None and other is None
    raise Declined


def _i64(value: int) -> int:
    if -(2**63) <= value < 2**63:
        return value
    raise OverflowError


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise OverflowError


def _span(value: timedelta) -> timedelta:
    if abs(value) <= _LONGEST:
        return value
    raise OverflowError


def _whole(text: str) -> int:
    if len(text) < 19 and text.isascii() and text.removeprefix("-").isdigit():
        return int(text)
    raise ValueError


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    raise Declined


def _steps(budget: list[int], items: Any) -> Any:
    if type(items) not in (list, dict):
        raise Declined
    budget[0] -= len(items)
    if budget[0] < 0:
        raise OverflowError
    return items


@lru_cache(4096)
def _parsed(text: str) -> datetime:
    return parse_instant(text)


def _instant(value: Any) -> datetime:
    """Records carry instants, data carries their text."""
    return _parsed(value) if type(value) is str else value


@lru_cache(1024)
def _pattern(text: str) -> Callable[[str], bool]:
    """RE2, as in CEL: linear time, and `$` is the end of the text.

    Asked below `re2.search`, which makes an object of each match: that takes longer than the search.
    """
    options = re2.Options()
    options.log_errors = False
    pattern = re2._re2.RE2(text.encode(), options)
    if not pattern.ok():
        raise ValueError
    match, anywhere = pattern.Match, re2._re2.RE2.Anchor.UNANCHORED

    def search(value: str) -> bool:
        encoded = value.encode()
        return bool(match(anywhere, encoded, 0, len(encoded))[0] != _NOWHERE)

    return search


_SCOPE = {
    "__builtins__": {},
    "all": all,
    "any": any,
    "len": len,
    "float": float,
    "str": str,
    "text": _text,
    "length": _length,
    "same": _same,
    "i64": _i64,
    "finite": _finite,
    "span": _span,
    "whole": _whole,
    "steps": _steps,
    "ts": _instant,
    "rx": _pattern,
}
