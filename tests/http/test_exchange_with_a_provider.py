"""The whole way, with nothing of our own making at the other end: an OIDC provider in a process of its own gives an
ID token, the command sends a tool's file with it to a real server, and what the server keeps names the issuer."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from phasegate.http.app import create_app
from phasegate.settings import Settings
from tests.support.databases import Databases
from tests.support.loopback import Loopback, serving
from tests.support.provider import OidcProvider, providing
from tests.support.world import World

COMMAND = Path(sys.executable).with_name("phasegate")
ROBOT = {"sub": "pipeline-7", "email": "pipeline-7@example.com"}
JUNIT = '<testsuite name="s" tests="1"><testcase classname="t" name="n"/></testsuite>'
BASE = "https://gate.example.com"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with providing(ROBOT) as found:
        yield found


@pytest.fixture
def server(databases: Databases, provider: OidcProvider, tmp_path: Path) -> Iterator[Loopback]:
    settings = Settings(databases.migrated(), tmp_path, public_url=BASE, outbound_allow=provider.endpoint)
    with serving(create_app(settings)) as served:
        yield served


@pytest.fixture
def world(server: Loopback) -> Iterator[World]:
    with server.world() as found:
        yield found


def id_token(provider: OidcProvider, audience: str) -> str:
    """The token of a log-in at the provider, by the authorization code flow, for a client named as the audience."""
    back = "http://127.0.0.1/back"
    asked = {"client_id": audience, "redirect_uri": back, "response_type": "code", "scope": "openid", "nonce": "n"}
    with httpx.Client(base_url=provider.url, trust_env=False, timeout=30) as http:
        allowed = http.post("/oauth2/authorize", params=asked, data={"sub": ROBOT["sub"]})
        code = parse_qs(urlsplit(allowed.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        form |= {"client_id": audience, "client_secret": "any"}
        answer = http.post("/oauth2/token", data=form)
        if answer.status_code != 200:
            answer = http.post("/oauth2/token", data=form, auth=(audience, "any"))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id_token"])


def test_from_a_log_in_elsewhere_to_a_record_here(
    world: World, server: Loopback, provider: OidcProvider, tmp_path: Path
) -> None:
    owner = world.person("lee")
    robot = world.person("robot", identities=[{"issuer": provider.url, "subject": ROBOT["sub"]}])
    assert world.put("/v1/tools/ci", {"owner": owner, "title": "CI"}).status_code == 201
    rule = {"name": "robot", "use": "exchange", "issuer": provider.url, "match": {"sub": ROBOT["sub"]}}
    rule |= {"principal": "ci", "scopes": ["read", "evidence:write"], "subjects": ["fraud-*"]}
    assert world.post("/v1/trust", rule).status_code == 201
    path = world.release(world.subject("fraud-scorer"))
    token = id_token(provider, f"{BASE}/orgs/{world.org}")
    (tmp_path / "junit.xml").write_text(JUNIT)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"PHASEGATE_URL": server.url, "PHASEGATE_ID_TOKEN": token}

    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        line = [str(COMMAND), *arguments]
        return subprocess.run(
            line, cwd=tmp_path, env=environment | changes, capture_output=True, text=True, timeout=240, check=False
        )

    sent = run("submit", "fraud-scorer", "1.0.0", "junit.xml", "--type", "unit-tests")
    assert sent.returncode == 0, sent.stderr
    assert token not in sent.stdout + sent.stderr
    (record,) = world.get(f"{path}/evidence").json()["items"]
    assert record["strength"] == "measured"
    assert record["submitted_by"] == "ci"
    assert record["submitted_for"] == [owner, robot]
    # By `sub` a person is known here; who he is lies with him, where it can be erased.
    assert record["identity"] == {"iss": provider.url}

    asked = run("gate", "fraud-scorer", "1.0.0")
    assert (asked.returncode, asked.stdout.splitlines()[-1]) == (1, "launch: no-go"), asked.stderr

    other = run("gate", "fraud-scorer", "1.0.0", PHASEGATE_ID_TOKEN=id_token(provider, "https://elsewhere.example"))
    assert other.returncode == 3
    assert "was not exchanged" in other.stderr

    # Claims of one's own choosing under the provider's signature.
    header, claims, signature = token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"jti": "another"}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert run("gate", "fraud-scorer", "1.0.0", PHASEGATE_ID_TOKEN=f"{header}.{forged}.{signature}").returncode == 3
    assert world.count("token_exchange") == 2
