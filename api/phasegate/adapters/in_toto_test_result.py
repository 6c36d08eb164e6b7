"""The predicate test-result/v0.1 of an in-toto Statement: the names of tests, and what the sender makes of the run.

It stands behind the door for evidence addressed by digest alone, since only there the artifacts that the statement
names are held against a release's.
"""

from typing import Any

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.case_tally import Status, Tally
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.text import Warnings, clean
from phasegate.adapters.typed import items, mapping, refused, text, words

_RESULTS = ("PASSED", "WARNED", "FAILED")
_LISTS: tuple[tuple[str, Status], ...] = (
    ("failedTests", "failed"),
    ("warnedTests", "passed"),
    ("passedTests", "passed"),
)
"""Worst first: a name that stands in two of them counts as the worst."""


class InTotoTestResult:
    """The adapter `in-toto-test-result`."""

    name = "in-toto-test-result"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Predicate test-result/v0.1 of an in-toto Statement"

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and content.get("result") in _RESULTS and "configuration" in content

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report`: the tests that are named. A `result` worse than what they show counts as one error,
        and a `PASSED` without names as nothing. Raises `Malformed` or `Invalid`.
        """
        predicate = mapping(parse(raw), "predicate")
        result = predicate.get("result")
        if result not in _RESULTS:
            raise refused("predicate.result", f"must be one of {', '.join(_RESULTS)}")
        items(predicate.get("configuration"), "predicate.configuration")
        warnings = Warnings()
        tally = Tally(warnings)
        warned = _count(predicate, tally)
        if warned:
            warnings.add(f"{warned} tests passed with a warning; counted as passed, though WARNED isn't PASSED")
        if tally.counts["failed"] == 0 and (result == "FAILED" or (result == "WARNED" and not warned)):
            tally.add("error", "(the run)", said=f"the result is {result}")
            warnings.add(f"the result is {result} and no test is named for it: counted as an error")
        if result == "PASSED" and (tally.counts["failed"] or warned):
            warnings.add("the result is PASSED, though tests are named that failed or passed with a warning")
        properties = {"result": str(result)}
        if url := clean(words(predicate.get("url")))[:2_000]:
            properties["url"] = url
        data = tally.data(properties=properties, duration_s=None)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _count(predicate: dict[str, Any], tally: Tally) -> int:
    """Adds each test once; how many passed with a warning."""
    seen: set[str] = set()
    warned = 0
    for key, status in _LISTS:
        said = "passed with a warning" if key == "warnedTests" else ""
        for n, name in enumerate(items(predicate.get(key) or [], f"predicate.{key}")):
            if text(name, f"predicate.{key}[{n}]") in seen:
                continue
            seen.add(name)
            entry = tally.add(status, name[:2_000])
            if said:
                warned += 1
                entry["message"] = said
    return warned
