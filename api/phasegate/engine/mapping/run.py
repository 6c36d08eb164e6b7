"""Running a compiled mapping on a document. Its work is bounded by an estimate that is made before each step."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from phasegate.engine.cel import NotComputable
from phasegate.engine.mapping.compile import Compiled
from phasegate.engine.mapping.document import Document, Size, size_of
from phasegate.engine.mapping.formula import ABSENT, Formula, activation, member
from phasegate.engine.mapping.nodes import Computed, Entries, Fold, Literal, Node, at_each_row
from phasegate.engine.mapping.take import NoRows, Refusal, take
from phasegate.engine.mapping.values import cel_value, finite, joined, plain, text_of
from phasegate.engine.policy import Field, Shape
from phasegate.engine.shape import read_data
from phasegate.errors import Fault, Invalid, Path, TooLarge
from phasegate.reading import spell

MOST_ROWS = 100_000
_WORK = 1_500_000.0
"""Microseconds that all of it may take, by the estimate."""
_DETECTION = 20_000.0
"""The same for one question whether a document is in a format: a policy can ask fifty of them of a file."""
_HANDED = 0.35
"""Microseconds for each value that is handed to CEL."""
_ROW = 3.0
"""Microseconds for the frame of a row."""
_LONGEST_SHOWN = 200
_SMALL = Size()


class Mapped(NamedTuple):
    """What a mapping reads in a document."""

    data: dict[str, Any]
    """As its shape has it."""
    collected_at: datetime | None
    warnings: tuple[str, ...]


def matches(compiled: Compiled, document: Document) -> bool:
    """Whether the document is in the format. Never raises."""
    return not why_not(compiled, document)


def why_not(compiled: Compiled, document: Document) -> str:
    """Why the document isn't in the format, in words; empty where it is."""
    try:
        run = _Run("", document, {}, _DETECTION)
        if run.value_of(Computed(compiled.detect, ("detect",)), run.top.handed(compiled.detect), None) is True:
            return ""
    except Invalid as refusal:
        return refusal.faults[0].message
    return f"false: `{_line(compiled.detect.source)}`"


def read(name: str, compiled: Compiled, shape: Shape, document: Document) -> Mapped:
    """The data in `document`. Raises `Invalid`, naming mapping, field, expression and row, where there is none."""
    run = _Run(name, document, shape.fields)
    for let in compiled.lets:
        run.top.add(let.name, run.let(let.node, ("let", let.name)))
    instant = run.node(compiled.collected_at, run.top, optional=True) if compiled.collected_at is not None else None
    data = run.data(compiled.fields)
    try:
        data = read_data(shape, data)
    except Invalid as refusal:
        faults = tuple(
            Fault(f"mappings.{name}.fields{fault.path.removeprefix('data')}", fault.message) for fault in refusal.faults
        )
        raise Invalid(f"mapping {name}: {faults[0].path} {faults[0].message}", faults=faults) from None
    return Mapped(data, instant if isinstance(instant, datetime) else None, tuple(run.warnings))


class _Top:
    """The document and the names of `let`, and how they are handed to CEL: as seldom as possible."""

    def __init__(self, run: "_Run", document: Document) -> None:
        self._run = run
        self.values: dict[str, Any] = {"doc": document.value}
        self.sizes: dict[str, Size] = {"doc": document.size}
        if document.handed is None:
            document.handed = activation(self.values)
        self._activation = document.handed
        self._held = frozenset(self.values)
        self._handed: set[str] = set()

    def add(self, name: str, value: Any) -> None:
        """A further name, for what was computed."""
        size = _SMALL
        if isinstance(value, (list, dict, str)):
            try:
                size = size_of(value)
            except TooLarge:
                raise self._run.refusal(("let", name), "makes more values than a mapping may") from None
        self._run.spend(size.values * _HANDED + size.text * 0.02, ("let", name))
        self.values[name] = cel_value(value)
        self.sizes[name] = size

    def compute(self, of: Computed) -> Any:
        """The value of an expression."""
        formula = of.formula
        if formula.path is not None and (found := member(self.values, formula.path)) is not ABSENT:
            return plain(found)
        if not formula.names <= self._held:
            self._activation = activation(self.values)
            self._held = frozenset(self.values)
            self._handed = set()
        fresh = formula.names - self._handed
        self._handed |= fresh
        work = formula.work(joined(self.sizes[name] for name in formula.names), self.values)
        self._run.spend(sum(self.sizes[name].values for name in fresh) * _HANDED + work, of.path, formula)
        return self._run.value_of(of, self._activation, None)

    def handed(self, detect: Formula) -> Any:
        """The document as `detect` takes it; that it has to be handed over at all is the file's cost."""
        self._run.spend(detect.work(self.sizes["doc"], self.values), ("detect",), detect)
        return self._activation


class _Row:
    """One row of a fold."""

    def __init__(self, run: "_Run", number: int, value: Any, handed: Any) -> None:
        self._run = run
        self._number = number
        self._value = value
        self._handed = handed

    def compute(self, of: Computed) -> Any:
        """The value of an expression."""
        path = of.formula.path
        if path is not None and path[0] == "row" and (found := member({"row": self._value}, path)) is not ABSENT:
            return plain(found)
        return self._run.value_of(of, self._handed, self._number)

    @property
    def number(self) -> int:
        """From 1."""
        return self._number


class _Run:
    """One reading of one document."""

    def __init__(self, name: str, document: Document, fields: dict[str, Field], work: float = _WORK) -> None:
        self.warnings: list[str] = []
        self._name = name
        self._fields = fields
        self._left = work
        self._non_finite: list[str] = []
        self.top = _Top(self, document)

    def spend(self, work: float, path: Path, formula: Formula | None = None) -> None:
        """Take what is about to be done from what may be done."""
        self._left -= work
        if self._left < 0:
            told = (
                "this takes longer on so large a document than a mapping may; split it, or walk its lists with a fold"
            )
            raise self.refusal(path, told, formula)

    def refusal(self, path: Path, told: str, formula: Formula | None = None, row: int | None = None) -> Invalid:
        """What can't be read, by which expression of which field, and in which row."""
        path = path[2:] if path[:2] == ("mappings", self._name) else path
        where = f"in row {row}: " if row is not None else ""
        shown = spell(path)
        source = "" if formula is None else f" `{_line(formula.source)}`"
        fault = Fault(f"mappings.{self._name}.{shown}", f"{where}{told}{' in' if source else ''}{source}")
        return Invalid(f"mapping {self._name}: {shown}: {fault.message}", faults=(fault,))

    def value_of(self, of: Computed, handed: Any, row: int | None) -> Any:
        """The value of an expression; a refusal where it has none."""
        try:
            return of.formula.run(handed)
        except NotComputable as error:
            raise self.refusal(of.path, str(error), of.formula, row) from None

    def let(self, node: Node, path: Path) -> Any:
        """The value of a name."""
        value = self.node(node, self.top, optional=False)
        if not finite(value):
            raise self.refusal(path, "is no finite number", node.formula if isinstance(node, Computed) else None)
        return value

    def data(self, fields: Entries) -> dict[str, Any]:
        """The fields of the shape, lists that are too long for it cut where it can say so."""
        data: dict[str, Any] = self.node(fields, self.top, optional=False)
        if self._non_finite:
            data["non_finite"] = [*data.get("non_finite", ()), *self._non_finite]
        for name, value in list(data.items()):
            most = self._fields[name].max_entries
            if not isinstance(value, (list, dict)) or len(value) <= most:
                continue
            if "unlisted" not in self._fields:
                told = f"has {len(value):,} entries, and its shape takes {most:,}; choose with `where`"
                raise self.refusal(("fields", name), told)
            self.warnings.append(f"{name}: {len(value) - most:,} of {len(value):,} entries left out")
            data["unlisted"] = data.get("unlisted", 0) + len(value) - most
            data[name] = value[:most] if isinstance(value, list) else dict(list(value.items())[:most])
        return data

    def node(self, node: Node, frame: _Top | _Row, *, optional: bool) -> Any:
        """The value of a node; `ABSENT` where an optional one is left out."""
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Computed):
            return frame.compute(node)
        if isinstance(node, Entries):
            return self._entries(node, frame)
        if isinstance(node, Fold):
            return self._fold(node, frame, optional)
        if node.where is None or frame.compute(node.where) is True:
            return self.node(node.value, frame, optional=optional)
        if optional:
            return ABSENT
        row = frame.number if isinstance(frame, _Row) else None
        raise self.refusal(node.path, "is required, and not so", node.where.formula, row)

    def _entries(self, node: Entries, frame: _Top | _Row) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, item in node.items.items():
            field = None if node.of is None else node.of[name]
            value = self.node(item, frame, optional=field is None or field.optional)
            path = (*node.path, name)
            if value is ABSENT:
                continue
            if field is None and not finite(value):
                self._leave_out(name, path)
                continue
            if not finite(value):
                raise self.refusal(path, "is no finite number", item.formula if isinstance(item, Computed) else None)
            if isinstance(value, dict):
                for key in [key for key, each in value.items() if not finite(each)]:
                    self._leave_out(key, (*path, key))
                    value = {other: each for other, each in value.items() if other != key}
            result[name] = text_of(value)
        return result

    def _leave_out(self, name: str, path: Path) -> None:
        if "non_finite" not in self._fields:
            raise self.refusal(path, "is no finite number")
        self._non_finite.append(name)
        self.warnings.append(f"{name[:64]!r} is no finite number, so it is left out")

    def _fold(self, node: Fold, frame: _Top | _Row, optional: bool) -> Any:
        rows = frame.compute(node.over)
        if not isinstance(rows, list):
            raise self.refusal(node.over.path, "there is no list", node.over.formula)
        if len(rows) > MOST_ROWS:
            told = f"there are {len(rows):,} rows; a fold walks at most {MOST_ROWS:,}: split the file"
            raise self.refusal(node.over.path, told, node.over.formula)
        try:
            return take(node.take, self._rows(node, rows))
        except NoRows:
            if not optional:
                raise self.refusal(node.path, f"there is no row to take {node.take} of") from None
            self.warnings.append(f"{spell(node.path)}: there is no row to take {node.take} of, so it is left out")
            return ABSENT
        except Refusal as refusal:
            raise self.refusal(node.path, refusal.told, None, refusal.row) from None

    def _rows(self, fold: Fold, rows: list[Any]) -> Iterator[tuple[int, str, Any]]:
        """Number, key and value of each row that the condition takes."""
        formulas = at_each_row(fold)
        names = frozenset[str]().union(*(formula.names for formula in formulas)) - {"row"}
        outer = {name: self.top.values[name] for name in names}
        size = joined(self.top.sizes[name] for name in names)
        always = _ROW + size.values * _HANDED
        by_size = any(formula.by_size for formula in formulas)
        work = always + sum(formula.work(size, outer) for formula in formulas)
        if formulas and not by_size:
            self.spend(work * len(rows), fold.path)
        for number, value in enumerate(rows, start=1):
            if by_size:
                both = joined((size_of(value), size))
                seen = {**outer, "row": value}
                work = always + both.values * _HANDED + sum(formula.work(both, seen) for formula in formulas)
                self.spend(work, fold.path)
            handed = activation({**outer, "row": value} if outer else {"row": value}) if formulas else None
            if fold.where is not None and self.value_of(fold.where, handed, number) is not True:
                continue
            key = "" if fold.key is None else self.value_of(fold.key, handed, number)
            if isinstance(fold.value, Computed):
                yield number, key, self.value_of(fold.value, handed, number)
            elif fold.value is None:
                yield number, key, plain(value)
            else:
                yield number, key, self.node(fold.value, _Row(self, number, value, handed), optional=False)


def _line(source: str) -> str:
    line = " ".join(source.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"
