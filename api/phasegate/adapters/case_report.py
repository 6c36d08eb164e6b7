"""The shape `test-report`, which several formats give."""

from collections.abc import Iterable
from typing import Any

SHAPE = "test-report"
MAX_CASES = 1_000
MAX_PROPERTIES = 1_000
MAX_LEVELS = 20
"""Of suites within suites, in an id."""


def case_id(*parts: str) -> str:
    """Suite, class and name joined by `::`; what a part repeats of the one before is left out.

    jest-junit puts the suite's words before each name again:
    `fallback`, `fallback times out`, `fallback times out` is `fallback::times out`.
    """
    kept: list[str] = []
    whole: list[str] = []
    for part in (part.strip() for part in parts):
        if not part or part in whole:
            continue
        before = whole[-1] if whole else None
        whole.append(part)
        kept.append(part.removeprefix(f"{before} ").strip() if before else part)
    return "::".join(kept) or "(unnamed)"


def report_data(
    *,
    passed: int,
    failed: int,
    errors: int,
    skipped: int,
    cases: Iterable[dict[str, Any]],
    unlisted: int,
    properties: dict[str, str],
    duration_s: float | None,
) -> dict[str, Any]:
    """The fields of the shape. `cases`: at most 1,000, failures and errors first; `unlisted` is how many more."""
    data: dict[str, Any] = {
        "total": passed + failed + errors + skipped,
        "passed": passed,
        "failed": failed,
        "errors": errors,
        "skipped": skipped,
        "cases": list(cases),
        "properties": properties,
    }
    if duration_s is not None:
        data["duration_s"] = duration_s
    if unlisted:
        data["unlisted"] = unlisted
    return data
