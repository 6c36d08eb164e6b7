"""Evidence that this process has read, as facts: decoding it again for each decision would cost more than deciding.

A record never changes. All that becomes of it is its revocation and the erasure of its data, and these are asked for
each time, in one query on the keys alone; so any number of replicas agree without talking to each other.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid
from phasegate.storage import evidence
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.releases import ReleaseRecord

_ROOM = 16 * 2**20
"""Bytes of JSON; decoded it takes some five times as much."""
OVERHEAD = 1024
"""What a record counts beside its data."""


class _Kept(NamedTuple):
    fact: Evidence
    """As it stood before any revocation."""
    of_subject: bool
    shape: str
    shape_digest: str
    weight: int


class Records:
    """Those that were asked for last. What a transaction reads that can still be undone must not get in here: each
    such takes `Records(0)`, which keeps nothing."""

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._taken = 0
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def admitted(
        self, connection: Connection, org: str, release: ReleaseRecord, policy: CompiledPolicy
    ) -> Iterator[Evidence]:
        """What is bound to a release or its subject, as the policy reads it. Left out is what the policy has no type
        for, data that doesn't fit the shape that the policy was published with, and what is erased."""
        standing = evidence.standing(connection, org, release.subject, release.bound)
        found: dict[str, _Kept] = {}
        for identifier, _ in standing:
            if (kept := self._kept.get((org, identifier))) is not None:
                self._kept.move_to_end((org, identifier))
                found[identifier] = kept
        if missing := [identifier for identifier, _ in standing if identifier not in found]:
            for record in evidence.of_ids(connection, org, release.subject, release.bound, missing):
                if record.data:
                    found[record.id] = kept = _as_kept(record)
                    self._keep((org, record.id), kept)
        for identifier, revoked_at in standing:
            if identifier in found and (fact := _read_by(policy, found[identifier], revoked_at)) is not None:
                yield fact

    def _keep(self, key: tuple[str, str], kept: _Kept) -> None:
        if key in self._kept:
            return  # another request has read it meanwhile
        self._kept[key] = kept
        self._taken += kept.weight
        while self._taken > self._room:
            self._taken -= self._kept.popitem(last=False)[1].weight


def _as_kept(record: EvidenceRecord) -> _Kept:
    fact = Evidence(
        type=record.type,
        data=msgspec.json.decode(record.data),
        collected_at=record.collected_at,
        received_at=record.received_at,
        digest=record.digest,
        context=record.context,
        submitted_by=record.submitted_by,
        submitted_for=record.submitted_for,
        producer=record.producer,
        strength=record.strength,
        format=record.format,
        artifacts=record.artifacts,
        identity=record.identity,
        id=record.id,
    )
    return _Kept(fact, record.bound == "", record.shape, record.shape_digest, len(record.data) + OVERHEAD)


def _read_by(policy: CompiledPolicy, kept: _Kept, revoked_at: datetime | None) -> Evidence | None:
    fact = kept.fact
    kind = policy.policy.evidence.get(fact.type)
    if kind is None or (kind.scope == "subject") != kept.of_subject:
        return None
    if kept.shape != kind.shape or kept.shape_digest != policy.shape_digests[kind.shape]:
        try:
            fact = replace(fact, data=read_data(policy.shapes[kind.shape], fact.data))
        except Invalid:
            return None
    return fact if revoked_at is None else replace(fact, revoked_at=revoked_at)
