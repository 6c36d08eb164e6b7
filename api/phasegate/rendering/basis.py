"""What a decision was made from, looked up for showing: the record that speaks for each type, and those beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision
from phasegate.engine.facts import Facts
from phasegate.engine.instants import parse_instant
from phasegate.engine.judge import view
from phasegate.engine.selection import Shown, bound, select


class Others(NamedTuple):
    """Submissions of a type for these artifacts (or this subject) beside the one that speaks."""

    times: int
    revoked: int


class Basis(NamedTuple):
    """One decision with everything that it saw."""

    policy: CompiledPolicy
    decision: Decision
    facts: Facts
    at: datetime
    shown: Mapping[str, Shown]
    """By evidence type: the record that speaks."""
    roots: Mapping[str, Any]
    """What paths of checks lead into: each evidence type, and `subject`, `release`, `params`."""

    def others(self, evidence_type: str) -> Others:
        """How often a type was submitted besides, so that a retry until green is seen."""
        chosen = self.shown[evidence_type].evidence
        kind = self.policy.policy.evidence[evidence_type]
        digests = self.facts.release.digests
        beside: dict[tuple[str, datetime], bool] = {}
        for each in self.facts.evidence:
            if each.type != evidence_type or each.received_at > self.at or each.digest == chosen.digest:
                continue
            if not bound(each, kind, digests):
                continue
            gone = each.revoked_at is not None and each.revoked_at <= self.at
            key = (each.digest, each.received_at)
            beside[key] = beside.get(key, False) or gone
        return Others(len(beside), sum(beside.values()))


def basis_of(policy: CompiledPolicy, decision: Decision, facts: Facts) -> Basis:
    """The decision beside the facts it was made from, selected as the engine does."""
    at = parse_instant(decision.evaluated_at)
    selection = select(policy, facts, at)
    inputs = view(policy, facts, selection, at).inputs
    roots = {**inputs.facts, "subject": inputs.subject, "release": inputs.release, "params": inputs.params}
    return Basis(policy, decision, facts, at, selection.shown, roots)
