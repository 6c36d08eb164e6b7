"""The page of one's own tokens, for the command line and for scripts."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid, Problem, Unauthenticated
from phasegate.http.problems import status_of
from phasegate.http.services import services
from phasegate.http.web.forms import read_form
from phasegate.http.web.visitors import Look, actor_of, go, html_page
from phasegate.operations.own_tokens import end_own, make_own, own_tokens, scopes_of
from phasegate.rendering import web
from phasegate.rendering.words import sentence

_LONGEST_NAME = 100


@get("/tokens", include_in_schema=False)
async def show_tokens(request: Look) -> Response[str]:
    """Those that are valid, and a form for another."""
    return await _shown(request)


@post("/tokens", include_in_schema=False)
async def make_token(request: Look) -> Response[str]:
    """A new one; its secret is on the page that answers, and nowhere else."""
    form = await read_form(request)
    here, session = services(request), request.user.session
    name = form.one("name").strip()
    try:
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise Invalid(f"give the token a name of 1 to {_LONGEST_NAME} visible characters")
        scopes = frozenset(form.all("scope"))
        if not scopes:
            raise Invalid("choose at least one thing that the token may do")
        _, secret = await make_own(here.database, session, actor_of(request), name, scopes, here.clock)
    except Unauthenticated:
        raise
    except Problem as problem:
        return await _shown(request, problem=problem)
    return await _shown(request, secret=secret)


@post("/tokens/{id:str}/revocation", include_in_schema=False)
async def revoke_token(request: Look, id: FromPath[str]) -> Response[Any]:  # noqa: A002 - as in the API
    """It is refused from now on, everywhere."""
    await read_form(request)
    here = services(request)
    await end_own(here.database, request.user.session, actor_of(request), id, here.clock)
    return go("/tokens")


async def _shown(request: Look, *, secret: str = "", problem: Problem | None = None) -> Response[str]:
    here, session = services(request), request.user.session
    now = here.clock()
    tokens, scopes = await here.database.read(
        lambda connection: (own_tokens(connection, session, now), scopes_of(connection, session))
    )
    shown = [
        web.OwnToken(
            each.name,
            tuple(sorted(each.scopes)),
            "" if each.expires_at is None else rfc3339(each.expires_at),
            f"/tokens/{each.id}/revocation",
        )
        for each in tokens
    ]
    told = "" if problem is None else sentence(problem.detail)
    return html_page(
        web.tokens_page(request.user.shown, shown, scopes, secret, told), 200 if problem is None else status_of(problem)
    )


VISITORS = [show_tokens, make_token, revoke_token]
