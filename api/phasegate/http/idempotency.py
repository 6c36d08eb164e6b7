"""`Idempotency-Key`: a call that is sent again, since its answer got lost, records nothing twice.

The answer is stored in the transaction of what it tells, so that either both are there or neither. A call whose
answer holds a secret refuses keys instead: `bodies.refuse_idempotency_key`.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from litestar import Response
from sqlalchemy import Connection

from phasegate.errors import Conflict, Fault, Invalid, Malformed
from phasegate.http.bodies import encode, encoded_response
from phasegate.http.encodings import body_of
from phasegate.http.services import Call, services
from phasegate.storage.keyed_answers import KeptAnswer, Key, claim, find, keep

T = TypeVar("T")
KEPT_FOR = timedelta(hours=24)
_HEADER = "idempotency-key"
_LONGEST = 255


class Told(NamedTuple):
    """What a handler answers."""

    status: int
    content: Any
    """A struct, or what else can be JSON; bytes are JSON already."""


async def write_once(request: Call, work: Callable[[Connection], T], tell: Callable[[T], Told]) -> Response[Any]:
    """Run `work` in one transaction and answer what `tell` makes of its result; under a key that was seen, answer
    what was answered then.

    Raises `Invalid` where the key came with something else, `Conflict` while the first call is under way, and what
    `work` raises; of a call that was refused nothing is kept.
    """
    here = services(request)
    value = request.headers.get(_HEADER)
    if value is None:
        told = tell(await here.database.write(work))
        return encoded_response(_encoded(told), told.status)
    if not 1 <= len(value) <= _LONGEST or not value.isascii() or not value.isprintable():
        raise Malformed.at("Idempotency-Key", f"must be 1 to {_LONGEST} visible ASCII characters", code="malformed_key")
    key = Key(request.auth.org, request.auth.principal, f"{request.method} {request.url.path}", value)
    asked = sha256(request.url.query.encode() + b"\0" + await body_of(request)).hexdigest()
    now = here.clock()

    def keyed(connection: Connection) -> KeptAnswer:
        if not claim(connection, key):
            raise Conflict("a call with this Idempotency-Key is under way; wait for its answer", code="key_in_use")
        known = find(connection, key)
        if known is not None and now - known.answered_at < KEPT_FOR:
            if known.asked != asked:
                told = "was sent before with something else; use a new one for each thing to record"
                raise Invalid(
                    f"this Idempotency-Key {told}", faults=(Fault("Idempotency-Key", told),), code="key_reused"
                )
            return known
        fresh = tell(work(connection))
        answer = KeptAnswer(asked, fresh.status, _encoded(fresh), now)
        keep(connection, key, answer, now - KEPT_FOR)
        return answer

    answer = await here.database.write(keyed)
    return encoded_response(answer.body, answer.status)


def _encoded(told: Told) -> bytes:
    return told.content if isinstance(told.content, bytes) else encode(told.content)
