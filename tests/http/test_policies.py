"""Publishing, checking, listing and reading policies."""

import json
from collections.abc import Callable

import pytest

from tests.support.policies import Document, as_json, document, simple
from tests.support.problems import problem
from tests.support.world import World

YAML = {"Content-Type": "application/yaml"}
SOUND = b"""\
# A comment that the digest knows nothing of.
policy: from-yaml
version: 1.0.0
title: From YAML
evidence:
  unit-tests: {shape: test-report, scope: release}
phases:
  - id: testing
    title: Testing
    criteria:
      - id: tests-pass
        title: Tests pass
        evidence: unit-tests
        checks:
          - that: evidence.passed > 0 && evidence.failed == 0
            otherwise: "{evidence.failed} failed"
"""
FAULTY = {
    "typo in a field": ("evidence.failed == 0", "evidence.faild == 0", 15, "failed"),
    "unknown type": ("evidence: unit-tests", "evidence: unit-test", 13, "unit-tests"),
    "not a bool": ("evidence.passed > 0 && evidence.failed == 0", "evidence.passed", 15, None),
    "int with double": ("evidence.failed == 0", "evidence.failed == 0.0", 15, None),
    "unknown key": ("title: Testing", "titel: Testing", 9, "title"),
    "unknown shape": ("shape: test-report", "shape: test-reprot", 6, "test-report"),
    "no semver": ("version: 1.0.0", 'version: "1.0"', 3, None),
    "expression that does not parse": ("evidence.passed > 0", "evidence.passed >", 15, None),
}

FIRST, SECOND, LAST = "phases[0].criteria[0]", "phases[0].criteria[1]", "phases[1].criteria[0]"
UNSAYABLE: dict[str, tuple[Callable[[Document], object], str]] = {
    "a criterion twice": (lambda p: p["phases"][0]["criteria"][1].update(id="tests-pass"), SECOND),
    "twice in two phases": (lambda p: p["phases"][1]["criteria"][0].update(id="good-enough"), LAST),
    "no checks": (lambda p: p["phases"][0]["criteria"][0].pop("checks"), FIRST),
    "empty checks": (lambda p: p["phases"][0]["criteria"][0].update(checks=[]), FIRST),
    "a phase without criteria": (lambda p: p["phases"][1].update(criteria=[]), "phases[1]"),
    "a phase twice": (lambda p: p["phases"][1].update(id="testing"), "phases[1]"),
    "a phase called launch": (lambda p: p["phases"][1].update(id="launch"), "phases[1]"),
    "a phase that never blocks": (lambda p: p["phases"][1]["criteria"][0].update(advisory=True), "phases[1]"),
    "levels turned round": (lambda p: p["maturity"]["levels"].reverse(), "maturity.levels"),
    "a level left out": (lambda p: p["maturity"]["levels"].pop(1), "maturity.levels"),
    "a level requires nothing known": (
        lambda p: p["maturity"]["levels"][1].update(requires=["test-pass"]),
        "maturity.levels[1]",
    ),
    "level 1 requires something": (
        lambda p: p["maturity"]["levels"][0].update(requires=["tests-pass"]),
        "maturity.levels[0]",
    ),
}
NO_YAML = (
    b"", b"\xff\xfe", b"a: [", b"a: 1\na: 2", b"a: &x 1\nb: *x", b"a: !!python/object:os.system x", b"<<: {a: 1}",
    b"---\na: 1\n---\nb: 2", b"[" * 100_000, b"{a: " * 100_000, b"- " * 50_000, b"a: \x00", b'a: "\\ud800"',
    b"a: \x07", b'a: "' + b"x" * 100,
)  # fmt: skip


def changed(old: str, new: str) -> bytes:
    assert SOUND.count(old.encode()) == 1
    return SOUND.replace(old.encode(), new.encode())


class TestPublish:
    @pytest.mark.parametrize(("old", "new", "line", "mend"), FAULTY.values(), ids=FAULTY.keys())
    def test_a_fault_is_told_with_its_place_and_nothing_is_stored(
        self, world: World, old: str, new: str, line: int, mend: str | None
    ) -> None:
        lines = changed(old, new).decode().split("\n")
        for path in ("/v1/policies", "/v1/policies/validate"):
            body = problem(world.post(path, changed(old, new), headers=YAML), 422)
            found = next((fault for fault in body["errors"] if fault.get("line") == line), None)
            assert found is not None, body["errors"]
            assert found["column"] > len(lines[line - 1]) - len(lines[line - 1].lstrip())
            assert found["column"] <= len(lines[line - 1])
            if mend is not None:
                assert mend in found["suggestion"]
        assert world.count("policy_version") == 0
        assert "policy.published" not in world.audited()
        assert world.get("/v1/policies").json() == {"items": [], "next_cursor": None}

    def test_the_place_inside_an_expression(self, world: World) -> None:
        body = problem(
            world.post("/v1/policies", changed("evidence.failed ==", "evidence.faild =="), headers=YAML), 422
        )
        (fault,) = body["errors"]
        assert fault["line"] == 15
        column = fault["column"]
        assert b"          - that: evidence.passed > 0 && evidence.faild == 0"[column - 1 :].startswith(
            (b"evidence.faild", b".faild", b"faild")
        )
        assert fault["suggestion"] == "did you mean 'failed'?"

    def test_all_faults_at_once(self, world: World) -> None:
        policy = document()
        policy["phases"][0]["criteria"][0]["checks"][0]["that"] = "evidence.passd > 0"
        policy["phases"][0]["criteria"][1]["checks"][1]["that"] = "evidence.metrics.roc_auc >= params.min_auk"
        policy["phases"][1]["criteria"][0]["when"] = "subject.attributes.regulatd"
        body = problem(world.post("/v1/policies", policy), 422)
        paths = [fault["path"] for fault in body["errors"]]
        for start in (FIRST, SECOND, LAST):
            assert any(path.startswith(start) for path in paths), paths

    def test_a_nul_in_a_text(self, world: World) -> None:
        """As everywhere else: refused, whatever spelling YAML has for it."""
        answer = world.post("/v1/policies", changed("title: From YAML", 'title: "From\\0YAML"'), headers=YAML)
        assert answer.status_code in (400, 422)
        problem(answer, answer.status_code)

    @pytest.mark.parametrize(("change", "path"), UNSAYABLE.values(), ids=UNSAYABLE.keys())
    def test_what_no_type_can_say(self, world: World, change: Callable[[Document], object], path: str) -> None:
        policy = document()
        change(policy)
        body = problem(world.post("/v1/policies", policy), 422)
        assert any(fault["path"].startswith(path) for fault in body["errors"]), body["errors"]
        assert world.count("policy_version") == 0

    def test_what_is_no_yaml(self, world: World) -> None:
        taken = [raw[:20] for raw in NO_YAML if world.post("/v1/policies", raw, headers=YAML).status_code != 400]
        assert taken == []

    def test_what_is_no_policy(self, world: World) -> None:
        for raw in (b"null", b"- a", b"3", b"policy: x", b"{}", b'"text"'):
            problem(world.post("/v1/policies", raw, headers=YAML), 422)

    def test_two_mebibytes(self, world: World) -> None:
        problem(world.post("/v1/policies", b"#" * 2 * 1024 * 1024 + SOUND, headers=YAML), 413, "too_large")

    @pytest.mark.parametrize(
        "media", ["text/yaml", "application/x-yaml", "text/plain", "multipart/form-data; boundary=x"]
    )
    def test_another_content_type(self, world: World, media: str) -> None:
        problem(world.post("/v1/policies", SOUND, headers={"Content-Type": media}), 415)

    def test_what_is_no_semver(self, world: World) -> None:
        wrong = ("1.0.0-01", "1.0.0-a..b", "1.0.0-.", "1.0.0-", "01.0.0", "1.0", "v1.0.0", "1.0.0+b", "1.0.0 ")
        taken = [each for each in wrong if world.post("/v1/policies", simple("odd", each)).status_code != 422]
        assert taken == []

    def test_a_version_that_was_taken_can_be_bound_to(self, world: World) -> None:
        """Whatever is published must never break a later look-up."""
        for version in ("1.0.0-01", "1.0.0-a..b", "1.0.0"):
            world.post("/v1/policies", simple("odd", version))
        world.subject(policy="odd@^1")

    def test_new_then_again(self, world: World) -> None:
        first = world.post("/v1/policies", SOUND, headers=YAML)
        assert first.status_code == 201
        assert first.json().keys() == {"name", "version", "digest", "published_at"}
        assert first.json()["digest"].startswith("sha256:")
        assert first.json()["published_at"] == "2027-03-05T12:00:00Z"
        world.clock.forward(days=1)
        again = world.post("/v1/policies", SOUND, headers=YAML)
        assert (again.status_code, again.json()) == (200, first.json())
        assert world.audited().count("policy.published") == 1

    def test_the_same_meaning_in_another_form(self, world: World) -> None:
        """Key order, comments, YAML or JSON don't matter."""
        published = world.publish()
        shuffled = json.dumps(dict(reversed(document().items())), indent=3)
        for raw, media in ((shuffled, "application/json"), (f"# also YAML\n{shuffled}", "application/yaml")):
            answer = world.post("/v1/policies", raw.encode(), headers={"Content-Type": media})
            assert (answer.status_code, answer.json()) == (200, published)

    @pytest.mark.parametrize("form", ["escaped", "as it is", "tabs", "escaped slashes", "one line a value"])
    def test_any_json_that_others_write(self, world: World, form: str) -> None:
        """JSON is JSON, also where YAML would read it otherwise."""
        policy = simple("any-json") | {"title": "Gr\u00fc\u00dfe \U0001f680 / \x7f \u2028"}
        raw = {
            "escaped": json.dumps(policy),
            "as it is": json.dumps(policy, ensure_ascii=False),
            "tabs": json.dumps(policy | {"title": "x"}, indent="\t"),
            "escaped slashes": json.dumps(policy | {"title": "a/b"}).replace("/", "\\/"),
            "one line a value": json.dumps(policy | {"title": "x"}, indent=0, separators=(",", ":")),
        }[form]
        answer = world.post("/v1/policies", raw.encode())
        assert answer.status_code == 201, answer.text
        assert world.get("/v1/policies/any-json/versions/1.0.0").json() == json.loads(raw)

    def test_another_meaning(self, world: World) -> None:
        world.publish()
        other = document()
        other["title"] = "Another title"
        problem(world.post("/v1/policies", other), 409, "version_exists")
        assert world.count("policy_version") == 1

    def test_a_mapping_that_takes_the_name_of_a_format_is_refused(self, world: World) -> None:
        mapping = {"reads": "json", "shape": "test-report", "detect": "has(doc.x)"}
        counts = dict.fromkeys(("total", "passed", "failed", "errors", "skipped"), 1)
        mine = {**document(), "mappings": {"junit": {**mapping, "fields": counts}}}
        for path in ("/v1/policies", "/v1/policies/validate"):
            body = problem(world.post(path, mine), 422)
            assert [fault["path"] for fault in body["errors"]] == ["mappings.junit"]
            assert "is a format that is read here already" in body["detail"]


class TestValidate:
    def test_nothing_is_stored(self, world: World) -> None:
        answer = world.post("/v1/policies/validate", SOUND, headers=YAML)
        assert answer.status_code == 200
        assert answer.json() | {"name": "from-yaml", "version": "1.0.0"} == answer.json()
        assert world.count("policy_version") == 0
        assert world.audited() == ["token.created"]

    def test_what_is_senseless_is_a_warning(self, world: World) -> None:
        checked = world.post("/v1/policies/validate", SOUND, headers=YAML).json()
        told = {(each["rule"], each["path"]) for each in checked["warnings"]}
        assert ("owner", "phases[0].criteria[0]") in told
        assert all(each["line"] and each["column"] and each["message"] for each in checked["warnings"])
        assert not {"case", "never-false"} & {rule for rule, _ in told}

    def test_it_tells_the_digest_that_publication_gives(self, world: World) -> None:
        checked = world.post("/v1/policies/validate", SOUND, headers=YAML).json()
        published = world.post("/v1/policies", SOUND, headers=YAML).json()
        assert checked["digest"] == published["digest"]

    def test_read_is_enough_and_publication_needs_more(self, world: World) -> None:
        token = world.token("read").secret
        assert world.post("/v1/policies/validate", document(), token=token).status_code == 200
        problem(world.post("/v1/policies", document(), token=token), 403, "missing_scope")


class TestList:
    def test_paging(self, world: World) -> None:
        names = sorted(f"policy-{n}" for n in range(7))
        for name in reversed(names):
            world.publish(simple(name))
        seen, cursor = [], None
        while True:
            page = world.get("/v1/policies", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
            assert len(page["items"]) <= 3
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == names

    def test_an_exact_last_page_has_no_cursor(self, world: World) -> None:
        for n in range(4):
            world.publish(simple(f"policy-{n}"))
        assert world.get("/v1/policies?limit=4").json()["next_cursor"] is None
        assert world.get("/v1/policies?limit=3").json()["next_cursor"] is not None

    def test_another_org_with_equal_names(self, world: World) -> None:
        other = world.another()
        world.publish(simple("equal", check="evidence.passed > 0"))
        other.publish(simple("equal", check="evidence.passed > 1"))
        mine, theirs = (each.get("/v1/policies/equal").json() for each in (world, other))
        assert mine["versions"][0]["digest"] != theirs["versions"][0]["digest"]
        assert len(world.get("/v1/policies").json()["items"]) == 1


class TestOne:
    def test_its_versions(self, world: World) -> None:
        for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"):
            world.clock.forward(hours=1)
            world.publish(simple("many", version))
        found = world.get("/v1/policies/many").json()
        assert found["name"] == "many"
        assert [each["version"] for each in found["versions"]] == ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"]
        assert found["versions"][0].keys() == {"version", "digest", "published_at"}

    def test_unknown(self, world: World) -> None:
        problem(world.get("/v1/policies/nothing"), 404, "not_found")


class TestOneVersion:
    @pytest.fixture
    def path(self, world: World) -> str:
        answer = world.post("/v1/policies", SOUND, headers=YAML)
        assert answer.status_code == 201
        return "/v1/policies/from-yaml/versions/1.0.0"

    @pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html;q=0.8, application/json;q=0.9"])
    def test_as_json(self, world: World, path: str, accept: str | None) -> None:
        answer = world.get(path, headers={"Accept": accept} if accept else {})
        assert answer.headers["content-type"] == "application/json"
        found: Document = answer.json()
        assert (found["policy"], found["version"]) == ("from-yaml", "1.0.0")
        assert found["phases"][0]["criteria"][0]["checks"][0]["otherwise"] == "{evidence.failed} failed"

    def test_the_exact_bytes(self, world: World, path: str) -> None:
        answer = world.get(path, headers={"Accept": "application/yaml"})
        assert answer.headers["content-type"].split(";")[0] == "application/yaml"
        assert answer.content == SOUND
        assert "Accept" in answer.headers["vary"]

    def test_the_first_bytes_stay(self, world: World, path: str) -> None:
        assert world.post("/v1/policies", b"# later\n" + SOUND, headers=YAML).status_code == 200
        assert world.get(path, headers={"Accept": "application/yaml"}).content == SOUND

    def test_published_as_json(self, world: World) -> None:
        raw = as_json(simple("in-json"))
        assert world.post("/v1/policies", raw).status_code == 201
        path = "/v1/policies/in-json/versions/1.0.0"
        assert world.get(path).json() == simple("in-json")
        assert world.get(path, headers={"Accept": "application/yaml"}).content == raw

    def test_unknown(self, world: World, path: str) -> None:
        for wrong in (path.replace("1.0.0", "1.0.1"), path.replace("from-yaml", "nothing")):
            problem(world.get(wrong), 404)

    def test_a_form_that_is_not_given(self, world: World, path: str) -> None:
        problem(world.get(path, headers={"Accept": "image/png"}), 406)
