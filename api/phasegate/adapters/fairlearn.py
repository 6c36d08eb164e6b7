"""Fairlearn's `MetricFrame` as JSON: `by_group`, `overall` and what else of it was written.

There is no official file. Read here is what `to_dict` of its parts gives in either orientation; the keys of
an intersection are tuples as text, `('female', 'A')`. What the groups show counts, unless the file states worse.
"""

import re
from typing import Any

from phasegate.adapters import fairness
from phasegate.adapters.bounds import MOST
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.fairness import SHAPE
from phasegate.adapters.figures import canonical
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import finite, label, list_in, object_in, refused, whole
from phasegate.engine.facts import Producer

_RATE = "selection_rate"
_TRUE_POSITIVE = ("recall", "tpr", "true_positive_rate")
_FALSE_POSITIVE = ("fpr", "false_positive_rate")
_TUPLE = re.compile(r"\((.+?),?\)", re.DOTALL)
_ITEM = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"()]+?))\s*(?:,|\Z)""", re.DOTALL)
Groups = dict[str, dict[str, Any]]


class Fairlearn:
    """The adapter `fairlearn`."""

    name = "fairlearn"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Fairlearn MetricFrame as JSON (by_group and overall)"
    command = (
        "json.dump({'by_group': frame.by_group.to_dict(orient='index'), 'overall': frame.overall.to_dict(), …}, file)"
    )
    fingerprint = "a JSON object with the objects `by_group` and `overall`"
    example = Example("fairlearn.json", context={"sensitive_features": "sex"})

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `fairness-report` of one dimension, which may be an intersection of attributes."""
        content = parse_like(raw, _looks, "a MetricFrame of Fairlearn")
        warnings = Warnings()
        stated = [label(name) for name in list_in(content.get("sensitive_features"))]
        attributes = fairness.attributes_of(stated, hints.context)
        groups = _groups(content["by_group"])
        counts = {key: _count(key, group) for key, group in groups.items()}
        rates = [
            fairness.share(group.get(_RATE), f"selection_rate of {shown(key)}")
            for key, group in groups.items()
            if counts[key] or finite(group.get(_RATE)) is not None
        ]
        if len(rates) < len(groups):
            warnings.add("a group without rows has no selection rate; it is listed, and the others are compared")
        if not rates:
            raise refused("", "no group has a row; run the comparison on data that has some and send it again")
        name = "+".join(attributes)
        dimension: dict[str, Any] = {
            "name": name,
            "attributes": attributes,
            "groups": len(groups),
            "min_count": min(counts.values()),
            **_compared(content, groups, counts, rates, warnings),
        }
        listed = [
            {
                "dimension": name,
                "group": _group_name(key, len(attributes)),
                "count": counts[key],
                "metrics": _finite(group, warnings, but="count"),
            }
            for key, group in groups.items()
        ]
        data = fairness.report_data(dimension, listed, _finite(content["overall"], warnings), rates)
        if len(rates) == 1:
            warnings.add("only one group has rows: nothing was compared")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        producer = Producer("fairlearn", label(content.get("fairlearn")))
        return Reading(SHAPE, data, producer=producer, warnings=warnings.all())


def _looks(content: Any) -> bool:
    found = object_in(content)
    return isinstance(found.get("by_group"), dict) and isinstance(found.get("overall"), dict)


def _groups(stated: dict[str, Any]) -> Groups:
    """Figures by group, also where they are written by figure."""
    if not stated or not all(isinstance(inner, dict) for inner in stated.values()):
        raise refused("", "by_group holds no figures of groups; write it with by_group.to_dict(orient='index')")
    if _RATE not in stated:
        return stated
    groups: Groups = {}
    for metric, by_group in stated.items():
        for group, value in by_group.items():
            groups.setdefault(group, {})[metric] = value
    if not groups:
        raise refused("", "by_group holds no group; write it with by_group.to_dict(orient='index')")
    return groups


def _count(key: str, group: dict[str, Any]) -> int:
    found = whole(group.get("count"))
    if found is None:
        raise refused(
            "", f"the group {shown(key)} has no count of rows; send a MetricFrame with fairlearn.metrics.count"
        )
    return found


def _compared(
    content: dict[str, Any], groups: Groups, counts: dict[str, int], rates: list[float], warnings: Warnings
) -> dict[str, float]:
    difference, ratio = object_in(content.get("difference")), object_in(content.get("ratio"))
    stated_ratios = (content.get("demographic_parity_ratio"), ratio.get(_RATE))
    stated_gaps = (content.get("demographic_parity_difference"), difference.get(_RATE))
    gap = fairness.worst(_RATE, max(rates) - min(rates), stated_gaps, warnings) or 0.0
    found = {
        "selection_rate_ratio": fairness.worst_ratio(fairness.ratio_of(rates), stated_ratios, warnings),
        "selection_rate_difference": gap,
    }
    true_gap, false_gap = _gap(_TRUE_POSITIVE, groups, counts), _gap(_FALSE_POSITIVE, groups, counts)
    stated = [difference.get(name) for name in _TRUE_POSITIVE]
    opportunity = fairness.worst("equal_opportunity_difference", true_gap, stated, warnings)
    if opportunity is not None:
        found["equal_opportunity_difference"] = opportunity
    both = None if true_gap is None or false_gap is None else max(true_gap, false_gap)
    odds = fairness.worst("equalized_odds_difference", both, [content.get("equalized_odds_difference")], warnings)
    if odds is not None:
        found["equalized_odds_difference"] = odds
    return found


def _gap(names: tuple[str, ...], groups: Groups, counts: dict[str, int]) -> float | None:
    """The gap between groups in the first of these figures, None where none has it. Raises `Invalid` where some do."""
    name = next((name for name in names if any(name in group for group in groups.values())), None)
    if name is None:
        return None
    stated = {key: finite(group.get(name)) for key, group in groups.items() if counts[key]}
    missing = [key for key, value in stated.items() if value is None]
    if missing:
        # Left out, a gap that was measured would look like one that nobody has to bound.
        told = f"{name} of {', '.join(map(shown, missing[:5]))} is no number"
        raise refused("", f"{told}; merge groups that are too small for it, or leave {name} out for all")
    numbers = [value for value in stated.values() if value is not None]
    return max(numbers) - min(numbers)


def _finite(stated: dict[str, Any], warnings: Warnings, but: str = "") -> dict[str, float]:
    result = {}
    for name, value in list(stated.items())[:MOST]:
        if name == but:
            continue
        number = finite(value)
        if number is None:
            warnings.add(f"a figure of {shown(name)} is no finite number; left out")
        else:
            result[canonical(name)] = number
    return result


def _group_name(key: str, parts: int) -> str:
    """`female/A` of `('female', 'A')`."""
    if parts == 1:
        return label(key) or "(empty)"
    found = _TUPLE.fullmatch(key[:1_000].strip())
    values = [next(filter(None, item), "") for item in _ITEM.findall(found[1])] if found else []
    if len(values) != parts:
        raise refused("", f"the group {shown(key)} doesn't name {parts} values; send its key as the text of a tuple")
    return label("/".join(values))
