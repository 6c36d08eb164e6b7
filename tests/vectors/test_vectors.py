"""The engine gives the recorded decisions, to the byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from phasegate.engine.instants import parse_instant
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.publication import candidate_of
from phasegate.reading import read_struct
from tests.engine.reference import what_the_text_says
from tests.vectors.questions import FOLDER, answer, questions

VECTORS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_a_vector(file: Path) -> None:
    vector: Any = json.loads(file.read_text(encoding="utf-8"))
    exact = json.dumps(vector["decision"], ensure_ascii=False, separators=(",", ":")).encode()
    assert answer(vector["question"]) == exact
    assert answer(vector["question"]) == exact, "the same again"


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_the_second_evaluator_says_the_same(file: Path) -> None:
    vector: Any = json.loads(file.read_text(encoding="utf-8"))
    question, decision = read_struct(Question, vector["question"]), vector["decision"]
    compiled = candidate_of(vector["question"]["policy"], {}).compiled
    facts, at = facts_of(compiled, question, parse_instant(vector["question"]["at"]))
    said = what_the_text_says(compiled.policy, compiled.digest, facts, question.gate, at)
    shown = {each["id"]: each for phase in decision["phases"] for each in phase["criteria"]}
    assert said.outcome == decision["outcome"]
    assert {name: each.status for name, each in said.criteria.items()} == {
        name: each["status"] for name, each in shown.items()
    }
    assert said.maturity is not None
    assert said.maturity[0] == decision["maturity"]["level"]


def test_the_files_are_those_of_the_questions() -> None:
    recorded = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in VECTORS}
    asked = {name: (about, question) for name, about, question in questions()}
    assert {name: (vector["about"], vector["question"]) for name, vector in recorded.items()} == asked


def test_every_status_and_both_outcomes_are_among_them() -> None:
    decisions = [json.loads(file.read_text(encoding="utf-8"))["decision"] for file in VECTORS]
    criteria = [each for decision in decisions for phase in decision["phases"] for each in phase["criteria"]]
    assert {each["status"] for each in criteria} == {
        "pass", "fail", "missing", "expired", "waived", "not-applicable", "error"
    }  # fmt: skip
    assert {decision["outcome"] for decision in decisions} == {"go", "no-go"}
