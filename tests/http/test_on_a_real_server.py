"""What only a real server shows: chunks, sizes, sockets, and many at once."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.support.loopback import Loopback
from tests.support.policies import Document, document, report, simple
from tests.support.problems import problem
from tests.support.world import A, B, World

LARGE = 11 * 1024 * 1024


@pytest.fixture
def remote(loopback_server: Loopback) -> Iterator[World]:
    """An org of one's own on the real server."""
    with loopback_server.world() as world:
        yield world


def together(
    remote: World, calls: list[tuple[str, str, Any]], at_once: int = 20, media: str = "application/json"
) -> list[httpx.Response]:
    """Make all calls, so many at once; a body that is text is sent as it is, as `media`."""

    async def run() -> list[httpx.Response]:
        limit = asyncio.Semaphore(at_once)
        headers = {"Authorization": f"Bearer {remote.admin}"}
        limits = httpx.Limits(max_connections=at_once)
        async with httpx.AsyncClient(base_url=remote.http.base_url, headers=headers, limits=limits, timeout=60) as http:

            async def one(method: str, path: str, body: Any) -> httpx.Response:
                async with limit:
                    if isinstance(body, str):
                        return await http.request(method, path, content=body, headers={"Content-Type": media})
                    return await http.request(method, path, json=body)

            return await asyncio.gather(*(one(*call) for call in calls))

    return asyncio.run(run())


class TestSizes:
    def parts(self, start: bytes, size: int) -> Iterator[bytes]:
        yield start
        for _ in range(size // 65536):
            yield b"x" * 65536

    def test_too_large_with_a_length(self, remote: World) -> None:
        for path in ("/v1/evaluate", "/v1/policies/validate"):
            answer = remote.post(path, b'{"a": "' + b"x" * LARGE)
            problem(answer, 413, "too_large")

    def test_too_large_in_chunks(self, remote: World) -> None:
        headers = {"Content-Type": "application/json"}
        answer = remote.call("POST", "/v1/evaluate", content=self.parts(b'{"a": "', LARGE), headers=headers)
        problem(answer, 413, "too_large")

    def test_a_tools_file_too_large(self, remote: World) -> None:
        path = remote.release()
        headers = {"Content-Type": "application/xml"}
        content = self.parts(b"<testsuite>", LARGE)
        answer = remote.call("POST", f"{path}/evidence?type=unit-tests", content=content, headers=headers)
        problem(answer, 413, "too_large")
        assert remote.count("raw_content") == 0

    def test_nearly_too_large(self, remote: World) -> None:
        path = remote.release()
        body = {"type": "unit-tests", "data": report() | {"properties": {"log": "x" * (9 * 1024 * 1024)}}}
        answer = remote.post(f"{path}/evidence", body)
        assert answer.status_code in (201, 422), answer.text[:300]

    def test_a_body_in_chunks(self, remote: World) -> None:
        body = json.dumps(document()).encode()
        pieces = (body[n : n + 100] for n in range(0, len(body), 100))
        headers = {"Content-Type": "application/json"}
        assert remote.call("POST", "/v1/policies", content=pieces, headers=headers).status_code == 201

    def test_an_anonymous_caller_sends_in_vain(self, remote: World) -> None:
        answer = remote.call("POST", "/v1/evaluate", token=None, content=b"{}")
        problem(answer, 401)

    def test_a_request_that_is_none(self, loopback_server: Loopback) -> None:
        for raw in (
            b"\x00\x01\x02\r\n\r\n",
            b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
            b"GET /\x00 HTTP/1.1\r\nConnection: close\r\n\r\n",
        ):
            received = loopback_server.raw(raw)
            assert not received.startswith(b"HTTP/1.1 5"), received

    def test_a_header_with_strange_bytes(self, loopback_server: Loopback) -> None:
        for header in (
            b"Authorization: Bearer \xff\xfe",
            b"Accept: \xff",
            b"X-Request-ID: \xff",
            b"Content-Type: \xff/\xff",
        ):
            head = b"GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n\r\n"
            assert loopback_server.raw(head).startswith((b"HTTP/1.1 401", b"HTTP/1.1 400"))

    def test_a_request_id_is_kept_in_the_audit(self, remote: World) -> None:
        for request_id in ("abc", "x" * 10_000, "caf\u00e9"):
            name = remote.fresh()
            remote.publish(simple(name))
            headers = {"X-Request-ID": request_id.encode("latin-1")}
            answer = remote.post("/v1/policies", simple(name, "1.0.1"), headers=headers)
            assert answer.status_code == 201


class TestManyAtOnce:
    def test_one_record_and_one_id(self, remote: World) -> None:
        """100 identical submissions, 20 at once."""
        path = remote.release()
        remote.submit(path, data=report(1))
        body = {"type": "unit-tests", "data": report(), "collected_at": "2026-01-01T00:00:00Z"}
        answers = together(remote, [("POST", f"{path}/evidence", body)] * 100)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 99}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert remote.count("evidence") == 2
        assert remote.count("evidence_data") == 2
        assert remote.audited().count("evidence.submitted") == 2

    def test_different_records_at_once_are_all_there(self, remote: World) -> None:
        path = remote.release()
        bodies = [{"type": "unit-tests", "data": report(n)} for n in range(1, 61)]
        answers = together(remote, [("POST", f"{path}/evidence", body) for body in bodies])
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 60
        counters = remote.sql.rows("SELECT facts FROM facts_counter WHERE org = :org AND bound <> ''", org=remote.org)
        assert counters == [(61,)]  # and the registration

    def test_one_event(self, remote: World) -> None:
        """Sent at once with two different data: one of them is the event, the other never was."""
        remote.release()
        bodies = [
            {"specversion": "1.0", "id": "1", "source": "/ci", "type": "t", "data": self.envelope(n)} for n in (1, 2)
        ] * 10
        answers = together(remote, [("POST", "/v1/evidence", body) for body in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9, 409: 10}
        assert (remote.count("evidence"), remote.count("received_event")) == (1, 1)

    def test_bulks_in_opposite_orders(self, remote: World) -> None:
        remote.release()
        lines = [json.dumps(self.envelope(n)) for n in range(1, 200)]
        bodies = ["\n".join(order) for order in (lines, lines[::-1], lines, lines[::-1])]
        answers = together(remote, [("POST", "/v1/evidence", body) for body in bodies], media="application/x-ndjson")
        told = [json.loads(line) for answer in answers for line in answer.text.splitlines()]
        assert Counter(each["status"] for each in told) == {201: 199, 200: 3 * 199}
        assert len({each["id"] for each in told}) == remote.count("evidence") == 199
        assert remote.audited().count("evidence.submitted") == 199

    def envelope(self, passed: int) -> Document:
        return {"artifacts": [{"sha256": A}], "type": "unit-tests", "data": report(passed)}

    def test_one_release(self, remote: World) -> None:
        subject = remote.subject()
        bodies = [{"version": "1", "artifacts": [{"name": "f", "sha256": sha}]} for sha in (A, B)] * 10
        answers = together(remote, [("POST", f"/v1/subjects/{subject}/releases", body) for body in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9, 409: 10}
        assert remote.count("release") == 1

    def test_one_policy_version(self, remote: World) -> None:
        bodies = [simple("raced"), simple("raced", check="evidence.passed > 1")] * 10
        answers = together(remote, [("POST", "/v1/policies", body) for body in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 9, 409: 10}

    def test_two_policy_versions_that_are_too_near_each_other(self, remote: World) -> None:
        """Each is a large enough step from the one before both; whoever comes second is compared with the first."""
        for _ in range(5):
            name = remote.fresh("near")
            remote.publish(simple(name))
            bodies = [simple(name, version) for version in ("1.1.0", "1.1.1")]
            for n, body in enumerate(bodies):
                body["phases"][0]["criteria"].append(body["phases"][0]["criteria"][0] | {"id": f"extra-{n}"})
            answers = together(remote, [("POST", "/v1/policies", body) for body in bodies * 5])
            assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 4, 422: 5}

    def test_revisions_of_a_subject_are_counted_without_gaps(self, remote: World) -> None:
        remote.publish()
        bodies = [{"kind": "model", "team": f"team{n}", "attributes": {}, "policy": "acceptance@^1"} for n in range(20)]
        answers = together(remote, [("PUT", "/v1/subjects/raced", body) for body in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
        assert sorted(answer.json()["revision"] for answer in answers) == list(range(1, 21))
        assert remote.count("subject_revision") == 20
        assert remote.get("/v1/subjects/raced").json()["revision"] == 20

    def test_one_launch(self, remote: World) -> None:
        path = remote.release()
        remote.cleared(path)
        answers = together(remote, [("POST", f"{path}/launch", None)] * 20)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
        assert len({answer.text for answer in answers}) == 1
        assert (remote.count("launch"), remote.count("decision")) == (1, 1)

    def test_one_revocation(self, remote: World) -> None:
        sent = remote.submit(remote.release())
        calls = [("POST", f"/v1/evidence/{sent['id']}/revocation", {"reason": f"{n}"}) for n in range(20)]
        answers = together(remote, calls)
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert len({answer.json()["revoked_at"] for answer in answers}) == 1
        assert remote.audited().count("evidence.revoked") == 1

    def test_a_decision_is_never_older_than_what_was_acknowledged(self, remote: World) -> None:
        """Who got his 201 sees his record in the next decision, whatever others ask meanwhile."""
        path = remote.release()
        remote.cleared(path)

        async def run() -> list[str]:
            headers = {"Authorization": f"Bearer {remote.admin}"}
            async with httpx.AsyncClient(base_url=remote.http.base_url, headers=headers, timeout=60) as http:
                done = asyncio.Event()

                async def ask() -> None:
                    while not done.is_set():
                        answer = await http.get(f"{path}/decision")
                        assert answer.status_code == 200

                asking = [asyncio.create_task(ask()) for _ in range(4)]
                outcomes = []
                for n in range(12):
                    body = {"type": "unit-tests", "data": report(3, n % 2) | {"unlisted": n}}
                    sent = await http.post(f"{path}/evidence", json=body)
                    assert sent.status_code == 201
                    outcomes.append((await http.get(f"{path}/decision")).json()["outcome"])
                done.set()
                await asyncio.gather(*asking)
                return outcomes

        assert asyncio.run(run()) == ["go", "no-go"] * 6

    def test_a_large_file_in_an_event_keeps_nobody_waiting(self, remote: World) -> None:
        remote.release()
        cases = b"".join(b'<testcase name="c%d"/>' % n for n in range(100_000))
        headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/ci", "ce-type": "x"}

        async def run() -> list[float]:
            said = {"Authorization": f"Bearer {remote.admin}"}
            async with httpx.AsyncClient(base_url=remote.http.base_url, headers=said, timeout=60) as http:
                sending = asyncio.create_task(
                    http.post(
                        f"/v1/evidence?type=unit-tests&artifact={A}",
                        content=b"<testsuite>" + cases + b"</testsuite>",
                        headers=headers | {"Content-Type": "application/xml"},
                    )
                )
                waited = [0.0]
                began = monotonic()
                while not sending.done():
                    asked = monotonic()
                    assert (await http.get("/v1/me")).status_code == 200
                    waited.append(monotonic() - asked)
                assert sending.result().status_code == 201, sending.result().text
                return [monotonic() - began, max(waited)]

        took, longest = asyncio.run(run())
        assert longest < took / 2

    def test_a_revoked_token_ends_at_once(self, remote: World) -> None:
        from phasegate.operations.tokens import revoke
        from phasegate.storage.audit import Actor
        from phasegate.storage.database import Database

        made = remote.token("read")
        assert remote.get("/v1/me", token=made.secret).status_code == 200

        def end(made_id: str) -> Callable[[Database], Awaitable[object]]:
            return lambda database: revoke(database, Actor(remote.org, "x", "", "cli"), made_id, datetime.now(UTC))

        remote._execute(end(made.id))
        problem(remote.get("/v1/me", token=made.secret), 401)


class TestOthersNeedNotWait:
    """A policy of a megabyte takes seconds to compile."""

    def large(self) -> Any:
        policy = document()
        criterion = policy["phases"][0]["criteria"][0]
        that = " || ".join(f"evidence.passed == {n}" for n in range(150))
        criterion["checks"] = [{"that": f"{that} || evidence.passed == {n}", "otherwise": "no"} for n in range(200)]
        return policy

    @pytest.mark.parametrize("path", ["/v1/policies/validate", "/v1/evaluate"])
    def test_while_a_large_policy_is_read(self, remote: World, path: str) -> None:
        policy = self.large()
        release = {"version": "1", "artifacts": [{"name": "file", "sha256": A}]}
        asked = {"policy": policy, "subject": {"name": "model-x"}, "release": release}
        calls = [("POST", path, policy if path.endswith("validate") else asked)]
        finished: list[str] = []

        async def run() -> None:
            headers = {"Authorization": f"Bearer {remote.admin}"}
            async with httpx.AsyncClient(base_url=remote.http.base_url, headers=headers, timeout=120) as http:

                async def one(method: str, path: str, body: Any) -> None:
                    (await http.request(method, path, json=body)).raise_for_status()
                    finished.append(path)

                async def short() -> None:
                    for _ in range(20):
                        await asyncio.sleep(0.05)
                        await one("GET", "/health/live", None)

                await asyncio.gather(one(*calls[0]), short())

        asyncio.run(run())
        assert finished.index(path) >= 5
