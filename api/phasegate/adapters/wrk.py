"""What wrk prints. Every number has its own unit, and what went wrong has a line only where it happened."""

import re

from phasegate.adapters import load_report
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.load_report import SHAPE, Figures
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.text_file import first_line, lines
from phasegate.errors import Malformed

_NUMBER = r"-?(?:[0-9]{1,15}(?:\.[0-9]{1,6})?|nan|inf)"
_TIME = rf"({_NUMBER}(?:us|ms|s|m|h))"
_PERCENT = rf"{_NUMBER}%"
_SIZE = rf"{_NUMBER}[kKMGTP]?B?"
_LINES = {
    name: re.compile(pattern)
    for name, pattern in {
        "head": r"Running \S+ test @ \S.*",
        "threads": r"  [0-9]{1,9} threads and ([0-9]{1,9}) connections",
        "columns": r"  Thread Stats   Avg      Stdev     Max   \+/- Stdev",
        "latency": rf"    Latency +{_TIME} +{_TIME} +{_TIME} +{_PERCENT}",
        "rate": rf"    Req/Sec +{_SIZE} +{_SIZE} +{_SIZE} +{_PERCENT}",
        "distribution": r"  Latency Distribution",
        "p50": rf" +50% +{_TIME}",
        "p75": rf" +75% +{_TIME}",
        "p90": rf" +90% +{_TIME}",
        "p99": rf" +99% +{_TIME}",
        "requests": rf"  ([0-9]{{1,15}}) requests in {_TIME}, {_SIZE} read",
        "socket": r"  Socket errors: connect ([0-9]{1,9}), read ([0-9]{1,9}), write ([0-9]{1,9}), timeout ([0-9]{1,9})",
        "status": r"  Non-2xx or 3xx responses: ([0-9]{1,15})",
        "throughput": rf"Requests/sec: +({_NUMBER})",
        "end": rf"Transfer/sec: +{_SIZE}",
    }.items()
}
_NEEDED = ("head", "threads", "latency", "requests", "throughput", "end")
_TO_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0, "h": 3_600_000.0}
_SPLIT = re.compile(r"(.*?)(us|ms|s|m|h)")


class Wrk:
    """The adapter `wrk`."""

    name = "wrk"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "text of wrk (with --latency for percentiles)"
    command = "wrk --latency -t2 -c10 -d30s https://HOST/predict > wrk.txt"
    fingerprint = "text that begins with `Running …s test @`"
    example = Example("wrk.txt")

    def detects(self, raw: bytes) -> bool:
        return _LINES["head"].fullmatch(first_line(raw)) is not None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run. Raises `Malformed`, also on a line that wrk doesn't print."""
        found = _found(lines(raw))
        warnings = Warnings()
        figures = Figures(warnings)
        completed = int(found["requests"][1])
        socket = [int(number) for number in found["socket"].groups()] if "socket" in found else [0, 0, 0, 0]
        if completed:
            for name, key, group in (
                ("latency_mean_ms", "latency", 1),
                ("latency_max_ms", "latency", 3),
                ("latency_p50_ms", "p50", 1),
                ("latency_p90_ms", "p90", 1),
                ("latency_p99_ms", "p99", 1),
            ):
                if key in found:
                    figures.take(name, _milliseconds(found[key][group]), key)
            figures.take("throughput_rps", float(found["throughput"][1]), "Requests/sec")
        if any(socket):
            warnings.add("there were socket errors: each counts as a failed request, and the latencies leave them out")
        duration = Figures(warnings)
        duration.take("duration", _milliseconds(found["requests"][2]) / 1000, "requests in")
        failures = (int(found["status"][1]) if "status" in found else 0) + sum(socket)
        # What timed out was completed late, so it is among the completed already; unless there are fewer of them.
        requests = max(completed + sum(socket[:3]), failures)
        data = load_report.report_data(
            requests=requests,
            failures=failures,
            metrics=figures.metrics,
            duration_s=duration.metrics.get("duration"),
            virtual_users=int(found["threads"][1]),
        )
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _found(text: list[str]) -> dict[str, re.Match[str]]:
    """The lines of one run; a script may print more after them."""
    found: dict[str, re.Match[str]] = {}
    for line in text:
        if "end" in found:
            if _LINES["head"].fullmatch(line):
                raise Malformed("the text holds a second run; send each run by itself")
            continue
        if not line.strip() and not found:
            continue
        name, match = next(((name, match) for name, it in _LINES.items() if (match := it.fullmatch(line))), ("", None))
        if match is None:
            raise Malformed(f"{shown(line)} is no line of wrk; send what it printed, of one run, as it printed it")
        if name in found:
            raise Malformed(f"the line {shown(line)} is the second of its kind; send each run by itself")
        found[name] = match
    if missing := [name for name in _NEEDED if name not in found]:
        raise Malformed(f"the text lacks the line of wrk about {missing[0]}, so it is cut; send all that wrk printed")
    return found


def _milliseconds(text: str) -> float:
    number, unit = _SPLIT.fullmatch(text).groups()  # type: ignore[union-attr]  # the line matched with it
    return float(number) * _TO_MS[unit]
