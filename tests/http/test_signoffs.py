"""Sign-offs over HTTP: who may, on what, what voids them, and what a person is told."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from phasegate.operations.tokens import SCOPES, hashed, new_secret
from phasegate.storage.tokens import TokenRecord, insert_token
from tests.support.clock import START
from tests.support.desk import Desk, desk
from tests.support.policies import countersigned, document, metrics, report
from tests.support.problems import problem
from tests.support.world import A, B, World

TOKEN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def at(world: World) -> Desk:
    return desk(world)


class TestSigning:
    def test_both_owners_approve_and_the_release_is_go(self, at: Desk) -> None:
        assert at.world.decision(at.path)["outcome"] == "no-go"
        signed = at.sign(at.mia, "model-owner", covers=at.covers("model-owner"), comment="fine with me")
        expected = {
            "criterion": "business-review",
            "role": "model-owner",
            "verdict": "approve",
            "by": "mia",
            "at": "2027-03-05T12:00:00Z",
            "comment": "fine with me",
            "acknowledged": ["limits"],
            "covers_shown": True,
            "via": "api",
            "assurance": "enrolled",
            "mfa": False,
            "state": "in-force",
            "changed": [],
        }
        assert {key: signed[key] for key in expected} == expected
        assert at.world.decision(at.path)["outcome"] == "no-go"
        at.sign(at.ben, "business-owner")
        decision = at.world.decision(at.path)
        assert decision["outcome"] == "go"
        assert [(s["by"], s["counts"], s["reason"]) for s in at.review()["signoffs"]] == [
            ("ben", True, None),
            ("mia", True, None),
        ]
        assert at.listed()["wanted"] == []

    def test_the_digest_is_made_as_the_contract_says(self, at: Desk) -> None:
        wanted = at.wanted("model-owner")
        (version,) = at.world.get("/v1/policies/countersigned").json()["versions"]
        written = {
            "org": at.world.org,
            "subject": at.subject,
            "artifacts": [A],
            "policy_digest": version["digest"],
            "criterion": "business-review",
            "role": "model-owner",
            "evidence": sorted(each["digest"] for each in wanted["covered"]),
        }
        text = json.dumps(written, sort_keys=True, separators=(",", ":"))
        assert wanted["covers"] == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        assert at.sign(at.mia, "model-owner")["covers"] == wanted["covers"]

    def test_without_covers_the_record_says_that_none_was_shown(self, at: Desk) -> None:
        assert at.sign(at.mia, "model-owner")["covers_shown"] is False

    def test_the_same_again_is_the_same_sign_off(self, at: Desk) -> None:
        covers = at.covers("model-owner")
        first = at.sign(at.mia, "model-owner", covers=covers)
        at.world.clock.forward(minutes=1)
        again = at.send(at.mia, "model-owner", covers=covers)
        assert (again.status_code, again.json()) == (200, first)
        assert at.world.count("signoff") == 1

    def test_another_comment_is_another_sign_off_which_takes_the_place_of_the_first(self, at: Desk) -> None:
        first = at.sign(at.mia, "model-owner")
        at.world.clock.forward(minutes=1)
        second = at.sign(at.mia, "model-owner", comment="still fine")
        assert at.state(first["id"]) == ("superseded", [])
        assert at.state(second["id"]) == ("in-force", [])

    def test_stale(self, at: Desk) -> None:
        covers = at.covers("model-owner")
        at.world.clock.forward(seconds=1)
        at.world.submit(at.path, data=report(4))
        body = problem(at.send(at.mia, "model-owner", covers=covers), 409, "stale", path="covers")
        assert "look at it anew" in body["detail"]
        problem(at.send(at.mia, "model-owner", "reject", covers=covers), 409, "stale")
        problem(at.send(at.mia, "model-owner", covers="sha256:" + "0" * 64), 409, "stale")
        assert at.world.count("signoff") == 0

    def test_what_is_shown_for_one_role_does_not_serve_another(self, at: Desk) -> None:
        problem(at.send(at.ben, "business-owner", covers=at.covers("model-owner")), 409, "stale")

    def test_a_role_that_stands_in_more_than_one_criterion(self, at: Desk) -> None:
        rita = at.world.own("rita", "signoffs:write")
        at.world.role("rita", "risk-officer")
        body = problem(at.send(rita, "risk-officer"), 409, "ambiguous_role", path="criterion")
        assert "risk-review, second-look" in body["detail"]
        problem(at.send(rita, "risk-officer", "reject"), 409, "ambiguous_role")
        at.sign(rita, "risk-officer", "reject", criterion="second-look")

    def test_an_acknowledgement_that_lacks_is_told_by_its_sentence(self, at: Desk) -> None:
        lacking = at.send(at.mia, "model-owner", acknowledged=["limit"])
        body = problem(lacking, 422, "not_acknowledged", path="acknowledged")
        assert "I know what the model can't do." in body["detail"]
        assert "I know what the model can't do." in body["errors"][0]["message"]

    @pytest.mark.parametrize(
        ("changes", "code", "path", "hint"),
        [
            ({"role": "modle-owner"}, "unknown_role", "role", "model-owner"),
            ({"criterion": "busines-review"}, "unknown_criterion", "criterion", "business-review"),
            ({"criterion": "tests-pass"}, "no_signoff_asked", "criterion", "business-review"),
            ({"criterion": "risk-review"}, "unknown_role", "role", "risk-officer"),
        ],
    )
    def test_a_name_that_is_none(self, at: Desk, changes: Any, code: str, path: str, hint: str) -> None:
        body = problem(at.send(at.mia, **({"role": "model-owner"} | changes)), 422, code, path=path)
        assert hint in body["errors"][0]["suggestion"]

    def test_a_release_that_asks_for_none(self, world: World) -> None:
        path = world.release()
        token = world.own("mia", "signoffs:write")
        body = {"role": "model-owner", "verdict": "approve", "acknowledged": []}
        problem(world.post(f"{path}/signoffs", body, token=token), 422, "unknown_role")
        assert world.get(f"{path}/signoffs").json() == {"items": [], "wanted": []}


class TestWhoMayNot:
    def test_a_tool_or_service_whatever_its_scopes(self, at: Desk) -> None:
        body = problem(at.send(at.world.admin, "model-owner"), 403, "not_a_person")
        assert "only a person signs off" in body["detail"]
        problem(at.send(at.world.admin, "model-owner", "reject"), 403, "not_a_person")

    def test_a_role_that_is_not_held(self, at: Desk) -> None:
        body = problem(at.send(at.ben, "model-owner"), 403, "role_not_held")
        assert body["detail"] == ("ben does not hold the role model-owner for model-x (team risk); who does: mia")
        problem(at.send(at.ben, "model-owner", "reject"), 403, "role_not_held")

    def test_a_role_held_for_another_team_or_subject_or_no_longer(self, at: Desk) -> None:
        world = at.world
        token = world.own("eve", "signoffs:write")
        world.role("eve", "model-owner", team="other")
        world.role("eve", "model-owner", subject="model-y")
        world.role("eve", "model-owner", expires_at="2027-03-05T13:00:00Z")
        world.clock.forward(hours=1)
        problem(at.send(token, "model-owner"), 403, "role_not_held")
        world.clock.forward(microseconds=-1)
        at.sign(token, "model-owner")

    def test_losing_the_role_later_voids_nothing(self, at: Desk) -> None:
        at.both()
        grant = at.world.role("mia", "model-owner")
        at.world.clock.forward(hours=1)
        assert at.world.call("DELETE", f"/v1/people/mia/roles/{grant}").status_code in (200, 204)
        assert at.world.decision(at.path)["outcome"] == "go"
        problem(at.send(at.mia, "model-owner", comment="again"), 403, "role_not_held")
        ((recorded,),) = at.world.sql.rows(
            "SELECT role_grant FROM signoff WHERE given_by = 'mia' AND org = :o", o=at.world.org
        )
        assert recorded == grant

    def test_a_token_that_somebody_made_for_a_person(self, at: Desk) -> None:
        """None can be made any more; one from before signs nothing."""
        secret, now = new_secret(), at.world.clock()
        scopes, everything = frozenset({"signoffs:write"}), ("*",)
        made = TokenRecord(at.world.org, TOKEN, "t", "mia", "person", scopes, everything, False, now, None, None)
        at.world.write(lambda connection: insert_token(connection, made, hashed(secret), "operator"))
        told = problem(at.send(secret, "model-owner"), 403, "not_his_own")["detail"]
        assert "an enrolment code" in told

    def test_whoever_submitted_covered_evidence(self, at: Desk) -> None:
        own = at.world.own("mia", "evidence:write")
        at.world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(5)}, token=own)
        body = problem(at.send(at.mia, "model-owner"), 403, "duties_not_separate")
        assert "mia submitted covered evidence: unit-tests" in body["detail"]
        assert at.wanted("model-owner")["eligible"] == []
        assert at.wanted("model-owner")["barred"] == [
            {"person": "mia", "because": "mia submitted covered evidence: unit-tests"}
        ]
        at.world.role(at.world.person("zoe"), "model-owner")
        body = problem(at.send(at.mia, "model-owner"), 403, "duties_not_separate")
        assert body["detail"].endswith("ask another model-owner: zoe")

    def test_whoever_a_tool_submitted_or_registered_for(self, at: Desk) -> None:
        world = at.world
        tool = world.tool("ci", "mia", "evidence:write", "releases:write")
        assert world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(5)}, token=tool).is_success
        told = problem(at.send(at.mia, "model-owner"), 403, "duties_not_separate")["detail"]
        assert "mia submitted covered evidence: unit-tests" in told
        body = {"version": "2.0.0", "artifacts": [{"name": "f", "sha256": B}]}
        assert world.post(f"/v1/subjects/{at.subject}/releases", body, token=tool).status_code == 201
        later = at._replace(path=f"/v1/subjects/{at.subject}/releases/2.0.0")
        told = problem(later.send(at.mia, "model-owner"), 403, "duties_not_separate")["detail"]
        assert "mia registered the release" in told
        later.sign(at.ben, "business-owner")

    def test_a_tool_acted_for_whoever_owned_it_then(self, at: Desk) -> None:
        """Giving the tool away afterwards frees nobody, and bars nobody else."""
        world = at.world
        tool = world.tool("ci", "mia", "evidence:write")
        assert world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(5)}, token=tool).is_success
        assert world.put("/v1/tools/ci", {"owner": "ben", "title": ""}).is_success
        again = world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(5)}, token=tool)
        assert again.status_code == 200
        problem(at.send(at.mia, "model-owner"), 403, "duties_not_separate")
        at.sign(at.ben, "business-owner")

    def test_but_not_whoever_submitted_what_is_not_covered(self, at: Desk) -> None:
        own = at.world.own("mia", "evidence:write")
        answer = at.world.post(
            f"/v1/subjects/{at.subject}/evidence", {"type": "change-ticket", "data": {"approved": True}}, token=own
        )
        assert answer.status_code == 201
        at.sign(at.mia, "model-owner")

    def test_whoever_registered_the_release(self, at: Desk) -> None:
        own = at.world.own("mia", "subjects:write")
        body = {"version": "2.0.0", "artifacts": [{"name": "file-0", "sha256": A}]}
        assert at.world.post(f"/v1/subjects/{at.subject}/releases", body, token=own).status_code == 201
        later = at._replace(path=f"/v1/subjects/{at.subject}/releases/2.0.0")
        told = problem(later.send(at.mia, "model-owner"), 403, "duties_not_separate")
        assert "mia registered the release" in told["detail"]
        later.sign(at.mia, "model-owner", "reject")

    def test_a_rejection_needs_no_separation_of_duties(self, at: Desk) -> None:
        own = at.world.own("mia", "evidence:write")
        at.world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(5)}, token=own)
        at.sign(at.mia, "model-owner", "reject", comment="I know better")
        assert at.review()["status"] == "fail"

    def test_one_person_in_two_roles(self, at: Desk) -> None:
        at.world.role("mia", "business-owner")
        at.sign(at.mia, "model-owner")
        body = problem(at.send(at.mia, "business-owner"), 403, "distinct_persons")
        assert "each role needs a person of its own; ask another business-owner: ben" in body["detail"]

    def test_another_channel_and_a_second_factor(self, at: Desk) -> None:
        rita = at.world.own("rita", "signoffs:write")
        at.world.role("rita", "risk-officer")
        body = problem(at.send(rita, "risk-officer", criterion="risk-review"), 403, "other_channel")
        assert "given through api; the policy asks for web" in body["detail"]
        problem(at.send(rita, "risk-officer", criterion="second-look"), 403, "second_factor")

    def test_nothing_refused_is_stored(self, at: Desk) -> None:
        before = at.world.count("audit")
        self.test_a_tool_or_service_whatever_its_scopes(at)
        problem(at.send(at.mia, "model-owner", acknowledged=[]), 422)
        assert (at.world.count("signoff"), at.world.count("audit")) == (0, before)


class TestRejections:
    def test_the_reason_quotes_the_comment_until_the_same_role_approves(self, at: Desk) -> None:
        at.both()
        at.world.clock.forward(minutes=30)
        at.sign(at.ben, "business-owner", "reject", comment="escalation path unclear")
        review = at.review()
        assert review["status"] == "fail"
        assert (
            'rejected by ben as business-owner at 2027-03-05T12:30:00Z: "escalation path unclear"' in review["reason"]
        )
        at.world.clock.forward(minutes=30)
        at.sign(at.mia, "model-owner", comment="again")
        assert at.review()["status"] == "fail"
        assert at.wanted("business-owner")["since_last"] == []
        at.world.clock.forward(minutes=30)
        at.sign(at.ben, "business-owner")
        assert at.review()["status"] == "pass"
        assert at.world.decision(at.path)["outcome"] == "go"

    def test_new_evidence_does_not_undo_one_and_is_told(self, at: Desk) -> None:
        rejected = at.sign(at.ben, "business-owner", "reject")
        at.world.clock.forward(minutes=1)
        sent = at.world.submit(at.path, data=report(9))
        assert at.state(rejected["id"]) == ("in-force", [])
        told = {"what": "unit-tests", "id": sent["id"], "at": "2027-03-05T12:01:00Z"}
        assert at.wanted("business-owner")["since_last"] == [told]


class TestWithdrawal:
    def test_from_that_instant_on_it_is_as_if_it_had_never_been(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.clock.forward(hours=1)
        gone = at.withdraw(at.mia, first["id"])
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert at.world.decision(at.path)["outcome"] == "no-go"
        assert at.world.decision(at.path, at="2027-03-05T12:59:59.999999Z")["outcome"] == "go"
        assert at.world.decision(at.path, at="2027-03-05T13:00:00Z")["outcome"] == "no-go"
        (told,) = [each for each in at.review()["signoffs"] if each["by"] == "mia"]
        assert (told["counts"], told["reason"]) == (False, "withdrawn at 2027-03-05T13:00:00Z")
        at.world.clock.forward(hours=1)
        assert at.withdraw(at.mia, first["id"]).json() == gone.json()
        assert at.sign(at.mia, "model-owner")["id"] != first["id"]
        assert at.world.decision(at.path)["outcome"] == "go"

    def test_by_others(self, at: Desk) -> None:
        first, _ = at.both()
        problem(at.withdraw(at.ben, first["id"]), 403, "not_yours")
        boss = at.world.own("ada", "signoffs:write", "admin")
        assert at.withdraw(boss, first["id"]).status_code == 200

    def test_a_tool_never_takes_back_a_rejection(self, at: Desk) -> None:
        rejected = at.sign(at.mia, "model-owner", "reject")
        problem(at.withdraw(at.world.admin, rejected["id"]), 403, "not_a_person")
        assert at.withdraw(at.mia, rejected["id"]).status_code == 200

    def test_an_approval_that_took_the_place_of_a_rejection(self, at: Desk) -> None:
        at.sign(at.ben, "business-owner", "reject")
        at.world.clock.forward(minutes=1)
        approved = at.sign(at.ben, "business-owner")
        at.world.clock.forward(minutes=1)
        assert at.review()["status"] == "missing"
        at.withdraw(at.ben, approved["id"])
        assert at.review()["status"] == "fail"

    def test_of_another_release_or_none(self, at: Desk) -> None:
        first, _ = at.both()
        other = at._replace(path=at.world.release(at.subject, "3.0.0", B))
        problem(other.withdraw(at.mia, first["id"]), 404)
        problem(at.withdraw(at.mia, TOKEN), 404)
        problem(at.withdraw(at.mia, first["id"], "  "), 422, "reason_missing")


class TestWhatVoidsIt:
    def test_covered_evidence(self, at: Desk) -> None:
        first, second = at.both()
        at.world.clock.forward(minutes=1)
        sent = at.world.submit(at.path, data=report(7))
        review = at.review()
        assert review["status"] == "missing"
        for text in ("model-owner", "business-owner", "unit-tests changed 2027-03-05T12:01:00Z"):
            assert text in review["reason"]
        told = [{"what": "unit-tests", "id": sent["id"], "at": "2027-03-05T12:01:00Z"}]
        assert at.state(first["id"]) == at.state(second["id"]) == ("void", told)
        assert at.wanted("model-owner")["since_last"] == told
        at.world.clock.forward(minutes=1)
        revoked = at.world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "x"})
        assert revoked.status_code == 200
        assert at.state(first["id"]) == ("in-force", [])
        assert at.world.decision(at.path)["outcome"] == "go"
        assert at.world.decision(at.path, at="2027-03-05T12:01:30Z")["outcome"] == "no-go"

    def test_evidence_that_is_revoked(self, at: Desk) -> None:
        shown = at.wanted("model-owner")["covered"][0]["evidence"]
        first, _ = at.both()
        at.world.clock.forward(minutes=1)
        at.world.post(f"/v1/evidence/{shown}/revocation", {"reason": "x"})
        told = [{"what": "unit-tests", "id": shown, "at": "2027-03-05T12:01:00Z"}]
        assert at.state(first["id"]) == ("void", told)

    def test_evidence_with_an_earlier_instant_that_is_stored_later(self, at: Desk) -> None:
        """It was on its way while the owners signed; they never saw it."""
        at.world.clock.forward(minutes=5)
        at.both()
        at.world.clock.now = START + timedelta(minutes=1)
        late = at.world.submit(at.path, data=report(8))
        at.world.clock.now = START + timedelta(minutes=6)
        assert at.review()["status"] == "missing"
        (item,) = [each for each in at.listed()["items"] if each["by"] == "mia"]
        assert item["changed"] == [{"what": "unit-tests", "id": late["id"], "at": "2027-03-05T12:01:00Z"}]

    def test_other_artifacts(self, at: Desk) -> None:
        at.both()
        at.world.clock.forward(hours=1)
        path = at.world.release(at.subject, "2.0.0", B)
        at.world.cleared(path)
        review = at.review(path)
        assert review["status"] == "missing"
        assert "given for other artifacts; 2.0.0 has its own since 2027-03-05T13:00:00Z" in review["reason"]
        assert not any(each["counts"] for each in review["signoffs"])
        later = at._replace(path=path)
        assert later.listed()["items"] == []
        assert later.wanted("model-owner")["since_last"] == [
            {"what": "artifacts", "id": "2.0.0", "at": "2027-03-05T13:00:00Z"}
        ]
        assert at.world.decision(at.path)["outcome"] == "go"

    def test_a_withdrawn_one_is_not_told_of_with_other_artifacts(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.clock.forward(hours=1)
        path = at.world.release(at.subject, "2.0.0", B)
        assert [each["by"] for each in at.review(path)["signoffs"]] == ["ben", "mia"]
        at.withdraw(at.mia, first["id"])
        assert [each["by"] for each in at.review(path)["signoffs"]] == ["ben"]

    def test_a_new_label_on_the_same_artifacts_keeps_it(self, at: Desk) -> None:
        at.both()
        path = at.world.release(at.subject, "1.0.1")
        assert at.world.decision(path)["outcome"] == "go"

    def test_another_version_of_the_policy(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.publish(countersigned("1.1.0") | {"introduction": "new"})
        at.world.clock.forward(hours=1)
        path = at.world.release(at.subject, "1.0.1")
        review = at.review(path)
        assert review["status"] == "missing"
        assert "the policy is another one, countersigned@1.1.0 since 2027-03-05T13:00:00Z" in review["reason"]
        told = {"what": "policy", "id": "countersigned@1.1.0", "at": "2027-03-05T13:00:00Z"}
        assert at._replace(path=path).state(first["id"]) == ("void", [told])

    def test_a_moved_pin_and_one_moved_back(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.publish(countersigned("1.1.0") | {"introduction": "new"})
        for version, hour in (("1.1.0", 13), ("1.0.0", 14)):
            at.world.clock.forward(hours=1)
            moved = at.world.post(f"{at.path}/policy", {"version": version, "reason": "x"})
            assert moved.status_code == 200, moved.text
            if hour == 13:
                told = {"what": "policy", "id": "countersigned@1.1.0", "at": "2027-03-05T13:00:00Z"}
                assert at.state(first["id"]) == ("void", [told])
                assert "countersigned@1.1.0 since 2027-03-05T13:00:00Z" in at.review()["reason"]
                assert at.wanted("model-owner")["since_last"] == [told]
        assert at.state(first["id"]) == ("in-force", [])
        assert at.world.decision(at.path, at="2027-03-05T13:30:00Z")["outcome"] == "no-go"

    def test_a_policy_that_asks_for_none_any_more(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.publish(document("countersigned", "2.0.0"))
        at.world.subject(at.subject, policy="countersigned@2.0.0")
        path = at.world.release(at.subject, "1.0.1")
        state, changed = at._replace(path=path).state(first["id"])
        assert (state, changed[0]["what"]) == ("void", "policy")

    def test_its_own_age_half_open(self, at: Desk) -> None:
        first, _ = at.both()
        end = START + timedelta(days=30)
        at.world.clock.now = end - timedelta(microseconds=1)
        at.world.cleared(at.world.release(at.subject, "other", B))
        assert at.state(first["id"]) == ("in-force", [])
        at.world.clock.now = end
        assert at.state(first["id"]) == ("expired", [])
        assert at.review()["status"] == "expired"
        assert at.wanted("model-owner")["since_last"] == []

    def test_what_is_not_covered_does_not(self, at: Desk) -> None:
        first, _ = at.both()
        at.world.submit(f"/v1/subjects/{at.subject}", "change-ticket", {"approved": True})
        at.world.subject(at.subject, policy="countersigned@^1", team="other")
        assert at.state(first["id"]) == ("in-force", [])


class TestWanted:
    def test_it_says_what_is_covered_and_who_may(self, at: Desk) -> None:
        wanted = at.wanted("business-owner")
        assert [(each["criterion"], each["type"]) for each in wanted["covered"]] == [
            ("tests-pass", "unit-tests"),
            ("good-enough", "evaluation"),
        ]
        listed = {each["digest"] for each in at.world.get(f"{at.path}/evidence").json()["items"]}
        assert {each["digest"] for each in wanted["covered"]} == listed
        assert wanted["acknowledge"] == {"limits": "I know what the model can't do."}
        assert (wanted["eligible"], wanted["barred"], wanted["since_last"]) == (["ben"], [], [])

    def test_what_does_not_apply_is_not_wanted(self, at: Desk) -> None:
        assert {each["criterion"] for each in at.listed()["wanted"]} == {"business-review"}
        at.world.subject(at.subject, policy="countersigned@^1", attributes={"regulated": True})
        roles = {(each["criterion"], each["role"]) for each in at.listed()["wanted"]}
        assert {("risk-review", "risk-officer"), ("second-look", "risk-officer")} < roles

    def test_another_org_and_another_subject(self, at: Desk) -> None:
        first, _ = at.both()
        other = at.world.another()
        problem(other.get(f"{at.path}/signoffs"), 404)
        problem(other.post(f"{at.path}/signoffs/{first['id']}/withdrawal", {"reason": "x"}), 404)
        narrow = at.world.token(*SCOPES, subjects=("fraud-*",)).secret
        problem(at.world.get(f"{at.path}/signoffs", token=narrow), 403, "outside_token_subjects")


class TestRecords:
    def test_every_verdict_and_withdrawal_is_audited_without_what_was_written(self, at: Desk) -> None:
        first = at.sign(at.mia, "model-owner", comment="a personal remark")
        at.withdraw(at.mia, first["id"], "another personal remark")
        assert at.world.audited()[-2:] == ["signoff.recorded", "signoff.withdrawn"]
        rows = at.world.sql.rows("SELECT before, after FROM audit WHERE org = :org", org=at.world.org)
        assert not any(b"remark" in bytes(cell) for row in rows for cell in row if cell)  # type: ignore[call-overload]

    def test_the_cached_decision_follows(self, at: Desk) -> None:
        tags = [at.world.get(f"{at.path}/decision").headers["etag"]]
        first = at.sign(at.mia, "model-owner")
        tags.append(at.world.get(f"{at.path}/decision").headers["etag"])
        at.withdraw(at.mia, first["id"])
        tags.append(at.world.get(f"{at.path}/decision").headers["etag"])
        assert len(set(tags)) == 3

    def test_a_past_decision_uses_what_stood_then(self, at: Desk) -> None:
        before = at.world.get(f"{at.path}/decision?at=2027-03-05T12:00:00Z").json()
        at.world.clock.forward(hours=1)
        at.both()
        at.world.submit(at.path, "evaluation", metrics(0.99), context={"split": "test"})
        after = at.world.get(f"{at.path}/decision?at=2027-03-05T12:00:00Z").json()
        assert before == after
