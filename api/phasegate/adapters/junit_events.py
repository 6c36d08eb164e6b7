"""What the elements of a JUnit file mean, in the order in which they come."""

from datetime import datetime
from typing import Any, NamedTuple

from phasegate.adapters import stated
from phasegate.adapters.case_report import MAX_CASES, MAX_PROPERTIES, case_id, report_data
from phasegate.adapters.junit_counts import (
    ERROR,
    FAILED,
    PASSED_BARE,
    PASSED_IDLE,
    PASSED_RAN,
    SKIPPED,
    Counts,
    Suite,
)
from phasegate.adapters.text import Warnings, clean, message, shown
from phasegate.errors import Invalid, Malformed

ROOTS = ("testsuites", "testsuite")
MAX_TESTCASES = 200_000
MAX_SUITES = 50_000
_MAX_TEXT = 2_000
"""Characters of an element's text that are kept while it is read; a message is cut further."""

_OUTCOMES = {
    "error": ERROR,
    "failure": FAILED,
    "skipped": SKIPPED,
    # Surefire writes these beside a <failure> or <error>, when no attempt passed.
    "rerunerror": ERROR,
    "rerunfailure": FAILED,
}
_FLAKY = ("flakyfailure", "flakyerror")
"""Surefire: an earlier attempt; the last one passed, and that is the one that counts."""

_SAID: dict[str, int] = {
    word: outcome
    for outcome, words in (
        (SKIPPED, ("notrun", "skipped", "suppressed", "disabled", "ignored", "pending", "filtered", "untested")),
        (FAILED, ("fail", "failed", "failure")),
        (
            ERROR,
            ("error", "errored", "interrupted", "cancelled", "canceled", "aborted", "timeout", "timedout", "crashed"),
        ),
    )
    for word in words
}
"""Attributes `status` and `result` (GoogleTest, CTest, Bazel): a test that was disabled or interrupted has no child
that says so."""

_NAMES = {SKIPPED: "skipped", FAILED: "failed", ERROR: "error"}


class _Case:
    """A test case that is being read."""

    __slots__ = ("attributes", "bare", "flaky", "outcome", "said")

    def __init__(self, attributes: dict[str, str]) -> None:
        self.attributes = attributes
        self.bare = True
        self.flaky = False
        self.outcome = -1
        if "status" in attributes or "result" in attributes:
            self.outcome = max(_said(attributes.get("status", "")), _said(attributes.get("result", "")))
        self.said = ""
        """Message of the first element with the worst outcome."""


def _said(word: str) -> int:
    return _SAID.get(word.strip().lower(), -1)


class _Open(NamedTuple):
    """An element whose text is being collected."""

    depth: int
    name: str
    attributes: dict[str, str]
    case: _Case | None
    chunks: list[str]


class _Listed(NamedTuple):
    at: int
    """Index in the counts."""
    id: str
    duration_s: float | None
    message: str


class Events:
    """Target of the parser. After the parse: `report()` and `times`."""

    def __init__(self, warnings: Warnings) -> None:
        self.times: list[datetime] = []
        """Of the outermost suites that state one with a zone: the starts of the runs."""
        self._warnings = warnings
        self._counts = Counts(warnings)
        self._depth = 0
        self._cases: list[_Case] = []
        self._text: _Open | None = None
        self._room = 0
        self._bad: list[_Listed] = []
        self._others: list[_Listed] = []
        self._properties: dict[str, str] = {}
        self._conflicting: set[str] = set()
        self._flaky = 0
        self._bad_times = 0
        self._suites = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name not in ROOTS:
            raise Malformed(
                f"the root element is {shown(name)}; JUnit XML has testsuites or testsuite: send the test report"
            )
        self._depth += 1
        if self._cases:
            self._cases[-1].bare = False
        if name == "testcase":
            if len(self._counts.cases) + len(self._cases) >= MAX_TESTCASES:
                raise Invalid(f"the file has more than {MAX_TESTCASES:,} test cases; send it in parts")
            self._cases.append(_Case(attributes))
        elif name in ROOTS:
            self._start_suite(name, attributes)
        elif name in _OUTCOMES or name == "property":
            if self._text is None:
                case = self._cases[-1] if self._cases else None
                self._text = _Open(self._depth, name, attributes, case, [])
                self._room = _MAX_TEXT
            elif name != "property":  # a failure inside a skip must not be hidden by it
                self._outcome(name, attributes, "", self._cases[-1] if self._cases else None)
        elif name in _FLAKY and self._cases:
            self._cases[-1].flaky = True

    def data(self, text: str) -> None:
        if self._text is not None and self._room > 0:
            if not self._text.chunks:
                text = text.lstrip()
            self._text.chunks.append(text[: self._room])
            self._room -= len(text)

    def end(self, name: str) -> None:
        if self._text is not None and self._text.depth == self._depth:
            closed, self._text = self._text, None
            text = "".join(closed.chunks)
            if closed.name != "property":
                self._outcome(closed.name, closed.attributes, text, closed.case)
            elif closed.case is None:  # those of a case are not the run's
                self._property(closed.attributes.get("name", ""), closed.attributes.get("value", text))
        self._depth -= 1
        if name == "testcase":
            self._end_case(self._cases.pop())
        elif name in ROOTS:
            self._counts.close_suite()

    def report(self) -> dict[str, Any]:
        """The data of the shape `test-report`."""
        counts = self._counts
        kept = [*self._bad, *self._others][:MAX_CASES]
        if self._flaky:
            self._warnings.add(f"{self._flaky} tests passed only when tried again; the last attempt counts")
        if self._bad_times:
            self._warnings.add(f"{self._bad_times} tests have a time that is no length of time in seconds; left out")
        return report_data(
            passed=counts.passed,
            failed=counts.failed,
            errors=counts.errors,
            skipped=counts.skipped,
            cases=[self._listed(case) for case in kept],
            unlisted=len(counts.cases) - len(kept),
            properties=self._properties,
            duration_s=counts.duration_s,
        )

    def _listed(self, case: _Listed) -> dict[str, Any]:
        # The status is looked up only now: a header may have taken a pass back.
        entry: dict[str, Any] = {"id": case.id, "status": _NAMES.get(self._counts.cases[case.at], "passed")}
        if case.duration_s is not None:
            entry["duration_s"] = case.duration_s
        if case.message:
            entry["message"] = case.message
        return entry

    def _start_suite(self, name: str, attributes: dict[str, str]) -> None:
        self._suites += 1
        if self._suites > MAX_SUITES:
            raise Invalid(f"the file has more than {MAX_SUITES:,} suites; send it in parts")
        suite = Suite(name, clean(attributes.get("name", "").strip()))
        suite.read_header(attributes, self._warnings)
        self._read_time(suite, attributes)
        self._counts.open_suite(suite)

    def _read_time(self, suite: Suite, attributes: dict[str, str]) -> None:
        outer = self._counts.suite
        suite.dated = outer is not None and outer.dated
        text = attributes.get("timestamp")
        if text is None or suite.dated:
            return
        try:
            self.times.append(stated.instant(text))
            suite.dated = True
        except stated.NoZone:
            self._warnings.add(
                f"the time {shown(text)} has no zone, so it says no instant and is not used; state collected_at"
            )
        except ValueError:
            self._warnings.add(f"{shown(text)} is no time that is read here; state collected_at")

    def _outcome(self, name: str, attributes: dict[str, str], text: str, case: _Case | None) -> None:
        outcome = _OUTCOMES[name]
        if case is None:
            if outcome != SKIPPED:
                self._counts.suite_failed(outcome)
            return
        if not name.startswith("rerun"):  # headers don't count earlier attempts
            self._counts.shown(outcome)
        if outcome > case.outcome:
            case.outcome = outcome
            case.said = ""
        listed = self._bad if outcome >= FAILED else self._others
        if outcome == case.outcome and not case.said and len(listed) < MAX_CASES:
            case.said = message(attributes.get("message", "")) or message(text) or message(attributes.get("type", ""))

    def _property(self, name: str, value: str) -> None:
        name = clean(name.strip())
        if not name or name in self._conflicting:
            return
        if name not in self._properties:
            if len(self._properties) + len(self._conflicting) < MAX_PROPERTIES:
                self._properties[name] = clean(value)
            else:
                self._warnings.add(f"only the first {MAX_PROPERTIES:,} properties are read")
        elif self._properties[name] != clean(value):
            del self._properties[name]
            self._conflicting.add(name)
            self._warnings.add(f"suites give the property {shown(name)} different values; it is left out")

    def _end_case(self, case: _Case) -> None:
        attributes = case.attributes
        time = attributes.get("time")
        duration = None if time is None else stated.seconds(time)
        if time is not None and duration is None:
            self._bad_times += 1
        if case.outcome >= SKIPPED:
            status = case.outcome
        elif not case.bare:
            status = PASSED_RAN
        else:
            status = PASSED_BARE if duration else PASSED_IDLE
        self._flaky += case.flaky and status < SKIPPED
        at = self._counts.close_case(status)
        kept = self._bad if status >= FAILED else self._others
        if len(kept) < MAX_CASES:
            suite = self._counts.suite
            id_ = case_id(
                suite.name if suite and suite.element == "testsuite" else "",
                clean(attributes.get("classname", "")),
                clean(attributes.get("name", "")),
            )
            kept.append(_Listed(at, id_, duration, case.said))
