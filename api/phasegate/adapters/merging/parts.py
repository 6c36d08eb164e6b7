"""What the rules of several shapes have in common."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from phasegate.adapters.bounds import MOST
from phasegate.adapters.text import Warnings

Data = dict[str, Any]
"""As the shape has it."""
T = TypeVar("T")


def sums(parts: Sequence[Data], fields: Iterable[str]) -> dict[str, int]:
    """The counts of all files together."""
    return {field: sum(part[field] for part in parts) for field in fields}


def sum_of_all(parts: Sequence[Data], field: str, warnings: Warnings) -> Data:
    """The field, summed where every file states it. A sum over some of them would be too small to be true."""
    stated = [part[field] for part in parts if field in part]
    if len(stated) == len(parts):
        return {field: sum(stated)}
    if stated:
        warnings.add(f"only {len(stated)} of {len(parts)} files state {field}, so their sum is unknown; left out")
    return {}


def listed(
    parts: Sequence[Data], field: str, goodness: Callable[[Data], Any], *, as_written: bool = False
) -> tuple[list[Data], int]:
    """The entries of all files, at most 1,000, the worst first; and how many are left out.

    `as_written`: in their own order, unless some have to be left out.
    """
    entries = [entry for part in parts for entry in part[field]]
    if len(entries) > MOST or not as_written:
        entries.sort(key=goodness)
    return entries[:MOST], max(0, len(entries) - MOST)


def unlisted(parts: Sequence[Data], cut: int) -> Data:
    """What the files left out, and what was cut now."""
    count = cut + sum(part.get("unlisted", 0) for part in parts)
    return {"unlisted": count} if count else {}


def same(values: Iterable[T]) -> T | None:
    """The value that all of them are; None where they differ."""
    distinct = list(values)
    return distinct[0] if all(value == distinct[0] for value in distinct) else None
