"""`phasegate evaluate`: the server's answer, without a server."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from phasegate.__main__ import main
from tests.support.policies import Document, document, metrics, report
from tests.support.world import A, World

AT = "2027-03-05T11:00:00Z"
TESTS = {"type": "unit-tests", "collected_at": AT, "data": report()}
EVALUATION = {"type": "evaluation", "collected_at": AT, "data": metrics(), "context": {"split": "test"}}
FACTS: Document = {
    "subject": {"name": "model-x", "kind": "model", "team": "risk", "attributes": {"regulated": False}},
    "release": {"version": "1.0.0", "artifacts": [{"name": "file", "sha256": A}]},
    "evidence": [TESTS, EVALUATION],
    "at": "2027-03-05T12:00:00Z",
}


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def folder(path: Path, facts: Document = FACTS, **files: Any) -> Path:
    """A folder with facts, the usual policy and, by name, further records."""
    (path / "evidence").mkdir()
    (path / "facts.yaml").write_text(yaml.safe_dump(facts, sort_keys=False))
    (path / "policy.yaml").write_text(yaml.safe_dump(document(), sort_keys=False))
    for name, content in files.items():
        (path / "evidence" / f"{name}.json").write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("evidence", [[], [TESTS, EVALUATION]], ids=["no-go", "go"])
def test_it_prints_byte_for_byte_what_the_server_answers(world: World, tmp_path: Path, evidence: list[Any]) -> None:
    facts = FACTS | {"evidence": evidence}
    world.publish()
    answer = world.post("/v1/evaluate", facts | {"policy": {"name": "acceptance", "version": "1.0.0"}})
    result = evaluate(folder(tmp_path, facts))
    assert result.stdout_bytes == answer.content
    assert result.exit_code == (0 if answer.json()["outcome"] == "go" else 1)


def test_records_in_files_of_their_own(tmp_path: Path) -> None:
    path = folder(tmp_path, FACTS | {"evidence": [TESTS]}, evaluation=EVALUATION)
    assert evaluate(path).exit_code == 0
    assert evaluate(path / "facts.yaml", "--policy", path).exit_code == 1


def test_gate_and_instant_can_be_chosen(tmp_path: Path) -> None:
    path = folder(tmp_path)
    decision = json.loads(evaluate(path, "--gate", "testing", "--at", "2027-03-06T00:00:00Z").stdout)
    assert (decision["gate"], decision["evaluated_at"]) == ("testing", "2027-03-06T00:00:00Z")


def test_a_policy_by_the_name_of_a_shipped_version_or_whole(tmp_path: Path) -> None:
    bare = {key: FACTS[key] for key in ("subject", "release", "at")}
    for given, criteria in (({"name": "ml-deployment", "version": "1.0.0"}, 26), (document(), 3)):
        file = tmp_path / "facts.json"
        file.write_text(json.dumps(bare | {"policy": given}))
        decision = json.loads(evaluate(file).stdout)
        assert sum(len(phase["criteria"]) for phase in decision["phases"]) == criteria


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "which policy?"),
        ({"policy": {"name": "..", "version": "x"}}, "not shipped"),
        ({"policy": document()}, "subject"),
        ({**FACTS, "policy": document(), "gaet": "launch"}, "did you mean 'gate'?"),
        ({**FACTS, "policy": {**document(), "phases": []}}, "phases"),
        ({**FACTS, "policy": document(), "gate": "testin"}, "did you mean 'testing'?"),
        ({**FACTS, "policy": document(), "evidence": [{**TESTS, "data": {}}]}, "evidence[0].data.total"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, facts: Document, told: str) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts))
    result = evaluate(file)
    assert result.exit_code == 2
    assert told in result.output
    assert result.stdout == ""


def test_an_empty_folder(tmp_path: Path) -> None:
    result = evaluate(tmp_path)
    assert (result.exit_code, "facts.json" in result.output) == (2, True)


def test_a_file_that_holds_no_facts(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text('<testsuite name="a"/>')
    result = evaluate(file)
    assert result.exit_code == 2
    assert f"{file} holds no facts: YAML or JSON with the keys of POST /v1/evaluate" in result.stderr
