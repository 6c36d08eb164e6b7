"""What Prometheus answers to `GET /api/v1/query_range`: a matrix."""

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.prometheus import answer, sample
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import finite, items, mapping, mappings, refused
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.engine.shape import TOO_BIG

SHAPE = "time-series"
MAX_SERIES = 1_000


class PrometheusRange:
    """The adapter `prometheus-range`."""

    name = "prometheus-range"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Prometheus range query (GET /api/v1/query_range)"
    command = "curl 'https://PROMETHEUS/api/v1/query_range?query=QUERY&start=…&end=…&step=60'"
    fingerprint = "JSON with `status` and a `data.resultType` of matrix"
    example = Example("prometheus-range.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        data = content.get("data") if isinstance(content, dict) else None
        return isinstance(data, dict) and "status" in content and data.get("resultType") == "matrix"

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `time-series`, at the instant of the last sample.

        Refused where a sample is no finite number: a sum-up without it would be of another series.
        """
        warnings = Warnings()
        data = answer(parse(raw), warnings)
        if data.get("resultType") != "matrix":
            raise refused("data.resultType", "must be matrix: send the answer of a range query")
        results = mappings(data.get("result"), "data.result")
        found = [_series(each, f"data.result[{n}]") for n, each in enumerate(results)]
        if not found:
            warnings.add("the answer holds no series")
        result: dict[str, Any] = {"series": [one for _, one in found]}
        if len(found) > MAX_SERIES:
            steepest = sorted(result["series"], key=lambda one: -one["slope_per_s"])
            result = {"series": steepest[:MAX_SERIES], "unlisted": len(found) - MAX_SERIES}
            warnings.add(f"the answer holds {len(found)} series; the {MAX_SERIES} that grow most are listed")
        if said := count_exit_code(result, hints.exit_code):
            warnings.add(said)
        last = max((at for at, _ in found), default=None)
        return Reading(SHAPE, result, last, Producer("prometheus"), warnings.all())


def _series(each: dict[str, Any], path: str) -> tuple[datetime, dict[str, Any]]:
    """The instant of its last sample, and its sum-up."""
    labels = mapping(each.get("metric"), f"{path}.metric")
    if not all(isinstance(value, str) for value in labels.values()):
        raise refused(f"{path}.metric", "must hold texts alone")
    if "histograms" in each:
        raise refused(path, "holds histograms; ask for a number, such as with histogram_quantile")
    pairs = items(each.get("values"), f"{path}.values")
    samples = [_finite(pair, f"{path}.values[{n}]") for n, pair in enumerate(pairs)]
    if len(samples) < 2:
        raise refused(path, f"has {len(samples)} samples; a series has at least 2")
    times = [at for at, _ in samples]
    values = [value for _, value in samples]
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise refused(path, "has samples that are not in the order of time")
    mean = math.fsum(value / len(values) for value in values)
    slope = _slope(times, values, mean)
    if not math.isfinite(slope) or abs(slope) >= TOO_BIG:
        raise refused(path, "changes faster than a number can tell")
    first, last = (datetime.fromtimestamp(at, UTC) for at in (times[0], times[-1]))
    return last, {
        "labels": dict(labels),
        "points": len(samples),
        "from": rfc3339(first),
        "until": rfc3339(last),
        "first": values[0],
        "last": values[-1],
        "min": min(values),
        "max": max(values),
        "mean": mean,
        "slope_per_s": slope,
    }


def _slope(times: list[float], values: list[float], mean: float) -> float:
    """Growth per second, by least squares."""
    begin = times[0]
    middle = math.fsum(at - begin for at in times) / len(times)
    apart = [at - begin - middle for at in times]
    spread = math.fsum(each * each for each in apart)
    try:
        return math.fsum(each / spread * (value - mean) for each, value in zip(apart, values, strict=True))
    except (OverflowError, ValueError, ZeroDivisionError):  # infinite on the way
        return math.inf


def _finite(pair: Any, path: str) -> tuple[float, float]:
    at, value = sample(pair, path)
    if finite(value) is None:
        raise refused(f"{path}[1]", "is not finite; filter such samples in the query, as with `… >= 0`")
    return at, value
