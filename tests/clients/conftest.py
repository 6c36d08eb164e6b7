"""The console script as a real process against a real HTTP server on loopback that says what the test wants."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from phasegate_ci.__main__ import run as command

SCRIPT = Path(sys.executable).with_name("phasegate")
TOKEN = "pg_secret_of_the_test"


@dataclass
class Asked:
    """A request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Gives the next of its answers to whatever is asked; the last one again and again."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, body: object, media: str = "application/json", **headers: str) -> "Server":
        self.answers.append(plain(status, body, media, headers))
        return self


def plain(status: int, body: object, media: str = "application/json", headers: dict[str, str] | None = None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    script = Server()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.asked.append(Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
            answer = script.answers[min(len(script.asked), len(script.answers)) - 1]
            try:
                answer(self)
            except OSError:
                self.close_connection = True  # the client has given up, as some tests want

        do_GET = do_POST = do_PUT = _serve  # noqa: N815  # names of http.server

        def log_message(self, *args: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.block_on_close = False
        script.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        yield script
        http.shutdown()
        thread.join()


@dataclass
class Ended:
    """How a run of the command ended."""

    code: int
    out: str
    err: str
    out_bytes: bytes


Run = Callable[..., Ended]


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    """Of the command: nothing of the developer's own but where programs are."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "HOME") if name in os.environ}
    return kept | {"PHASEGATE_URL": server.url, "PHASEGATE_TOKEN": TOKEN, "PYTHONUTF8": "1"}


@pytest.fixture
def phasegate(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs `phasegate …` in an empty folder. No run shows the token."""

    def run(*arguments: object, **changes: str | None) -> Ended:
        merged = {**environment, **changes}
        variables = {name: value for name, value in merged.items() if value is not None}
        line = [str(SCRIPT), *map(str, arguments)]
        ended = subprocess.run(
            line,
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            timeout=60,
            check=False,
        )
        out, err = ended.stdout.decode("utf-8", "replace"), ended.stderr.decode("utf-8", "replace")
        assert TOKEN not in out + err
        assert "Traceback" not in err
        return Ended(ended.returncode, out, err, ended.stdout)

    return run


@pytest.fixture
def inside(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The same without a new process, which costs a quarter of a second: for long lists of cases."""

    def run(*arguments: object) -> Ended:
        for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        code = command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert TOKEN not in out + err
        return Ended(code, out, err, out.encode())

    return run


SHA_A, SHA_B = "a" * 64, "b" * 64


def criterion(name: str, status: str = "pass", **more: object) -> dict[str, object]:
    return {
        "id": name,
        "title": name.title(),
        "status": status,
        "blocking": True,
        "reason": None,
        "remediation": "",
        "owner": "data-scientist",
        "checks": [],
        "evidence": [],
        "revoked": [],
        "expires_at": None,
        "waiver": None,
        "underlying": None,
        "because_of": [],
        "signoffs": [],
    } | more


def phase(name: str, status: str, *criteria: dict[str, object], reason: str | None = None) -> dict[str, object]:
    applicable = [c for c in criteria if c["status"] != "not-applicable"]
    return {
        "id": name,
        "title": name.title(),
        "status": status,
        "applicable": len(applicable),
        "satisfied": sum(c["status"] in ("pass", "waived") for c in applicable),
        "reason": reason,
        "criteria": list(criteria),
    }


def decision(outcome: object = "go", **more: object) -> dict[str, Any]:
    """The decision on churn-scorer 2.1.0 for the gate model-validation, which has a phase before and behind it."""
    passed = outcome == "go"
    return {
        "subject": "churn-scorer",
        "release": "2.1.0",
        "artifacts": [{"name": "model.onnx", "sha256": SHA_A}, {"name": "tokenizer.json", "sha256": SHA_B}],
        "policy": {"name": "ml-deployment", "version": "1.0.0", "digest": "sha256:" + "c" * 64},
        "gate": "model-validation",
        "outcome": outcome,
        "summary": "nothing stands between churn-scorer 2.1.0 and the gate model-validation"
        if passed
        else "2 of 6 criteria stand between churn-scorer 2.1.0 and the gate model-validation",
        "current_phase": "monitoring" if passed else "model-validation",
        "phases": [
            phase("data-readiness", "passed", criterion("source-freshness"), criterion("lineage", "not-applicable")),
            phase("model-validation", "passed", criterion("edge-cases"), criterion("fairness"))
            if passed
            else phase(
                "model-validation",
                "open",
                criterion(
                    "fairness",
                    "missing",
                    reason="no evidence of type fairness-report was shown",
                    because_of=["edge-cases"],
                ),
                criterion(
                    "edge-cases",
                    "fail",
                    reason="1 failed and 0 broken of 12 tests",
                    remediation="Mend what the failing tests name.\nThen run all of them again.\n\nA second paragraph.",
                    evidence=[{"type": "edge-case-tests"}],
                ),
                criterion("load", "waived", reason="waived by lee until 2026-12-05T00:00:00Z: new hardware"),
                criterion("explainability", "fail", blocking=False),
            ),
            phase("monitoring", "open" if passed else "locked", criterion("drift", "missing")),
        ],
        "maturity": None,
        "evaluated_at": "2026-11-24T00:00:00Z",
        "valid_until": "2026-12-01T00:00:00Z",
        "next_change": {"at": "2026-12-01T00:00:00Z", "because": "source-freshness expires"},
        "inputs_digest": "sha256:" + "d" * 64,
    } | more


GATE = ("gate", "churn-scorer", "2.1.0", "--gate", "model-validation")
POLICY = {
    "policy": "ml-deployment",
    "evidence": {
        "edge-case-tests": {"shape": "test-report", "scope": "release", "context": ["split", "rows?"]},
        "fairness-report": {"shape": "fairness-report", "scope": "subject"},
    },
    "phases": [
        {
            "id": "model-validation",
            "criteria": [
                {"id": "fairness", "evidence": "fairness-report"},
                {"id": "edge-cases", "evidence": "edge-case-tests"},
                {"id": "business-review", "signoff": {"roles": ["model-owner", "business-owner"]}},
            ],
        }
    ],
}
