"""Who looks at a page: the session's cookie, and what a browser is told to do with pages and cookies."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from phasegate.http.services import Services, request_id
from phasegate.operations.sessions import form_token, visit
from phasegate.rendering import web
from phasegate.rendering.documents import PAGE_POLICY
from phasegate.storage.audit import Actor
from phasegate.storage.people import person
from phasegate.storage.sessions import SessionRecord

SESSION = "__Host-phasegate"
LOGIN = "__Host-phasegate-login"
HEADERS = {
    "Content-Security-Policy": f"{PAGE_POLICY}; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""`same-origin` and not `no-referrer`: with that, browsers send forms with the origin `null`."""


class Visit:
    """A session, and how it is shown."""

    def __init__(self, session: SessionRecord, secret: str, name: str) -> None:
        self.session = session
        self.secret = secret
        self.shown = web.Visitor(name, session.org, form_token(secret))


Look = Request[Visit, None, State]
"""A request of somebody who logged in."""


def actor_of(request: Look) -> Actor:
    """Who acts in a page, for the audit."""
    session = request.user.session
    return Actor(session.org, session.person, "", "web", request_id(request), session=session.id)


class LogInFirst(Exception):
    """Nobody is logged in; `path` is where he wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class SessionAuth(AbstractAuthenticationMiddleware):
    """Looks the session up on each request, so that its end, and a person's, is effective at once everywhere."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        services: Services = connection.app.state.services
        secret = connection.cookies.get(SESSION, "")
        session = await visit(services.database, secret, services.clock()) if secret else None
        if session is None:
            raise LogInFirst(connection.url.path)
        found = await services.database.read(lambda each: person(each, session.org, session.person))
        name = (found.display_name if found else None) or session.person
        return AuthenticationResult(user=Visit(session, secret, name), auth=None)


def html_page(content: str, status: int = 200, cookies: list[Cookie] | None = None) -> Response[str]:
    """A page, which no other site can frame or read, and which no cache keeps."""
    return Response(content, status_code=status, media_type="text/html", headers=HEADERS, cookies=cookies or [])


def go(path: str, cookies: list[Cookie] | None = None) -> Response[Any]:
    """See another page."""
    headers = {**HEADERS, "Location": path}
    return Response(None, status_code=303, headers=headers, media_type="text/html", cookies=cookies or [])


def cookie(name: str, value: str, seconds: int) -> Cookie:
    """Kept by the browser for this host alone, out of reach of scripts; `seconds` 0 takes it away. Browsers keep it
    over https, and over http from this machine itself."""
    return Cookie(name, value=value, max_age=seconds, secure=True, httponly=True, samesite="lax")


def login_path(path: str) -> str:
    """Where to log in, and then go on to `path`."""
    return "/login" if path == "/" else f"/login?next={quote(path, safe='')}"
