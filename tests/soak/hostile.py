"""Hostile requests against a running server, each answer judged by one oracle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.soak import generators, published, target
from tests.soak.oracle import SLOWEST, judged
from tests.soak.server import Served
from tests.soak.wire import Answer, Sent, Wire

_ASKED_EVERY = 100
"""Requests after which the decisions of the attacked release are looked at."""
_SHARE = 0.3
"""Of the bodies that schemathesis makes."""


@dataclass
class Outcome:
    """What a run found."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_sent: str = ""
    true_questions: int = 0
    """Of them, questions to which `go` was the right answer, and was given."""

    def told(self, name: str) -> str:
        """One line."""
        statuses = ", ".join(f"{status or 'broken'}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{name}: {self.sent} bodies, {len(self.faults)} faults; statuses {statuses}; "
            f"slowest answer {self.slowest:.2f} s; {self.true_questions} true questions answered go"
        )


def run(served: Served, bodies: int, seed: int, *, stop_after: int = 2_000) -> Outcome:
    """Send them. The server is started again where an attack ended it, so that one fault doesn't hide the next."""
    wire = Wire(served.host, served.port, patience=2 * SLOWEST)
    found = target.prepare(wire)
    outcome = Outcome()
    try:
        for sent, answer, wrong in _exchanges(served, wire, bodies, seed, found):
            _count(outcome, sent, answer, [*judged(sent, answer), *wrong])
            if not served.alive():
                outcome.faults.append(f"the server died of {sent.shown()}\n{served.told()}")
            if answer.broken or not served.alive():
                served.kill()
                served.start()
                wire.close()
                wire.turn_to(served.port)
            if outcome.sent % _ASKED_EVERY == 0 or outcome.sent == bodies:
                outcome.faults += [f"after {sent.shown()}: {each}" for each in target.gates_open(wire)]
            if len(outcome.faults) >= stop_after:
                break
    finally:
        wire.close()
    return outcome


def _exchanges(
    served: Served, wire: Wire, bodies: int, seed: int, found: target.Target
) -> Iterator[tuple[Sent, Answer, list[str]]]:
    by_schemathesis = int(bodies * _SHARE)
    count = 0
    for exchange in published.attack(served, by_schemathesis, seed, found):
        count += 1
        yield exchange
    for number in range(bodies - count):
        sent = generators.own(seed, number, found)
        yield sent._replace(kind=f"own {number}, {sent.kind}"), wire.send(sent), []


def _count(outcome: Outcome, sent: Sent, answer: Answer, wrong: list[str]) -> None:
    outcome.sent += 1
    outcome.statuses[answer.status] += 1
    outcome.kinds[sent.kind.rpartition(", ")[2]] += 1
    if sent.green and answer.status == 200 and not wrong:
        outcome.true_questions += 1
    if answer.seconds > outcome.slowest:
        outcome.slowest, outcome.slowest_sent = answer.seconds, sent.shown()
    if wrong:
        answered = f"{answer.status} in {answer.seconds:.2f} s {answer.body[:400]!r}"
        outcome.faults.append(f"{'; '.join(wrong)}: {sent.shown()} -> {answered}")
