"""Records for good: going live, going live despite a no-go, decisions that were asked for as a record."""

import json
from hashlib import sha256
from typing import Any

import pytest

from phasegate.operations.tokens import SCOPES
from tests.support.policies import simple
from tests.support.problems import problem
from tests.support.world import A, B, World

DESPITE = {"despite": True, "reason": "the old one loses money", "kind": "emergency"}


@pytest.fixture
def path(world: World) -> str:
    """A release."""
    return world.release()


@pytest.fixture
def person(world: World) -> str:
    """The secret of a person who may answer for it."""
    return world.token("read", "waivers:write", kind="person").secret


class TestLaunch:
    def test_a_no_go(self, world: World, path: str) -> None:
        answer = world.post(f"{path}/launch")
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == world.decision(path)
        assert (world.count("launch"), world.count("decision")) == (0, 0)
        assert "release.launched" not in world.audited()

    @pytest.mark.parametrize("body", [None, {}])
    def test_a_go_and_again(self, world: World, path: str, body: dict[str, Any] | None) -> None:
        world.cleared(path)
        first = world.post(f"{path}/launch", body)
        assert first.status_code == 201
        world.clock.forward(hours=1)
        again = world.post(f"{path}/launch", body)
        assert (again.status_code, again.json()) == (200, first.json())
        world.clock.forward(days=30)
        lapsed = world.post(f"{path}/launch", body)
        assert (lapsed.status_code, lapsed.json()) == (200, first.json())
        assert (world.count("launch"), world.count("decision")) == (1, 1)
        assert world.audited().count("release.launched") == 1

    def test_a_clock_set_back_makes_no_second_one(self, world: World, path: str) -> None:
        world.cleared(path)
        world.clock.forward(minutes=1)
        first = world.post(f"{path}/launch")
        world.clock.forward(seconds=-1)
        again = world.post(f"{path}/launch")
        assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
        assert (world.count("launch"), world.count("decision")) == (1, 1)

    def test_the_decision_is_stored(self, world: World, path: str) -> None:
        world.cleared(path)
        shown = world.get(f"{path}/decision")
        launched = world.post(f"{path}/launch").json()
        ((identifier, gate, outcome, policy, inputs, digest, body),) = world.sql.rows(
            "SELECT id, gate, outcome, policy_digest, inputs_digest, result_digest, body FROM decision "
            "WHERE org = :org",
            org=world.org,
        )
        assert identifier == launched["decision_id"]
        assert (gate, outcome) == ("launch", "go")
        raw = bytes(body)  # type: ignore[call-overload]
        assert raw == shown.content
        assert policy == shown.json()["policy"]["digest"]
        assert inputs == shown.json()["inputs_digest"]
        assert digest == f"sha256:{sha256(raw).hexdigest()}"

    def test_the_predecessor_of_the_next_release(self, world: World) -> None:
        policy = simple("follows", check='evidence.passed > 0 && release.predecessor == ""')
        world.publish(policy)
        subject = world.subject(policy="follows@^1")
        one, two = world.release(subject, "1", A), world.release(subject, "2", B)
        for each in (one, two):
            world.submit(each)
            assert world.decision(each)["outcome"] == "go"
        assert world.post(f"{one}/launch").status_code == 201
        assert world.decision(one)["outcome"] == "go"
        assert world.decision(two)["outcome"] == "no-go"
        assert world.post(f"{two}/launch").status_code == 409

    def test_of_nothing(self, world: World, path: str) -> None:
        for wrong in (path.replace("1.0.0", "9"), "/v1/subjects/nothing/releases/1"):
            problem(world.post(f"{wrong}/launch"), 404)

    def test_a_waived_phase_or_gate_can_not_be_asked_for(self, world: World, path: str) -> None:
        world.cleared(path)
        problem(world.post(f"{path}/launch?gate=testing"), 422, path="gate")


class TestLaunchDespite:
    def test_it_is_stored_as_no_go(self, world: World, path: str, person: str) -> None:
        answer = world.post(f"{path}/launch", DESPITE, token=person)
        assert answer.status_code == 201, answer.text
        assert answer.json()["despite"] == "emergency"
        kept = world.get(f"/v1/decisions/{answer.json()['decision_id']}").json()
        assert (kept["outcome"], kept["decision"]["outcome"]) == ("no-go", "no-go")
        reasons = world.sql.rows("SELECT text FROM free_text WHERE org = :org", org=world.org)
        assert [text for (text,) in reasons] == [DESPITE["reason"]]
        again = world.post(f"{path}/launch", DESPITE, token=person)
        assert (again.status_code, again.json()) == (200, answer.json())
        assert world.decision(path)["outcome"] == "no-go"

    def test_of_a_go_it_is_a_launch_like_any_other(self, world: World, path: str, person: str) -> None:
        world.cleared(path)
        answer = world.post(f"{path}/launch", DESPITE, token=person)
        assert (answer.status_code, answer.json()["despite"]) == (201, None)
        assert world.count("free_text") == 0

    def test_by_no_person(self, world: World, path: str) -> None:
        for token in ("", world.token(*SCOPES, kind="service").secret):
            told = problem(world.post(f"{path}/launch", DESPITE, token=token), 403, "not_a_person")["detail"]
            assert told.endswith("only a person answers for a launch despite a no-go, with a token of his own")
        assert world.count("launch") == 0

    def test_by_a_person_without_the_scope(self, world: World, path: str) -> None:
        scopes = [scope for scope in SCOPES if scope != "waivers:write"]
        token = world.token(*scopes, kind="person").secret
        told = problem(world.post(f"{path}/launch", DESPITE, token=token), 403, "missing_scope")["detail"]
        assert told == "the token lacks the scope waivers:write; ask an administrator for one that has it"

    def test_with_a_token_that_somebody_made_for_a_person(self, world: World, path: str) -> None:
        body = {"name": "x", "principal": world.person("dana"), "scopes": ["releases:write"]}
        token = world.post("/v1/tokens", body).json()["secret"]
        problem(world.post(f"{path}/launch", DESPITE, token=token), 403, "missing_scope")

    def test_that_scope_alone_launches_nothing_else(self, world: World, path: str, person: str) -> None:
        world.cleared(path)
        problem(world.post(f"{path}/launch", token=person), 403, "missing_scope")

    @pytest.mark.parametrize(
        ("change", "at"),
        [
            ({"reason": None}, "reason"),
            ({"reason": ""}, "reason"),
            ({"kind": None}, "kind"),
            ({"kind": "haste"}, "kind"),
            ({"despite": "yes"}, "despite"),
            ({"despite": False}, "reason"),
            ({"until": "x"}, "until"),
        ],
    )
    def test_what_does_not_fit(self, world: World, path: str, person: str, change: dict[str, Any], at: str) -> None:
        body = {key: value for key, value in (DESPITE | change).items() if value is not None}
        problem(world.post(f"{path}/launch", body, token=person), 422, path=at)
        assert world.count("launch") == 0


class TestLiveAgain:
    def test_a_release_that_another_has_followed(self, world: World, person: str) -> None:
        subject = world.subject()
        one, two = world.release(subject, "1", A), world.release(subject, "2", B)
        for each in (one, two):
            world.cleared(each)
            assert world.post(f"{each}/launch").status_code == 201
            world.clock.forward(minutes=1)
        back = world.post(f"{one}/launch")
        assert back.status_code == 201
        assert world.get(f"/v1/subjects/{subject}/maturity").json()["release"] == "1"
        world.clock.forward(days=40)
        assert world.post(f"{two}/launch").status_code == 409
        answer = world.post(f"{two}/launch", DESPITE | {"kind": "rollback"}, token=person)
        assert (answer.status_code, answer.json()["despite"]) == (201, "rollback")
        assert world.get(f"/v1/subjects/{subject}/maturity").json()["release"] == "2"
        assert world.count("launch") == 4

    def test_the_predecessor_is_the_one_that_was_live(self, world: World) -> None:
        world.publish(simple("follows", check='evidence.passed > 0 && release.predecessor != "2"'))
        subject = world.subject(policy="follows@^1")
        paths = [world.release(subject, version, sha) for version, sha in (("1", A), ("2", B), ("3", "c" * 64))]
        for each in paths:
            world.submit(each)
        for each in (paths[0], paths[1]):
            assert world.post(f"{each}/launch").status_code == 201
            world.clock.forward(minutes=1)
        assert world.decision(paths[2])["outcome"] == "no-go"


class TestMovedPin:
    def test_it_holds_from_then_on(self, world: World) -> None:
        world.publish(simple("moves", "1.0.0"))
        subject = world.subject(policy="moves@^1")
        path = world.release(subject)
        world.submit(path)
        world.publish(simple("moves", "1.1.0", check="evidence.passed > 1000"))
        before = world.decision(path)
        assert (before["outcome"], before["policy"]["version"]) == ("go", "1.0.0")
        world.clock.forward(minutes=1)
        moved = world.post(f"{path}/policy", {"version": "1.1.0", "reason": "stricter"})
        assert (moved.status_code, moved.json()["policy"]["version"]) == (200, "1.1.0")
        after = world.decision(path)
        assert (after["outcome"], after["policy"]["version"]) == ("no-go", "1.1.0")
        assert world.get(path).json()["policy"]["version"] == "1.1.0"
        past = world.decision(path, at="2027-03-05T12:00:30Z")
        assert (past["outcome"], past["policy"]["version"]) == ("go", "1.0.0")
        world.clock.forward(minutes=1)
        assert world.post(f"{path}/policy", {"version": "1.0.0", "reason": "back"}).status_code == 200
        assert world.decision(path)["outcome"] == "go"
        assert world.decision(path, at="2027-03-05T12:01:30Z")["outcome"] == "no-go"

    def test_to_what_is_not_published(self, world: World, path: str) -> None:
        body = {"version": "1.0.9", "reason": "x"}
        told = problem(world.post(f"{path}/policy", body), 422, path="version")
        assert told["errors"][0]["suggestion"]
        assert world.count("moved_pin") == 0

    def test_a_launch_is_decided_by_it(self, world: World) -> None:
        world.publish(simple("holds", "1.0.0"))
        path = world.release(world.subject(policy="holds@^1"))
        world.submit(path)
        world.publish(simple("holds", "1.1.0", check="evidence.passed > 1000"))
        world.post(f"{path}/policy", {"version": "1.1.0", "reason": "stricter"})
        assert world.post(f"{path}/launch").status_code == 409


class TestRetirement:
    def test_it_is_shown_and_its_records_stay(self, world: World, path: str) -> None:
        subject = path.split("/")[3]
        world.cleared(path)
        retired = world.post(f"/v1/subjects/{subject}/retirement", {"reason": "replaced"})
        assert (retired.status_code, retired.json()["retired_at"]) == (200, "2027-03-05T12:00:00Z")
        world.clock.forward(minutes=1)
        again = world.post(f"/v1/subjects/{subject}/retirement", {"reason": "other"})
        assert again.json() == retired.json()
        assert world.get(f"/v1/subjects/{subject}").json()["retired_at"] == "2027-03-05T12:00:00Z"
        assert world.get("/v1/subjects").json()["items"][0]["retired_at"] == "2027-03-05T12:00:00Z"
        assert world.decision(path)["outcome"] == "go"


class TestStoredDecisions:
    def test_byte_for_byte(self, world: World, path: str) -> None:
        shown = world.get(f"{path}/decision").content
        made = world.post(f"{path}/decision")
        assert made.status_code == 201
        found = world.get(f"/v1/decisions/{made.json()['id']}")
        assert found.content == made.content
        assert shown in found.content
        assert found.json()["result_digest"] == f"sha256:{sha256(shown).hexdigest()}"

    def test_of_a_phase(self, world: World, path: str) -> None:
        world.cleared(path)
        world.subject(path.split("/")[3], attributes={"regulated": True})
        made = world.post(f"{path}/decision?gate=testing").json()
        assert (made["gate"], made["outcome"]) == ("testing", "go")
        problem(world.post(f"{path}/decision?gate=tested"), 422, path="gate")

    def test_each_request_is_a_record_of_its_own(self, world: World, path: str) -> None:
        made = [world.post(f"{path}/decision").json()["id"] for _ in range(3)]
        assert len(set(made)) == 3
        listed = world.get("/v1/decisions", params={"limit": "2"}).json()
        assert [each["id"] for each in listed["items"]] == [made[2], made[1]]
        rest = world.get("/v1/decisions", params={"limit": "2", "cursor": listed["next_cursor"]}).json()
        assert [each["id"] for each in rest["items"]] == [made[0]]
        assert rest["next_cursor"] is None

    def test_it_stays_when_facts_change(self, world: World, path: str) -> None:
        made = world.post(f"{path}/decision").json()
        world.cleared(path)
        assert world.get(f"/v1/decisions/{made['id']}").json() == made
        assert world.post(f"{path}/decision").json()["outcome"] == "go"
        outcomes = {
            wanted: [each["outcome"] for each in world.get("/v1/decisions", params={"outcome": wanted}).json()["items"]]
            for wanted in ("go", "no-go")
        }
        assert outcomes == {"go": ["go"], "no-go": ["no-go"]}
        problem(world.get("/v1/decisions?outcome=maybe"), 422, path="outcome")

    def test_of_the_subjects_that_a_token_may_see(self, world: World) -> None:
        paths = [world.release(world.subject(name)) for name in ("fraud-a", "churn-a", "fraud-b")]
        made = [world.post(f"{each}/decision").json()["id"] for each in paths]
        token = world.token("read", subjects=("fraud-*",)).secret
        seen = world.get("/v1/decisions?limit=1", token=token).json()
        assert [each["id"] for each in seen["items"]] == [made[2]]
        rest = world.get("/v1/decisions", params={"cursor": seen["next_cursor"]}, token=token).json()
        assert [each["id"] for each in rest["items"]] == [made[0]]
        problem(world.get(f"/v1/decisions/{made[1]}", token=token), 403, "outside_token_subjects")
        problem(world.get("/v1/decisions?subject=churn-a", token=token), 403, "outside_token_subjects")
        only = world.get("/v1/decisions?subject=fraud-a", token=token).json()["items"]
        assert [each["subject"] for each in only] == ["fraud-a"]

    def test_of_nothing(self, world: World, path: str) -> None:
        problem(world.get("/v1/decisions/01890000-0000-7000-8000-000000000000"), 404)
        problem(world.post(f"{path.replace('1.0.0', '9')}/decision"), 404)
        assert json.loads(world.get("/v1/decisions").content) == {"items": [], "next_cursor": None}
