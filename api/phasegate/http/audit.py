"""The audit."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from phasegate.errors import Fault, Invalid
from phasegate.http.bodies import as_shown, cursor_key, instant, json_response, page, page_limit
from phasegate.http.services import Call, services
from phasegate.operations.audit import entries
from phasegate.operations.tokens import may_touch
from phasegate.storage.audit import Entry, Wanted

_LONGEST = 256


class TargetShown(msgspec.Struct, frozen=True):
    kind: str
    id: str


class EntryShown(msgspec.Struct, frozen=True):
    seq: int
    """The org's own numbers: from 1, without gaps, in the order of commits."""
    at: datetime
    actor: str
    via: str
    token: str | None
    """Id of the token; null for the server itself."""
    action: str
    target: TargetShown
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str


class AuditPage(msgspec.Struct, frozen=True):
    items: list[EntryShown]
    next_cursor: str | None


@get(
    "/audit",
    operation_id="listAudit",
    summary="Who changed what, newest first",
    opt={
        "scope": "audit:read",
        "query": ("actor", "action", "subject", "release", "from", "to", "cursor", "limit"),
    },
)
async def list_audit(
    request: Call,
    actor: Annotated[str | None, QueryParameter()] = None,
    action: Annotated[str | None, QueryParameter()] = None,
    subject: Annotated[str | None, QueryParameter()] = None,
    release: Annotated[str | None, QueryParameter()] = None,
    since: Annotated[str | None, QueryParameter(name="from")] = None,
    until: Annotated[str | None, QueryParameter(name="to")] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[AuditPage]:
    """From the instant `from` on, and before `to`. Without entries of subjects that the token may not see."""
    count, token = page_limit(limit), request.auth
    for path, value in (("actor", actor), ("action", action), ("subject", subject), ("release", release)):
        if value is not None and not (value.isprintable() and 0 < len(value) <= _LONGEST):
            raise Invalid.at(path, f"must be 1 to {_LONGEST} visible characters")
    wanted = Wanted(actor, action, subject, release, instant(since, "from"), instant(until, "to"))
    found = await entries(
        services(request).database,
        token.org,
        wanted,
        _number(cursor),
        count + 1,
        lambda name: may_touch(token, name),
    )
    return json_response(page(found, count, lambda each: str(each.seq), _shown))


def _number(cursor: str | None) -> int | None:
    key = cursor_key(cursor)
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        fault = Fault("cursor", "is not one that this list gave", suggestion="leave it out for the first page")
        raise Invalid("the cursor is not one that this list gave", faults=(fault,))
    return int(key)


def _shown(entry: Entry) -> EntryShown:
    return as_shown(EntryShown, entry, token=entry.token or None, target=TargetShown(*entry.target))


HANDLERS = [list_audit]
