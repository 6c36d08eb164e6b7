"""What each tool writes when nothing ran: no test, no check, no request, no file, no column, no row."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.adapters.samples import OUTPUTS

_DBT = "https://schemas.getdbt.com/dbt"
_NOT_RUN = [{"type": "CheckFailure", "header": f"check {n}", "check": {"name": f"c{n}"}} for n in range(3)]


def _file(path: str) -> bytes:
    return (OUTPUTS / path).read_bytes()


def _with(path: str, *changes: tuple[str, Any]) -> bytes:
    """A real output with other values at dotted places."""
    content = copy.deepcopy(json.loads(_file(path)))
    for place, value in changes:
        *steps, last = place.split(".")
        holder = content
        for step in steps:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        holder[int(last) if isinstance(holder, list) else last] = value
    return json.dumps(content).encode()


def _test_reports() -> Iterator[tuple[str, str, bytes]]:
    yield "junit", "pytest that collected nothing", _file("junit/pytest_no_tests_ran.xml")
    yield (
        "junit",
        "a suite without a case",
        b'<testsuites name="jest tests" tests="0" failures="0" errors="0" time="0.1"/>',
    )
    yield "junit", "a header alone", b'<testsuite name="a" tests="12" failures="0" errors="0" skipped="0"></testsuite>'
    skipped = b"".join(b'<testcase classname="a" name="t%d"><skipped/></testcase>' % n for n in range(12))
    yield "junit", "all skipped", b'<testsuite name="a" tests="12" skipped="12">%b</testsuite>' % skipped
    counts = ("tests", "passed", "failed", "skipped", "pending", "other", "suites")
    nothing = [(f"results.summary.{name}", 0) for name in counts]
    yield "ctrf", "no test", _with("ctrf/pytest_pass.ctrf.json", ("results.tests", []), *nothing)
    yield "ctrf", "a header alone", _with("ctrf/pytest_pass.ctrf.json", ("results.tests", []))
    none = [(f"num{name}Tests", 0) for name in ("Failed", "Passed", "Total", "Todo", "Pending")]
    suites = [("numTotalTestSuites", 0), ("numFailedTestSuites", 0), ("success", True)]
    yield "jest", "--passWithNoTests", _with("jest/json_fail.json", ("testResults", []), *none, *suites)
    yield "promtool-test", "a file without rules", b"Checking rules.yml\n  SUCCESS: 0 rules found\n\n"
    yield "pytest-json-report", "no test collected", _file("pytest-json-report/no_tests_ran.json")
    empty = [("summary", {"total": 0, "collected": 0}), ("tests", []), ("exitcode", 0)]
    yield "pytest-json-report", "exit code 0 all the same", _with("pytest-json-report/pass.json", *empty)
    yield "tap", "an empty plan", b"TAP version 13\n1..0\n"
    yield "tap", "an empty plan with a reason", b"1..0 # SKIP no database\n"
    yield "tap", "all skipped", b"1..12\n" + b"".join(b"ok %d - t # SKIP\n" % n for n in range(1, 13))


def _scans() -> Iterator[tuple[str, str, bytes]]:
    totals = json.loads(_file("bandit/json_fail.json"))["metrics"]["_totals"]
    yield (
        "bandit",
        "no file",
        _with("bandit/json_fail.json", ("results", []), ("metrics", {"_totals": dict.fromkeys(totals, 0)})),
    )
    yield "cyclonedx", "an inventory of nothing", _with("cyclonedx/sbom_env_16.json", ("components", []))
    yield "cyclonedx", "an inventory without analysis", _file("cyclonedx/sbom_env_16.json")
    yield "modelscan", "no file", _with("modelscan/pass.json", ("summary.scanned", {"total_scanned": 0}))
    yield "pip-audit", "no dependency", b'{"dependencies": [], "fixes": []}'
    skipped = [{"name": f"p{n}", "skip_reason": "not on the index"} for n in range(3)]
    yield "pip-audit", "all skipped", json.dumps({"dependencies": skipped, "fixes": []}).encode()
    yield "sarif", "no run", _with("bandit/sarif_pass.sarif", ("runs", []))
    ended_badly = [{"executionSuccessful": False}]
    yield "sarif", "a run that didn't end", _with("bandit/sarif_pass.sarif", ("runs.0.invocations", ended_badly))
    yield "sarif", "no results", _with("bandit/sarif_pass.sarif", ("runs.0.results", None))


def _loads() -> Iterator[tuple[str, str, bytes]]:
    summary = "k6/handle_summary_pass.json"
    zero = {"type": "counter", "contains": "default", "values": {"count": 0, "rate": 0}}
    yield "k6-summary", "no request", _with(summary, ("metrics.http_reqs", zero))
    yield "k6-summary", "no metric", _with(summary, ("metrics", {}))
    export = "k6/summary_export_pass.json"
    yield "k6-summary-export", "no request", _with(export, ("metrics.http_reqs", {"count": 0, "rate": 0}))
    yield "k6-summary-export", "no metric", _with(export, ("metrics", {}))
    first = json.loads(_file("locust/json_pass.json"))[0]
    silent = {**first, "num_requests": 0, "num_failures": 0, "response_times": {}, "num_reqs_per_sec": {}}
    yield "locust-json", "no endpoint", b"[]"
    yield "locust-json", "no request", json.dumps([silent]).encode()
    header = _file("locust/stats_pass.csv").splitlines()[0]
    columns = header.count(b",") - 1
    yield "locust-stats", "no request", header + b"\n,Aggregated" + b",0" * columns + b"\n"
    yield "locust-stats", "a header alone", header + b"\n"
    lines = _file("wrk/pass.txt").splitlines(keepends=True)
    none = b"  0 requests in 4.00s, 0.00B read\n"
    yield "wrk", "no answer", b"".join(none if b" requests in " in line else line for line in lines)


def _data_checks() -> Iterator[tuple[str, str, bytes]]:
    for name, kind in (("dbt-sources", "sources/v3"), ("dbt-run-results", "run-results/v6")):
        metadata = {"dbt_schema_version": f"{_DBT}/{kind}.json", "dbt_version": "1.10.23"}
        yield name, "nothing selected", json.dumps({"metadata": metadata, "results": [], "elapsed_time": 0.1}).encode()
    yield "dbt-run-results", "all skipped", _file("dbt/build_pass.json").replace(b'"pass"', b'"skipped"')
    yield "deepchecks", "no check", _with("deepchecks/suite_pass.json", ("results", []))
    yield "deepchecks", "no check ran", _with("deepchecks/suite_pass.json", ("results", _NOT_RUN))
    yield "evidently", "no test", _with("evidently/drift_pass.json", ("tests", []))
    yield "evidently", "neither metric nor test", _with("evidently/drift_pass.json", ("metrics", []), ("tests", []))
    yield "feast", "no feature view", _with("feast/registry_materialized.json", ("featureViews", []))
    path = "great_expectations/validation_pass.json"
    counts = ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations")
    nothing = [(f"statistics.{name}", 0) for name in counts]
    yield "great-expectations", "no expectation", _with(path, ("results", []), *nothing)
    yield "great-expectations", "a header alone", _with(path, ("results", []))
    yield "pandera", "no failure case", b"schema_context,column,check,check_number,failure_case,index\n"
    yield "pandera", "no error", b'{"SCHEMA": {}}'
    yield "pandera", "nothing", b"{}"
    yield "prometheus-text", "no source", b"# HELP up is up\n# TYPE up gauge\nup 1\n"
    yield "whylogs-constraints", "no constraint", b'{"valid": true, "report": []}'


def _drifts() -> Iterator[tuple[str, str, bytes]]:
    nothing: tuple[tuple[str, Any], ...] = (("data.p_val", []), ("data.distance", []), ("data.is_drift", 0))
    yield "alibi-detect", "no feature", _with("alibi-detect/ks_batch_pass.json", *nothing)
    yield "alibi-detect", "no verdict", _with("alibi-detect/ks_feature_fail.json", *nothing[:2], ("data.is_drift", []))
    yield "deepchecks", "no check", _with("deepchecks/suite_pass.json", ("results", []))
    yield "deepchecks", "no check ran", _with("deepchecks/suite_pass.json", ("results", _NOT_RUN))
    count = {
        "metric_name": "DriftedColumnsCount()",
        "config": {"type": "evidently:metric_v2:DriftedColumnsCount", "columns": [], "drift_share": 0.5},
        "value": {"count": 0, "share": 0},
        "id": "a",
    }
    yield "evidently", "no column", _with("evidently/drift_pass.json", ("metrics", [count]), ("tests", []))
    yield "evidently", "no metric", _with("evidently/drift_pass.json", ("metrics", []))

    vector = {"status": "success", "data": {"resultType": "vector", "result": []}}
    yield "prometheus-query", "no series", json.dumps(vector).encode()


def _explanations() -> Iterator[tuple[str, str, bytes]]:
    rows = {"explainer": "TreeExplainer", "n_samples": 0, "mean_abs_shap": {"age": 0.4, "tenure": 0.3, "calls": 0.3}}
    yield "shap-summary", "no row", json.dumps(rows).encode()
    yield "shap-summary", "no feature", json.dumps({**rows, "n_samples": 500, "mean_abs_shap": {}}).encode()
    zeros = {**rows, "n_samples": 500, "mean_abs_shap": {"age": 0.0}}
    yield "shap-summary", "no attribution", json.dumps(zeros).encode()


def _fairness() -> Iterator[tuple[str, str, bytes]]:
    metrics = json.loads(_file("aif360/metrics_pass.json"))
    emptied = {
        metric: {key: value if isinstance(value, str) else 0 for key, value in entry.items()}
        for metric, entry in metrics.items()
        if isinstance(entry, dict)
    }
    yield "aif360", "no row", json.dumps(emptied).encode()
    path = "fairlearn/sex_pass.json"
    somebody = json.loads(_file(path))["by_group"]["female"]
    nobody = {"selection_rate": None, "count": 0}
    yield "fairlearn", "no group", _with(path, ("by_group", {}))
    yield "fairlearn", "no row", _with(path, ("by_group", {"female": nobody, "male": nobody}))
    yield "fairlearn", "one group", _with(path, ("by_group", {"female": somebody}))
    yield "fairlearn", "rows in one group", _with(path, ("by_group", {"female": somebody, "male": nobody}))


VACUOUS = [
    (shape, *each)
    for shape, outputs in (
        ("test-report", _test_reports()),
        ("scan-report", _scans()),
        ("load-test", _loads()),
        ("data-quality-report", _data_checks()),
        ("drift-report", _drifts()),
        ("explanation-report", _explanations()),
        ("fairness-report", _fairness()),
    )
    for each in outputs
]
"""Shape, format, what it is, the file."""
