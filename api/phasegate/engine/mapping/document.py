"""A tool's document as expressions see it, and how much there is of it."""

import math
from typing import Any, NamedTuple

from phasegate.errors import TooLarge

MOST_VALUES = 1_000_000
"""Each costs some tenths of a microsecond whenever the document is handed to CEL."""


class Size(NamedTuple):
    """What working on a value can cost."""

    values: int = 1
    longest: int = 0
    """Entries of the longest list or map in it."""
    text: int = 0
    """Characters of the longest text in it."""


class Document:
    """Plain data and its size."""

    def __init__(self, value: Any, size: Size) -> None:
        self.value = value
        self.size = size
        self.handed: Any = None
        """CEL's own form of it, once something was computed on it."""


def document(content: Any) -> Document:
    """What was read from a file, as expressions see it.

    Nulls in objects are dropped: absent means unknown. A double that is no number becomes its name as text, with
    which no expression computes by accident (a comparison with NaN would be false without a word) and which
    `double(…)` turns back. Raises `TooLarge`.
    """
    measure = Measure(MOST_VALUES)
    return Document(measure.clean(content), measure.size())


def size_of(value: Any) -> Size:
    """The size of what an expression yielded."""
    measure = Measure(MOST_VALUES)
    measure.clean(value)
    return measure.size()


class Measure:
    """Counts while it cleans."""

    def __init__(self, most: int) -> None:
        self._left = self._most = most
        self._longest = self._text = 0

    def size(self) -> Size:
        return Size(self._most - self._left, self._longest, self._text)

    def clean(self, value: Any) -> Any:
        self._left -= 1
        if isinstance(value, str):
            if len(value) > self._text:
                self._text = len(value)
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else _NAMES.get(value, "NaN")
        if isinstance(value, dict):
            self._count(value)
            if (key := max(map(len, value), default=0)) > self._text:
                self._text = key
            return {key: self.clean(item) for key, item in value.items() if item is not None}
        if isinstance(value, list):
            self._count(value)
            return [self.clean(item) for item in value]
        return value

    def _count(self, value: dict[str, Any] | list[Any]) -> None:
        if len(value) > self._longest:
            self._longest = len(value)
        if len(value) > self._left:
            raise TooLarge(f"a mapping reads documents of at most {self._most:,} values; this one has more: split it")


_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}
