"""SIGKILL at random moments while evidence is submitted: nothing acknowledged may be lost, nothing be there twice."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, Queue
from random import Random
from typing import Any

from sqlalchemy import text

from tests.soak import target
from tests.soak.server import TOKEN, Served
from tests.soak.wire import Answer, Sent, Wire

_CLIENTS = 8
_PATIENCE = 20.0
_TRIES = 200
_RESENT = 0.7
"""Of the submissions whose connection broke down: those that their sender sends again at once."""


@dataclass
class Killed:
    """What a run found."""

    submissions: int
    kills: int = 0
    acknowledged: int = 0
    broken: int = 0
    """Connections that a kill cut while an answer was waited for."""
    unknown: int = 0
    """Submissions of which the sender never learnt whether they were accepted."""
    kept: int = 0
    """Of those, records that were there all the same."""
    faults: list[str] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    def told(self, name: str) -> str:
        """One line."""
        slowest = max(self.restarts, default=0.0)
        return (
            f"{name}: {self.kills} kills during {self.submissions} submissions, {len(self.faults)} faults; "
            f"{self.acknowledged} acknowledged, {self.broken} connections cut, {self.unknown} left unanswered "
            f"({self.kept} of them recorded); slowest restart {slowest:.1f} s"
        )


def submission(number: int) -> Sent:
    """Distinct evidence: envelopes and files for a release, envelopes for its subject."""
    bearer = ("Authorization", f"Bearer {TOKEN}")
    if number % 3 == 0:
        body = target.junit().replace(b'time="0.104"', b'time="%d.5"' % number)
        path, media = f"{target.BASE}/evidence?type={target.JUNIT}", "application/xml"
    else:
        scope = "release" if number % 3 == 1 else "subject"
        kind = target.envelopes()[scope][0]
        tree: dict[str, Any] = {**kind, "producer": {"tool": "soak", "version": str(number)}}
        body, media = json.dumps(tree).encode(), "application/json"
        path = f"{target.BASE}/evidence" if scope == "release" else f"/v1/subjects/{target.SUBJECT}/evidence"
    return Sent(f"submission {number}", "POST", path, (bearer, ("Content-Type", media)), body)


def run(served: Served, kills: int, submissions: int, seed: int) -> Killed:
    """Submit, kill, restart; then look whether everything is there."""
    wire = Wire(served.host, served.port)
    _register(wire)
    wire.close()
    outcome = Killed(submissions)
    acknowledged = _Storm(served, outcome, kills, seed).blow()
    outcome.acknowledged = len(acknowledged)
    _check(served, outcome, acknowledged)
    return outcome


def _register(wire: Wire) -> None:
    assert wire.ask("PUT", f"/v1/subjects/{target.SUBJECT}", target.subject_body()).status == 201
    assert wire.ask("POST", f"/v1/subjects/{target.SUBJECT}/releases", target.release_body()).status == 201


class _Storm:
    """Clients that submit, and one who kills."""

    def __init__(self, served: Served, outcome: Killed, kills: int, seed: int) -> None:
        self._served = served
        self._outcome = outcome
        self._kills = kills
        self._seed = seed
        self._waiting: Queue[int] = Queue()
        self._acknowledged: dict[int, tuple[str, str]] = {}
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._up.set()

    def blow(self) -> dict[int, tuple[str, str]]:
        """Id and digest of each acknowledged submission."""
        for number in range(self._outcome.submissions):
            self._waiting.put(number)
        clients = [threading.Thread(target=self._submit, args=(n,)) for n in range(_CLIENTS)]
        for client in clients:
            client.start()
        try:
            self._kill(clients)
        finally:
            self._up.set()
            for client in clients:
                client.join()
        return self._acknowledged

    def _kill(self, clients: list[threading.Thread]) -> None:
        random = Random(f"{self._seed}:kills")
        total = self._outcome.submissions
        # Each in a slice of its own, so that none falls behind the end.
        moments = [int((n + random.random()) * total * 0.95 / self._kills) for n in range(self._kills)]
        for moment in moments:
            while total - self._waiting.qsize() < moment:
                assert any(client.is_alive() for client in clients), "all clients have failed"
                time.sleep(0.001)
            time.sleep(random.random() * 0.02)
            self._up.clear()
            self._served.kill()
            self._outcome.kills += 1
            began = time.monotonic()
            self._served.start()
            self._outcome.restarts.append(time.monotonic() - began)
            self._up.set()

    def _submit(self, client: int) -> None:
        random = Random(f"{self._seed}:client {client}")
        wire = Wire(self._served.host, self._served.port, _PATIENCE)
        try:
            while True:
                try:
                    number = self._waiting.get_nowait()
                except Empty:
                    return
                self._insist(wire, number, random)
        finally:
            wire.close()

    def _insist(self, wire: Wire, number: int, random: Random) -> None:
        for _ in range(_TRIES):
            self._up.wait()
            wire.turn_to(self._served.port)
            answer = wire.send(submission(number))
            if not answer.broken:
                with self._lock:
                    self._take(number, answer)
                return
            with self._lock:
                refused = answer.broken.startswith("ConnectionRefused")
                self._outcome.broken += not refused
            if not refused and random.random() > _RESENT:
                return
            time.sleep(0.01)
        self._outcome.faults.append(f"submission {number} found no server in {_TRIES} tries")

    def _take(self, number: int, answer: Answer) -> None:
        if answer.status in (200, 201):
            told = answer.json()
            self._acknowledged[number] = (told["id"], told["digest"])
        else:
            self._outcome.faults.append(f"submission {number}: {answer.status} {answer.body[:300]!r}")


def _check(served: Served, outcome: Killed, acknowledged: dict[int, tuple[str, str]]) -> None:
    wire = Wire(served.host, served.port, _PATIENCE)
    try:
        there = listed(wire)
        for number, (identifier, digest) in acknowledged.items():
            if there.count((identifier, digest)) != 1:
                outcome.faults.append(f"submission {number} is there {there.count((identifier, digest))} times")
        outcome.unknown = outcome.submissions - len(acknowledged)
        outcome.kept = len(there) - len(acknowledged)
        if not 0 <= outcome.kept <= outcome.unknown:
            outcome.faults.append(f"{len(there)} records of {len(acknowledged)} acknowledged submissions")
        known = {**acknowledged}
        for expected in ((200, 201), (200,)):
            _send_again(wire, outcome, known, expected)
        after = listed(wire)
        if len(after) != outcome.submissions or len(set(after)) != len(after):
            outcome.faults.append(f"{len(after)} records of {outcome.submissions} submissions, sent twice more")
    finally:
        wire.close()
    served.kill()
    outcome.faults += database_faults(served, after, len(after))


def _send_again(wire: Wire, outcome: Killed, known: dict[int, tuple[str, str]], expected: tuple[int, ...]) -> None:
    """All of them; what was known keeps its id, what wasn't becomes known."""
    for number in range(outcome.submissions):
        answer = wire.send(submission(number))
        if answer.status not in (expected if number not in known else (200,)):
            outcome.faults.append(f"submission {number} again: {answer.status} {answer.broken} {answer.body[:300]!r}")
            continue
        told = answer.json()
        if known.setdefault(number, (told["id"], told["digest"])) != (told["id"], told["digest"]):
            outcome.faults.append(f"submission {number} again: another record, {told['id']}, not {known[number][0]}")


def listed(wire: Wire) -> list[tuple[str, str]]:
    """Id and digest of every record, by the API."""
    found: list[tuple[str, str]] = []
    for path in (f"{target.BASE}/evidence", f"/v1/subjects/{target.SUBJECT}/evidence"):
        cursor = ""
        while True:
            page = wire.ask("GET", f"{path}?limit=200{cursor}").json()
            found += [(item["id"], item["digest"]) for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
    return found


def database_faults(served: Served, listed: list[tuple[str, str]], changes: int) -> list[str]:
    """What the tables say, read without the product's own code paths; `changes`: at least so many of the facts."""
    from phasegate.storage.database import sync_engine

    engine = sync_engine(served.database)
    faults: list[str] = []
    try:
        with engine.connect() as connection:

            def rows(statement: str) -> list[tuple[Any, ...]]:
                return [tuple(row) for row in connection.execute(text(statement))]

            if engine.dialect.name == "sqlite":
                said = rows("PRAGMA integrity_check") + rows("PRAGMA foreign_key_check")
                faults += [f"integrity check: {each}" for each in said if each != ("ok",)]
            records = [row[0] for row in rows("SELECT id FROM evidence")]
            audited = Counter(row[0] for row in rows("SELECT target_id FROM audit WHERE action = 'evidence.submitted'"))
            ((counters,),) = rows("SELECT COALESCE(SUM(facts), 0) FROM facts_counter")
            without_data = rows(
                "SELECT e.id FROM evidence e LEFT JOIN evidence_data d ON d.id = e.id AND d.org = e.org "
                "WHERE d.id IS NULL"
            )
            without_raw = rows(
                "SELECT e.id FROM evidence e LEFT JOIN raw_content r ON r.sha256 = e.raw_sha256 AND r.org = e.org "
                "WHERE e.raw_sha256 IS NOT NULL AND r.sha256 IS NULL"
            )
    finally:
        engine.dispose()
    if sorted(records) != sorted(identifier for identifier, _ in listed):
        faults.append(f"the table holds {len(records)} records, the API lists {len(listed)}")
    if audited != Counter(records):
        faults.append(f"{len(records)} records, {audited.total()} entries in the audit")
    if int(counters) < changes:
        faults.append(f"{len(records)} records, but the facts changed {counters} times")
    for what, found in (("normalised data", without_data), ("raw bytes", without_raw)):
        if found:
            faults.append(f"{len(found)} records lack their {what}, {found[0][0]} for one")
    return faults
