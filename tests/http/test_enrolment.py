"""Enrolment: one code, once, for the person's own token."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from phasegate.operations.tokens import hashed
from tests.support.databases import Sql
from tests.support.problems import nameless, problem
from tests.support.world import World


def invite(world: World, token: str = "", **more: Any) -> Any:
    return world.post("/v1/people/dana/enrolment", {"scopes": ["read", "signoffs:write"]} | more, token=token)


def enrol(world: World, code: str) -> Any:
    return world.post("/v1/enrolment", {"code": code}, token=None)


@pytest.fixture(autouse=True)
def _dana(world: World) -> None:
    world.person("dana")


class TestInvite:
    def test_a_code_and_its_end(self, world: World) -> None:
        made = invite(world)
        assert (made.status_code, set(made.json())) == (201, {"code", "expires_at"})
        assert made.json()["expires_at"] == "2027-03-06T12:00:00Z"
        assert invite(world, expires_in="PT1H").json()["expires_at"] == "2027-03-05T13:00:00Z"

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["sign"]}, "scopes"),
            ({"subjects": []}, "subjects"),
            ({"expires_in": "PT0S"}, "expires_in"),
            ({"expires_in": "P7DT1S"}, "expires_in"),
            ({"expires_in": "1 day"}, "expires_in"),
            ({"expires_in": "P999999999999D"}, "expires_in"),
        ],
    )
    def test_what_does_not_fit(self, world: World, change: dict[str, Any], path: str) -> None:
        problem(invite(world, **change), 422, path=path)
        assert world.count("enrolment") == 0

    def test_not_beyond_the_patterns_of_whoever_asks(self, world: World) -> None:
        limited = world.token("admin", subjects=("fraud-*",)).secret
        problem(invite(world, limited, subjects=["*"]), 403, "outside_token_subjects")
        code = invite(world, limited).json()["code"]
        assert enrol(world, code).json()["token"]["subjects"] == ["fraud-*"]

    def test_of_a_tool_or_nobody(self, world: World) -> None:
        world.put("/v1/tools/ci", {"owner": "dana", "title": ""})
        for name in ("ci", "nobody"):
            problem(world.post(f"/v1/people/{name}/enrolment", {"scopes": ["read"]}), 404)


class TestEnrol:
    def test_the_persons_own_token(self, world: World) -> None:
        answer = enrol(world, invite(world, subjects=["fraud-*"]).json()["code"])
        found = answer.json()
        assert (answer.status_code, set(found)) == (201, {"principal", "token", "secret"})
        assert found["principal"] == "dana"
        assert found["token"] == {
            "id": found["token"]["id"],
            "scopes": ["read", "signoffs:write"],
            "subjects": ["fraud-*"],
            "expires_at": "2027-06-03T12:00:00Z",
        }
        assert world.get("/v1/me", token=found["secret"]).json()["principal"] == {"id": "dana", "kind": "person"}
        (listed,) = world.get("/v1/tokens", token=found["secret"]).json()["items"]
        assert (listed["assurance"], listed["created_by"]) == ("enrolled", "dana")

    def test_once(self, world: World) -> None:
        code = invite(world).json()["code"]
        assert enrol(world, code).status_code == 201
        used = problem(enrol(world, code), 401, "no_such_code")
        assert nameless(used) == nameless(problem(enrol(world, code + "x"), 401))
        assert world.sql.number("SELECT count(*) FROM token WHERE org = :o AND principal = 'dana'", o=world.org) == 1

    def test_once_whoever_comes_at_the_same_time(self, world: World) -> None:
        code = invite(world).json()["code"]
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: enrol(world, code).status_code, range(6)))
        assert sorted(answers) == [201] + [401] * 5

    def test_until_its_end(self, world: World) -> None:
        code = invite(world, expires_in="PT1H").json()["code"]
        world.clock.forward(hours=1)
        problem(enrol(world, code), 401, "no_such_code")
        world.clock.forward(microseconds=-1)
        assert enrol(world, code).status_code == 201

    @pytest.mark.parametrize("code", ["pge_", "x", "\u202e", "é" * 200, "' OR 1=1 --", "a" * 200])
    def test_a_code_that_is_none(self, world: World, code: str) -> None:
        problem(enrol(world, code), 401, "no_such_code")

    def test_a_token_is_no_code_and_a_code_no_token(self, world: World) -> None:
        code = invite(world).json()["code"]
        problem(enrol(world, world.admin), 401)
        problem(world.get("/v1/me", token=code), 401)

    def test_it_is_audited(self, world: World) -> None:
        token = enrol(world, invite(world).json()["code"]).json()["token"]["id"]
        used, created, invited = world.get("/v1/audit").json()["items"][:3]
        assert [each["action"] for each in (used, created, invited)] == [
            "enrolment.used",
            "token.created",
            "enrolment.created",
        ]
        assert used["target"] == {"kind": "person", "id": "dana"}
        assert (used["after"]["token"], used["after"]["enrolment"]) == (token, invited["after"]["enrolment"])
        assert (used["actor"], used["token"]) == ("dana", None)


class TestStolenDatabase:
    def test_it_holds_no_secret(self, world: World) -> None:
        """Every column of every table, as text: neither a token nor a code, and nothing that makes one."""
        code, unused = invite(world).json()["code"], invite(world).json()["code"]
        own = enrol(world, code).json()["secret"]
        issued = world.post("/v1/tokens", {"name": "x", "principal": "ci", "scopes": ["read"]}).json()
        rotated = world.post(f"/v1/tokens/{issued['id']}/rotation").json()["secret"]
        secrets = [world.admin, code, unused, own, issued["secret"], rotated]
        dump = dumped(world.sql)
        for secret in secrets:
            assert hashed(secret) in dump
            assert secret[4:30] not in dump
        for stored in {hashed(secret) for secret in secrets}:
            problem(world.get("/v1/me", token=stored), 401)
            problem(enrol(world, stored), 401)


def dumped(sql: Sql) -> str:
    """All that the database holds."""
    if sql.kind == "sqlite":
        names = sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        names = sql.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for (name,) in names for row in sql.rows(f'SELECT * FROM "{name}"')]
    return "\n".join(
        bytes(cell).decode("latin-1") if isinstance(cell, (bytes, memoryview)) else str(cell)
        for row in rows
        for cell in row
    )
