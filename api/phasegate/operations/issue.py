"""Tokens that callers make: nobody passes on more than he holds."""

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from phasegate.operations.decisions import Clock
from phasegate.operations.tokens import (
    DEFAULT_LIFE,
    SIGNING,
    NewToken,
    add,
    check,
    end,
    holds,
    may_sign,
    new_secret,
    valid,
)
from phasegate.storage import people
from phasegate.storage import tokens as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord

LONGEST_OVERLAP = timedelta(hours=24)


class Order(NamedTuple):
    """What a caller asks for."""

    name: str
    principal: str
    scopes: frozenset[str]
    subjects: tuple[str, ...]
    expires_at: datetime | None
    """None: after 90 days, or with the caller's own token where that may issue no longer ones."""


async def issue(
    database: Database, caller: TokenRecord, actor: Actor, order: Order, at: datetime
) -> tuple[TokenRecord, str]:
    """Make a token; the token and its secret, which is shown this once.

    With `admin` for anybody, else a person for himself, within scopes, patterns and time of the token that asks.
    Raises `Forbidden`, `Invalid` or `Conflict`.
    """
    admin = holds(caller, "admin")
    refuse_stranger(caller, order.principal)
    expires_at = order.expires_at
    if expires_at is None:
        expires_at = (
            at + DEFAULT_LIFE if admin or caller.expires_at is None else min(at + DEFAULT_LIFE, caller.expires_at)
        )
    wanted = NewToken(order.name, order.principal, None, order.scopes, order.subjects, expires_at - at)
    check(wanted)
    refuse_more(caller, wanted.scopes, wanted.subjects)
    if not admin and caller.expires_at is not None and expires_at > caller.expires_at:
        raise Forbidden("the token would outlive the one that asks for it", code="more_than_held")
    secret = new_secret()
    return await database.write(lambda connection: add(connection, actor, wanted, secret, at)), secret


async def rotate(
    database: Database, caller: TokenRecord, actor: Actor, identifier: str, overlap: timedelta, clock: Clock
) -> tuple[TokenRecord, str]:
    """Put another secret in the place of a token's; all else, its end included, stays. The old one is valid for
    `overlap` more, by default not at all. Raises `NotFound`, `Forbidden`, `Invalid`, and `Conflict` for one that has
    ended or was rotated before."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid("overlap must be from nothing to 24 hours", faults=(Fault("overlap", "must be PT24H at most"),))
    secret = new_secret()

    def work(connection: Connection) -> TokenRecord:
        people.lock_principal(connection, actor.org, found(connection, caller, identifier).principal)
        token, at = found(connection, caller, identifier), clock()
        if token.instance:
            raise Forbidden("this token comes from PHASEGATE_BOOTSTRAP_TOKEN; set that anew", code="bootstrap_token")
        if token.identity:
            raise Conflict("the token came of a CI job's own and ends with it; exchange that again", code="exchanged")
        if token.kind == "person" and token.scopes & SIGNING:
            if caller.principal != token.principal or not may_sign(caller):
                raise Forbidden("only the person himself can rotate a token that signs", code="not_his_own")
            _refuse_scopes(caller, token.scopes)
        refuse_more(caller, token.scopes, token.subjects)
        if token.successor is not None:
            raise Conflict(f"the token was rotated before; rotate its successor {token.successor}", code="rotated")
        if token.expires_at is None or not valid(token, at):
            raise Conflict("the token has ended; make a new one", code="ended")
        wanted = NewToken(token.name, token.principal, token.kind, token.scopes, token.subjects, token.expires_at - at)
        made = add(connection, actor, wanted, secret, at, token.assurance)
        ends_at = at + overlap
        if not stored.rotate(connection, actor.org, token.id, made.id, ends_at):
            raise Conflict("the token was rotated meanwhile; rotate its successor", code="rotated")
        after = {"successor": made.id, "ends_at": ends_at}
        record(connection, actor, at, "token.rotated", ("token", token.id), after=after)
        return made

    return await database.write(work), secret


async def withdraw(database: Database, caller: TokenRecord, actor: Actor, identifier: str, clock: Clock) -> None:
    """Revoke a token: with `admin` anybody's, else a person his own. What is signed with it at the same time is signed
    before that instant, or refused. Again: nothing changes. Raises `NotFound`."""

    def work(connection: Connection) -> None:
        token = found(connection, caller, identifier)
        people.lock_principal(connection, actor.org, token.principal)
        end(connection, actor, token, clock())

    await database.write(work)


def found(connection: Connection, caller: TokenRecord, identifier: str) -> TokenRecord:
    """The token, if it is the caller's business. Raises `NotFound`, and where it isn't the same."""
    token = stored.token_by_id(connection, caller.org, identifier)
    if token is None or not (holds(caller, "admin") or token.principal == caller.principal):
        raise NotFound("there is no such token")
    return token


def refuse_stranger(caller: TokenRecord, principal: str) -> None:
    """Raise `Forbidden` where a caller without `admin` asks for another principal than himself, a person."""
    if not holds(caller, "admin") and not (caller.kind == "person" and caller.principal == principal):
        raise Forbidden("without the scope admin a person issues tokens for himself alone", code="missing_scope")


def refuse_more(caller: TokenRecord, scopes: frozenset[str], subjects: tuple[str, ...]) -> None:
    """Raise `Forbidden` for scopes beyond the caller's own, unless it has `admin`, and for patterns beyond its own
    all the same: else a token could step outside its subjects."""
    if not holds(caller, "admin"):
        _refuse_scopes(caller, scopes)
    for pattern in subjects:
        if not inside(pattern, caller.subjects):
            raise Forbidden(
                f"the pattern {pattern} reaches beyond those of the token that asks: {', '.join(caller.subjects)}",
                code="outside_token_subjects",
            )


def _refuse_scopes(caller: TokenRecord, scopes: frozenset[str]) -> None:
    for scope in sorted(scopes):
        if not holds(caller, scope):
            raise Forbidden(f"the token that asks doesn't hold {scope} itself", code="more_than_held")


def inside(pattern: str, patterns: tuple[str, ...]) -> bool:
    """Whether each name that `pattern` matches is matched by one of `patterns`, one for all of them.

    A star of `pattern` stands for any text, so only a star can take it: as if it were a letter that nobody uses.
    """
    return any(_inside(pattern, each) for each in patterns)


def _inside(pattern: str, other: str) -> bool:
    if any(sign in other for sign in "?["):  # patterns of old; what they match is not worth a proof
        return pattern == other
    return fnmatchcase(pattern.replace("*", "\0"), other)
