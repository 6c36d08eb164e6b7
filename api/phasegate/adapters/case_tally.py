"""Counting the cases of a test report one by one, and holding what its header states against them."""

from collections.abc import Mapping
from typing import Any, Literal

from phasegate.adapters.case_report import MAX_CASES, MAX_PROPERTIES, report_data
from phasegate.adapters.text import Warnings, clean, message
from phasegate.errors import Invalid

Status = Literal["passed", "failed", "error", "skipped"]
MAX_COUNTED = 200_000


class Tally:
    """All cases counted; the first 1,000 listed, failures and errors first."""

    def __init__(self, warnings: Warnings) -> None:
        self.warnings = warnings
        self.counts: dict[Status, int] = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}
        self.held = 0
        """Cases that were added; a header may count more."""
        self._bad: list[dict[str, Any]] = []
        self._others: list[dict[str, Any]] = []

    def add(self, status: Status, id_: str, duration_s: float | None = None, said: str = "") -> dict[str, Any]:
        """Counts a case; its entry in the list."""
        if self.held >= MAX_COUNTED:
            raise Invalid(f"the file has more than {MAX_COUNTED:,} test cases; send it in parts")
        self.held += 1
        self.counts[status] += 1
        entry: dict[str, Any] = {"id": clean(id_), "status": status}
        if duration_s is not None:
            entry["duration_s"] = duration_s
        if status != "passed" and (kept := message(said)):
            entry["message"] = kept
        listed = self._bad if status in ("failed", "error") else self._others
        if len(listed) < MAX_CASES:
            listed.append(entry)
        return entry

    def more(self, status: Status, number: int, told: str) -> None:
        """Counts what is stated and not shown."""
        if number > 0:
            self.counts[status] += number
            self.warnings.add(told)

    def hold_against(self, *, passed: int, failed: int, errors: int = 0) -> None:
        """Where the header states fewer passes, or more failures or errors, than are shown, it is believed."""
        more = self._believe("failed", failed) + self._believe("error", errors)
        surplus = self.counts["passed"] - passed
        if surplus > 0:
            self._take_back(surplus)
            self.warnings.add(
                f"the header states {passed} passed and the file shows {passed + surplus}; "
                f"{surplus} that look passed are counted as skipped"
            )
        elif surplus < 0 and not more:
            self.warnings.add(f"the header states {passed} passed and the file shows {passed + surplus}")

    def _believe(self, status: Status, stated: int) -> int:
        """How many more than are shown."""
        held = self.counts[status]
        told = f"the header states {stated} as {status} and the file shows {held}; the larger number counts"
        self.more(status, stated - held, told)
        return self.counts[status] - held

    def _take_back(self, surplus: int) -> None:
        self.counts["passed"] -= surplus
        self.counts["skipped"] += surplus
        listed = [entry for entry in self._others if entry["status"] == "passed"]
        unlisted = self.counts["passed"] + surplus - len(listed)
        for entry in listed[len(listed) - max(0, surplus - unlisted) :]:
            entry["status"] = "skipped"

    def data(self, *, properties: Mapping[str, str], duration_s: float | None) -> dict[str, Any]:
        """The fields of `test-report`; warns where there is no case."""
        if not any(self.counts.values()):
            self.warnings.add("the file holds no test: a run that collected nothing")
        cases = [*self._bad, *self._others][:MAX_CASES]
        return report_data(
            passed=self.counts["passed"],
            failed=self.counts["failed"],
            errors=self.counts["error"],
            skipped=self.counts["skipped"],
            cases=cases,
            unlisted=self.held - len(cases),
            properties=dict(properties),
            duration_s=duration_s,
        )


def flat_properties(content: Any, warnings: Warnings) -> dict[str, str]:
    """Texts, numbers and switches of an object as properties; those one level down as `outer.inner`."""
    found: dict[str, str] = {}
    for key, value in content.items() if isinstance(content, dict) else ():
        inner = {f"{key}.{name}": item for name, item in value.items()} if isinstance(value, dict) else {key: value}
        for name, item in inner.items():
            if (written := _written(item)) is None:
                continue
            if len(found) >= MAX_PROPERTIES:
                warnings.add(f"only the first {MAX_PROPERTIES:,} properties are read")
                return found
            found[clean(name)] = written
    return found


def _written(value: Any) -> str | None:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None
