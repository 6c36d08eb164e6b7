"""`POST /v1/token`: a CI job's own token for one of ours (RFC 8693). Its errors are OAuth's, in JSON of their form."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody

from phasegate.errors import Problem
from phasegate.http.bodies import encoded_response
from phasegate.http.openapi import plain_schema
from phasegate.http.problems import of_bug, of_framework, of_problem
from phasegate.http.services import request_id, services
from phasegate.operations.exchange import Denied, Wanted, exchange

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPE = "urn:ietf:params:oauth:token-type:"
_TAKEN = (f"{_TYPE}jwt", f"{_TYPE}id_token")
_GIVEN = f"{_TYPE}access_token"
_LARGEST = 64 * 1024
"""Bytes of the form."""
_MOST_FIELDS = 32
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FIELDS = (
    "grant_type",
    "subject_token",
    "subject_token_type",
    "audience",
    "resource",
    "scope",
    "requested_token_type",
    "actor_token",
    "actor_token_type",
)


class TokenGiven(msgspec.Struct, frozen=True):
    access_token: str
    issued_token_type: str
    token_type: str
    expires_in: int
    """Seconds."""
    scope: str
    """Divided by spaces."""


class TokenRefused(msgspec.Struct, frozen=True):
    error: str
    """`invalid_request`, `invalid_scope`, `invalid_target` or `unsupported_grant_type`."""
    error_description: str


@dataclass
class _FormBody(Operation):
    """The fields of RFC 8693."""

    def __post_init__(self) -> None:
        fields = {name: {"type": "string"} for name in _FIELDS}
        schema = plain_schema({"type": "object", "required": list(_FIELDS[:3]), "properties": fields})
        self.request_body = RequestBody(
            required=True, content={"application/x-www-form-urlencoded": OpenAPIMediaType(schema=schema)}
        )


def _told(request: Request[Any, Any, Any], error: str, description: str, status: int, headers: Any) -> Response[Any]:
    body = msgspec.json.encode(TokenRefused(error, description))
    shown = {name: value for name, value in (headers or {}).items() if name.lower() in ("retry-after", "allow")}
    return Response(body, status_code=status, media_type="application/json", headers=_HEADERS | shown)


def _of_denied(request: Request[Any, Any, Any], denied: Denied) -> Response[Any]:
    return _told(request, denied.error, str(denied), 400, None)


def _of_other(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What any route can answer, told as OAuth tells it."""
    if isinstance(error, Problem):
        answer = of_problem(request, error)
    else:
        answer = of_framework(request, error) if isinstance(error, HTTPException) else of_bug(request, error)
    detail = str(msgspec.json.decode(answer.content)["detail"])
    status = answer.status_code or 500
    return _told(request, "server_error" if status >= 500 else "invalid_request", detail, status, answer.headers)


@post(
    "/token",
    operation_id="exchangeToken",
    summary="Exchange a CI job's token",
    operation_class=_FormBody,
    responses={
        status: ResponseSpec(TokenRefused, description="Refused, in OAuth's form", generate_examples=False)
        for status in (400, 413, 415, 422, 429, 500)
    },
    exception_handlers={Denied: _of_denied, Problem: _of_other, HTTPException: _of_other, Exception: _of_other},
    request_max_body_size=_LARGEST,
    status_code=200,
    security=[],
)
async def exchange_token(request: Request[Any, Any, State]) -> Response[TokenGiven]:
    """Needs no token but the job's: a JWT of an issuer that a rule of trust names. What is given is of the rule's tool,
    may do what the rule says and no more than was asked for, and ends with the job's token."""
    here = services(request)
    form = await _form(request)
    here.limits.attempt(request)
    now = here.clock()
    try:
        made, secret = await exchange(
            here.database, here.issuers, here.settings.public_url, _wanted(form), request_id(request), now
        )
    except Denied:
        here.limits.failed(request)
        raise
    assert made.expires_at is not None
    seconds = int((made.expires_at - now).total_seconds())
    given = TokenGiven(secret, _GIVEN, "Bearer", seconds, " ".join(sorted(made.scopes)))
    return encoded_response(msgspec.json.encode(given), headers=_HEADERS)


async def _form(request: Request[Any, Any, State]) -> dict[str, str]:
    """The fields of the form, each once. Raises `Denied`."""
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise HTTPException(status_code=415)
    for name in ("content-encoding", "idempotency-key"):
        if name in request.headers:
            raise Denied("invalid_request", f"send no {name}")
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Denied("invalid_request", "the body is no form: name=value&name=value, percent-encoded") from None
    form = dict(pairs)
    doubled = next((name for name in _FIELDS if [each for each, _ in pairs].count(name) > 1), None)
    if doubled is not None:
        raise Denied("invalid_request", f"{doubled} is given twice")
    # RFC 6749, section 3.2: what has no value is left out.
    return {name: value for name, value in form.items() if value}


def _wanted(form: dict[str, str]) -> Wanted:
    """What is asked for. Raises `Denied`."""
    if form.get("grant_type") != GRANT:
        error = "invalid_request" if "grant_type" not in form else "unsupported_grant_type"
        raise Denied(error, f"grant_type must be {GRANT}")
    if "subject_token" not in form or form.get("subject_token_type") not in _TAKEN:
        raise Denied("invalid_request", f"send subject_token, and subject_token_type as one of: {', '.join(_TAKEN)}")
    if form.get("requested_token_type", _GIVEN) != _GIVEN:
        raise Denied("invalid_request", f"requested_token_type must be {_GIVEN}, or left out")
    if "actor_token" in form or "actor_token_type" in form:
        raise Denied("invalid_request", "no token acts for another: leave actor_token out")
    if "audience" in form and form.get("resource", form["audience"]) != form["audience"]:
        raise Denied("invalid_target", "resource names another target than audience")
    scopes = frozenset(form["scope"].split(" ")) - {""} if "scope" in form else None
    return Wanted(form["subject_token"], form.get("audience", form.get("resource")), scopes)


ANONYMOUS = [exchange_token]
