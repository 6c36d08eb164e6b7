"""Tokens: nobody passes on more than he holds, and no token acts for another."""

from datetime import timedelta
from time import sleep
from typing import Any

import pytest

from phasegate.operations.tokens import SCOPES
from tests.support.problems import problem
from tests.support.world import World

SIGNING = ("signoffs:write", "waivers:write")


def issue(world: World, principal: str, *scopes: str, token: str = "", **more: Any) -> Any:
    body = {"name": "made", "principal": principal, "scopes": scopes or ("read",)} | more
    return world.post("/v1/tokens", body, token=token)


def delete(world: World, token: str, by: str = "") -> Any:
    return world.call("DELETE", f"/v1/tokens/{token}", token=by)


def rotate(world: World, token: str, by: str = "", **body: str) -> Any:
    return world.post(f"/v1/tokens/{token}/rotation", body or None, token=by)


class TestIssue:
    def test_what_it_answers(self, world: World) -> None:
        made = issue(world, "ci", "read", "evidence:write", subjects=["fraud-*"])
        assert made.status_code == 201
        found = made.json()
        secret = found.pop("secret")
        assert found == {
            "id": found["id"],
            "name": "made",
            "principal": "ci",
            "kind": "tool",
            "scopes": ["evidence:write", "read"],
            "subjects": ["fraud-*"],
            "assurance": None,
            "created_at": "2027-03-05T12:00:00Z",
            "created_by": world.get("/v1/me").json()["principal"]["id"],
            "expires_at": "2027-06-03T12:00:00Z",
            "revoked_at": None,
            "successor": None,
            "ends_at": None,
            "last_used_at": None,
        }
        me = world.get("/v1/me", token=secret).json()
        assert me["token"] == {key: found[key] for key in ("id", "scopes", "subjects", "expires_at")}

    def test_its_secret_is_told_once(self, world: World) -> None:
        made = issue(world, "ci").json()
        told = "".join(
            world.get(path, token=token).text
            for path in ("/v1/tokens", "/v1/me", "/v1/audit", "/v1/tools")
            for token in (world.admin, made["secret"])
        )
        assert made["secret"][8:20] not in told

    def test_an_idempotency_key_is_refused(self, world: World) -> None:
        world.person("dana")
        made = issue(world, "ci").json()["id"]
        key = {"Idempotency-Key": "k"}
        for path, body in (
            ("/v1/tokens", {"name": "x", "principal": "ci", "scopes": ["read"]}),
            (f"/v1/tokens/{made}/rotation", {}),
            ("/v1/people/dana/enrolment", {"scopes": ["read"]}),
            ("/v1/enrolment", {"code": "x"}),
            ("/v1/orgs", {"org": "x", "title": "X"}),
        ):
            problem(world.post(path, body, headers=key), 400, "secret_answer")
        assert world.get("/v1/tokens").json()["items"][0]["id"] == made

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["raed"]}, "scopes"),
            ({"subjects": []}, "subjects"),
            ({"subjects": [""]}, "subjects[0]"),
            ({"subjects": ["*", "a?"]}, "subjects[1]"),
            ({"subjects": ["[ab]*"]}, "subjects[0]"),
            ({"subjects": ["a b"]}, "subjects[0]"),
            ({"subjects": ["a*" * 100]}, "subjects[0]"),
            ({"subjects": ["*"] * 101}, "subjects"),
            ({"expires_at": "2027-03-05T12:00:00Z"}, "expires_at"),
            ({"expires_at": "2028-03-06T12:00:00Z"}, "expires_at"),
            ({"expires_at": "2027-04-01"}, "expires_at"),
            ({"name": ""}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"principal": "a@b"}, "principal"),
        ],
    )
    def test_what_does_not_fit(self, world: World, change: dict[str, Any], path: str) -> None:
        before = world.count("token")
        body = {"name": "x", "principal": "ci", "scopes": ["read"]} | change
        problem(world.post("/v1/tokens", body), 422, path=path)
        assert world.count("token") == before

    def test_a_year_at_most(self, world: World) -> None:
        assert issue(world, "ci", expires_at="2028-03-05T12:00:00Z").status_code == 201

    def test_an_administrator_passes_on_what_he_does_not_hold(self, world: World) -> None:
        admin = world.token("admin", life=timedelta(days=1)).secret
        made = issue(world, "ci", *SCOPES, token=admin)
        assert made.status_code == 201
        assert made.json()["expires_at"] == "2027-06-03T12:00:00Z"

    def test_an_administrators_patterns_bind_him(self, world: World) -> None:
        admin = world.token("admin", subjects=("fraud-*",)).secret
        problem(issue(world, "ci", token=admin, subjects=["*"]), 403, "outside_token_subjects")
        assert issue(world, "ci", token=admin, subjects=["fraud-x*"]).status_code == 201
        assert issue(world, "ci", token=admin).json()["subjects"] == ["fraud-*"]

    def test_the_instance_right_is_never_passed_on(self, world: World) -> None:
        made = issue(world, "ci", *SCOPES).json()["secret"]
        problem(world.post("/v1/orgs", {"org": "mine", "title": "M"}, token=made), 403, "instance_administrator")

    def test_a_principal_of_another_org_is_another(self, world: World) -> None:
        other = world.another()
        other.person("dana")
        assert issue(world, "dana").json()["kind"] == "tool"


class TestForHimself:
    def test_within_what_he_holds(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read", "subjects:write", subjects=["fraud-*", "churn"]).secret
        made = issue(world, "dana", "read", "releases:write", token=own, subjects=["fraud-eu-*", "churn"])
        assert (made.status_code, made.json()["kind"], made.json()["assurance"]) == (201, "person", None)
        problem(issue(world, "dana", "evidence:write", token=own), 403, "more_than_held")
        problem(issue(world, "dana", "admin", token=own), 403, "more_than_held")
        for pattern in ("*", "fraud*", "f*", "churn*", "*raud-x"):
            problem(issue(world, "dana", token=own, subjects=[pattern]), 403, "outside_token_subjects")
        assert issue(world, "dana", token=own).json()["subjects"] == ["fraud-*", "churn"]

    def test_not_beyond_its_end(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read").secret
        world.clock.forward(days=1)
        assert issue(world, "dana", token=own).json()["expires_at"] == "2027-06-03T12:00:00Z"
        late = issue(world, "dana", token=own, expires_at="2027-06-03T12:00:00.000001Z")
        problem(late, 403, "more_than_held")

    def test_for_nobody_else(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read").secret
        world.put("/v1/tools/ci", {"owner": "dana", "title": ""})
        for principal in ("ci", world.person("lee"), "somebody"):
            problem(issue(world, principal, token=own), 403, "missing_scope")

    def test_a_tool_makes_none(self, world: World) -> None:
        secret = issue(world, "ci", "read", "evidence:write").json()["secret"]
        problem(issue(world, "ci", token=secret), 403, "missing_scope")


class TestSigning:
    """A person's token that signs comes from his own log-in or an enrolment code."""

    @pytest.mark.parametrize("scope", SIGNING)
    def test_no_administrator_makes_one(self, world: World, scope: str) -> None:
        world.person("dana")
        problem(issue(world, "dana", "read", scope), 403, "not_his_own")

    @pytest.mark.parametrize("scope", SIGNING)
    def test_nor_he_himself_from_one(self, world: World, scope: str) -> None:
        own = world.enrolled(world.person("dana"), "read", scope).secret
        problem(issue(world, "dana", "read", scope, token=own), 403, "not_his_own")

    def test_nor_does_an_administrator_rotate_it(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read", *SIGNING)
        problem(rotate(world, own.id), 403, "not_his_own")
        lee = world.enrolled(world.person("lee"), "admin", *SIGNING).secret
        problem(rotate(world, own.id, lee), 403, "not_his_own")
        assert world.get("/v1/me", token=own.secret).status_code == 200

    def test_nor_he_himself_with_a_token_that_does_not_sign(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read", "admin", *SIGNING)
        weak = issue(world, "dana", "read", "admin", token=own.secret).json()["secret"]
        problem(rotate(world, own.id, weak), 403)
        only = world.enrolled("dana", "read").secret
        problem(rotate(world, own.id, only), 403, "more_than_held")

    def test_he_himself_rotates_it_and_it_stays_his_own(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read", *SIGNING)
        made = rotate(world, own.id, own.secret)
        assert (made.status_code, made.json()["assurance"]) == (201, "enrolled")
        assert set(SIGNING) < set(made.json()["scopes"])


class TestRotation:
    def test_all_but_the_secret_stays(self, world: World) -> None:
        first = issue(
            world, "ci", "read", "evidence:write", subjects=["fraud-*"], expires_at="2027-03-10T00:00:00Z"
        ).json()
        world.clock.forward(days=1)
        second = rotate(world, first["id"]).json()
        for key in ("name", "principal", "kind", "scopes", "subjects", "expires_at"):
            assert second[key] == first[key]
        problem(world.get("/v1/me", token=first["secret"]), 401)
        assert world.get("/v1/me", token=second["secret"]).json()["token"]["id"] == second["id"] != first["id"]
        listed = {each["id"]: each for each in world.get("/v1/tokens").json()["items"]}
        assert (listed[first["id"]]["successor"], listed[first["id"]]["ends_at"]) == (
            second["id"],
            "2027-03-06T12:00:00Z",
        )

    def test_an_overlap_is_half_open(self, world: World) -> None:
        path = world.release()
        first = issue(world, "ci").json()
        assert world.get(f"{path}/decision", token=first["secret"]).status_code == 200
        second = rotate(world, first["id"], overlap="PT1H").json()["secret"]
        world.clock.forward(hours=1, microseconds=-1)
        for _ in range(2):
            assert world.get(f"{path}/decision", token=first["secret"]).status_code == 200
        world.clock.forward(microseconds=1)
        problem(world.get(f"{path}/decision", token=first["secret"]), 401)
        problem(world.get("/v1/me", token=first["secret"]), 401)
        assert world.get("/v1/me", token=second).status_code == 200

    def test_revoked_during_the_overlap_it_ends_at_once(self, world: World) -> None:
        first = issue(world, "ci").json()
        rotate(world, first["id"], overlap="PT24H")
        delete(world, first["id"])
        problem(world.get("/v1/me", token=first["secret"]), 401)

    @pytest.mark.parametrize("overlap", ["PT24H1S", "P2D", "1h", "", "-PT1H", "P1M"])
    def test_an_overlap_that_is_none(self, world: World, overlap: str) -> None:
        problem(rotate(world, issue(world, "ci").json()["id"], overlap=overlap), 422, path="overlap")

    @pytest.mark.parametrize("raw", [b"[]", b"null", b'{"overlap": 1}', b'{"a": 1}', b'{"overlap":', b"x"])
    def test_a_body_that_is_none(self, world: World, raw: bytes) -> None:
        first = issue(world, "ci").json()
        answer = world.post(f"/v1/tokens/{first['id']}/rotation", raw)
        problem(answer, answer.status_code)
        assert answer.status_code in (400, 422)
        assert world.get("/v1/me", token=first["secret"]).status_code == 200

    def test_one_that_ended_or_was_rotated(self, world: World) -> None:
        rotated, revoked, expired = (issue(world, "ci").json()["id"] for _ in range(3))
        rotate(world, rotated, overlap="PT1H")
        problem(rotate(world, rotated), 409, "rotated")
        delete(world, revoked)
        problem(rotate(world, revoked), 409, "ended")
        world.admin = world.token(*SCOPES, life=timedelta(days=200)).secret
        world.clock.forward(days=90)
        problem(rotate(world, expired), 409, "ended")

    def test_a_person_rotates_his_own_within_what_the_token_holds(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read", "evidence:write", subjects=["fraud-*"])
        weak = issue(world, "dana", "read", token=own.secret).json()
        narrow = issue(world, "dana", "read", "evidence:write", token=own.secret, subjects=["fraud-x"]).json()
        problem(rotate(world, own.id, weak["secret"]), 403, "more_than_held")
        problem(rotate(world, own.id, narrow["secret"]), 403, "outside_token_subjects")
        assert rotate(world, weak["id"], own.secret).status_code == 201
        theirs = world.enrolled(world.person("lee"), "read")
        problem(rotate(world, theirs.id, own.secret), 404)


class TestRevoke:
    def test_at_once_and_again(self, world: World) -> None:
        made = issue(world, "ci").json()
        for _ in range(2):
            answer = delete(world, made["id"])
            assert (answer.status_code, answer.content) == (204, b"")
        problem(world.get("/v1/me", token=made["secret"]), 401)
        assert world.audited().count("token.revoked") == 1

    def test_a_person_his_own_alone(self, world: World) -> None:
        own, weak = world.enrolled(world.person("dana"), "read", "evidence:write"), world.enrolled("dana", "read")
        theirs = world.enrolled(world.person("lee"), "read")
        problem(delete(world, theirs.id, own.secret), 404)
        assert delete(world, own.id, weak.secret).status_code == 204
        problem(world.get("/v1/me", token=own.secret), 401)


class TestList:
    def test_all_to_administrators_else_ones_own(self, world: World) -> None:
        own = world.enrolled(world.person("dana"), "read")
        tool = issue(world, "ci").json()
        ids = {each["id"] for each in world.get("/v1/tokens").json()["items"]}
        assert ids >= {own.id, tool["id"]}
        assert [each["id"] for each in world.get("/v1/tokens", token=own.secret).json()["items"]] == [own.id]
        assert [each["id"] for each in world.get("/v1/tokens", token=tool["secret"]).json()["items"]] == [tool["id"]]
        assert {each["id"] for each in world.another().get("/v1/tokens").json()["items"]} & ids == set()

    def test_pages_newest_first(self, world: World) -> None:
        made = [issue(world, "ci").json()["id"] for _ in range(4)]
        first = world.get("/v1/tokens?limit=2").json()
        second = world.get(f"/v1/tokens?limit=2&cursor={first['next_cursor']}").json()
        assert [each["id"] for each in first["items"] + second["items"]] == made[::-1]


class TestLastUsed:
    """Written after the answer, so a look may come too early."""

    def noted(self, world: World, token: str, wanted: str) -> bool:
        for _ in range(200):
            found = world.get("/v1/tokens").json()["items"]
            if next(each["last_used_at"] for each in found if each["id"] == token) == wanted:
                return True
            sleep(0.01)
        return False

    def test_to_a_minute(self, world: World) -> None:
        made = issue(world, "ci").json()
        for seconds, wanted in ((0, "12:00:00"), (30, "12:00:00"), (30, "12:01:00"), (59, "12:01:00"), (1, "12:02:00")):
            world.clock.forward(seconds=seconds)
            world.get("/v1/me", token=made["secret"])
            assert self.noted(world, made["id"], f"2027-03-05T{wanted}Z")

    def test_of_kept_answers_too(self, world: World) -> None:
        path = world.release()
        made = issue(world, "ci").json()
        for wanted in ("12:00:00", "12:05:00", "12:10:00"):
            assert world.get(f"{path}/decision", token=made["secret"]).status_code == 200
            assert self.noted(world, made["id"], f"2027-03-05T{wanted}Z")
            world.clock.forward(minutes=5)
