"""Rules of trust: which can be made, and whom they match."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from phasegate.operations.trust import matches
from phasegate.storage.trust import TrustRuleRecord
from tests.support.clock import START
from tests.support.policies import Document
from tests.support.problems import problem
from tests.support.world import World

GITHUB: Document = {
    "name": "release-workflow",
    "use": "exchange",
    "issuer": "https://token.actions.githubusercontent.com",
    "match": {"repository_id": "632596897", "repository_owner_id": "131804563", "ref": "refs/heads/main"},
    "principal": "github-ci",
    "scopes": ["evidence:write", "read"],
    "subjects": ["fraud-*"],
    "max_ttl": "PT15M",
}
GITLAB: Document = GITHUB | {"issuer": "https://gitlab.com", "match": {"project_id": "1", "namespace_id": "2"}}
BUILDKITE: Document = GITHUB | {
    "issuer": "https://agent.buildkite.com",
    "match": {"organization_id": "1", "pipeline_id": "2"},
}
CIRCLECI: Document = GITHUB | {
    "issuer": "https://oidc.circleci.com/org/1",
    "match": {"oidc.circleci.com/project-id": "2"},
}
JENKINS: Document = GITHUB | {
    "issuer": "https://jenkins.example/oidc",
    "match": {"sub": "https://jenkins.example/job/scorer/"},
}
UNUSABLE = ECKey.generate_key("P-384").as_dict(private=False)
SIGSTORE: Document = {
    "name": "signer",
    "use": "sigstore",
    "issuer": "https://token.actions.githubusercontent.com",
    "match": {
        "identity": "https://github.com/acme/model/.github/workflows/release.yml@refs/heads/main",
        "source_repository_identifier": "632596897",
        "source_repository_owner_identifier": "131804563",
    },
    "subjects": ["*"],
}
LOGIN: Document = {
    "name": "staff",
    "use": "login",
    "issuer": "https://login.example",
    "client_id": "phasegate",
    "roles": ["legal"],
}


class TestMaking:
    @pytest.mark.parametrize(
        "body",
        [GITHUB, GITLAB, BUILDKITE, CIRCLECI, JENKINS, SIGSTORE, LOGIN, LOGIN | {"issuer": "https://gitlab.com"}],
        ids=["github", "gitlab", "buildkite", "circleci", "jenkins", "sigstore", "login", "login at gitlab"],
    )
    def test_what_it_answers(self, world: World, body: Document) -> None:
        answer = world.post("/v1/trust", body)
        assert answer.status_code == 201, answer.text
        found = answer.json()
        assert {key: found[key] for key in body} == body
        assert world.get(f"/v1/trust/{found['id']}").json() == found
        assert world.get("/v1/trust").json() == {"items": [found], "next_cursor": None}
        assert world.audited()[-1] == "trust.added"

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (GITHUB | {"use": "everything"}, "use"),
            (GITHUB | {"surprise": 1}, "surprise"),
            (GITHUB | {"match": {}}, "match"),
            (GITHUB | {"match": {"repository_id": 1, "repository_owner_id": "2"}}, "match"),
            (GITHUB | {"match": {"repository_id": "1"}}, "match.repository_owner_id"),
            (GITHUB | {"match": {"repository_owner_id": "1"}}, "match.repository_id"),
            (GITHUB | {"match": {"repository": "acme/model"}}, "match.repository_id"),
            (
                GITHUB | {"issuer": "https://token.actions.githubusercontent.com/acme", "match": {"x": "1"}},
                "match.repository_id",
            ),
            (
                GITHUB | {"issuer": "https://ghe.example/_services/token", "match": {"repository": "a/b"}},
                "match.repository_id",
            ),
            (GITLAB | {"match": {"project_id": "1"}}, "match.namespace_id"),
            (GITLAB | {"issuer": "https://gitlab.example", "match": {"sub": "x"}}, "match.project_id"),
            (GITLAB | {"issuer": "https://git.example", "match": {"project_path": "a/b"}}, "match.project_id"),
            (GITHUB | {"principal": None}, "principal"),
            (GITHUB | {"subjects": []}, "subjects"),
            (GITHUB | {"scopes": []}, "scopes"),
            (GITHUB | {"scopes": ["evidence:wirte"]}, "scopes"),
            (GITHUB | {"scopes": ["read", "admin"]}, "scopes"),
            (GITHUB | {"scopes": ["evidence:revoke"]}, "scopes"),
            (GITHUB | {"scopes": ["subjects:write"]}, "scopes"),
            (GITHUB | {"scopes": ["policies:write"]}, "scopes"),
            *((GITHUB | {"scopes": [scope]}, "scopes") for scope in ("signoffs:write", "waivers:write", "chat:relay")),
            (BUILDKITE | {"match": {"organization_id": "1"}}, "match.pipeline_id"),
            (BUILDKITE | {"match": {"build_branch": "main"}}, "match.organization_id"),
            (BUILDKITE | {"issuer": "https://x.example", "match": {"pipeline_slug": "p"}}, "match.pipeline_id"),
            (CIRCLECI | {"match": {"sub": "x"}}, "match.oidc.circleci.com/project-id"),
            (JENKINS | {"match": {"iss": JENKINS["issuer"], "aud": "x"}}, "match"),
            (JENKINS | {"jwks": {"keys": [UNUSABLE]}}, "jwks"),
            (SIGSTORE | {"scopes": ["admin"]}, "scopes"),
            (GITHUB | {"max_ttl": "PT0S"}, "max_ttl"),
            (GITHUB | {"max_ttl": "P2D"}, "max_ttl"),
            (GITHUB | {"max_ttl": "15m"}, "max_ttl"),
            (GITHUB | {"issuer": "http://issuer.example"}, "issuer"),
            (GITHUB | {"issuer": "issuer.example"}, "issuer"),
            (GITHUB | {"issuer": "https://user:pw@issuer.example"}, "issuer"),
            (GITHUB | {"issuer": "https://issuer.example?x"}, "issuer"),
            (GITHUB | {"issuer": "https://issuer.example:99999"}, "issuer"),
            (SIGSTORE | {"match": {}}, "match"),
            (SIGSTORE | {"match": {"build_trigger": "push"}}, "match.identity"),
            (SIGSTORE | {"match": {"identity": "x"}}, "match.source_repository_identifier"),
            (
                SIGSTORE | {"match": {"identity": "x", "source_repository_identifier": "1"}},
                "match.source_repository_owner_identifier",
            ),
            (
                SIGSTORE | {"issuer": "https://gitlab.com", "match": {"identity": "x"}},
                "match.source_repository_identifier",
            ),
            (SIGSTORE | {"match": SIGSTORE["match"] | {"repository_id": "1"}}, "match.repository_id"),
            (SIGSTORE | {"subjects": []}, "subjects"),
            (LOGIN | {"client_id": None}, "client_id"),
            (GITHUB | {"jwks": {}}, "jwks"),
            (GITHUB | {"jwks": {"keys": []}}, "jwks"),
            (GITHUB | {"jwks": {"keys": ["x"]}}, "jwks"),
            (GITHUB | {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}]}}, "jwks"),
        ],
    )
    def test_what_is_refused(self, world: World, body: Document, path: str) -> None:
        problem(world.post("/v1/trust", body), 422, path=path)
        assert world.count("trust_rule") == 0

    def test_keys_of_the_issuer(self, world: World) -> None:
        key = ECKey.generate_key("P-256")
        public = {"keys": [key.as_dict(private=False)]}
        assert world.post("/v1/trust", GITHUB | {"jwks": public}).json()["jwks"] == public
        for secret in (key.as_dict(private=True), OctKey.generate_key(256).as_dict(private=True)):
            answer = world.post("/v1/trust", GITHUB | {"jwks": {"keys": [secret]}})
            problem(answer, 422, path="jwks")
            assert str(secret.get("d") or secret.get("k")) not in answer.text

    def test_an_issuer_on_this_machine(self, world: World) -> None:
        for host in ("127.0.0.1:8080", "localhost", "[::1]:1"):
            assert world.post("/v1/trust", SIGSTORE | {"issuer": f"http://{host}"}).status_code == 201

    @pytest.mark.parametrize("length", ["PT1S", "PT15M", "PT1H30M", "PT24H"])
    def test_a_length_is_told_as_it_was_said(self, world: World, length: str) -> None:
        assert world.post("/v1/trust", GITHUB | {"max_ttl": length}).json()["max_ttl"] == length


class TestRemoving:
    def test_it_is_gone_at_once(self, world: World) -> None:
        found = world.post("/v1/trust", SIGSTORE).json()
        assert world.call("DELETE", f"/v1/trust/{found['id']}").json() == found
        problem(world.get(f"/v1/trust/{found['id']}"), 404)
        problem(world.call("DELETE", f"/v1/trust/{found['id']}"), 404)
        assert world.get("/v1/trust").json()["items"] == []
        assert world.audited()[-1] == "trust.removed"

    def test_of_another_org(self, world: World) -> None:
        found = world.post("/v1/trust", SIGSTORE).json()
        problem(world.another().call("DELETE", f"/v1/trust/{found['id']}"), 404)
        assert world.get(f"/v1/trust/{found['id']}").status_code == 200


CLAIMS = {"repository_id": "1", "event_name": "push", "ref": "refs/heads/main", "actor_id": "7"}


class TestMatching:
    def rule(self, match: dict[str, str] | None) -> TrustRuleRecord:
        nothing: Any = None
        return TrustRuleRecord(
            "id", "name", "exchange", "https://x", None, None, match, None, (), ("*",), None, None, (), START, nothing
        )

    @pytest.mark.parametrize(
        ("match", "claims", "found"),
        [
            ({"repository_id": "1"}, {}, True),
            ({"repository_id": "1", "ref": "refs/heads/main"}, {}, True),
            ({"repository_id": "2"}, {}, False),
            ({"repository_id": "1", "environment": "prod"}, {}, False),
            ({"repository_id": "1"}, {"repository_id": "10"}, False),
            ({"ref": "refs/heads/mai"}, {}, False),
            ({"ref": "refs/heads/*"}, {}, False),
            ({"ref": "REFS/heads/main"}, {}, False),
            ({}, {}, False),
            (None, {}, False),
            ({"repository_id": "1"}, {"event_name": "pull_request"}, False),
            ({"repository_id": "1"}, {"event_name": "pull_request_target"}, False),
            ({"repository_id": "1"}, {"ref": "refs/pull/7/merge"}, False),
            ({"repository_id": "1"}, {"pipeline_source": "merge_request_event"}, False),
            ({"repository_id": "1", "event_name": "pull_request"}, {"event_name": "pull_request"}, True),
            (
                {"repository_id": "1", "event_name": "pull_request"},
                {"event_name": "pull_request", "ref": "refs/pull/7/merge"},
                False,
            ),
        ],
    )
    def test_exactly(self, match: dict[str, str] | None, claims: dict[str, str], found: bool) -> None:
        assert matches(self.rule(match), CLAIMS | claims) is found
