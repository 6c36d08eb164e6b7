"""Callers who begin a call and send its body later, when they may no longer do what they ask for."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from phasegate.engine.instants import parse_instant, rfc3339
from tests.support.desk import Desk, desk
from tests.support.loopback import Loopback
from tests.support.policies import as_json, report

LONG = 0.7
"""Seconds in which the server takes up a call that waits for its body."""


@pytest.fixture
def at(loopback_server: Loopback) -> Iterator[Desk]:
    with loopback_server.world() as world:
        yield desk(world)


def slowly(at: Desk, token: str, path: str, body: Any, meanwhile: Callable[[], Any], method: str = "POST") -> Any:
    """What is answered to a call whose last bytes are sent after `meanwhile`."""
    content = as_json(body)
    url = at.world.http.base_url
    head = f"{method} {path} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(head.encode() + content[:5])
        time.sleep(LONG)
        meanwhile()
        connection.sendall(content[5:])
        received = b""
        while part := connection.recv(65536):
            received += part
    lines, _, rest = received.partition(b"\r\n\r\n")
    return httpx.Response(int(lines.split()[1]), content=rest)


def approval(role: str, **more: Any) -> Any:
    return {"role": role, "verdict": "approve", "acknowledged": ["limits"], **more}


def waiver(criterion: str = "tests-pass") -> Any:
    ends = rfc3339(datetime.now(UTC) + timedelta(days=1))
    return {"criterion": criterion, "reason": "for once", "expires_at": ends}


def disable(at: Desk, person: str) -> None:
    at.world.person(person, disabled=True)


class TestTheInstant:
    """Nobody signs or waives as of an instant at which the server had not heard what he says."""

    def test_of_a_sign_off(self, at: Desk) -> None:
        begun: list[datetime] = []
        path = f"{at.path}/signoffs"
        answer = slowly(at, at.mia, path, approval("model-owner"), lambda: begun.append(datetime.now(UTC)))
        assert answer.status_code == 201
        assert parse_instant(answer.json()["at"]) >= begun[0]

    def test_of_a_waiver(self, at: Desk) -> None:
        begun: list[datetime] = []
        answer = slowly(at, at.lee, f"{at.path}/waivers", waiver(), lambda: begun.append(datetime.now(UTC)))
        assert answer.status_code == 201
        assert parse_instant(answer.json()["granted_at"]) >= begun[0]

    def test_a_decision_of_a_past_instant_stays_what_it_was(self, at: Desk) -> None:
        at.sign(at.mia, "model-owner")
        seen: list[bytes] = []

        def look() -> None:
            seen.append(at.world.get(f"{at.path}/decision").content)

        answer = slowly(at, at.ben, f"{at.path}/signoffs", approval("business-owner"), look)
        assert answer.status_code == 201
        then = httpx.Response(200, content=seen[0]).json()["evaluated_at"]
        assert at.world.get(f"{at.path}/decision?at={then}").content == seen[0]


class TestWhatEnded:
    def test_a_role(self, at: Desk) -> None:
        role = at.world.role("mia", "business-owner")
        path = f"{at.path}/signoffs"
        end = f"/v1/people/mia/roles/{role}"
        answer = slowly(at, at.mia, path, approval("business-owner"), lambda: at.world.call("DELETE", end))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_held")

    def test_a_role_that_expires(self, at: Desk) -> None:
        until = datetime.now(UTC) + timedelta(seconds=LONG * 4)
        at.world.role("mia", "business-owner", expires_at=rfc3339(until))

        def outlast() -> None:
            while datetime.now(UTC) <= until:
                time.sleep(0.05)

        answer = slowly(at, at.mia, f"{at.path}/signoffs", approval("business-owner"), outlast)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_held")

    @pytest.mark.parametrize("verdict", ["approve", "reject"])
    def test_a_person_who_signs(self, at: Desk, verdict: str) -> None:
        body = {**approval("model-owner"), "verdict": verdict}
        answer = slowly(at, at.mia, f"{at.path}/signoffs", body, lambda: disable(at, "mia"))
        assert (answer.status_code, at.world.count("signoff")) == (401, 0)

    def test_a_person_who_waives(self, at: Desk) -> None:
        answer = slowly(at, at.lee, f"{at.path}/waivers", waiver(), lambda: disable(at, "lee"))
        assert (answer.status_code, at.world.count("waiver")) == (401, 0)

    def test_a_person_who_decides_on_a_waiver(self, at: Desk) -> None:
        asked = at.world.post(f"{at.path}/waiver-requests", waiver(), token=at.mia).json()
        path = f"{at.path}/waiver-requests/{asked['id']}/verdict"
        answer = slowly(at, at.lee, path, {"verdict": "approve"}, lambda: disable(at, "lee"))
        assert (answer.status_code, at.world.count("waiver")) == (401, 0)

    def test_a_person_who_launches_despite_a_no_go(self, at: Desk) -> None:
        body = {"despite": True, "reason": "it burns", "kind": "emergency"}
        answer = slowly(at, at.lee, f"{at.path}/launch", body, lambda: disable(at, "lee"))
        assert (answer.status_code, at.world.count("launch")) == (401, 0)

    def test_a_token_whose_caller_waits_for_a_go(self, at: Desk) -> None:
        made = at.world.token("read")
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(at.world.get, f"{at.path}/decision?wait=30", token=made.secret)
            time.sleep(LONG)
            at.world.call("DELETE", f"/v1/tokens/{made.id}")
            answer = waiting.result()
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    def test_a_token_of_a_tool(self, at: Desk) -> None:
        made = at.world.token("evidence:write")
        body = {"type": "unit-tests", "data": report(0, failed=1)}
        end = f"/v1/tokens/{made.id}"
        answer = slowly(at, made.secret, f"{at.path}/evidence", body, lambda: at.world.call("DELETE", end))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert at.world.count("evidence") == 2
