"""Several files in one submission, over HTTP."""

import gzip
import json
from hashlib import sha256
from itertools import count
from typing import Any

import pytest

from tests.support.policies import document, junit, metrics
from tests.support.problems import problem
from tests.support.world import World

Part = tuple[str, str | None, bytes]
_numbers = count()


@pytest.fixture
def path(world: World) -> str:
    return world.release()


def file(name: str, content: bytes) -> Part:
    return ("file", name, content)


def form(*parts: Part, boundary: str | None = None, head: str = "") -> tuple[bytes, str]:
    """A body with a boundary of its own, and its Content-Type."""
    boundary = boundary or f"Boundary-{next(_numbers)}"
    body = b""
    for name, filename, content in parts:
        named = f'; filename="{filename}"' if filename is not None else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{head}\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def send(world: World, path: str, *parts: Part, query: dict[str, str] | None = None, **more: Any) -> Any:
    body, media_type = form(*parts, **more)
    asked = {"type": "unit-tests"} if query is None else query
    return world.post(f"{path}/evidence", body, headers={"Content-Type": media_type}, params=asked)


def shard(n: int, failed: int = 0, stamp: str = "") -> Part:
    return file(f"{n}.xml", junit(2, failed, stamp, mark=str(n)))


def record(world: World, answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return world.get(f"/v1/evidence/{answer.json()['id']}").json()


class TestSeveralFiles:
    def test_become_one_record(self, world: World, path: str) -> None:
        answer = send(world, path, shard(1), shard(2, failed=1))
        assert answer.status_code == 201
        found = record(world, answer)
        assert (found["format"], found["strength"], found["shape"]) == ("junit", "measured", "test-report")
        assert (found["data"]["passed"], found["data"]["failed"], found["data"]["total"]) == (4, 1, 5)
        assert world.count("evidence") == 1
        assert world.status(path, "tests-pass") == "fail"

    def test_in_another_order_are_the_same(self, world: World, path: str) -> None:
        """Neither the order, nor the names, nor the boundary, which every sender makes up anew."""
        first = send(world, path, shard(1), shard(2), shard(3))
        again = send(world, path, shard(3), ("other", "x/y.xml", shard(1)[2]), shard(2))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["id"] == first.json()["id"]
        assert send(world, path, shard(1), shard(2)).json()["id"] != first.json()["id"]
        assert send(world, path, shard(1), shard(2), shard(4)).json()["id"] != first.json()["id"]

    def test_are_given_back_byte_for_byte(self, world: World, path: str) -> None:
        body, media_type = form(shard(1), shard(2))
        headers = {"Content-Type": media_type}
        first = world.post(f"{path}/evidence?type=unit-tests", body, headers=headers)
        send(world, path, shard(2), shard(1))
        raw = world.get(f"/v1/evidence/{first.json()['id']}/raw")
        assert raw.content == body
        kind, boundary = raw.headers["content-type"].split("; boundary=")
        assert (kind, f"--{boundary.strip(chr(34))}") == ("multipart/form-data", body.split(b"\r\n")[0].decode())

    def test_the_audit_names_each_by_its_digest(self, world: World, path: str) -> None:
        send(world, path, shard(2), shard(1))
        ((after,),) = world.sql.rows(
            "SELECT after FROM audit WHERE org = :org AND action = 'evidence.submitted'", org=world.org
        )
        told = json.loads(bytes(after))  # type: ignore[call-overload]
        assert told["files"] == sorted(sha256(shard(n)[2]).hexdigest() for n in (1, 2))

    def test_one_file_is_that_file(self, world: World, path: str) -> None:
        """However it was sent, it is the same record with the same bytes."""
        first = send(world, path, shard(1))
        again = world.post(f"{path}/evidence?type=unit-tests", shard(1)[2], headers={"Content-Type": "text/xml"})
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        assert world.get(f"/v1/evidence/{first.json()['id']}/raw").content == shard(1)[2]

    def test_a_copy_counts_once(self, world: World, path: str) -> None:
        answer = send(world, path, shard(1), file("copy.xml", shard(1)[2]), shard(2))
        assert record(world, answer)["data"]["total"] == 4
        assert "counts once" in answer.json()["warnings"][0]
        assert send(world, path, shard(1), shard(2)).json()["id"] == answer.json()["id"]

    def test_of_a_subject(self, world: World) -> None:
        policy = document("scoped-form")
        policy["evidence"]["unit-tests"]["scope"] = "subject"
        world.publish(policy)
        subject = world.subject(policy="scoped-form@^1")
        answer = send(world, f"/v1/subjects/{subject}", shard(1), shard(2))
        assert answer.status_code == 201
        assert world.status(world.release(subject), "tests-pass") == "pass"

    def test_compressed_as_a_whole(self, world: World, path: str) -> None:
        body, media_type = form(shard(1), shard(2))
        headers = {"Content-Type": media_type, "Content-Encoding": "gzip"}
        answer = world.post(f"{path}/evidence?type=unit-tests", gzip.compress(body), headers=headers)
        assert answer.status_code == 201
        assert world.get(f"/v1/evidence/{answer.json()['id']}/raw").content == body


class TestTimes:
    """Evidence is as old as its oldest part: a fresh shard must not lend its freshness to one that ran weeks ago."""

    def test_the_oldest_counts(self, world: World, path: str) -> None:
        old, new = "2027-02-26T13:00:00Z", "2027-03-05T11:00:00Z"
        answer = send(world, path, shard(1, stamp=new), shard(2, stamp=old))
        assert record(world, answer)["collected_at"] == old
        assert "count as of the oldest" in " ".join(answer.json()["warnings"])
        assert world.status(path, "tests-pass") == "pass"
        world.clock.forward(hours=2)
        assert world.status(path, "tests-pass") == "expired"

    def test_the_caller_speaks_for_a_file_without_one(self, world: World, path: str) -> None:
        query = {"type": "unit-tests", "collected_at": "2027-03-01T00:00:00Z"}
        answer = send(world, path, shard(1, stamp="2027-03-05T11:00:00Z"), shard(2), query=query)
        assert record(world, answer)["collected_at"] == "2027-03-01T00:00:00Z"

    def test_none_lies_ahead(self, world: World, path: str) -> None:
        ahead, old = shard(1, stamp="2027-03-05T12:06:00Z"), shard(2, stamp="2027-03-01T00:00:00Z")
        problem(send(world, path, ahead, old), 422, path="collected_at")


class TestFields:
    def test_say_what_the_query_can_say(self, world: World, path: str) -> None:
        fields: list[Part] = [
            ("type", None, b"unit-tests"),
            ("format", None, b"junit"),
            ("context.environment", None, "stäging".encode()),
            ("exit_code", None, b"1"),
            ("collected_at", None, b"2027-03-05T11:00:00+00:00"),
        ]
        answer = send(world, path, *fields, shard(1), shard(2), query={})
        found = record(world, answer)
        assert (found["context"], found["collected_at"]) == ({"environment": "stäging"}, "2027-03-05T11:00:00Z")
        assert found["data"]["errors"] == 1

    @pytest.mark.parametrize(
        ("fields", "query", "fault"),
        [
            ([], {}, "type"),
            ([("type", None, b"unit-tests")], {"type": "unit-tests"}, "type"),
            ([("type", None, b"unit-tests"), ("type", None, b"unit-tests")], {}, "type"),
            ([("context.a", None, b"1")], {"type": "unit-tests", "context.a": "1"}, "context.a"),
            ([("exit_code", None, b"x")], {"type": "unit-tests"}, "exit_code"),
            ([("collected_at", None, b"yesterday")], {"type": "unit-tests"}, "collected_at"),
            ([("type", None, b"\xff")], {}, "type"),
            ([("context.a", None, b"x" * 20_000)], {"type": "unit-tests"}, "context.a"),
            ([("context.a", None, b"\x00")], {"type": "unit-tests"}, "context.a"),
            ([("report", None, b"<testsuite/>")], {"type": "unit-tests"}, "report"),
            ([("raw", None, b"true")], {"type": "unit-tests"}, "raw"),
            ([("", None, b"true")], {"type": "unit-tests"}, ""),
        ],
    )
    def test_that_do_not_fit(
        self, world: World, path: str, fields: list[Part], query: dict[str, str], fault: str
    ) -> None:
        problem(send(world, path, *fields, shard(1), shard(2), query=query), 422, path=fault or None)
        assert world.count("evidence") == 0


class TestRefused:
    def test_without_a_file(self, world: World, path: str) -> None:
        body = problem(send(world, path, ("type", None, b"unit-tests"), query={}), 422)
        assert "filename" in body["detail"]

    def test_of_a_shape_without_a_rule(self, world: World, path: str) -> None:
        query = {"type": "evaluation", "context.split": "test"}
        raw = json.dumps(metrics()["metrics"]).encode()
        body = problem(send(world, path, file("a.json", raw), file("b.json", raw + b" "), query=query), 422)
        assert "'a.json', 'b.json'" in body["detail"]

    def test_of_two_formats(self, world: World, path: str) -> None:
        tap = b"TAP version 13\n1..1\nok 1 - x\n"
        body = problem(send(world, path, shard(1), file("x.tap", tap)), 422)
        assert "'1.xml' is junit" in body["detail"]
        assert "'x.tap' is tap" in body["detail"]
        assert world.count("evidence") == 0

    def test_one_of_them_is_broken(self, world: World, path: str) -> None:
        problem(send(world, path, shard(1), file("bad.xml", b"<testsuite>")), 400)
        problem(send(world, path, shard(1), file("bad.xml", b"")), 422)
        assert world.count("evidence") == 0

    def test_more_parts_than_are_read(self, world: World, path: str) -> None:
        assert send(world, path, *(shard(n) for n in range(100))).status_code == 201
        problem(send(world, path, *(shard(n) for n in range(101))), 400, "malformed")

    @pytest.mark.parametrize(
        "media_type",
        ["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="x;"',
         "multipart/form-data; boundary=" + "x" * 71, 'multipart/form-data; boundary="a b "'],
    )  # fmt: skip
    def test_without_a_boundary_that_can_be_one(self, world: World, path: str, media_type: str) -> None:
        body, _ = form(shard(1), shard(2), boundary="x")
        answer = world.post(f"{path}/evidence?type=unit-tests", body, headers={"Content-Type": media_type})
        problem(answer, 400, "malformed")

    @pytest.mark.parametrize("media_type", ["multipart/mixed; boundary=x", "multipart/related; boundary=x"])
    def test_another_multipart(self, world: World, path: str, media_type: str) -> None:
        body, _ = form(shard(1), boundary="x")
        problem(world.post(f"{path}/evidence?type=unit-tests", body, headers={"Content-Type": media_type}), 415)

    @pytest.mark.parametrize(
        "head",
        [
            "Content-Encoding: gzip\r\n",
            "Content-Transfer-Encoding: base64\r\n",
            'Content-Disposition: form-data; name="other"; filename="z"\r\n',
            "X: " + "y" * 5_000 + "\r\n",
            "".join(f"X-{n}: y\r\n" for n in range(20)),
            "no header\r\n",
            " folded\r\n",
        ],
    )
    def test_odd_headers_of_a_part(self, world: World, path: str, head: str) -> None:
        problem(send(world, path, shard(1), shard(2), head=head), 400, "malformed")
        assert world.count("evidence") == 0

    def test_a_body_that_ends_early_or_goes_on(self, world: World, path: str) -> None:
        body, media_type = form(shard(1), shard(2))
        headers = {"Content-Type": media_type}
        for raw in (
            b"",
            b"x",
            body[:-5],
            body[:-30],
            body[: len(body) // 2],
            b"x" + body,
            body[10:],
            body + body,
            body + b"x",
            b"\r\n" + body,
        ):
            problem(world.post(f"{path}/evidence?type=unit-tests", raw, headers=headers), 400, "malformed")
        assert world.count("evidence") == 0

    def test_any_byte_changed_never_breaks_it(self, world: World, path: str) -> None:
        body, media_type = form(shard(1), shard(2), ("context.a", None, b"1"))
        for at in range(0, len(body), 7):
            for byte in (b"\x00", b"\r", b"\xff", b'"'):
                raw = body[:at] + byte + body[at + 1 :]
                world.post(f"{path}/evidence?type=unit-tests", raw, headers={"Content-Type": media_type})


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x\\y.xml", "a%00b", "%22%0d%0aX: y", "x" * 3_000, "<script>", "naïve.xml", ""]
)
def test_names_are_only_words(world: World, path: str, name: str) -> None:
    answer = send(world, path, file(name, shard(1)[2]), file("b", junit(0)))
    assert answer.status_code == 201, answer.text
    assert all(warning.isprintable() and len(warning) < 400 for warning in answer.json()["warnings"])
