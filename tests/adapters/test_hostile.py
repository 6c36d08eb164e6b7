"""Hostile files over HTTP: refused in words or harmless, in time and without filling the memory."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.registry import adapters
from phasegate.resources import POLICIES
from tests.adapters.attacks import HEAVY, REFUSED
from tests.support.problems import problem
from tests.support.world import World, result

POLICY = POLICIES / "ml-deployment" / "1.1.0" / "policy.yaml"
TYPES = {
    "test-report": "edge-case-tests",
    "workload-spec": "serving-manifest",
    "alert-rules": "alert-rules",
    "data-quality-report": "data-contract",
    "load-test": "load-test",
    "health-report": "health-probe",
    "model-card": "model-card",
    "runbook": "rollback-runbook",
}
OF_THE_SUBJECT = {"alert-rules", "data-contract"}
SLOWEST, MOST_GROWTH = 2.0, 100 * 2**20
SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
"""How a file is read has nothing to do with where its facts are kept."""
GRAMMARS = sorted({name.partition(":")[0] for name in HEAVY})
NAMES = [
    '<img src=x onerror="alert(1)">',
    "</td><script>alert(1)</script>",
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "| a | **b** [c](javascript:alert(1))",
]
MANIFEST = """apiVersion: v1
kind: Pod
metadata: {name: scorer}
spec:
  containers:
  - name: %s
    image: scorer:1
"""


@pytest.fixture
def path(world: World) -> str:
    """A release under the shipped policy."""
    answer = world.post("/v1/policies", POLICY.read_bytes(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 201
    attributes = {"affects_people": True, "outcomes_observable": True, "regulated": False, "risk_tier": "medium"}
    return world.release(world.subject("scorer", "ml-deployment@1.1.0", attributes=attributes))


def send(world: World, path: str, shape: str, raw: bytes, **query: str) -> Any:
    kind = TYPES[shape]
    where = path.rpartition("/releases/")[0] if kind in OF_THE_SUBJECT else path
    asked = {"type": kind, "context.environment": "staging", **query}
    headers = {"Content-Type": "application/octet-stream"}
    return world.post(f"{where}/evidence", raw, params=asked, headers=headers)


@SQLITE
@pytest.mark.parametrize("shape", REFUSED)
def test_attacks_are_refused_in_words(world: World, path: str, shape: str) -> None:
    for name, raw in REFUSED[shape].items():
        began = time.process_time()
        answer = send(world, path, shape, raw)
        assert answer.status_code in (400, 422), (name, answer.text)
        body = problem(answer, answer.status_code)
        assert body["detail"].isprintable(), name
        assert "root:" not in answer.text, name  # of /etc/passwd
        assert time.process_time() - began < SLOWEST, name
    assert world.count("evidence") == 0


@SQLITE
@pytest.mark.parametrize("shape", REFUSED)
def test_a_stated_format_lets_no_attack_in(world: World, path: str, shape: str) -> None:
    formats = [name for name, adapter in adapters().items() if shape in adapter.shapes]
    for name, raw in REFUSED[shape].items():
        for stated in formats:
            answer = send(world, path, shape, raw, format=stated)
            assert answer.status_code in (400, 422), (name, stated, answer.text)
    assert world.count("evidence") == 0


@SQLITE
def test_names_are_kept_as_they_are_and_shown_as_text(world: World, path: str) -> None:
    soak: dict[str, Any] = {"series": []}
    world.submit(path, "memory-soak", soak, context={"environment": "staging", "unit": "bytes"})
    for name in NAMES:
        quoted = "'" + name.replace("'", "''") + "'"
        accepted = send(world, path, "workload-spec", (MANIFEST % quoted).encode())
        assert accepted.status_code == 201, accepted.text
        record = world.get(f"/v1/evidence/{accepted.json()['id']}").json()
        assert [container["name"] for container in record["data"]["containers"]] == [name]
        found = result(world.decision(path), "resource-limits")
        assert any(name in (check["message"] or "") for check in found["checks"]), name
        page = world.get(f"{path}/decision", headers={"Accept": "text/html"}).text
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        text = world.get(f"{path}/decision", headers={"Accept": "text/markdown"}).text
        assert "<img src=x" not in text.replace("\\<", "").replace("&lt;", "")
        assert "[c](javascript" not in text
        world.clock.forward(seconds=1)


@SQLITE
def test_hostile_test_names_are_kept_and_cost_nothing(world: World, path: str) -> None:
    escaped = [name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") for name in NAMES]
    cases = "".join(f'<testcase name="{name}"><failure message="{name}"/></testcase>' for name in escaped)
    accepted = send(world, path, "test-report", f"<testsuite>{cases}</testsuite>".encode())
    assert accepted.status_code == 201, accepted.text
    record = world.get(f"/v1/evidence/{accepted.json()['id']}").json()
    assert [case["id"] for case in record["data"]["cases"]] == NAMES
    assert [case["message"] for case in record["data"]["cases"]] == NAMES


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_worst_of_each_grammar_takes_no_time_and_no_memory(grammar: str) -> None:
    names = [name for name in HEAVY if name.startswith(f"{grammar}:")]
    script = Path(__file__).with_name("weigh.py")
    ended = subprocess.run([sys.executable, str(script), *names], capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stderr
    weighed = [line.split("\t") for line in ended.stdout.splitlines()]
    assert [name for name, _, _ in weighed] == names
    for name, seconds, growth in weighed:
        assert float(seconds) <= SLOWEST, name
        assert int(growth) < MOST_GROWTH, name
