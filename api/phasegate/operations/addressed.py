"""Accepting evidence that is addressed by artifact digests.

Whoever checks a signature calls `accept` too: it reads the payload that it verified (`envelopes.statement`),
makes the message of it, and says in a `Vouch` what the signature is worth for this subject and type.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.engine.facts import Strength
from phasegate.envelopes.message import Message
from phasegate.errors import Problem
from phasegate.operations.evidence import Accepted
from phasegate.operations.policies import Policies
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord


class Vouched(NamedTuple):
    """What is known of evidence beyond the token that brought it."""

    strength: Strength | None = None
    """None: as it was read, `declared` or `measured`."""
    identity: Mapping[str, str] = {}
    """Verified claims of the CI run."""
    warnings: tuple[str, ...] = ()


Vouch = Callable[[Connection, str, str], Vouched]
"""Called with the subject and the evidence type once both are known. Raises a `Problem` to refuse."""


def nobody(_connection: Connection, _subject: str, _type: str) -> Vouched:
    """Nothing is known."""
    return Vouched()


class Sent(NamedTuple):
    """A message, and who vouches for it."""

    message: Message
    vouch: Vouch = nobody


async def accept(
    database: Database, policies: Policies, actor: Actor, token: TokenRecord, sent: Sent, at: datetime
) -> Accepted:
    """Store one message's evidence. The same again is the same record. Raises `Problem`."""
    (result,) = await accept_all(database, policies, actor, token, (sent,), at)
    if isinstance(result, Problem):
        raise result
    return result


async def accept_all(
    database: Database,
    policies: Policies,
    actor: Actor,
    token: TokenRecord,
    sent: Sequence[Sent | Problem],
    at: datetime,
) -> list[Accepted | Problem]:
    """Store many in one transaction, durable when this returns; a bad one spoils only itself. One result for
    each, in order."""
    raise NotImplementedError
