"""Test Anything Protocol, versions 12 to 14 (pytest-tap, tape, node:test, prove and others).

What a harness ignores is ignored here, with two exceptions on the safe side: a subtest that failed under
a parent that passed, and tests that the plan doesn't know.
"""

import re
from typing import Any

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.case_tally import Status, Tally
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.text import MAX_MESSAGE, Warnings, message
from phasegate.adapters.text_file import lines
from phasegate.errors import Malformed

_VERSION = re.compile(r"TAP version [0-9]{1,3}\s*")
_PLAN = re.compile(r"1\.\.([0-9]{1,9})(?:\s*#.*)?\s*")
_TEST = re.compile(r"(not )?ok(?:\s+([0-9]{1,9}))?(?=\s|$)(?:\s+-(?=\s|$))?\s*(.*)")
_DIRECTIVE = re.compile(r"(?<!\\)#\s*(skip\S*|todo)\b\s*(.*)", re.IGNORECASE)
_SUBTEST = re.compile(r"\s+not ok\b(.*)")
_BAIL = re.compile(r"\s*Bail out!\s*(.*)", re.IGNORECASE)
_MOST_PLANNED = 200_000


class Tap:
    """The adapter `tap`."""

    name = "tap"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Test Anything Protocol (pytest-tap, tape, node:test, prove)"
    command = "pytest --tap-stream > tests.tap"
    fingerprint = "text whose first line is a version, a plan or a result of TAP"
    example = Example("tap.tap")

    def detects(self, raw: bytes) -> bool:
        # Comments may come before anything else.
        start = raw[:65_536].decode("utf-8-sig", "replace").split("\n")
        first = next((line for line in start if line.strip() and not line.startswith("#")), "")
        return any(pattern.fullmatch(first.rstrip("\r")) for pattern in (_VERSION, _PLAN, _TEST))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one run. Raises `Malformed` where no plan says how many tests there should be."""
        stream = _Stream(Warnings())
        for line in lines(raw):
            stream.line(line)
        data = stream.report()
        if said := count_exit_code(data, hints.exit_code):
            stream.warnings.add(said)
        return Reading(SHAPE, data, warnings=stream.warnings.all())


class _Stream:
    def __init__(self, warnings: Warnings) -> None:
        self.warnings = warnings
        self._tally = Tally(warnings)
        self._plan: int | None = None
        self._numbers: set[int] = set()
        self._last = 0
        self._misnumbered = 0
        self._bailed = False
        self._subtest_failed = False
        self._in_yaml = False
        self._failing: dict[str, Any] | None = None
        """The test that failed last, while the comments after it say why."""

    def line(self, line: str) -> None:
        if line[:1].isspace():
            self._indented(line)
            return
        self._in_yaml = False
        if found := _BAIL.fullmatch(line):
            self._bail(found[1])
        elif found := _PLAN.fullmatch(line):
            if self._plan is not None:
                raise Malformed("the text has two plans; send each run as a file of its own")
            self._plan = int(found[1])
        elif found := _TEST.fullmatch(line):
            self._test(found[1] is not None, found[2], found[3])
        elif line.startswith("#") and self._failing is not None:
            said = f"{self._failing.get('message', '')}\n{line[1:].removeprefix(' ')}".strip()
            self._failing["message"] = message(said)
            if len(said) >= MAX_MESSAGE:
                self._failing = None

    def report(self) -> dict[str, Any]:
        tally = self._tally
        if self._plan is None and not self._bailed:
            raise Malformed("the text has no plan (1..N), so it is cut or the run did not end; send the whole output")
        plan = self._plan or 0
        if plan > _MOST_PLANNED:
            raise Malformed(f"the plan is for more than {_MOST_PLANNED:,} tests; send the run in parts")
        unplanned = sum(number > plan for number in self._numbers) + self._misnumbered if self._plan is not None else 0
        told = f"{unplanned} tests are not in the plan or have a number twice: counted as errors"
        tally.more("error", unplanned, told)
        missing = plan - sum(number <= plan for number in self._numbers)
        told = f"the plan is for {plan} tests, and {missing} of them did not run: counted as errors"
        tally.more("error", missing, told)
        return tally.data(properties={}, duration_s=None)

    def _indented(self, line: str) -> None:
        if self._in_yaml:
            self._in_yaml = line.strip() != "..."
        elif line.strip() == "---":
            self._in_yaml = True
        elif found := _BAIL.fullmatch(line):
            self._bail(found[1])
        elif (found := _SUBTEST.fullmatch(line)) and not _DIRECTIVE.search(found[1]):
            self._subtest_failed = True

    def _bail(self, reason: str) -> None:
        self._failing = None
        if not self._bailed:
            self._bailed = True
            self._tally.add("error", "Bail out!", said=reason)
            self.warnings.add("the run was aborted (Bail out!): counted as an error")

    def _test(self, failed: bool, number: str | None, rest: str) -> None:
        self._last = int(number) if number is not None else self._last + 1
        if self._last in self._numbers or self._last == 0:
            self._misnumbered += 1
        else:
            self._numbers.add(self._last)
        status: Status = "failed" if failed else "passed"
        said = ""
        directive = _DIRECTIVE.search(rest)
        if directive is not None:
            rest, said = rest[: directive.start()], directive[2]
            if directive[1].lower() == "todo":
                # As of pytest's xfail: it was expected to fail.
                status, said = ("skipped", said) if failed else ("failed", said or "passed although marked TODO")
            elif not failed:
                status = "skipped"
        if self._subtest_failed and status == "passed":
            status = "failed"
            self.warnings.add("a test is said to have passed although a subtest of it failed: counted as failed")
        self._subtest_failed = False
        entry = self._tally.add(status, rest.strip() or f"test {self._last}", said=said)
        self._failing = entry if status == "failed" and not said else None
