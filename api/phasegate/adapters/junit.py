"""JUnit and xUnit XML: pytest, jest-junit, Surefire, Gradle, GoogleTest, CTest and most others.

The format has no standard; what is read here was seen in files (`tests/adapters/outputs/junit/`) or
in the writers' sources. Where file and header disagree, the worse counts.
"""

from datetime import datetime

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.junit_events import ROOTS, Events
from phasegate.adapters.named_release import compare_named
from phasegate.adapters.safe_xml import parse, root_name
from phasegate.adapters.text import Warnings


class Junit:
    """The adapter `junit`."""

    name = "junit"
    version = "1.1.1"
    shapes = (SHAPE,)
    title = "JUnit and xUnit XML (pytest, jest-junit, Surefire, GoogleTest and others)"
    command = "pytest --junitxml=report.xml"
    fingerprint = "XML whose root is `testsuites` or `testsuite`"
    example = Example("junit.xml")

    def detects(self, raw: bytes) -> bool:
        return root_name(raw) in ROOTS

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one file. It never says which tool wrote it, so the producer stays unknown."""
        warnings = Warnings()
        events = Events(warnings)
        parse(raw, events)
        data = events.report()
        if data["total"] == 0:
            warnings.add("the file holds no test: a run that collected nothing")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        compare_named(data["properties"], data, hints, warnings)
        return Reading(SHAPE, data, _latest(events.times), warnings=warnings.all())


def _latest(times: list[datetime]) -> datetime | None:
    return max(times, default=None)
