"""Orgs."""

from typing import Annotated

import msgspec
from litestar import Response, post

from phasegate.errors import Forbidden
from phasegate.http.bodies import json_response, read_body, refuse_idempotency_key
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.operations.orgs import found
from phasegate.wording import matching

_NAME = "start with a lower-case letter or digit and hold those and - only, at most 64 characters"


class OrgBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    org: Annotated[str, matching(r"^[a-z0-9][a-z0-9-]{0,63}\Z", _NAME)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class OrgMade(msgspec.Struct, frozen=True):
    org: str
    admin_token: str
    """Told this once."""


@post(
    "/orgs",
    operation_id="createOrg",
    summary="Make an org",
    opt={"scope": "admin"},
    operation_class=json_operation(OrgBody),
    status_code=201,
)
async def post_org(request: Call) -> Response[OrgMade]:
    """For the instance administrator, who sees nothing of it afterwards."""
    refuse_idempotency_key(request)
    here = services(request)
    body = await read_body(request, OrgBody)
    if not request.auth.instance:
        raise Forbidden("only the instance administrator makes orgs", code="instance_administrator")
    secret = await found(here.database, actor(request), body.org, body.title, here.clock())
    return json_response(OrgMade(body.org, secret), 201)


HANDLERS = [post_org]
