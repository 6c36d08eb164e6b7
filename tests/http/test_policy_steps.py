"""How far a policy version is from another: publication checks it, the diff tells it."""

import pytest

from tests.http.test_policies import SOUND, YAML
from tests.support.policies import Document, simple
from tests.support.problems import problem
from tests.support.world import World


def stricter(version: str) -> bytes:
    """`SOUND` with a further check, a minor change."""
    more = "\n          - that: evidence.total > 9\n            otherwise: too few\n"
    return SOUND.replace(b"1.0.0", version.encode()).rstrip() + more.encode()


def renamed(version: str) -> bytes:
    """`SOUND` with another id, a major change."""
    return SOUND.replace(b"1.0.0", version.encode()).replace(b"id: tests-pass", b"id: tests-ok")


def retitled(version: str) -> bytes:
    """`SOUND` in other words, a patch."""
    return SOUND.replace(b"1.0.0", version.encode()).replace(b"Tests pass", b"All tests pass")


class TestStep:
    """Whether a version is far enough from its neighbours."""

    def publish(self, world: World, *raws: bytes) -> None:
        for raw in raws:
            answer = world.post("/v1/policies", raw, headers=YAML)
            assert answer.status_code == 201, answer.text

    def refused(self, world: World, raw: bytes) -> Document:
        before = world.count("policy_version")
        body = problem(world.post("/v1/policies", raw, headers=YAML), 422, "semver_step")
        assert world.count("policy_version") == before
        return body

    def test_too_small_is_told_with_place_and_mend(self, world: World) -> None:
        self.publish(world, SOUND)
        raw = stricter("1.0.1")
        body = self.refused(world, raw)
        (fault,) = body["errors"]
        assert fault["path"] == "phases.testing.criteria.tests-pass.checks[1]"
        assert raw.decode().split("\n")[fault["line"] - 1][fault["column"] - 1 :] == "that: evidence.total > 9"
        assert fault["suggestion"] == "raise the version to at least 1.1.0"
        assert "at least 1.1.0" in body["detail"]
        assert world.audited().count("policy.published") == 1
        self.publish(world, stricter("1.1.0"))

    def test_what_was_removed_is_told_where_it_stood(self, world: World) -> None:
        self.publish(world, SOUND)
        body = self.refused(world, renamed("1.9.0"))
        (fault,) = body["errors"]
        assert (fault["path"], fault["line"]) == ("phases.testing.criteria.tests-pass", 11)
        assert fault["suggestion"] == "raise the version to at least 2.0.0"
        self.publish(world, renamed("2.0.0"))

    def test_only_the_changes_that_are_too_large_are_faults(self, world: World) -> None:
        self.publish(world, SOUND)
        raw = stricter("1.0.1").replace(b"Tests pass", b"All tests pass")
        assert len(self.refused(world, raw)["errors"]) == 1

    def test_a_patch_of_a_patch(self, world: World) -> None:
        self.publish(world, SOUND, retitled("1.0.1"))
        self.publish(world, SOUND.replace(b"1.0.0", b"1.0.2"))

    def test_as_json_there_is_a_path(self, world: World) -> None:
        world.publish(simple("stepped"))
        body = self.refused_json(world, simple("stepped", "1.0.1", "evidence.passed > 1"))
        assert body["errors"][0]["path"] == "phases.testing.criteria.tests-pass.checks[0].that"

    def refused_json(self, world: World, policy: Document) -> Document:
        return problem(world.post("/v1/policies", policy), 422, "semver_step")

    def test_between_two_versions(self, world: World) -> None:
        """It must be far enough from the one before, and the one behind far enough from it."""
        self.publish(world, SOUND, renamed("2.0.0"))
        self.publish(world, stricter("1.5.0"))
        body = self.refused(world, SOUND.replace(b"1.0.0", b"2.0.1"))
        assert "2.0.0 to 2.0.1" in body["detail"]
        assert body["errors"][0]["suggestion"] == "raise the version to at least 3.0.0"
        self.publish(world, retitled("1.4.9").replace(b"> 0 &&", b"> 7 &&"))
        self.publish(world, retitled("1.0.1"))

    def test_the_one_behind_is_too_near(self, world: World) -> None:
        self.publish(world, SOUND.replace(b"1.0.0", b"1.0.1"))
        body = self.refused(world, stricter("1.0.0"))
        assert "1.0.0 to 1.0.1" in body["detail"]
        assert body["errors"][0]["suggestion"] == "raise the version to at least 1.1.0"

    def test_the_newest_is_that_of_the_numbers_and_not_of_the_text(self, world: World) -> None:
        self.publish(world, SOUND, stricter("1.10.0"))
        self.publish(world, SOUND.replace(b"1.0.0", b"1.9.0").replace(b"From YAML", b"YAML"))
        self.refused(world, SOUND.replace(b"1.0.0", b"1.10.1"))

    def test_prereleases(self, world: World) -> None:
        """They compare as their release, and may differ freely from others of it."""
        self.publish(world, SOUND)
        self.refused(world, renamed("1.1.0-rc.1"))
        self.publish(world, renamed("2.0.0-rc.1"), SOUND.replace(b"1.0.0", b"2.0.0-rc.2"), renamed("2.0.0"))
        self.refused(world, SOUND.replace(b"1.0.0", b"2.0.1"))

    def test_a_release_is_compared_past_its_own_prereleases(self, world: World) -> None:
        self.publish(world, SOUND, retitled("1.0.1-rc.1"))
        self.refused(world, renamed("1.0.1"))

    def test_before_the_first_release_the_second_number_breaks(self, world: World) -> None:
        self.publish(world, SOUND.replace(b"1.0.0", b"0.2.0"), stricter("0.2.1"))
        body = self.refused(world, renamed("0.2.2"))
        assert body["errors"][0]["suggestion"] == "raise the version to at least 0.3.0"
        self.publish(world, renamed("0.3.0"))

    def test_the_same_again_and_another_meaning_are_as_before(self, world: World) -> None:
        self.publish(world, SOUND, renamed("2.0.0"))
        assert world.post("/v1/policies", SOUND, headers=YAML).status_code == 200
        problem(world.post("/v1/policies", stricter("1.0.0"), headers=YAML), 409, "version_exists")

    def test_validation_checks_it_too(self, world: World) -> None:
        self.publish(world, SOUND)
        body = problem(world.post("/v1/policies/validate", renamed("1.0.1"), headers=YAML), 422, "semver_step")
        assert body["errors"] == self.refused(world, renamed("1.0.1"))["errors"]
        for raw in (SOUND, renamed("2.0.0"), stricter("1.0.0")):
            assert world.post("/v1/policies/validate", raw, headers=YAML).status_code == 200
        assert world.count("policy_version") == 1

    def test_another_orgs_versions_are_none(self, world: World) -> None:
        self.publish(world.another(), SOUND)
        self.publish(world, renamed("1.0.1"))


class TestDiff:
    PATH = "/v1/policies/from-yaml/diff"

    @pytest.fixture
    def published(self, world: World) -> World:
        for raw in (SOUND, retitled("1.0.1"), stricter("1.1.0"), renamed("2.0.0")):
            assert world.post("/v1/policies", raw, headers=YAML).status_code == 201
        return world

    def test_its_form(self, published: World) -> None:
        answer = published.get(self.PATH, params={"from": "1.0.1", "to": "1.1.0"})
        assert answer.status_code == 200
        check, title = sorted(answer.json()["changes"], key=lambda change: str(change["path"]))
        assert answer.json() == {
            "name": "from-yaml",
            "from": "1.0.1",
            "to": "1.1.0",
            "step": "minor",
            "changes": answer.json()["changes"],
        }
        assert check == {
            "path": "phases.testing.criteria.tests-pass.checks[1]",
            "kind": "stricter",
            "step": "minor",
            "text": "tests-pass has a new check evidence.total > 9",
        }
        assert title == {
            "path": "phases.testing.criteria.tests-pass.title",
            "kind": "wording",
            "step": "patch",
            "text": 'title of tests-pass reworded from "All tests pass" to "Tests pass"',
        }

    def test_steps(self, published: World) -> None:
        for old, new, step in (
            ("1.0.0", "1.0.1", "patch"),
            ("1.0.0", "1.1.0", "minor"),
            ("1.1.0", "1.0.0", "minor"),
            ("1.0.0", "2.0.0", "major"),
        ):
            assert published.get(self.PATH, params={"from": old, "to": new}).json()["step"] == step

    def test_of_a_version_with_itself(self, published: World) -> None:
        found = published.get(self.PATH, params={"from": "1.0.0", "to": "1.0.0"}).json()
        assert (found["step"], found["changes"]) == (None, [])

    def test_unknown(self, published: World) -> None:
        for old, new in (("1.0.0", "9.0.0"), ("9.0.0", "1.0.0")):
            problem(published.get(self.PATH, params={"from": old, "to": new}), 404, "not_found")
        problem(published.get("/v1/policies/nothing/diff", params={"from": "1.0.0", "to": "1.0.0"}), 404)

    def test_a_parameter_that_is_missing(self, published: World) -> None:
        problem(published.get(f"{self.PATH}?to=1.0.0"), 422, path="from")
        problem(published.get(f"{self.PATH}?from=1.0.0"), 422, path="to")
        problem(published.get(self.PATH), 422, path="from")

    @pytest.mark.parametrize("wrong", ["", "1", "1.0", "^1.0.0", "v1.0.0", "1.0.0\x00", "x" * 5000, "1.0.0 "])
    def test_what_is_no_version(self, published: World, wrong: str) -> None:
        problem(published.get(self.PATH, params={"from": "1.0.0", "to": wrong}), 422, path="to")

    def test_a_misspelt_parameter(self, published: World) -> None:
        problem(published.get(f"{self.PATH}?form=1.0.0&to=1.0.1"), 422, path="form")
        problem(published.get(f"{self.PATH}?from=1.0.0&from=1.0.1&to=1.0.1"), 422, path="from")

    def test_both_parameters_are_documented_as_required(self, published: World) -> None:
        document = published.get("/schema/openapi.json").json()
        parameters = document["paths"]["/v1/policies/{name}/diff"]["get"]["parameters"]
        assert {(each["name"], each["required"]) for each in parameters if each["in"] == "query"} == {
            ("from", True),
            ("to", True),
        }
