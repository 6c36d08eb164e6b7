"""What people do themselves, and neither tool nor service for them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.errors import Forbidden, Unauthenticated
from phasegate.operations.decisions import Clock
from phasegate.operations.tokens import valid
from phasegate.storage import people, sessions, tokens
from phasegate.storage.audit import Actor


class Person(NamedTuple):
    """Who acts, through which channel, and how surely it is he."""

    actor: Actor
    kind: str
    """Of the principal: `person`, `tool` or `service`."""
    via: str = "api"
    assurance: str = "enrolled"
    """`oidc`, `enrolled` or `chat`; empty for a token that somebody else made for a person."""
    mfa: bool = False
    admin: bool = False

    @property
    def id(self) -> str:
        return self.actor.principal


def require_person(caller: Person, deed: str) -> None:
    """Raise `Forbidden` unless the caller is a person; `deed` completes "only a person …"."""
    if caller.kind != "person":
        told = f"{caller.id} is a {caller.kind}; only a person {deed}, with a token of his own"
        raise Forbidden(told, code="not_a_person")
    if not caller.assurance:
        told = f"this token was made for {caller.id} by somebody else; whoever {deed} does so with a token of his own"
        raise Forbidden(f"{told}: log in, or ask an administrator for an enrolment code", code="not_his_own")


def instant_of(connection: Connection, actor: Actor, clock: Clock) -> datetime:
    """The instant at which the caller acts, read behind the locks that he had to wait for: neither a slow sender nor a
    crowd lets anybody act at an instant that is over. He himself is held until the transaction ends, so that his token
    and his session end and his roles are taken back either before this or after it.

    Raises `Unauthenticated` where his token or session has ended or he was disabled since the call began.
    """
    person = people.person(connection, actor.org, actor.principal, lock=True)
    token = tokens.token_by_id(connection, actor.org, actor.token) if actor.token else None
    now = clock()
    if token is not None and not valid(token, now):
        raise Unauthenticated("the token expired or was revoked while the call was under way; nothing was recorded")
    if actor.session and not sessions.is_open(connection, actor.org, actor.session):
        raise Unauthenticated("the session ended while the form was under way; nothing was recorded")
    if person is not None and person.state != "active":
        raise Unauthenticated(f"{person.id} is not active any more; nothing was recorded")
    return now
