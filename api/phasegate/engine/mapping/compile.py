"""A mapping as written, checked against its shape: every value has exactly its field's type, or it is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from phasegate.engine.cel import Refused
from phasegate.engine.mapping.formula import Formula, Scope, item_of
from phasegate.engine.mapping.nodes import TAKES, Computed, Entries, Fold, Guarded, Let, Literal, Node, is_fold
from phasegate.engine.policy import FOLD, Field, Shape
from phasegate.engine.policy import Mapping as Written
from phasegate.engine.shape import FieldType, parse_type, read_scalar
from phasegate.errors import Flaw, Path, nearest

MOST_EXPRESSIONS = 200
"""Of one mapping."""
_LONGEST = 4_000
_DEEPEST = 8
_TAKEN = frozenset(("doc", "row", "finite", "true", "false", "null", "in", "as", "break", "const", "continue", "else"))
_TAKEN |= {"for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"}
_TAKEN |= {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "dyn", "null_type"}
_TAKEN |= {"timestamp", "duration"}
"""Names that a `let` can't give."""
_CEL = {name: name.upper() for name in ("bool", "int", "double", "string", "timestamp", "duration")}
_NUMBERS = ("INT", "DOUBLE")
_ORDERED = (*_NUMBERS, "TIMESTAMP", "DURATION")
_INSTANT = Field(type="timestamp", optional=True)


class Compiled(NamedTuple):
    """The expressions of a mapping, ready to run."""

    expressions: int
    """How many there are."""
    detect: Formula
    lets: tuple[Let, ...]
    collected_at: Node | None
    fields: Entries


def compile_mapping(mapping: Written, shape: Shape, path: Path) -> tuple[Compiled | None, list[Flaw]]:
    """The compiled mapping, or everything wrong with it, by its place in the policy."""
    work = _Compiler(mapping.shape, path)
    detect = work.text(mapping.detect, Scope({"doc": "DYN"}), (*path, "detect"))
    if detect is not None and detect.formula.returns != "BOOL":
        work.refuse(detect.path, f"must be true or false, but yields {_called(detect.formula.returns)}", _wrap("bool"))
    scope, lets = work.lets(mapping.let, (*path, "let"))
    instant = None
    if mapping.collected_at is not None:
        instant = work.field(mapping.collected_at, _INSTANT, scope, (*path, "collected_at"))
    fields = work.entries(mapping.fields, shape.fields, scope, (*path, "fields"))
    if work.flaws or detect is None:
        return None, work.flaws
    return Compiled(work.count, detect.formula, lets, instant, fields), []


class _Compiler:
    def __init__(self, shape: str, path: Path) -> None:
        self.flaws: list[Flaw] = []
        self._shape = shape
        self._path = path
        self.count = 0

    def refuse(self, path: Path, message: str, suggestion: str | None = None) -> None:
        self.flaws.append(Flaw(path, message, suggestion))

    def lets(self, written: Mapping[str, Any], path: Path) -> tuple[Scope, tuple[Let, ...]]:
        """The names of `let`, in order, and the scope in which all of them stand."""
        scope, lets = Scope({"doc": "DYN"}), []
        for name, value in written.items():
            here = (*path, name)
            if name in _TAKEN:
                self.refuse(here, f"{name!r} has a meaning of its own; choose another name")
                continue
            node, of = self._free(value, scope, here)
            if node is not None:
                lets.append(Let(name, node))
            # A name whose expression is refused is known all the same, so that one fault is told once.
            scope = scope.having(name, of)
        return scope, tuple(lets)

    def entries(self, written: Mapping[str, Any], fields: dict[str, Field], scope: Scope, path: Path) -> Entries:
        """The fields of an object."""
        items: dict[str, Node] = {}
        for name, value in written.items():
            if name not in fields:
                self.refuse((*path, name), f"is not a field of {self._shape}", nearest(name, fields))
                continue
            node = self.field(value, fields[name], scope, (*path, name))
            if node is not None:
                items[name] = node
        for name, field in fields.items():
            kind = parse_type(field.type)
            if name not in written and not field.optional and kind is not None and kind.holds == "one":
                self.refuse(path, f"lacks {name}, which {self._shape} requires ({field.type})")
        return Entries(items, fields, path)

    def field(self, value: Any, field: Field, scope: Scope, path: Path) -> Node | None:
        """A value that must have exactly the type of a field."""
        kind = parse_type(field.type)
        if kind is None:
            return None
        if len(path) - len(self._path) > _DEEPEST:
            self.refuse(path, f"values are nested more than {_DEEPEST} deep")
            return None
        if is_fold(value, FOLD):
            return self._fold(value, field, kind, scope, path)
        if isinstance(value, dict):
            return self._map(value, field, kind, scope, path)
        if isinstance(value, str):
            computed = self.text(value, scope, path)
            if computed is not None:
                self._demand(computed.formula.returns, kind, path)
            return computed
        return self._literal(value, kind, path)

    def text(self, source: Any, scope: Scope, path: Path) -> Computed | None:
        """An expression."""
        if not isinstance(source, str) or not 0 < len(source) <= _LONGEST:
            self.refuse(path, f"must be CEL text of at most {_LONGEST} characters")
            return None
        self.count += 1
        if self.count > MOST_EXPRESSIONS:
            if self.count == MOST_EXPRESSIONS + 1:
                self.refuse(self._path, f"holds more than {MOST_EXPRESSIONS} expressions")
            return None
        try:
            return Computed(scope.compile(source), path)
        except Refused as refused:
            for line, column, message, suggestion in refused.refusals:
                self.flaws.append(Flaw(path, message, suggestion, (line, column)))
            return None

    def _free(self, value: Any, scope: Scope, path: Path) -> tuple[Node | None, str]:
        """A value of whatever type, and the type."""
        if isinstance(value, str):
            computed = self.text(value, scope, path)
            return computed, "DYN" if computed is None else computed.formula.returns
        if not isinstance(value, dict):
            return Literal(value), {bool: "BOOL", int: "INT"}.get(type(value), "DOUBLE")
        if not is_fold(value, FOLD) or "over" not in value:
            self.refuse(path, "takes an expression or a fold with `over`; a map of fields belongs under `fields`")
            return None, "DYN"
        opened = self._open(value, scope, path)
        if opened is None:
            return None, "DYN"
        over, where, key, inside, row = opened
        inner: Node | None = None
        if "value" in value:
            inner, row = self._free(value["value"], inside, (*path, "value"))
            if inner is None:
                return None, "DYN"
        take = value.get("take", "list")
        fold = Fold(over, where, inner, take, key, path)
        return fold, self._taken(take, row, path)

    def _taken(self, take: str, row: str, path: Path) -> str:
        """The type of what is taken of values of the type `row`."""
        if take in ("list", "map", "count"):
            return {"list": f"LIST<{row}>", "map": f"MAP<STRING, {row}>", "count": "INT"}[take]
        allowed = _NUMBERS if take in ("sum", "mean") else _ORDERED
        if row not in allowed:
            mend = "value: double(row)" if row == "DYN" else None
            self.refuse(
                path, f"{take} is taken of {' or '.join(map(_called, allowed[:2]))}, not of {_called(row)}", mend
            )
        return "DOUBLE" if take == "mean" else row

    def _open(
        self, value: dict[str, Any], scope: Scope, path: Path
    ) -> tuple[Computed, Computed | None, Computed | None, Scope, str] | None:
        """What a fold over a list is made of: the list, the condition, the key, the scope of a row and its type."""
        take = value.get("take", "list")
        if take not in TAKES:
            known = ", ".join(name for name in TAKES if not name.startswith("p"))
            self.refuse((*path, "take"), f"must be one of: {known}, p50 to p99", nearest(str(take), TAKES))
            return None
        if (take == "map") != ("key" in value):
            self.refuse(path, "`take: map` needs a `key`" if take == "map" else "only `take: map` has a `key`")
            return None
        if take == "count" and "value" in value:
            self.refuse((*path, "value"), "has no meaning beside `take: count`; a condition goes into `where`")
            return None
        over = self.text(value["over"], scope, (*path, "over"))
        if over is None:
            return None
        row = item_of(over.formula.returns)
        if row is None:
            told = f"must be a list, but is {_called(over.formula.returns)}"
            self.refuse(over.path, told)
            return None
        inside = scope.with_row(row)
        before = len(self.flaws)
        where = self._where(value, inside, path)
        key = self.text(value["key"], inside, (*path, "key")) if "key" in value else None
        if key is not None and key.formula.returns != "STRING":
            self.refuse(key.path, f"must be text, but yields {_called(key.formula.returns)}", _wrap("string"))
        return None if len(self.flaws) > before else (over, where, key, inside, row)

    def _where(self, value: dict[str, Any], scope: Scope, path: Path) -> Computed | None:
        where = self.text(value["where"], scope, (*path, "where")) if "where" in value else None
        if where is not None and where.formula.returns != "BOOL":
            told = f"must be true or false, but yields {_called(where.formula.returns)}"
            self.refuse(where.path, told, "compare it with something, as in `… == true`")
        return where

    def _fold(self, value: dict[str, Any], field: Field, kind: FieldType, scope: Scope, path: Path) -> Node | None:
        if "over" not in value:
            if unread := sorted({"take", "key"} & value.keys()):
                self.refuse((*path, unread[0]), "has a meaning beside `over` alone")
            node = self.field(value["value"], field, scope, (*path, "value"))
            return None if node is None else Guarded(self._where(value, scope, path), node, path)
        opened = self._open(value, scope, path)
        if opened is None:
            return None
        over, where, key, inside, row = opened
        take = value.get("take", "list")
        inner: Node | None = None
        if take in ("list", "map"):
            if kind.holds != take:
                self.refuse(path, f"must be {_typed(kind)}, but the fold gives a {take}", _mend(kind))
                return None
            each = FieldType("one", kind.item)
            if "value" in value:
                one = Field(type=kind.item, fields=field.fields)
                inner = self.field(value["value"], one, inside, (*path, "value"))
                return None if inner is None else Fold(over, where, inner, take, key, path)
            self._demand(row, each, path)
        else:
            if "value" in value:
                inner, row = self._free(value["value"], inside, (*path, "value"))
                if inner is None:
                    return None
            before = len(self.flaws)
            taken = self._taken(take, row, path)
            if len(self.flaws) == before:
                self._demand(taken, kind, path)
        return Fold(over, where, inner, take, key, path)

    def _map(self, value: dict[str, Any], field: Field, kind: FieldType, scope: Scope, path: Path) -> Node | None:
        if kind.holds == "list":
            self.refuse(path, f"must be {_typed(kind)}: an expression, or a fold with `over`")
            return None
        if kind.holds == "one" and kind.item == "object":
            return self.entries(value, field.fields, scope, path)
        if kind.holds == "one":
            hint = nearest(next(iter(value.keys() - FOLD), ""), FOLD)
            self.refuse(path, f"must be {_typed(kind)}: an expression, or a fold with `over` or `value`", hint)
            return None
        one = Field(type=kind.item, fields=field.fields, optional=True)
        nodes = {key: self.field(item, one, scope, (*path, key)) for key, item in value.items()}
        return Entries({key: node for key, node in nodes.items() if node is not None}, None, path)

    def _literal(self, value: Any, kind: FieldType, path: Path) -> Node | None:
        try:
            if value is None or kind.holds != "one" or kind.item == "object":
                raise ValueError
            return Literal(read_scalar(kind.item, value))
        except ValueError:
            shown = "null" if value is None else str(value).lower()
            self.refuse(path, f"must be {_typed(kind)}, not {shown}")
            return None

    def _demand(self, returns: str, kind: FieldType, path: Path) -> None:
        """A type that must be exactly that of a field."""
        if returns in _fitting(kind):
            return
        if kind.item == "object":
            told = "a map of its fields" if kind.holds == "one" else "a fold whose `value` is a map of its fields"
            self.refuse(path, f"must be {_typed(kind)}: {told}")
            return
        self.refuse(path, f"must be {_typed(kind)}, but yields {_called(returns)}", _mend(kind))


def _fitting(kind: FieldType) -> Iterable[str]:
    items = ("BOOL", "INT", "DOUBLE") if kind.item == "scalar" else (_CEL.get(kind.item, ""),)
    return {{"one": item, "list": f"LIST<{item}>", "map": f"MAP<STRING, {item}>"}[kind.holds] for item in items if item}


def _called(returns: str) -> str:
    """A type of the checker in words."""
    return (
        "a value whose type nobody knows (dyn)"
        if returns == "DYN"
        else returns.lower().replace("map<string, ", "map<string,")
    )


def _typed(kind: FieldType) -> str:
    return {"one": kind.item, "list": f"list<{kind.item}>", "map": f"map<string,{kind.item}>"}[kind.holds]


def _wrap(kind: str) -> str:
    return f"wrap it in {kind}(…)"


def _mend(kind: FieldType) -> str | None:
    if kind.item in ("object", "scalar"):
        return None
    if kind.holds == "one":
        return _wrap(kind.item)
    return f"{{over: …, value: {kind.item}(row)}}" + (" with take: map and a key" if kind.holds == "map" else "")
