"""GREEN and the scenarios of `ml-deployment`: reading them, and turning a scenario into facts."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Facts
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.cases.change import changed as apply
from phasegate.policies.cases.form import Change
from phasegate.policies.publication import candidate
from phasegate.reading import read, read_struct
from phasegate.shapes import catalogue

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "ml-deployment" / "1.0.0" / "policy.yaml"
NEVER = datetime.min.replace(tzinfo=UTC)
"""Every body has its instant."""
GOLDEN = ROOT / "tests" / "data" / "golden"


@cache
def policy() -> CompiledPolicy:
    return candidate(POLICY.read_bytes(), catalogue()).compiled


@cache
def _green() -> Any:
    return yaml.safe_load((GOLDEN / "green.yaml").read_text(encoding="utf-8"))


def green() -> Any:
    """The body of a `POST /v1/evaluate`, to be changed at will."""
    return deepcopy(_green())


def scenarios() -> list[Any]:
    found: list[Any] = yaml.safe_load((GOLDEN / "scenarios.yaml").read_text(encoding="utf-8"))["scenarios"]
    return found


def changed(change: dict[str, Any]) -> Any:
    """GREEN with a scenario's change."""
    return apply({"signoffs": [], **green()}, read(Change, change))


def facts(body: Any) -> tuple[Facts, datetime]:
    """The facts and the instant of a body. Raises `Invalid` where data does not fit its shape."""
    question = read_struct(Question, {**body, "policy": {}})
    return facts_of(policy(), question, NEVER)
