"""The stateless question."""

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.support.policies import Document, document, metrics, report
from tests.support.problems import nameless, problem
from tests.support.world import A, B, World, result

AT = "2027-03-05T11:00:00Z"


def question(**changes: Any) -> Document:
    """One that is answered with go."""
    asked: Document = {
        "policy": {"name": "acceptance", "version": "1.0.0"},
        "subject": {"name": "model-x", "kind": "model", "team": "risk", "attributes": {"regulated": False}},
        "release": {"version": "1.0.0", "artifacts": [{"name": "file", "sha256": A}]},
        "evidence": [
            {"type": "unit-tests", "collected_at": AT, "data": report()},
            {"type": "evaluation", "collected_at": AT, "data": metrics(), "context": {"split": "test"}},
        ],
    }
    return asked | changes


SIGN_OFF: Document = {"role": "owner", "verdict": "approve", "by": "dana", "at": "2027-03-05T11:30:00Z"}


def reviewed_policy() -> Document:
    """The policy with a sign-off criterion that covers its first phase."""
    policy = document()
    asked = {"roles": ["owner"], "covers": {"phases": ["testing"]}, "acknowledge": {"limits": "I know the limits."}}
    policy["roles"] = ["owner"]
    policy["phases"][1]["criteria"].append({"id": "review", "title": "Reviewed", "signoff": asked})
    return policy


def record(**changes: Any) -> Document:
    asked = question()
    asked["evidence"][0] |= changes
    return asked


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    world.publish()


class TestRefusals:
    @pytest.mark.parametrize(
        ("asked", "path"),
        [
            (question(policy={"name": "acceptance"}), "policy"),
            (question(policy={"name": "acceptance", "version": 1}), "policy"),
            (question(policy={"name": "acceptance", "version": "1.0.0", "x": 1}), "policy"),
            (question(policy={}), "policy"),
            (question(subject={"name": "a b"}), "subject.name"),
            (question(subject={}), "subject.name"),
            (question(subject={"name": "x", "kind": "a b"}), "subject.kind"),
            (question(subject={"name": "x", "team": "a/b"}), "subject.team"),
            (question(release={"version": "1", "artifacts": [{"name": "", "sha256": A}]}), "release.artifacts[0].name"),
            (question(release={"version": "1", "artifacts": [{"name": "f", "sha256": A}, {"name": "f", "sha256": B}]}),
             "release.artifacts[1].name"),
            (question(subject={"name": "x", "extra": 1}), "subject.extra"),
            (question(release={"version": "1", "artifacts": [{"name": "f"}]}), "release.artifacts[0].sha256"),
            (question(release={"version": "1", "artifacts": [{"name": "f", "sha256": "x"}]}),
             "release.artifacts[0].sha256"),
            (question(release={"version": "1", "registered_at": "yesterday"}), "release.registered_at"),
            (question(gate="lunch"), "gate"),
            (question(gate=""), "gate"),
            (question(at="2027-03-05T12:00:00"), "at"),
            (question(at="soon"), "at"),
            (record(type="unit-test"), "evidence[0].type"),
            (record(data=report() | {"passed": "3"}), "evidence[0].data.passed"),
            (record(data=report() | {"surprise": 3}), "evidence[0].data.surprise"),
            (record(collected_at="2027-03-05"), "evidence[0].collected_at"),
            (record(received_at="2027-03-05T12:00:00"), "evidence[0].received_at"),
            (record(revoked_at="x"), "evidence[0].revoked_at"),
            (record(strength="strong"), "evidence[0].strength"),
            (record(artifacts=["x"]), "evidence[0].artifacts[0]"),
            (record(artifacts=A), "evidence[0].artifacts"),
            (record(identity={"a": 1}), "evidence[0].identity.a"),
            (record(type="evaluation", data=metrics()), "evidence[0].context.split"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit(self, world: World, asked: Document, path: str) -> None:
        body = problem(world.post("/v1/evaluate", asked), 422)
        paths = [fault["path"] for fault in body["errors"]]
        # Data is told by its own path, with or without the word `data`.
        assert path in paths or path.replace(".data.", ".") in paths, body

    def test_a_record_without_a_time(self, world: World) -> None:
        asked = question()
        del asked["evidence"][0]["collected_at"]
        problem(world.post("/v1/evaluate", asked), 422)

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"role": "ownr"}, "signoffs[0].role"),
            ({"criterion": "tests-pass"}, "signoffs[0].criterion"),
            ({"verdict": "maybe"}, "signoffs[0].verdict"),
            ({"at": "2027-03-05T11:00:00"}, "signoffs[0].at"),
            ({"withdrawn_at": "today"}, "signoffs[0].withdrawn_at"),
            ({"via": "letter"}, "signoffs[0].via"),
            ({"mfa": "yes"}, "signoffs[0].mfa"),
            ({"by": ""}, "signoffs[0].by"),
            ({"signature": "x"}, "signoffs[0].signature"),
        ],
    )
    def test_a_sign_off_that_does_not_fit(self, world: World, change: Document, path: str) -> None:
        asked = question(policy=reviewed_policy(), signoffs=[{**SIGN_OFF, **change}])
        body = problem(world.post("/v1/evaluate", asked), 422)
        assert path in [fault["path"] for fault in body["errors"]]

    def test_a_waiver_of_nothing(self, world: World) -> None:
        waiver = {"criterion": "test-pass", "granted_at": AT, "expires_at": "2027-03-06T00:00:00Z"}
        body = problem(world.post("/v1/evaluate", question(waivers=[waiver])), 422, path="waivers[0].criterion")
        assert "tests-pass" in body["errors"][0]["suggestion"]

    def test_a_whole_policy_with_a_fault(self, world: World) -> None:
        policy = document()
        policy["phases"][0]["criteria"][0]["checks"][0]["that"] = "evidence.passd > 0"
        body = problem(world.post("/v1/evaluate", question(policy=policy)), 422)
        assert "passed" in json.dumps(body["errors"])
        assert any("phases[0].criteria[0]" in fault["path"] for fault in body["errors"])

    def test_a_whole_policy_larger_than_a_file_may_be(self, world: World) -> None:
        policy = document()
        check = policy["phases"][0]["criteria"][0]["checks"][0]
        policy["phases"][0]["criteria"][0]["checks"] = [check] * 1000
        check["otherwise"] = "x" * 1100
        told = problem(world.call("POST", "/v1/evaluate", json=question(policy=policy)), 413)
        assert "1048576 bytes" in told["detail"]

    def test_a_policy_of_another_org(self, world: World) -> None:
        other = world.another()
        other.publish(document("secret-policy"))
        theirs = world.post("/v1/evaluate", question(policy={"name": "secret-policy", "version": "1.0.0"}))
        nobodys = world.post("/v1/evaluate", question(policy={"name": "nobodys-policy", "version": "1.0.0"}))
        assert theirs.status_code in (404, 422)
        assert nameless(problem(theirs, theirs.status_code)) == json.loads(
            json.dumps(nameless(problem(nobodys, theirs.status_code))).replace("nobodys", "secret")
        )


class TestAnswers:
    def test_go(self, world: World) -> None:
        answer = world.post("/v1/evaluate", question())
        assert (answer.status_code, answer.json()["outcome"]) == (200, "go")
        assert answer.json()["evaluated_at"] == "2027-03-05T12:00:00Z"
        assert result(answer.json(), "tests-pass")["evidence"][0]["id"] is None
        assert answer.json()["maturity"]["level"] == 3

    def test_nothing_is_stored(self, world: World) -> None:
        world.post("/v1/evaluate", question())
        tables = ("subject", "release", "evidence", "decision", "raw_content")
        assert {table: world.count(table) for table in tables} == dict.fromkeys(tables, 0)
        assert world.audited() == ["token.created", "policy.published"]

    def test_no_go_for_everything_left_out(self, world: World) -> None:
        asked = {key: question()[key] for key in ("policy", "subject", "release")}
        assert world.post("/v1/evaluate", asked).json()["outcome"] == "no-go"
        asked["release"] = {"version": "1.0.0"}
        asked["subject"] = {"name": "x"}
        answer = world.post("/v1/evaluate", asked).json()
        assert (answer["outcome"], answer["gate"], answer["artifacts"]) == ("no-go", "launch", [])
        assert world.post("/v1/evaluate", asked | {"evidence": question()["evidence"]}).json()["outcome"] == "no-go"

    def test_a_whole_document_answers_as_its_name_does(self, world: World) -> None:
        by_name = world.post("/v1/evaluate", question())
        by_document = world.post("/v1/evaluate", question(policy=document()))
        assert by_name.content == by_document.content

    @pytest.mark.parametrize("text", ["Gr\u00fc\u00dfe \U0001f680", "a\u2028b", "del \x7f", "nel \x85", "bom \ufeff"])
    def test_a_whole_document_may_hold_any_text(self, world: World, text: str) -> None:
        policy = document()
        policy["phases"][0]["title"] = text
        answer = world.post("/v1/evaluate", question(policy=policy))
        assert answer.status_code == 200, answer.text
        assert answer.json()["phases"][0]["title"] == text

    def test_the_same_inputs_give_the_same_bytes(self, world: World) -> None:
        asked = question(at="2027-03-05T12:00:00Z")
        first = world.post("/v1/evaluate", asked)
        world.clock.forward(days=80)
        turned = deepcopy(asked)
        turned["evidence"].reverse()
        turned["evidence"].append(turned["evidence"][0])
        for again in (asked, turned, dict(reversed(asked.items()))):
            assert world.post("/v1/evaluate", again).content == first.content

    def test_what_is_left_out_has_the_value_that_the_contract_says(self, world: World) -> None:
        asked = question(at="2027-03-05T12:00:00Z")
        spelt = deepcopy(asked) | {"gate": "launch", "signoffs": [], "waivers": []}
        for each in spelt["evidence"]:
            each |= {"received_at": AT, "strength": "declared", "format": "json", "artifacts": None, "identity": {},
                     "revoked_at": None, "submitted_by": "", "submitted_for": []}  # fmt: skip
            each.setdefault("context", {})
        assert world.post("/v1/evaluate", spelt).content == world.post("/v1/evaluate", asked).content

    def test_a_null_attribute_is_an_absent_one(self, world: World) -> None:
        """As of a subject that is stored: nulls are dropped on reading."""
        absent = question(subject={"name": "x", "attributes": {}}, at=AT)
        null = question(subject={"name": "x", "attributes": {"regulated": None}}, at=AT)
        assert world.post("/v1/evaluate", null).content == world.post("/v1/evaluate", absent).content

    def test_it_decides_as_the_stored_release_does(self, world: World) -> None:
        path = world.release(world.subject("model-x"))
        world.cleared(path)
        stored = world.decision(path)
        asked = question(at="2027-03-05T12:00:00Z")
        for each in asked["evidence"]:
            each["collected_at"] = "2027-03-05T12:00:00Z"
        given = world.post("/v1/evaluate", asked).json()
        assert [(each["id"], each["status"]) for phase in stored["phases"] for each in phase["criteria"]] == [
            (each["id"], each["status"]) for phase in given["phases"] for each in phase["criteria"]
        ]
        assert given["policy"] == stored["policy"]

    def test_ahead(self, world: World) -> None:
        asked = question(at="2027-03-12T10:59:59.999999Z")
        assert world.post("/v1/evaluate", asked).json()["outcome"] == "go"
        lapsed = world.post("/v1/evaluate", question(at="2027-03-12T11:00:00Z")).json()
        assert lapsed["outcome"] == "no-go"
        far = world.post("/v1/evaluate", question(at="9999-12-31T23:59:59.999999Z"))
        assert (far.status_code, far.json()["outcome"]) == (200, "no-go")

    def test_before_anything_was_received(self, world: World) -> None:
        assert world.post("/v1/evaluate", question(at="2027-03-05T10:59:59Z")).json()["outcome"] == "no-go"
        assert (
            world.post("/v1/evaluate", record(received_at="2027-03-05T12:00:00.000001Z")).json()["outcome"] == "no-go"
        )

    @pytest.mark.parametrize(
        ("artifacts", "status"),
        [(None, "pass"), ([A], "pass"), ([A, A], "pass"), ([B], "missing"), ([], "missing"), ([A, B], "missing")],
    )
    def test_what_a_record_is_bound_to(self, world: World, artifacts: list[str] | None, status: str) -> None:
        answer = world.post("/v1/evaluate", record(artifacts=artifacts))
        assert result(answer.json(), "tests-pass")["status"] == status

    def test_a_record_that_was_revoked(self, world: World) -> None:
        before, after = record(revoked_at="2027-03-05T12:00:00.000001Z"), record(revoked_at="2027-03-05T12:00:00Z")
        assert world.post("/v1/evaluate", before).json()["outcome"] == "go"
        assert world.post("/v1/evaluate", after).json()["outcome"] == "no-go"

    def test_a_waiver(self, world: World) -> None:
        waiver = {"criterion": "tests-pass", "reason": "x", "granted_by": "lee", "granted_at": AT,
                  "expires_at": "2027-03-06T00:00:00Z", "revoked_at": None}  # fmt: skip
        asked = record(data=report(3, 1)) | {"waivers": [waiver]}
        decision = world.post("/v1/evaluate", asked).json()
        found = result(decision, "tests-pass")
        assert (decision["outcome"], found["status"], found["underlying"]) == ("go", "waived", "fail")
        assert found["waiver"]["used"] is True
        assert decision["valid_until"] == "2027-03-06T00:00:00Z"
        assert decision["maturity"]["level"] == 1
        over = world.post("/v1/evaluate", asked | {"at": "2027-03-06T00:00:00Z"}).json()
        assert over["outcome"] == "no-go"

    def test_the_id_given_is_shown(self, world: World) -> None:
        answer = world.post("/v1/evaluate", record(id="my-own-id"))
        assert result(answer.json(), "tests-pass")["evidence"][0]["id"] == "my-own-id"

    def test_every_gate(self, world: World) -> None:
        for gate in ("testing", "approval", "launch"):
            assert world.post("/v1/evaluate", question(gate=gate)).json()["gate"] == gate


class TestSignOffs:
    """`by` is taken for a person who holds the role; everything else is checked."""

    def ask(self, world: World, *signoffs: Document, **changes: Any) -> Any:
        given = [{**SIGN_OFF, "acknowledged": ["limits"], **each} for each in signoffs]
        asked = question(policy=reviewed_policy(), signoffs=given, at="2027-03-05T12:00:00Z", **changes)
        answer = world.post("/v1/evaluate", asked)
        assert answer.status_code == 200
        return answer.json()

    def review(self, decision: Any) -> Any:
        return decision["phases"][1]["criteria"][1]

    def test_without_it_is_a_no_go_and_with_it_a_go(self, world: World) -> None:
        assert self.ask(world)["outcome"] == "no-go"
        decision = self.ask(world, {})
        assert decision["outcome"] == "go"
        shown = {"role": "owner", "by": "dana", "verdict": "approve", "at": SIGN_OFF["at"]}
        assert self.review(decision)["signoffs"] == [{**shown, "counts": True, "reason": None}]

    def test_one_that_does_not_count_is_listed_with_the_reason(self, world: World) -> None:
        decision = self.ask(world, {"acknowledged": []})
        assert self.review(decision)["status"] == "missing"
        (shown,) = self.review(decision)["signoffs"]
        assert (shown["counts"], shown["reason"]) == (False, "not acknowledged: limits")

    def test_who_registered_does_not_count(self, world: World) -> None:
        release = {"version": "1.0.0", "artifacts": [{"name": "f", "sha256": A}], "registered_for": ["dana"]}
        assert self.review(self.ask(world, {}, release=release))["status"] == "missing"

    def test_what_went_in_is_in_the_digest(self, world: World) -> None:
        changes: list[Document] = [{}, {"comment": "x"}, {"mfa": True}, {"withdrawn_at": "2027-03-05T11:45:00Z"}]
        digests = {self.ask(world)["inputs_digest"], *(self.ask(world, each)["inputs_digest"] for each in changes)}
        assert len(digests) == 5
        assert self.ask(world, {}, {})["inputs_digest"] == self.ask(world, {})["inputs_digest"]
