"""The values of a mapping, compiled: what gives a field of the shape."""

from typing import Any, NamedTuple

from phasegate.engine.mapping.formula import Formula
from phasegate.engine.policy import Field
from phasegate.errors import Path

TAKES = ("list", "count", "sum", "min", "max", "mean", "map", *(f"p{n}" for n in range(50, 100)))


class Literal(NamedTuple):
    """A number or switch as written, of the type of its field."""

    value: bool | int | float


class Computed(NamedTuple):
    """An expression."""

    formula: Formula
    path: Path


class Entries(NamedTuple):
    """An object by its fields, or a map with fixed keys (`of` is None)."""

    items: dict[str, "Node"]
    of: dict[str, Field] | None
    path: Path


class Fold(NamedTuple):
    """A value for each row of a list, and what is taken of them."""

    over: Computed
    where: Computed | None
    value: "Node | None"
    """None: the row itself."""
    take: str
    key: Computed | None
    path: Path


class Guarded(NamedTuple):
    """One value, where a condition holds."""

    where: Computed | None
    value: "Node"
    path: Path


Node = Literal | Computed | Entries | Fold | Guarded


class Let(NamedTuple):
    """A name for what is computed once."""

    name: str
    node: Node


def is_fold(written: Any, fold: frozenset[str]) -> bool:
    """Whether a map is a fold: its keys are all among `fold`, and `over` or `value` is one of them."""
    return isinstance(written, dict) and written.keys() <= fold and bool({"over", "value"} & written.keys())


def at_each_row(fold: Fold) -> list[Formula]:
    """The expressions that a fold runs on each row, those of folds inside it left out."""
    found: list[Formula] = []
    waiting: list[Node] = [each for each in (fold.where, fold.key, fold.value) if each is not None]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Computed):
            found.append(node.formula)
        elif isinstance(node, Entries):
            waiting += node.items.values()
        elif isinstance(node, Fold):
            waiting.append(node.over)
        elif isinstance(node, Guarded):
            waiting += [each for each in (node.where, node.value) if each is not None]
    return found
