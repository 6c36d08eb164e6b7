"""What both summaries of k6 have in common: the same figures, in milliseconds, laid out differently."""

import math
from typing import Any

from phasegate.adapters import load_report
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.load_report import SHAPE, Figures
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import amount, count, counted, refused

_LATENCIES = {
    "avg": "latency_mean_ms",
    "med": "latency_p50_ms",
    "p(50)": "latency_p50_ms",
    "p(90)": "latency_p90_ms",
    "p(95)": "latency_p95_ms",
    "p(99)": "latency_p99_ms",
    "max": "latency_max_ms",
}


def load_test(
    figures: dict[str, dict[str, Any]],
    *,
    rate_key: str,
    thresholds_failed: int,
    checks_failed: int,
    duration_s: float | None,
    hints: Hints,
    warnings: Warnings,
) -> Reading:
    """`figures`: by metric. `rate_key`: where a rate metric has its share. Raises `Invalid`."""
    if "http_reqs" not in figures:
        raise refused("", "the summary has no `http_reqs`: the test sent no HTTP request; send one of a test that did")
    if "http_req_failed" not in figures:
        raise refused("", "the summary has no `http_req_failed`, so it doesn't say what failed; let k6 collect it")
    requests = count(figures["http_reqs"].get("count"), "metrics.http_reqs: the count")
    requests, failures = _failed(figures["http_req_failed"], rate_key, requests, warnings)
    taken = Figures(warnings)
    for key, name in _LATENCIES.items():
        taken.take(name, figures.get("http_req_duration", {}).get(key), f"http_req_duration {key}")
    taken.take("throughput_rps", figures["http_reqs"].get("rate"), "http_reqs rate")
    data = load_report.report_data(
        requests=requests,
        failures=failures,
        metrics=taken.metrics,
        duration_s=duration_s,
        virtual_users=count(figures["vus"].get("max"), "metrics.vus: the max") if "vus" in figures else None,
        thresholds_failed=thresholds_failed,
        checks_failed=max(checks_failed, counted(figures.get("checks", {}), "fails", "metrics.checks")),
    )
    if said := count_exit_code(data, hints.exit_code):
        warnings.add(said)
    return Reading(SHAPE, data, warnings=warnings.all())


def _failed(failed: dict[str, Any], rate_key: str, requests: int, warnings: Warnings) -> tuple[int, int]:
    """Requests and failures. `passes` counts what is true, and true is: it failed."""
    failures, fine = (count(failed.get(key), f"metrics.http_req_failed: {key}") for key in ("passes", "fails"))
    if failures + fine != requests:
        warnings.add(f"`http_reqs` counts {requests} requests and `http_req_failed` {failures + fine}; the fewer count")
        requests = min(requests, failures + fine)
    rate = amount(failed.get(rate_key))
    stated = 0 if rate is None else math.ceil(min(rate, 1.0) * requests - 1e-6)
    if stated > failures:
        warnings.add(
            f"`http_req_failed` counts {failures} failures, and its rate says {stated}; the larger number counts"
        )
    return requests, max(failures, stated)
