"""Creating, changing, listing and reading subjects."""

from typing import Any

import pytest

from tests.support.policies import document, simple
from tests.support.problems import problem
from tests.support.world import A, World

BODY = {"kind": "model", "team": "risk", "attributes": {"regulated": False}, "policy": "acceptance@^1"}


class TestPut:
    @pytest.fixture(autouse=True)
    def published(self, world: World) -> None:
        world.publish()

    def test_what_does_not_fit(self, world: World) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"kind": ""}, "kind"),
            ({"kind": "a b"}, "kind"),
            ({"team": "a/b"}, "team"),
            ({"team": "x" * 129}, "team"),
            ({"team": "a\n"}, "team"),
            ({"title": "x" * 501}, "title"),
            ({"attributes": {"a b": 1}}, "attributes.a b"),
            ({"attributes": {"1a": 1}}, "attributes.1a"),
            ({"attributes": {"": 1}}, "attributes."),
            ({"attributes": {"é": 1}}, "attributes.é"),
            ({"attributes": {f"a{n}": n for n in range(201)}}, "attributes"),
            ({"attributes": {"a": "x" * 70_000}}, "attributes"),
        ]
        for change, path in wrong:
            problem(world.put("/v1/subjects/model-x", BODY | change), 422, path=path)
        assert world.count("subject") == 0

    def test_what_is_no_binding(self, world: World) -> None:
        wrong: tuple[str, ...] = ("", "acceptance", "@^1", "@", " acceptance@^1", "Acceptance@^1", "acceptance@^1@^1")
        for numbers in (
            "", "latest", "1", "1.0", "^", "^1.", "^1.0.0.0", "^ 1", "^1 ", "^+1", "^-1", "^-0", "^1_0", "^01",
            "^\u0661", "~1", ">=1.0.0", "*", "^x", "^1.x", "v1.0.0", "1.0.0+build", "^1.0.0-rc.1",
            "^" + "9" * 20, "^1" * 5000,
        ):  # fmt: skip
            wrong = (*wrong, f"acceptance@{numbers}")
        answers = {each: world.put("/v1/subjects/model-x", BODY | {"policy": each}) for each in wrong}
        assert [each[:60] for each, answer in answers.items() if answer.status_code != 422] == []
        for answer in answers.values():
            problem(answer, 422, path="policy")
        assert world.count("subject") == 0

    @pytest.mark.parametrize("policy", ["acceptance@^2", "acceptance@1.0.1", "acceptance@^1.1", "acceptance@^0.9"])
    def test_a_binding_without_a_match(self, world: World, policy: str) -> None:
        body = problem(world.put("/v1/subjects/model-x", BODY | {"policy": policy}), 422, "no_such_policy", "policy")
        assert "1.0.0" in str(body["errors"])

    def test_a_policy_that_nobody_published(self, world: World) -> None:
        answer = world.put("/v1/subjects/model-x", BODY | {"policy": "acceptence@^1"})
        body = problem(answer, 422, "no_such_policy", "policy")
        assert "acceptance" in body["errors"][0]["suggestion"]

    def test_a_policy_of_another_org_is_none(self, world: World) -> None:
        other = world.another()
        other.publish(simple("secret-policy"))
        theirs = world.put("/v1/subjects/model-x", BODY | {"policy": "secret-policy@^1"})
        problem(theirs, 422, "no_such_policy", "policy")
        nobodys = world.put("/v1/subjects/model-x", BODY | {"policy": "public-policy@^1"})
        assert theirs.text.replace("secret", "public") == nobodys.text

    def test_created_changed_and_left_alone(self, world: World) -> None:
        first = world.put("/v1/subjects/model-x", BODY)
        assert first.status_code == 201
        assert first.json() | BODY | {"name": "model-x", "title": "", "revision": 1} == first.json()
        world.clock.forward(hours=1)
        assert world.put("/v1/subjects/model-x", BODY).json() == first.json()
        changed = world.put("/v1/subjects/model-x", BODY | {"team": "fraud"})
        assert changed.status_code == 200
        assert (changed.json()["revision"], changed.json()["updated_at"]) == (2, "2027-03-05T13:00:00Z")
        rows = world.sql.rows(
            "SELECT revision, team FROM subject_revision WHERE org = :org ORDER BY revision", org=world.org
        )
        assert rows == [(1, "risk"), (2, "fraud")]
        assert world.audited()[-2:] == ["subject.created", "subject.changed"]

    def test_an_order_of_attributes_is_no_change(self, world: World) -> None:
        world.put("/v1/subjects/model-x", BODY | {"attributes": {"a": 1, "b": [1, {"c": 2}]}})
        again = world.put("/v1/subjects/model-x", BODY | {"attributes": {"b": [1, {"c": 2}], "a": 1}})
        assert again.json()["revision"] == 1

    def test_a_change_of_type_is_a_change(self, world: World) -> None:
        """`1`, `1.0` and `true` are three values to a rule."""
        values: tuple[Any, ...] = (1, True, 1.5, "1")
        for revision, value in enumerate(values, start=1):
            answer = world.put("/v1/subjects/model-x", BODY | {"attributes": {"a": value}})
            assert (answer.json()["revision"], answer.json()["attributes"]) == (revision, {"a": value})

    def test_null_is_absent(self, world: World) -> None:
        answer = world.put("/v1/subjects/model-x", BODY | {"attributes": {"a": None, "b": 1}})
        assert answer.json()["attributes"] == {"b": 1}

    def test_a_value_of_another_type_than_declared_is_a_warning(self, world: World) -> None:
        answer = world.put("/v1/subjects/model-x", BODY | {"attributes": {"regulated": "yes", "tier": "middle"}})
        assert answer.status_code == 201
        assert len(answer.json()["warnings"]) == 2

    def test_names(self, world: World) -> None:
        for name in ("A", "0", "a.b", "a_b", "a-b", "a+b", "fraud-scorer", "x" * 128, "health", "releases"):
            assert world.put(f"/v1/subjects/{name}", BODY).status_code == 201
            assert world.get(f"/v1/subjects/{name}").json()["name"] == name

    def test_outside_the_tokens_subjects(self, world: World) -> None:
        token = world.token("subjects:write", "read", subjects=("fraud-*",)).secret
        problem(world.put("/v1/subjects/churn", BODY, token=token), 403, "outside_token_subjects")
        problem(world.put("/v1/subjects/Fraud-x", BODY, token=token), 403, "outside_token_subjects")
        assert world.put("/v1/subjects/fraud-x", BODY, token=token).status_code == 201

    def test_equal_names_of_two_orgs_never_mix(self, world: World) -> None:
        other = world.another()
        other.publish()
        world.put("/v1/subjects/equal", BODY)
        other.put("/v1/subjects/equal", BODY | {"team": "theirs"})
        assert world.get("/v1/subjects/equal").json()["team"] == "risk"
        assert other.get("/v1/subjects/equal").json()["team"] == "theirs"


class TestBinding:
    """What `^` admits, seen in the version that a new release pins."""

    VERSIONS = ("0.0.3", "0.2.3", "0.2.9", "0.3.0", "1.0.0", "1.2.0", "1.10.1", "1.11.0-rc.1", "2.0.0-alpha", "2.0.0")

    @pytest.mark.parametrize(
        ("binding", "pinned"),
        [
            ("^1", "1.10.1"),
            ("^1.0", "1.10.1"),
            ("^1.2.0", "1.10.1"),
            ("^2", "2.0.0"),
            ("^0", "0.3.0"),
            ("^0.2", "0.2.9"),
            ("^0.2.3", "0.2.9"),
            ("^0.0.3", "0.0.3"),
            ("1.2.0", "1.2.0"),
            ("1.11.0-rc.1", "1.11.0-rc.1"),
            ("^3", None),
            ("^1.11", None),
            ("^0.0.4", None),
            ("1.11.0", None),
        ],
    )
    def test_the_newest_match(self, world: World, binding: str, pinned: str | None) -> None:
        for version in self.VERSIONS:
            world.publish(simple("many", version))
        body = BODY | {"policy": f"many@{binding}"}
        if pinned is None:
            problem(world.put("/v1/subjects/model-x", body), 422, "no_such_policy")
            return
        assert world.put("/v1/subjects/model-x", body).status_code == 201
        assert world.get(world.release("model-x")).json()["policy"] == {"name": "many", "version": pinned}

    def test_at_the_instant_a_release_is_registered(self, world: World) -> None:
        world.publish(simple("moving", "1.0.0"))
        subject = world.subject(policy="moving@^1")
        first = world.release(subject, "1")
        world.publish(simple("moving", "1.1.0"))
        second = world.release(subject, "2")
        assert [world.get(path).json()["policy"]["version"] for path in (first, second)] == ["1.0.0", "1.1.0"]


class TestList:
    @pytest.fixture
    def names(self, world: World) -> list[str]:
        world.publish()
        made = [f"{stem}-{n:03}" for n in range(40) for stem in ("churn", "fraud", "Zeta")]
        for n, name in enumerate(made):
            world.subject(name, team=f"team{n % 2}", kind="model" if n % 4 else "service", policy="acceptance@1.0.0")
        return made

    def walk(self, world: World, limit: int, **more: Any) -> list[str]:
        token = more.pop("token", "")
        found: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(200):
            page = world.get("/v1/subjects", params={"limit": limit, **more, **cursor}, token=token).json()
            assert page.keys() == {"items", "next_cursor"}
            assert len(page["items"]) <= limit
            found += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                return found
            assert len(page["items"]) == limit
            cursor = {"cursor": page["next_cursor"]}
        raise AssertionError("the pages never end")

    def test_pages(self, world: World, names: list[str]) -> None:
        assert len(world.get("/v1/subjects").json()["items"]) == 50
        for limit in (7, 60, 120, 200):
            assert self.walk(world, limit) == sorted(names)
        assert self.walk(world, 9, team="team1") == sorted(names[1::2])
        assert self.walk(world, 10, kind="service") == sorted(names[::4])
        assert self.walk(world, 4, kind="service", team="team1") == []
        token = world.token("read", subjects=("fraud-*", "Zeta-00*")).secret
        seen = sorted(name for name in names if name.startswith(("fraud-", "Zeta-00")))
        for limit in (1, 7, 50):
            assert self.walk(world, limit, token=token) == seen
        assert self.walk(world, 20, token=world.token("read", subjects=("nothing",)).secret) == []

    def test_a_limit_that_is_none(self, world: World) -> None:
        for limit in ("0", "-1", "201", "1.5", "", "ten", "1e2", "\u0661", "9" * 40, "+5", " 5"):
            problem(world.get("/v1/subjects", params={"limit": limit}), 422, path="limit")

    def test_a_cursor_that_is_none(self, world: World) -> None:
        for cursor in ("", "%", "====", "a", "\u00e9", "AAAA", "x" * 5000, "/w"):
            for path in ("/v1/subjects", "/v1/policies"):
                problem(world.get(path, params={"cursor": cursor}), 422, path="cursor")

    def test_a_cursor_of_another_org_shows_nothing_of_it(self, world: World) -> None:
        for _ in range(3):
            world.subject()
        cursor = world.get("/v1/subjects?limit=2").json()["next_cursor"]
        assert world.another().get("/v1/subjects", params={"cursor": cursor}).json()["items"] == []

    def test_a_filter_that_can_be_none(self, world: World) -> None:
        for key, value in (("team", "a b"), ("kind", ""), ("team", "\x00")):
            problem(world.get("/v1/subjects", params={key: value}), 422, path=key)


class TestGet:
    def test_unknown(self, world: World) -> None:
        problem(world.get("/v1/subjects/nothing"), 404, "not_found")

    def test_as_it_stands(self, world: World) -> None:
        name = world.subject(title="Grüße 🚀")
        assert world.get(f"/v1/subjects/{name}").json()["title"] == "Grüße 🚀"


class TestMaturity:
    def test_without_a_release(self, world: World) -> None:
        found = world.get(f"/v1/subjects/{world.subject()}/maturity").json()
        assert (found["release"], found["level"], found["name"]) == (None, 1, "Ad Hoc")

    def test_of_the_newest_then_of_the_live_one(self, world: World) -> None:
        subject = world.subject()
        first = world.release(subject, "1")
        world.cleared(first)
        found = world.get(f"/v1/subjects/{subject}/maturity").json()
        assert (found["release"], found["level"], found["next"]) == ("1", 3, None)
        world.clock.forward(hours=1)
        world.release(subject, "2", "b" * 64)
        found = world.get(f"/v1/subjects/{subject}/maturity").json()
        assert (found["release"], found["level"]) == ("2", 1)
        assert found["next"]["unmet"][0]["id"] == "tests-pass"
        assert world.post(f"{first}/launch").status_code == 201
        found = world.get(f"/v1/subjects/{subject}/maturity").json()
        assert (found["release"], found["level"]) == ("1", 3)

    def test_it_lapses_with_time(self, world: World) -> None:
        subject = world.subject()
        world.cleared(world.release(subject))
        until = world.get(f"/v1/subjects/{subject}/maturity").json()["valid_until"]
        assert until == "2027-03-12T12:00:00Z"
        world.clock.forward(days=7)
        assert world.get(f"/v1/subjects/{subject}/maturity").json()["level"] == 1

    def test_a_waived_criterion_does_not_count(self, world: World) -> None:
        """Asked of `/v1/evaluate`, where waivers can be given."""
        world.publish()
        waiver = {"criterion": "tests-pass", "granted_at": "2027-03-05T00:00:00Z", "expires_at": "2027-03-06T00:00:00Z",
                  "reason": "x", "granted_by": "lee"}  # fmt: skip
        question = {
            "policy": document(),
            "subject": {"name": "m", "attributes": {"regulated": False}},
            "release": {"version": "1", "artifacts": [{"name": "f", "sha256": A}]},
            "waivers": [waiver],
        }
        assert world.post("/v1/evaluate", question).json()["maturity"]["level"] == 1

    def test_a_policy_without_levels(self, world: World) -> None:
        world.publish(simple("flat"))
        for path in (world.subject(policy="flat@^1"), world.release(world.subject(policy="flat@^1")).split("/")[3]):
            found = world.get(f"/v1/subjects/{path}/maturity").json()
            assert (found["level"], found["name"], found["next"]) == (None, None, None)

    def test_unknown(self, world: World) -> None:
        problem(world.get("/v1/subjects/nothing/maturity"), 404)
