"""Roles: nobody grants one to himself; the access review tells who held what, and when."""

from typing import Any

import pytest

from tests.support.problems import problem
from tests.support.world import World

ROLE = {"role": "legal", "reason": "head of legal"}


def grant(world: World, person: str, token: str = "", **more: str) -> Any:
    return world.post(f"/v1/people/{person}/roles", ROLE | more, token=token)


class TestGrant:
    def test_again_is_the_same(self, world: World) -> None:
        world.person("dana")
        first = grant(world, "dana", team="risk")
        again = grant(world, "dana", team="risk", reason="once more")
        assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
        assert set(first.json()) == {"id"}
        assert grant(world, "dana").json()["id"] != first.json()["id"]
        assert world.audited().count("role.granted") == 2

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"role": "Legal"}, "role"),
            ({"role": "a" * 65}, "role"),
            ({"team": "risk", "subject": "fraud"}, "team"),
            ({"team": "a b"}, "team"),
            ({"expires_at": "2027-03-05T12:00:00Z"}, "expires_at"),
            ({"expires_at": "2027-03-06"}, "expires_at"),
            ({"expires_at": "2027-03-06T12:00:00"}, "expires_at"),
            ({"reason": ""}, "reason"),
        ],
    )
    def test_what_does_not_fit(self, world: World, change: dict[str, str], path: str) -> None:
        world.person("dana")
        problem(grant(world, "dana", **change), 422, path=path)
        assert world.count("role_grant") == 0

    def test_to_nobody_a_tool_and_another_orgs_person(self, world: World) -> None:
        world.post("/v1/tokens", {"name": "ci", "principal": "ci", "scopes": ["read"]})
        world.another().person("lee")
        told = [problem(grant(world, name), 404) for name in ("nobody", "ci", "lee")]
        assert len({each["detail"] for each in told}) == 1


class TestToHimself:
    """Nor through anything that he stands behind."""

    def test_with_his_own_token(self, world: World) -> None:
        secret = world.enrolled(world.person("dana"), "read", "admin").secret
        problem(grant(world, "dana", secret), 403, "own_role")
        assert grant(world, world.person("lee"), secret).status_code == 201

    def test_through_a_tool_he_owns_or_owned(self, world: World) -> None:
        world.person("dana")
        world.put("/v1/tools/robot", {"owner": "dana", "title": ""})
        secret = world.post("/v1/tokens", {"name": "r", "principal": "robot", "scopes": ["admin"]}).json()["secret"]
        problem(grant(world, "dana", secret), 403, "own_role")
        world.put("/v1/tools/robot", {"owner": world.person("lee"), "title": ""})
        problem(grant(world, "dana", secret), 403, "own_role")
        problem(grant(world, "lee", secret), 403, "own_role")
        assert grant(world, world.person("kim"), secret).status_code == 201

    def test_through_tokens_he_made_however_many_hands_they_went_through(self, world: World) -> None:
        secret = world.enrolled(world.person("dana"), "read", "admin").secret
        for name in ("one", "two", "three"):
            body = {"name": name, "principal": name, "scopes": ["admin", "read"]}
            secret = world.post("/v1/tokens", body, token=secret).json()["secret"]
            problem(grant(world, "dana", secret), 403, "own_role")
        assert grant(world, world.person("lee"), secret).status_code == 201

    def test_through_another_persons_token_that_he_made(self, world: World) -> None:
        secret = world.enrolled(world.person("dana"), "read", "admin").secret
        body = {"name": "x", "principal": world.person("lee"), "scopes": ["admin"]}
        theirs = world.post("/v1/tokens", body, token=secret).json()["secret"]
        problem(grant(world, "dana", theirs), 403, "own_role")
        problem(grant(world, "lee", theirs), 403, "own_role")

    def test_through_what_such_a_token_makes_in_turn(self, world: World) -> None:
        secret = world.enrolled(world.person("dana"), "read", "admin").secret
        body = {"name": "x", "principal": world.person("lee"), "scopes": ["admin"]}
        theirs = world.post("/v1/tokens", body, token=secret).json()
        rotated = world.post(f"/v1/tokens/{theirs['id']}/rotation", token=theirs["secret"]).json()["secret"]
        again = world.post("/v1/tokens", body, token=rotated).json()["secret"]
        body |= {"principal": world.person("kim")}
        third = world.post("/v1/tokens", body, token=again).json()["secret"]
        for each in (rotated, again, third):
            problem(grant(world, "dana", each), 403, "own_role")

    def test_a_persons_own_token_is_his_alone(self, world: World) -> None:
        secret = world.enrolled(world.person("dana"), "read", "admin").secret
        body = {"name": "x", "principal": world.person("lee"), "scopes": ["read"]}
        assert world.post("/v1/tokens", body, token=secret).status_code == 201
        assert grant(world, "dana", world.enrolled("lee", "admin").secret).status_code == 201


class TestPatterns:
    def test_a_role_reaches_no_further_than_the_token(self, world: World) -> None:
        world.person("dana")
        limited = world.token("admin", "read", "audit:read", subjects=("fraud-*",)).secret
        for limits in ({}, {"team": "risk"}, {"subject": "churn"}):
            problem(grant(world, "dana", limited, **limits), 403, "outside_token_subjects")
        assert grant(world, "dana", limited, subject="fraud-x").status_code == 201
        outside = world.role("dana", subject="churn")
        problem(world.call("DELETE", f"/v1/people/dana/roles/{outside}", token=limited), 403, "outside_token_subjects")
        seen = world.get("/v1/roles", token=limited).json()["items"]
        assert [each["subject"] for each in seen] == ["fraud-x"]


class TestEnd:
    def test_from_then_on_and_once(self, world: World) -> None:
        role = world.role(world.person("dana"))
        for _ in range(2):
            ended = world.call("DELETE", f"/v1/people/dana/roles/{role}")
            assert (ended.status_code, ended.content) == (204, b"")
        assert world.get("/v1/people/dana").json()["roles"] == []
        assert world.audited().count("role.ended") == 1

    def test_of_another_person(self, world: World) -> None:
        role = world.role(world.person("dana"))
        problem(world.call("DELETE", f"/v1/people/{world.person('lee')}/roles/{role}"), 404)
        assert len(world.get("/v1/people/dana").json()["roles"]) == 1


class TestReview:
    def test_as_of_an_instant(self, world: World) -> None:
        world.person("dana")
        role = world.role("dana", expires_at="2027-03-07T12:00:00Z")
        world.clock.forward(days=1)
        world.call("DELETE", f"/v1/people/dana/roles/{role}")
        world.clock.forward(days=5)

        def holding(at: str) -> list[str]:
            return [each["id"] for each in world.get("/v1/roles", params={"at": at}).json()["items"]]

        assert holding("2027-03-05T11:59:59.999999Z") == []
        assert holding("2027-03-05T12:00:00Z") == [role]
        assert holding("2027-03-06T11:59:59.999999Z") == [role]
        assert holding("2027-03-06T12:00:00Z") == []
        assert world.get("/v1/roles").json()["items"] == []
        problem(world.get("/v1/roles?at=2027-03-11T12:00:00.000001Z"), 422, path="at")
        problem(world.get("/v1/roles?at=yesterday"), 422, path="at")

    def test_a_line(self, world: World) -> None:
        role = world.role(world.person("dana"), team="risk")
        (line,) = world.get("/v1/roles").json()["items"]
        me = world.get("/v1/me").json()["principal"]["id"]
        assert line == {
            "id": role,
            "person": "dana",
            "role": "legal",
            "team": "risk",
            "subject": None,
            "granted_at": "2027-03-05T12:00:00Z",
            "granted_by": me,
            "expires_at": None,
            "reason": "asked for",
            "disabled": False,
        }
        world.person("dana", disabled=True)
        assert world.get("/v1/roles").json()["items"][0]["disabled"] is True

    def test_filters(self, world: World) -> None:
        world.person("dana")
        world.subject("fraud", team="risk")
        everywhere, risk, ops = world.role("dana"), world.role("dana", team="risk"), world.role("dana", team="ops")
        fraud, churn = world.role("dana", subject="fraud"), world.role("dana", "compliance", subject="churn")

        def ids(query: str) -> set[str]:
            return {each["id"] for each in world.get(f"/v1/roles{query}").json()["items"]}

        assert ids("") == {everywhere, risk, ops, fraud, churn}
        assert ids("?role=compliance") == {churn}
        assert ids("?team=risk") == {everywhere, risk, fraud}
        assert ids("?team=ops&role=legal") == {everywhere, ops}
        problem(world.get("/v1/roles?team=a%20b"), 422, path="team")
        problem(world.get("/v1/roles?role=a%00b"), 422, path="role")

    def test_pages(self, world: World) -> None:
        world.person("dana")
        made = [world.role("dana", subject=f"s{n}") for n in range(5)]
        first = world.get("/v1/roles?limit=3").json()
        second = world.get(f"/v1/roles?limit=3&cursor={first['next_cursor']}").json()
        assert [each["id"] for each in first["items"] + second["items"]] == made
