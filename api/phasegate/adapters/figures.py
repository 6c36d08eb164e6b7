"""Figures of a model by the names that policies know."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from phasegate.adapters.bounds import MOST
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import finite, is_number

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"[\W_]+")
_ALIASES = {"f1_score": "f1", "accuracy_score": "accuracy", "roc_auc_score": "roc_auc"}
_SPLIT_PREFIXES = ("test_", "holdout_")
_BASELINE = "baseline_"


def canonical(name: str) -> str:
    """Lower snake case: `F1 Score` and `f1-score` are `f1`."""
    plain = _BETWEEN.sub("_", _HUMP.sub("_", name[:200]).lower()).strip("_")
    return _ALIASES.get(plain, plain) or "unnamed"


def figures(stated: Iterable[tuple[str, Any]], warnings: Warnings, context: Mapping[str, str]) -> dict[str, Any]:
    """`metrics`, `baseline` and `non_finite` of the shape `metrics-report`.

    In evidence of the test split a prefix `test_` or `holdout_` is cut off, and what has it counts before
    what has none. A name that is stated with two values, or with something that is no number, is among the
    non-finite: rules can tell a figure that was lost from one that was never measured. None is the latter.
    """
    whole: dict[str, Any] = {}
    for name, value in stated:
        key = canonical(name)
        if (key in whole and not _same(whole[key], value)) or not (value is None or is_number(value)):
            warnings.add(left_out(key))
            value = math.nan
        whole[key] = value
    named = _without_split(whole, warnings) if context.get("split") == "test" else whole
    result: dict[str, Any] = {"metrics": {}, "baseline": {}, "non_finite": []}
    for key, value in named.items():
        number = finite(value)
        if number is not None and key.startswith(_BASELINE):
            result["baseline"][key.removeprefix(_BASELINE) or "unnamed"] = number
        elif number is not None:
            result["metrics"][key] = number
        elif value is not None:
            result["non_finite"].append(key)
    for field, held in result.items():
        if len(held) > MOST:
            warnings.add(f"{field}: {len(held) - MOST} of {len(held)} left out")
            result[field] = held[:MOST] if isinstance(held, list) else dict(list(held.items())[:MOST])
    return result


def left_out(name: str) -> str:
    """The warning about a figure that is lost."""
    return f"{shown(name)} is not stated as one finite number; left out"


def _same(one: Any, other: Any) -> bool:
    return is_number(one) and is_number(other) and one == other


def _without_split(whole: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    cut: dict[str, list[str]] = {}
    for key in whole:
        short = _cut(key)
        if short != key:
            cut.setdefault(short, []).append(key)
    named = dict(whole)
    for short, keys in cut.items():
        if len(keys) > 1:
            warnings.add(f"{' and '.join(map(shown, keys))} would have one name; kept as they are")
            named.pop(short, None)
            continue
        if short in whole:
            warnings.add(f"{shown(short)} is taken from {shown(keys[0])}, as the evidence is of the test split")
        named.pop(keys[0])
        named[short] = whole[keys[0]]
    return named


def _cut(key: str) -> str:
    baseline = _BASELINE if key.startswith(_BASELINE) else ""
    rest = key.removeprefix(baseline)
    for prefix in _SPLIT_PREFIXES:
        if rest.startswith(prefix) and rest != prefix:
            rest = rest.removeprefix(prefix)
            break
    return baseline + rest
