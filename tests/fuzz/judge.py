"""The shipped policy as a judge of evidence: which of its checks hold when everything else is green."""

from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

import msgspec

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SATISFIED
from phasegate.engine.facts import Evidence, Facts
from phasegate.engine.gate import decide
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.publication import candidate
from phasegate.reading import read_struct
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue
from tests.policies import golden

NEWEST = "1.1.0"
FAILURE_IS_WANTED = frozenset({"missing-column-drill", "health-probe-degraded"})
"""Drills: a bad report of these is what is asked for, so a worse one may satisfy."""
CONTEXT = {
    "environment": "production",
    "target": "previous-version",
    "source": "production",
    "label_delay": "72h",
    "experiment": "x",
    "fault": "feature-store down",
}
"""For types that are not in GREEN."""


class Judgement(NamedTuple):
    holding: dict[str, frozenset[str]]
    """Of each criterion the checks that are true."""
    satisfied: frozenset[str]
    """Criteria."""
    level: int
    """Of maturity."""

    def better_than(self, other: "Judgement") -> list[str]:
        """In which respects.

        A check that newly holds where another of its criterion no longer does is none: checks come in
        pairs, such as that an age is stated, and that a stated age is within its limit.
        """
        told = [f"{criterion} is satisfied" for criterion in sorted(self.satisfied - other.satisfied)]
        for criterion, checks in self.holding.items():
            if checks > other.holding[criterion]:
                told += [f"{criterion}: {check}" for check in sorted(checks - other.holding[criterion])]
        return told + ([f"maturity level {self.level}"] if self.level > other.level else [])


class Judge:
    """One version of `ml-deployment` on GREEN."""

    def __init__(self, version: str = NEWEST) -> None:
        raw = (POLICIES / "ml-deployment" / version / "policy.yaml").read_bytes()
        self.policy: CompiledPolicy = candidate(raw, catalogue()).compiled
        question = read_struct(Question, {**golden.green(), "policy": {}})
        self._green, self._at = facts_of(self.policy, question, golden.NEVER)

    @cached_property
    def not_applicable(self) -> frozenset[str]:
        """Criteria that nothing can make unsatisfied on GREEN's subject."""
        decision = decide(self.policy, self._green, "launch", self._at)
        found = (criterion for phase in decision.phases for criterion in phase.criteria)
        return frozenset(criterion.id for criterion in found if criterion.status == "not-applicable")

    def types(self, shape: str) -> list[str]:
        """Evidence types of a shape."""
        return [name for name, kind in self.policy.policy.evidence.items() if kind.shape == shape]

    def judge(self, replaced: dict[str, dict[str, Any]]) -> Judgement:
        """With these data in place of GREEN's, by evidence type."""
        decision = decide(self.policy, self._facts(replaced), "launch", self._at)
        found = [criterion for phase in decision.phases for criterion in phase.criteria]
        return Judgement(
            {one.id: frozenset(check.that for check in one.checks if check.passed) for one in found},
            frozenset(one.id for one in found if one.status in SATISFIED),
            decision.maturity.level if decision.maturity else 0,
        )

    def every(self, shape: str, data: dict[str, Any]) -> Judgement:
        """With these data for every type of their shape, but for drills of which a bad report is wanted."""
        return self.judge({kind: data for kind in self.types(shape) if kind not in FAILURE_IS_WANTED})

    def _facts(self, replaced: dict[str, dict[str, Any]]) -> Facts:
        records = {record.type: record for record in self._green.evidence}
        for kind, data in replaced.items():
            old = records.get(kind) or self._record(kind)
            records[kind] = msgspec.structs.replace(old, data=data, digest=f"sha256:{kind:0>64}")
        return msgspec.structs.replace(self._green, evidence=tuple(records.values()))

    def _record(self, kind: str) -> Evidence:
        at: datetime = self._at
        required = self.policy.policy.evidence[kind].required_context
        return Evidence(kind, {}, at, at, "", {key: CONTEXT[key] for key in required}, strength="measured")


@cache
def newest() -> Judge:
    return Judge()
