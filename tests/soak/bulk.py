"""SIGKILL in the middle of a bulk of lines: what was answered is there, and sending all of it again adds the rest."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from random import Random
from typing import Any

from phasegate.http.addressed import CHUNK
from tests.soak import target
from tests.soak.kills import database_faults, listed
from tests.soak.server import TOKEN, Served
from tests.soak.wire import Wire

_PATIENCE = 60.0


@dataclass
class Cut:
    """What a run found."""

    lines: int
    kills: int = 0
    acknowledged: int = 0
    """Lines whose result arrived before a kill."""
    kept: int = 0
    """Records that were there after the kills."""
    faults: list[str] = field(default_factory=list)

    def told(self, name: str) -> str:
        """One line."""
        return (
            f"{name}: {self.kills} kills in bulks of {self.lines} lines, {len(self.faults)} faults; "
            f"{self.acknowledged} results had arrived, {self.kept} records were there"
        )


def body(lines: int) -> bytes:
    """Distinct evidence of the attacked release, by its artifacts."""
    artifacts = [{"sha256": artifact["sha256"]} for artifact in target.release_body()["artifacts"]]
    kind = target.envelopes()["release"][0]
    return b"".join(
        json.dumps({**kind, "artifacts": artifacts, "producer": {"tool": "bulk", "version": str(n)}}).encode() + b"\n"
        for n in range(lines)
    )


def run(served: Served, kills: int, lines: int, seed: int) -> Cut:
    """Send, kill after some of the results, start again, look what is there; at the end send all of it, twice."""
    wire = Wire(served.host, served.port, _PATIENCE)
    assert wire.ask("PUT", f"/v1/subjects/{target.SUBJECT}", target.subject_body()).status == 201
    assert wire.ask("POST", f"/v1/subjects/{target.SUBJECT}/releases", target.release_body()).status == 201
    wire.close()
    outcome, raw, random = Cut(lines), body(lines), Random(f"{seed}:bulk")
    known: dict[int, tuple[str, str]] = {}
    for n in range(kills):
        until = int((n + random.random()) * lines / (kills + 1))
        _take(outcome, known, _sent(served, raw, until))
        served.kill()
        outcome.kills += 1
        served.start()
    outcome.acknowledged = len(known)
    there = _there(served)
    outcome.kept = len(there)
    for line, record in known.items():
        if there.count(record) != 1:
            outcome.faults.append(f"line {line} is there {there.count(record)} times")
    for _ in range(2):
        told = _sent(served, raw, None)
        _take(outcome, known, told)
        if [each["line"] for each in told] != list(range(1, lines + 1)):
            outcome.faults.append(f"{len(told)} results for {lines} lines")
        created = sum(each["status"] == 201 for each in told)
        if created != lines - len(there):
            outcome.faults.append(f"{created} new records of {lines} lines, {len(there)} of which were there")
        there = _there(served)
        if len(there) != lines or len(set(there)) != lines:
            outcome.faults.append(f"{len(there)} records of {lines} lines")
    served.kill()
    outcome.faults += database_faults(served, there, lines // CHUNK)
    return outcome


def _there(served: Served) -> list[tuple[str, str]]:
    wire = Wire(served.host, served.port, _PATIENCE)
    try:
        return listed(wire)
    finally:
        wire.close()


def _take(outcome: Cut, known: dict[int, tuple[str, str]], told: list[dict[str, Any]]) -> None:
    for each in told:
        if each["status"] not in (200, 201):
            outcome.faults.append(f"line {each['line']}: {each}")
        elif known.setdefault(each["line"], (each["id"], each["digest"])) != (each["id"], each["digest"]):
            outcome.faults.append(f"line {each['line']} is another record now: {each['id']}")


def _sent(served: Served, raw: bytes, until: int | None) -> list[dict[str, Any]]:
    """Results that arrived, all of them or the first `until`."""
    connection = http.client.HTTPConnection(served.host, served.port, timeout=_PATIENCE)
    found: list[dict[str, Any]] = []
    try:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
        connection.request("POST", "/v1/evidence", raw, headers)
        if hasattr(socket, "TCP_QUICKACK"):
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        response = connection.getresponse()
        assert response.status == 200, response.read()[:300]
        while (until is None or len(found) < until) and (line := response.readline()):
            found.append(json.loads(line))
    finally:
        connection.close()
    return found
