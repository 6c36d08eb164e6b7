"""Tokens that a person makes for himself in a session: known to be his own, so they may sign."""

from datetime import datetime

from sqlalchemy import Connection

from phasegate.errors import Forbidden, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.people_only import instant_of
from phasegate.operations.tokens import DEFAULT_LIFE, NewToken, add, check, end, new_secret, valid
from phasegate.storage import tokens as stored
from phasegate.storage import trust
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from phasegate.storage.sessions import SessionRecord
from phasegate.storage.tokens import TokenRecord


def scopes_of(connection: Connection, session: SessionRecord) -> tuple[str, ...]:
    """What a token of this session's person may do: `read`, and what the rule gives by which he logged in."""
    rule = trust.by_id(connection, session.org, session.rule)
    return tuple(dict.fromkeys(("read", *(() if rule is None else rule.scopes))))


def own_tokens(connection: Connection, session: SessionRecord, at: datetime) -> list[TokenRecord]:
    """The person's tokens that are valid at `at`, newest first."""
    found = [each for each in stored.tokens_of(connection, session.org, session.person) if valid(each, at)]
    return sorted(found, key=lambda each: each.id, reverse=True)


async def make_own(
    database: Database, session: SessionRecord, actor: Actor, name: str, scopes: frozenset[str], clock: Clock
) -> tuple[TokenRecord, str]:
    """A token for 90 days; the token and its secret, which is shown this once. Raises `Forbidden` or `Invalid`, and
    `Unauthenticated` where the session has ended."""
    wanted = NewToken(name, session.person, "person", scopes, ("*",), DEFAULT_LIFE)
    check(wanted)
    secret = new_secret()

    def work(connection: Connection) -> TokenRecord:
        at = instant_of(connection, actor, clock)
        beyond = sorted(scopes - set(scopes_of(connection, session)))
        if beyond:
            raise Forbidden(f"the way you logged in gives no {', '.join(beyond)}", code="more_than_held")
        return add(connection, actor, wanted, secret, at, "oidc")

    return await database.write(work), secret


async def end_own(database: Database, session: SessionRecord, actor: Actor, identifier: str, clock: Clock) -> None:
    """Revoke one of the person's tokens. Raises `NotFound`, and `Unauthenticated` where the session has ended."""

    def work(connection: Connection) -> None:
        at = instant_of(connection, actor, clock)
        token = stored.token_by_id(connection, session.org, identifier)
        if token is None or token.principal != session.person:
            raise NotFound("there is no such token of yours")
        end(connection, actor, token, at)

    await database.write(work)
