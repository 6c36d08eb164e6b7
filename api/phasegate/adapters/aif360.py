"""AIF360's `MetricJSONExplainer`, its answers collected in one object by metric.

The values stand only in sentences; they are computed from the counts beside those.
"""

from typing import Any, NamedTuple

from phasegate.adapters import fairness
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.fairness import SHAPE
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import object_in, refused, whole
from phasegate.engine.facts import Producer

_SIDES = ("Unprivileged", "Privileged")
_SELECTED = {
    "disparate_impact": (("numPositivePredictions", "num"), ("numPositives", "numInstances")),
    "statistical_parity_difference": (("numPositives", "numInstances"), ("numPositivePredictions", "num")),
}
"""Metrics about who is selected, and the names of selected and of all rows, likely ones first."""
_OPPORTUNITY, _ODDS = "equal_opportunity_difference", "average_odds_difference"
_TRUE, _FALSE = ("numTruePositives", "numPositives"), ("numFalsePositives", "numNegatives")
_TOLD = "the JSON of AIF360's MetricJSONExplainer by metric"


class Pair(NamedTuple):
    """A rate of both groups, unprivileged first."""

    rates: tuple[float, float]
    rows: tuple[int, int]

    @property
    def gap(self) -> float:
        return abs(self.rates[0] - self.rates[1])


class Aif360:
    """The adapter `aif360`."""

    name = "aif360"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "AIF360 MetricJSONExplainer answers in one JSON object by metric"
    command = "json.dump({'disparate_impact': json.loads(MetricJSONExplainer(metric).disparate_impact()), …}, file)"
    fingerprint = "a JSON object with `disparate_impact` or `statistical_parity_difference`, each with a `message`"
    example = Example("aif360.json", context={"sensitive_features": "sex"})

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `fairness-report` of one dimension, which the context `sensitive_features` names."""
        content = parse_like(raw, _looks, _TOLD)
        warnings = Warnings()
        attributes = fairness.attributes_of([], hints.context)
        selected = [
            _selected(object_in(content[metric]), names) for metric, names in _SELECTED.items() if metric in content
        ]
        ratios = [fairness.ratio_of(list(pair.rates)) for pair in selected]
        gaps = [pair.gap for pair in selected]
        if len(set(selected)) > 1:
            warnings.add("the metrics were computed on different counts; the worse count")
        name = "+".join(attributes)
        dimension: dict[str, Any] = {
            "name": name,
            "attributes": attributes,
            "groups": len(_SIDES),
            "min_count": min(min(pair.rows) for pair in selected),
            "selection_rate_ratio": min(ratios),
            "selection_rate_difference": max(gaps),
        }
        true = [_pair(content[metric], *_TRUE).gap for metric in (_OPPORTUNITY, _ODDS) if metric in content]
        if true:
            dimension[_OPPORTUNITY] = max(true)
        if _ODDS in content:
            false = _pair(content[_ODDS], *_FALSE).gap
            dimension["equalized_odds_difference"] = max(*true, false)
            dimension[_ODDS] = (max(true) + false) / 2
        worst = selected[ratios.index(min(ratios))]
        groups = [
            {"dimension": name, "group": side.lower(), "count": rows, "metrics": {"selection_rate": rate}}
            for side, rate, rows in zip(_SIDES, worst.rates, worst.rows, strict=True)
        ]
        data = fairness.report_data(dimension, groups, {}, list(worst.rates))
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, producer=Producer("aif360"), warnings=warnings.all())


def _looks(content: Any) -> bool:
    found = [entry for metric in _SELECTED if (entry := object_in(content).get(metric)) is not None]
    return bool(found) and all(isinstance(entry, dict) and "message" in entry for entry in found)


def _counted(entry: dict[str, Any], part: str, all_: str) -> tuple[tuple[int, int], ...] | None:
    """Part and whole of both groups, None where a count is missing."""
    found = [(whole(entry.get(part + side)), whole(entry.get(all_ + side))) for side in _SIDES]
    pairs = tuple((p, w) for p, w in found if p is not None and w is not None and p <= w)
    return pairs if len(pairs) == len(_SIDES) else None


def _selected(entry: dict[str, Any], names: tuple[tuple[str, str], ...]) -> Pair:
    found = next((pair for part, all_ in names if (pair := _counted(entry, part, all_))), None)
    if found is None:
        raise refused("", "a metric lacks the counts of its groups; send what MetricJSONExplainer writes, whole")
    if any(whole == 0 for _, whole in found):
        raise refused("", "a group has no rows; run the comparison on data that has some of both")
    (a, m), (b, n) = found
    return Pair((a / m, b / n), (m, n))


def _pair(entry: Any, part: str, whole: str) -> Pair:
    found = _counted(object_in(entry), part, whole)
    if found is None or any(all_ == 0 for _, all_ in found):
        # Left out, a gap that the tool was asked for would look like one that nobody has to bound.
        raise refused(
            "",
            f"{part} and {whole} give no rate for both groups; run it on data that has some, or without the metric",
        )
    (a, m), (b, n) = found
    return Pair((a / m, b / n), (m, n))
