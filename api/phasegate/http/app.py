"""The application: wiring, nothing else."""

import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, License, SecurityScheme
from sqlalchemy import text

from phasegate import __version__
from phasegate.http import (
    addressed,
    audit,
    decisions,
    evidence,
    exchange,
    formats,
    keys,
    me,
    orgs,
    people,
    policies,
    records,
    releases,
    roles,
    shapes,
    signoffs,
    subjects,
    tokens,
    tools,
    trust,
    waiver_requests,
    waivers,
)
from phasegate.http.auth import BearerAuth, anonymous_guard, query_guard, scope_guard
from phasegate.http.bodies import json_response
from phasegate.http.heads import Heads
from phasegate.http.kept import KeptAnswers
from phasegate.http.limits import Limits, address_guard
from phasegate.http.openapi import complete
from phasegate.http.openapi_page import STYLE, page_of
from phasegate.http.problems import HANDLERS
from phasegate.http.services import Services, clock, services
from phasegate.http.waits import Waits
from phasegate.http.web import pages
from phasegate.identity.issuers import Issuers
from phasegate.identity.outbound import Allowed, Outbound
from phasegate.identity.secret_key import SecretKey
from phasegate.operations.decisions import Decisions
from phasegate.operations.last_used import LastUsed
from phasegate.operations.policies import Policies
from phasegate.operations.tokens import Tokens
from phasegate.settings import Settings
from phasegate.shapes import catalogue
from phasegate.storage.database import normalised, open_database

_AREAS: tuple[Any, ...] = (
    policies,
    subjects,
    releases,
    evidence,
    addressed,
    decisions,
    records,
    signoffs,
    waivers,
    waiver_requests,
    formats,
    shapes,
    keys,
    trust,
    me,
    people,
    roles,
    tools,
    tokens,
    orgs,
    audit,
)
"""Of the API, in the order of its description."""
_PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def create_app(settings: Settings, now: Callable[[], datetime] = clock) -> Litestar:
    """The application on a database whose schema is up to date; `now` is its clock."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        database = open_database(settings.database)
        known = Policies(catalogue())
        outbound = Outbound(Allowed.read(settings.outbound_allow))
        used = LastUsed(database)
        app.state.services = Services(
            settings=settings,
            clock=now,
            database=database,
            policies=known,
            decisions=Decisions(database, known),
            tokens=Tokens(database),
            used=used,
            waits=Waits(),
            limits=Limits(settings.requests_per_second, settings.anonymous_per_second, settings.failures_per_minute),
            outbound=outbound,
            issuers=Issuers(outbound),
            secret_key=cache(lambda: SecretKey.open(settings.secret_key_file or settings.data / "secret-key")),
        )
        try:
            yield
        finally:
            await outbound.close()
            await used.close()
            await database.close()

    app = Litestar(
        [*_routes(), *pages.routers(), document, page, style],
        exception_handlers=HANDLERS,
        lifespan=[lifespan],
        request_max_body_size=settings.largest_body,
        openapi_config=None,
        state=State({}),
        logging_config=None,
    )
    app.asgi_handler = Heads(KeptAnswers(app.asgi_handler, app.state))
    return app


def _routes() -> list[Any]:
    api = Router(
        "/v1",
        route_handlers=[handler for area in _AREAS for handler in area.HANDLERS],
        middleware=[DefineMiddleware(BearerAuth)],
        guards=[scope_guard, query_guard],
        security=[{"bearer": []}],
    )
    anonymous = Router(
        "/v1", route_handlers=[*people.ANONYMOUS, *exchange.ANONYMOUS], guards=[anonymous_guard, query_guard]
    )
    return [api, anonymous, live, ready]


@cache
def described() -> dict[str, Any]:
    """The OpenAPI document, taken from an application that serves nothing: the framework's own routes to
    it answer outside the one form of problems, and its pages fetch from elsewhere."""
    config = OpenAPIConfig(
        title="phasegate",
        version=__version__,
        description="May this release go live? Policies in, evidence in, a decision with its reasons out.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        create_examples=False,
    )
    return complete(Litestar(_routes(), openapi_config=config).openapi_schema.to_schema())


def serving(found: Settings) -> Litestar:
    """The application in a process that does nothing else: what it is made of stays, so the garbage collector need
    not go through it again and again. That was a seventh of a decision that is made anew."""
    app = create_app(found)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return app


def from_environment() -> Litestar:
    """For worker processes, which are told by the environment alone."""
    found = Settings.read(os.environ)
    return serving(msgspec.structs.replace(found, database=normalised(found.database)))


@get("/health/live", operation_id="live", summary="The process runs", sync_to_thread=False)
def live() -> Response[dict[str, str]]:
    """For liveness probes."""
    return json_response({"status": "pass"})


@get(
    "/health/ready",
    operation_id="ready",
    summary="The server can answer",
    responses={503: ResponseSpec(dict[str, str], description="The database can't be reached")},
)
async def ready(request: Request[Any, Any, State]) -> Response[dict[str, str]]:
    """For readiness probes: 503 while the database can't be read."""
    try:
        await services(request).database.read(lambda connection: connection.execute(text("SELECT 1 FROM org")).first())
    except Exception:
        return json_response({"status": "fail", "database": "can't be read"}, 503)
    return json_response({"status": "pass"})


@get("/schema/openapi.json", include_in_schema=False, guards=[address_guard], sync_to_thread=False)
def document() -> Response[bytes]:
    """The OpenAPI document."""
    return Response(msgspec.json.encode(described()), media_type="application/vnd.oai.openapi+json")


@get("/schema", include_in_schema=False, guards=[address_guard], sync_to_thread=False)
def page() -> Response[str]:
    """The OpenAPI document as a page."""
    content = page_of(described())
    headers = {"Content-Security-Policy": _PAGE_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=MediaType.HTML, headers=headers)


@get("/schema/page.css", include_in_schema=False, guards=[address_guard], sync_to_thread=False)
def style() -> Response[str]:
    """The page's style."""
    return Response(STYLE, media_type=MediaType.CSS)
