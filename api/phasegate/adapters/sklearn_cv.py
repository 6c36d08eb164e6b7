"""Two results of scikit-learn's `cross_validate` in one JSON object, on random and on time-based splits.

`{"random_kfold": {...}, "time_series_split": {...}}`, each as `cross_validate` returns it, its arrays as lists.
"""

import math
from typing import Any

from phasegate.adapters.bounds import MOST
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import canonical
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import finite, object_in, refused
from phasegate.engine.facts import Producer
from phasegate.engine.shape import TOO_BIG

_RANDOM, _TEMPORAL = "random_kfold", "time_series_split"
_PREFIX = "test_"
_TOLD = f"a pair of cross_validate results under {_RANDOM!r} and {_TEMPORAL!r}"


class SklearnCv:
    """The adapter `sklearn-cv`."""

    name = "sklearn-cv"
    version = "1.0.0"
    shapes = ("split-report",)
    title = "a pair of cross_validate results of scikit-learn, random_kfold and time_series_split"
    command = (
        "json.dump({'random_kfold': cross_validate(…), 'time_series_split': cross_validate(…)}, file), arrays as lists"
    )
    fingerprint = "JSON with the objects `random_kfold` and `time_series_split`"
    example = Example("sklearn-cv.json", context={"metric": "roc_auc"})

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `split-report` of one metric: the only one, or the one that the context `metric` names."""
        content = parse_like(raw, _looks, _TOLD)
        warnings = Warnings()
        metric = _metric(content, hints.context.get("metric"))
        random_mean, random_std, random_folds = _over_folds(content, _RANDOM, metric)
        temporal_mean, temporal_std, temporal_folds = _over_folds(content, _TEMPORAL, metric)
        data: dict[str, Any] = {
            "metric": canonical(metric),
            "random_mean": random_mean,
            "random_std": random_std,
            "random_folds": random_folds,
            "temporal_mean": temporal_mean,
            "temporal_std": temporal_std,
            "temporal_folds": temporal_folds,
            "gap": random_mean - temporal_mean,
        }
        if abs(data["gap"]) >= TOO_BIG:
            raise refused("", f"the scores of {shown(metric)} are too large to be compared; run it with another metric")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading("split-report", data, producer=Producer("scikit-learn"), warnings=warnings.all())


def _looks(content: Any) -> bool:
    found = object_in(content)
    return all(any(key.startswith(_PREFIX) for key in object_in(found.get(side))) for side in (_RANDOM, _TEMPORAL))


def _metric(content: dict[str, Any], wanted: str | None) -> str:
    """The metric as both results name it."""
    random, temporal = (
        {key.removeprefix(_PREFIX) for key in content[side] if key.startswith(_PREFIX)} for side in (_RANDOM, _TEMPORAL)
    )
    both: list[str] = sorted(random & temporal)
    fitting = [name for name in both if wanted is None or wanted == name or wanted == canonical(name)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(shown(name) for name in both[:20]) or "none"
    if wanted is None:
        raise refused("", f"both results have the metrics {known}; send the context `metric` to say which is meant")
    raise refused("", f"the metric {shown(wanted)} is not one of both results; send one of: {known}")


def _over_folds(content: dict[str, Any], side: str, metric: str) -> tuple[float, float, int]:
    """Mean, standard deviation (over all folds, as numpy takes it) and number of the folds."""
    stated = content[side][_PREFIX + metric]
    if not isinstance(stated, list) or not stated:
        raise refused("", f"{side} has no scores of {shown(metric)}; run it again, and send its arrays as lists")
    if len(stated) > MOST:
        raise refused("", f"{side} has {len(stated)} folds; at most {MOST} are read: run it with fewer")
    scores = [score for score in map(finite, stated) if score is not None]
    if len(scores) < len(stated):
        raise refused(
            "",
            f"{len(stated) - len(scores)} of {len(stated)} folds of {side} have no number {shown(metric)}: "
            "the fit failed there; run it again with error_score='raise'",
        )
    try:
        mean = math.fsum(scores) / len(scores)
        return mean, math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / len(scores)), len(scores)
    except OverflowError:
        raise refused(
            "", f"the scores of {shown(metric)} are too large for a mean; run it with another metric"
        ) from None
