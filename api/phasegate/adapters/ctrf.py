"""Common Test Report Format (CTRF), which reporters of many test tools write.

`failed` holds errors too, `pending` and `other` hold what did not run; `rawStatus` keeps the tool's own word.
"""

from datetime import datetime
from typing import Any

from phasegate.adapters import json_file, stated
from phasegate.adapters.case_report import MAX_LEVELS, SHAPE, case_id
from phasegate.adapters.case_tally import Status, Tally, flat_properties
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.named_release import compare_named
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import amount, count, counted, label, mappings, refused, words
from phasegate.engine.facts import Producer

_STATUSES: dict[str, Status] = {"passed": "passed", "failed": "failed", "skipped": "skipped", "pending": "skipped"}
_NOT_RUN = ("todo", "pending", "skipped", "disabled", "ignored")
_ERRORS = ("setup_failed", "teardown_failed")


class Ctrf:
    """The adapter `ctrf`."""

    name = "ctrf"
    version = "1.1.1"
    shapes = (SHAPE,)
    title = "Common Test Report Format (CTRF) of pytest, jest, Playwright and other reporters"
    command = "pytest --ctrf report.json"
    fingerprint = "JSON with `results.tool.name` and `results.summary.tests`"
    example = Example("ctrf.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one file. Raises `Malformed` and `Invalid`."""
        content = json_file.parse_like(raw, _looks, "a CTRF report (results with tool, summary and tests)")
        results = content["results"]
        warnings = Warnings()
        tally = Tally(warnings)
        _read_tests(results, tally)
        properties = _properties(results.get("environment"), warnings)
        data = tally.data(properties=properties, duration_s=_duration(results["summary"], warnings))
        tool = Producer(label(results["tool"]["name"]), label(results["tool"].get("version")))
        data["tool"] = f"{tool.tool} {tool.version}".strip()
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        compare_named(properties, data, hints, warnings)
        return Reading(SHAPE, data, _time(content, warnings), tool, warnings.all())


def _looks(content: Any) -> bool:
    results = content.get("results") if isinstance(content, dict) else None
    return (
        isinstance(results, dict)
        and isinstance(results.get("summary"), dict)
        and "tests" in results["summary"]
        and isinstance(results.get("tool"), dict)
        and isinstance(results["tool"].get("name"), str)
    )


def _read_tests(results: dict[str, Any], tally: Tally) -> None:
    summary = results["summary"]
    total, passed, failed = (count(summary.get(key), f"results.summary.{key}") for key in ("tests", "passed", "failed"))
    flaky = 0
    for n, test in enumerate(mappings(results.get("tests"), "results.tests")):
        status = _status(test, f"results.tests[{n}]", tally.warnings)
        duration = amount(test.get("duration"))
        tally.add(
            status,
            _id(test),
            None if duration is None else duration / 1000,
            words(test.get("message")) or words(test.get("trace")),
        )
        flaky += status == "passed" and test.get("flaky") is True
    if flaky:
        tally.warnings.add(f"{flaky} tests passed only when tried again; the last attempt counts")
    tally.hold_against(passed=passed, failed=failed - tally.counts["error"])
    missing = total - tally.held
    tally.more("error", missing, f"the summary states {total} tests; {missing} that the file lacks are errors")
    other = counted(summary, "other", "results.summary")
    unshown = other - sum(test["status"] == "other" for test in results["tests"]) - max(0, missing)
    tally.more("error", unshown, f"the summary states {other} tests as other; {unshown} that the file lacks are errors")


def _status(test: dict[str, Any], path: str, warnings: Warnings) -> Status:
    stated_status, raw = test.get("status"), words(test.get("rawStatus")).lower()
    if not isinstance(stated_status, str):
        raise refused(f"{path}.status", "must be text")
    if stated_status == "failed" and raw in _ERRORS:
        return "error"
    if stated_status in _STATUSES:
        return _STATUSES[stated_status]
    if stated_status == "other" and raw in _NOT_RUN:
        return "skipped"
    told = f"{shown(stated_status)} ({shown(raw)})" if raw else shown(stated_status)
    warnings.add(f"the status {told} doesn't say whether a test passed; counted as an error")
    return "error"


def _id(test: dict[str, Any]) -> str:
    suite = test.get("suite")
    # By the specification a suite is a list, or in old files a text with ` > ` between its levels.
    levels = suite.split(" > ") if isinstance(suite, str) else suite if isinstance(suite, list) else []
    levels = [level for level in levels[:MAX_LEVELS] if isinstance(level, str)]
    name = words(test.get("name"))
    if levels and name.startswith("::".join(levels) + "::"):
        return name
    return case_id(*levels, name)


def _properties(environment: Any, warnings: Warnings) -> dict[str, str]:
    """The environment, what a writer put in its `extra` beside the rest."""
    if not isinstance(environment, dict):
        return {}
    extra = environment.get("extra")
    inner = flat_properties(extra, warnings)
    outer = flat_properties({key: value for key, value in environment.items() if key != "extra"}, warnings)
    if stated_environment := outer.get("testEnvironment"):
        outer.setdefault("environment", stated_environment)
    for key in inner.keys() & outer.keys():
        if inner[key] != outer[key]:
            warnings.add(f"the environment gives {shown(key)} different values; it is left out")
            del outer[key], inner[key]
    return inner | outer


def _duration(summary: dict[str, Any], warnings: Warnings) -> float | None:
    start, stop = amount(summary.get("start")), amount(summary.get("stop"))
    if start and stop and stop >= start:
        return (stop - start) / 1000
    duration = amount(summary.get("duration"))
    if duration is None and ("start" in summary or "stop" in summary):
        warnings.add("`start` and `stop` of the summary are no length of time; left out")
    return None if duration is None else duration / 1000


def _time(content: dict[str, Any], warnings: Warnings) -> datetime | None:
    written = content.get("timestamp")
    if isinstance(written, str):
        try:
            return stated.instant(written)
        except stated.NoZone:
            warnings.add(f"the time {shown(written)} has no zone, so it says no instant and is not used")
        except ValueError:
            warnings.add(f"{shown(written)} is no time that is read here")
    return stated.since_epoch_ms(content["results"]["summary"].get("stop"))
