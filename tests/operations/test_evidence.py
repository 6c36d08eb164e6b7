"""A file is read into the shape of the type that it is sent as."""

from pathlib import Path

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.registry import adapters
from phasegate.engine.facts import Producer
from phasegate.errors import Invalid
from phasegate.operations import evidence
from phasegate.operations.evidence import Submission, evidence_type, read_submission
from tests.policies.golden import policy

EVIDENTLY = Path(__file__).parent.parent / "adapters" / "outputs" / "evidently"
CONTEXT = {"split": "test", "dataset": "d", "reference": "r", "current": "c", "environment": "staging"}


def read(type_: str, name: str) -> evidence.Read:
    compiled = policy()
    sent = Submission(type_, CONTEXT, None, Producer(), raw=(EVIDENTLY / name).read_bytes())
    return read_submission(compiled, evidence_type(compiled, type_), sent, "churn-scorer", "2.1.0")


def test_one_format_gives_what_the_type_asks_for() -> None:
    assert read("holdout-evaluation", "classification_tests_pass.json").data["metrics"]["accuracy"] > 0.8
    assert read("data-contract", "classification_tests_pass.json").data["passed"] == 3
    assert read("drift-check", "drift_fail.json").data["drifted_count"] == 3
    with pytest.raises(Invalid, match="compares no column"):
        read("drift-check", "classification_tests_pass.json")


class Stubborn:
    """Says that it gives two shapes, and gives one."""

    name, version, title = "stubborn", "1.0.0", "a plug-in at fault"
    shapes = ("drift-report", "metrics-report")

    def detects(self, raw: bytes) -> bool:
        return True

    def read(self, raw: bytes, hints: Hints) -> Reading:
        return Reading(self.shapes[0], {})


def test_an_adapter_that_gives_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phasegate.adapters.registry.adapters", lambda: {**adapters(), "stubborn": Stubborn()})
    compiled = policy()
    sent = Submission("holdout-evaluation", CONTEXT, None, Producer(), raw=b"?", format="stubborn")
    with pytest.raises(Invalid, match="stubborn read the file as 'drift-report', not as 'metrics-report'"):
        read_submission(compiled, evidence_type(compiled, "holdout-evaluation"), sent, "churn-scorer", "2.1.0")
