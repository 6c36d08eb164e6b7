"""The engine gives the recorded decisions, to the byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.questions import FOLDER, answer, questions

VECTORS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)
def test_a_vector(file: Path) -> None:
    vector: Any = json.loads(file.read_text(encoding="utf-8"))
    exact = json.dumps(vector["decision"], ensure_ascii=False, separators=(",", ":")).encode()
    assert answer(vector["question"]) == exact
    assert answer(vector["question"]) == exact, "the same again"


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
