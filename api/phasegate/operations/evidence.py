"""Accepting evidence, and revoking it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.adapters.interface import Adapter, Hints
from phasegate.adapters.merging.together import File, read_together
from phasegate.adapters.registry import choose
from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Producer, Strength
from phasegate.engine.identity import evidence_digest
from phasegate.engine.instants import rfc3339
from phasegate.engine.params import flaws_of_own
from phasegate.engine.policy import EvidenceType
from phasegate.engine.shape import read_data
from phasegate.errors import Fault, Invalid, NotFound, nearest
from phasegate.mappings.adapter import competing
from phasegate.operations.decisions import Clock
from phasegate.operations.policies import Policies, resolve
from phasegate.operations.releases import found_release, found_subject
from phasegate.operations.stated_time import AHEAD, stated_time
from phasegate.reading import spell
from phasegate.storage import evidence as stored
from phasegate.storage.audit import Actor, record, submitted_to
from phasegate.storage.database import Database
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.people import acts_for
from phasegate.storage.subjects import lock_counters, raise_counter

UNBOUND = digest([])
"""In place of the digest of a set of artifacts: that of the empty one, which no release has."""
SUBMITTED = "evidence.submitted"
"""The action in the audit."""


class Submission(NamedTuple):
    """What a caller sent: an envelope's data, or a tool's file as it is."""

    type: str
    context: dict[str, str]
    collected_at: datetime | None
    """As the caller states it."""
    producer: Producer
    data: Any = None
    raw: bytes | None = None
    """The file as it is; None for an envelope."""
    media_type: str = "application/json"
    format: str | None = None
    exit_code: int | None = None
    files: tuple[File, ...] = ()
    """What `raw` holds where it is several files in one body; empty where it is the file itself."""
    signed: bytes | None = None
    """What of `raw` was signed; None: nothing, or nobody looked."""


class Accepted(NamedTuple):
    record: EvidenceRecord
    affects: tuple[str, ...]
    """Criteria that read it."""
    created: bool
    warnings: tuple[str, ...]


class Read(NamedTuple):
    """A submission as read by its shape."""

    data: dict[str, Any]
    stated_at: datetime | None
    producer: Producer
    format: str
    strength: Strength
    warnings: tuple[str, ...]
    adapter: str = ""
    """Version of the adapter that read a tool's file."""
    newest_at: datetime | None = None
    """Of several files' times the last; `stated_at` is the first."""


class Target(NamedTuple):
    """What evidence is bound to, and the policy that types it."""

    policy: CompiledPolicy
    subject: str
    bound: str
    """Digest of the set of artifacts; empty for the subject itself, `UNBOUND` for what counts for no release."""
    artifacts: tuple[str, ...] | None
    release: str | None = None
    """The version that it was sent for, where it was sent for one."""


class Prepared(NamedTuple):
    """A record that only has to be stored."""

    record: EvidenceRecord
    raw: bytes | None
    affects: tuple[str, ...]
    audited: dict[str, Any]
    """What the audit says of it."""
    release: str | None
    """The version that it was sent for."""
    dated: bool
    """Whether somebody stated when it was collected."""
    signed: str | None
    """SHA-256 of what was signed; None: nothing, or nobody looked."""

    def received(self, at: datetime, people: tuple[str, ...], first: datetime | None = None) -> EvidenceRecord:
        """The record as it is received at `at`, from somebody who acts for these people. `first`: when what was signed
        was received first. It grows no younger by what stands beside it the next time."""
        collected_at = self.record.collected_at if self.dated else min(at, first or at)
        return replace(self.record, collected_at=collected_at, received_at=at, submitted_for=people)


async def submit(
    database: Database,
    policies: Policies,
    actor: Actor,
    subject: str,
    version: str | None,
    sent: Submission,
    clock: Clock,
) -> Accepted:
    """Accept evidence for a release, or for the subject itself where `version` is None.

    The same again is the same record, its times unchanged. Raises `Invalid` with every fault.
    """
    target = await database.read(lambda connection: target_of(connection, policies, actor.org, subject, version))
    kind = evidence_type(target.policy, sent.type)
    check_scope(kind, sent.type, subject, version)
    given = (target.policy, kind, sent, subject, version or "", target.artifacts or ())
    # A tool's file can take seconds, for which other callers must not wait; an envelope takes none.
    read = read_submission(*given) if sent.raw is None else await asyncio.to_thread(read_submission, *given)
    prepared = prepare(actor, target, sent, read, clock())
    return await database.write(lambda connection: store(connection, actor, prepared, clock))


def prepare(
    actor: Actor,
    target: Target,
    sent: Submission,
    read: Read,
    at: datetime,
    identity: Mapping[str, str] = MappingProxyType({}),
) -> Prepared:
    """The record of a submission, not stored yet. Raises `Invalid`."""
    policy = target.policy
    _check_own_values(policy, sent.type, read.data)
    latest = read.newest_at or read.stated_at
    if latest is not None and latest > at + AHEAD:
        fault = Fault("collected_at", f"is {rfc3339(latest)}, more than 5 minutes ahead of {rfc3339(at)}")
        raise Invalid("the evidence was collected in the future; check the clock of the sender", faults=(fault,))
    raw_sha256 = None if sent.raw is None else sha256(sent.raw).hexdigest()
    signed = None if sent.signed is None else sha256(sent.signed).hexdigest()
    known_by = signed or raw_sha256
    files = tuple(file.digest for file in sent.files) or (() if known_by is None else (known_by,))
    shape = policy.policy.evidence[sent.type].shape
    unbound = target.bound == UNBOUND
    # A CI run that was verified says what it measured; a person or a stored token merely says.
    strength = "measured" if actor.identity and read.strength == "declared" else read.strength
    new = EvidenceRecord(
        id=str(uuid7()),
        digest=evidence_digest(
            org=actor.org,
            subject=target.subject,
            artifacts=target.artifacts,
            type=sent.type,
            data=read.data,
            context=sent.context,
            producer=read.producer,
            strength=strength,
            stated_at=read.stated_at,
            files=files,
            unbound=unbound,
        ),
        subject=target.subject,
        bound=target.bound,
        artifacts=target.artifacts,
        type=sent.type,
        shape=shape,
        shape_digest=policy.shape_digests[shape],
        format=read.format,
        strength=strength,
        data=msgspec.json.encode(read.data),
        context=sent.context,
        producer=read.producer,
        collected_at=read.stated_at or at,
        received_at=at,
        submitted_by=actor.principal,
        submitted_for=(),
        identity={**actor.identity, **identity},
        warnings=read.warnings,
        raw_sha256=raw_sha256,
        raw_media_type=sent.media_type,
    )
    audited = _audited(new, read, files, policy)
    affects = () if unbound else policy.affected_by(sent.type)
    return Prepared(new, sent.raw, affects, audited, target.release, read.stated_at is not None, signed)


def store(connection: Connection, actor: Actor, prepared: Prepared, clock: Clock) -> Accepted:
    """Store a record unless the same is there, with its audit entry; the same again is the record that is there."""
    lock_counters(connection, actor.org, prepared.record.subject, prepared.record.bound)
    at = clock()  # behind the lock: what was decided before it hadn't been received
    new = prepared.received(at, acts_for(connection, actor))
    if stored.insert(connection, actor.org, new, prepared.raw):
        raise_counter(connection, actor.org, new.subject, new.bound)
        target, after = ("evidence", new.id), prepared.audited
        record(connection, actor, at, SUBMITTED, target, after=after, subject=new.subject, release=prepared.release)
        return Accepted(new, prepared.affects, True, new.warnings)
    existing = stored.by_digest(connection, actor.org, new.digest)
    assert existing is not None
    return again(existing, prepared)


def again(existing: EvidenceRecord, prepared: Prepared) -> Accepted:
    """The answer to what was there already."""
    return Accepted(existing, prepared.affects, False, _again(existing, prepared.record.warnings))


def _audited(new: EvidenceRecord, read: Read, files: tuple[str, ...], policy: CompiledPolicy) -> dict[str, Any]:
    """What the audit says of a submission: of a tool's files also their sha256, and which version of the adapter read
    them; of a mapping the digest of the policy that it stands in."""
    told: dict[str, Any] = {"digest": new.digest, "type": new.type, "format": new.format, "strength": new.strength}
    if files:
        told |= {"adapter": read.adapter, "files": sorted(set(files))}
    if files and new.format in policy.policy.mappings:
        told["policy"] = policy.digest
    return told


def _again(existing: EvidenceRecord, warnings: tuple[str, ...]) -> tuple[str, ...]:
    if existing.revoked_at is None:
        return warnings
    return (*warnings, f"this record was revoked at {rfc3339(existing.revoked_at)} and does not count")


def target_of(connection: Connection, policies: Policies, org: str, subject: str, version: str | None) -> Target:
    """Of a release, or of the subject itself. Raises `NotFound`."""
    if version is None:
        published = resolve(connection, org, found_subject(connection, org, subject).policy)
        return Target(policies.get(connection, org, published.name, published.version), subject, "", None)
    release = found_release(connection, org, subject, version)
    policy = policies.get(connection, org, release.policy, release.policy_version)
    artifacts = tuple(sorted({artifact.sha256 for artifact in release.artifacts}))
    return Target(policy, subject, release.bound, artifacts, version)


def evidence_type(policy: CompiledPolicy, name: str) -> EvidenceType:
    """The type of that name. Raises `Invalid` with a suggestion."""
    kind = policy.policy.evidence.get(name)
    if kind is None:
        known = set(policy.policy.evidence)
        hint = nearest(name, known) or f"the types are: {', '.join(sorted(known))}"
        told = f"{policy.policy.policy}@{policy.policy.version} has no evidence type {name!r}"
        raise Invalid(told, faults=(Fault("type", "is unknown", suggestion=hint),), code="unknown_evidence_type")
    return kind


def check_scope(kind: EvidenceType, name: str, subject: str, version: str | None) -> None:
    if (kind.scope == "release") == (version is not None):
        return
    path = f"/v1/subjects/{subject}/" + ("releases/VERSION/evidence" if kind.scope == "release" else "evidence")
    fault = Fault("type", f"{name} is of scope {kind.scope}", suggestion=f"POST it to {path}")
    raise Invalid(f"evidence of type {name} is of scope {kind.scope}: POST it to {path}", faults=(fault,))


def _check_own_values(policy: CompiledPolicy, name: str, data: dict[str, Any]) -> None:
    """A subject's own parameter values are within the policy's bounds, or refused. Raises `Invalid`."""
    faults = tuple(
        Fault(spell(flaw.path), flaw.message, suggestion=flaw.suggestion)
        for flaw in flaws_of_own(policy.policy, name, data)
    )
    if faults:
        raise Invalid.of(faults, code="own_value_refused")


def read_submission(
    policy: CompiledPolicy,
    kind: EvidenceType,
    sent: Submission,
    subject: str,
    version: str,
    artifacts: tuple[str, ...] = (),
    *,
    reader: Adapter | None = None,
) -> Read:
    """What was sent, normalised by the shape of its type; `reader` where the envelope says who reads it. Raises
    `Invalid`."""
    warnings = list(check_context(kind, sent.type, sent.context))
    shape = policy.shapes[kind.shape]
    if sent.raw is None:
        data = read_data(shape, sent.data)
        return Read(data, sent.collected_at, sent.producer, "json", "declared", tuple(warnings))
    known = competing(policy)
    files = sent.files or (File("", sent.raw),)
    hints = Hints(sent.exit_code, sent.context, version, subject, kind.shape, artifacts)

    def pick(raw: bytes) -> Adapter:
        return reader or choose(raw, sent.format, kind.shape, among=known)

    adapter, reading, times = read_together(files, pick, lambda data: read_data(shape, data), hints)
    told = stated_time(times, sent.collected_at)
    warnings += (*reading.warnings, *told.warnings)
    try:
        data = read_data(shape, reading.data)
    except Invalid as error:  # the adapter's fault and not the submitter's
        raise Invalid(f"what {adapter.name} read is refused: {error.detail}", faults=error.faults) from None
    return Read(
        data, told.oldest, reading.producer, adapter.name, "measured", tuple(warnings), adapter.version, told.newest
    )


def check_context(kind: EvidenceType, name: str, context: dict[str, str]) -> list[str]:
    """Warnings about the context. Raises `Invalid` where a required key is missing."""
    faults = tuple(
        Fault(f"context.{key}", f"is required for evidence of type {name}")
        for key in kind.required_context
        if key not in context
    )
    if faults:
        keys = ", ".join(fault.path.removeprefix("context.") for fault in faults)
        raise Invalid(f"the context of {name} lacks {keys}", faults=faults, code="missing_context")
    known = kind.context_keys
    return [f"context key {key} is kept, but no rule can read it" for key in context if key not in known]


async def revoke(database: Database, actor: Actor, identifier: str, reason: str, clock: Clock) -> EvidenceRecord:
    """Revoke a record: it stays and no longer counts. Revoking it again changes nothing."""

    def work(connection: Connection) -> EvidenceRecord:
        found = stored.by_id(connection, actor.org, identifier)
        if found is None:
            raise NotFound("there is no such evidence")
        lock_counters(connection, actor.org, found.subject, found.bound)
        at = clock()  # behind the lock: what was decided before it counted the record
        revoke_held(connection, actor, found, reason, at)
        revoked = stored.by_id(connection, actor.org, identifier)
        assert revoked is not None
        return revoked

    return await database.write(work)


def revoke_held(
    connection: Connection, actor: Actor, found: EvidenceRecord, reason: str, at: datetime, **told: str
) -> bool:
    """Revoke a record whose facts are held, with its audit entry, which also says what is `told`; False if it was
    revoked before."""
    if not stored.revoke(connection, actor.org, found, reason, actor.principal, at):
        return False
    raise_counter(connection, actor.org, found.subject, found.bound)
    release = submitted_to(connection, actor.org, found.id)
    target, after = ("evidence", found.id), {"revoked_at": at, **told}
    record(connection, actor, at, "evidence.revoked", target, after=after, subject=found.subject, release=release)
    return True
