"""People and tools: as an administrator describes them."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from phasegate.errors import Conflict, Fault, Invalid, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.sessions import end_session
from phasegate.operations.tokens import RESERVED, end
from phasegate.storage import people, sessions, tokens, tools
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.people import PersonRecord, State, new_identity
from phasegate.storage.tools import ToolRecord


class Described(NamedTuple):
    """A person as he shall stand."""

    display_name: str
    email: str | None
    identities: tuple[tuple[str, str], ...]
    """Issuer and subject."""
    disabled: bool


async def save_person(
    database: Database, actor: Actor, name: str, wanted: Described, clock: Clock
) -> tuple[PersonRecord, bool]:
    """Create or change a person; whether he is new. Whoever is disabled loses his tokens and sessions for good, in
    the same transaction; what he signs at the same time is signed before that instant, or refused.

    Raises `Conflict` for the name of a tool or service, and for an identity of another person.
    """

    def work(connection: Connection) -> tuple[PersonRecord, bool]:
        _ensure(connection, actor.org, name, "person", clock())
        current = people.person(connection, actor.org, name, lock=True)
        assert current is not None
        at = max(clock(), current.updated_at)
        state: State = "disabled" if wanted.disabled else "active"
        linked = _linked(connection, actor.org, current, wanted.identities)
        new = current.revision == 0
        as_wanted = (state, wanted.display_name, wanted.email, linked)
        if not new and as_wanted == (current.state, current.display_name, current.email, current.identities):
            return current, False
        saved = PersonRecord(name, current.revision + 1, *as_wanted, current.created_at, at)
        if not people.save(connection, actor.org, saved, actor.principal):
            raise _faster(name)
        before = None if new else _shown(current)
        action = "person.created" if new else "person.changed"
        record(connection, actor, at, action, ("person", name), before=before, after=_shown(saved))
        if wanted.disabled:
            for token in tokens.tokens_of(connection, actor.org, name):
                end(connection, actor, token, at)
            for session in sessions.open_of(connection, actor.org, name, at):
                end_session(connection, actor, session, at)
        return saved, new

    return await database.write(work)


def _linked(
    connection: Connection, org: str, current: PersonRecord, wanted: tuple[tuple[str, str], ...]
) -> tuple[people.Identity, ...]:
    """The identities wanted, those that are there as they are; oldest first. Raises `Conflict`."""
    known = {(each.issuer, each.subject): each for each in current.identities}
    for n, (issuer, subject) in enumerate(wanted):
        owner = people.identified(connection, org, issuer, subject)
        if owner not in (None, current.id):
            fault = Fault(f"identities[{n}]", f"is that of {owner}", suggestion="take it from him first")
            raise Conflict("an identity belongs to one person", faults=(fault,), code="identity_taken")
    found = [known.get(each) or new_identity(*each) for each in wanted]
    return tuple(sorted(found, key=lambda each: each.id))


async def save_tool(
    database: Database, actor: Actor, name: str, owner: str, title: str, at: datetime
) -> tuple[ToolRecord, bool]:
    """Create or change a tool; whether nobody had described it. Raises `Invalid` for an owner who is no active person
    of the org, `Conflict` for the name of a person or service."""

    def work(connection: Connection) -> tuple[ToolRecord, bool]:
        person = people.person(connection, actor.org, owner)
        if person is None or person.state != "active":
            fault = Fault("owner", "is no active person here", suggestion="PUT /v1/people/PERSON first")
            raise Invalid("a tool is owned by an active person", faults=(fault,))
        _ensure(connection, actor.org, name, "tool", at)
        people.lock_principal(connection, actor.org, name)
        current = tools.find(connection, actor.org, name)
        assert current is not None
        new = current.revision == 0
        if not new and (current.owner, current.title) == (owner, title):
            return current, False
        saved = ToolRecord(name, current.revision + 1, owner, title, at)
        if not tools.save(connection, actor.org, saved, actor.principal):
            raise _faster(name)
        before = None if new else _tool_shown(current)
        action = "tool.created" if new else "tool.changed"
        record(connection, actor, at, action, ("tool", name), before=before, after=_tool_shown(saved))
        return saved, new

    return await database.write(work)


def found_person(connection: Connection, org: str, name: str, *, lock: bool = False) -> PersonRecord:
    """The person; `lock` holds him as he stands until the transaction ends. Raises `NotFound`."""
    found = people.person(connection, org, name, lock=lock)
    if found is None:
        raise NotFound("there is no such person")
    return found


def found_tool(connection: Connection, org: str, name: str) -> ToolRecord:
    """The tool. Raises `NotFound`."""
    found = tools.find(connection, org, name)
    if found is None:
        raise NotFound("there is no such tool")
    return found


def _ensure(connection: Connection, org: str, name: str, kind: str, at: datetime) -> None:
    """The principal is there, and of this kind. Raises `Conflict`."""
    if name in RESERVED:
        raise Conflict(f"{name!r} is a name of the server's own; choose another", code="reserved_name")
    there = tokens.ensure_principal(connection, org, name, kind, at)
    if there != kind:
        raise Conflict(f"{name!r} is a {there}, not a {kind}; choose another name", code="another_kind")


def _faster(name: str) -> Conflict:
    return Conflict(f"another request changed {name!r} at the same time; look again, then repeat", code="changed")


def _shown(person: PersonRecord) -> dict[str, Any]:
    """For the audit: names, addresses and what issuers call him are erasable, so none of it is here."""
    identities = [{"id": each.id, "issuer": each.issuer} for each in person.identities]
    return {"revision": person.revision, "state": person.state, "identities": identities}


def _tool_shown(tool: ToolRecord) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(tool, builtin_types=(datetime,))
    return {key: shown[key] for key in ("revision", "owner", "title")}
