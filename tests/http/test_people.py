"""People: described, disabled, listed; and what of them is shown to whom."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from litestar.testing import TestClient

from phasegate.http.app import create_app
from phasegate.settings import Settings
from tests.support.problems import problem
from tests.support.world import World

ONE = {"issuer": "https://idp.example", "subject": "1"}
TWO = {"issuer": "https://idp.example", "subject": "2"}


class TestPut:
    def test_creates_changes_and_leaves_alone(self, world: World) -> None:
        body = {"display_name": "Dana", "email": "dana@example.org", "identities": [ONE]}
        made = world.put("/v1/people/dana", body)
        assert made.status_code == 201
        assert made.json() == {
            "id": "dana",
            "display_name": "Dana",
            "disabled": False,
            "pending": False,
            "roles": [],
            "updated_at": "2027-03-05T12:00:00Z",
            "email": "dana@example.org",
            "identities": [ONE],
        }
        world.clock.forward(seconds=1)
        again = world.put("/v1/people/dana", body)
        assert (again.status_code, again.json()) == (200, made.json())
        changed = world.put("/v1/people/dana", {"display_name": "D."})
        assert changed.status_code == 200
        assert (changed.json()["display_name"], changed.json()["email"], changed.json()["identities"]) == (
            "D.",
            None,
            [],
        )
        assert world.get("/v1/people/dana").json() == changed.json()
        assert world.audited()[-2:] == ["person.created", "person.changed"]

    @pytest.mark.parametrize("name", ["dana@example.org", "", ".dana", "a" * 129, "d%20a", "d%C3%A4na"])
    def test_an_id_is_never_an_address(self, world: World, name: str) -> None:
        answer = world.put(f"/v1/people/{name}", {"display_name": "D"})
        problem(answer, 422 if name else 405)

    @pytest.mark.parametrize("name", ["bootstrap", "operator", "phasegate"])
    def test_the_servers_own_names(self, world: World, name: str) -> None:
        problem(world.put(f"/v1/people/{name}", {"display_name": "D"}), 409, "reserved_name")
        problem(world.put(f"/v1/tools/{name}", {"owner": world.person()}), 409, "reserved_name")
        body = {"name": "x", "principal": name, "scopes": ["read"]}
        problem(world.post("/v1/tokens", body), 409, "reserved_name")

    def test_neither_a_tool_nor_a_service_becomes_one(self, world: World) -> None:
        world.post("/v1/tokens", {"name": "ci", "principal": "ci", "scopes": ["read"]})
        problem(world.put("/v1/people/ci", {"display_name": "D"}), 409, "another_kind")
        problem(world.put(f"/v1/tools/{world.person()}", {"owner": world.person()}), 409, "another_kind")

    def test_an_identity_belongs_to_one(self, world: World) -> None:
        world.person("dana", identities=[ONE, TWO])
        told = problem(world.put("/v1/people/lee", {"display_name": "Lee", "identities": [TWO]}), 409, "identity_taken")
        assert [fault["path"] for fault in told["errors"]] == ["identities[0]"]
        problem(world.get("/v1/people/lee"), 404)
        world.person("dana", identities=[ONE])
        world.person("lee", identities=[TWO])
        another = world.another()
        another.person("dana", identities=[ONE])
        assert [each["subject"] for each in world.get("/v1/people/dana").json()["identities"]] == ["1"]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"display_name": ""}, "display_name"),
            ({"display_name": "  "}, "display_name"),
            ({"display_name": "a\u202eb"}, "display_name"),
            ({"email": "nobody"}, "email"),
            ({"email": "a b@c"}, "email"),
            ({"email": "a@" + "b" * 300}, "email"),
            ({"identities": [ONE, ONE]}, "identities[1]"),
            ({"identities": [ONE | {"subject": ""}]}, "identities[0].subject"),
            ({"identities": [ONE | {"issuer": "a\nb"}]}, "identities[0].issuer"),
            ({"identities": [ONE | {"subject": str(n)} for n in range(21)]}, "identities"),
            ({"disabled": "no"}, "disabled"),
        ],
    )
    def test_what_does_not_fit(self, world: World, change: dict[str, object], path: str) -> None:
        problem(world.put("/v1/people/dana", {"display_name": "D"} | change), 422, path=path)
        problem(world.get("/v1/people/dana"), 404)


class TestShown:
    def test_addresses_and_identities_to_administrators_and_oneself_alone(self, world: World) -> None:
        world.person("dana", email="dana@example.org", identities=[ONE])
        world.person("lee", email="lee@example.org")
        reader, own = world.token("read").secret, world.enrolled("lee", "read").secret
        assert set(world.get("/v1/people/dana", token=reader).json()) & {"email", "identities"} == set()
        assert set(world.get("/v1/people/dana", token=own).json()) & {"email", "identities"} == set()
        assert world.get("/v1/people/lee", token=own).json()["email"] == "lee@example.org"
        listed = world.get("/v1/people", token=own).json()["items"]
        assert [(each["id"], each.get("email")) for each in listed] == [("dana", None), ("lee", "lee@example.org")]
        assert "dana@example.org" not in world.get("/v1/people", token=reader).text

    def test_with_roles_in_force(self, world: World) -> None:
        world.person("dana")
        role = world.role("dana", "legal", team="risk", expires_at="2027-03-06T12:00:00Z")
        shown = {"id": role, "role": "legal", "team": "risk", "subject": None, "expires_at": "2027-03-06T12:00:00Z"}
        assert world.get("/v1/people/dana").json()["roles"] == [shown]
        assert world.get("/v1/people").json()["items"][0]["roles"] == [shown]
        world.clock.forward(days=1)
        assert world.get("/v1/people/dana").json()["roles"] == []

    def test_pages(self, world: World) -> None:
        names = sorted(world.person() for _ in range(5))
        first = world.get("/v1/people?limit=3").json()
        second = world.get(f"/v1/people?limit=3&cursor={first['next_cursor']}").json()
        assert [each["id"] for each in first["items"] + second["items"]] == names
        assert second["next_cursor"] is None


class TestDisabling:
    def test_ends_tokens_at_once_and_for_good(self, world: World) -> None:
        world.person("dana")
        issued = world.post("/v1/tokens", {"name": "x", "principal": "dana", "scopes": ["read"]}).json()["secret"]
        secrets = [world.enrolled("dana", "read").secret, issued]
        for secret in secrets:
            assert world.get("/v1/me", token=secret).status_code == 200
        assert world.put("/v1/people/dana", {"display_name": "Dana", "disabled": True}).json()["disabled"] is True
        for secret in secrets:
            problem(world.get("/v1/me", token=secret), 401, "unauthenticated")
        world.person("dana", disabled=False)
        for secret in secrets:
            problem(world.get("/v1/me", token=secret), 401, "unauthenticated")
        assert world.get("/v1/me", token=world.enrolled("dana", "read").secret).status_code == 200

    def test_on_every_replica(self, world: World, settings: Settings) -> None:
        """Another process has seen the token, and has an answer kept."""
        path = f"{world.release()}/decision"
        secret = world.enrolled(world.person("dana"), "read").secret
        with TestClient(create_app(settings, world.clock)) as replica:
            signed = {"Authorization": f"Bearer {secret}"}
            for _ in range(3):
                assert replica.get(path, headers=signed).status_code == 200
            world.person("dana", disabled=True)
            for asked in (path, "/v1/me"):
                problem(replica.get(asked, headers=signed), 401, "unauthenticated")

    @pytest.mark.parametrize("first", ["disabled", "issued"])
    def test_whichever_comes_first(self, world: World, first: str) -> None:
        """A token that is made meanwhile is refused, or ended with the others."""
        world.person("dana")
        changes = [
            lambda: world.put("/v1/people/dana", {"display_name": "Dana", "disabled": True}).status_code,
            *[lambda: world.post("/v1/tokens", {"name": "x", "principal": "dana", "scopes": ["read"]}).status_code] * 6,
        ]
        with ThreadPoolExecutor(7) as pool:
            answers = list(pool.map(lambda change: change(), changes if first == "disabled" else changes[::-1]))
        assert set(answers) <= {200, 201, 409}
        ended = "SELECT 1 FROM token_revocation r WHERE r.org = t.org AND r.token = t.id"
        valid = f"SELECT count(*) FROM token t WHERE org = :o AND principal = 'dana' AND NOT EXISTS ({ended})"
        assert world.sql.number(valid, o=world.org) == 0

    def test_new_tokens_roles_codes_and_tools_are_refused(self, world: World) -> None:
        world.person("dana")
        code = world.post("/v1/people/dana/enrolment", {"scopes": ["read"]}).json()["code"]
        world.person("dana", disabled=True)
        problem(world.post("/v1/tokens", {"name": "x", "principal": "dana", "scopes": ["read"]}), 409, "not_active")
        problem(world.post("/v1/people/dana/roles", {"role": "legal", "reason": "x"}), 409, "not_active")
        problem(world.post("/v1/people/dana/enrolment", {"scopes": ["read"]}), 409, "not_active")
        problem(world.put("/v1/tools/ci", {"owner": "dana"}), 422, path="owner")
        problem(world.post("/v1/enrolment", {"code": code}, token=None), 401, "no_such_code")
        world.person("dana")
        problem(world.post("/v1/enrolment", {"code": code}, token=None), 401, "no_such_code")

    def test_it_is_audited_without_names(self, world: World) -> None:
        world.person("dana", email="dana@example.org", identities=[ONE])
        token = world.enrolled("dana", "read")
        world.person("dana", disabled=True)
        items = world.get("/v1/audit").json()["items"]
        revoked, changed = items[0], items[1]
        assert (revoked["action"], revoked["target"]) == ("token.revoked", {"kind": "token", "id": token.id})
        assert (changed["before"]["state"], changed["after"]["state"]) == ("active", "disabled")
        assert changed["before"]["identities"][0]["issuer"] == ONE["issuer"]
        told = world.get("/v1/audit?limit=200").text
        assert not [text for text in ("dana@example.org", "Dana", '"subject":"1"') if text in told]


class TestMe:
    def test_a_persons_roles(self, world: World) -> None:
        role = world.role(world.person("dana"), "legal", subject="fraud")
        found = world.get("/v1/me", token=world.enrolled("dana", "read", "signoffs:write").secret).json()
        assert found["principal"] == {"id": "dana", "kind": "person"}
        assert found["token"]["scopes"] == ["read", "signoffs:write"]
        shown = {"id": role, "role": "legal", "team": None, "subject": "fraud", "expires_at": None}
        assert found["roles"] == [shown]
