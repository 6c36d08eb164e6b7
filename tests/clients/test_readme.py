"""`clients/README.md` holds no command that doesn't run, and the exit codes as they are."""

import json
import re
import shlex
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from phasegate_ci import exits
from tests.clients.conftest import Run, Server, decision, phase, plain

README = (Path(__file__).parents[2] / "clients" / "README.md").read_text("utf-8")


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def given(asked: dict[str, object]) -> dict[str, object]:
    """A sign-off as it was asked for."""
    return {"criterion": "business-review", **asked, "id": "1", "by": "mia", "at": "now", "state": "in-force"}


def waived(asked: dict[str, object]) -> dict[str, object]:
    """A waiver, or a request for one, as it was asked for."""
    return {**asked, "id": "1", "granted_by": "lee", "requested_by": "mia", "state": "in-force"}


def test_every_command_runs(server: Server, inside: Run, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_text("weights")
    for name in ("junit.xml", "shard-1.xml", "shard-2.xml"):
        (tmp_path / name).write_text("<testsuite/>")
    (tmp_path / "success-criteria.json").write_text("{}")
    registered: list[object] = []

    def anything(handler: BaseHTTPRequestHandler) -> None:
        asked = server.asked[-1]
        body: object = {}
        if asked.path.endswith("/evidence"):
            kind = asked.query.get("type") or json.loads(asked.body)["type"]
            body = {"id": "1", "type": kind, "affects": [], "warnings": []}
        elif asked.path.endswith("/decision"):
            gate = asked.query["gate"]
            only = [phase("model-validation", "passed")]
            body = decision(gate=gate, phases=only, artifacts=registered)
        elif asked.path.endswith("/signoffs"):
            body = {"items": [], "wanted": []} if asked.method == "GET" else given(json.loads(asked.body))
        elif asked.path.endswith(("/waivers", "/waiver-requests")):
            body = {"items": []} if asked.method == "GET" else waived(json.loads(asked.body))
        elif asked.path.endswith("/releases"):
            registered[:] = json.loads(asked.body)["artifacts"]
        plain(200, body)(handler)

    server.answers.append(anything)
    ran = commands()
    assert {line[1] for line in ran} == {"register", "submit", "gate", "signoff", "waive"}
    for program, *arguments in ran:
        assert program == "phasegate"
        ended = inside(*arguments)
        assert (ended.code, ended.err) == (0, ""), arguments


def test_the_exit_codes_are_those_of_the_code() -> None:
    def rows(text: str) -> list[tuple[str, str]]:
        return re.findall(r"^\| (\d+) +\| (.*?) +\|$", text, re.MULTILINE)

    assert rows(README) == rows(exits.__doc__ or "")
    codes = [exits.DONE, exits.NO_GO, exits.WRONG_USE, exits.NO_ANSWER, exits.INTERRUPTED]
    assert [int(code) for code, _ in rows(README)] == codes
