"""The JSON of jest and vitest.

A suite that couldn't run has no tests in it, and a test that is expected to fail (`test.failing`)
is said to have passed when it failed.
"""

from typing import Any

from phasegate.adapters import json_file
from phasegate.adapters.case_report import MAX_LEVELS, SHAPE, case_id
from phasegate.adapters.case_tally import Status, Tally
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.stated import since_epoch_ms
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import amount, count, counted, mappings, object_in, refused, switch, words

_STATUSES: dict[str, Status] = {
    "passed": "passed",
    "failed": "failed",
    "pending": "skipped",
    "skipped": "skipped",
    "todo": "skipped",
    "disabled": "skipped",
}


class Jest:
    """The adapter `jest`."""

    name = "jest"
    version = "1.0.1"
    shapes = (SHAPE,)
    title = "JSON of jest (jest --json) and vitest (--reporter=json)"
    command = "jest --json --outputFile=jest.json"
    fingerprint = "JSON with `numTotalTests` and `testResults`"
    example = Example("jest.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one run. Jest and vitest write the same, so the producer stays unknown."""
        content = json_file.parse_like(raw, _looks, "the JSON of jest --json")
        warnings = Warnings()
        tally = Tally(warnings)
        succeeded = switch(content.get("success"), "success")
        broken = sum(
            _read_suite(suite, f"testResults[{n}]", tally)
            for n, suite in enumerate(mappings(content["testResults"], "testResults"))
        )
        _hold_against_header(content, tally, broken)
        data = tally.data(properties={}, duration_s=_duration(content))
        interrupted = content.get("wasInterrupted") is True
        # A suite that couldn't be loaded has no test that failed; vitest counts groups of tests as suites too.
        succeeded &= not (counted(content, "numFailedTestSuites") or _snapshot_failed(content))
        if interrupted or not (succeeded or data["failed"] or data["errors"]):
            data["errors"] += 1
            data["total"] += 1
            what = "was interrupted" if interrupted else "did not succeed, and the file shows no failure"
            warnings.add(f"the run {what}: counted as one more in `errors`")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, since_epoch_ms(content.get("startTime")), warnings=warnings.all())


def _looks(content: Any) -> bool:
    return isinstance(content, dict) and "numTotalTests" in content and isinstance(content.get("testResults"), list)


def _read_suite(suite: dict[str, Any], path: str, tally: Tally) -> bool:
    """Whether it failed without a test that failed."""
    bad = 0
    retried = 0
    at = f"{path}.assertionResults"
    for n, test in enumerate(mappings(suite.get("assertionResults"), at)):
        status = _status(test, f"{at}[{n}]", tally.warnings)
        bad += status in ("failed", "error")
        retried += status == "passed" and bool(test.get("retryReasons") or test.get("retryMessages"))
        titles = test.get("ancestorTitles")
        levels = [title for title in titles[:MAX_LEVELS] if isinstance(title, str)] if isinstance(titles, list) else []
        messages = test.get("failureMessages")
        said = next((item for item in messages if isinstance(item, str)), "") if isinstance(messages, list) else ""
        duration = amount(test.get("duration"))
        id_ = case_id(*levels, words(test.get("title")) or words(test.get("fullName")))
        tally.add(status, id_, None if duration is None else duration / 1000, said)
    if retried:
        tally.warnings.add(f"{retried} tests of a suite passed only when tried again; the last attempt counts")
    broken = suite.get("status") == "failed" and not bad
    if broken:
        tally.add("error", words(suite.get("name")) or "(unnamed suite)", said=words(suite.get("message")))
    return broken


def _status(test: dict[str, Any], path: str, warnings: Warnings) -> Status:
    stated = test.get("status")
    if not isinstance(stated, str):
        raise refused(f"{path}.status", "must be text")
    status = _STATUSES.get(stated)
    if status is None:
        warnings.add(f"{shown(stated)} is no status that is known here; counted as an error")
        return "error"
    return "skipped" if status == "passed" and test.get("failing") is True else status


def _hold_against_header(content: dict[str, Any], tally: Tally, broken: int) -> None:
    total, passed, failed = (
        count(content.get(key), key) for key in ("numTotalTests", "numPassedTests", "numFailedTests")
    )
    stated = counted(content, "numRuntimeErrorTestSuites")
    tally.hold_against(passed=passed, failed=failed, errors=stated)
    missing = total - (tally.held - broken)
    tally.more("error", missing, f"the header states {total} tests; {missing} that the file lacks are errors")


def _snapshot_failed(content: dict[str, Any]) -> bool:
    return object_in(content.get("snapshot")).get("failure") is True


def _duration(content: dict[str, Any]) -> float | None:
    """From the start of the run to the end of its last suite."""
    start = amount(content.get("startTime"))
    ends = [amount(suite.get("endTime")) for suite in content["testResults"]]
    last = max((end for end in ends if end is not None), default=None)
    return (last - start) / 1000 if start and last is not None and last >= start else None
