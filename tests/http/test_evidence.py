"""Submitting, listing, reading and revoking evidence."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.policies import Document, document, junit, metrics, report
from tests.support.problems import problem
from tests.support.world import A, B, World, result

XML = {"Content-Type": "application/xml"}
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RECORD = {
    "id", "digest", "subject", "artifacts", "type", "shape", "format", "strength", "data", "context", "producer",
    "collected_at", "received_at", "submitted_by", "submitted_for", "identity", "revoked_at", "warnings",
}  # fmt: skip
ACCEPTED = {"id", "digest", "type", "shape", "format", "strength", "affects", "warnings"}


@pytest.fixture
def path(world: World) -> str:
    """A release."""
    return world.release()


@pytest.fixture
def subject(path: str) -> str:
    """The path of its subject."""
    return path.rsplit("/", 2)[0]


def instant(**ahead: float) -> str:
    return (START + timedelta(**ahead)).isoformat().replace("+00:00", "Z")


class TestEnvelope:
    @pytest.mark.parametrize(
        ("body", "path_of_fault"),
        [
            ({"type": "unit-tests"}, "data"),
            ({"data": report()}, "type"),
            ({"type": 3, "data": report()}, "type"),
            ({"type": "unit-tests", "data": []}, "data"),
            ({"type": "unit-tests", "data": report(), "context": []}, "context"),
            ({"type": "unit-tests", "data": report(), "context": {"a": 3}}, "context.a"),
            ({"type": "unit-tests", "data": report(), "context": {"a": None}}, "context.a"),
            ({"type": "unit-tests", "data": report(), "producer": "pytest"}, "producer"),
            ({"type": "unit-tests", "data": report(), "producer": {"name": "pytest"}}, "producer.name"),
            ({"type": "unit-tests", "data": report(), "strength": "measured"}, "strength"),
            ({"type": "unit-tests", "data": report(), "received_at": "2020-01-01T00:00:00Z"}, "received_at"),
            ({"type": "unit-tests", "data": report(), "submitted_by": "someone"}, "submitted_by"),
            ({"type": "unit-tests", "data": report(), "collected_at": 1700000000}, "collected_at"),
        ],
    )
    def test_what_is_none(self, world: World, path: str, body: dict[str, Any], path_of_fault: str) -> None:
        problem(world.post(f"{path}/evidence", body), 422, path=path_of_fault)
        assert world.count("evidence") == 0

    @pytest.mark.parametrize(
        ("change", "path_of_fault"),
        [
            ({"passed": "3"}, "data.passed"),
            ({"passed": 3.5}, "data.passed"),
            ({"passed": True}, "data.passed"),
            ({"passed": -1}, "data.passed"),
            ({"surprise": 1}, "data.surprise"),
            ({"duration_s": "1"}, "data.duration_s"),
            ({"cases": {}}, "data.cases"),
            ({"cases": [3]}, "data.cases[0]"),
            ({"properties": {"a": 1}}, "data.properties.a"),
        ],
    )
    def test_data_that_does_not_fit(self, world: World, path: str, change: dict[str, Any], path_of_fault: str) -> None:
        answer = world.post(f"{path}/evidence", {"type": "unit-tests", "data": report() | change})
        body = problem(answer, 422)
        assert any(fault["path"].endswith(path_of_fault.removeprefix("data.")) for fault in body["errors"]), body
        assert world.count("evidence") == 0

    def test_a_missing_field_of_the_data(self, world: World, path: str) -> None:
        for key in ("total", "passed", "failed", "errors", "skipped"):
            data = {name: value for name, value in report().items() if name != key}
            body = problem(world.post(f"{path}/evidence", {"type": "unit-tests", "data": data}), 422)
            assert key in json.dumps(body["errors"])
        problem(world.post(f"{path}/evidence", {"type": "unit-tests", "data": {}}), 422)

    def test_every_fault_at_once(self, world: World, path: str) -> None:
        data = report() | {"passed": "3", "failed": None, "surprise": 1}
        body = problem(world.post(f"{path}/evidence", {"type": "unit-tests", "data": data}), 422)
        assert len(body["errors"]) >= 3

    def test_a_nearly_known_field_is_corrected(self, world: World, path: str) -> None:
        data = report() | {"duraton_s": 1.0}
        body = problem(world.post(f"{path}/evidence", {"type": "unit-tests", "data": data}), 422)
        assert "duration_s" in json.dumps(body["errors"])

    def test_an_unknown_type(self, world: World, path: str) -> None:
        answer = world.post(f"{path}/evidence", {"type": "unit-test", "data": report()})
        body = problem(answer, 422, "unknown_evidence_type", "type")
        assert "unit-tests" in body["errors"][0]["suggestion"]

    def test_a_missing_context(self, world: World, path: str) -> None:
        for context in ({}, {"dataset": "x"}, {"Split": "test"}):
            answer = world.post(f"{path}/evidence", {"type": "evaluation", "data": metrics(), "context": context})
            problem(answer, 422, "missing_context", "context.split")

    def test_a_context_that_nothing_reads_is_a_warning(self, world: World, path: str) -> None:
        context = {"split": "test", "region": "eu"}
        accepted = world.submit(path, "evaluation", metrics(), context=context)
        assert "region" in accepted["warnings"][0]
        assert world.get(f"/v1/evidence/{accepted['id']}").json()["context"] == context

    def test_a_context_key_is_held_to_the_same_as_in_a_query(self, world: World, path: str) -> None:
        for key in ("", "x" * 65):
            body = {"type": "unit-tests", "data": report(), "context": {key: "x"}}
            problem(world.post(f"{path}/evidence", body), 422)

    def test_the_other_scope_names_the_right_path(self, world: World, path: str, subject: str) -> None:
        body = problem(world.post(f"{path}/evidence", {"type": "change-ticket", "data": {"approved": True}}), 422)
        assert f"{subject}/evidence" in body["detail"]
        body = problem(world.post(f"{subject}/evidence", {"type": "unit-tests", "data": report()}), 422)
        assert f"{subject}/releases/" in body["detail"]
        assert world.count("evidence") == 0

    def test_of_no_release(self, world: World, path: str) -> None:
        for wrong in (path.replace("1.0.0", "9"), "/v1/subjects/nothing/releases/1.0.0", "/v1/subjects/nothing"):
            problem(world.post(f"{wrong}/evidence", {"type": "unit-tests", "data": report()}), 404, "not_found")

    def test_accepted(self, world: World, path: str) -> None:
        body = {"type": "unit-tests", "data": report(), "producer": {"tool": "pytest", "version": "9.2"}}
        answer = world.post(f"{path}/evidence", body)
        assert answer.status_code == 201
        accepted = answer.json()
        assert accepted.keys() == ACCEPTED
        assert UUID7.fullmatch(accepted["id"])
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", accepted["digest"])
        assert accepted["affects"] == ["tests-pass"]
        record = world.get(f"/v1/evidence/{accepted['id']}").json()
        assert record.keys() == RECORD
        assert (
            record
            | {
                "artifacts": [A],
                "shape": "test-report",
                "format": "json",
                "strength": "declared",
                "data": report(),
                "context": {},
                "producer": {"tool": "pytest", "version": "9.2"},
                "collected_at": "2027-03-05T12:00:00Z",
                "received_at": "2027-03-05T12:00:00Z",
                "submitted_for": [],
                "identity": {},
                "revoked_at": None,
            }
            == record
        )

    def test_of_a_subject(self, world: World, subject: str) -> None:
        answer = world.post(f"{subject}/evidence", {"type": "change-ticket", "data": {"approved": True}})
        assert answer.status_code == 201
        record = world.get(f"/v1/evidence/{answer.json()['id']}").json()
        assert (record["artifacts"], record["type"]) == (None, "change-ticket")
        (listed,) = world.get(f"{subject}/evidence").json()["items"]
        assert listed == record

    def test_an_integer_for_a_double_is_kept_as_a_double(self, world: World, path: str) -> None:
        accepted = world.submit(path, "evaluation", metrics() | {"metrics": {"roc_auc": 1}}, context={"split": "test"})
        shown = world.get(f"/v1/evidence/{accepted['id']}").content
        assert b'"roc_auc":1.0' in shown.replace(b" ", b"")
        assert world.status(path, "good-enough") == "pass"

    def test_a_double_and_the_integer_are_the_same_record(self, world: World, path: str) -> None:
        one, other = (
            world.submit(path, "evaluation", metrics() | {"metrics": {"roc_auc": value}}, context={"split": "test"})
            for value in (1, 1.0)
        )
        assert one["id"] == other["id"]

    def test_a_null_in_the_data_is_dropped(self, world: World, path: str) -> None:
        one = world.submit(path, "unit-tests", report() | {"duration_s": None, "tool": None})
        assert one["id"] == world.submit(path)["id"]
        assert "duration_s" not in world.get(f"/v1/evidence/{one['id']}").json()["data"]

    def test_a_large_integer_survives(self, world: World, path: str) -> None:
        accepted = world.submit(path, "unit-tests", report() | {"unlisted": 2**53 + 1})
        assert world.get(f"/v1/evidence/{accepted['id']}").json()["data"]["unlisted"] == 2**53 + 1

    def test_beside_an_envelope_the_query_says_nothing(self, world: World, path: str) -> None:
        body = {"type": "unit-tests", "data": report()}
        for key in ("type", "collected_at", "exit_code", "context.split"):
            problem(world.post(f"{path}/evidence", body, params={key: "1"}), 422, path=key)


class TestOwnValues:
    """A subject's own parameter values, in the evidence type `success-criteria`."""

    @pytest.fixture
    def subject(self, world: World) -> str:
        policy = document("with-own-values")
        policy["evidence"]["success-criteria"] = {"shape": "success-criteria", "scope": "subject"}
        world.publish(policy)
        return f"/v1/subjects/{world.subject(policy='with-own-values@^1')}"

    def send(self, world: World, subject: str, params: Document) -> Any:
        return world.post(f"{subject}/evidence", {"type": "success-criteria", "data": {"params": params}})

    def test_within_bounds(self, world: World, subject: str) -> None:
        assert self.send(world, subject, {"min_auc": 1}).status_code == 201

    @pytest.mark.parametrize(
        ("params", "told"),
        [
            ({"min_auc": 0.4}, "must be at least 0.5"),
            ({"min_auc": True}, "must be a number, not true or false"),
            ({"min_auk": 0.8}, "has no such parameter"),
            ({"min_auc": "0.8"}, "must be a number, not text"),
        ],
    )
    def test_anything_else_is_refused(self, world: World, subject: str, params: Document, told: str) -> None:
        body = problem(self.send(world, subject, params), 422)
        (fault,) = body["errors"]
        assert fault["path"] == f"data.params.{next(iter(params))}"
        assert told in fault["message"]
        assert world.count("evidence") == 0


class TestTime:
    """`collected_at`, in an envelope and beside a file alike."""

    def send(self, world: World, path: str, when: str) -> list[Any]:
        body = {"type": "unit-tests", "data": report(), "collected_at": when}
        query = {"type": "unit-tests", "collected_at": when}
        return [
            world.post(f"{path}/evidence", body),
            world.post(f"{path}/evidence", junit(), headers=XML, params=query),
        ]

    @pytest.mark.parametrize(
        "when",
        ["", "now", "2027-03-05", "2027-03-05T12:00:00", "2027-03-05 12:00:00Z", "2027-02-30T12:00:00Z", "1700000000",
         "2027-03-05T12:00:60Z", "2027-03-05T25:00:00Z", "2027-03-05T12:00:00+25:00", "0000-01-01T00:00:00Z",
         "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2027-03-05T12:00Z", "20270305T120000Z"],
    )  # fmt: skip
    def test_what_is_no_instant(self, world: World, path: str, when: str) -> None:
        for answer in self.send(world, path, when):
            problem(answer, 422, path="collected_at")

    def test_five_minutes_ahead_at_most(self, world: World, path: str) -> None:
        for ahead in ({"minutes": 6}, {"minutes": 5, "microseconds": 1}, {"days": 36500}):
            for answer in self.send(world, path, instant(**ahead)):
                problem(answer, 422, path="collected_at")
        assert world.count("evidence") == 0
        for answer in self.send(world, path, instant(minutes=5)):
            assert answer.status_code == 201, answer.text

    def test_any_offset(self, world: World, path: str) -> None:
        for answer in self.send(world, path, "2027-03-05T09:30:00.120+05:30"):
            assert answer.status_code == 201
            record = world.get(f"/v1/evidence/{answer.json()['id']}").json()
            assert record["collected_at"] == "2027-03-05T04:00:00.12Z"
            assert record["received_at"] == "2027-03-05T12:00:00Z"

    def test_the_same_instant_by_another_offset_is_the_same_record(self, world: World, path: str) -> None:
        first = self.send(world, path, "2027-03-05T04:00:00Z")
        again = self.send(world, path, "2027-03-05T05:00:00.000+01:00")
        assert [each.json()["id"] for each in first] == [each.json()["id"] for each in again]

    def test_long_ago(self, world: World, path: str) -> None:
        for when in ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z"):
            for answer in self.send(world, path, when):
                record = world.get(f"/v1/evidence/{answer.json()['id']}").json()
                assert record["collected_at"] == when
        assert world.status(path, "tests-pass") == "expired"


class TestFile:
    def send(self, world: World, path: str, content: bytes, media: str = "application/xml", /, **query: str) -> Any:
        params = {"type": "unit-tests"} | query
        return world.post(f"{path}/evidence", content, headers={"Content-Type": media}, params=params)

    @pytest.mark.parametrize(
        ("query", "path_of_fault", "told"),
        [
            ({"format": "junitt"}, "format", "junit"),
            ({"format": ""}, "format", "junit"),
            ({"format": "\x00"}, "format", "junit"),
            ({"type": "evaluation", "context.split": "test"}, "format", "metrics-report"),
            ({"type": "evaluation", "context.split": "test", "format": "junit"}, "format", "metrics-report"),
            ({"type": "evaluation"}, "context.split", ""),
            ({"type": "unit-test"}, "type", "unit-tests"),
            ({"type": ""}, "type", ""),
            ({"exit_code": "one"}, "exit_code", ""),
            ({"exit_code": "256"}, "exit_code", ""),
            ({"raw": "yes"}, "raw", ""),
            ({"context.": "x"}, "context.", ""),
            ({"context.split": "\x00"}, "context.split", ""),
            ({"context.split": "x" * 4001}, "context.split", ""),
        ],
    )
    def test_a_query_that_does_not_fit(
        self, world: World, path: str, query: dict[str, str], path_of_fault: str, told: str
    ) -> None:
        body = problem(self.send(world, path, junit(), **query), 422, path=path_of_fault)
        assert told in json.dumps(body)
        assert world.count("evidence") == 0

    def test_without_a_type(self, world: World, path: str) -> None:
        problem(world.post(f"{path}/evidence", junit(), headers=XML), 422, path="type")

    @pytest.mark.parametrize(
        "raw",
        [b"", b"text", b"<html/>", b"\x00", b"<testsuite", b"<testsuite>" * 100_000, b"\xff\xfe",
         b'<!DOCTYPE x [<!ENTITY a "b">]><testsuite>&a;</testsuite>', b"<testsuite><testcase/></testsuit>",
         b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', b'{"a": 1}', b"[" * 100_000],
    )  # fmt: skip
    def test_what_is_no_such_file(self, world: World, path: str, raw: bytes) -> None:
        for query in ({}, {"format": "junit"}):
            answer = self.send(world, path, raw, **query)
            assert answer.status_code in (400, 422), answer.text
            problem(answer, answer.status_code)
        assert world.count("evidence") == 0

    @pytest.mark.parametrize(
        "media", ["application/xml", "text/xml; charset=utf-8", "application/octet-stream", "", "x"]
    )
    def test_whatever_it_is_called(self, world: World, path: str, media: str) -> None:
        answer = self.send(world, path, junit(3, 1), media)
        assert answer.status_code == 201
        accepted = answer.json()
        assert (accepted["format"], accepted["strength"], accepted["shape"]) == ("junit", "measured", "test-report")
        record = world.get(f"/v1/evidence/{accepted['id']}").json()
        counts = {key: record["data"][key] for key in ("total", "passed", "failed", "errors", "skipped")}
        assert counts == {"total": 4, "passed": 3, "failed": 1, "errors": 0, "skipped": 0}
        assert world.status(path, "tests-pass") == "fail"

    def test_named_json_needs_a_word_more(self, world: World, path: str) -> None:
        """`application/json` is an envelope unless the query says that it is a file."""
        problem(self.send(world, path, junit(), "application/json"), 400)
        assert self.send(world, path, junit(), "application/json", raw="true").status_code == 201
        assert self.send(world, path, junit(), "application/json", format="junit").status_code == 200
        problem(self.send(world, path, junit(), "application/json", raw="false"), 400)

    def test_context_comes_by_the_query(self, world: World, path: str) -> None:
        answer = self.send(world, path, junit(), **{"context.environment": "staging", "context.größe": "ä"})
        record = world.get(f"/v1/evidence/{answer.json()['id']}").json()
        assert record["context"] == {"environment": "staging", "größe": "ä"}
        assert len(answer.json()["warnings"]) == 2

    def test_an_exit_code_that_the_file_does_not_show(self, world: World, path: str) -> None:
        answer = self.send(world, path, junit(), exit_code="1")
        assert answer.status_code == 201
        assert answer.json()["warnings"]
        assert world.status(path, "tests-pass") == "fail"
        assert self.send(world, path, junit(), exit_code="0").json()["id"] != answer.json()["id"]

    @pytest.mark.parametrize("query", ["?type=unit-tests", ""])
    def test_the_headers_of_an_event_are_not_passed_over(self, world: World, path: str, query: str) -> None:
        """They can say that the tool failed, or name another release."""
        event = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/ci", "ce-type": "t", "ce-exitcode": "1"}
        body: Any
        body, media = (
            (junit(), "application/xml") if query else ({"type": "unit-tests", "data": report()}, "application/json")
        )
        answer = world.post(f"{path}/evidence{query}", body, headers={"Content-Type": media, **event})
        problem(answer, 422, path="ce-id")
        assert world.count("evidence") == 0

    def test_nothing_ran(self, world: World, path: str) -> None:
        answer = self.send(world, path, junit(0))
        assert answer.json()["warnings"]
        assert world.status(path, "tests-pass") == "fail"

    def test_its_own_time_goes_first(self, world: World, path: str) -> None:
        raw = junit(stamp="2027-03-04T10:00:00Z")
        answer = self.send(world, path, raw, collected_at="2027-03-04T10:06:00Z")
        assert answer.status_code == 201
        assert "2027-03-04T10:06:00Z" in answer.json()["warnings"][0]
        assert world.get(f"/v1/evidence/{answer.json()['id']}").json()["collected_at"] == "2027-03-04T10:00:00Z"
        near = self.send(world, path, raw, collected_at="2027-03-04T10:05:00Z")
        assert (near.status_code, near.json()["id"], near.json()["warnings"]) == (200, answer.json()["id"], [])

    def test_its_own_time_ahead(self, world: World, path: str) -> None:
        problem(self.send(world, path, junit(stamp=instant(minutes=6))), 422, path="collected_at")

    def test_a_time_without_a_zone_is_no_stated_time(self, world: World, path: str) -> None:
        answer = self.send(world, path, junit(stamp="2027-03-01T10:00:00"))
        assert "zone" in answer.json()["warnings"][0]
        assert world.get(f"/v1/evidence/{answer.json()['id']}").json()["collected_at"] == "2027-03-05T12:00:00Z"

    def test_of_a_subject(self, world: World) -> None:
        policy = document("scoped")
        policy["evidence"]["unit-tests"]["scope"] = "subject"
        world.publish(policy)
        subject = world.subject(policy="scoped@^1")
        answer = world.post(f"/v1/subjects/{subject}/evidence?type=unit-tests", junit(), headers=XML)
        assert answer.status_code == 201
        assert world.status(world.release(subject), "tests-pass") == "pass"


class TestIdentity:
    """Org, subject, artifacts, type, data, context, producer, strength, stated time, and the bytes of a file."""

    def test_the_same_again(self, world: World, path: str) -> None:
        body = {"type": "unit-tests", "data": report(), "context": {"a": "1", "b": "2"}}
        first = world.post(f"{path}/evidence", body)
        world.clock.forward(days=2)
        again = world.post(f"{path}/evidence", body | {"context": {"b": "2", "a": "1"}})
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() | {"warnings": []} == first.json() | {"warnings": []}
        assert sorted(again.json()["warnings"]) == sorted(first.json()["warnings"])
        record = world.get(f"/v1/evidence/{first.json()['id']}").json()
        assert (record["collected_at"], record["received_at"]) == (instant(), instant())
        assert world.audited().count("evidence.submitted") == 1

    def test_a_file_without_a_stated_time_refreshes_nothing(self, world: World, path: str) -> None:
        ids = set()
        for _ in range(3):
            answer = world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML)
            ids.add(answer.json()["id"])
            world.clock.forward(days=3)
        assert len(ids) == 1
        assert world.status(path, "tests-pass") == "expired"

    def test_whoever_sends_it(self, world: World, path: str) -> None:
        first = world.submit(path)
        token = world.token("evidence:write").secret
        again = world.post(f"{path}/evidence", {"type": "unit-tests", "data": report()}, token=token)
        assert (again.status_code, again.json()["id"]) == (200, first["id"])

    def test_what_makes_another_record(self, world: World, path: str) -> None:
        world.subject("another")
        other = world.release("another")
        ids = [
            world.submit(path)["id"],
            world.submit(path, data=report(4))["id"],
            world.submit(path, context={"a": "1"})["id"],
            world.submit(path, producer={"tool": "pytest"})["id"],
            world.submit(path, producer={"tool": "pytest", "version": "9"})["id"],
            world.submit(path, collected_at=instant())["id"],
            world.submit(path, collected_at=instant(hours=-1))["id"],
            world.submit(world.release(path.split("/")[3], "2", B))["id"],
            world.submit(other)["id"],
            world.post(f"{path}/evidence?type=unit-tests", junit(3), headers=XML).json()["id"],
            world.post(f"{path}/evidence?type=unit-tests", junit(3) + b"\n", headers=XML).json()["id"],
        ]
        assert len(set(ids)) == len(ids)

    def test_equal_names_in_two_orgs(self, world: World) -> None:
        other = world.another()
        one, two = (each.submit(each.release(each.subject("equal"))) for each in (world, other))
        assert one["id"] != two["id"]
        assert one["digest"] != two["digest"]
        problem(other.get(f"/v1/evidence/{one['id']}"), 404)

    def test_the_release_label_is_no_part(self, world: World, path: str) -> None:
        first = world.submit(path)
        assert world.submit(world.release(path.split("/")[3], "relabelled"))["id"] == first["id"]


class TestList:
    def test_newest_first_by_pages(self, world: World, path: str) -> None:
        ids = [world.submit(path, data=report(n))["id"] for n in range(1, 8)]
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = world.get(f"{path}/evidence", params={"limit": "3", **cursor}).json()
            assert all(item.keys() == RECORD for item in page["items"])
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == ids[::-1]

    def test_of_nothing(self, world: World, path: str) -> None:
        for wrong in ("/v1/subjects/nothing", "/v1/subjects/nothing/releases/1", path.replace("1.0.0", "9")):
            problem(world.get(f"{wrong}/evidence"), 404)


class TestRaw:
    def test_the_exact_bytes_and_no_browser_renders_them(self, world: World, path: str) -> None:
        raw = b"\xef\xbb\xbf" + junit(mark="\u00e9") + b"<!-- <script>alert(1)</script> -->\r\n"
        for media in ("text/html; charset=latin-1", "application/xml", "image/svg+xml"):
            answer = world.post(f"{path}/evidence?type=unit-tests", raw, headers={"Content-Type": media})
            assert answer.status_code in (200, 201), answer.text
            found = world.get(f"/v1/evidence/{answer.json()['id']}/raw")
            assert found.status_code == 200
            assert found.content == raw
            assert found.headers["x-content-type-options"] == "nosniff"
            assert found.headers["content-disposition"].startswith("attachment")

    def test_of_an_envelope(self, world: World, path: str) -> None:
        problem(world.get(f"/v1/evidence/{world.submit(path)['id']}/raw"), 404)

    def test_of_nothing(self, world: World) -> None:
        problem(world.get("/v1/evidence/01890000-0000-7000-8000-000000000000/raw"), 404)


class TestRevocation:
    @pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": None}, {"reason": 3}, {"reason": "x" * 4001}])
    def test_it_wants_a_reason(self, world: World, path: str, body: dict[str, Any]) -> None:
        sent = world.submit(path)
        problem(world.post(f"/v1/evidence/{sent['id']}/revocation", body), 422)
        assert world.get(f"/v1/evidence/{sent['id']}").json()["revoked_at"] is None

    def test_of_nothing(self, world: World) -> None:
        for wrong in ("01890000-0000-7000-8000-000000000000", "x", "01890000-0000-7000-8000-00000000000G"):
            problem(world.post(f"/v1/evidence/{wrong}/revocation", {"reason": "x"}), 404, "not_found")

    def test_it_stays_and_no_longer_counts(self, world: World, path: str) -> None:
        world.cleared(path)
        sent = world.submit(path)
        assert world.decision(path)["outcome"] == "go"
        world.clock.forward(hours=1)
        answer = world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "the run used old data"})
        assert answer.status_code in (200, 201)
        assert answer.json()["revoked_at"] == instant(hours=1)
        assert world.get(f"/v1/evidence/{sent['id']}").json()["revoked_at"] == instant(hours=1)
        decision = world.decision(path)
        assert decision["outcome"] == "no-go"
        found = result(decision, "tests-pass")
        assert (found["status"], found["evidence"]) == ("missing", [])
        assert sent["id"] in json.dumps(found["revoked"])

    def test_twice_changes_nothing(self, world: World, path: str) -> None:
        sent = world.submit(path)
        first = world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "one"})
        world.clock.forward(hours=1)
        again = world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "two"})
        assert again.json() == first.json()
        assert world.audited().count("evidence.revoked") == 1
        assert world.sql.rows("SELECT text FROM free_text WHERE org = :org", org=world.org) == [("one",)]

    def test_an_older_one_speaks_again(self, world: World, path: str) -> None:
        world.submit(path, data=report(3), collected_at=instant(hours=-2))
        worse = world.submit(path, data=report(3, 1), collected_at=instant(hours=-1))
        assert world.status(path, "tests-pass") == "fail"
        world.post(f"/v1/evidence/{worse['id']}/revocation", {"reason": "wrong branch"})
        assert world.status(path, "tests-pass") == "pass"

    def test_the_same_again_stays_revoked_and_says_so(self, world: World, path: str) -> None:
        sent = world.submit(path)
        world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "x"})
        again = world.submit(path)
        assert again["id"] == sent["id"]
        assert "revoked" in again["warnings"][0]
        assert world.status(path, "tests-pass") == "missing"
