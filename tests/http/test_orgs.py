"""Orgs: made by the instance administrator, who sees nothing of them afterwards."""

from typing import Any
from uuid import uuid4

import pytest

from phasegate.operations.tokens import DEFAULT_ORG, SCOPES, bootstrap
from tests.support.problems import nameless, problem
from tests.support.world import World

SECRET = "bootstrap-token-of-the-orgs-tests-" + "x" * 10


@pytest.fixture
def instance(world: World) -> str:
    """The instance administrator's secret."""
    world._execute(lambda database: bootstrap(database, SECRET, world.clock()))
    return SECRET


def make(world: World, token: str, org: str | None = None, title: str = "Theirs") -> Any:
    return world.post("/v1/orgs", {"org": org or f"o-{uuid4().hex[:12]}", "title": title}, token=token)


class TestMake:
    def test_an_org_and_its_first_token(self, world: World, instance: str) -> None:
        made = make(world, instance)
        assert (made.status_code, set(made.json())) == (201, {"org", "admin_token"})
        org, secret = made.json()["org"], made.json()["admin_token"]
        me = world.get("/v1/me", token=secret).json()
        assert (me["org"], me["principal"]["kind"]) == (org, "service")
        assert me["token"]["scopes"] == sorted(SCOPES)
        assert world.put("/v1/people/dana", {"display_name": "Dana"}, token=secret).status_code == 201

    def test_once(self, world: World, instance: str) -> None:
        org = make(world, instance).json()["org"]
        problem(make(world, instance, org), 409, "org_exists")
        problem(make(world, instance, DEFAULT_ORG), 409, "org_exists")
        assert world.sql.number("SELECT count(*) FROM token WHERE org = :org", org=org) == 1

    @pytest.mark.parametrize("org", ["", "Acme", "-a", "a" * 65, "a/b", "a.b", "é"])
    def test_a_name_that_is_none(self, world: World, instance: str, org: str) -> None:
        problem(world.post("/v1/orgs", {"org": org, "title": "T"}, token=instance), 422, path="org")

    def test_it_is_audited_in_both(self, world: World, instance: str) -> None:
        made = make(world, instance).json()
        for token in (instance, made["admin_token"]):
            (entry,) = [
                each
                for each in world.get("/v1/audit?action=org.created", token=token).json()["items"]
                if each["target"]["id"] == made["org"]
            ]
            assert entry["after"] == {"title": "Theirs"}
        assert entry["actor"] == "phasegate"


class TestRefused:
    def test_an_org_administrator(self, world: World, instance: str) -> None:
        problem(make(world, world.admin), 403, "instance_administrator")
        theirs = make(world, instance).json()["admin_token"]
        problem(make(world, theirs), 403, "instance_administrator")

    def test_the_instance_right_is_not_rotated_into_other_hands(self, world: World, instance: str) -> None:
        own = world.get("/v1/me", token=instance).json()["token"]["id"]
        body = {"name": "x", "principal": "helper", "scopes": ["admin"]}
        helper = world.post("/v1/tokens", body, token=instance).json()["secret"]
        for token in (helper, instance):
            problem(world.post(f"/v1/tokens/{own}/rotation", token=token), 403, "bootstrap_token")

    def test_the_instance_administrator_reads_nothing(self, world: World, instance: str) -> None:
        secret = make(world, instance).json()["admin_token"]
        world.put("/v1/people/dana", {"display_name": "Dana"}, token=secret)
        there = problem(world.get("/v1/people/dana", token=instance), 404)
        assert nameless(there) == nameless(problem(world.get("/v1/people/nobody", token=instance), 404))
