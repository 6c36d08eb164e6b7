"""Granting waivers, and revoking them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.exceptions import excused_by, involved
from phasegate.engine.instants import rfc3339, spoken
from phasegate.errors import Forbidden, Invalid, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.people_only import Person, instant_of, require_person
from phasegate.operations.policies import Policies
from phasegate.operations.standing import Standing, held_release, known_criterion, not_before, settled
from phasegate.storage import waiver_requests
from phasegate.storage import waivers as stored
from phasegate.storage.audit import record
from phasegate.storage.releases import ReleaseRecord
from phasegate.storage.subjects import raise_counter
from phasegate.storage.waivers import WaiverRecord


class NewWaiver(NamedTuple):
    """What is asked for, or granted."""

    criterion: str
    reason: str
    expires_at: datetime


class Granted(NamedTuple):
    record: WaiverRecord
    created: bool


def grant(
    connection: Connection,
    policies: Policies,
    caller: Person,
    subject: str,
    version: str,
    wanted: NewWaiver,
    clock: Clock,
) -> Granted:
    """Grant a waiver, from now on. The same again, while it is in force, is the same waiver.

    Raises `Forbidden` (no person, or one with a hand in it) or `Invalid` (unknown or unwaivable criterion, no
    reason, no end or one too far away), each with what to do.
    """
    org = caller.actor.org
    release = held_release(connection, org, subject, version)
    require_person(caller, "grants a waiver")
    now = instant_of(connection, caller.actor, clock)
    for each in stored.of_release(connection, org, subject, version):
        again = NewWaiver(each.criterion, each.reason or "", each.expires_at) == wanted
        if again and each.granted_by == caller.id and each.revoked_at is None and now < each.expires_at:
            return Granted(each, False)
    return Granted(granted(connection, policies, caller, release, wanted, now, None), True)


def granted(
    connection: Connection,
    policies: Policies,
    caller: Person,
    release: ReleaseRecord,
    wanted: NewWaiver,
    now: datetime,
    request: str | None,
) -> WaiverRecord:
    """Store a waiver of a release that is held; `request`: the id of the one it grants. Raises like `grant`."""
    org = caller.actor.org
    here = settled(connection, policies, org, release, now)
    check(here, wanted)
    _check_approver(connection, here, caller.id, wanted.criterion)
    new = WaiverRecord(
        id=str(uuid7()),
        subject=release.subject,
        release=release.version,
        criterion=wanted.criterion,
        granted_by=caller.id,
        granted_at=here.at,
        expires_at=wanted.expires_at,
        request=request,
        reason=wanted.reason,
    )
    stored.insert(connection, org, new)
    raise_counter(connection, org, release.subject, release.bound)
    after = {"criterion": new.criterion, "expires_at": rfc3339(new.expires_at), "request": request}
    record(
        connection,
        caller.actor,
        now,
        "waiver.granted",
        ("waiver", new.id),
        after=after,
        subject=release.subject,
        release=release.version,
    )
    return new


def check(here: Standing, wanted: NewWaiver) -> None:
    """Whether a waiver can be had at all. Raises `Invalid`."""
    criterion = known_criterion(here, wanted.criterion)
    limits = here.policy.policy.waivers
    if limits is None:
        raise Invalid.at("criterion", "can't be waived: this policy allows no waivers", code="not_waivable")
    if not criterion.waivable:
        told = f"{criterion.id} can't be waived: the policy says so; it has to be met"
        raise Invalid.at("criterion", told, code="not_waivable")
    if not wanted.reason.strip():
        raise Invalid.at("reason", "must say why the criterion need not be met for now", code="reason_missing")
    if wanted.expires_at <= here.at:
        raise Invalid.at("expires_at", f"must lie ahead; it is {rfc3339(here.at)} now", code="ends_too_soon")
    if wanted.expires_at - here.at > limits.max:
        latest = f"at most {spoken(limits.max)} ahead, which is {rfc3339(here.at + limits.max)}"
        raise Invalid.at("expires_at", f"is too far away: the policy allows {latest}", code="lasts_too_long")


def _check_approver(connection: Connection, here: Standing, person: str, criterion: str) -> None:
    excused = excused_by(here.policy, criterion, here.selection)
    hand = involved(here.facts, excused).get(person)
    release = here.release
    requests = waiver_requests.of_release(connection, here.org, release.subject, release.version)
    if any(person in each.askers for each in requests if each.criterion == criterion):
        hand = "asked for this waiver"
    if hand is not None:
        told = f"{person} {hand}; who grants a waiver must have had no hand in it"
        raise Forbidden(f"{told}: let somebody else with the scope waivers:write do it", code="duties_not_separate")


def revoke(
    connection: Connection,
    caller: Person,
    subject: str,
    version: str,
    identifier: str,
    reason: str,
    clock: Clock,
) -> WaiverRecord:
    """Take a waiver back, from now on. Doing so again changes nothing. Raises `NotFound` or `Invalid`."""
    org = caller.actor.org
    release = held_release(connection, org, subject, version)
    found = stored.by_id(connection, org, identifier)
    if found is None or (found.subject, found.release) != (subject, version):
        raise NotFound("the release has no such waiver")
    if not reason.strip():
        raise Invalid.at("reason", "must say why the waiver is revoked", code="reason_missing")
    at = not_before(instant_of(connection, caller.actor, clock), (found.granted_at,))
    if stored.revoke(connection, org, found, str(uuid7()), reason, caller.id, at):
        raise_counter(connection, org, subject, release.bound)
        record(
            connection,
            caller.actor,
            at,
            "waiver.revoked",
            ("waiver", found.id),
            after={"revoked_at": at},
            subject=subject,
            release=version,
        )
    gone = stored.by_id(connection, org, identifier)
    assert gone is not None
    return gone
