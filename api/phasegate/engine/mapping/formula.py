"""One CEL expression of a mapping: checked against declared variables, run on plain data."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from cel_expr_python import cel

from phasegate.engine import syntax
from phasegate.engine.cel import Refused, complaints, value_of
from phasegate.engine.guards import computes_double, demand_finite, demand_order, may_be_map, plain_environment
from phasegate.engine.mapping.document import Size
from phasegate.engine.naming import Refusal
from phasegate.engine.reads import bad_pattern
from phasegate.reading import position

ABSENT = object()
_WORD = re.compile(r"[A-Za-z_]\w*")
_ROW = re.compile(r"(?<![.\w])row(?!\w)")
_PLAIN = plain_environment()
_STEPS = 10_000
"""cel-cpp stops an evaluation after so many steps of its loops."""
_CHEAP = frozenset(("_&&_", "_||_", "!_", "_?_:_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_-_", "_*_", "_/_"))
_CHEAP |= {"_%_", "-_", "_[_]", "@in", "@not_strictly_false", "startsWith", "endsWith"}
_CHEAP |= {"bool", "int", "double", "timestamp", "duration"}
"""Functions whose work doesn't grow with the length of a text."""
_SCALARS = {
    "BOOL": cel.Type.BOOL,
    "INT": cel.Type.INT,
    "DOUBLE": cel.Type.DOUBLE,
    "STRING": cel.Type.STRING,
    "TIMESTAMP": cel.Type.TIMESTAMP,
    "DURATION": cel.Type.DURATION,
}

_PYTHON = {"BOOL": (bool,), "INT": (int,), "DOUBLE": (float,)}
"""What a value of a type is in Python, and no error is."""


def cel_type(name: str) -> Any:
    """The type that the checker calls `name`; DYN for what no field can hold."""
    if name.startswith("LIST<"):
        return cel.Type.List(cel_type(name[5:-1]))
    if name.startswith("MAP<STRING, "):
        return cel.Type.Map(cel.Type.STRING, cel_type(name[12:-1]))
    return _SCALARS.get(name, cel.Type.DYN)


def item_of(name: str) -> str | None:
    """The type of the entries of a list type; `DYN` where nobody knows, None where it is no list."""
    return "DYN" if name == "DYN" else name[5:-1] if name.startswith("LIST<") else None


class Formula:
    """A checked expression."""

    def __init__(self, source: str, compiled: Any) -> None:
        self.source = source
        self.returns = str(compiled.return_type().name())
        """CEL's name of the type of its value: `DOUBLE`, `LIST<DYN>`, …"""
        self._compiled = compiled
        self._plain = _PYTHON.get(self.returns, ())

    @cached_property
    def _tree(self) -> Any:
        return syntax.parse(self._compiled.serialize())

    @cached_property
    def _walk(self) -> "_Walk":
        return _Walk(self._tree)

    @cached_property
    def _runnable(self) -> Any:
        return _PLAIN.deserialize(syntax.pack(_guarded(self._tree)))

    @cached_property
    def path(self) -> tuple[str, ...] | None:
        """The way to what it yields, where it is a variable or a member of one, and nothing has to be computed."""
        return _path_of(self._tree.expr)

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables it reads."""
        return frozenset(self._walk.names)

    @property
    def by_size(self) -> bool:
        """Whether its work grows with what it reads."""
        return bool(self._walk.loops or self._walk.text_calls)

    def refusals(self) -> list[Refusal]:
        """What is wrong with it that the checker can't know: patterns that are none."""
        found = []
        for expr in self._walk.patterns if "matches" in self.source else ():
            pattern = syntax.constant_text(expr)
            if pattern is not None and (problem := bad_pattern(pattern)):
                at = position(self.source, self._tree.source_info.positions.get(expr.id, 0))
                found.append(Refusal(*at, f"{pattern!r} is no RE2 pattern: {problem}"))
        return found

    def work(self, size: Size, values: Mapping[str, Any]) -> float:
        """At most about so many microseconds on these values, of this size together."""
        walk = self._walk
        longest = walk.longest(values, size.longest)
        steps = min(_STEPS, longest**walk.loops) if walk.loops else 1
        once = 1 + walk.text_calls * size.text * 0.02
        # A list or map that a loop makes is copied at each step.
        return steps * (once + (min(longest, _STEPS) * 0.15 if walk.growing else 0)) + 3.0

    def run(self, activation: Any) -> Any:
        """The value. Raises `NotComputable`."""
        return value_of(self._runnable, activation, self._plain)


class _Walk:
    """What makes an expression costly, and what it reads."""

    def __init__(self, tree: Any) -> None:
        self.names: set[str] = set()
        self.patterns: list[Any] = []
        self.text_calls = 0
        self.loops = 0
        """How deep they are nested."""
        self.growing = False
        self._over: list[tuple[str, ...] | None] = []
        """What loops walk over, as paths; None: nobody knows."""
        self._visit(tree.expr, frozenset(), 0)

    def longest(self, values: Mapping[str, Any], most: int) -> int:
        """Entries of the longest list or map that a loop walks; `most` where one walks what is only computed."""
        longest = 0
        for path in self._over:
            found = None if path is None else member(values, path)
            if not isinstance(found, (list, dict)):
                return most
            longest = max(longest, len(found))
        return longest

    def _visit(self, expr: Any, loops: frozenset[str], depth: int) -> None:
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr" and expr.ident_expr.name not in loops:
            self.names.add(expr.ident_expr.name)
        elif kind == "call_expr":
            self.text_calls += expr.call_expr.function not in _CHEAP
            if expr.call_expr.function == "matches":
                self.patterns.append(expr.call_expr.args[-1])
        elif kind == "comprehension_expr":
            loop = expr.comprehension_expr
            self.loops = max(self.loops, depth + 1)
            self.growing = self.growing or loop.accu_init.WhichOneof("kind") != "const_expr"
            path = _path_of(loop.iter_range)
            self._over.append(None if path is None or path[0] in loops else path)
            self._visit(loop.iter_range, loops, depth)
            for part in list(syntax.children(expr))[1:]:
                self._visit(part, loops | {loop.iter_var, loop.accu_var}, depth + 1)
            return
        for child in syntax.children(expr):
            self._visit(child, loops, depth)


class Scope:
    """What the expressions at one place may name."""

    def __init__(self, variables: Mapping[str, str], row: str | None = None) -> None:
        """`variables` are types, in CEL's names, by name; `row` is that of the row, None where there is none."""
        self._variables = dict(variables)
        self._row = row

    def having(self, name: str, of: str) -> "Scope":
        """The same and one variable more."""
        return Scope({**self._variables, name: of}, self._row)

    def with_row(self, of: str) -> "Scope":
        """The same inside a fold."""
        return Scope(self._variables, of)

    def compile(self, source: str) -> Formula:
        """Check `source`. Raises `Refused` with every fault found."""
        known = [*self._variables, *(["row"] if self._row else [])]
        named = set(_WORD.findall(source))
        declared = {**self._variables, "row": self._row or "DYN"}
        needed = tuple((name, of) for name, of in declared.items() if name in named or name in ("doc", "row"))
        try:
            formula = Formula(source, _environment(needed).compile(source))
        except (RuntimeError, UnicodeError) as error:
            raise Refused(complaints(str(error), known)) from None
        refusals = formula.refusals()
        if self._row is None and (found := _ROW.search(source)) and "row" in formula.names:
            told = f"there is no 'row' outside a fold; an expression may name {', '.join(sorted(known))}"
            refusals.append(Refusal(*position(source, found.start()), told))
        if refusals:
            raise Refused(refusals)
        return formula


@lru_cache(64)
def _environment(variables: tuple[tuple[str, str], ...]) -> Any:
    """A checker for these variables. A new one is slow at first, and most expressions name the document alone."""
    return cel.NewEnv(variables={name: cel_type(of) for name, of in variables})


def member(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """A variable, or a member of one; `ABSENT` where there is none."""
    value: Any = values
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return ABSENT
        value = value[step]
    return value


def _path_of(expr: Any) -> tuple[str, ...] | None:
    steps: list[str] = []
    while expr.WhichOneof("kind") == "select_expr" and not expr.select_expr.test_only:
        steps.append(expr.select_expr.field)
        expr = expr.select_expr.operand
    return (expr.ident_expr.name, *reversed(steps)) if expr.WhichOneof("kind") == "ident_expr" else None


def activation(values: Mapping[str, Any]) -> Any:
    """CEL's own form of these variables, made when they are first read."""
    return _PLAIN.Activation(values)


def _guarded(tree: Any) -> Any:
    """A copy in which each map is gone through in the order of its keys, and a computed double that is no number
    has no value, unless it is the value of the whole: then whoever takes the value sees it."""
    copy = type(tree)()
    copy.CopyFrom(tree)
    fresh = 1 + max(copy.source_info.positions, default=0)

    def visit(expr: Any, shown: bool) -> None:
        nonlocal fresh
        kept = _kept(expr) if shown else ()
        ranged = expr.comprehension_expr.iter_range if expr.WhichOneof("kind") == "comprehension_expr" else None
        of_map = ranged is not None and may_be_map(tree, ranged)
        for n, child in enumerate(syntax.children(expr)):
            visit(child, n in kept)
        if of_map:
            demand_order(ranged, fresh)
            fresh += 1
        if not shown and computes_double(tree, expr):
            demand_finite(expr, fresh)
            fresh += 1

    visit(copy.expr, True)
    return copy


def _kept(expr: Any) -> tuple[int, ...]:
    """Those operands that make the whole no number if they are none."""
    if expr.WhichOneof("kind") != "call_expr":
        return ()
    return {"_+_": (0, 1), "_-_": (0, 1), "_*_": (0, 1), "_/_": (0,), "_?_:_": (1, 2), "-_": (0,), "double": (0,)}.get(
        expr.call_expr.function, ()
    )
