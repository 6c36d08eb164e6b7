"""Take any one piece from a release that may go live, and it may not: the criteria that read the piece say so.

The base is GREEN with a regulated decision, so that all 26 criteria apply and four people sign. `PIECES` is every
record that a criterion reads; what happens to each is generated.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
import yaml

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SATISFIED, CriterionResult, Decision
from phasegate.engine.facts import Evidence, Facts, SignOff
from phasegate.engine.gate import decide
from phasegate.engine.instants import parse_instant
from phasegate.engine.policy import Field
from phasegate.engine.shape import parse_type
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.publication import candidate
from phasegate.reading import read_struct
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue

FOLDER = POLICIES / "ml-deployment" / "1.1.0"
BASE = yaml.safe_load((FOLDER / "cases" / "green.yaml").read_text(encoding="utf-8"))["base"]
AT = parse_instant(BASE["at"])
SIGNED = max(parse_instant(signoff["at"]) for signoff in BASE["signoffs"])
BEHIND = AT - timedelta(minutes=30)
"""Behind every signing."""
ACKNOWLEDGED = (
    "purpose-and-legal-basis",
    "fairness-results",
    "explanations-to-persons",
    "human-oversight",
    "record-keeping",
)


@cache
def policy() -> CompiledPolicy:
    return candidate((FOLDER / "policy.yaml").read_bytes(), catalogue()).compiled


@cache
def base() -> Facts:
    """GREEN, regulated, with every guarded type shown, too."""
    body = deepcopy(BASE)
    body["policy"] = {}
    body["subject"]["attributes"]["regulated"] = True
    body["evidence"] += [
        {**record, "submitted_by": "ci-bot", "strength": "measured"} for record in yaml.safe_load(_GUARDED)
    ]
    body["signoffs"] += [
        {
            "role": role,
            "verdict": "approve",
            "by": f"{role}-1",
            "at": "2027-03-05T09:15:00Z",
            "acknowledged": ACKNOWLEDGED,
        }
        for role in ("legal", "compliance")
    ]
    facts, _ = facts_of(policy(), read_struct(Question, msgspec.to_builtins(body)), AT)
    return facts


_GUARDED = """
- type: artifact-scan
  collected_at: "2027-03-02T08:00:00Z"
  data: {tool: modelscan, scanned: 1, critical: 0, high: 0, medium: 0, low: 0, info: 0, errors: 0, skipped: 0, runs: 1}
- type: missing-column-drill
  collected_at: "2027-03-02T08:00:00Z"
  data: {total: 3, passed: 2, failed: 1, warned: 0, errors: 0}
"""
READ = {kind for rule in policy().rules.values() for kind in rule.types}
PIECES = sorted(READ)
REQUIRED = sorted({kind for rule in policy().rules.values() for kind in rule.required})


def readers(kind: str) -> set[str]:
    return set(policy().affected_by(kind))


def who_misses(kind: str) -> set[str]:
    """Those that can't be satisfied without it: all but who reads it only if it is there."""
    required = {name for name in readers(kind) if kind in policy().rules[name].required}
    return required | {name for name in readers(kind) if (kind, name) in PRESENCE_COUNTS}


PRESENCE_COUNTS = {("fairness-evaluation", "compliance-review")}
"""Looked for, and not into."""


def covering(kind: str) -> set[str]:
    """The sign-off criteria whose approvals are bound to this type."""
    return {name for name, types in policy().covered.items() if kind in types}


def with_evidence(change: Callable[[Evidence], Evidence | None], kind: str, *added: Evidence) -> Facts:
    """The base with one record changed or, where the change says None, taken out."""
    records = [change(record) if record.type == kind else record for record in base().evidence]
    kept = tuple(record for record in records if record is not None)
    return msgspec.structs.replace(base(), evidence=(*kept, *added))


def record_of(kind: str) -> Evidence:
    (record,) = [record for record in base().evidence if record.type == kind]
    return record


def corrupt(record: Evidence) -> Evidence:
    """The same record with nothing in it that a rule could read."""
    return msgspec.structs.replace(record, data={}, digest="sha256:" + "0" * 64)


ZEROES = {"bool": False, "int": 0, "double": 0.0, "string": "", "timestamp": "1970-01-01T00:00:00Z", "duration": "PT0S"}
WORSE: dict[str, dict[str, Any]] = {
    "explanation": {"top1_share": 0.9},
    "success-criteria": {"minimum": {"roc_auc": 0.999}},
}
"""Where nothing at all would not make every reader fail."""


def nothing(fields: dict[str, Field]) -> dict[str, Any]:
    """What a tool reports that did nothing: well formed, and empty."""
    data: dict[str, Any] = {}
    for name, field in fields.items():
        kind = parse_type(field.type)
        assert kind is not None
        if kind.holds != "one":
            data[name] = [] if kind.holds == "list" else {}
        elif not field.optional:
            data[name] = nothing(field.fields) if kind.item == "object" else ZEROES[kind.item]
    return data


def failing(record: Evidence) -> Evidence:
    shape = policy().shapes[policy().policy.evidence[record.type].shape]
    data = nothing(shape.fields) | WORSE.get(record.type, {})
    return msgspec.structs.replace(record, data=data, digest="sha256:" + "1" * 64)


def received_behind(record: Evidence) -> Evidence:
    return msgspec.structs.replace(record, collected_at=BEHIND, received_at=BEHIND)


def decided(facts: Facts) -> Decision:
    return decide(policy(), facts, "launch", AT)


def unsatisfied(decision: Decision) -> dict[str, CriterionResult]:
    found = [result for phase in decision.phases for result in phase.criteria if result.status not in SATISFIED]
    return {result.id: result for result in found}


def assert_refused(facts: Facts, names: set[str], status: str | None = None) -> None:
    """No-go, for exactly these criteria, each with a reason and a way to mend it."""
    decision = decided(facts)
    found = unsatisfied(decision)
    assert decision.outcome == "no-go"
    assert set(found) == names
    assert all(result.remediation.strip() and result.reason for result in found.values())
    if status is not None:
        assert {result.status for result in found.values()} == {status}


def test_the_whole_goes() -> None:
    decision = decided(base())
    assert (decision.outcome, unsatisfied(decision)) == ("go", {})
    assert {result.status for phase in decision.phases for result in phase.criteria} == {"pass"}


def test_every_type_that_a_criterion_reads_is_a_piece() -> None:
    assert {record.type for record in base().evidence} >= READ


@pytest.mark.parametrize("kind", REQUIRED)
def test_removed(kind: str) -> None:
    """It never came, so nothing changed since the signing."""
    assert_refused(with_evidence(lambda _: None, kind), who_misses(kind))


@pytest.mark.parametrize("kind", PIECES)
def test_aged(kind: str) -> None:
    age = policy().policy.evidence[kind].max_age
    assert age is not None

    def old(record: Evidence) -> Evidence:
        moved = AT - age
        return msgspec.structs.replace(record, collected_at=moved, received_at=min(record.received_at, moved))

    found = unsatisfied(decided(with_evidence(old, kind)))
    assert {name for name, result in found.items() if result.status == "expired"} == readers(kind)
    assert set(found) == readers(kind)


@pytest.mark.parametrize("kind", REQUIRED)
def test_revoked(kind: str) -> None:
    def revoke(record: Evidence) -> Evidence:
        return msgspec.structs.replace(record, revoked_at=BEHIND)

    facts = with_evidence(revoke, kind)
    assert_refused(facts, who_misses(kind) | covering(kind))
    for name in covering(kind):
        assert kind in (unsatisfied(decided(facts))[name].reason or "")


@pytest.mark.parametrize("kind", PIECES)
@pytest.mark.parametrize("spoil", [failing, corrupt])
def test_spoilt_before_the_signing(spoil: Callable[[Evidence], Evidence], kind: str) -> None:
    looked_into = {name for name in readers(kind) if (kind, name) not in PRESENCE_COUNTS}
    assert_refused(with_evidence(spoil, kind), looked_into)


@pytest.mark.parametrize("kind", PIECES)
@pytest.mark.parametrize("spoil", [failing, corrupt])
def test_spoilt_behind_the_signing(spoil: Callable[[Evidence], Evidence], kind: str) -> None:
    """Whoever signed did not see this: the approvals are void, unless the type comes in every night."""
    again = received_behind(spoil(record_of(kind)))
    assert_refused(with_evidence(lambda record: record, kind, again), readers(kind) | covering(kind))


@pytest.mark.parametrize("kind", [kind for kind in REQUIRED if policy().policy.evidence[kind].scope == "release"])
def test_of_other_artifacts(kind: str) -> None:
    def foreign(record: Evidence) -> Evidence:
        return msgspec.structs.replace(record, artifacts=("b" * 64,))

    assert_refused(with_evidence(foreign, kind), who_misses(kind))


SIGNERS = [signoff.role for signoff in base().signoffs]
REVIEWS = {
    "model-owner": "business-review",
    "business-owner": "business-review",
    "legal": "compliance-review",
    "compliance": "compliance-review",
}
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "withdrawn": ("missing", {"withdrawn_at": AT}),
    "turned into a rejection": ("fail", {"verdict": "reject", "comment": "not like this"}),
    "without acknowledging": ("missing", {"acknowledged": ()}),
    "by whoever registered the release": ("missing", {"by": "ci-bot"}),
    "for other artifacts": ("missing", {"artifacts": ("b" * 64,)}),
    "under another policy version": ("missing", {"policy_digest": "sha256:" + "0" * 64}),
    "given later than now": ("missing", {"at": AT + timedelta(seconds=1)}),
    "aged": ("expired", {"at": AT - timedelta(days=90)}),
}


@pytest.mark.parametrize("role", SIGNERS)
def test_a_sign_off_removed(role: str) -> None:
    signoffs = tuple(each for each in base().signoffs if each.role != role)
    assert_refused(msgspec.structs.replace(base(), signoffs=signoffs), {REVIEWS[role]}, "missing")


@pytest.mark.parametrize("role", SIGNERS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_sign_off(role: str, change: str) -> None:
    status, keys = CHANGES[change]

    def changed(signoff: SignOff) -> SignOff:
        return msgspec.structs.replace(signoff, **keys) if signoff.role == role else signoff

    found = unsatisfied(decided(msgspec.structs.replace(base(), signoffs=tuple(map(changed, base().signoffs)))))
    assert set(found) == {REVIEWS[role]}
    if change != "aged":
        assert found[REVIEWS[role]].status == status
    else:
        # So long ago that what it covers had not arrived yet: void, which says more than expired.
        assert found[REVIEWS[role]].status == "missing"
