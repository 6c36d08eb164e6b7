"""Bearer tokens, scopes, subject patterns; and names that can't be names."""

import re
from collections.abc import Mapping
from time import monotonic
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.routes import HTTPRoute
from litestar.types import HTTPReceiveMessage, Receive, Scope, Send, WebSocketReceiveMessage

from phasegate.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated, nearest
from phasegate.http.limits import address_guard
from phasegate.http.services import Services
from phasegate.operations.tokens import holds, refuse_outside
from phasegate.reading import NAME_PATTERN
from phasegate.storage.tokens import TokenRecord

_SOON = 0.1
"""Seconds in which a body comes that nobody holds back."""
_POLICY = r"[a-z0-9][a-z0-9-]{0,63}"
_PARAMETERS = {
    "subject": re.compile(NAME_PATTERN),
    "person": re.compile(NAME_PATTERN),
    "tool": re.compile(NAME_PATTERN),
    "version": re.compile(NAME_PATTERN),
    "name": re.compile(_POLICY),
    "criterion": re.compile(_POLICY),
    "role": re.compile(_POLICY),
    "shape": re.compile(_POLICY),
    "gate": re.compile(_POLICY),
    "format": re.compile(_POLICY),
    "id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}


def bearer(header: str) -> str | None:
    """The secret in an `Authorization` header."""
    scheme, _, secret = header.partition(" ")
    return secret if scheme.lower() == "bearer" and secret else None


class BearerAuth(AbstractAuthenticationMiddleware):
    """Looks the token up on each request, so that a revocation is effective at once everywhere: again when a body has
    kept the server waiting, since a call could be begun with a token and be ended long after it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = monotonic()

        async def receive_still() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body") and monotonic() - begun > _SOON:
                await self.authenticate_request(ASGIConnection(scope))
            return message

        await super().__call__(scope, receive_still, send)

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        services: Services = connection.app.state.services
        secret = bearer(connection.headers.get("authorization", ""))
        if secret is None:
            raise Unauthenticated("send a token: Authorization: Bearer …")
        now = services.clock()
        token = await services.tokens.authenticate(secret, now)
        if token is None:
            services.limits.failed(connection)
            raise Unauthenticated("the token is unknown, expired or revoked; ask an administrator for one")
        services.limits.spend(token.id)
        services.used.note(token, now)
        return AuthenticationResult(user=token, auth=token)


async def refuse_ended(request: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raise `Unauthenticated` where the token of a call has expired or was revoked while the caller waited."""
    services: Services = request.app.state.services
    secret = bearer(request.headers.get("authorization", ""))
    if secret is None or await services.tokens.authenticate(secret, services.clock()) is None:
        raise Unauthenticated("the token expired or was revoked while you waited; ask an administrator for another")


def _refuse_options(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The framework adds handlers for OPTIONS of its own, which know neither scopes nor each other's methods."""
    if isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}:
        path = connection.scope["path_template"]
        routes = (
            route for route in connection.app.routes if isinstance(route, HTTPRoute) and route.path_format == path
        )
        allowed = sorted({method for route in routes for method in route.methods} - {"OPTIONS"})
        raise MethodNotAllowedException(headers={"Allow": ", ".join(allowed)})


async def scope_guard(
    connection: ASGIConnection[Any, TokenRecord, TokenRecord, Any], handler: BaseRouteHandler
) -> None:
    """Let through what the handler's `scope` and the token's subject patterns allow. A person needs no scope for a
    handler that is marked `own`: it finds out whether that is his business."""
    _refuse_options(connection, handler)
    scope: str = handler.opt["scope"]
    alternative: str | None = handler.opt.get("or_scope")
    own = handler.opt.get("own") and connection.auth.kind == "person"
    if not own and not holds(connection.auth, scope) and not (alternative and holds(connection.auth, alternative)):
        raise lacking(scope)
    names = connection.path_params
    refuse_names({key: value for key, value in names.items() if key != handler.opt.get("names")})
    if "subject" in names:
        allow(connection.auth, str(names["subject"]))


def refuse_names(given: Mapping[str, Any]) -> None:
    """Raise `NotFound` for parameters of a path that no name can be."""
    for key, value in given.items():
        if not _PARAMETERS[key].fullmatch(str(value)):
            raise NotFound("nothing can have that name")


def lacking(scope: str) -> Forbidden:
    """For a token that may do much, and not this."""
    told = f"the token lacks the scope {scope}; ask an administrator for one that has it"
    return Forbidden(told, code="missing_scope")


async def anonymous_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """For handlers under `/v1` that need no token."""
    _refuse_options(connection, handler)
    await address_guard(connection, handler)


def allow(token: TokenRecord, subject: str) -> None:
    """Raise `Forbidden` for a subject outside the token's patterns."""
    refuse_outside(token, subject)


async def query_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a query parameter that is unknown or given twice: a misspelt `gate` must not ask for another."""
    known: tuple[str, ...] = handler.opt.get("query", ())
    faults = []
    for key in connection.query_params:
        open_ended = key.startswith("context.") and "context.*" in known
        if key not in known and not open_ended:
            hint = nearest(key, known) or (f"there are: {', '.join(known)}" if known else "there are none here")
            faults.append(Fault(key[:64], "is no query parameter here", suggestion=hint))
        elif key not in handler.opt.get("repeated", ()) and len(connection.query_params.getall(key)) > 1:
            faults.append(Fault(key[:64], "is given twice"))
    if faults:
        raise Invalid(f"query parameter {faults[0].path} {faults[0].message}", faults=tuple(faults))
