"""Asking for a waiver, and the verdict on it."""

from typing import Literal, NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.instants import rfc3339
from phasegate.errors import Conflict, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.people_only import Person, instant_of, require_person
from phasegate.operations.policies import Policies
from phasegate.operations.standing import held_release, not_before, standing
from phasegate.operations.waivers import NewWaiver, check, granted
from phasegate.storage import people, waivers
from phasegate.storage import waiver_requests as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.subjects import raise_counter
from phasegate.storage.waiver_requests import RequestRecord, VerdictRecord
from phasegate.storage.waivers import WaiverRecord


class Asked(NamedTuple):
    record: RequestRecord
    created: bool


class Decided(NamedTuple):
    request: RequestRecord
    waiver: WaiverRecord | None
    """None where the request was rejected."""
    created: bool


def ask(
    connection: Connection,
    policies: Policies,
    actor: Actor,
    subject: str,
    version: str,
    wanted: NewWaiver,
    clock: Clock,
) -> Asked:
    """Ask for a waiver; nothing is waived by that. The same again, while it is open, is the same request.

    Raises `Invalid` where no waiver of that kind could be granted.
    """
    release = held_release(connection, actor.org, subject, version)
    now = instant_of(connection, actor, clock)
    for each in stored.of_release(connection, actor.org, subject, version):
        again = NewWaiver(each.criterion, each.reason or "", each.expires_at) == wanted
        if again and each.requested_by == actor.principal and each.verdict is None:
            return Asked(each, False)
    check(standing(connection, policies, actor.org, release, now), wanted)
    new = RequestRecord(
        id=str(uuid7()),
        subject=subject,
        release=version,
        criterion=wanted.criterion,
        requested_by=actor.principal,
        requested_for=people.acts_for(connection, actor),
        requested_at=now,
        expires_at=wanted.expires_at,
        reason=wanted.reason,
    )
    stored.insert(connection, actor.org, new)
    after = {"criterion": new.criterion, "expires_at": rfc3339(new.expires_at)}
    record(
        connection,
        actor,
        now,
        "waiver.wanted",
        ("waiver_request", new.id),
        after=after,
        subject=subject,
        release=version,
    )
    return Asked(new, True)


def decide_request(
    connection: Connection,
    policies: Policies,
    caller: Person,
    subject: str,
    version: str,
    identifier: str,
    verdict: Literal["approve", "reject"],
    comment: str,
    clock: Clock,
) -> Decided:
    """Grant what was asked for, or not. The same verdict of the same person again changes nothing.

    Raises `NotFound`, `Conflict` where another verdict stands, and what granting a waiver raises.
    """
    org = caller.actor.org
    release = held_release(connection, org, subject, version)
    require_person(caller, "decides on a waiver")
    now = instant_of(connection, caller.actor, clock)
    request = stored.by_id(connection, org, identifier)
    if request is None or (request.subject, request.release) != (subject, version):
        raise NotFound("the release has no such waiver request")
    if request.verdict is not None:
        known = request.verdict
        if (known.verdict, known.given_by) == (verdict, caller.id):
            return Decided(request, _waiver_of(connection, org, request), False)
        told = f"{known.given_by} decided on it at {rfc3339(known.given_at)}: {known.verdict}"
        raise Conflict(f"{told}; ask for another waiver, or revoke that one", code="already_decided")
    at = not_before(now, (request.requested_at,))
    given = VerdictRecord(verdict, caller.id, at, comment)
    waiver: WaiverRecord | None = None
    if verdict == "approve":
        wanted = NewWaiver(request.criterion, request.reason or "", request.expires_at)
        waiver = granted(connection, policies, caller, release, wanted, at, request.id)
    stored.decide(connection, org, request, str(uuid7()), given)
    raise_counter(connection, org, subject, release.bound)
    target = ("waiver_request", request.id)
    record(
        connection,
        caller.actor,
        at,
        "waiver.decided",
        target,
        after={"verdict": verdict},
        subject=subject,
        release=version,
    )
    decided = stored.by_id(connection, org, identifier)
    assert decided is not None
    return Decided(decided, waiver, True)


def _waiver_of(connection: Connection, org: str, request: RequestRecord) -> WaiverRecord | None:
    of_release = waivers.of_release(connection, org, request.subject, request.release)
    return next((each for each in of_release if each.request == request.id), None)
