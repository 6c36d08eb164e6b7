"""Small policies and facts, written out by the tests that need them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import CriterionResult, Decision
from phasegate.engine.facts import Artifact, Evidence, Facts, Release, Subject, Waiver
from phasegate.engine.gate import decide
from phasegate.policies.publication import candidate
from tests.engine.strategies import digest_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MODEL, TOKENIZER = "a" * 64, "b" * 64

REPORT = {
    "fields": {
        "passed": {"type": "int"},
        "total": {"type": "int"},
        "score": {"type": "double", "optional": True},
        "at": {"type": "timestamp", "optional": True},
        "took": {"type": "duration", "optional": True},
        "names": {"type": "list<string>"},
        "metrics": {"type": "map<string,double>"},
        "cases": {
            "type": "list<object>",
            "fields": {"name": {"type": "string"}, "status": {"type": "string", "values": ["ok", "bad"]}},
        },
    }
}
EVIDENCE = {
    "report": {"shape": "report", "scope": "release", "max_age": "P7D", "context": ["split", "note?"]},
    "other": {"shape": "report", "scope": "subject", "max_age": "P30D"},
    "lasting": {"shape": "report", "scope": "subject"},
}


def criterion(name: str = "tests-pass", *that: str, **more: Any) -> dict[str, Any]:
    """A criterion on `report` with these checks."""
    checks = [{"that": text, "otherwise": f"not so: {n}"} for n, text in enumerate(that or ("evidence.passed > 0",))]
    return {"id": name, "title": f"Title of {name}", "evidence": "report", "checks": checks, **more}


def document(*criteria: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A policy of one phase with these criteria; `top` replaces keys of the policy."""
    return {
        "policy": "small",
        "version": "1.0.0",
        "attributes": {"regulated": {"type": "bool"}, "risk_tier": {"type": "string"}},
        "params": {"least": {"type": "int", "default": 1}, "pattern": {"type": "string", "default": "^ok$"}},
        "roles": ["owner"],
        "waivers": {"max": "P30D"},
        "shapes": {"report": REPORT},
        "evidence": EVIDENCE,
        "phases": [{"id": "first", "title": "First", "criteria": list(criteria or (criterion(),))}],
        **top,
    }


def phase(name: str, *criteria: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "criteria": list(criteria)}


def policy(*criteria: dict[str, Any], **top: Any) -> CompiledPolicy:
    return candidate(json.dumps(document(*criteria, **top)).encode(), {}).compiled


def data(**fields: Any) -> dict[str, Any]:
    """Data of the shape `report` in which all passed."""
    return {"passed": 1, "total": 1, "names": [], "metrics": {}, "cases": [], **fields}


def record(kind: str = "report", at: datetime = NOON, fields: dict[str, Any] | None = None, **more: Any) -> Evidence:
    """A record collected and received at `at`."""
    content = data(**fields or {})
    made = {"collected_at": at, "received_at": at, "context": {"split": "test"}, **more}
    return Evidence(kind, content, digest=digest_of(kind, content, sorted(made.items())), **made)


def facts(
    *evidence: Evidence,
    waivers: tuple[Waiver, ...] = (),
    attributes: dict[str, Any] | None = None,
    registered_at: datetime = NOON - DAY,
    registered_for: tuple[str, ...] = (),
) -> Facts:
    """What was shown of a release of two artifacts that `ann` registered."""
    return Facts(
        Subject("fraud-scorer", "model", "risk", attributes=attributes or {}),
        Release(
            "2.0.0",
            (Artifact("model.onnx", MODEL), Artifact("tokenizer.json", TOKENIZER)),
            registered_at,
            registered_by="ann",
            registered_for=registered_for,
        ),
        evidence,
        waivers,
    )


def decided(compiled: CompiledPolicy, known: Facts, at: datetime = NOON, gate: str = "launch") -> Decision:
    return decide(compiled, known, gate, at)


def results(decision: Decision) -> dict[str, CriterionResult]:
    """The criteria of a decision by id."""
    return {result.id: result for phase in decision.phases for result in phase.criteria}


def only(decision: Decision) -> CriterionResult:
    """The one criterion of a decision."""
    (result,) = results(decision).values()
    return result
