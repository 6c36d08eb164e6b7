"""The shape `scan-report`, which several formats give."""

from datetime import datetime
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.text import Warnings, message
from phasegate.adapters.typed import label
from phasegate.engine.facts import Producer

SHAPE = "scan-report"
SEVERITIES = ("critical", "high", "medium", "low", "info")
"""Worst first."""
MAX_FINDINGS = 1_000


class Scan:
    """Findings as they are met, and what the scan says of itself."""

    def __init__(self) -> None:
        self.warnings = Warnings()
        self.errors = 0
        self.skipped = 0
        self.runs = 0
        self.scanned: int | None = None
        self.components: int | None = None
        self.counts = dict.fromkeys(SEVERITIES, 0)
        self._findings: dict[str, list[dict[str, str]]] = {severity: [] for severity in SEVERITIES}

    def add(self, rule: str, severity: str, told: str, location: str = "") -> None:
        """One finding. Texts are cleaned and cut."""
        self.counts[severity] += 1
        if len(self._findings[severity]) >= MAX_FINDINGS:
            return
        finding = {"rule": label(rule), "severity": severity, "message": message(told)}
        if location:
            finding["location"] = label(location)
        self._findings[severity].append(finding)

    def stated(self, severity: str, header: int) -> None:
        """A header that counts more than is listed is believed."""
        seen = self.counts[severity]
        if header > seen:
            self.counts[severity] = header
            self.warnings.add(
                f"the file counts {header} {severity} findings and lists {seen}; the larger number counts"
            )

    def reading(self, producer: Producer, hints: Hints, at: datetime | None = None, tool: str = "") -> Reading:
        """What the file says. `tool`, where it isn't the producer."""
        found = sum(self.counts.values())
        listed = [one for severity in SEVERITIES for one in self._findings[severity]][:MAX_FINDINGS]
        data: dict[str, Any] = {
            "tool": tool or producer.tool,
            **self.counts,
            "errors": self.errors,
            "skipped": self.skipped,
            "findings": listed,
            "runs": self.runs,
        }
        stated = {"scanned": self.scanned, "components": self.components}
        data |= {name: value for name, value in stated.items() if value is not None}
        if found > len(listed):
            data["unlisted"] = found - len(listed)
        # Scanners end with an exit code of their own where they found something.
        if found == self.counts["info"] and (said := count_exit_code(data, hints.exit_code)):
            self.warnings.add(said)
        return Reading(SHAPE, data, at, producer, self.warnings.all())
