"""Reading the audit."""

from collections.abc import Callable
from functools import partial

from phasegate.storage import audit as stored
from phasegate.storage.audit import Entry, Wanted
from phasegate.storage.database import Database


async def entries(
    database: Database, org: str, wanted: Wanted, before: int | None, limit: int, may_see: Callable[[str], bool]
) -> list[Entry]:
    """At most `limit` entries below the number `before` (None: all), the newest first; none of a subject that the
    caller may not see."""
    while await database.read(lambda connection: stored.waiting(connection, org)):
        await database.write(lambda connection: stored.number(connection, org))
    found: list[Entry] = []
    while len(found) < limit:
        batch = await database.read(partial(stored.page, org=org, wanted=wanted, before=before, limit=limit))
        found += [each for each in batch if each.subject is None or may_see(each.subject)]
        if len(batch) < limit:
            break
        before = batch[-1].seq
    return found[:limit]
