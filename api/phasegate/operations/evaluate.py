"""The stateless question: everything is given, nothing is stored."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision
from phasegate.engine.facts import Artifact, Evidence, Facts, Producer, Release, SignOff, Strength, Subject, Waiver
from phasegate.engine.gate import decide
from phasegate.engine.identity import evidence_digest
from phasegate.engine.instants import parse_instant
from phasegate.engine.policy import Channel
from phasegate.engine.shape import read_data
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Invalid, nearest
from phasegate.operations.evidence import check_context, evidence_type
from phasegate.operations.subjects import without_nulls
from phasegate.reading import Name, NameOrNone, Sha256


class _Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all parts of a question; what is left out is empty."""


class GivenSubject(_Given, frozen=True):
    name: Name
    kind: NameOrNone = ""
    team: NameOrNone = ""
    title: str = ""
    attributes: dict[str, Any] = {}


class GivenArtifact(_Given, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    sha256: Sha256


class GivenRelease(_Given, frozen=True):
    version: Name
    artifacts: Annotated[tuple[GivenArtifact, ...], msgspec.Meta(max_length=100)] = ()
    registered_at: str | None = None
    registered_by: str = ""
    registered_for: tuple[str, ...] = ()
    predecessor: str = ""


class GivenProducer(_Given, frozen=True):
    tool: str = ""
    version: str = ""


class GivenEvidence(_Given, frozen=True):
    type: str
    collected_at: str
    data: dict[str, Any] = {}
    context: dict[str, str] = {}
    received_at: str | None = None
    revoked_at: str | None = None
    submitted_by: str = ""
    submitted_for: tuple[str, ...] = ()
    producer: GivenProducer = GivenProducer()
    strength: Strength = "declared"
    format: str = "json"
    artifacts: tuple[Sha256, ...] | None = None
    identity: dict[str, str] = {}
    id: str | None = None


class GivenWaiver(_Given, frozen=True):
    criterion: str
    granted_at: str
    expires_at: str
    reason: str = ""
    granted_by: str = ""
    revoked_at: str | None = None


class GivenSignOff(_Given, frozen=True):
    role: str
    verdict: Literal["approve", "reject"]
    by: Name
    """A person who holds the role: who that is, a stateless question says."""
    at: str
    criterion: str | None = None
    acknowledged: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)] = ()
    comment: str = ""
    via: Channel = "web"
    mfa: bool = False
    withdrawn_at: str | None = None


class Question(_Given, frozen=True):
    """May this release pass this gate, given these facts?"""

    policy: dict[str, Any]
    """`{name, version}` of a published version, or a whole document."""
    subject: GivenSubject
    release: GivenRelease
    evidence: Annotated[tuple[GivenEvidence, ...], msgspec.Meta(max_length=5_000)] = ()
    signoffs: Annotated[tuple[GivenSignOff, ...], msgspec.Meta(max_length=200)] = ()
    """Each is looked at with the eyes of its own instant, which costs a walk over all records."""
    waivers: Annotated[tuple[GivenWaiver, ...], msgspec.Meta(max_length=1_000)] = ()
    gate: str = LAUNCH
    at: str | None = None


def evaluate(policy: CompiledPolicy, question: Question, now: datetime) -> Decision:
    """Decide on what is given; `now` stands for an instant left out. Raises `Invalid`."""
    facts, at = facts_of(policy, question, now)
    return decide(policy, facts, question.gate, at)


def facts_of(policy: CompiledPolicy, question: Question, now: datetime) -> tuple[Facts, datetime]:
    """What is given, as facts, and the instant it is asked for. Raises `Invalid`."""
    at = _instant(question.at, "at") or now
    release = _release(question.release, at)
    facts = Facts(
        subject=_subject(question.subject),
        release=release,
        evidence=tuple(
            _evidence(policy, given, question, release, f"evidence[{n}]") for n, given in enumerate(question.evidence)
        ),
        waivers=tuple(_waiver(policy, waiver, n) for n, waiver in enumerate(question.waivers)),
        signoffs=tuple(_signoff(policy, signoff, n) for n, signoff in enumerate(question.signoffs)),
    )
    return facts, at


def _subject(given: GivenSubject) -> Subject:
    return Subject(given.name, given.kind, given.team, given.title, without_nulls(given.attributes))


def _release(given: GivenRelease, at: datetime) -> Release:
    names = [artifact.name for artifact in given.artifacts]
    faults = tuple(
        Fault(f"release.artifacts[{n}].name", f"{name!r} stands there twice")
        for n, name in enumerate(names)
        if name in names[:n]
    )
    if faults:
        raise Invalid.of(faults)
    return Release(
        version=given.version,
        artifacts=tuple(Artifact(artifact.name, artifact.sha256) for artifact in given.artifacts),
        registered_at=_instant(given.registered_at, "release.registered_at") or at,
        registered_by=given.registered_by,
        registered_for=given.registered_for,
        predecessor=given.predecessor,
    )


def _evidence(
    policy: CompiledPolicy, given: GivenEvidence, question: Question, release: Release, path: str
) -> Evidence:
    try:
        kind = evidence_type(policy, given.type)
        check_context(kind, given.type, given.context)
        data = read_data(policy.shapes[kind.shape], given.data)
    except Invalid as error:
        faults = tuple(msgspec.structs.replace(fault, path=f"{path}.{fault.path}") for fault in error.faults)
        raise Invalid(f"{path}: {error.detail}", faults=faults, code=error.reason) from None
    collected_at = _required(given.collected_at, f"{path}.collected_at")
    producer = Producer(given.producer.tool, given.producer.version)
    bound = given.artifacts if given.artifacts is not None else release.digests
    digest = evidence_digest(
        org=None,
        subject=question.subject.name,
        artifacts=bound if kind.scope == "release" else None,
        type=given.type,
        data=data,
        context=given.context,
        producer=producer,
        strength=given.strength,
        stated_at=collected_at,
    )
    return Evidence(
        type=given.type,
        data=data,
        collected_at=collected_at,
        received_at=_instant(given.received_at, f"{path}.received_at") or collected_at,
        digest=digest,
        context=given.context,
        revoked_at=_instant(given.revoked_at, f"{path}.revoked_at"),
        submitted_by=given.submitted_by,
        submitted_for=given.submitted_for,
        producer=producer,
        strength=given.strength,
        format=given.format,
        artifacts=given.artifacts,
        identity=given.identity,
        id=given.id,
    )


def _waiver(policy: CompiledPolicy, given: GivenWaiver, n: int) -> Waiver:
    path = f"waivers[{n}]"
    _known(given.criterion, policy.rules, f"{path}.criterion", "criterion")
    return Waiver(
        criterion=given.criterion,
        reason=given.reason,
        granted_by=given.granted_by,
        granted_at=_required(given.granted_at, f"{path}.granted_at"),
        expires_at=_required(given.expires_at, f"{path}.expires_at"),
        revoked_at=_instant(given.revoked_at, f"{path}.revoked_at"),
    )


def _signoff(policy: CompiledPolicy, given: GivenSignOff, n: int) -> SignOff:
    path = f"signoffs[{n}]"
    _known(given.role, policy.policy.roles, f"{path}.role", "role")
    if given.criterion is not None:
        _known(given.criterion, policy.covered, f"{path}.criterion", "sign-off criterion")
    return SignOff(
        role=given.role,
        verdict=given.verdict,
        by=given.by,
        at=_required(given.at, f"{path}.at"),
        criterion=given.criterion,
        acknowledged=given.acknowledged,
        comment=given.comment,
        via=given.via,
        mfa=given.mfa,
        withdrawn_at=_instant(given.withdrawn_at, f"{path}.withdrawn_at"),
    )


def _known(name: str, known: Collection[str], path: str, what: str) -> None:
    if name not in known:
        told = f"there is no {what} {name!r}"
        raise Invalid(f"{path}: {told}", faults=(Fault(path, told, suggestion=nearest(name, known)),))


def _instant(text: str | None, path: str) -> datetime | None:
    return None if text is None else _required(text, path)


def _required(text: str, path: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Invalid.at(path, str(error)) from None
