"""Tools: who owns them, and whom their work bars."""

from tests.support.policies import junit
from tests.support.problems import problem
from tests.support.world import A, World

CI = ("read", "releases:write", "evidence:write")


def token(world: World, tool: str = "ci") -> str:
    body = {"name": tool, "principal": tool, "scopes": CI}
    return str(world.post("/v1/tokens", body).json()["secret"])


class TestPut:
    def test_creates_and_changes(self, world: World) -> None:
        world.person("dana")
        made = world.put("/v1/tools/ci", {"owner": "dana", "title": "CI"})
        assert (made.status_code, made.json()) == (
            201,
            {"name": "ci", "owner": "dana", "title": "CI", "updated_at": "2027-03-05T12:00:00Z"},
        )
        assert world.put("/v1/tools/ci", {"owner": "dana", "title": "CI"}).status_code == 200
        world.put("/v1/tools/ci", {"owner": world.person("lee"), "title": "CI"})
        assert world.get("/v1/tools/ci").json()["owner"] == "lee"
        assert world.audited()[-3:] == ["tool.created", "person.created", "tool.changed"]

    def test_one_that_got_a_token_first(self, world: World) -> None:
        token(world)
        assert world.get("/v1/tools/ci").json()["owner"] is None
        assert world.put("/v1/tools/ci", {"owner": world.person("dana"), "title": ""}).status_code == 201

    def test_an_owner_is_a_person_of_the_org(self, world: World) -> None:
        token(world, "robot")
        world.another().person("lee")
        for owner in ("nobody", "robot", "lee"):
            problem(world.put("/v1/tools/ci", {"owner": owner, "title": ""}), 422, path="owner")
        problem(world.get("/v1/tools/ci"), 404)

    def test_list(self, world: World) -> None:
        world.person("dana")
        for name in ("b", "a", "c"):
            world.put(f"/v1/tools/{name}", {"owner": "dana", "title": name})
        first = world.get("/v1/tools?limit=3").json()
        second = world.get(f"/v1/tools?limit=3&cursor={first['next_cursor']}").json()
        names = [each["name"] for each in first["items"] + second["items"]]
        assert [name for name in names if len(name) == 1] == ["a", "b", "c"]
        assert names == sorted(names)


class TestActingForPeople:
    def test_its_owner_counts_as_registrant_and_submitter(self, world: World) -> None:
        subject = world.subject()
        world.put("/v1/tools/ci", {"owner": world.person("dana"), "title": ""})
        secret, path = token(world), f"/v1/subjects/{subject}/releases"
        body = {"version": "1.0.0", "artifacts": [{"name": "f", "sha256": A}]}
        release = world.post(path, body, token=secret).json()
        assert (release["registered_by"], release["registered_for"]) == ("ci", ["dana"])
        sent = world.post(
            f"{path}/1.0.0/evidence?type=unit-tests", junit(), token=secret, headers={"Content-Type": "text/xml"}
        )
        record = world.get(f"/v1/evidence/{sent.json()['id']}").json()
        assert (record["submitted_by"], record["submitted_for"]) == ("ci", ["dana"])
        world.put("/v1/tools/ci", {"owner": world.person("lee"), "title": ""})
        assert world.get(f"{path}/1.0.0").json()["registered_for"] == ["dana"]
        assert world.get(f"/v1/evidence/{record['id']}").json()["submitted_for"] == ["dana"]
        assert world.post(path, body | {"version": "2"}, token=secret).json()["registered_for"] == ["lee"]

    def test_a_person_acts_for_himself(self, world: World) -> None:
        subject = world.subject()
        secret = world.enrolled(world.person("dana"), *CI).secret
        body = {"version": "1.0.0", "artifacts": [{"name": "f", "sha256": A}]}
        release = world.post(f"/v1/subjects/{subject}/releases", body, token=secret).json()
        assert (release["registered_by"], release["registered_for"]) == ("dana", [])
