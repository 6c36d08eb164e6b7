"""Evidently's reports in one form.

From 0.5 on a metric has `metric_name`, `config` and `value`; in 0.4 and before `metric` and `result`.
"""

from typing import Any, NamedTuple

from phasegate.adapters.typed import finite, label, list_in, object_in, whole

_OPERATORS = {
    "EqualMetricTest": "==",
    "NotEqualMetricTest": "!=",
    "LessMetricTest": "<",
    "LessOrEqualMetricTest": "<=",
    "GreaterMetricTest": ">",
    "GreaterOrEqualMetricTest": ">=",
    "LessThanMetricTest": "<",
    "GreaterThanMetricTest": ">",
    "eq": "==",
    "not_eq": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
}


class Metric(NamedTuple):
    kind: str
    """As `Accuracy`, `ValueDrift`, `DataDriftTable`."""
    settings: dict[str, Any]
    """Its configuration; empty in old reports."""
    value: Any
    """A number or object; the whole result in old reports."""


class Test(NamedTuple):
    name: str
    status: str
    column: str
    observed: float | None
    expected: str
    features: dict[str, Any]
    """What an old test of drift says of each column."""


class Report(NamedTuple):
    new: bool
    version: str
    metrics: tuple[Metric, ...]
    tests: tuple[Test, ...]
    summary: dict[str, Any]
    timestamp: Any


def looks_new(content: Any) -> bool:
    metrics = object_in(content).get("metrics")
    return (
        isinstance(metrics, list)
        and isinstance(content.get("tests"), list)
        and bool(metrics)
        and all(isinstance(m, dict) and "metric_name" in m and _tail(_config(m).get("type")) for m in metrics)
    )


def looks_old(content: Any) -> bool:
    found = object_in(content)
    if not isinstance(found.get("version"), str):
        return False
    metrics, tests = found.get("metrics"), found.get("tests")
    if isinstance(metrics, list) and metrics:
        return all(isinstance(m, dict) and "metric" in m and isinstance(m.get("result"), dict) for m in metrics)
    return isinstance(tests, list) and "all_passed" in object_in(found.get("summary"))


def report(content: dict[str, Any]) -> Report:
    """Of content that looks like one or the other."""
    if looks_new(content):
        by_id = {label(m.get("id")): m.get("value") for m in content["metrics"]}
        metrics = tuple(Metric(_tail(m["config"].get("type")), m["config"], m.get("value")) for m in content["metrics"])
        tests = tuple(_new_test(object_in(test), by_id) for test in content["tests"])
        return Report(True, "", metrics, tests, {}, None)
    metrics = tuple(Metric(label(m["metric"]), {}, m["result"]) for m in list_in(content.get("metrics")))
    tests = tuple(_old_test(object_in(test)) for test in list_in(content.get("tests")))
    summary = object_in(content.get("summary"))
    return Report(False, label(content["version"]), metrics, tests, summary, content.get("timestamp"))


def _config(metric: dict[str, Any]) -> dict[str, Any]:
    return object_in(metric.get("config"))


def _tail(kind: Any) -> str:
    return label(kind).rpartition(":")[2]


def _new_test(test: dict[str, Any], by_id: dict[str, Any]) -> Test:
    about = object_in(test.get("metric_config"))
    config, bound = object_in(test.get("test_config")), object_in(test.get("bound_test"))
    operator = _OPERATORS.get(_tail(config.get("type")), "")
    limit = finite(config.get("threshold", config.get("expected")))
    value = by_id.get(label(about.get("metric_id")))
    if isinstance(value, dict) and isinstance(bound.get("is_count"), bool):
        value = value.get("count" if bound["is_count"] else "share")
    return Test(
        label(test.get("name")),
        label(test.get("status")),
        label(object_in(about.get("params")).get("column")),
        finite(value),
        f"{operator} {_short(limit)}" if operator and limit is not None else "",
        {},
    )


def _old_test(test: dict[str, Any]) -> Test:
    parameters = object_in(test.get("parameters"))
    limits = ((_OPERATORS.get(key), finite(value)) for key, value in object_in(parameters.get("condition")).items())
    return Test(
        label(test.get("name")),
        label(test.get("status")),
        label(parameters.get("column_name")),
        finite(parameters.get("value")),
        " and ".join(f"{operator} {_short(limit)}" for operator, limit in limits if operator and limit is not None),
        object_in(parameters.get("features")),
    )


def _short(number: float) -> str:
    integral = whole(number)
    return repr(number) if integral is None else str(integral)
