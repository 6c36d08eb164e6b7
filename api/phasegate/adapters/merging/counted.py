"""Reports of things that ran: counts are summed, entries concatenated."""

from collections.abc import Sequence

from phasegate.adapters.case_report import SHAPE as TESTS
from phasegate.adapters.check_report import SHAPE as CHECKS
from phasegate.adapters.check_report import STATUSES
from phasegate.adapters.merging.parts import Data, listed, same, sum_of_all, sums, unlisted
from phasegate.adapters.scan_report import SEVERITIES
from phasegate.adapters.scan_report import SHAPE as SCAN
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import refused

__all__ = ["CHECKS", "SCAN", "TESTS", "merge_checks", "merge_scans", "merge_tests"]
_WORST = ("failed", "error")


def merge_tests(parts: Sequence[Data], warnings: Warnings) -> Data:
    """A case that stands in two files ran twice, so both count. Raises `Invalid` where properties contradict."""
    cases, cut = listed(parts, "cases", lambda case: case["status"] not in _WORST)
    properties: dict[str, str] = {}
    for part in parts:
        for name, value in part["properties"].items():
            if properties.setdefault(name, value) != value:
                both = " and ".join(sorted((shown(properties[name]), shown(value))))
                raise refused("", f"the files state {shown(name)} as {both}; send runs that differ in it by themselves")
    tool = same(part.get("tool") for part in parts)
    return {
        **sums(parts, ("total", "passed", "failed", "errors", "skipped")),
        **sum_of_all(parts, "duration_s", warnings),
        "cases": cases,
        **unlisted(parts, cut),
        "properties": properties,
        **({} if tool is None else {"tool": tool}),
    }


def merge_checks(parts: Sequence[Data], warnings: Warnings) -> Data:
    """Checks of several validations, as of one for each table."""
    checks, _ = listed(parts, "checks", lambda check: STATUSES.index(check["status"]))
    return {
        **sums(parts, ("total", "passed", "failed", "warned", "errors")),
        "checks": checks,
        **sum_of_all(parts, "rows", warnings),
    }


def merge_scans(parts: Sequence[Data], warnings: Warnings) -> Data:
    """Findings of several scans. Something that was scanned twice is counted twice."""
    findings, cut = listed(parts, "findings", lambda one: SEVERITIES.index(one["severity"]))
    return {
        "tool": ", ".join(sorted({part["tool"] for part in parts} - {""})),
        **sum_of_all(parts, "scanned", warnings),
        **sums(parts, (*SEVERITIES, "errors", "skipped", "runs")),
        "findings": findings,
        **unlisted(parts, cut),
        **sum_of_all(parts, "components", warnings),
    }
