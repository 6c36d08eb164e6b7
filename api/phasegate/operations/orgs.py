"""Orgs, which the instance administrator makes and never looks into."""

from datetime import datetime

from sqlalchemy import Connection

from phasegate.errors import Conflict
from phasegate.operations.tokens import LONGEST_LIFE, SCOPES, SERVER, NewToken, add, new_secret
from phasegate.storage import tokens as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database

_ADMIN = NewToken("admin", "admin", "service", frozenset(SCOPES), ("*",), LONGEST_LIFE)


async def found(database: Database, actor: Actor, org: str, title: str, at: datetime) -> str:
    """Make an org; the secret of its first admin token, which is shown this once. Raises `Conflict`."""
    secret = new_secret()
    inside = Actor(org, SERVER, "", actor.via, actor.request_id)

    def work(connection: Connection) -> None:
        if not stored.ensure_org(connection, org, title, at):
            raise Conflict(f"there is an org {org!r}; choose another name", code="org_exists")
        record(connection, actor, at, "org.created", ("org", org), after={"title": title})
        record(connection, inside, at, "org.created", ("org", org), after={"title": title})
        add(connection, inside, _ADMIN, secret, at)

    await database.write(work)
    return secret
