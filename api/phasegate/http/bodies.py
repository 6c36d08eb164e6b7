"""Bodies and query parameters in, JSON out."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response

from phasegate.engine.instants import parse_instant, parse_length, rfc3339
from phasegate.errors import Fault, Invalid, Malformed, Unsupported
from phasegate.http.encodings import body_of
from phasegate.reading import read_json, read_struct

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")
DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
Comment = Annotated[str, msgspec.Meta(max_length=4_000)]
ReasonText = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, in a person's words."""

    reason: ReasonText


async def read_body(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """The JSON body as a `kind`, read strictly. Raises `Unsupported`, `Malformed` or `Invalid`."""
    return read_struct(kind, await json_body(request))


async def json_body(request: Request[Any, Any, Any]) -> Any:
    """The JSON body. Raises `Unsupported`, `Malformed` or `TooLarge`."""
    if request.content_type[0] != "application/json":
        raise Unsupported("send application/json")
    return read_json(await body_of(request))


def refuse_idempotency_key(request: Request[Any, Any, Any]) -> None:
    """An answer that holds a secret is given once and never again. Raises `Malformed`."""
    if "idempotency-key" in request.headers:
        told = "can't be honoured: the answer holds a secret, which is not kept; leave the header out"
        raise Malformed.at("Idempotency-Key", told, code="secret_answer")


def length(text: str, path: str) -> timedelta:
    """A length of time given as text. Raises `Invalid` naming `path`."""
    try:
        return parse_length(text)
    except ValueError as error:
        raise Invalid.at(path, str(error)) from None


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """`content` as JSON; instants as the contract writes them."""
    return encoded_response(encode(content), status, headers)


def encoded_response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """JSON that is encoded already; a handler's annotation documents what it holds."""
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def encode(content: Any) -> bytes:
    """JSON in which instants are RFC 3339 without idle zeros."""
    return msgspec.json.encode(_texts(msgspec.to_builtins(content, builtin_types=(datetime,))))


def _texts(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_texts(item) for item in value]
    return value


def as_shown(kind: type[S], record: Any, **other: Any) -> S:
    """`record` as a struct that callers see: each field as it is in the record, unless `other` has it."""
    return kind(**{name: other[name] if name in other else getattr(record, name) for name in kind.__struct_fields__})


def instant(text: str | None, path: str) -> datetime | None:
    """An instant given as text. Raises `Invalid` naming `path`."""
    if text is None:
        return None
    try:
        # A `+` in a query string that was not escaped arrives as a space.
        return parse_instant(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid.at(path, str(error)) from None


def whole_number(text: str | None, path: str, low: int, high: int) -> int | None:
    """A number given as text. Raises `Invalid` naming `path`."""
    if text is None:
        return None
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 10 and low <= int(text) <= high:
        return int(text)
    raise Invalid.at(path, f"must be a whole number from {low} to {high}")


def page_limit(text: str | None) -> int:
    """The number of items on a page."""
    return whole_number(text, "limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT


def cursor_key(cursor: str | None) -> str:
    """What a cursor stands for; empty for the first page. Raises `Invalid`."""
    if cursor is None:
        return ""
    try:
        key = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        if not key or not key.isprintable() or len(key) > 200:
            raise ValueError
    except (ValueError, binascii.Error, UnicodeError):
        fault = Fault("cursor", "is not one that a list gave", suggestion="leave it out for the first page")
        raise Invalid("the cursor is not one that a list gave", faults=(fault,)) from None
    return key


def cursor_of(key: str) -> str:
    """The cursor that stands for a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def visible(
    look: Callable[[str, int], Sequence[T]],
    key: Callable[[T], str],
    may: Callable[[T], bool],
    after: str,
    limit: int,
    *,
    at_once: int = 0,
) -> list[T]:
    """Up to `limit + 1` items behind the one with key `after` that the caller may see. `look` is asked for items behind
    a key, at least `at_once` at a time, until there are enough or no more."""
    most = max(limit + 1, at_once)
    found: list[T] = []
    while True:
        batch = look(after, most)
        found += [each for each in batch if may(each)]
        if len(found) > limit or len(batch) < most:
            return found[: limit + 1]
        after = key(batch[-1])


def page(found: Sequence[T], limit: int, key: Callable[[T], str], show: Callable[[T], Any]) -> dict[str, Any]:
    """A page of at most `limit` items out of `limit + 1` looked up."""
    shown = found[:limit]
    more = len(found) > limit
    last = cursor_of(key(shown[-1])) if more else None
    return {"items": [show(item) for item in shown], "next_cursor": last}
