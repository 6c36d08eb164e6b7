"""How often tokens of CI jobs were exchanged, and what is kept of their runs."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.principals import Org
from phasegate.storage.tables.tokens import MOST_EXCHANGES, TokenExchange, TokenRun

_exchange = table_of(TokenExchange)
_run = table_of(TokenRun)
_org = table_of(Org)


def only_org(connection: Connection) -> str | None:
    """The org where there is but one."""
    found = connection.execute(select(_org.c.org).limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def take(connection: Connection, org: str, proof: str, rule: str, token: str, at: datetime) -> int | None:
    """Count one exchange of a job's token by a rule; which one it is. None, with nothing to be committed, where it was
    exchanged `MOST_EXCHANGES` times before, or once by another rule.

    Each exchange is a row of its own, numbered: of two at once one waits for the other, and takes the next number.
    """
    key = (_exchange.c.org == org) & (_exchange.c.proof == proof)
    taken = connection.execute(select(func.count()).select_from(_exchange).where(key)).scalar_one()
    for number in range(taken + 1, MOST_EXCHANGES + 1):
        values = {"org": org, "proof": proof, "number": number, "rule": rule, "token": token, "exchanged_at": at}
        if insert_if_new(connection, _exchange, values, ("org", "proof", "number")):
            rules = set(connection.execute(select(_exchange.c.rule).where(key)).scalars())
            return number if rules == {rule} else None
    return None


def tokens_of(connection: Connection, org: str, rule: str, since: datetime) -> list[str]:
    """Ids of the tokens that came of a rule from `since` on."""
    query = select(_exchange.c.token).where(
        _exchange.c.org == org, _exchange.c.rule == rule, _exchange.c.exchanged_at >= since
    )
    return list(connection.execute(query).scalars())


def keep_run(
    connection: Connection, org: str, token: str, identity: Mapping[str, str], acts_for: tuple[str, ...]
) -> None:
    """Keep what a token says with all that is done with it."""
    values = {"identity": msgspec.json.encode(identity), "acts_for": msgspec.json.encode(acts_for)}
    connection.execute(_run.insert().values(org=org, token=token, **values))
