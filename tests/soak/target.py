"""What is attacked: a release with nearly all of its evidence, that must never be cleared."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.soak.oracle import SLOWEST
from tests.soak.wire import Answer, Wire
from tests.support.policies import document

ROOT = Path(__file__).parents[2]
SUBJECT, RELEASE = "attacked", "1.0.0"
BASE = f"/v1/subjects/{SUBJECT}/releases/{RELEASE}"
WITHHELD = ("temporal-evaluation", "explanation", "model-card")
"""Types that no body of the attack is made from. The first phase needs them, so no gate may ever open."""
GATES = (
    "model-validation",
    "data-pipeline-validation",
    "infrastructure-readiness",
    "monitoring-and-alerting",
    "rollback-and-recovery",
    "governance-and-sign-off",
    "launch",
)
JUNIT = "edge-case-tests"
"""The type whose raw form is attacked."""
SMALL = document("hostile")
"""A policy of one of everything."""


class Target(NamedTuple):
    """Ids that the attack needs."""

    records: tuple[str, ...]
    """Evidence of the attacked release that may be revoked."""


@cache
def green() -> dict[str, Any]:
    """A question that is true in all but the last phase."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "tests/data/golden/green.yaml").read_text())
    return read


@cache
def junit() -> bytes:
    return (ROOT / "api/phasegate/demo/outputs/second/junit.xml").read_bytes()


@cache
def envelopes() -> dict[str, list[dict[str, Any]]]:
    """Valid envelopes by scope, none of a type that is withheld."""
    policy = yaml.safe_load((ROOT / "policies/ml-deployment/1.0.0/policy.yaml").read_text())
    found: dict[str, list[dict[str, Any]]] = {"release": [], "subject": []}
    for record in green()["evidence"]:
        if record["type"] not in WITHHELD:
            kept = {key: record[key] for key in ("type", "data", "context")}
            found[policy["evidence"][record["type"]]["scope"]].append(kept)
    return found


@cache
def red() -> dict[str, Any]:
    """The green question without what is withheld: no gate of it may open, whatever else is changed."""
    whole = green()
    return {**whole, "evidence": [record for record in whole["evidence"] if record["type"] not in WITHHELD]}


def subject_body() -> dict[str, Any]:
    return {
        "kind": "model",
        "team": "risk",
        "title": "Attacked",
        "attributes": {"affects_people": True, "regulated": True, "consumers": ["checkout"]},
        "policy": "ml-deployment@1.0.0",
    }


def release_body(version: str = RELEASE) -> dict[str, Any]:
    return {
        "version": version,
        "artifacts": [{"name": "model.onnx", "sha256": "a" * 64}, {"name": "tokenizer.json", "sha256": "b" * 64}],
        "source": {"repository": "https://git.example/r", "commit": "c" * 40, "ref": "main", "run_url": ""},
    }


def prepare(wire: Wire) -> Target:
    """Register it, and give it all the evidence that is not withheld."""

    def done(answer: Answer) -> Any:
        assert answer.status in (200, 201), answer
        return answer.json()

    done(wire.ask("PUT", f"/v1/subjects/{SUBJECT}", subject_body()))
    done(wire.ask("POST", f"/v1/subjects/{SUBJECT}/releases", release_body()))
    records = [done(wire.ask("POST", f"{BASE}/evidence", body))["id"] for body in envelopes()["release"]]
    for body in envelopes()["subject"]:
        done(wire.ask("POST", f"/v1/subjects/{SUBJECT}/evidence", body))
    done(wire.ask("POST", f"{BASE}/evidence?type={JUNIT}", junit(), media="application/xml"))
    return Target(tuple(records[:4]))


def gates_open(wire: Wire) -> list[str]:
    """What is wrong with the decisions of the attacked release."""
    wrong = []
    for gate in GATES:
        answer = wire.ask("GET", f"{BASE}/decision?gate={gate}")
        if answer.status != 200 or answer.json()["outcome"] != "no-go" or answer.seconds > SLOWEST:
            told = f"{answer.status} in {answer.seconds:.1f} s {answer.body[:300]!r} {answer.broken}"
            wrong.append(f"gate {gate}: {told}")
    return wrong
