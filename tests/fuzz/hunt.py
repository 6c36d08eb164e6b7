"""Changed files, read as the server reads them, and what may not come of it."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from phasegate.adapters.registry import adapters
from phasegate.errors import Invalid, Malformed
from tests.adapters.better import better
from tests.fuzz.grammar import grammar
from tests.fuzz.judge import Judgement, newest
from tests.fuzz.mutators import DAMAGE, Mutant, mutant
from tests.fuzz.originals import Original, Taken, forced, originals, take
from tests.support.memory import peak, resident

SLOWEST = 2.0
"""Seconds of work that a file may take."""
MOST_GROWTH = 100 * 2**20
"""Bytes by which the process may grow over all of them."""
HAVE_AN_END = frozenset({"tap", "wrk", "promtool-test"})
"""Formats of text that say when they are whole: a plan, last lines. JSON and XML always do."""
OPEN_ENDED = frozenset({"kubernetes", "prometheus-rules", "markdown-runbook", "model-card", "pandera"})
"""YAML, Markdown and CSV, of which a part is a file as well, which says less and may be better for it."""


@dataclass
class Outcome:
    """What a run found."""

    mutants: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    """Both by kind of change."""
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_one: str = ""
    growth: int = 0

    def told(self) -> str:
        """A table in words."""
        kinds = sorted({*self.refused, *self.accepted})
        rows = [f"  {kind:15} {self.refused[kind]:6} refused {self.accepted[kind]:6} accepted" for kind in kinds]
        head = (
            f"{self.mutants} mutants: {self.refused.total()} refused, {self.accepted.total()} accepted, "
            f"{len(self.faults)} faults; slowest {self.slowest:.2f} s ({self.slowest_one}); "
            f"growth {self.growth / 2**20:.0f} MiB"
        )
        return "\n".join([head, *rows])


def run(mutants: int, seed: int) -> Outcome:
    """Make and read them, each original in turn."""
    found = originals()
    judged = {each.name: newest().every(each.shape, each.taken.data) for each in found}
    outcome = Outcome()
    before = resident()
    for number in range(mutants):
        original = found[number % len(found)]
        made = mutant(original, found, Random(f"{seed}:{number}"))
        _try(f"{original.name}, {made.kind}, number {number}", original, made, judged[original.name], outcome)
    outcome.growth = max(0, peak() - before)
    if outcome.growth > MOST_GROWTH:
        outcome.faults.append(f"the process grew by {outcome.growth / 2**20:.0f} MiB")
    return outcome


def _try(name: str, original: Original, made: Mutant, judged: Judgement, outcome: Outcome) -> None:
    outcome.mutants += 1
    began = time.process_time()
    taken, wrong = _taken(original, made)
    seconds = time.process_time() - began
    (outcome.accepted if taken else outcome.refused)[made.kind] += 1
    if seconds > outcome.slowest:
        outcome.slowest, outcome.slowest_one = seconds, name
    if seconds > SLOWEST:
        wrong.append(f"took {seconds:.1f} s")
    if taken is not None:
        wrong += faults(original, made, taken, judged)
    outcome.faults += [f"{name}: {told}" for told in wrong]


def _taken(original: Original, made: Mutant) -> tuple[Taken | None, list[str]]:
    """What it gives, None where it is refused; and what is wrong with that."""
    try:
        return take(made.raw, original.shape), []
    except (Malformed, Invalid) as error:
        refusal = error.detail
    except Exception as error:
        return None, [f"raised {type(error).__name__}: {error}"]
    wrong = [] if refusal.isprintable() and 10 < len(refusal) < 1_500 else [f"is refused by {refusal!r}"]
    try:
        # What no fingerprint lets in: a file that changes between its detection and its reading.
        forced(adapters()[original.taken.format], made.raw, original.shape)
    except (Malformed, Invalid):
        pass
    except Exception as error:
        wrong.append(f"made the adapter raise {type(error).__name__}: {error}")
    return None, wrong


def faults(original: Original, made: Mutant, taken: Taken, judged: Judgement) -> Iterator[str]:
    """What is wrong with a damaged file that was accepted."""
    if made.kind not in DAMAGE:
        return
    of = grammar(original.path)
    cut = made.kind == "cut"
    if cut and (of in ("json", "xml") or (taken.format in HAVE_AN_END and not _told_as_cut(taken, original.taken))):
        yield "is cut and accepted"
    if made.kind == "doubled" and of != "text":
        yield "says something twice and is accepted"
    if cut and taken.format in OPEN_ENDED:
        return
    if taken.data != original.taken.data:
        yield from better(original.shape, taken.data, original.taken.data)
        yield from newest().every(original.shape, taken.data).better_than(judged)
        if of == "json" and made.kind == "no number" and _silent(taken, original.taken):
            yield "lost a number and doesn't say so"


def _told_as_cut(new: Taken, old: Taken) -> bool:
    """Tests that a plan promised are errors; what stands after the last of them are comments."""
    return new.data == old.data or new.data.get("errors", 0) > old.data.get("errors", 0)


def _silent(new: Taken, old: Taken) -> bool:
    return new.warnings == old.warnings and new.data.get("non_finite") == old.data.get("non_finite")
