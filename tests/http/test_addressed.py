"""`POST /v1/evidence`: evidence addressed by artifact digests."""

import base64
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest

from phasegate.http.addressed_bodies import SHA256
from phasegate.http.app import described
from tests.support.policies import Document, junit, metrics, report, simple
from tests.support.problems import nameless, problem
from tests.support.world import A, B, C, Sent, World

ROOT = Path(__file__).parents[2]
D = "d" * 64
PATH = "/v1/evidence"
STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
OWN = "urn:phasegate:attestation:evidence:v1"
IN_TOTO = "application/vnd.in-toto+json"
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"


def statement(*shas: str, kind: str = OWN, predicate: Document | None = None, **more: Any) -> Document:
    """A statement; by default our own predicate with a green report."""
    subject = [{"name": f"file-{n}", "digest": {"sha256": sha, "sha512": "0"}} for n, sha in enumerate(shas)]
    said = {"type": "unit-tests", "data": report()} if predicate is None else predicate
    return {"_type": STATEMENT, "subject": subject, "predicateType": kind, "predicate": said, **more}


def result(verdict: str = "PASSED", **lists: list[str]) -> Document:
    """A test-result predicate."""
    return {"result": verdict, "configuration": [], **lists}


def event(data: Any = None, **more: Any) -> Document:
    """An event in structured form."""
    said = {"specversion": "1.0", "id": "1", "source": "https://ci.example/job/42", "type": "evidence"}
    return said | ({} if data is None else {"data": data}) | more


def cdevent(outcome: str = "success", version: str = "0.3.0", kind: str = "testsuiterun", **ours: Any) -> Document:
    """A test run that finished."""
    content = {"outcome": outcome, "environment": {"id": "staging"}}
    return {
        "context": {
            "specversion": "0.5.1",
            "id": "run-1",
            "source": "/ci",
            "type": f"dev.cdevents.{kind}.finished.{version}",
            "timestamp": "2027-03-05T11:00:00Z",
        },
        "subject": {"id": "run-42", "content": content},
        "customData": {"phasegate": {"type": "unit-tests", "artifacts": [{"name": "m", "sha256": A}], **ours}},
    }


def send(world: World, body: Any, media: str = IN_TOTO, *, token: str = "", headers: Any = (), **query: Any) -> Sent:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = {key.replace("__", "."): value for key, value in query.items()}
    return world.post(PATH, content, headers={"Content-Type": media, **dict(headers)}, params=query, token=token)


def record(world: World, answer: Sent, status: int = 201) -> Document:
    """The record that an answer names."""
    assert answer.status_code == status, answer.text
    found: Document = world.get(f"/v1/evidence/{answer.json()['id']}").json()
    return found


@pytest.fixture
def path(world: World) -> str:
    """A release of the artifact A."""
    return world.release()


@pytest.fixture
def subject(path: str) -> str:
    """The name of its subject."""
    return path.split("/")[3]


class TestWhose:
    def test_the_one_subject_that_has_these_artifacts(self, world: World, path: str, subject: str) -> None:
        found = record(world, send(world, statement(A)))
        assert (found["subject"], found["artifacts"], found["strength"]) == (subject, [A], "declared")
        assert world.status(path, "tests-pass") == "pass"

    def test_it_is_the_same_record_as_by_the_ordinary_route(self, world: World, path: str) -> None:
        first = world.submit(path)
        answer = send(world, statement(A))
        assert (answer.status_code, answer.json()["id"]) == (200, first["id"])
        assert world.audited().count("evidence.submitted") == 1

    def test_several_subjects_have_them(self, world: World, path: str, subject: str) -> None:
        other = world.subject()
        world.release(other, "2")
        body = problem(send(world, statement(A)), 422, "which_subject", "subject")
        assert subject in body["detail"]
        assert other in body["detail"]
        assert world.count("evidence") == 0
        assert record(world, send(world, statement(A), subject=other))["subject"] == other

    def test_none_has_them(self, world: World, path: str, subject: str) -> None:
        problem(send(world, statement(B)), 422, "which_subject", "subject")
        answer = send(world, statement(B), subject=subject)
        found = record(world, answer)
        assert "once one is registered" in answer.json()["warnings"][0]
        assert found["artifacts"] == [B]
        later = world.release(subject, "2.0.0", B)
        assert world.status(later, "tests-pass") == "pass"
        assert world.status(path, "tests-pass") == "missing"

    def test_before_a_release_is_registered_the_subjects_binding_types_it(self, world: World) -> None:
        policy = simple("bound")
        world.publish(policy)
        subject = world.subject(policy="bound@^1")
        predicate = {"type": "evaluation", "data": metrics(), "context": {"split": "test"}}
        problem(send(world, statement(A, predicate=predicate), subject=subject), 422, "unknown_evidence_type")
        send(world, statement(A), subject=subject)
        assert world.decision(world.release(subject))["outcome"] == "go"

    def test_some_artifacts_of_a_release_count_for_none(self, world: World) -> None:
        subject = world.subject()
        path = world.release(subject, "1.0.0", A, B)
        for query in ({}, {"subject": subject}):
            answer = send(world, statement(A), **query)
            assert answer.status_code in (200, 201)
            assert "1.0.0" in answer.json()["warnings"][0], answer.json()
        found = record(world, answer, 200)
        assert (found["artifacts"], found["subject"]) == ([A], subject)
        assert found["warnings"]
        assert world.status(path, "tests-pass") == "missing"
        assert record(world, send(world, statement(B, A)))["warnings"] == []
        assert world.status(path, "tests-pass") == "pass"

    def test_sent_to_one_release_and_naming_another_it_counts_for_neither(self, world: World) -> None:
        subject = world.subject()
        both, one = world.release(subject, "1.0.0", A, B), world.release(subject, "2.0.0", A)
        sent_to_a_release = (
            world.post(f"{both}/evidence", statement(A), headers={"Content-Type": IN_TOTO}),
            send(world, statement(A), subject=f"{subject}/1.0.0"),
            send(world, event(statement(A), subject=f"{subject}/1.0.0"), EVENT),
            send(
                world,
                {"subject": subject, "release": "1.0.0", "artifacts": [{"sha256": A}]}
                | {"type": "unit-tests", "data": report()},
                "application/json",
            ),
        )
        assert [answer.status_code for answer in sent_to_a_release] == [201, 200, 200, 200]
        for answer in sent_to_a_release:
            (warning,) = answer.json()["warnings"]
            assert "1.0.0" in warning
            assert "no release" in warning
            assert answer.json()["affects"] == []
        assert record(world, sent_to_a_release[0])["artifacts"] == [A]
        assert {world.status(path, "tests-pass") for path in (both, one)} == {"missing"}
        assert world.get(f"{one}/evidence").json()["items"] == []
        # Said of nothing but the artifacts, the same is another record, which the wrong one doesn't keep away.
        assert record(world, send(world, statement(A)))["artifacts"] == [A]
        assert (world.status(both, "tests-pass"), world.status(one, "tests-pass")) == ("missing", "pass")

    def test_a_release_that_is_not_registered_yet(self, world: World, path: str, subject: str) -> None:
        (warning,) = send(world, statement(A), subject=f"{subject}/2.0.0").json()["warnings"]
        assert "2.0.0" in warning
        assert "1.0.0" in warning
        assert world.status(path, "tests-pass") == "pass"

    def test_more_artifacts_than_a_release_has(self, world: World, path: str, subject: str) -> None:
        problem(send(world, statement(A, B)), 422, "which_subject")
        assert send(world, statement(A, B), subject=f"{subject}/1.0.0").json()["warnings"]
        assert world.status(path, "tests-pass") == "missing"

    def test_order_and_repetition_do_not_matter(self, world: World) -> None:
        path = world.release(None, "1.0.0", A, B)
        first = send(world, statement(B, A, B))
        assert record(world, first)["artifacts"] == [A, B]
        assert send(world, statement(A, B)).json()["id"] == first.json()["id"]
        assert world.status(path, "tests-pass") == "pass"

    def test_a_release_named_without_artifacts(self, world: World, path: str, subject: str) -> None:
        body = {"subject": subject, "release": "1.0.0", "type": "unit-tests", "data": report()}
        assert record(world, send(world, body, "application/json"))["artifacts"] == [A]
        problem(send(world, body | {"release": "9"}, "application/json"), 404, "not_found")

    def test_nothing_says_whose(self, world: World, path: str) -> None:
        body = {"type": "unit-tests", "data": report()}
        problem(send(world, body, "application/json"), 422, path="artifacts")

    def test_evidence_of_a_subject(self, world: World, subject: str) -> None:
        body = {"subject": subject, "type": "change-ticket", "data": {"approved": True}}
        assert record(world, send(world, body, "application/json"))["artifacts"] is None
        for more in ({"release": "1.0.0"}, {"artifacts": [{"sha256": A}]}):
            answer = problem(send(world, body | more, "application/json"), 422, path="type")
            assert f"/v1/subjects/{subject}/evidence" in answer["detail"]
        answer = problem(send(world, body | {"type": "unit-tests", "data": report()}, "application/json"), 422)
        assert "releases/VERSION" in answer["detail"]

    def test_an_unknown_subject(self, world: World, path: str) -> None:
        problem(send(world, statement(A), subject="nothing"), 404, "not_found")
        for wrong in ("", "a b", "/x", "x/", "x/y/z", "\x00"):
            problem(send(world, statement(A), subject=wrong), 422, path="subject")

    def test_what_is_stated_twice_agrees(self, world: World, path: str, subject: str) -> None:
        body = {"subject": subject, "artifacts": [{"sha256": A}], "type": "unit-tests", "data": report()}
        assert send(world, body, "application/json", subject=subject, artifact=A, type="unit-tests").status_code == 201
        for query, where in (
            ({"subject": "other"}, "subject"),
            ({"artifact": B}, "artifact"),
            ({"type": "evaluation"}, "type"),
        ):
            problem(send(world, body, "application/json", **query), 422, path=where)
        assert world.count("evidence") == 1

    def test_artifacts_in_the_query(self, world: World) -> None:
        world.release(None, "1.0.0", A, B)
        body = {"type": "unit-tests", "data": report()}
        assert record(world, send(world, body, "application/json", artifact=[B, A]))["artifacts"] == [A, B]
        problem(send(world, body, "application/json", artifact=[A, "x"]), 422, path="artifact")

    def test_that_the_tool_failed_is_not_lost(self, world: World, path: str) -> None:
        own = {"artifacts": [{"sha256": A}], "type": "unit-tests", "data": report()}
        for answer in (
            send(world, own, "application/json", exit_code="1"),
            send(world, statement(A), exit_code="1"),
            send(world, event(own, exitcode="-9"), EVENT),
            world.post(f"{path}/evidence?exit_code=2", statement(A), headers={"Content-Type": IN_TOTO}),
        ):
            problem(answer, 422, path="exit_code")
        line = json.loads(send(world, json.dumps(event(own, exitcode="1")).encode(), NDJSON).text)
        assert (line["status"], line["errors"][0]["path"]) == (422, "exit_code")
        for answer in (send(world, own, "application/json", format="junit"), send(world, statement(A), format="tap")):
            problem(answer, 422, path="format")
        assert world.count("evidence") == 0
        assert send(world, own, "application/json", exit_code="0").status_code == 201


class TestWho:
    def test_outside_the_tokens_subjects(self, world: World) -> None:
        world.release(world.subject("fraud-1"))
        world.release(world.subject("churn-1"), "1", B)
        token = world.token("evidence:write", subjects=("fraud-*",)).secret
        assert send(world, statement(A), token=token).status_code == 201
        problem(send(world, statement(B), token=token), 403, "outside_token_subjects")
        for name in ("churn-1", "nothing"):
            problem(send(world, statement(B), token=token, subject=name), 403, "outside_token_subjects")
        problem(send(world, statement(C), token=token), 422, "which_subject")
        assert world.count("evidence") == 1

    def test_of_several_the_one_within_the_tokens_subjects(self, world: World) -> None:
        for name in ("fraud-1", "churn-1"):
            world.release(world.subject(name))
        token = world.token("evidence:write", subjects=("fraud-*",)).secret
        answer = send(world, statement(A), token=token)
        assert record(world, answer)["subject"] == "fraud-1"

    def test_of_another_org_nothing_can_be_learnt(self, world: World, path: str, subject: str) -> None:
        other = world.another()
        there = problem(send(other, statement(A)), 422, "which_subject")
        nowhere = problem(send(other, statement(D)), 422, "which_subject")
        assert nameless(there) == nameless(nowhere)
        there = problem(send(other, statement(A), subject=subject), 404)
        nowhere = problem(send(other, statement(A), subject="nothing"), 404)
        assert nameless(there) == nameless(nowhere)


class TestStatement:
    def test_a_test_result(self, world: World, path: str) -> None:
        predicate = result(passedTests=["a", "b"])
        answer = send(world, statement(A, kind=TEST_RESULT, predicate=predicate), type="unit-tests")
        found = record(world, answer)
        assert (found["format"], found["strength"]) == ("in-toto-test-result", "measured")
        assert (found["data"]["passed"], found["data"]["total"]) == (2, 2)
        assert world.status(path, "tests-pass") == "pass"
        raw = world.get(f"/v1/evidence/{found['id']}/raw")
        assert json.loads(raw.content)["predicate"] == predicate
        assert raw.headers["content-type"] == IN_TOTO

    @pytest.mark.parametrize(
        ("predicate", "status"),
        [
            (result("FAILED", passedTests=["a"], failedTests=["b"]), "fail"),
            (result("FAILED", passedTests=["a"]), "fail"),
            (result("WARNED", passedTests=["a"]), "fail"),
            (result("PASSED", passedTests=["a"], failedTests=["a"]), "fail"),
            (result("PASSED"), "fail"),
            (result("WARNED", passedTests=["a"], warnedTests=["b"]), "pass"),
        ],
    )
    def test_the_worst_of_what_it_says_counts(self, world: World, path: str, predicate: Document, status: str) -> None:
        answer = send(world, statement(A, kind=TEST_RESULT, predicate=predicate), type="unit-tests")
        assert answer.status_code == 201, answer.text
        assert world.status(path, "tests-pass") == status
        if predicate["result"] == "WARNED":
            assert "WARNED" in answer.json()["warnings"][0]

    def test_its_type_has_to_be_said(self, world: World, path: str) -> None:
        body = statement(A, kind=TEST_RESULT, predicate=result(passedTests=["a"]))
        problem(send(world, body), 422, path="type")
        problem(send(world, body, type="evaluation", context__split="test"), 422)
        problem(send(world, body, type="unit-tests", format="junit"), 422, path="format")

    def test_a_tools_document_as_predicate(self, world: World) -> None:
        policy = simple("scanned", check="evidence.components > 0")
        policy["evidence"]["unit-tests"]["shape"] = "scan-report"
        world.publish(policy)
        path = world.release(world.subject(policy="scanned@^1"))
        sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "x"}]}
        body = statement(A, kind="https://cyclonedx.org/bom", predicate=sbom)
        found = record(world, send(world, body, type="unit-tests"))
        assert (found["format"], found["strength"], found["shape"]) == ("cyclonedx", "measured", "scan-report")
        assert world.status(path, "tests-pass") == "pass"

    def test_a_predicate_that_nothing_reads(self, world: World, path: str) -> None:
        body = statement(A, kind="https://slsa.dev/provenance/v1", predicate={"buildDefinition": {}})
        answer = problem(send(world, body, type="unit-tests"), 422, path="format")
        assert "junit" in answer["detail"]

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ([], ""),
            (
                {"_type": "https://in-toto.io/Statement/v2"} | {k: v for k, v in statement(A).items() if k != "_type"},
                "_type",
            ),
            ({"_type": "other"}, "_type"),
            (statement(), "subject"),
            (statement(A) | {"subject": None}, "subject"),
            (statement(A) | {"subject": [{}]}, "subject[0].digest"),
            (statement(A) | {"subject": [{"digest": {}}]}, "subject[0].digest"),
            (statement(A) | {"subject": [{"digest": {"sha512": A}}]}, "subject[0].digest"),
            (statement(A) | {"subject": [{"digest": {"sha256": A.upper()}}]}, "subject[0].digest.sha256"),
            (statement(A) | {"subject": [{"digest": {"sha256": 3}}]}, "subject[0].digest.sha256"),
            (statement(A) | {"predicateType": ""}, "predicateType"),
            (statement(A) | {"predicate": []}, "predicate"),
            (statement(A, predicate={"type": "unit-tests", "data": report(), "surprise": 1}), "predicate.surprise"),
            (statement(A, predicate={"type": "unit-tests"}), "predicate.data"),
            (statement(A, predicate={"type": 3, "data": {}}), "predicate.type"),
            (
                statement(A, predicate={"type": "unit-tests", "data": report(), "collected_at": "x"}),
                "predicate.collected_at",
            ),
            (statement(A, predicate={"type": "unit-tests", "data": report(), "artifacts": []}), "predicate.artifacts"),
            (statement(*(f"{n:064x}" for n in range(10_000))), "artifacts"),
        ],
    )
    def test_what_is_none(self, world: World, path: str, body: Any, where: str) -> None:
        problem(send(world, body), 422, path=where)
        assert world.count("evidence") == 0

    def test_unknown_fields_and_other_digests_are_ignored(self, world: World, path: str) -> None:
        body = statement(A, extension={"a": [1]})
        body["subject"][0] |= {"uri": "x", "annotations": {}}
        body["subject"][0]["digest"]["gitCommit"] = 3
        assert send(world, body).status_code == 201

    def test_posted_to_a_release(self, world: World, path: str) -> None:
        for body, counts in ((statement(B), False), (statement(A, B), False), (statement(A), True)):
            answer = world.post(f"{path}/evidence", body, headers={"Content-Type": IN_TOTO})
            assert answer.status_code == 201, answer.text
            assert bool(answer.json()["warnings"]) is not counts
            assert (world.status(path, "tests-pass") == "pass") is counts
        body = statement(A, kind=TEST_RESULT, predicate=result(passedTests=["a"]))
        answer = world.post(f"{path}/evidence?type=unit-tests", body, headers={"Content-Type": IN_TOTO})
        assert record(world, answer)["format"] == "in-toto-test-result"
        problem(world.post(f"{path}9/evidence", body, headers={"Content-Type": IN_TOTO}), 404)

    def test_posted_to_a_release_as_plain_json_it_is_told_how(self, world: World, path: str) -> None:
        answer = problem(world.post(f"{path}/evidence", statement(A)), 422, path="_type")
        assert IN_TOTO in answer["detail"]

    def test_as_plain_json_and_by_its_predicate(self, world: World, path: str) -> None:
        first = send(world, statement(A), "application/json")
        for media in ("application/vnd.in-toto.test-result+json", "Application/VND.in-toto+JSON; charset=utf-8"):
            assert send(world, statement(A), media).json()["id"] == first.json()["id"]


class TestCloudEvent:
    def data(self, **more: Any) -> Document:
        return {"type": "unit-tests", "artifacts": [{"name": "m", "sha256": A}], "data": report(), **more}

    def test_structured(self, world: World, path: str) -> None:
        found = record(world, send(world, event(self.data(), time="2027-03-05T11:00:00Z"), EVENT))
        assert (found["collected_at"], found["strength"]) == ("2027-03-05T11:00:00Z", "declared")
        assert world.status(path, "tests-pass") == "pass"

    def test_the_same_again_and_with_other_data(self, world: World, path: str) -> None:
        first = send(world, event(self.data()), EVENT)
        again = send(world, event(self.data()), EVENT)
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        problem(send(world, event(self.data(data=report(1))), EVENT), 409, "event_exists")
        problem(send(world, event(self.data(), time="2027-03-05T11:00:00Z"), EVENT), 409, "event_exists")
        assert world.count("evidence") == 1
        for more in ({"id": "2"}, {"source": "/other"}):
            assert send(world, event(self.data(data=report(1)), **more), EVENT).status_code in (200, 201)
        assert world.count("evidence") == 2

    def test_a_tools_file(self, world: World, path: str, subject: str) -> None:
        coded = base64.b64encode(junit()).decode()
        body = event(
            data_base64=coded, datacontenttype="application/xml", evidencetype="unit-tests", subject=f"{subject}/1.0.0"
        )
        found = record(world, send(world, body, EVENT))
        assert (found["format"], found["strength"]) == ("junit", "measured")
        assert world.get(f"/v1/evidence/{found['id']}/raw").content == junit()
        ordinary = world.post(
            f"{path}/evidence", junit(), headers={"Content-Type": "application/xml"}, params={"type": "unit-tests"}
        )
        assert (ordinary.status_code, ordinary.json()["id"]) == (200, found["id"])

    def test_a_tools_file_as_text(self, world: World, path: str, subject: str) -> None:
        body = event(junit().decode(), datacontenttype="text/xml", evidencetype="unit-tests", subject=subject)
        assert record(world, send(world, body, EVENT, artifact=A))["format"] == "junit"
        body = event(self.data(format="junit", data=junit().decode()), id="2")
        assert send(world, body, EVENT).status_code in (200, 201)

    def test_binary(self, world: World, path: str, subject: str) -> None:
        headers = {
            "ce-specversion": "1.0",
            "ce-id": "7",
            "ce-source": "/ci",
            "ce-type": "x",
            "CE-Subject": f"{subject}/1.0.0",
            "ce-time": "2027-03-05T11:00:00Z",
            "ce-environment": "Euro%20%E2%82%AC%20%F0%9F%98%80",
        }
        answer = send(world, junit(), "application/xml", headers=headers, type="unit-tests")
        found = record(world, answer)
        assert found["context"] == {"environment": "Euro € 😀"}
        assert found["collected_at"] == "2027-03-05T11:00:00Z"
        assert send(world, junit(), "application/xml", headers=headers, type="unit-tests").status_code == 200
        problem(send(world, junit(3), "application/xml", headers=headers, type="unit-tests"), 409)

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"ce-specversion": "0.3"}, "ce-specversion"),
            ({"ce-id": ""}, "ce-id"),
            ({"ce-type": ""}, "ce-type"),
            ({"ce-datacontenttype": "text/xml"}, "ce-datacontenttype"),
            ({"ce-time": "yesterday"}, "ce-time"),
            ({"ce-my-thing": "x"}, "ce-my-thing"),
            ({"ce-subject": "a%0Ab"}, "ce-subject"),
            ({"ce-subject": "a/b/c"}, "ce-subject"),
            ({"ce-exitcode": "one"}, "ce-exitcode"),
        ],
    )
    def test_headers_that_are_no_event(self, world: World, path: str, change: Any, where: str) -> None:
        headers = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/ci", "ce-type": "x"} | change
        problem(send(world, junit(), "text/xml", headers=headers, type="unit-tests", artifact=A), 422, path=where)

    def test_a_header_that_is_not_utf_8(self, world: World, path: str) -> None:
        headers = {"ce-specversion": "1.0", "ce-id": "%C0%A0", "ce-source": "/ci", "ce-type": "x"}
        answer = send(world, junit(), "text/xml", headers=headers, type="unit-tests", artifact=A)
        problem(answer, 400, "malformed", "ce-id")

    @pytest.mark.parametrize(
        ("body", "status", "where"),
        [
            ([], 422, ""),
            ({}, 422, "specversion"),
            (event(), 422, "data"),
            (event({}) | {"data_base64": "e30="}, 422, "data_base64"),
            (event(data_base64="%"), 400, "data_base64"),
            (event(data_base64=3), 400, "data_base64"),
            (event({}, specversion="2.0"), 422, "specversion"),
            (event({}, id=""), 422, "id"),
            (event({}, id=3), 422, "id"),
            (event({}, Foo="x"), 422, "Foo"),
            (event({}, foo={}), 422, "foo"),
            (event({}, foo="a\nb"), 422, "foo"),
            (event({"type": "unit-tests", "data": {}, "artefacts": []}), 422, "data.artefacts"),
            (event({"type": "unit-tests", "data": {}}, evidencetype="x"), 422, "data.type"),
        ],
    )
    def test_what_is_none(self, world: World, path: str, body: Any, status: int, where: str) -> None:
        problem(send(world, body, EVENT), status, path=where)
        assert world.count("evidence") == 0

    def test_null_attributes_are_absent(self, world: World, path: str) -> None:
        assert send(world, event(self.data(), time=None, foo=None), EVENT).status_code == 201

    def test_a_statement_in_an_event(self, world: World, path: str) -> None:
        answer = send(world, event(statement(A), datacontenttype=IN_TOTO), EVENT)
        assert record(world, answer)["artifacts"] == [A]

    def test_a_batch(self, world: World, path: str) -> None:
        good, bad = event(self.data()), event(self.data(type="nothing"), id="2")
        answer = send(world, [good, bad, 3, good, event(self.data(data=report(1)))], BATCH)
        assert answer.status_code == 200
        told = answer.json()
        assert [each["status"] for each in told] == [201, 422, 422, 200, 409]
        assert [each["index"] for each in told] == [0, 1, 2, 3, 4]
        assert told[0]["id"] == told[3]["id"]
        assert told[1]["code"] == "unknown_evidence_type"
        assert send(world, [], BATCH).json() == []
        problem(send(world, {}, BATCH), 422)
        problem(send(world, b"[", BATCH), 400)
        assert world.count("evidence") == 1

    def test_another_encoding_of_events(self, world: World) -> None:
        problem(send(world, b"<x/>", "application/cloudevents+xml"), 415)


class TestCdEvent:
    @pytest.mark.parametrize(
        ("outcome", "version", "run", "status"),
        [
            ("success", "0.3.0", "testsuiterun", "pass"),
            ("success", "0.3.0", "testcaserun", "pass"),
            ("pass", "0.2.0", "testsuiterun", "pass"),
            ("pass", "0.1.0", "testcase", "pass"),
            ("failure", "0.3.0", "testsuiterun", "fail"),
            ("fail", "0.2.0", "testsuiterun", "fail"),
            ("cancel", "0.3.0", "testsuiterun", "fail"),
            ("error", "0.1.0", "testsuiterun", "fail"),
        ],
    )
    def test_both_vocabularies(
        self, world: World, path: str, outcome: str, version: str, run: str, status: str
    ) -> None:
        found = record(world, send(world, cdevent(outcome, version, run), "application/json"))
        assert (found["format"], found["data"]["total"]) == ("cdevents", 1)
        assert found["collected_at"] == "2027-03-05T11:00:00Z"
        assert found["context"] == {"environment": "staging"}
        assert world.status(path, "tests-pass") == status

    def test_as_the_data_of_a_cloudevent(self, world: World, path: str) -> None:
        wrapped = event(cdevent(), id="run-1", source="/ci", type="dev.cdevents.x", subject="run-42")
        first = send(world, wrapped, EVENT)
        assert first.status_code == 201, first.text
        assert send(world, wrapped, EVENT).status_code == 200

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"context": {"type": "dev.cdevents.service.deployed.0.3.0"}}, "context.type"),
            ({"context": {"type": "dev.cdevents.testsuiterun.finished.0.4.0"}}, "context.type"),
            ({"context": {"timestamp": "now"}}, "context.timestamp"),
            ({"context": {"surprise": 1}}, "context.surprise"),
            ({"context": {"specversion": ""}}, "context.specversion"),
            ({"subject": {"type": "testSuiteRun"}}, "subject.type"),
            ({"subject": {"content": {"outcome": "pass", "environment": {"id": "x"}}}}, "subject.content.outcome"),
            ({"subject": {"content": {"outcome": "success"}}}, "subject.content.environment"),
            ({"customData": {"phasegate": {"artefacts": []}}}, "customData.phasegate.artefacts"),
            ({"customData": {"phasegate": {"subject": "a b"}}}, "customData.phasegate.subject"),
            ({"surprise": 1}, "surprise"),
        ],
    )
    def test_what_is_none(self, world: World, path: str, change: Document, where: str) -> None:
        body = cdevent()
        for key, value in change.items():
            body[key] = body.get(key, {}) | value if isinstance(value, dict) else value
        problem(send(world, body, "application/json", type="unit-tests", artifact=A), 422, path=where)
        assert world.count("evidence") == 0

    def test_without_custom_data_the_query_says_it(self, world: World, path: str) -> None:
        body = {key: value for key, value in cdevent().items() if key != "customData"}
        problem(send(world, body, "application/json"), 422, path="type")
        problem(send(world, body, "application/json", type="unit-tests"), 422, path="artifacts")
        assert send(world, body, "application/json", type="unit-tests", artifact=A).status_code == 201


class TestLines:
    def envelope(self, n: int = 0, **more: Any) -> Document:
        said = {"artifacts": [{"sha256": A}], "type": "unit-tests", "data": report(n + 1)}
        return said | {"producer": {"tool": "t", "version": str(n)}} | more

    def told(self, answer: Sent) -> list[Document]:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].split(";")[0] == NDJSON
        return [json.loads(line) for line in answer.content.splitlines()]

    def test_a_result_for_each_line(self, world: World, path: str, subject: str) -> None:
        lines = [
            json.dumps(self.envelope()),
            "{",
            "",
            json.dumps(statement(A)),
            json.dumps(event(self.envelope(5))),
            json.dumps(cdevent()),
            json.dumps({"subject": subject, "type": "change-ticket", "data": {"approved": True}}),
            json.dumps(self.envelope(type="nothing")),
            "[]",
            json.dumps(self.envelope()),
        ]
        told = self.told(send(world, "\r\n".join(lines).encode(), NDJSON))
        assert [(each["line"], each["status"]) for each in told] == [
            (1, 201), (2, 400), (4, 201), (5, 201), (6, 201), (7, 201), (8, 422), (9, 422), (10, 200),
        ]  # fmt: skip
        assert told[0]["id"] == told[-1]["id"]
        assert told[0]["digest"].startswith("sha256:")
        assert told[6]["code"] == "unknown_evidence_type"
        assert world.count("evidence") == 5
        again = self.told(send(world, "\n".join(lines).encode(), NDJSON))
        assert [each["status"] for each in again] == [200, 400, 200, 200, 200, 200, 422, 422, 200]
        assert [each.get("id") for each in again] == [each.get("id") for each in told]
        assert world.count("evidence") == 5

    def test_many(self, world: World, path: str) -> None:
        body = b"".join(json.dumps(self.envelope(n)).encode() + b"\n" for n in range(450))
        told = self.told(send(world, body, NDJSON))
        assert [each["line"] for each in told] == list(range(1, 451))
        assert {each["status"] for each in told} == {201}
        assert world.count("evidence") == 450
        assert {each["status"] for each in self.told(send(world, body, NDJSON))} == {200}
        assert world.audited().count("evidence.submitted") == 450

    def test_nothing(self, world: World) -> None:
        for body in (b"", b"\n\n", b" \r\n"):
            assert self.told(send(world, body, NDJSON)) == []

    def test_too_many(self, world: World) -> None:
        problem(send(world, b"{}\n" * 100_001, NDJSON), 413, "too_large")
        problem(send(world, b"[" + b",".join([b"{}"] * 10_001) + b"]", BATCH), 413, "too_large")

    def test_outside_the_tokens_subjects(self, world: World) -> None:
        world.release(world.subject("fraud-1"))
        world.release(world.subject("churn-1"), "1", B)
        token = world.token("evidence:write", subjects=("fraud-*",)).secret
        body = json.dumps(statement(A)) + "\n" + json.dumps(statement(B))
        assert [each["status"] for each in self.told(send(world, body.encode(), NDJSON, token=token))] == [201, 403]


class TestExamples:
    """Those of the OpenAPI document."""

    @pytest.fixture
    def subject(self, world: World) -> str:
        policy = simple("churn")
        kind = policy["evidence"].pop("unit-tests")
        policy["evidence"]["edge-case-tests"] = kind
        policy["phases"][0]["criteria"][0]["evidence"] = "edge-case-tests"
        world.publish(policy)
        name = world.subject("churn-scorer", policy="churn@^1")
        world.release(name, "2.1.0", SHA256)
        return name

    def test_each_is_accepted(self, world: World, subject: str) -> None:
        body = described()["paths"][PATH]["post"]["requestBody"]["content"]
        # Whoever tries one as it stands has it accepted, or reads beside it what to add.
        answers = {
            (media, name): send(
                world, example["value"], media, **({"type": "edge-case-tests"} if "summary" in example else {})
            )
            for media, each in body.items()
            for name, example in each.get("examples", {}).items()
        }
        assert len(answers) == 11
        for key, answer in answers.items():
            assert answer.status_code in (200, 201), (key, answer.text)
        assert {each["status"] for each in answers[BATCH, "two"].json()} == {200}

    def test_that_of_the_clients_readme_too(self, world: World, subject: str) -> None:
        found = re.findall(r"```json\n(.*?)```", (ROOT / "clients" / "README.md").read_text("utf-8"), re.DOTALL)
        (block,) = [each for each in found if "artifacts" in json.loads(each)]
        assert send(world, block.encode(), "application/json").status_code == 201
        line = json.dumps(json.loads(block)).encode()
        assert json.loads(send(world, line, NDJSON).content)["status"] == 200

    def test_each_fits_its_schema(self) -> None:
        for each in described()["paths"][PATH]["post"]["requestBody"]["content"].values():
            for example in each.get("examples", {}).values():
                jsonschema.validate(example["value"], each["schema"])


class TestHostile:
    @pytest.mark.parametrize("media", ["application/json", IN_TOTO, EVENT, BATCH, NDJSON])
    def test_any_bytes(self, world: World, path: str, media: str) -> None:
        random = Random(media)
        whole = json.dumps(statement(A)).encode()
        for _ in range(60):
            raw = bytearray(whole)
            for _ in range(random.randrange(1, 4)):
                raw[random.randrange(len(raw))] = random.choice(b'{}[]",:\\\x00\xff0a')
            answer = send(world, bytes(raw), media)
            assert answer.status_code in (200, 201, 400, 422)

    @pytest.mark.parametrize("media", ["application/json", IN_TOTO, EVENT, BATCH])
    def test_malformed(self, world: World, path: str, media: str) -> None:
        for raw in (
            b"", b"{", b"\xff", b'{"a": 1, "a": 1}', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": 99999999999999999999}',
            b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70,
        ):  # fmt: skip
            problem(send(world, raw, media), 400, "malformed")

    def test_other_content_types(self, world: World, path: str) -> None:
        for media in ("text/plain", "application/xml", "application/octet-stream", "x"):
            problem(send(world, junit(), media), 415, "unsupported_media_type")
