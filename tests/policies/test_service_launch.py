"""A policy that has nothing to do with machine learning, by the same engine and the same API."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from phasegate import engine
from phasegate.policies.publication import candidate
from phasegate.shapes import catalogue
from tests.support.clock import START
from tests.support.policies import Document, junit
from tests.support.world import A, B, World

FILE = Path(__file__).parent / "service-launch" / "1.0.0" / "policy.yaml"
OWN_WORDS = re.compile(
    r"\b(machine.?learning|ml|models? (?:card|registry|version)|datasets?|drift|training|retrain\w*|inference"
    r"|fairness|hyper\w*|features?|metrics?|predict\w*|data scientist)\b",
    re.IGNORECASE,
)
REVIEW = {"verdict": "accepted", "reviewers": ["ina", "jon"], "open_questions": 0}
RESTORE = {"took_s": 900, "complete": True, "of": "PT20H"}
ROTA = {"people": ["kim", "lou"], "page": "https://runbooks.example.com/shop"}
OPEN = {"id": "F-7", "severity": "high", "fixed": False}


def pen_test(*findings: Document, finished: timedelta = timedelta(days=-1)) -> Document:
    return {"finished": (START + finished).isoformat(), "hours": 16, "findings": list(findings)}


@pytest.fixture
def release(world: World) -> str:
    """A release of a service under the policy, with all that belongs to the service itself."""
    answer = world.post("/v1/policies", FILE.read_bytes(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code in (200, 201), answer.text
    subject = world.subject(kind="service", policy="service-launch@^1", attributes={"public": True, "tier": "one"})
    path = f"/v1/subjects/{subject}"
    world.submit(path, "design-review", REVIEW)
    world.submit(path, "restore-drill", RESTORE, context={"region": "north"})
    world.submit(path, "on-call", ROTA)
    return world.release(subject, "3.0.0", A)


def send_tests(world: World, release: str) -> None:
    answer = world.post(f"{release}/evidence?type=unit-tests", junit(), headers={"Content-Type": "text/xml"})
    assert answer.status_code == 201, answer.text


def test_it_is_refused_mended_and_launched(world: World, release: str) -> None:
    first = world.decision(release)
    assert first["outcome"] == "no-go"
    assert [phase["status"] for phase in first["phases"]] == ["passed", "open", "locked"]
    assert first["summary"].startswith("1 of 5 criteria stands between"), "the pen test waits for the tests"
    send_tests(world, release)
    world.submit(release, "pen-test", pen_test(OPEN))
    refused = world.decision(release)
    broken = refused["phases"][1]["criteria"][1]
    assert (broken["status"], broken["reason"]) == ("fail", "open and grave: F-7")
    world.clock.forward(minutes=1)
    world.submit(release, "pen-test", pen_test({**OPEN, "fixed": True}))
    cleared = world.decision(release)
    assert (cleared["outcome"], cleared["maturity"]["level"]) == ("go", 2)
    assert [each["id"] for each in cleared["maturity"]["next"]["unmet"]] == ["restored-by-a-tool"]
    assert world.post(f"{release}/launch").status_code == 201


def test_another_build_starts_anew(world: World, release: str) -> None:
    send_tests(world, release)
    world.submit(release, "pen-test", pen_test())
    assert world.decision(release)["outcome"] == "go"
    other = world.release(release.split("/")[3], "3.0.1", B)
    assert world.decision(other)["phases"][1]["status"] == "open"


def test_a_service_that_nobody_outside_can_reach_needs_no_pen_test(world: World, release: str) -> None:
    name = release.split("/")[3]
    world.subject(name, kind="service", policy="service-launch@^1", attributes={"public": False})
    send_tests(world, release)
    assert world.decision(release)["outcome"] == "go"


def test_an_own_shape_is_read_strictly(world: World, release: str) -> None:
    body: dict[str, Any] = {"type": "pen-test", "data": pen_test({**OPEN, "severity": "grave"})}
    assert world.post(f"{release}/evidence", body).status_code == 422


def test_it_compiles_without_a_word_of_the_other_policy() -> None:
    compiled = candidate(FILE.read_bytes(), catalogue()).compiled
    assert len(compiled.rules) == 5
    assert OWN_WORDS.findall(FILE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", sorted(Path(engine.__path__[0]).glob("*.py")), ids=lambda file: file.name)
def test_the_engine_knows_nothing_of_machine_learning(file: Path) -> None:
    assert OWN_WORDS.findall(file.read_text(encoding="utf-8")) == []
