"""Mean absolute SHAP values by feature as JSON.

SHAP writes no file of its own. Read here: `explainer`, `n_samples`, `mean_abs_shap` (feature to number) and,
where stated, `shap_version` and `additivity_max_error`.
"""

import math
from typing import Any

from phasegate.adapters.bounds import MOST
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings, clean, shown
from phasegate.adapters.typed import finite, label, object_in, refused, whole
from phasegate.engine.facts import Producer
from phasegate.engine.shape import TOO_BIG

SHAPE = "explanation-report"
_TOLERANCE = 1e-6
_TOP = {"top1_share": 1, "top5_share": 5}


class ShapSummary:
    """The adapter `shap-summary`."""

    name = "shap-summary"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "mean absolute SHAP values by feature as JSON (mean_abs_shap, n_samples, explainer)"
    command = "json.dump({'mean_abs_shap': {name: mean, …}, 'n_samples': rows, 'explainer': 'TreeExplainer'}, file)"
    fingerprint = "JSON with the object `mean_abs_shap`"
    example = Example("shap-summary.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `explanation-report`; shares are computed from the values."""
        content = parse_like(raw, _looks, "a summary of SHAP values")
        warnings = Warnings()
        rows = whole(content.get("n_samples"))
        if rows is None:
            raise refused("", "n_samples is no whole number; send how many rows were explained")
        if rows == 0:
            warnings.add("no row was explained")
        values = _values(content["mean_abs_shap"], warnings)
        total = math.fsum(values.values())
        if not 0 < total < TOO_BIG:
            raise refused("", "the attributions have no sum above zero: nothing was explained; run the explainer again")
        ranked = sorted(values.items(), key=lambda item: -item[1])
        data: dict[str, Any] = {
            "method": label(content.get("explainer")),
            "n_samples": rows,
            "features": [
                {"name": clean(name), "importance": value, "share": value / total} for name, value in ranked[:MOST]
            ],
            "feature_count": len(ranked),
            "top_feature": clean(ranked[0][0]),
        }
        for field, most in _TOP.items():
            data[field] = _share(field, math.fsum(value for _, value in ranked[:most]) / total, content, warnings)
        error = content.get("additivity_max_error")
        if error is not None:
            number = finite(error)
            if number is None:
                raise refused(
                    "", "additivity_max_error is no finite number: the values don't add up; run the explainer again"
                )
            data["additivity_max_error"] = abs(number)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        producer = Producer("shap", label(content.get("shap_version")))
        return Reading(SHAPE, data, producer=producer, warnings=warnings.all())


def _looks(content: Any) -> bool:
    return isinstance(object_in(content).get("mean_abs_shap"), dict)


def _values(stated: dict[str, Any], warnings: Warnings) -> dict[str, float]:
    """A feature without a number can't be left out: it might be the strongest."""
    values = {}
    for name, value in stated.items():
        number = finite(value)
        if number is None or abs(number) > TOO_BIG / 1e9:
            raise refused(
                "", f"the feature {shown(name)} has no number value; run the explainer again and send all of them"
            )
        if number < 0:
            warnings.add(
                f"the feature {shown(name)} has a value below zero, which is no mean of absolute ones; taken as one"
            )
        values[name] = abs(number)
    return values


def _share(field: str, computed: float, content: dict[str, Any], warnings: Warnings) -> float:
    """The computed share, unless the file states a greater one."""
    stated = content.get(field)
    if stated is None:
        return computed
    number = finite(stated)
    if number is None or not 0 <= number <= 1:
        warnings.add(f"{field} is stated as something that is no share; computed instead")
        return computed
    if abs(number - computed) > _TOLERANCE:
        warnings.add(f"{field} is stated otherwise than its values give it; the greater counts")
    return max(number, computed) if abs(number - computed) > _TOLERANCE else computed
