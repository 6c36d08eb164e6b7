"""Accepting evidence that is addressed by artifact digests.

Whoever checks a signature calls `accept` too: it reads the payload that it verified (`envelopes.statement`),
makes the message of it, and says in a `Vouch` what the signature is worth for this subject and type.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.adapters.cdevents import Cdevents
from phasegate.adapters.in_toto_test_result import InTotoTestResult
from phasegate.adapters.interface import Adapter
from phasegate.engine.canonical import digest
from phasegate.engine.facts import Strength
from phasegate.envelopes.message import Message
from phasegate.errors import Fault, Invalid, Problem
from phasegate.operations.binding import Bound, bind
from phasegate.operations.decisions import Clock
from phasegate.operations.evidence import (
    Accepted,
    Prepared,
    Submission,
    check_scope,
    evidence_type,
    prepare,
    read_submission,
)
from phasegate.operations.policies import Policies
from phasegate.operations.settling import Ready, settle
from phasegate.storage import keys
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from phasegate.storage.events import EventRecord
from phasegate.storage.tokens import TokenRecord

READERS: dict[str, Adapter] = {adapter.name: adapter for adapter in (InTotoTestResult(), Cdevents())}
"""Of envelopes that say themselves who reads them. They are no formats of the ordinary route, which doesn't look
whose artifacts an envelope names."""


class Attestor(NamedTuple):
    """Who made evidence `attested`."""

    kind: str
    """`key`, or `rule` of trust."""
    id: str


class Vouched(NamedTuple):
    """What is known of evidence beyond the token that brought it."""

    strength: Strength | None = None
    """None: as it was read, `declared` or `measured`."""
    identity: Mapping[str, str] = {}
    """Verified claims of the CI run."""
    warnings: tuple[str, ...] = ()
    attestors: tuple[Attestor, ...] = ()
    confirm: Callable[[Connection], None] = lambda _connection: None
    """Called in the transaction that stores the evidence, before it does. Raises a `Problem` where what was known
    holds no longer; what it looks at stays as it is until the transaction ends."""


Vouch = Callable[[Connection, str, str], Vouched]
"""Called with the subject and the evidence type once both are known. Raises a `Problem` to refuse."""


def nobody(_connection: Connection, _subject: str, _type: str) -> Vouched:
    """Nothing is known."""
    return Vouched()


class Sent(NamedTuple):
    """A message, and who vouches for it."""

    message: Message
    vouch: Vouch = nobody


async def accept(
    database: Database, policies: Policies, actor: Actor, token: TokenRecord, sent: Sent, clock: Clock
) -> Accepted:
    """Store one message's evidence. The same again is the same record. Raises `Problem`."""
    (result,) = await accept_all(database, policies, actor, token, (sent,), clock)
    if isinstance(result, Problem):
        raise result
    return result


async def accept_all(
    database: Database,
    policies: Policies,
    actor: Actor,
    token: TokenRecord,
    sent: Sequence[Sent | Problem],
    clock: Clock,
) -> list[Accepted | Problem]:
    """Store many in one transaction, durable when this returns; a bad one spoils only itself. One result for
    each, in order."""
    known: dict[object, Bound | Problem] = {}

    def look(connection: Connection) -> list[_Addressed | Problem]:
        return [_addressed(connection, policies, token, each, known) for each in sent]

    addressed = await database.read(look)
    # A tool's file takes seconds, for which other callers must not wait.
    at = clock()
    found = await asyncio.to_thread(lambda: [_read(actor, each, at) for each in addressed])
    ready = [each for each in found if isinstance(each, _Found)]
    settled = iter(
        await database.write(lambda connection: _settle(connection, actor, token, ready, clock)) if ready else ()
    )
    return [each if isinstance(each, Problem) else next(settled) for each in found]


class _Addressed(NamedTuple):
    """A message of which is known whose it is, and who vouches for it."""

    message: Message
    type: str
    bound: Bound
    vouched: Vouched


class _Found(NamedTuple):
    """A record that only has to be stored, and who vouches for it."""

    ready: Ready
    vouched: Vouched


def _settle(
    connection: Connection, actor: Actor, token: TokenRecord, found: Sequence[_Found], clock: Clock
) -> list[Accepted | Problem]:
    """Store those that are vouched for as they were when they were read, and who attested them."""
    refused = [_refusal(connection, each.vouched) for each in found]
    held = [each for each, problem in zip(found, refused, strict=True) if problem is None]
    settled = settle(connection, actor, token, [each.ready for each in held], clock)
    at = clock()
    for each, result in zip(held, settled, strict=True):
        if isinstance(result, Accepted) and result.record.revoked_at is None:
            keys.attest(connection, actor.org, result.record.id, each.vouched.attestors, at)
    rest = iter(settled)
    return [next(rest) if problem is None else problem for problem in refused]


def _refusal(connection: Connection, vouched: Vouched) -> Problem | None:
    try:
        vouched.confirm(connection)
    except Problem as problem:
        return problem
    return None


def _addressed(
    connection: Connection,
    policies: Policies,
    token: TokenRecord,
    sent: Sent | Problem,
    known: dict[object, Bound | Problem],
) -> _Addressed | Problem:
    if isinstance(sent, Problem):
        return sent
    try:
        message = sent.message
        if message.type is None:
            fault = Fault("type", "is required", suggestion="as in ?type=edge-case-tests")
            raise Invalid("say what it is evidence of: type", faults=(fault,))
        bound = _bound(connection, policies, token, message, known)
        return _Addressed(message, message.type, bound, sent.vouch(connection, bound.target.subject, message.type))
    except Problem as problem:
        return problem


def _read(actor: Actor, found: _Addressed | Problem, at: datetime) -> _Found | Problem:
    if isinstance(found, Problem):
        return found
    try:
        prepared = _prepared(actor, found, at)
        return _Found(Ready(prepared, _event(found.message, prepared)), found.vouched)
    except Problem as problem:
        return problem


def _bound(
    connection: Connection,
    policies: Policies,
    token: TokenRecord,
    message: Message,
    known: dict[object, Bound | Problem],
) -> Bound:
    """Looked up once for all messages that name the same."""
    key = (message.subject, message.release, message.artifacts)
    if key not in known:
        try:
            known[key] = bind(connection, policies, token, *key)
        except Problem as problem:
            known[key] = problem
    found = known[key]
    if isinstance(found, Problem):
        raise found
    return found


def _prepared(actor: Actor, found: _Addressed, at: datetime) -> Prepared:
    message, type_, bound, vouched = found
    target = bound.target
    kind = evidence_type(target.policy, type_)
    check_scope(kind, type_, target.subject, None if target.artifacts is None else bound.version)
    reader = None if message.reader is None else READERS[message.reader]
    if reader is not None and message.format not in (None, reader.name):
        fault = Fault("format", f"is {reader.name}, as the envelope says itself", suggestion="leave it out")
        raise Invalid(f"the envelope's format is {reader.name}; leave format out", faults=(fault,))
    if message.file is None:
        _refuse_words_of_a_file(message)
    submission = Submission(
        type=type_,
        context=dict(message.context),
        collected_at=message.collected_at or message.happened_at,
        producer=message.producer,
        data=message.data,
        raw=message.file,
        media_type=message.media_type,
        format=message.format,
        exit_code=message.exit_code,
        signed=message.signed,
    )
    read = read_submission(
        target.policy, kind, submission, target.subject, bound.version, target.artifacts or (), reader=reader
    )
    read = read._replace(
        strength=vouched.strength or read.strength,
        warnings=(*message.warnings, *bound.warnings, *vouched.warnings, *read.warnings),
    )
    if message.received is not None:
        submission = submission._replace(raw=message.received)
    return prepare(actor, target, submission, read, at, vouched.identity)


def _refuse_words_of_a_file(message: Message) -> None:
    """What is said beside data in the form of a shape and is true of a tool's file alone: that the tool failed must not
    be lost. Raises `Invalid`."""
    told = "is of a tool's file, and this is data in the form of its type's shape"
    if message.format is not None:
        hint = "leave it out, or state the format inside the envelope"
        raise Invalid(f"format {told}; {hint}", faults=(Fault("format", told, suggestion=hint),))
    if message.exit_code:
        hint = "count the failure in the data"
        raise Invalid(f"exit_code {told}; {hint}", faults=(Fault("exit_code", told, suggestion=hint),))


def _event(message: Message, prepared: Prepared) -> EventRecord | None:
    """With a digest of all that it says, which doesn't change with what is registered or published meanwhile."""
    event = message.event
    if event is None:
        return None
    data = prepared.record.raw_sha256 or message.data
    said = (
        message.subject,
        message.release,
        message.artifacts,
        message.type,
        message.format,
        message.exit_code,
        dict(message.context),
        message.collected_at,
        message.happened_at,
        message.producer,
        data,
    )
    key = digest([event.source, event.id])
    return EventRecord(key, event.source, event.id, digest(said), prepared.record.digest)
