"""JUnit and xUnit XML: pytest, jest-junit, Surefire, Gradle, GoogleTest, CTest and most others.

The format has no standard; what is read here was seen in files (`tests/adapters/outputs/junit/`) or
in the writers' sources. Where file and header disagree, the worse counts.
"""

from datetime import datetime

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.junit_events import ROOTS, Events
from phasegate.adapters.safe_xml import parse, root_name
from phasegate.adapters.text import Warnings, shown


class Junit:
    """The adapter `junit`."""

    name = "junit"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JUnit and xUnit XML (pytest, jest-junit, Surefire, GoogleTest and others)"

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
        _compare_release(data["properties"].get("release"), hints, warnings)
        return Reading(SHAPE, data, _latest(events.times), warnings=warnings.all())


def _latest(times: list[datetime]) -> datetime | None:
    return max(times, default=None)


def _compare_release(named: str | None, hints: Hints, warnings: Warnings) -> None:
    """`2.1.0`, `v2.1.0` and `churn-scorer@2.1.0` name release 2.1.0 of churn-scorer; `12.1.0` does not."""
    if named is None or not hints.release:
        return
    before = named.removesuffix(hints.release)
    subject = before.removesuffix("v")
    if not named.endswith(hints.release) or subject[-1:].isalnum() or subject.endswith((".", "_")):
        warnings.add(f"the file names release {shown(named)}; it was sent for {hints.release}")
    elif hints.subject and subject.endswith("@") and subject != f"{hints.subject}@":
        warnings.add(f"the file names release {shown(named)}; it was sent for {hints.subject}@{hints.release}")
