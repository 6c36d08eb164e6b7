"""Gathering what was shown of a release, as it stood at an instant."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence, Facts, Release, Subject
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, NotFound
from phasegate.storage import evidence, launches, subjects
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.releases import ReleaseRecord


def gather(connection: Connection, org: str, release: ReleaseRecord, policy: CompiledPolicy, at: datetime) -> Facts:
    """The facts of a release under its pinned policy at `at`."""
    subject = subjects.at(connection, org, release.subject, at)
    if subject is None:
        raise NotFound(f"the subject {release.subject!r} did not exist at that instant")
    launched = launches.received(connection, org, release.subject, at)
    records = evidence.of_bounds(connection, org, release.subject, ("", release.bound))
    admitted = (_admitted(record, policy) for record in records)
    return Facts(
        subject=Subject(subject.name, subject.kind, subject.team, subject.title, subject.attributes),
        release=Release(
            version=release.version,
            artifacts=release.artifacts,
            registered_at=release.registered_at,
            registered_by=release.registered_by,
            registered_for=release.registered_for,
            predecessor=next((each.release for each in launched if each.release != release.version), ""),
        ),
        evidence=tuple(record for record in admitted if record is not None),
    )


def _admitted(record: EvidenceRecord, policy: CompiledPolicy) -> Evidence | None:
    """The record as the policy reads it; None where the policy has no such type, its data doesn't fit
    the shape that the policy was published with, or it is erased."""
    kind = policy.policy.evidence.get(record.type)
    if kind is None or not record.data or (kind.scope == "subject") != (record.bound == ""):
        return None
    data = msgspec.json.decode(record.data)
    if record.shape != kind.shape or record.shape_digest != policy.shape_digests[kind.shape]:
        try:
            data = read_data(policy.shapes[kind.shape], data)
        except Invalid:
            return None
    return Evidence(
        type=record.type,
        data=data,
        collected_at=record.collected_at,
        received_at=record.received_at,
        digest=record.digest,
        context=record.context,
        revoked_at=record.revoked_at,
        submitted_by=record.submitted_by,
        submitted_for=record.submitted_for,
        producer=record.producer,
        strength=record.strength,
        format=record.format,
        artifacts=record.artifacts,
        identity=record.identity,
        id=record.id,
    )
