"""The churn scorer: a logistic regression read from one JSON file, which is the release's artifact.

How it treats values that training never saw is said in the artifact (`clip`, `unseen`), so mending it
makes a new artifact.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self


class Unanswerable(ValueError):
    """A row that the model can't score; the text names the field."""


class Scorer:
    """Scores one customer at a time: the probability of leaving within 30 days."""

    def __init__(self, artifact: Mapping[str, Any]) -> None:
        """`artifact` is the parsed `model.json`."""
        self._artifact = artifact

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The scorer of the artifact at `path`."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def numeric(self) -> dict[str, tuple[float, float]]:
        """The lowest and highest value of each numeric field in training."""
        return {part["field"]: (part["low"], part["high"]) for part in self._artifact["numeric"]}

    @property
    def categorical(self) -> dict[str, list[str]]:
        """The levels of each categorical field in training."""
        return {part["field"]: sorted(part["weights"]) for part in self._artifact["categorical"]}

    def score(self, row: Mapping[str, Any]) -> float:
        """The probability for this row. Raises `Unanswerable`."""
        total: float = self._artifact["intercept"]
        for part in self._artifact["numeric"]:
            total += part["weight"] * _scaled(part, _read(row, part["field"]))
        for part in self._artifact["categorical"]:
            total += _weight(part, _read(row, part["field"]))
        for part in self._artifact["encoded"]:
            total += part["weight"] * float(part["rates"].get(_read(row, part["field"]), part["unseen"]))
        return _logistic(total)


def _read(row: Mapping[str, Any], field: str) -> Any:
    if field not in row:
        raise Unanswerable(f"the row has no {field}")
    return row[field]


def _scaled(part: Mapping[str, Any], value: Any) -> float:
    """The value on the scale of training, where its range is 0 to 1; nothing stated counts as the median."""
    if value is None:
        value = part["fill"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unanswerable(f"{part['field']} is no finite number: {value!r}")
    scaled: float = (value - part["low"]) / (part["high"] - part["low"])
    return min(max(scaled, 0.0), 1.0) if part["clip"] else scaled


def _weight(part: Mapping[str, Any], level: Any) -> float:
    if not isinstance(level, str):
        raise Unanswerable(f"{part['field']} is no text: {level!r}")
    if part["unseen"] == "ignore":
        return float(part["weights"].get(level, 0.0))
    return float(part["weights"][level])


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))
