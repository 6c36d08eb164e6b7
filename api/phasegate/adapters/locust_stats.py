"""Locust's `…_stats.csv`: a row for each endpoint and one for all of them, in milliseconds.

Locust ends with exit code 1 where a request failed; that failure is in the file.
"""

from typing import Any

from phasegate.adapters import load_report
from phasegate.adapters.csv_file import records
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.load_report import SHAPE, Endpoint, Figures
from phasegate.adapters.stated import count, seconds
from phasegate.adapters.text import Warnings, clean, shown
from phasegate.adapters.text_file import first_line, lines
from phasegate.errors import Invalid, Malformed

_METRICS = {
    "Average Response Time": "latency_mean_ms",
    "50%": "latency_p50_ms",
    "90%": "latency_p90_ms",
    "95%": "latency_p95_ms",
    "99%": "latency_p99_ms",
    "Max Response Time": "latency_max_ms",
    "Requests/s": "throughput_rps",
}
_NEEDED = ("Type", "Name", "Request Count", "Failure Count")
_OTHERS = {
    "Method,Name,Error,Occurrences": "failures",
    "Count,Message,Traceback": "exceptions",
    "Timestamp,User Count,Type,Name": "history",
}
"""Other files of the same run, by the beginning of their header."""
_NO_FIGURE = ("N/A", "")
_MOST_ROWS = 50_000
"""About a second of work."""


class LocustStats:
    """The adapter `locust-stats`."""

    name = "locust-stats"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "statistics of locust --csv (…_stats.csv)"
    command = "locust --headless … --csv run (send run_stats.csv)"
    fingerprint = "CSV with the header `Type,Name,Request Count,Failure Count,…`"
    example = Example("locust-stats.csv")

    def detects(self, raw: bytes) -> bool:
        return _kind(raw) is not None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `load-test` of one run. Raises `Malformed`, and `Invalid` on the other files of the run."""
        kind = _kind(raw)
        text = lines(raw)
        if kind is None:
            raise Malformed("this is no statistics file of locust: send PREFIX_stats.csv of locust --csv PREFIX")
        if kind != "stats":
            raise Invalid(f"this is the {kind} file of locust, a supplement; send PREFIX_stats.csv of the same run")
        warnings = Warnings()
        endpoints, total = _rows(text, warnings)
        requests, failures = _against_endpoints(endpoints, total, warnings)
        data = load_report.report_data(requests=requests, failures=failures, metrics=total.metrics, endpoints=endpoints)
        count_code(data, hints.exit_code, warnings)
        return Reading(SHAPE, data, warnings=warnings.all())


def count_code(data: dict[str, Any], exit_code: int | None, warnings: Warnings) -> None:
    """Counts an exit code that failed requests don't explain."""
    explained = exit_code == 1 and data["failures"]
    if not explained and (said := count_exit_code(data, exit_code)):
        warnings.add(said)


def _kind(raw: bytes) -> str | None:
    header = first_line(raw).replace('"', "")
    if header.startswith("Type,Name,") and all(name in header.split(",") for name in _NEEDED):
        return "stats"
    return next((kind for start, kind in _OTHERS.items() if header.startswith(start)), None)


def _rows(text: list[str], warnings: Warnings) -> tuple[list[Endpoint], Endpoint]:
    """The endpoints, and all of them together."""
    if len(text) > _MOST_ROWS:
        raise Invalid(f"the file has more than {_MOST_ROWS:,} rows; give requests to one endpoint one name")
    header, *rows = [row for _, row in records(text) if row]
    if len(set(header)) != len(header):
        raise Malformed("the header names a column twice; send the file as locust wrote it")
    endpoints: list[Endpoint] = []
    total: Endpoint | None = None
    for row in rows:
        if len(row) != len(header):
            raise Malformed(f"a row has {len(row)} fields and the header {len(header)}; send the whole file")
        if total is not None:
            raise Malformed("there are rows after that of all endpoints; send each run as a file of its own")
        entry = dict(zip(header, row, strict=True))
        read = _endpoint(entry, warnings)
        if entry["Type"] == "" and entry["Name"] == "Aggregated":
            total = read
        else:
            endpoints.append(read)
    if total is None:
        raise Malformed("the row of all endpoints (Aggregated) is missing, so the file is cut; send all of it")
    return endpoints, total


def _endpoint(row: dict[str, str], warnings: Warnings) -> Endpoint:
    name = f"{row['Type']} {row['Name']}".strip()
    requests, failures = (count(row[column]) for column in ("Request Count", "Failure Count"))
    if requests is None or failures is None:
        raise Malformed(f"the counts of {shown(name)} are no whole numbers; send the file as locust wrote it")
    figures = Figures(warnings)
    for column, metric in _METRICS.items():
        written = row.get(column, "")
        if written not in _NO_FIGURE:
            value = seconds(written)  # any finite number from 0 on
            figures.take(metric, written if value is None else value, f"{column} of {clean(name)}")
    return Endpoint(name, requests, failures, figures.metrics if requests else {})


def _against_endpoints(endpoints: list[Endpoint], total: Endpoint, warnings: Warnings) -> tuple[int, int]:
    """Requests and failures: where the rows don't add up, the worse."""
    requests, failures = total.requests, total.failures
    summed = sum(each.requests for each in endpoints), sum(each.failures for each in endpoints)
    if endpoints and summed != (requests, failures):
        warnings.add(
            f"the row of all endpoints has {requests} requests and {failures} failures, their rows together have "
            f"{summed[0]} and {summed[1]}; the worse count"
        )
        requests, failures = min(requests, summed[0]), max(failures, summed[1])
    return requests, failures
