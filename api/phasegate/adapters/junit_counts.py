"""Counting the cases of a JUnit file, and holding the headers of its suites against them.

Cases come in document order, so those of a suite, nested suites included, are one run of `cases`.
"""

from phasegate.adapters import stated
from phasegate.adapters.text import Warnings, shown
from phasegate.engine.shape import TOO_BIG

PASSED_IDLE, PASSED_BARE, PASSED_RAN, SKIPPED, FAILED, ERROR = range(6)
"""Status of a case, worse is higher. Three kinds of pass, least sure first: without children and time;
without children; with children (output, properties), which a test that never ran doesn't have."""
_COUNTERS = ("tests", "failures", "errors", "skipped", "disabled")
_HEADED = {FAILED: "failures", ERROR: "errors"}


class Suite:
    """One open `testsuites` or `testsuite`. Counts include nested suites."""

    __slots__ = (
        "dated",
        "direct",
        "element",
        "first",
        "header",
        "hidden",
        "name",
        "nested",
        "shown",
        "time",
        "time_stated",
        "time_unknown",
        "unrun",
    )

    def __init__(self, element: str, name: str) -> None:
        self.element = element
        self.name = name
        self.first = 0
        """Index of its first case."""
        self.direct = 0
        """Cases that are in no nested suite."""
        self.nested = False
        self.header: dict[str, int] = {}
        self.shown = {FAILED: 0, ERROR: 0}
        """<failure> and <error> elements: a case may have several, and headers count them in either way."""
        self.hidden = {FAILED: 0, ERROR: 0}
        """Failures and errors that only a header states."""
        self.unrun = 0
        """Cases that look passed and that the header doesn't count as such."""
        self.time: float | None = None
        """Seconds; of the nested suites together where it states none."""
        self.time_stated = False
        self.time_unknown = False
        """It, or a suite inside, has no time or none that can be read: a sum would be too small."""
        self.dated = False
        """It, or a suite around it, states a time with a zone."""

    def read_header(self, attributes: dict[str, str], warnings: Warnings) -> None:
        """Takes the numbers that can be read; of others it warns."""
        for key in _COUNTERS:
            text = attributes.get(key)
            if text is None:
                continue
            number = stated.count(text)
            if number is None:
                warnings.add(f"suite {shown(self.name)} states {key}={shown(text)}, which is no count; ignored")
            else:
                self.header[key] = number
        text = attributes.get("time")
        if text is not None:
            self.time_stated = True
            self.time = stated.seconds(text)
            if self.time is None:
                self.time_unknown = True
                warnings.add(f"suite {shown(self.name)} has time={shown(text)}, no length of time; duration left out")


class Counts:
    """All cases, and the suites that are open."""

    def __init__(self, warnings: Warnings) -> None:
        self.cases = bytearray()
        """Status of each, in document order."""
        self._warnings = warnings
        self._open: list[Suite] = []
        self._root: Suite | None = None

    @property
    def suite(self) -> Suite | None:
        """The innermost open one."""
        return self._open[-1] if self._open else None

    def open_suite(self, suite: Suite) -> None:
        if self._open:
            self._open[-1].nested = True
        suite.first = len(self.cases)
        self._open.append(suite)

    def close_case(self, status: int) -> int:
        """Counts it; its index."""
        self._open[-1].direct += 1
        self.cases.append(status)
        return len(self.cases) - 1

    def shown(self, outcome: int) -> None:
        """A <failure> or <error> element of a case."""
        if outcome in _HEADED:
            self._open[-1].shown[outcome] += 1

    def suite_failed(self, outcome: int) -> None:
        """A <failure> or <error> element outside any case, as of a suite that couldn't be set up."""
        suite = self._open[-1]
        suite.hidden[outcome] += 1
        self._warnings.add(f"suite {shown(suite.name)} itself failed; counted as one more")

    def close_suite(self) -> None:
        suite = self._open.pop()
        if suite.header:
            self._take_hidden(suite)
            self._take_back(suite)
            self._compare(suite)
        if not self._open:
            self._root = suite
            return
        outer = self._open[-1]
        for outcome in _HEADED:
            outer.shown[outcome] += suite.shown[outcome]
            outer.hidden[outcome] += suite.hidden[outcome]
        outer.unrun += suite.unrun
        if not outer.time_stated:
            if suite.time is not None:
                outer.time = (outer.time or 0.0) + suite.time
            outer.time_unknown |= suite.time_unknown or (suite.time is None and len(self.cases) > suite.first)

    @property
    def passed(self) -> int:
        return sum(self.cases.count(status) for status in (PASSED_IDLE, PASSED_BARE, PASSED_RAN))

    @property
    def skipped(self) -> int:
        return self.cases.count(SKIPPED)

    @property
    def failed(self) -> int:
        return self.cases.count(FAILED) + self._hidden(FAILED)

    @property
    def errors(self) -> int:
        return self.cases.count(ERROR) + self._hidden(ERROR)

    @property
    def duration_s(self) -> float | None:
        """Of the outermost suite that states it, else the sum of those inside, where each does."""
        root = self._root
        if root is None or root.time is None or root.time_unknown or root.time >= TOO_BIG:
            return None
        return root.time

    def _hidden(self, outcome: int) -> int:
        return self._root.hidden[outcome] if self._root else 0

    def _take_hidden(self, suite: Suite) -> None:
        """A header that states more failures or errors than are shown is believed."""
        for outcome, key in _HEADED.items():
            more = suite.header.get(key, 0) - suite.shown[outcome]
            if more > suite.hidden[outcome]:
                suite.hidden[outcome] = more
                self._warnings.add(
                    f"suite {shown(suite.name)} states {key}={suite.header[key]} and shows "
                    f"{suite.shown[outcome]}; the larger number counts"
                )

    def _take_back(self, suite: Suite) -> None:
        """Cases that look passed and aren't among what the header counts become skipped.

        jest-junit writes `test.todo` as an empty case and leaves it out of `tests`. Which one it is
        can't be told from a quick pass; those without children and time are taken first, the last
        ones first.
        """
        held = len(self.cases) - suite.first
        surplus = held - suite.unrun - suite.header.get("tests", held)
        if suite.nested and suite.element == "testsuite" and suite.header.get("tests") == suite.direct:
            surplus = 0  # the writer counts nested suites apart
        surplus = max(surplus, suite.header.get("skipped", 0) - self._count(SKIPPED, suite))
        taken = 0
        for status in (PASSED_IDLE, PASSED_BARE, PASSED_RAN):
            at = len(self.cases)
            while taken < surplus and (at := self.cases.rfind(status, suite.first, at)) >= 0:
                self.cases[at] = SKIPPED
                taken += 1
        suite.unrun += taken
        if surplus > 0:
            self._warnings.add(
                f"suite {shown(suite.name)} counts {surplus} fewer tests as run than it holds; "
                f"{taken} that look passed are counted as skipped"
            )

    def _compare(self, suite: Suite) -> None:
        """Other differences are only told."""
        header, name = suite.header, shown(suite.name)
        held = len(self.cases) - suite.first
        if header.get("tests", 0) > held:
            self._warnings.add(f"suite {name} states tests={header['tests']} and holds {held}; what it holds counts")
        if suite.nested:
            return  # writers differ in whether a header includes nested suites
        bad = self._count(FAILED, suite) + self._count(ERROR, suite)
        if "failures" in header and "errors" in header and header["failures"] + header["errors"] < bad:
            self._warnings.add(f"suite {name} states fewer failures and errors than the {bad} it holds; these count")
        skipped = self._count(SKIPPED, suite) - suite.unrun
        if header.get("skipped", skipped) + header.get("disabled", 0) < skipped:
            self._warnings.add(f"suite {name} states fewer skipped tests than the {skipped} it holds; these count")

    def _count(self, status: int, suite: Suite) -> int:
        return self.cases.count(status, suite.first)
