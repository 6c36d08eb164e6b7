"""What a fold takes of its rows."""

import math
from collections.abc import Iterable
from typing import Any

_LARGEST = 2**63
Row = tuple[int, str, Any]
"""Number from 1, key and value."""


class NoRows(Exception):
    """There is nothing to take a figure of."""


class Refusal(Exception):
    """A row that can't be taken."""

    def __init__(self, told: str, row: int | None = None) -> None:
        super().__init__(told)
        self.told = told
        self.row = row


def take(what: str, rows: Iterable[Row]) -> Any:
    """`list`, `count`, `sum`, `min`, `max`, `mean`, `map`, or a percentile by nearest rank, `p50` to `p99`.

    Raises `NoRows` for a figure of nothing, and `Refusal`.
    """
    if what == "count":
        return sum(1 for _ in rows)
    if what == "map":
        return _map(rows)
    values = [value for _, _, value in rows]
    if what == "list":
        return values
    if what == "sum":
        return _sum(values)
    if not values:
        raise NoRows
    for value in values:
        # Neither order nor mean mean anything beside what is no number.
        if isinstance(value, float) and not math.isfinite(value):
            return math.nan
    if what == "mean":
        return math.fsum(values) / len(values)
    values.sort()
    if what in ("min", "max"):
        return values[0 if what == "min" else -1]
    return values[-(-int(what[1:]) * len(values) // 100) - 1]


def _sum(values: list[Any]) -> Any:
    if any(isinstance(value, float) for value in values):
        return sum(values)
    total = sum(values)
    if not -_LARGEST <= total < _LARGEST:
        raise Refusal("the sum does not fit in 64 bits")
    return total


def _map(rows: Iterable[Row]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for number, key, value in rows:
        if key in result:
            raise Refusal(f"the key {key[:64]!r} stands twice", number)
        result[key] = value
    return result
