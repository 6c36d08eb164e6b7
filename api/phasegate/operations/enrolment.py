"""Enrolment: a one-time code with which a person gets a token of his own, where there is no log-in."""

from datetime import datetime, timedelta

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unauthenticated
from phasegate.operations.issue import refuse_more
from phasegate.operations.tokens import DEFAULT_LIFE, NewToken, add, check, hashed, new_secret
from phasegate.storage import enrolment as stored
from phasegate.storage import people
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.enrolment import EnrolmentRecord
from phasegate.storage.tokens import TokenRecord

DEFAULT_WAIT = timedelta(hours=24)
LONGEST_WAIT = timedelta(days=7)
ENROLLED = "enrolled"
_PREFIX = "pge_"


async def invite(
    database: Database,
    caller: TokenRecord,
    actor: Actor,
    person: str,
    scopes: frozenset[str],
    subjects: tuple[str, ...],
    wait: timedelta,
    at: datetime,
) -> tuple[str, datetime]:
    """A code for the person, shown this once, and until when it can be used. Raises `Invalid`, `Forbidden`,
    `NotFound`, and `Conflict` for a person who isn't active."""
    check(NewToken(ENROLLED, person, "person", scopes, subjects, DEFAULT_LIFE))
    if not timedelta() < wait <= LONGEST_WAIT:
        raise Invalid("expires_in must be P7D at most", faults=(Fault("expires_in", "must lie ahead, P7D at most"),))
    refuse_more(caller, scopes, subjects)
    code = new_secret(_PREFIX)

    def work(connection: Connection) -> EnrolmentRecord:
        found = people.person(connection, actor.org, person, lock=True)
        if found is None:
            raise NotFound("there is no such person")
        if found.state != "active":
            raise Conflict(f"{person!r} is not active; an administrator can change that", code="not_active")
        made = EnrolmentRecord(str(uuid7()), actor.org, person, found.revision, scopes, subjects, at, at + wait)
        stored.insert(connection, made, hashed(code), actor.principal)
        after = {"enrolment": made.id, "scopes": sorted(scopes), "subjects": subjects, "expires_at": made.expires_at}
        record(connection, actor, at, "enrolment.created", ("person", person), after=after)
        return made

    return code, (await database.write(work)).expires_at


async def enrol(database: Database, code: str, request_id: str, at: datetime) -> tuple[TokenRecord, str]:
    """The person's own token for a code, and its secret, which is shown this once.

    Raises `Unauthenticated`, in the same words for a code that is unknown, used, or too old, or whose person has been
    disabled since it was made.
    """
    secret = new_secret()

    def work(connection: Connection) -> TokenRecord:
        found = stored.by_hash(connection, hashed(code))
        if found is None or at >= found.expires_at:
            raise _refused()
        people.lock_principal(connection, found.org, found.person)
        if stored.disabled_since(connection, found):
            raise _refused()
        actor = Actor(found.org, found.person, "", "api", request_id)
        wanted = NewToken(ENROLLED, found.person, "person", found.scopes, found.subjects, DEFAULT_LIFE)
        try:
            token = add(connection, actor, wanted, secret, at, ENROLLED)
        except (Conflict, Forbidden):
            raise _refused() from None
        if not stored.use(connection, found.org, found.id, token.id, at):
            raise _refused()
        after = {"enrolment": found.id, "token": token.id}
        record(connection, actor, at, "enrolment.used", ("person", found.person), after=after)
        return token

    return await database.write(work), secret


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "the code is unknown, used or too old; ask an administrator for another", code="no_such_code"
    )
