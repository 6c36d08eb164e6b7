"""`phasegate policy render`: the documents without a server."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from phasegate.__main__ import main
from tests.policies.golden import GOLDEN, POLICY
from tests.rendering.pages import Page
from tests.support.policies import Document, document
from tests.support.world import A, World

FACTS: Document = {
    "policy": {"name": "acceptance", "version": "1.0.0"},
    "subject": {"name": "model-x", "kind": "model", "team": "risk", "attributes": {"regulated": False}},
    "release": {"version": "1.0.0", "artifacts": [{"name": "file", "sha256": A}]},
    "at": "2027-03-05T12:00:00Z",
}


def render(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["policy", "render", *map(str, arguments)])


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(document(), sort_keys=False))
    return tmp_path


def test_a_checklist_as_the_server_gives_it(world: World, policy: Path) -> None:
    world.publish()
    for name, media_type in (("markdown", "text/markdown"), ("html", "text/html")):
        answer = world.get("/v1/policies/acceptance/versions/1.0.0", headers={"Accept": media_type})
        result = render(policy, "--format", name)
        assert (result.exit_code, result.stdout_bytes) == (0, answer.content)
        assert result.stderr == ""


def test_markdown_unless_asked_otherwise(policy: Path) -> None:
    assert render(policy / "policy.yaml").stdout.startswith("# Acceptance\n")


@pytest.mark.parametrize("name", ["facts.yaml", "facts.json"])
def test_a_review_document_offline(policy: Path, name: str) -> None:
    facts = policy / name
    facts.write_text(json.dumps(FACTS) if name.endswith("json") else yaml.safe_dump(FACTS))
    result = render(policy, "--release", facts)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("# ✗ NO-GO — model-x 1.0.0 may not launch\n")


def test_of_the_shipped_policy_as_a_file(tmp_path: Path) -> None:
    output = tmp_path / "review.html"
    result = render(POLICY, "--format", "html", "--release", GOLDEN / "green.yaml", "--output", output)
    assert (result.exit_code, result.output) == (0, "")
    page = Page(output.read_text(encoding="utf-8"))
    assert page.faults == []
    assert page.headings[0][1] == "✗ NO-GO — churn-scorer 2.1.0 may not launch"


def test_a_policy_in_place_of_a_name(policy: Path) -> None:
    facts = policy / "facts.json"
    facts.write_text(json.dumps({**FACTS, "policy": document()}))
    assert render(policy, "--release", facts).exit_code == 0
    facts.write_text(json.dumps({key: value for key, value in FACTS.items() if key != "policy"}))
    assert render(policy, "--release", facts).exit_code == 0


@pytest.mark.parametrize("other", [{"name": "acceptance", "version": "1.0.1"}, {"name": "x", "version": "1.0.0"},
                                   document("x")])  # fmt: skip
def test_facts_about_another_policy_are_refused(policy: Path, other: Any) -> None:
    facts = policy / "facts.json"
    facts.write_text(json.dumps({**FACTS, "policy": other}))
    result = render(policy, "--release", facts)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "another policy than acceptance@1.0.0" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "holds no facts"),
        ("{", "facts.json"),
        (json.dumps({**FACTS, "evidense": []}), "evidense"),
        (json.dumps({**FACTS, "gate": "nothing"}), "gate"),
    ],
)
def test_faulty_facts_are_told(policy: Path, content: str, told: str) -> None:
    facts = policy / "facts.json"
    facts.write_text(content)
    result = render(policy, "--release", facts)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert told in result.stderr


def test_a_policy_that_does_not_compile(policy: Path) -> None:
    (policy / "policy.yaml").write_text("policy: x\n")
    result = render(policy)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "policy.yaml" in result.stderr


def test_what_is_not_there(policy: Path) -> None:
    assert render(policy / "nothing").exit_code == 2
    assert render(policy, "--release", policy / "nothing").exit_code == 2
    assert render(policy, "--output", policy / "no" / "where").exit_code == 2
    assert render(policy, "--format", "pdf").exit_code == 2
