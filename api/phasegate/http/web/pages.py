"""All pages, and what they answer when something is wrong: a page, too."""

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware

from phasegate.errors import Problem
from phasegate.http.auth import refuse_names
from phasegate.http.limits import address_guard
from phasegate.http.problems import status_of
from phasegate.http.web import login, releases, signoffs, tokens
from phasegate.http.web.visitors import LogInFirst, SessionAuth, go, html_page, login_path
from phasegate.rendering import web
from phasegate.rendering.words import sentence

_log = logging.getLogger("phasegate")


async def names_guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse what can be no name, as the API does."""
    refuse_names(connection.path_params)


def _log_in_first(_: Request[Any, Any, Any], error: LogInFirst) -> Response[Any]:
    return go(login_path(error.path))


def _problem(_: Request[Any, Any, Any], error: Problem) -> Response[str]:
    return _wrong(status_of(error), sentence(error.detail))


def _of_framework(_: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    return _wrong(error.status_code, "The page was not asked for in a way that it answers to.")


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _wrong(500, "The server failed; nothing was changed. Try again later.")


def _wrong(status: int, told: str) -> Response[str]:
    title = HTTPStatus(status).phrase
    return html_page(web.message_page(title, told, back="/", back_text="Releases"), status)


_HANDLERS: Any = {LogInFirst: _log_in_first, Problem: _problem, HTTPException: _of_framework, Exception: _bug}


def routers() -> list[Router]:
    """For anybody, and for whoever logged in."""
    return [
        Router(
            "/",
            route_handlers=login.ANYBODY,
            guards=[address_guard],
            exception_handlers=_HANDLERS,
            include_in_schema=False,
        ),
        Router(
            "/",
            route_handlers=[*login.VISITORS, *releases.VISITORS, *signoffs.VISITORS, *tokens.VISITORS],
            middleware=[DefineMiddleware(SessionAuth)],
            guards=[names_guard],
            exception_handlers=_HANDLERS,
            include_in_schema=False,
        ),
    ]
