"""The JSON of locust --json: endpoints with a histogram of response times, in milliseconds.

It has no row of all endpoints and no percentiles; both follow from the histograms as locust itself
computes them, on its rounded times and without interpolation.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from phasegate.adapters import json_file, load_report
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.load_report import SHAPE, Endpoint, Figures
from phasegate.adapters.locust_stats import count_code
from phasegate.adapters.stated import seconds, since_epoch
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import amount, count, counted, words
from phasegate.errors import Malformed

_PERCENTILES = {0.5: "latency_p50_ms", 0.9: "latency_p90_ms", 0.95: "latency_p95_ms", 0.99: "latency_p99_ms"}
Histogram = Mapping[float, int]


class LocustJson:
    """The adapter `locust-json`."""

    name = "locust-json"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of locust --json"
    command = "locust --headless … --json > locust.json"
    fingerprint = "a JSON list of objects with `num_requests` and `response_times`"
    example = Example("locust-json.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run. Raises `Malformed` and `Invalid`."""
        content = json_file.parse_like(raw, _looks, "what locust --json prints")
        warnings = Warnings()
        entries = [_Entry(entry, warnings) for entry in content]
        start = _outer([entry.get("start_time") for entry in content], min)
        end = _outer([entry.get("last_request_timestamp") for entry in content], max)
        duration = end - start if start is not None and end is not None and end > start else None
        if duration is None:
            warnings.add("the file has no start and end that give a length of time; no duration and no throughput")
        requests, failures = sum(each.requests for each in entries), sum(each.failures for each in entries)
        throughput = Figures(warnings)
        throughput.take("throughput_rps", requests / duration if duration else None, "requests by duration")
        data = load_report.report_data(
            requests=requests,
            failures=failures,
            metrics=_together(entries) | throughput.metrics,
            duration_s=duration,
            endpoints=[Endpoint(each.name, each.requests, each.failures, each.metrics) for each in entries],
        )
        count_code(data, hints.exit_code, warnings)
        return Reading(SHAPE, data, since_epoch(end), warnings=warnings.all())


def _looks(content: Any) -> bool:
    return (
        isinstance(content, list)
        and bool(content)
        and all(
            isinstance(entry, dict) and "num_requests" in entry and isinstance(entry.get("response_times"), dict)
            for entry in content
        )
    )


class _Entry:
    """One endpoint."""

    def __init__(self, entry: dict[str, Any], warnings: Warnings) -> None:
        self.name = f"{words(entry.get('method'))} {words(entry.get('name'))}".strip()
        self.requests = count(entry["num_requests"], f"num_requests of {self.name}")
        self.failures = count(entry.get("num_failures"), f"num_failures of {self.name}")
        by_second = entry.get("num_fail_per_sec")
        if isinstance(by_second, dict):
            summed = sum(count(each, f"num_fail_per_sec of {self.name}") for each in by_second.values())
            if summed > self.failures:
                warnings.add(f"{shown(self.name)} has {self.failures} failures, by second {summed}; the larger counts")
                self.failures = summed
        # Requests without a response have no response time.
        self.timed = self.requests - counted(entry, "num_none_requests", self.name)
        self.total_ms = amount(entry.get("total_response_time"))
        self.histogram = self._histogram(entry["response_times"], warnings)
        figures = Figures(warnings)
        figures.take("latency_max_ms", entry.get("max_response_time"), f"max_response_time of {self.name}")
        figures.take("total", entry.get("total_response_time"), f"total_response_time of {self.name}")
        self.metrics = _latencies(self.histogram, self.timed, self.total_ms)
        if self.timed > 0 and "latency_max_ms" in figures.metrics:
            self.metrics["latency_max_ms"] = figures.metrics["latency_max_ms"]

    def _histogram(self, written: dict[str, Any], warnings: Warnings) -> Histogram | None:
        """None where it isn't one of all timed requests."""
        found: Counter[float] = Counter()
        for key, times in written.items():
            if (time := seconds(key)) is None:
                raise Malformed(f"{shown(key)} among `response_times` is no time; send the file as locust wrote it")
            found[time] += count(times, f"response_times of {self.name}")
        if sum(found.values()) != self.timed:
            warnings.add(f"the histogram of {shown(self.name)} isn't one of all its requests; no percentiles")
            return None
        return found


def _latencies(histogram: Histogram | None, timed: int, total_ms: float | None) -> dict[str, float]:
    if timed <= 0:
        return {}
    found = {} if total_ms is None else {"latency_mean_ms": total_ms / timed}
    if histogram is not None:
        found |= {name: _percentile(histogram, timed, share) for share, name in _PERCENTILES.items()}
    return found


def _percentile(histogram: Histogram, timed: int, share: float) -> float:
    """The largest time that no more than `share` of the requests stay below, as locust does it."""
    below = timed
    for time in sorted(histogram, reverse=True):
        below -= histogram[time]
        if below <= int(timed * share):
            return time
    raise AssertionError("a histogram of all requests reaches every share")


def _together(entries: list[_Entry]) -> dict[str, float]:
    """Of all endpoints; a figure that one of them lacks is left out."""
    timed = [each for each in entries if each.timed > 0]
    merged: Counter[float] = Counter()
    for each in timed:
        merged.update(each.histogram or {})
    complete = all(each.histogram is not None for each in timed)
    totals = [each.total_ms for each in timed]
    total = sum(ms for ms in totals if ms is not None) if None not in totals else None
    found = _latencies(merged if complete else None, sum(each.timed for each in timed), total)
    largest = [each.metrics.get("latency_max_ms") for each in timed]
    if timed and None not in largest:
        found["latency_max_ms"] = max(ms for ms in largest if ms is not None)
    return found


def _outer(times: list[Any], pick: Any) -> float | None:
    """The first or last, None where one of them is no time."""
    read = [amount(time) for time in times]
    return pick(read) if all(read) else None
