"""Selection: of the evidence of a type, the latest speaks."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import EvidenceRead, RevokedEvidence
from phasegate.engine.facts import Evidence, Facts
from phasegate.engine.instants import end_of, rfc3339
from phasegate.engine.policy import EvidenceType


class Shown(NamedTuple):
    """The record that speaks for a type."""

    evidence: Evidence
    ends: datetime | None
    """The first instant at which it has expired; None: never."""
    read: EvidenceRead
    """As a decision shows it."""

    def expired(self, at: datetime) -> bool:
        return self.ends is not None and self.ends <= at


class Selection(NamedTuple):
    """What a decision is made from, by evidence type; the same for every criterion."""

    shown: dict[str, Shown]
    revoked: Mapping[str, tuple[RevokedEvidence, ...]]
    """Revoked since the release was registered, latest first; empty where nothing was."""
    received: list[bytes]
    """One canonical line for each record received by the instant, sorted, without duplicates."""


def select(policy: CompiledPolicy, facts: Facts, at: datetime) -> Selection:
    """Choose, for each type of the policy, the newest record that counts at `at`."""
    digests = facts.release.digests
    types = policy.policy.evidence
    newest: dict[str, tuple[Any, Evidence]] = {}
    revoked: dict[str, list[Evidence]] = {}
    lines: set[bytes] = set()
    for record in facts.evidence:
        if record.received_at > at:
            continue
        gone = record.revoked_at is not None and record.revoked_at <= at
        line = record.line_of(record.revoked_at) if gone else record.line
        if line in lines:
            continue
        lines.add(line)
        kind = types.get(record.type)
        if kind is None or not bound(record, kind, digests):
            continue
        if gone:
            revoked.setdefault(record.type, []).append(record)
            continue
        rank = (*_rank(record), line)
        if record.type not in newest or rank > newest[record.type][0]:
            newest[record.type] = (rank, record)
    return Selection(
        {name: Shown(r, end_of(r.collected_at, types[name].max_age), _read(r)) for name, (_, r) in newest.items()},
        _since(revoked, facts.release.registered_at),
        sorted(lines),
    )


def selected_at(policy: CompiledPolicy, facts: Facts, types: Collection[str], at: datetime) -> dict[str, Evidence]:
    """The records of these types that were selected at an instant that has been."""
    digests = facts.release.digests
    newest: dict[str, Evidence] = {}
    for record in facts.evidence:
        if record.type not in types or record.received_at > at:
            continue
        if record.revoked_at is not None and record.revoked_at <= at:
            continue
        if not bound(record, policy.policy.evidence[record.type], digests):
            continue
        known = newest.get(record.type)
        if known is None or _later(record, known):
            newest[record.type] = record
    return newest


def _later(record: Evidence, known: Evidence) -> bool:
    """Told apart by all that is seen of them where the same record was sent by more than one."""
    one, other = _rank(record), _rank(known)
    return one > other or (one == other and record.line > known.line)


def bound(record: Evidence, kind: EvidenceType, digests: frozenset[str]) -> bool:
    """Whether a record is bound to the release with these artifact digests, or to the subject."""
    return kind.scope == "subject" or record.artifacts is None or frozenset(record.artifacts) == digests


def _rank(record: Evidence) -> tuple[datetime, datetime, str]:
    return record.collected_at, record.received_at, record.digest


def _read(record: Evidence) -> EvidenceRead:
    return EvidenceRead(record.id, record.type, record.digest, rfc3339(record.collected_at), record.strength)


def _since(revoked: Mapping[str, list[Evidence]], registered_at: datetime) -> Mapping[str, tuple[RevokedEvidence, ...]]:
    found: defaultdict[str, tuple[RevokedEvidence, ...]] = defaultdict(tuple)
    for name, records in revoked.items():
        since = [(r.revoked_at, r) for r in records if r.revoked_at is not None and r.revoked_at >= registered_at]
        latest_first = sorted(since, key=lambda pair: (pair[0], pair[1].digest), reverse=True)
        if latest_first:
            found[name] = tuple(RevokedEvidence(r.id, r.type, r.digest, rfc3339(at)) for at, r in latest_first)
    return found
