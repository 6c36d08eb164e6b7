"""What the documents say in words: lengths of time, statuses, counts."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from phasegate.engine.decision import CriterionResult, Status
from phasegate.engine.policy import Policy


class Mark(NamedTuple):
    """A status as it is shown: a symbol for the eye, and always the word."""

    symbol: str
    word: str
    name: str
    """What a style sheet knows it by."""


STATUS: dict[Status, Mark] = {
    "pass": Mark("✓", "Passed", "pass"),
    "fail": Mark("✗", "Failed", "fail"),
    "missing": Mark("○", "No evidence", "missing"),
    "expired": Mark("⌛\ufe0e", "Expired", "expired"),
    "waived": Mark("◐", "Waived", "waived"),
    "not-applicable": Mark("\u2013", "Not applicable", "none"),
    "error": Mark("!", "Can't be judged", "error"),
}
PHASE = {
    "passed": Mark("✓", "Passed", "pass"),
    "open": Mark("○", "Open", "missing"),
    "locked": Mark("◌", "Locked", "none"),
}
CHECK = {
    True: Mark("✓", "holds", "pass"),
    False: Mark("✗", "does not hold", "fail"),
    None: Mark("·", "not judged", "none"),
}


def status(result: CriterionResult) -> Mark:
    """How a criterion's status is shown; a waived one never without what lies beneath."""
    mark = STATUS[result.status]
    if result.underlying is None:
        return mark
    return mark._replace(word=f"{mark.word}, otherwise {STATUS[result.underlying].word}")


_INSTANT = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")


def moments(text: str) -> str:
    """Text with its instants as people read them, to the second: `2026-11-24 15:07:00 UTC`."""
    return _INSTANT.sub(r"\1 \2 UTC", text)


def ahead(end: datetime, at: datetime) -> str:
    """How long `end` lies ahead of `at`, in its two largest units: `5 days 18 hours`."""
    return _units(end - at)


def length(of: timedelta) -> str:
    """A length of time in words, exact to the second: `90 days`, `1 hour 30 minutes`."""
    return _units(of, 4)


def _units(of: timedelta, most: int = 2) -> str:
    rest = of.days * 86400 + of.seconds
    parts = []
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(counted(count, word))
        elif parts and most == 2:
            break
    return " ".join(parts[:most]) or "less than a second"


def counted(count: int, word: str, words: str = "") -> str:
    """`1 day`, `3 days`."""
    return f"{count} {word if count == 1 else words or word + 's'}"


def sentence(text: str) -> str:
    """`text`, which begins small and ends without a stop, by itself."""
    return f"{text[:1].upper()}{text[1:]}."


def listed(items: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    found = list(items)
    return f" {last} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def numbers(policy: Policy) -> dict[str, str]:
    """By criterion: its number in a document, as `2.3`."""
    return {
        criterion.id: f"{p}.{c}"
        for p, phase in enumerate(policy.phases, 1)
        for c, criterion in enumerate(phase.criteria, 1)
    }


def short(digest: str) -> str:
    """The beginning of a digest, enough to tell records of one release apart."""
    return digest.removeprefix("sha256:")[:12]
