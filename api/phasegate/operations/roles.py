"""Granting roles and taking them back."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.issue import inside
from phasegate.operations.people import found_person
from phasegate.operations.tokens import may_sign
from phasegate.storage import roles, tokens, tools
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.roles import RoleGrant
from phasegate.storage.tokens import TokenRecord


class NewRole(NamedTuple):
    """A role to be given: in the whole org, for a team, or for a subject."""

    role: str
    team: str | None
    subject: str | None
    expires_at: datetime | None
    """None: until it is taken back."""
    reason: str


async def grant(
    database: Database, caller: TokenRecord, actor: Actor, person: str, wanted: NewRole, clock: Clock
) -> tuple[RoleGrant, bool]:
    """Give a person a role; the grant, and whether it is new: the same in force already stays as it is.

    Raises `NotFound`; `Forbidden` where somebody would give it to himself, or it reaches beyond the token's subjects;
    `Conflict` for a person who isn't active; `Invalid`.
    """
    role, team, subject, expires_at, reason = wanted
    if team is not None and subject is not None:
        raise Invalid("team or subject, not both", faults=(Fault("team", "stands beside subject", suggestion="one"),))
    refuse_beyond(caller, subject)

    def work(connection: Connection) -> tuple[RoleGrant, bool]:
        state = found_person(connection, actor.org, person, lock=True).state
        at = clock()
        if expires_at is not None and expires_at <= at:
            raise Invalid.at("expires_at", "must lie ahead")
        if state != "active":
            raise Conflict(f"{person!r} is not active; an administrator can change that", code="not_active")
        if person in behind(connection, caller):
            raise Forbidden("nobody grants a role to himself; ask another administrator", code="own_role")
        for each in roles.held(connection, actor.org, person, at):
            if (each.role, each.team, each.subject, each.expires_at) == (role, team, subject, expires_at):
                return each, False
        new = RoleGrant(str(uuid7()), person, role, team, subject, at, actor.principal, expires_at, reason=reason)
        roles.insert(connection, actor.org, new)
        record(connection, actor, at, "role.granted", ("role", new.id), after=_shown(new), subject=subject)
        return new, True

    return await database.write(work)


async def take_back(
    database: Database, caller: TokenRecord, actor: Actor, person: str, identifier: str, clock: Clock
) -> None:
    """End a grant; one that has ended stays as it is. What the person signs at the same time is signed before that
    instant, or refused. Raises `NotFound`, and `Forbidden` where it reaches beyond the token's subjects."""

    def work(connection: Connection) -> None:
        found_person(connection, actor.org, person, lock=True)
        found = roles.grant_by_id(connection, actor.org, person, identifier)
        if found is None:
            raise NotFound("the person has no such role")
        refuse_beyond(caller, found.subject)
        at = max(clock(), found.granted_at)
        if roles.end(connection, actor.org, identifier, actor.principal, at):
            target = ("role", identifier)
            ended = msgspec.structs.replace(found, ended_at=at)
            record(
                connection,
                actor,
                at,
                "role.ended",
                target,
                before=_shown(found),
                after=_shown(ended),
                subject=found.subject,
            )

    await database.write(work)


def refuse_beyond(caller: TokenRecord, subject: str | None) -> None:
    """Raise `Forbidden` where a role would count for a subject outside the token's patterns."""
    if not inside("*" if subject is None else subject, caller.subjects):
        raise Forbidden(f"the token is limited to subjects {', '.join(caller.subjects)}", code="outside_token_subjects")


def behind(connection: Connection, caller: TokenRecord) -> frozenset[str]:
    """Everybody who may stand behind a token: its principal, and unless it is known to be a person's own whoever made
    it, whoever made others of the kind for the same principal, who can have made this one with them, and whoever
    owned the tool; and so on for each of these."""
    if may_sign(caller):
        return frozenset((caller.principal,))
    found: set[str] = set()
    ahead = {caller.principal, caller.created_by}
    while ahead:
        each = ahead.pop()
        found.add(each)
        makers = {token.created_by for token in tokens.tokens_of(connection, caller.org, each) if not may_sign(token)}
        ahead |= (makers | tools.owners(connection, caller.org, each)) - found
    return frozenset(found)


def _shown(role: RoleGrant) -> dict[str, object]:
    """For the audit: without the reason, which is erasable."""
    return {
        "person": role.person,
        "role": role.role,
        "team": role.team,
        "subject": role.subject,
        "expires_at": role.expires_at,
        "ended_at": role.ended_at,
    }
