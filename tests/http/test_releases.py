"""Registering, listing and reading releases."""

from typing import Any

from tests.support.problems import problem
from tests.support.world import A, B, C, World


def files(*shas: str) -> list[dict[str, str]]:
    return [{"name": f"file-{n}", "sha256": sha} for n, sha in enumerate(shas)]


class TestRegister:
    def test_what_does_not_fit(self, world: World) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"version": ""}, "version"),
            ({"version": "a b"}, "version"),
            ({"version": "1/2"}, "version"),
            ({"version": "-1"}, "version"),
            ({"version": "1\n"}, "version"),
            ({"artifacts": []}, "artifacts"),
            ({"artifacts": files(*[A] * 101)}, "artifacts"),
            ({"artifacts": files("x")}, "artifacts[0].sha256"),
            ({"artifacts": files(A.upper())}, "artifacts[0].sha256"),
            ({"artifacts": files(f"sha256:{A}")}, "artifacts[0].sha256"),
            ({"artifacts": files(f"{A}\n")}, "artifacts[0].sha256"),
            ({"artifacts": files(A, B[:-1])}, "artifacts[1].sha256"),
            ({"artifacts": [{"name": "", "sha256": A}]}, "artifacts[0].name"),
            ({"artifacts": [{"name": "x" * 257, "sha256": A}]}, "artifacts[0].name"),
            ({"artifacts": [{"name": "a\tb", "sha256": A}]}, "artifacts[0].name"),
            ({"artifacts": [{"name": "a\u202eb", "sha256": A}]}, "artifacts[0].name"),
            ({"artifacts": [{"name": "f", "sha256": A}, {"name": "f", "sha256": B}]}, "artifacts[1].name"),
            ({"artifacts": [{"name": "f", "sha256": A, "size": 3}]}, "artifacts[0].size"),
            ({"source": "git"}, "source"),
            ({"source": {"branch": "main"}}, "source.branch"),
            ({"source": {"commit": 3}}, "source.commit"),
        ]
        subject = world.subject()
        for change, path in wrong:
            body = {"version": "1.0.0", "artifacts": files(A)} | change
            problem(world.post(f"/v1/subjects/{subject}/releases", body), 422, path=path)
        assert world.count("release") == 0

    def test_of_no_subject(self, world: World) -> None:
        body = {"version": "1.0.0", "artifacts": files(A)}
        problem(world.post("/v1/subjects/nothing/releases", body), 404, "not_found")

    def test_new_then_again(self, world: World) -> None:
        subject = world.subject()
        source = {"repository": "https://git/x", "commit": "abc", "ref": "refs/heads/main", "run_url": "https://ci/1"}
        body = {"version": "1.0.0", "artifacts": files(A, B), "source": source}
        first = world.post(f"/v1/subjects/{subject}/releases", body)
        assert first.status_code == 201
        shown = first.json()
        assert (shown["version"], shown["artifacts"], shown["source"]) == ("1.0.0", files(A, B), source)
        assert shown["registered_at"] == "2027-03-05T12:00:00Z"
        world.clock.forward(days=1)
        again = world.post(f"/v1/subjects/{subject}/releases", body)
        assert (again.status_code, again.json()) == (200, shown)
        turned = world.post(f"/v1/subjects/{subject}/releases", body | {"artifacts": files(A, B)[::-1]})
        assert (turned.status_code, turned.json()) == (200, shown)
        assert world.audited().count("release.registered") == 1

    def test_the_same_version_with_other_artifacts(self, world: World) -> None:
        subject = world.subject()
        path = world.release(subject, "1.0.0", A, B)
        renamed = [{"name": "x", "sha256": A}, *files(A, B)[1:]]
        for artifacts in (files(A), files(A, C), files(A, B, C), files(B, A), renamed):
            answer = world.post(f"/v1/subjects/{subject}/releases", {"version": "1.0.0", "artifacts": artifacts})
            problem(answer, 409, "release_exists")
        assert world.get(path).json()["artifacts"] == files(A, B)

    def test_a_file_under_two_names(self, world: World) -> None:
        assert world.get(world.release(None, "1", A, A)).json()["artifacts"] == files(A, A)

    def test_a_version_with_pluses(self, world: World) -> None:
        path = world.release(None, "1.0.0+build.7_a-b")
        assert world.get(path).json()["version"] == "1.0.0+build.7_a-b"
        assert world.get(path.replace("+", "%2B")).json()["version"] == "1.0.0+build.7_a-b"

    def test_subjects_write_includes_it(self, world: World) -> None:
        subject = world.subject()
        token = world.token("subjects:write").secret
        body = {"version": "1.0.0", "artifacts": files(A)}
        assert world.post(f"/v1/subjects/{subject}/releases", body, token=token).status_code == 201
        problem(
            world.put(f"/v1/subjects/{subject}", {}, token=world.token("releases:write").secret), 403, "missing_scope"
        )

    def test_who_registered_it(self, world: World) -> None:
        subject, token = world.subject(), world.token("releases:write", "read").secret
        body = {"version": "1.0.0", "artifacts": files(A)}
        shown = world.post(f"/v1/subjects/{subject}/releases", body, token=token).json()
        assert shown["registered_by"] == world.get("/v1/me", token=token).json()["principal"]["id"]


class TestArtifactSets:
    """Evidence is bound to the set of artifact digests."""

    def test_another_release(self, world: World) -> None:
        subject = world.subject()
        world.cleared(world.release(subject, "0", A, B))
        for n, shas in enumerate(((A, B), (B, A), (A, B, A)), start=1):
            assert world.status(world.release(subject, f"same-{n}", *shas), "tests-pass") == "pass"
        for n, shas in enumerate(((A,), (B,), (A, B, C), (A, C))):
            assert world.status(world.release(subject, f"other-{n}", *shas), "tests-pass") == "missing"

    def test_of_another_subject_with_the_same_files(self, world: World) -> None:
        world.cleared(world.release(None, "1", A))
        assert world.status(world.release(None, "1", A), "tests-pass") == "missing"

    def test_of_another_org_with_the_same_names_and_files(self, world: World) -> None:
        other = world.another()
        world.cleared(world.release(world.subject("equal"), "1", A))
        theirs = other.release(other.subject("equal"), "1", A)
        assert other.status(theirs, "tests-pass") == "missing"
        assert other.get(f"{theirs}/evidence").json()["items"] == []
        world.cleared(f"/v1/subjects/{'equal'}/releases/1")
        assert other.status(theirs, "tests-pass") == "missing"

    def test_evidence_sent_to_one_label_is_listed_under_the_other(self, world: World) -> None:
        subject = world.subject()
        first, second = world.release(subject, "1", A), world.release(subject, "2", A)
        sent = world.submit(second)
        assert [each["id"] for each in world.get(f"{first}/evidence").json()["items"]] == [sent["id"]]


class TestList:
    def test_newest_first(self, world: World) -> None:
        subject = world.subject()
        for n in range(7):
            world.release(subject, f"{n}")
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = world.get(f"/v1/subjects/{subject}/releases", params={"limit": "3", **cursor}).json()
            seen += [item["version"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == ["6", "5", "4", "3", "2", "1", "0"]

    def test_of_no_subject(self, world: World) -> None:
        problem(world.get("/v1/subjects/nothing/releases"), 404)

    def test_a_bad_cursor(self, world: World) -> None:
        for path in ("releases", "evidence"):
            answer = world.get(f"/v1/subjects/{world.subject()}/{path}", params={"cursor": "%%%"})
            problem(answer, 422, path="cursor")


class TestGet:
    def test_unknown(self, world: World) -> None:
        problem(world.get(f"/v1/subjects/{world.subject()}/releases/1"), 404, "not_found")
        problem(world.get("/v1/subjects/nothing/releases/1"), 404, "not_found")

    def test_its_members(self, world: World) -> None:
        shown = world.get(world.release()).json()
        assert shown["policy"] == {"name": "acceptance", "version": "1.0.0"}
        assert shown["registered_for"] == []
        assert shown["source"] is None


class TestFind:
    """`GET /v1/releases`."""

    def find(self, world: World, token: str = "", **query: str) -> list[str]:
        answer = world.get("/v1/releases", params=query, token=token)
        assert answer.status_code == 200, answer.text
        return [f"{item['subject']}@{item['version']}" for item in answer.json()["items"]]

    def register(self, world: World, subject: str, version: str, *shas: str, commit: str = "") -> None:
        artifacts = [{"name": f"f{n}", "sha256": sha} for n, sha in enumerate(shas)]
        body = {"version": version, "artifacts": artifacts, "source": {"commit": commit}}
        answer = world.post(f"/v1/subjects/{subject}/releases", body)
        assert answer.status_code == 201, answer.text

    def test_by_each_and_by_all(self, world: World) -> None:
        one, other = world.subject("fraud-1"), world.subject("churn-1")
        self.register(world, one, "1", A, B, commit="c0ffee")
        self.register(world, one, "2", A, commit="c0ffee")
        self.register(world, other, "1", B, commit="bad")
        assert self.find(world) == ["churn-1@1", "fraud-1@2", "fraud-1@1"]
        assert self.find(world, sha256=A) == ["fraud-1@2", "fraud-1@1"]
        assert self.find(world, sha256=B) == ["churn-1@1", "fraud-1@1"]
        assert self.find(world, sha256=B, subject=one) == ["fraud-1@1"]
        assert self.find(world, commit="c0ffee") == ["fraud-1@2", "fraud-1@1"]
        assert self.find(world, commit="c0ffee", sha256=B) == ["fraud-1@1"]
        assert self.find(world, commit="C0FFEE") == []
        assert self.find(world, commit="") == []
        assert self.find(world, sha256="e" * 64) == []
        assert self.find(world, subject="nothing") == []
        (item,) = world.get("/v1/releases", params={"sha256": B, "subject": one}).json()["items"]
        assert [each["sha256"] for each in item["artifacts"]] == [A, B]

    def test_within_the_tokens_subjects(self, world: World) -> None:
        for name in ("fraud-1", "fraud-2", "churn-1", "fraud_3"):
            world.release(world.subject(name))
        token = world.token("read", subjects=("fraud-*", "x-*")).secret
        assert self.find(world, token, sha256=A) == ["fraud-2@1.0.0", "fraud-1@1.0.0"]
        assert self.find(world, token, subject="fraud-1") == ["fraud-1@1.0.0"]
        problem(world.get("/v1/releases?subject=churn-1", token=token), 403, "outside_token_subjects")

    def test_of_another_org_there_are_none(self, world: World) -> None:
        world.release()
        assert self.find(world.another(), sha256=A) == []

    def test_page_by_page(self, world: World) -> None:
        for name in ("fraud-1", "churn-1"):
            subject = world.subject(name)
            for version in "123":
                world.release(subject, version)
        token = world.token("read", subjects=("fraud-*",)).secret
        first = world.get("/v1/releases?limit=2", token=token).json()
        assert [item["version"] for item in first["items"]] == ["3", "2"]
        rest = world.get(f"/v1/releases?limit=2&cursor={first['next_cursor']}", token=token).json()
        assert [item["version"] for item in rest["items"]] == ["1"]
        assert rest["next_cursor"] is None

    def test_what_cannot_be_asked(self, world: World) -> None:
        for query in ("sha256=x", "sha256=" + "A" * 64, "subject=a b", "subject=", "limit=0", "cursor=!", "sha=1"):
            problem(world.get(f"/v1/releases?{query}"), 422)

    def test_a_commit_longer_than_an_index_takes(self, world: World) -> None:
        self.register(world, world.subject(), "1", A, commit="x" * 2_000)
        assert len(self.find(world, commit="x" * 2_000)) == 1
        assert self.find(world, commit="x" * 1_999) == []
