"""What Prometheus answers to `GET /api/v1/query`: a vector or a scalar."""

from datetime import UTC, datetime
from typing import Any

from phasegate.adapters import drift_report
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.prometheus import answer, sample
from phasegate.adapters.prometheus_sample import METRICS, Sample, drift_data, metrics_data
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import mapping, mappings, refused
from phasegate.engine.facts import Producer

_KINDS = ("vector", "scalar")


class PrometheusQuery:
    """The adapter `prometheus-query`."""

    name = "prometheus-query"
    version = "1.0.0"
    shapes = (METRICS, drift_report.SHAPE)
    title = "Prometheus instant query (GET /api/v1/query)"
    command = "curl 'https://PROMETHEUS/api/v1/query?query=feature_psi'"
    fingerprint = "JSON with `status` and a `data.resultType` of vector or scalar"
    example = Example("prometheus-query.json", context={"threshold": "0.2"}, shape="drift-report")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        data = content.get("data") if isinstance(content, dict) else None
        return isinstance(data, dict) and "status" in content and data.get("resultType") in _KINDS

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The figures as a `metrics-report`, or as the columns of a `drift-report`; at the instant of the last sample.

        A drift report needs the context `threshold`. Refused where the query found nothing.
        """
        warnings = Warnings()
        found = _samples(answer(parse(raw), warnings))
        if not found:
            raise refused("data.result", "is empty: the query found no series; mend the query and send its answer")
        samples = [one for _, one in found]
        shape = hints.shape or METRICS
        give = drift_data if shape == drift_report.SHAPE else metrics_data
        data = give(samples, hints.context, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        last = datetime.fromtimestamp(max(at for at, _ in found), UTC)
        return Reading(shape, data, last, Producer("prometheus"), warnings.all())


def _samples(data: dict[str, Any]) -> list[tuple[float, Sample]]:
    """With the second of each."""
    kind = data.get("resultType")
    if kind == "scalar":
        at, value = sample(data.get("result"), "data.result")
        return [(at, Sample({}, value))]
    if kind != "vector":
        raise refused("data.resultType", "must be vector or scalar: send the answer of an instant query")
    found = []
    for n, each in enumerate(mappings(data.get("result"), "data.result")):
        path = f"data.result[{n}]"
        labels = mapping(each.get("metric"), f"{path}.metric")
        if not all(isinstance(value, str) and value for value in labels.values()):
            raise refused(f"{path}.metric", "must hold texts alone, none of them empty, as Prometheus writes labels")
        if "histogram" in each:
            raise refused(path, "holds a histogram; ask for a number, such as with histogram_quantile")
        at, value = sample(each.get("value"), f"{path}.value")
        found.append((at, Sample(labels, value)))
    return found
