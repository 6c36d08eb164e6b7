"""The reference on evidence: which record speaks, until when, and which types a rule reads."""

import re
from datetime import datetime
from typing import NamedTuple

from phasegate.engine.facts import Evidence, Facts, SignOff, Waiver
from phasegate.engine.policy import Criterion, Policy, Requirement


class Asked(NamedTuple):
    """What a question is about."""

    policy: Policy
    digest: str
    """Of the policy."""
    facts: Facts
    at: datetime


# The latest speaks.


def selected(kind: str, asked: Asked) -> Evidence | None:
    """Received at or before `at`, not revoked by then, bound: the newest by collected_at, received_at, digest."""
    candidates = [
        record
        for record in asked.facts.evidence
        if record.type == kind
        and record.received_at <= asked.at
        and not revoked(record, asked.at)
        and _bound(record, asked)
    ]
    if not candidates:
        return None
    candidates.sort(key=lambda record: record.digest)
    candidates.sort(key=lambda record: record.received_at)
    candidates.sort(key=lambda record: record.collected_at)
    return candidates[-1]


def revoked(record: Evidence | Waiver, at: datetime) -> bool:
    return record.revoked_at is not None and record.revoked_at <= at


def _bound(record: Evidence, asked: Asked) -> bool:
    """Scope `subject` carries over; scope `release` counts for exactly that set of artifacts."""
    return asked.policy.evidence[record.type].scope == "subject" or names_the_artifacts(record, asked)


def names_the_artifacts(record: Evidence | SignOff, asked: Asked) -> bool:
    """The set of digests it was made for is the release's."""
    return record.artifacts is None or set(record.artifacts) == {a.sha256 for a in asked.facts.release.artifacts}


def revoked_since_registration(kind: str, asked: Asked) -> set[str]:
    return {
        record.digest
        for record in asked.facts.evidence
        if record.type == kind
        and record.received_at <= asked.at
        and record.revoked_at is not None
        and asked.facts.release.registered_at <= record.revoked_at <= asked.at
        and _bound(record, asked)
    }


# Half-open; at the end it is expired.


def end_of(record: Evidence, asked: Asked) -> datetime | None:
    age = asked.policy.evidence[record.type].max_age
    return None if age is None else record.collected_at + age


def expired(record: Evidence, asked: Asked) -> bool:
    end = end_of(record, asked)
    return end is not None and not asked.at < end


# Which types a rule reads.


def reads(rule: Criterion | Requirement) -> tuple[list[str], list[str]]:
    """Types required and types guarded: a guard holds for the check it stands in, and for no other."""
    required = [rule.evidence] if rule.evidence is not None else []
    guarded: list[str] = []
    for check in rule.checks:
        code = without_comments(check.that)
        guards = re.findall(r'"([a-z-]+)" in facts', code)
        guarded += guards
        required += [kind for kind in re.findall(r'facts\["([a-z-]+)"\]', code) if kind not in guards]
    return required, [kind for kind in guarded if kind not in required]


def read_by(rule: Criterion | Requirement, asked: Asked) -> list[Evidence]:
    """The selected records of the types it reads."""
    required, guarded = reads(rule)
    return [record for kind in required + guarded if (record := selected(kind, asked)) is not None]


def without_comments(source: str) -> str:
    return re.sub(r"//.*", "", source)
