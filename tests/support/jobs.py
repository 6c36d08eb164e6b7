"""Tokens of CI jobs as the systems write them, the rules that name them, and an org that such jobs are exchanged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from phasegate.http.app import create_app
from phasegate.settings import Settings
from tests.support.clock import Clock
from tests.support.issuer import Issuer
from tests.support.policies import Document
from tests.support.world import Sent, World, world_in

BASE = "https://gate.example.com"
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

GITHUB: Document = {
    "jti": "5f1f0e6e-5c7d-4f0e-9d7c-0f3c5b8a1e11",
    "sub": "repo:octo-org@65/octo-repo@74:environment:prod",
    "ref": "refs/heads/main",
    "ref_type": "branch",
    "sha": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    "repository": "octo-org/octo-repo",
    "repository_id": "74",
    "repository_owner": "octo-org",
    "repository_owner_id": "65",
    "repository_visibility": "private",
    "actor": "octocat",
    "actor_id": "12",
    "workflow": "release",
    "workflow_ref": "octo-org/octo-repo/.github/workflows/release.yml@refs/heads/main",
    "workflow_sha": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
    "job_workflow_sha": "0a0b0c0d0e0f000102030405060708090a0b0c0d",
    "environment": "prod",
    "event_name": "workflow_dispatch",
    "run_id": "23625057533",
    "run_number": "10",
    "run_attempt": "2",
    "runner_environment": "github-hosted",
    "head_ref": "",
    "base_ref": "",
}
GITLAB: Document = {
    "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
    "sub": "project_path:my-group/my-project:ref_type:branch:ref:main",
    "namespace_id": "72",
    "namespace_path": "my-group",
    "project_id": "20",
    "project_path": "my-group/my-project",
    "user_id": "1",
    "user_login": "sample-user",
    "user_email": "u@example.com",
    "user_access_level": "maintainer",
    "pipeline_id": "574",
    "pipeline_source": "push",
    "job_id": "302",
    "ref": "main",
    "ref_type": "branch",
    "ref_path": "refs/heads/main",
    "ref_protected": "true",
    "environment": "production",
    "environment_protected": "true",
    "deployment_tier": "production",
    "environment_action": "start",
    "runner_id": 1,
    "runner_environment": "self-hosted",
    "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
    "ci_config_ref_uri": "gitlab.example.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main",
    "ci_config_sha": None,
    "project_visibility": "private",
}
BUILDKITE: Document = {
    "sub": "organization:acme:pipeline:scorer:ref:refs/heads/main:commit:714a629c:step:gate",
    "organization_slug": "acme",
    "organization_id": "0184990a-4777-4710-a3a9-e5bb4b9f2e4d",
    "pipeline_slug": "scorer",
    "pipeline_id": "0184990a-477b-4fa8-9968-496074483cee",
    "build_number": 83,
    "build_branch": "main",
    "build_commit": "714a629c0b401fdce83e847fc9589983fc6f46bc",
    "step_key": None,
    "job_id": "0184990a-477b-4fa8-9968-496074483c01",
    "agent_id": "0184990a-4782-42b5-afc1-16715b10b8ff",
    "build_source": "ui",
    "runner_environment": "self-hosted",
}
_ORG, _PROJECT, _USER = (f"{n * 8}-{n * 4}-4{n * 3}-8{n * 3}-{n * 12}" for n in "123")
CIRCLECI: Document = {
    "sub": f"org/{_ORG}/project/{_PROJECT}/user/{_USER}/vcs-origin/github.com/acme/repo/vcs-ref/refs/heads/main",
    "oidc.circleci.com/org-id": _ORG,
    "oidc.circleci.com/project-id": _PROJECT,
    "oidc.circleci.com/context-ids": [],
    "oidc.circleci.com/job-id": "44444444-4444-4444-8444-444444444444",
    "oidc.circleci.com/pipeline-id": "55555555-5555-4555-8555-555555555555",
    "oidc.circleci.com/workflow-id": "66666666-6666-4666-8666-666666666666",
    "oidc.circleci.com/ssh-rerun": False,
    "oidc.circleci.com/vcs-origin": "github.com/acme/repo",
    "oidc.circleci.com/vcs-ref": "refs/heads/main",
}
JENKINS: Document = {"sub": "https://jenkins.example.com/job/scorer/", "build_number": 83}
OTHER: Document = {"sub": "system:serviceaccount:ci:gate", "kubernetes.io": {"namespace": "ci"}}

MATCH: dict[str, dict[str, str]] = {
    "github": {"repository_id": "74", "repository_owner_id": "65", "ref": "refs/heads/main"},
    "gitlab": {"project_id": "20", "namespace_id": "72", "ref_protected": "true"},
    "buildkite": {name: BUILDKITE[name] for name in ("organization_id", "pipeline_id")} | {"build_number": "83"},
    "circleci": {"oidc.circleci.com/project-id": _PROJECT, "oidc.circleci.com/ssh-rerun": "false"},
    "jenkins": {"sub": JENKINS["sub"]},
    "other": {"sub": OTHER["sub"]},
}
"""What a rule names of each."""
JOBS: dict[str, Document] = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "buildkite": BUILDKITE,
    "circleci": CIRCLECI,
    "jenkins": JENKINS,
    "other": OTHER,
}
ACTORS = {"github": "12", "gitlab": "1", "circleci": _USER}
"""Whom each calls the person who started the run, where it does."""


class Exchange:
    """An org whose rules name jobs of an issuer on loopback."""

    def __init__(self, world: World, issuer: Issuer) -> None:
        self.world = world
        self.issuer = issuer
        self.audience = f"{BASE}/orgs/{world.org}"

    def rule(self, system: str = "github", **changes: Any) -> Document:
        """Add a rule for a system's job; without one changed it allows to register and to submit."""
        body = {
            "name": self.world.fresh("rule"),
            "use": "exchange",
            "issuer": self.issuer.url,
            "match": MATCH[system],
            "principal": "ci",
            "scopes": ["read", "releases:write", "evidence:write"],
            "subjects": ["fraud-*"],
        } | changes
        answer = self.world.post("/v1/trust", {name: value for name, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        found: Document = answer.json()
        return found

    def job(self, system: str = "github", key: Any = None, **claims: Any) -> str:
        """A job's token, five minutes long; a claim that is None is left out."""
        now = int(self.world.clock().timestamp())
        times = {"iat": now, "nbf": now - 5, "exp": now + 300}
        return self.issuer.token(
            {"aud": self.audience} | JOBS[system] | times | claims, **({"key": key} if key else {})
        )

    def ask(self, token: str, **fields: str | None) -> Sent:
        """Ask for an exchange."""
        form = {"grant_type": GRANT, "subject_token": token, "subject_token_type": JWT} | fields
        return self.world.call(
            "POST", "/v1/token", token=None, data={name: value for name, value in form.items() if value is not None}
        )

    def given(self, token: str, **fields: str | None) -> str:
        """The secret that an exchange gives."""
        answer = self.ask(token, **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def told(self, action: str = "exchange.refused") -> list[Document]:
        """What the org's audit says of such actions."""
        answer = self.world.get(f"/v1/audit?action={action}")
        assert answer.status_code == 200, answer.text
        return [each["after"] for each in answer.json()["items"]]


def refused(answer: Sent, error: str = "invalid_request", status: int = 400) -> str:
    """Check that an answer is a refusal in OAuth's form, and nothing else; its description."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error, answer.text
    return str(answer.json()["error_description"])


@contextmanager
def calling(endpoint: str, database: str, data: Path, clock: Clock, **settings: Any) -> Iterator[TestClient[Litestar]]:
    """An application that may call the issuers at `endpoint`; it counts many failures before it is too much."""
    found = Settings(database, data, public_url=BASE, outbound_allow=endpoint, failures_per_minute=1_000_000)
    app = create_app(replace(found, **settings), clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def exchanging(database: str, data: Path, clock: Clock, issuer: Issuer, **settings: Any) -> Iterator[Exchange]:
    """A new org in an application of its own."""
    with calling(issuer.endpoint, database, data, clock, **settings) as client:
        yield Exchange(world_in(client, clock), issuer)
