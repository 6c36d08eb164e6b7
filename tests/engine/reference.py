"""A second evaluator, slow and literal: DESIGN 2 and checklist A10, sentence by sentence.

It shares nothing with the engine but the structs that facts and policies are written in. Expressions
are compiled as they stand in the policy with every variable of type `dyn` and run on plain nested
dicts; types read are found by searching the text. Nothing but compiled
expressions is kept between two questions, and nothing is fast.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from cel_expr_python import cel
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from phasegate.engine.facts import Evidence, Facts, Waiver
from phasegate.engine.policy import Criterion, Phase, Policy, Requirement

GOOD = ("pass", "waived", "not-applicable")
_ORDER = ("declared", "measured", "attested")
_ENV = cel.NewEnv(
    variables=dict.fromkeys(
        ("evidence", "context", "record", "subject", "release", "params", "facts"),
        cel.Type.DYN,
    )
)


class CriterionSays(NamedTuple):
    """What the text says of one criterion."""

    status: str
    underlying: str | None
    checks: tuple[bool | None, ...] | None
    """None where no check is looked at."""
    evidence: frozenset[str]
    """Digests."""
    revoked: frozenset[str]
    expires_at: datetime | None
    waiver: tuple[str, datetime, bool] | None
    """Approver, end, and whether it is used."""


class PhaseSays(NamedTuple):
    id: str
    status: str
    applicable: int
    satisfied: int


class Says(NamedTuple):
    """What the text says of a release at a gate and an instant."""

    outcome: str
    current_phase: str | None
    phases: tuple[PhaseSays, ...]
    criteria: dict[str, CriterionSays]
    maturity: tuple[int, tuple[str, ...]] | None
    """The level, and the ids of what is unmet for the next one."""
    valid_until: datetime | None


def what_the_text_says(policy: Policy, facts: Facts, gate: str, at: datetime) -> Says:
    """The decision that DESIGN 2 describes."""
    criteria = {c.id: _criterion(c, policy, facts, at) for c in policy.criteria}
    phases = _phases(policy, criteria)
    asked = policy.phases if gate == "launch" else policy.phases[: 1 + [p.id for p in policy.phases].index(gate)]
    not_passed = [phase.id for phase in phases if phase.status != "passed"]
    return Says(
        "go" if _gate_is_passed(asked, criteria) else "no-go",
        not_passed[0] if not_passed else None,
        phases,
        criteria,
        _maturity(policy, criteria, facts, at),
        _valid_until(policy, facts, at),
    )


# 2.1 and 2.2: the latest speaks.


def selected(kind: str, policy: Policy, facts: Facts, at: datetime) -> Evidence | None:
    """Received at or before `at`, not revoked by then, bound: the newest by collected_at, received_at, digest."""
    candidates = [
        record
        for record in facts.evidence
        if record.type == kind
        and record.received_at <= at
        and not _revoked(record, at)
        and _bound(record, policy, facts)
    ]
    if not candidates:
        return None
    candidates.sort(key=lambda record: record.digest)
    candidates.sort(key=lambda record: record.received_at)
    candidates.sort(key=lambda record: record.collected_at)
    return candidates[-1]


def _revoked(record: Evidence | Waiver, at: datetime) -> bool:
    return record.revoked_at is not None and record.revoked_at <= at


def _bound(record: Evidence, policy: Policy, facts: Facts) -> bool:
    """Scope `subject` carries over; scope `release` counts for exactly that set of artifacts."""
    if policy.evidence[record.type].scope == "subject" or record.artifacts is None:
        return True
    return set(record.artifacts) == {artifact.sha256 for artifact in facts.release.artifacts}


def _revoked_since_registration(kind: str, policy: Policy, facts: Facts, at: datetime) -> set[str]:
    return {
        record.digest
        for record in facts.evidence
        if record.type == kind
        and record.received_at <= at
        and record.revoked_at is not None
        and facts.release.registered_at <= record.revoked_at <= at
        and _bound(record, policy, facts)
    }


# 2.3: half-open; at the end it is expired.


def _end(record: Evidence, policy: Policy) -> datetime | None:
    age = policy.evidence[record.type].max_age
    return None if age is None else record.collected_at + age


def _expired(record: Evidence, policy: Policy, at: datetime) -> bool:
    end = _end(record, policy)
    return end is not None and not at < end


# 2.4: which types a criterion reads, and its status.


def _reads(rule: Criterion | Requirement) -> tuple[list[str], list[str]]:
    """Types required and types guarded: a guard holds for the check it stands in, and for no other."""
    required = [rule.evidence] if rule.evidence is not None else []
    guarded: list[str] = []
    for check in rule.checks:
        code = re.sub(r"//.*", "", check.that)
        guards = re.findall(r'"([a-z-]+)" in facts', code)
        guarded += guards
        required += [kind for kind in re.findall(r'facts\["([a-z-]+)"\]', code) if kind not in guards]
    return required, [kind for kind in guarded if kind not in required]


def _underlying(
    rule: Criterion | Requirement, policy: Policy, facts: Facts, at: datetime
) -> tuple[str, tuple[bool | None, ...] | None]:
    """The first status that applies."""
    if rule.when is not None and _value(rule.when, None, policy, facts, at) is False:
        return "not-applicable", None
    required, guarded = _reads(rule)
    if any(selected(kind, policy, facts, at) is None for kind in required):
        return "missing", None
    if isinstance(rule, Criterion) and rule.signoff is not None:
        return "missing", None
    there = [record for kind in required + guarded if (record := selected(kind, policy, facts, at)) is not None]
    if any(_expired(record, policy, at) for record in there):
        return "expired", None
    checks = tuple(_value(check.that, rule.evidence, policy, facts, at) for check in rule.checks)
    too_weak = rule.strength is not None and any(
        _ORDER.index(record.strength) < _ORDER.index(rule.strength) for record in there
    )
    if too_weak or False in checks:
        return "fail", checks
    return ("error", checks) if None in checks else ("pass", checks)


def _value(source: str, primary: str | None, policy: Policy, facts: Facts, at: datetime) -> bool | None:
    """True, false, or None where it can't be computed."""
    shown = {kind: record for kind in policy.evidence if (record := selected(kind, policy, facts, at)) is not None}
    variables: dict[str, Any] = {
        "subject": {
            "name": facts.subject.name,
            "kind": facts.subject.kind,
            "team": facts.subject.team,
            "title": facts.subject.title,
            "attributes": facts.subject.attributes,
        },
        "release": {
            "version": facts.release.version,
            "artifacts": [{"name": a.name, "sha256": a.sha256} for a in facts.release.artifacts],
            "registered_at": _timestamp(facts.release.registered_at),
            "predecessor": facts.release.predecessor,
        },
        "params": {name: float(p.default) if p.type == "double" else p.default for name, p in policy.params.items()},
        "facts": {kind: _for_cel(record) for kind, record in shown.items()},
    }
    if primary is not None:
        variables.update(_for_cel(shown[primary]))
    try:
        value = _compiled(source).eval(data=variables)
    except RuntimeError:
        return None
    if value.type().name() != "BOOL":
        return None
    return bool(value.plain_value())


@cache
def _compiled(source: str) -> Any:
    return _ENV.compile(source)


def _for_cel(record: Evidence) -> dict[str, Any]:
    data = dict(record.data)
    if "at" in data:
        data["at"] = _timestamp(datetime.fromisoformat(data["at"]))
    data["times"] = [_timestamp(datetime.fromisoformat(time)) for time in data["times"]]
    if "took" in data:
        minutes = re.fullmatch(r"PT([0-9]+)M", data["took"])
        assert minutes is not None, "the reference reads lengths of time in minutes only"
        data["took"] = Duration(seconds=60 * int(minutes[1]))
    return {
        "evidence": data,
        "context": record.context,
        "record": {
            "collected_at": _timestamp(record.collected_at),
            "received_at": _timestamp(record.received_at),
            "producer": {"tool": record.producer.tool, "version": record.producer.version},
            "submitted_by": record.submitted_by,
            "strength": record.strength,
            "format": record.format,
            "identity": record.identity,
        },
    }


def _timestamp(instant: datetime) -> Timestamp:
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return Timestamp(
        seconds=since // timedelta(seconds=1), nanos=since % timedelta(seconds=1) // timedelta.resolution * 1000
    )


# 2.10: waivers.


def _standing(criterion: Criterion, policy: Policy, facts: Facts, at: datetime) -> list[Waiver]:
    """The waivers in force, the one that ends last at the end."""
    if not criterion.waivable or policy.waivers is None:
        return []
    required, guarded = _reads(criterion)
    involved = {facts.release.registered_by, *facts.release.registered_for}
    for kind in required + guarded:
        record = selected(kind, policy, facts, at)
        if record is not None:
            involved |= {record.submitted_by, *record.submitted_for}
    standing = [
        waiver
        for waiver in facts.waivers
        if waiver.criterion == criterion.id
        and waiver.granted_at <= at < waiver.expires_at
        and not _revoked(waiver, at)
        and waiver.expires_at - waiver.granted_at <= policy.waivers.max
        and waiver.reason.strip() != ""
        and waiver.granted_by != ""
        and waiver.granted_by not in involved
    ]
    return sorted(standing, key=lambda waiver: (waiver.expires_at, waiver.granted_at, waiver.granted_by))


def _criterion(criterion: Criterion, policy: Policy, facts: Facts, at: datetime) -> CriterionSays:
    status, checks = _underlying(criterion, policy, facts, at)
    standing = _standing(criterion, policy, facts, at)
    used = bool(standing) and status not in GOOD
    required, guarded = _reads(criterion)
    there = [r for kind in {*required, *guarded} if (r := selected(kind, policy, facts, at)) is not None]
    ends = [end for record in there if (end := _end(record, policy)) is not None]
    if used:
        ends.append(standing[-1].expires_at)
    revoked: set[str] = set()
    for kind in {*required, *guarded}:
        revoked |= _revoked_since_registration(kind, policy, facts, at)
    return CriterionSays(
        status="waived" if used else status,
        underlying=status if used else None,
        checks=checks,
        evidence=frozenset(record.digest for record in there),
        revoked=frozenset(revoked),
        expires_at=min(ends, default=None),
        waiver=(standing[-1].granted_by, standing[-1].expires_at, used) if standing else None,
    )


# 1 and 2.5: phases and their gates.


def _gate_is_passed(phases: tuple[Phase, ...], criteria: dict[str, CriterionSays]) -> bool:
    """All blocking criteria of the phase and of all earlier ones are satisfied, at least one of them applicable."""
    statuses = [criteria[criterion.id].status for phase in phases for criterion in phase.criteria]
    return all(status in GOOD for status in statuses) and any(status != "not-applicable" for status in statuses)


def _phases(policy: Policy, criteria: dict[str, CriterionSays]) -> tuple[PhaseSays, ...]:
    """`passed`; `open`: the first one not passed; `locked`: an earlier one is not passed."""
    told: list[PhaseSays] = []
    for n, phase in enumerate(policy.phases):
        if _gate_is_passed(policy.phases[: n + 1], criteria):
            status = "passed"
        elif all(earlier.status == "passed" for earlier in told):
            status = "open"
        else:
            status = "locked"
        applicable = [c for c in phase.criteria if criteria[c.id].status != "not-applicable"]
        satisfied = [c for c in applicable if criteria[c.id].status in GOOD]
        told.append(PhaseSays(phase.id, status, len(applicable), len(satisfied)))
    return tuple(told)


# 2.13: maturity.


def _maturity(
    policy: Policy, criteria: dict[str, CriterionSays], facts: Facts, at: datetime
) -> tuple[int, tuple[str, ...]] | None:
    """Level n holds when everything required for levels 1 to n holds; waived never counts."""
    if policy.maturity is None:
        return None
    reached = 1
    for level in policy.maturity.levels:
        unmet: list[str] = []
        for requirement in level.requires:
            unmet += _unmet(requirement, policy, criteria, facts, at)
        if unmet:
            return reached, tuple(unmet)
        reached = level.level
    return reached, ()


def _unmet(
    requirement: str | Requirement, policy: Policy, criteria: dict[str, CriterionSays], facts: Facts, at: datetime
) -> list[str]:
    def met(name: str) -> bool:
        return criteria[name].status in ("pass", "not-applicable")

    if isinstance(requirement, str):
        in_phase = [c.id for phase in policy.phases if phase.id == requirement for c in phase.criteria]
        return [name for name in in_phase or [requirement] if not met(name)]
    if requirement.criteria is not None:
        names = list(criteria) if requirement.criteria == "all" else list(requirement.criteria)
        return [] if all(met(name) for name in names) else [requirement.id]
    status, _ = _underlying(requirement, policy, facts, at)
    return [] if status in ("pass", "not-applicable") else [requirement.id]


# 2.3: until when it stands.


def _valid_until(policy: Policy, facts: Facts, at: datetime) -> datetime | None:
    """The earliest end ahead among all selected for any criterion or maturity rule, and the waivers in force."""
    rules: list[Criterion | Requirement] = list(policy.criteria)
    for level in policy.maturity.levels if policy.maturity is not None else ():
        rules += [r for r in level.requires if isinstance(r, Requirement) and r.criteria is None]
    ends = []
    for rule in rules:
        required, guarded = _reads(rule)
        for kind in required + guarded:
            record = selected(kind, policy, facts, at)
            if record is not None and (end := _end(record, policy)) is not None:
                ends.append(end)
    for criterion in policy.criteria:
        ends += [waiver.expires_at for waiver in _standing(criterion, policy, facts, at)]
    return min((end for end in ends if end > at), default=None)
