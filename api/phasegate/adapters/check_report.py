"""The shape `data-quality-report`, which several formats give."""

from datetime import datetime
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import label
from phasegate.engine.facts import Producer

SHAPE = "data-quality-report"
STATUSES = ("fail", "error", "warn", "pass")
"""In the order in which they are listed."""
MAX_CHECKS = 1_000
_COUNTED = {"pass": "passed", "fail": "failed", "warn": "warned", "error": "errors"}


class Checks:
    """Checks as they are met, and what the file says of all of them."""

    def __init__(self) -> None:
        self.warnings = Warnings()
        self.rows: int | None = None
        self.counts = dict.fromkeys(STATUSES, 0)
        self._listed: dict[str, list[dict[str, Any]]] = {status: [] for status in STATUSES}

    def add(self, name: str, status: str, *, target: str = "", expected: str = "", **figures: float | None) -> None:
        """One check that gave a result. `figures`: `observed`, `age_s`, `limit_s`; one that is None is left out."""
        self.counts[status] += 1
        if len(self._listed[status]) >= MAX_CHECKS:
            return
        check: dict[str, Any] = {"name": label(name) or "(unnamed)", "status": status}
        check |= {key: label(told) for key, told in (("target", target), ("expected", expected)) if told}
        check |= {key: value for key, value in figures.items() if value is not None}
        self._listed[status].append(check)

    @property
    def bad(self) -> int:
        """How many failed or broke."""
        return self.counts["fail"] + self.counts["error"]

    def failed_as_a_whole(self, verdict: bool) -> None:
        """The tool's own verdict, where it is worse than what its checks show."""
        if not verdict and not self.bad:
            self.counts["error"] += 1
            self.warnings.add("the tool says that it failed, yet its file shows no failure: counted as one error")

    def stated_failures(self, header: int) -> None:
        """A header that counts more failures than are shown is believed."""
        if header > self.bad:
            more = header - self.bad
            self.counts["fail"] += more
            self.warnings.add(f"the file counts {header} failures and shows {header - more}; the larger number counts")

    def reading(self, producer: Producer, hints: Hints, at: datetime | None = None) -> Reading:
        """What the file says."""
        data: dict[str, Any] = {"total": sum(self.counts.values())}
        data |= {name: self.counts[status] for status, name in _COUNTED.items()}
        if not data["total"]:
            self.warnings.add("the file holds no check that gave a result")
        data["checks"] = [check for status in STATUSES for check in self._listed[status]][:MAX_CHECKS]
        if self.rows is not None:
            data["rows"] = self.rows
        if said := count_exit_code(data, hints.exit_code):
            self.warnings.add(said)
        return Reading(SHAPE, data, at, producer, self.warnings.all())
