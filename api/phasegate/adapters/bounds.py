"""How much of a list or map the rules see."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
MOST = 1_000
"""Entries."""


def bounded(items: Iterable[T], worse: Callable[[T], bool]) -> tuple[list[T], int]:
    """At most 1,000, the worse first and otherwise in order; and how many are left out."""
    ordered = sorted(items, key=lambda item: not worse(item))
    return ordered[:MOST], max(0, len(ordered) - MOST)
