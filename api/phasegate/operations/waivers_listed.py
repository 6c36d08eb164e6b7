"""Waivers as governance looks at them: in force, used or not, near their end, over."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection

from phasegate.engine.gate import decide
from phasegate.engine.instants import end_of, in_force, rfc3339
from phasegate.engine.structure import LAUNCH
from phasegate.operations.facts import ERASED
from phasegate.operations.policies import Policies
from phasegate.operations.releases import found_release
from phasegate.operations.standing import standing
from phasegate.storage import waivers as stored
from phasegate.storage.waivers import WaiverRecord

State = Literal["in-force", "ended", "revoked"]
Kind = Literal["in-force", "used", "unused", "expiring", "expired", "revoked"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SOON = timedelta(days=14)
_STANDING = ("in-force", "used", "unused", "expiring")
_SCANNED = 200
"""Waivers looked at for one page: those used are told from the others by deciding, which takes time."""


class Listed(NamedTuple):
    """A waiver and what it amounts to now."""

    record: WaiverRecord
    state: State
    used: bool
    """Whether its criterion needs it, and no other waiver serves."""


class Asked(NamedTuple):
    """Which waivers are asked for."""

    kind: Kind | None = None
    within: timedelta = SOON
    """How near the end of one that is expiring is."""

    def admits(self, listed: Listed, now: datetime) -> bool:
        if self.kind is None:
            return True
        if self.kind not in _STANDING:
            return listed.state == ("ended" if self.kind == "expired" else "revoked")
        if listed.state != "in-force" or self.kind == "in-force":
            return listed.state == "in-force"
        if self.kind == "expiring":
            until = end_of(now, self.within)
            return until is None or listed.record.expires_at <= until
        return listed.used == (self.kind == "used")


class Page(NamedTuple):
    items: tuple[Listed, ...]
    last: str | None
    """Id of the last waiver looked at; None where there is nothing behind it."""


def state_of(waiver: WaiverRecord, at: datetime) -> State:
    """What a waiver is at an instant."""
    if waiver.revoked_at is not None and waiver.revoked_at <= at:
        return "revoked"
    return "in-force" if in_force(waiver.granted_at, waiver.expires_at, at) else "ended"


def of_release(
    connection: Connection, policies: Policies, org: str, subject: str, version: str, asked: Asked, now: datetime
) -> tuple[Listed, ...]:
    """The waivers of one release that are asked for, oldest first. Raises `NotFound`."""
    found_release(connection, org, subject, version)
    look = _Look(connection, policies, org, now)
    found = [look.at(each) for each in stored.of_release(connection, org, subject, version)]
    return tuple(each for each in found if asked.admits(each, now))


def of_org(
    connection: Connection,
    policies: Policies,
    org: str,
    asked: Asked,
    after: str,
    limit: int,
    visible: Callable[[str], bool],
    now: datetime,
) -> Page:
    """Waivers that are asked for, of subjects that are `visible`, behind the one with id `after`: oldest first, at
    most `limit`, and fewer where many had to be looked at."""
    look = _Look(connection, policies, org, now)
    found = stored.page(connection, org, after, _SCANNED + 1, now=now, standing=asked.kind in _STANDING)
    items: list[Listed] = []
    seen = None
    for waiver in found[:_SCANNED]:
        seen = waiver.id
        if visible(waiver.subject) and asked.admits(listed := look.at(waiver), now):
            items.append(listed)
            if len(items) == limit:
                break
    return Page(tuple(items), seen if found and seen != found[-1].id else None)


class _Look:
    """Looks at waivers of an org at one instant, deciding on each release once."""

    def __init__(self, connection: Connection, policies: Policies, org: str, now: datetime) -> None:
        self._connection = connection
        self._policies = policies
        self._org = org
        self._now = now
        self._used: dict[tuple[str, str], Mapping[str, tuple[str, str, str]]] = {}

    def at(self, waiver: WaiverRecord) -> Listed:
        state = state_of(waiver, self._now)
        if state != "in-force":
            return Listed(waiver, state, False)
        key = (waiver.subject, waiver.release)
        if key not in self._used:
            self._used[key] = self._needed(*key)
        which = (waiver.granted_by, rfc3339(waiver.expires_at), waiver.reason or ERASED)
        return Listed(waiver, state, self._used[key].get(waiver.criterion) == which)

    def _needed(self, subject: str, version: str) -> Mapping[str, tuple[str, str, str]]:
        """By criterion: the waiver that it needs."""
        release = found_release(self._connection, self._org, subject, version)
        here = standing(self._connection, self._policies, self._org, release, self._now)
        decision = decide(here.policy, here.facts, LAUNCH, self._now)
        return {
            criterion.id: (criterion.waiver.granted_by, criterion.waiver.expires_at, criterion.waiver.reason)
            for phase in decision.phases
            for criterion in phase.criteria
            if criterion.waiver is not None and criterion.waiver.used
        }
