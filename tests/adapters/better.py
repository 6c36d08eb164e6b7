"""When evidence is better than other evidence: by shape, field by field.

A damaged file may say less. Where anything that it still says is more favourable than what the whole
file said, it is better. Figures are compared with a tolerance for sums in another order.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

Data = dict[str, Any]
Order = Callable[[Data, Data], Iterator[str]]


def better(shape: str, new: Data, old: Data) -> list[str]:
    """In which respects `new` is more favourable than `old`; none where it isn't."""
    return [told for order in ORDERS[shape] for told in order(new, old)]


def assert_no_better(shape: str, new: Data, old: Data) -> None:
    """That `new` is not more favourable than `old`, and that its counts agree with each other."""
    assert better(shape, new, old) == []
    if "passed" in new and "total" in new:
        counts = ("passed", "failed", "warned", "errors", "skipped")
        assert new["total"] == sum(new.get(count, 0) for count in counts)


def less(*fields: str) -> Order:
    """Less of it is better."""

    def order(new: Data, old: Data) -> Iterator[str]:
        for field in fields:
            if _below(new.get(field, 0), old.get(field, 0)):
                yield f"{field}: {new.get(field, 0)} instead of {old.get(field, 0)}"

    return order


def more(*fields: str) -> Order:
    """More of it is better; what is no longer stated is not."""

    def order(new: Data, old: Data) -> Iterator[str]:
        for field in fields:
            if _below(old.get(field, 0), new.get(field, 0)):
                yield f"{field}: {new[field]} instead of {old.get(field, 0)}"

    return order


def unless(empty: str, order: Order) -> Order:
    """Where nothing ran, no rule is satisfied, so that there are no failures either proves nothing."""

    def ordered(new: Data, old: Data) -> Iterator[str]:
        if new.get(empty):
            yield from order(new, old)

    return ordered


def same(*fields: str) -> Order:
    """What is still stated is what was stated: figures whose better direction nobody knows."""

    def order(new: Data, old: Data) -> Iterator[str]:
        for field in fields:
            yield from _changed(field, new.get(field), old.get(field))

    return order


def entries(field: str, key: Callable[[Data], Any], bad: Callable[[Data], bool], *, may_go: bool = False) -> Order:
    """What was bad of a list is still there and bad (unless `may_go`), and nothing good is new."""

    def order(new: Data, old: Data) -> Iterator[str]:
        seen = [(key(each), bad(each)) for each in new[field]]
        were = [(key(each), bad(each)) for each in old[field]]
        good = [name for name, wrong in seen if not wrong]
        known = [name for name, wrong in were if not wrong]
        if len(good) > len(known):
            yield f"{field}: {len(good)} good ones instead of {len(known)}"
        if not may_go and seen and sum(wrong for _, wrong in seen) < sum(wrong for _, wrong in were):
            yield f"{field}: {sum(wrong for _, wrong in seen)} bad ones instead of {sum(wrong for _, wrong in were)}"

    return order


def _changed(path: str, new: Any, old: Any) -> Iterator[str]:
    if new is None or _alike(new, old):
        return
    if isinstance(new, dict) and isinstance(old, dict):
        for key, value in new.items():
            yield from _changed(f"{path}.{key}", value, old.get(key))
    else:
        yield f"{path}: {new!r} instead of {old!r}"


def _alike(new: Any, old: Any) -> bool:
    if isinstance(new, int | float) and isinstance(old, int | float):
        return not _below(new, old) and not _below(old, new)
    return bool(new == old)


def _below(new: float, old: float) -> bool:
    return new < old and not math.isclose(new, old, rel_tol=1e-9, abs_tol=1e-12)


def _false_to_true(field: str) -> Order:
    def order(new: Data, old: Data) -> Iterator[str]:
        if new.get(field) is True and old.get(field) is not True:
            yield f"{field}: true"

    return order


def _true_to_false(field: str) -> Order:
    def order(new: Data, old: Data) -> Iterator[str]:
        if new.get(field) is False and old.get(field) is not False:
            yield f"{field}: false"

    return order


def _severities(new: Data, old: Data) -> Iterator[str]:
    """A finding may be taken as worse than it was, never as less, and none is lost."""
    severities = ("critical", "high", "medium", "low", "info")
    for n in range(1, len(severities) + 1):
        now, then = (sum(data[severity] for severity in severities[:n]) for data in (new, old))
        if now < then:
            yield f"{severities[n - 1]} and worse: {now} instead of {then}"


def _latencies(new: Data, old: Data) -> Iterator[str]:
    for name, figure in new["metrics"].items():
        known = old["metrics"].get(name)
        if known is None or (_below(known, figure) if name == "throughput_rps" else _below(figure, known)):
            yield f"metrics.{name}: {figure} instead of {known}"


def _passed(new: Data, old: Data) -> Iterator[str]:
    """A case too many, such as a line that stands twice, may be counted as passed if it is an error as well."""
    surplus = max(0, new["errors"] - old["errors"])
    if new["passed"] - surplus > old["passed"]:
        yield f"passed: {new['passed']} instead of {old['passed']}"


def _result(new: Data, old: Data) -> Iterator[str]:
    if new["result"] == "passed" != old["result"] or (new["automated"] and not old["automated"]):
        yield f"result: {new['result']!r} instead of {old['result']!r}"


def _fallback(new: Data, old: Data) -> Iterator[str]:
    now, then = (data.get("fallback", {}) for data in (new, old))
    if now.get("tested") and not then.get("tested"):
        yield "fallback.tested: true"
    if new.get("last_drill", {}).get("result") == "passed" != old.get("last_drill", {}).get("result"):
        yield "last_drill.result: passed"


def _dimensions(new: Data, old: Data) -> Iterator[str]:
    known = {each["name"]: each for each in old["dimensions"]}
    for each in new["dimensions"]:
        if each["name"] not in known:
            yield f"dimension {each['name']!r} is new"
            continue
        was = known[each["name"]]
        yield from more("groups", "min_count", "selection_rate_ratio")(each, was)
        for field in (field for field in each if field.endswith("_difference")):
            if field in was:
                yield from less(field)(each, was)
            else:
                yield f"{field} is new"


def _limits(container: Data) -> bool:
    return not all(
        container.get(field)
        for field in ("cpu_limit_millicores", "memory_limit_bytes", "image_pinned", "readiness", "liveness")
    )


def _key(*fields: str) -> Callable[[Data], Any]:
    return lambda each: tuple(str(each.get(field)) for field in fields)


ORDERS: dict[str, tuple[Order, ...]] = {
    "test-report": (_passed, unless("passed", lambda new, old: less("bad")(_with_bad(new), _with_bad(old)))),
    "data-quality-report": (
        more("passed", "rows"),
        unless("total", lambda new, old: less("bad")(_with_bad(new), _with_bad(old))),
        entries("checks", _key("name"), lambda check: check["status"] != "pass"),
    ),
    "load-test": (
        more("requests", "duration_s"),
        less("failures", "error_rate", "thresholds_failed", "checks_failed"),
        _latencies,
    ),
    "scan-report": (_severities, less("errors", "skipped"), more("runs", "scanned", "components")),
    "drift-report": (
        less("drift_share", "drifted_count"),
        more("column_count", "reference_rows", "current_rows"),
        _true_to_false("dataset_drift"),
        entries("columns", _key("name"), lambda column: column["drifted"]),
    ),
    "metrics-report": (
        same("metrics", "baseline", "status"),
        entries("conditions", _key("name"), lambda condition: not condition["passed"]),
        more("rows"),
    ),
    "fairness-report": (_dimensions,),
    "explanation-report": (
        same("n_samples", "top1_share", "top5_share", "additivity_max_error"),
        more("feature_count"),
    ),
    "split-report": (
        same("random_mean", "random_std", "temporal_mean", "temporal_std", "gap"),
        more("random_folds", "temporal_folds"),
        entries("leakage_suspects", str, lambda _: True),
    ),
    "model-card": (
        _true_to_false("placeholder_text"),
        more("limitations", "fairness_assessments"),
        same("metrics"),
    ),
    "runbook": (
        _true_to_false("placeholder_text"),
        _fallback,
        more("steps"),
        entries("on_call_ack", _key("who"), lambda _: False),
        entries("triggers", _key("signal", "action"), lambda trigger: not trigger["signal"] or not trigger["window"]),
    ),
    "registry-report": (
        _false_to_true("complete"),
        entries("entries", _key("version"), lambda entry: entry["status"] != "ready"),
        entries("entries", _key("version"), lambda entry: "materialized_until" not in entry),
    ),
    "time-series": (
        entries("series", _key("labels"), lambda _: False),
        lambda new, old: less("growth")(_with_growth(new), _with_growth(old)),
    ),
    "alert-rules": (
        entries(
            "rules",
            _key("group", "name"),
            lambda rule: rule["kind"] != "alerting" or rule.get("health", "ok") != "ok" or not rule["runbook_url"],
            may_go=True,
        ),
    ),
    "health-report": (
        less("failing_checks", "warning_checks"),
        more("checks"),
        same("http_status", "status"),
    ),
    "workload-spec": (
        entries("containers", _key("workload", "name"), _limits),
        entries("autoscalers", _key("target"), lambda scaler: scaler["max"] <= scaler["min"]),
    ),
    "drill-report": (
        more("runs"),
        less("failures", "duration_s", "mean_s"),
        _result,
    ),
}


def _with_bad(data: Data) -> Data:
    return {"bad": data["failed"] + data["errors"]}


def _with_growth(data: Data) -> Data:
    return {"growth": max((each["slope_per_s"] for each in data["series"]), default=math.inf)}
