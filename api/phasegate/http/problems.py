"""The one map from errors to problems (RFC 9457), those of the framework included."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec

from phasegate.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotAcceptable,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnknownEncoding,
    Unsupported,
)
from phasegate.reading import MOST_FAULTS
from phasegate.storage.database import unavailable

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[Problem], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NotAcceptable: 406,
    Conflict: 409,
    TooLarge: 413,
    UnknownEncoding: 415,
    Unsupported: 415,
    Invalid: 422,
    TooMany: 429,
}
_HEADERS: dict[type[Problem], dict[str, str]] = {
    Unauthenticated: {"WWW-Authenticate": "Bearer"},
    UnknownEncoding: {"Accept-Encoding": "gzip, zstd"},
}
_FRAMEWORK = {
    400: ("malformed", "the request can't be read; see the documentation at /schema"),
    401: ("unauthenticated", "send a token: Authorization: Bearer …"),
    403: ("forbidden", "the token may not do this"),
    404: ("not_found", "there is nothing here; the paths are listed at /schema"),
    405: ("method_not_allowed", "the path takes other methods; see the Allow header"),
    413: ("too_large", "the body is larger than is read"),
    415: ("unsupported_media_type", "this content type is not read here"),
    422: ("invalid", "the request does not fit; see the documentation at /schema"),
    429: ("too_many_requests", "slow down; see the Retry-After header"),
}
_UNAVAILABLE = (
    "the database is out of reach or too busy; ask again, with the same Idempotency-Key where you sent one. "
    "If this lasts, tell whoever runs the server"
)
_log = logging.getLogger("phasegate")


class ProblemDetails(msgspec.Struct, frozen=True):
    """Every error that the API gives."""

    type: str
    title: str
    status: int
    detail: str
    """What is wrong and what to do."""
    instance: str
    code: str
    """Stable; clients may switch on it."""
    errors: tuple[Fault, ...] = ()


UNACCEPTABLE = ResponseSpec(
    ProblemDetails, media_type=MEDIA_TYPE, description="Not Acceptable", generate_examples=False
)


def status_of(error: Problem) -> int:
    """What a problem is in HTTP."""
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def of_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    """An error of ours."""
    body = details(request, error)
    headers = next((told for kind, told in _HEADERS.items() if isinstance(error, kind)), None)
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(error.retry_after)}
    return _encoded(body, headers)


def details(request: Request[Any, Any, Any], error: Problem) -> ProblemDetails:
    """An error of ours as it is shown, alone or as one result of many."""
    status = status_of(error)
    return _details(request, status, error.reason, error.detail, error.faults)


def of_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """An error of the framework; its own words can hold what was sent, so ours are used."""
    code, detail = _FRAMEWORK.get(error.status_code, ("problem", "the request can't be answered"))
    headers = _allowing(error.headers) if error.status_code == 405 else error.headers
    return _encoded(_details(request, error.status_code, code, detail, ()), headers)


def _allowing(headers: dict[str, str] | None) -> dict[str, str]:
    """The methods that are answered: HEAD where GET is, and never the framework's OPTIONS."""
    told = dict(headers or {})
    methods = {each.strip() for each in told.pop("Allow", told.pop("allow", "")).split(",")} - {"", "OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    return {**told, "Allow": ", ".join(sorted(methods))}


def of_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """An error that nobody foresaw: logged, and never shown."""
    if unavailable(error):
        _log.error("%s %s: the database is out of reach or too busy: %s", request.method, request.url.path, error)
        return _encoded(_details(request, 503, "unavailable", _UNAVAILABLE, ()), {"Retry-After": "5"})
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _encoded(
        _details(request, 500, "internal", "the server failed; nothing was changed. Try again later", ()), None
    )


HANDLERS: Any = {Problem: of_problem, HTTPException: of_framework, Exception: of_bug}


def _details(
    request: Request[Any, Any, Any], status: int, code: str, detail: str, faults: tuple[Fault, ...]
) -> ProblemDetails:
    return ProblemDetails(
        type=f"urn:phasegate:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        code=code,
        errors=faults[:MOST_FAULTS],
    )


def _encoded(body: ProblemDetails, headers: dict[str, str] | None) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=body.status, media_type=MEDIA_TYPE, headers=headers)
