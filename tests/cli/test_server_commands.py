"""`python -m phasegate` as a real process."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from click.testing import CliRunner

from phasegate.__main__ import main
from phasegate.resources import POLICIES
from tests.support.databases import Databases, Sql
from tests.support.policies import as_json, simple

COMMAND = (sys.executable, "-m", "phasegate")
BOOTSTRAP, OTHER = "bootstrap-token-of-the-test-" + "x" * 12, "another-bootstrap-token-of-it-" + "y" * 12
AWAY = "postgresql://u:hunter2@127.0.0.1:1/x"
SHIPPED = sorted((file.parent.parent.name, file.parent.name) for file in POLICIES.glob("*/*/policy.yaml"))
SOUND = """\
policy: of-the-cli
version: 1.0.0
title: Of the CLI
evidence:
  unit-tests: {shape: test-report, scope: release, max_age: P30D}
phases:
  - id: testing
    title: Testing
    criteria:
      - id: tests-pass
        title: Tests pass
        owner: developer
        remediation: Mend what failed.
        evidence: unit-tests
        checks:
          - that: evidence.passed > 0
            otherwise: none passed
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    """Nothing of the developer's own but where programs are."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "VIRTUAL_ENV") if name in os.environ}
    return kept | {"PYTHONUTF8": "1"} | more


def here(*arguments: object, **more: str) -> Ended:
    """Run a command in this process, for what needs none of its own."""
    mine = {name: None for name in os.environ if name.startswith("PHASEGATE_")}
    result = CliRunner().invoke(main, [*map(str, arguments)], env={**mine, **more})
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return Ended(result.exit_code, result.stdout, result.stderr)


def run(folder: Path, *arguments: object, **more: str) -> Ended:
    """Run a command in a folder; however it ends, it shows no traceback."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in ended.told, ended.told[-500:]
    return ended


class Server:
    """A server that runs in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, told: str) -> None:
        self.process = process
        self.url = url
        self.told = told

    def get(self, path: str, token: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def stop(self) -> int:
        """End it in an orderly way; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=60)
        self.told += rest
        assert "Traceback" not in self.told, self.told[-800:]
        return self.process.returncode


@contextmanager
def serving(folder: Path, *arguments: str, **more: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        cwd=folder,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = ""
        while " serves at " not in told.rsplit("\n", 2)[-2 if told.endswith("\n") else -1]:
            line = process.stdout.readline()
            assert line, f"it ended: {told}"
            told += line
        server = Server(process, told.strip().rsplit(" ", 1)[-1], told)
        _await(server)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _await(server: Server) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{server.url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"it never became ready: {server.told}")


class Place(NamedTuple):
    """A server in a folder that was empty, and its first admin token."""

    folder: Path
    server: Server
    admin: str

    def publishing(self, token: str | None = None) -> Mapping[str, str]:
        return {"PHASEGATE_URL": self.server.url, "PHASEGATE_TOKEN": token or self.admin}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("serve")
    with serving(folder) as server:
        yield Place(folder, server, (folder / "phasegate-data" / "admin-token").read_text().strip())


class TestServe:
    def test_in_an_empty_folder(self, place: Place) -> None:
        file = place.folder / "phasegate-data" / "admin-token"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert str(file.relative_to(place.folder)) in place.server.told
        assert place.admin not in place.server.told
        assert place.admin.startswith("pgt_")
        me = place.server.get("/v1/me", place.admin).json()
        assert (me["org"], "admin" in me["token"]["scopes"]) == ("default", True)

    def test_the_shipped_policies_are_published(self, place: Place) -> None:
        assert SHIPPED
        for name, version in SHIPPED:
            assert place.server.get(f"/v1/policies/{name}/versions/{version}", place.admin).status_code == 200

    def test_it_names_neither_itself_nor_its_parts(self, place: Place) -> None:
        assert "server" not in httpx.get(f"{place.server.url}/health/live", timeout=60).headers

    def test_a_bootstrap_token_that_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for token in ("x" * 31, "x" * 257, "x" * 31 + " ", "x" * 40 + "\u00e9", ""):
            command = partial(run, tmp_path) if len(token) == 31 else here
            ended = command("serve", "--port", "0", PHASEGATE_BOOTSTRAP_TOKEN=token)
            assert ended.code == 2, token
            assert "PHASEGATE_BOOTSTRAP_TOKEN" in ended.err
            assert len(token) < 10 or token not in ended.told
        assert not (tmp_path / "phasegate-data").exists()

    def test_a_data_folder_that_can_not_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        ended = here("serve", "--port", "0", PHASEGATE_DATA=str(tmp_path / "file" / "data"))
        assert ended.code == 2
        assert "can't be made: Not a directory; choose another by PHASEGATE_DATA (or --data)" in ended.err

    def test_a_database_that_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for url in ("mysql://host/x", "nonsense"):
            ended = here("serve", "--port", "0", PHASEGATE_DATABASE_URL=url)
            assert (ended.code, "PHASEGATE_DATABASE_URL" in ended.err) == (2, True)

    def test_a_database_that_is_away(self, tmp_path: Path) -> None:
        ended = run(tmp_path, "serve", "--port", "0", "--database", AWAY)
        assert ended.code in (2, 3)
        assert "hunter2" not in ended.told
        assert "127.0.0.1" in ended.err

    def test_a_port_that_is_taken(self, place: Place, tmp_path: Path) -> None:
        ended = run(
            tmp_path, "serve", "--data", place.folder / "phasegate-data", "--port", place.server.url.rsplit(":", 1)[-1]
        )
        assert ended.code == 2
        assert "--port" in ended.err

    def test_a_restart_keeps_everything_and_another_bootstrap_token_ends_the_first(self, tmp_path: Path) -> None:
        with serving(tmp_path, PHASEGATE_BOOTSTRAP_TOKEN=BOOTSTRAP) as server:
            headers = {"Authorization": f"Bearer {BOOTSTRAP}"}
            body = {"kind": "model", "team": "risk", "attributes": {}, "policy": "ml-deployment@^1"}
            made = httpx.put(f"{server.url}/v1/subjects/kept", json=body, headers=headers, timeout=60)
            assert made.status_code == 201
            assert server.stop() == 0
            assert BOOTSTRAP not in server.told
        assert not (tmp_path / "phasegate-data" / "admin-token").exists()
        with serving(tmp_path, PHASEGATE_BOOTSTRAP_TOKEN=OTHER) as server:
            assert server.get("/v1/subjects/kept", OTHER).json() == made.json()
            assert server.get("/v1/subjects/kept", BOOTSTRAP).status_code == 401
            assert server.stop() == 0
        ended = run(tmp_path, "serve", "--port", "0", PHASEGATE_BOOTSTRAP_TOKEN=BOOTSTRAP)
        assert ended.code == 2
        assert "PHASEGATE_BOOTSTRAP_TOKEN" in ended.err
        with serving(tmp_path) as server:
            assert server.get("/v1/subjects/kept", OTHER).status_code == 200
            assert not (tmp_path / "phasegate-data" / "admin-token").exists()

    def test_two_workers(self, tmp_path: Path, databases: Databases) -> None:
        url = databases.empty()
        more = {"PHASEGATE_BOOTSTRAP_TOKEN": BOOTSTRAP, "PHASEGATE_DATABASE_URL": url}
        with serving(tmp_path, "--workers", "2", **more) as server:
            statuses = {server.get("/v1/me", BOOTSTRAP).status_code for _ in range(20)}
            assert statuses == {200}
            assert len(httpx.get(f"{server.url}/schema/openapi.json", timeout=60).content) > 1000
            assert server.stop() == 0
        assert Sql(url).number("SELECT count(*) FROM token") == 1
        assert not (tmp_path / "phasegate-data" / "phasegate.db").exists()


class TestToken:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("a b",), "principal"),
            (("x\n", "--principal", "x"), "name"),
            (("x", "--principal", "../x"), "principal"),
            (("x", "--org", "no such"), "--org"),
        ],
    )
    def test_names_that_are_none(self, place: Place, arguments: tuple[str, ...], told: str) -> None:
        made = here("token", "create", *arguments, "--scope", "read", "--data", str(place.folder / "phasegate-data"))
        assert (made.code, made.out) == (2, "")
        assert told in made.told

    def test_its_life(self, place: Place) -> None:
        made = run(place.folder, "token", "create", "ci", "--scope", "read", "--subject", "fraud-*")
        assert made.code == 0
        secret = made.out.strip()
        assert "\n" not in secret
        found = place.server.get("/v1/me", secret).json()
        assert (found["token"]["scopes"], found["token"]["subjects"]) == (["read"], ["fraud-*"])
        identifier = found["token"]["id"]
        listed = run(place.folder, "token", "list")
        assert listed.code == 0
        assert secret not in listed.told
        (line,) = (line for line in listed.out.splitlines() if line.startswith(identifier))
        assert "valid" in line
        assert run(place.folder, "token", "revoke", identifier).code == 0
        assert place.server.get("/v1/me", secret).status_code == 401
        data = str(place.folder / "phasegate-data")
        assert here("token", "revoke", identifier, "--data", data).code == 0
        listed = here("token", "list", "--data", data)
        (line,) = (line for line in listed.out.splitlines() if line.startswith(identifier))
        assert "revoked" in line

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("create", "x"), "--scope"),
            (("create", "x", "--scope", "evidence:wirte"), "evidence:write"),
            (("create", "x", "--scope", "read", "--expires-in", "P1Y"), "--expires-in"),
            (("create", "x", "--scope", "read", "--expires-in", "P400D"), "year"),
            (("revoke", "01890000-0000-7000-8000-000000000000"), "no token"),
            (("revoke",), "ID"),
        ],
    )
    def test_wrong_use(self, place: Place, arguments: tuple[str, ...], told: str) -> None:
        ended = here("token", *arguments, PHASEGATE_DATA=str(place.folder / "phasegate-data"))
        assert (ended.code, ended.out) == (2, "")
        assert told in ended.err

    def test_a_principal_keeps_its_kind(self, place: Place) -> None:
        data = {"PHASEGATE_DATA": str(place.folder / "phasegate-data")}
        create = ("token", "create", "--principal", "kim", "--scope", "read")
        assert here(*create, "one", "--kind", "person", **data).code == 0
        again = here(*create, "two", **data)
        assert place.server.get("/v1/me", again.out.strip()).json()["principal"] == {"id": "kim", "kind": "person"}
        for wrong in (("three", "--kind", "tool"), ("four", "--scope", "signoffs:write")):
            ended = here(*create, *wrong, **data)
            assert (ended.code, ended.out) == (2, "")
        assert "/v1/people/kim/enrolment" in ended.err
        reserved = here("token", "create", "x", "--principal", "operator", "--scope", "read", **data)
        assert (reserved.code, reserved.out) == (2, "")

    def test_of_another_org(self, place: Place) -> None:
        data = {"PHASEGATE_DATA": str(place.folder / "phasegate-data")}
        made = here("token", "create", "theirs", "--scope", "read", "--org", "other", **data)
        assert place.server.get("/v1/me", made.out.strip()).json()["org"] == "other"
        assert "theirs" not in here("token", "list", **data).out
        assert "theirs" in here("token", "list", "--org", "other", **data).out

    @pytest.mark.parametrize("arguments", [("list",), ("create", "x", "--scope", "read")])
    def test_without_a_database(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        """Neither a traceback nor the exit code of a no-go."""
        for url in (f"sqlite:///{tmp_path}/nowhere/x.db", f"sqlite:///{tmp_path}/empty.db", AWAY):
            ended = here("token", *arguments, "--database", url)
            assert ended.code in (2, 3)
            assert ended.err
            assert "hunter2" not in ended.told


class TestDb:
    def test_upgrade_twice(self, tmp_path: Path, databases: Databases) -> None:
        url = databases.empty()
        for ended in (run(tmp_path, "db", "upgrade", "--database", url), here("db", "upgrade", "--database", url)):
            assert (ended.code, "up to date" in ended.out) == (0, True)
        assert Sql(url).number("SELECT count(*) FROM org") == 0

    def test_upgrade_in_an_empty_folder(self, tmp_path: Path) -> None:
        assert here("db", "upgrade", "--data", tmp_path / "phasegate-data").code == 0
        assert (tmp_path / "phasegate-data" / "phasegate.db").exists()

    def test_upgrade_of_nothing(self, tmp_path: Path) -> None:
        ended = here("db", "upgrade", "--data", tmp_path, "--database", AWAY)
        assert ended.code in (2, 3)
        assert "hunter2" not in ended.told


class TestLint:
    def test_what_is_sound(self, tmp_path: Path) -> None:
        (tmp_path / "policy.yaml").write_text(SOUND)
        alone = "--without-cases"
        for ended in (run(tmp_path, "policy", "lint", alone, "policy.yaml"), here("policy", "lint", alone, tmp_path)):
            assert (ended.code, ended.err) == (0, "")
            assert "of-the-cli@1.0.0 is sound" in ended.out

    def test_what_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "sound.yaml").write_text(SOUND)
        (tmp_path / "typo.yaml").write_text(SOUND.replace("evidence.passed", "evidence.pased"))
        (tmp_path / "broken.yaml").write_text("a: [")
        (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
        ended = run(tmp_path, "policy", "lint", "typo.yaml", "sound.yaml", "broken.yaml", "binary.yaml")
        assert ended.code == 1
        assert "sound.yaml: of-the-cli@1.0.0" in ended.out
        lines = ended.err.splitlines()
        (typo,) = (line for line in lines if line.startswith("typo.yaml:"))
        place, _, _ = typo.partition(": ")
        line, column = map(int, place.split(":")[1:])
        assert SOUND.splitlines()[line - 1][column - 1 :].startswith(("evidence.passed", ".passed", "passed"))
        assert "passed" in typo
        assert any(line.startswith("broken.yaml:") and line.split(":")[1].isdigit() for line in lines)
        assert any(line.startswith("binary.yaml") for line in lines)

    def test_wrong_use(self, tmp_path: Path) -> None:
        assert here("policy", "lint").code == 2
        ended = here("policy", "lint", tmp_path / "nothing.yaml")
        assert (ended.code, "nothing.yaml" in ended.err) == (2, True)
        assert here("policy", "lint", tmp_path).code == 2


class TestPublish:
    def test_new_again_and_another_meaning(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SOUND)
        (tmp_path / "b.json").write_bytes(as_json(simple("in-json")))
        first = run(tmp_path, "policy", "publish", "a.yaml", "b.json", **place.publishing())
        assert (first.code, first.out.count("published")) == (0, 2)
        assert place.server.get("/v1/policies/of-the-cli", place.admin).status_code == 200
        again = here("policy", "publish", tmp_path / "a.yaml", **place.publishing())
        assert (again.code, "was published" in again.out) == (0, True)
        (tmp_path / "a.yaml").write_text(SOUND.replace("Tests pass", "Tests all pass"))
        other = here("policy", "publish", tmp_path / "a.yaml", **place.publishing())
        assert (other.code, "another meaning" in other.err) == (2, True)

    def test_what_is_faulty(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "typo.yaml").write_text(SOUND.replace("evidence.passed", "evidence.pased"))
        ended = here("policy", "publish", tmp_path / "typo.yaml", **place.publishing())
        assert ended.code == 2
        assert ended.err.startswith(f"{tmp_path}/typo.yaml:16:")

    def test_no_answer(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SOUND)
        for more in (place.publishing("pgt_nobody"), {**place.publishing(), "PHASEGATE_URL": "http://127.0.0.1:1"}):
            ended = here("policy", "publish", tmp_path / "a.yaml", **more)
            assert (ended.code, ended.out) == (3, "")
            assert ended.err
        without = here("policy", "publish", tmp_path / "a.yaml", PHASEGATE_URL=place.server.url)
        assert without.code in (2, 3)
        assert "PHASEGATE_TOKEN" in without.err

    def test_lacking_the_scope(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SOUND)
        data = str(place.folder / "phasegate-data")
        reader = here("token", "create", "reader", "--scope", "read", "--data", data).out.strip()
        ended = here("policy", "publish", tmp_path / "a.yaml", **place.publishing(reader))
        assert (ended.code, "policies:write" in ended.err) == (3, True)
