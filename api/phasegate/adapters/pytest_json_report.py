"""The file of pytest-json-report.

Its summary leaves out every count that is zero, and a collection error is in `collectors` and in the
exit code alone.
"""

from typing import Any

from phasegate.adapters import json_file
from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.case_tally import Status, Tally, flat_properties
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.named_release import compare_named
from phasegate.adapters.stated import since_epoch
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import amount, counted, mapping, mappings, object_in, refused, words
from phasegate.engine.facts import Producer

_STATUSES: dict[str, Status] = {
    "passed": "passed",
    "failed": "failed",
    "xpassed": "failed",
    "error": "error",
    "skipped": "skipped",
    "xfailed": "skipped",
}
_STAGES: tuple[tuple[str, Status], ...] = (("setup", "error"), ("call", "failed"), ("teardown", "error"))
_NO_TESTS = 5
"""Exit code of pytest for a run that collected nothing; the counts say the same."""


class PytestJsonReport:
    """The adapter `pytest-json-report`."""

    name = "pytest-json-report"
    version = "1.1.1"
    shapes = (SHAPE,)
    title = "JSON report of pytest-json-report (pytest --json-report)"
    command = "pytest --json-report --json-report-file=report.json"
    fingerprint = "JSON with `exitcode`, `summary` and `collectors`, or `created` and `root`"
    example = Example("pytest-json-report.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one run. Raises `Malformed` and `Invalid`."""
        content = json_file.parse_like(raw, _looks, "the JSON of pytest --json-report")
        warnings = Warnings()
        tally = Tally(warnings)
        _read_collectors(content, tally)
        _read_tests(content, tally)
        properties = flat_properties(content.get("environment"), warnings)
        data = tally.data(properties=properties, duration_s=_duration(content, warnings))
        exit_code = content["exitcode"]
        if not (exit_code == _NO_TESTS and not data["passed"]) and (said := count_exit_code(data, exit_code)):
            warnings.add(said)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        compare_named(properties, data, hints, warnings)
        version = properties.get("Packages.pytest", "")
        producer = Producer("pytest", version) if version else Producer()
        created = since_epoch(content.get("created"))
        if created is None and "created" in content:
            warnings.add("`created` is no time in seconds since 1970; state collected_at")
        return Reading(SHAPE, data, created, producer, warnings.all())


def _looks(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and type(content.get("exitcode")) is int
        and isinstance(content.get("summary"), dict)
        and ("collectors" in content or ("created" in content and "root" in content))
    )


def _duration(content: dict[str, Any], warnings: Warnings) -> float | None:
    duration = amount(content.get("duration"))
    if duration is None and "duration" in content:
        warnings.add("`duration` is no length of time in seconds; left out")
    return duration


def _read_collectors(content: dict[str, Any], tally: Tally) -> None:
    """A module that failed to load has no tests; pytest counts it as one error."""
    for collector in mappings(content["collectors"], "collectors") if "collectors" in content else ():
        outcome = collector.get("outcome")
        if outcome == "passed":
            continue
        status: Status = "skipped" if outcome == "skipped" else "error"
        tally.add(status, words(collector.get("nodeid")) or "(collection)", said=words(collector.get("longrepr")))


def _read_tests(content: dict[str, Any], tally: Tally) -> None:
    summary = mapping(content["summary"], "summary")
    stated = {outcome: counted(summary, outcome, "summary") for outcome in (*_STATUSES, "total")}
    # A run that is cut short, as by pytest.exit, collected more than it ran, and may say that all went well.
    chosen = counted(summary, "collected", "summary") - counted(summary, "deselected", "summary")
    stated["total"] = max(stated["total"], chosen)
    if "tests" not in content:
        if stated["total"]:
            tally.warnings.add("the file lists no tests, so only the counts of its summary are read")
        for outcome, status in _STATUSES.items():
            tally.counts[status] += stated[outcome]
        tally.held += sum(stated[outcome] for outcome in _STATUSES)
        tally.more("error", stated["total"] - tally.held, "the summary states more tests than it says the outcome of")
        return
    for n, test in enumerate(mappings(content["tests"], "tests")):
        _read_test(test, f"tests[{n}]", tally)
    tally.hold_against(passed=stated["passed"], failed=stated["failed"] + stated["xpassed"], errors=stated["error"])
    missing = stated["total"] - tally.held
    told = f"the summary states {stated['total']} tests; {missing} that the file lacks are counted as errors"
    tally.more("error", missing, told)


def _read_test(test: dict[str, Any], path: str, tally: Tally) -> None:
    outcome = test.get("outcome")
    status = _STATUSES.get(outcome) if isinstance(outcome, str) else None
    if status is None:
        if not isinstance(outcome, str):
            raise refused(f"{path}.outcome", "must be text")
        tally.warnings.add(f"{shown(outcome)} is no outcome that is known here; counted as an error")
        status = "error"
    seconds: list[float] = []
    said = "unexpected pass" if outcome == "xpassed" else ""
    for name, worse in _STAGES:
        stage = test.get(name)
        if not isinstance(stage, dict):
            continue
        seconds += [took] if (took := amount(stage.get("duration"))) is not None else []
        if stage.get("outcome") != "passed":
            crash = object_in(stage.get("crash"))
            said = said or words(crash.get("message")) or words(stage.get("longrepr"))
            if status == "passed":
                tally.warnings.add(f"a test is said to have passed although its {name} did not; its {name} counts")
                status = worse
    tally.add(status, words(test.get("nodeid")) or "(unnamed)", sum(seconds) if seconds else None, said)
