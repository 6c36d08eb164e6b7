"""A second evaluator, slow and literal: what a decision means, sentence by sentence.

It shares nothing with the engine but the structs that facts and policies are written in. Expressions
are compiled as they stand in the policy with every variable of type `dyn` and run on plain nested
dicts; types and parameters read are found by searching the text. Nothing but compiled expressions is
kept between two questions, and nothing is fast. Selection, parameters and sign-offs have modules of
their own beside this one.
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
from tests.engine.reference_params import parameters, params_read
from tests.engine.reference_selection import (
    Asked,
    end_of,
    expired,
    read_by,
    reads,
    revoked,
    revoked_since_registration,
    selected,
)
from tests.engine.reference_signoffs import Verdict, what_the_sign_offs_say

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
    blocking: bool
    because_of: tuple[str, ...]
    signoffs: frozenset[Verdict]
    """Those that count."""


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
    causes: int | None
    """How many criteria the summary counts; None where nothing stands in the way."""


def what_the_text_says(policy: Policy, digest: str, facts: Facts, gate: str, at: datetime) -> Says:
    """The decision on these facts, under the policy version of this digest."""
    asked = Asked(policy, digest, facts, at)
    criteria = _criteria(asked)
    phases = _phases(policy, criteria)
    upto = policy.phases if gate == "launch" else policy.phases[: 1 + [p.id for p in policy.phases].index(gate)]
    not_passed = [phase.id for phase in phases if phase.status != "passed"]
    go = _gate_is_passed(upto, criteria)
    return Says(
        "go" if go else "no-go",
        not_passed[0] if not_passed else None,
        phases,
        criteria,
        _maturity(criteria, asked),
        _valid_until(asked),
        None if go else len(_causes(upto, criteria)),
    )


# The status of a rule.


def _underlying(rule: Criterion | Requirement, asked: Asked) -> tuple[str, tuple[bool | None, ...] | None]:
    """The first status that applies."""
    _, misfits = parameters(asked)
    if rule.when is not None and not misfits & params_read(rule.when) and _value(rule.when, None, asked) is False:
        return "not-applicable", None
    verdicts = what_the_sign_offs_say(rule, asked)
    if verdicts.rejected:
        return "fail", None
    required, _ = reads(rule)
    if any(selected(kind, asked) is None for kind in required) or verdicts.missing:
        return "missing", None
    there = read_by(rule, asked)
    if any(expired(record, asked) for record in there) or verdicts.expired:
        return "expired", None
    checks = tuple(_value(check.that, rule.evidence, asked) for check in rule.checks)
    too_weak = rule.strength is not None and any(
        _ORDER.index(record.strength) < _ORDER.index(rule.strength) for record in there
    )
    if too_weak or False in checks:
        return "fail", checks
    read = params_read(rule.when or "").union(*(params_read(check.that) for check in rule.checks))
    return ("error", checks) if None in checks or read & misfits else ("pass", checks)


def _value(source: str, primary: str | None, asked: Asked) -> bool | None:
    """True, false, or None where it can't be computed."""
    subject, release = asked.facts.subject, asked.facts.release
    shown = {kind: record for kind in asked.policy.evidence if (record := selected(kind, asked)) is not None}
    params, _ = parameters(asked)
    variables: dict[str, Any] = {
        "subject": {
            "name": subject.name,
            "kind": subject.kind,
            "team": subject.team,
            "title": subject.title,
            "attributes": subject.attributes,
        },
        "release": {
            "version": release.version,
            "artifacts": [{"name": a.name, "sha256": a.sha256} for a in release.artifacts],
            "registered_at": _timestamp(release.registered_at),
            "predecessor": release.predecessor,
        },
        "params": params,
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
    if "times" in data:
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


# Waivers.


def _standing(criterion: Criterion, asked: Asked) -> list[Waiver]:
    """The waivers in force, the one that ends last at the end."""
    limits, release = asked.policy.waivers, asked.facts.release
    if not criterion.waivable or limits is None:
        return []
    involved = {release.registered_by, *release.registered_for}
    for record in read_by(criterion, asked):
        involved |= {record.submitted_by, *record.submitted_for}
    standing = [
        waiver
        for waiver in asked.facts.waivers
        if waiver.criterion == criterion.id
        and waiver.granted_at <= asked.at < waiver.expires_at
        and not revoked(waiver, asked.at)
        and waiver.expires_at - waiver.granted_at <= limits.max
        and waiver.reason.strip() != ""
        and waiver.granted_by != ""
        and waiver.granted_by not in involved
    ]
    return sorted(standing, key=lambda waiver: (waiver.expires_at, waiver.granted_at, waiver.granted_by))


# Criteria, one by one and then among each other.


def _criteria(asked: Asked) -> dict[str, CriterionSays]:
    alone = {criterion.id: _criterion(criterion, asked) for criterion in asked.policy.criteria}
    unsatisfied = {name for name, said in alone.items() if said.status not in GOOD}
    return {
        criterion.id: alone[criterion.id]._replace(
            because_of=tuple(name for name in criterion.depends_on if name in unsatisfied)
            if criterion.id in unsatisfied
            else ()
        )
        for criterion in asked.policy.criteria
    }


def _criterion(criterion: Criterion, asked: Asked) -> CriterionSays:
    status, checks = _underlying(criterion, asked)
    standing = _standing(criterion, asked)
    verdicts = what_the_sign_offs_say(criterion, asked)
    used = bool(standing) and status not in GOOD
    there = read_by(criterion, asked)
    ends = [end for record in there if (end := end_of(record, asked)) is not None]
    ends += verdicts.ends
    if used:
        ends.append(standing[-1].expires_at)
    required, guarded = reads(criterion)
    withdrawn: set[str] = set()
    for kind in {*required, *guarded}:
        withdrawn |= revoked_since_registration(kind, asked)
    return CriterionSays(
        status="waived" if used else status,
        underlying=status if used else None,
        checks=checks,
        evidence=frozenset(record.digest for record in there),
        revoked=frozenset(withdrawn),
        expires_at=min(ends, default=None),
        waiver=(standing[-1].granted_by, standing[-1].expires_at, used) if standing else None,
        blocking=not criterion.advisory and (criterion.effective_from is None or criterion.effective_from <= asked.at),
        because_of=(),
        signoffs=verdicts.counted,
    )


def _causes(phases: tuple[Phase, ...], criteria: dict[str, CriterionSays]) -> set[str]:
    """What keeps the gate shut, but for what only echoes something else that does."""
    names = [criterion.id for phase in phases for criterion in phase.criteria]
    shut = {name for name in names if criteria[name].blocking and criteria[name].status not in GOOD}
    return {name for name in shut if not shut & set(criteria[name].because_of)}


# Phases and their gates.


def _gate_is_passed(phases: tuple[Phase, ...], criteria: dict[str, CriterionSays]) -> bool:
    """All blocking criteria of the phase and of all earlier ones are satisfied, at least one of them applicable."""
    blocking = [criteria[c.id].status for phase in phases for c in phase.criteria if criteria[c.id].blocking]
    return all(status in GOOD for status in blocking) and any(status != "not-applicable" for status in blocking)


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


# Maturity.


def _maturity(criteria: dict[str, CriterionSays], asked: Asked) -> tuple[int, tuple[str, ...]] | None:
    """Level n holds when everything required for levels 1 to n holds; waived never counts."""
    if asked.policy.maturity is None:
        return None
    reached = 1
    for level in asked.policy.maturity.levels:
        unmet: list[str] = []
        for requirement in level.requires:
            unmet += _unmet(requirement, criteria, asked)
        if unmet:
            return reached, tuple(unmet)
        reached = level.level
    return reached, ()


def _unmet(requirement: str | Requirement, criteria: dict[str, CriterionSays], asked: Asked) -> list[str]:
    def met(name: str) -> bool:
        return criteria[name].status in ("pass", "not-applicable")

    if isinstance(requirement, str):
        in_phase = [c.id for phase in asked.policy.phases if phase.id == requirement for c in phase.criteria]
        return [name for name in in_phase or [requirement] if not met(name)]
    if requirement.criteria is not None:
        names = list(criteria) if requirement.criteria == "all" else list(requirement.criteria)
        return [] if all(met(name) for name in names) else [requirement.id]
    status, _ = _underlying(requirement, asked)
    return [] if status in ("pass", "not-applicable") else [requirement.id]


# Until when it stands.


def _valid_until(asked: Asked) -> datetime | None:
    """The earliest end ahead among all selected for any criterion or maturity rule, the waivers in force and
    the sign-offs that count, or the earliest effective date ahead."""
    rules: list[Criterion | Requirement] = list(asked.policy.criteria)
    for level in asked.policy.maturity.levels if asked.policy.maturity is not None else ():
        rules += [r for r in level.requires if isinstance(r, Requirement) and r.criteria is None]
    ends = [end for rule in rules for record in read_by(rule, asked) if (end := end_of(record, asked)) is not None]
    for criterion in asked.policy.criteria:
        ends += [waiver.expires_at for waiver in _standing(criterion, asked)]
        ends += what_the_sign_offs_say(criterion, asked).ends
        if criterion.effective_from is not None and not criterion.advisory:
            ends.append(criterion.effective_from)
    return min((end for end in ends if end > asked.at), default=None)
