"""Tools and their owners."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.http.bodies import as_shown, cursor_key, json_response, page, page_limit, read_body
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.http.subjects import read_name
from phasegate.operations.people import found_tool, save_tool
from phasegate.reading import Name
from phasegate.storage import tools as stored
from phasegate.storage.tools import ToolRecord


class ToolBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool as it shall stand."""

    owner: Name
    """The person it acts for: its submissions and registrations bar him from signing them off."""
    title: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ToolShown(msgspec.Struct, frozen=True):
    name: str
    owner: str | None
    """Null for one that got a token and that nobody has described."""
    title: str
    updated_at: datetime


class ToolPage(msgspec.Struct, frozen=True):
    items: list[ToolShown]
    next_cursor: str | None


@put(
    "/tools/{tool:str}",
    operation_id="putTool",
    summary="Create or change a tool",
    opt={"scope": "admin", "names": "tool"},
    operation_class=json_operation(ToolBody),
    responses={201: ResponseSpec(ToolShown, description="Created")},
    status_code=200,
)
async def put_tool(request: Call, tool: FromPath[str]) -> Response[ToolShown]:
    """Another owner counts from now on; what the tool did before stays on the former one's account."""
    here = services(request)
    read_name(tool, "tool")
    body = await read_body(request, ToolBody)
    saved, new = await save_tool(here.database, actor(request), tool, body.owner, body.title, here.clock())
    return json_response(_shown(saved), 201 if new else 200)


@get(
    "/tools",
    operation_id="listTools",
    summary="Tools, by name",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_tools(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[ToolPage]:
    """With their owners."""
    count, after, org = page_limit(limit), cursor_key(cursor), request.auth.org
    found = await services(request).database.read(lambda connection: stored.page(connection, org, after, count + 1))
    return json_response(page(found, count, lambda each: each.name, _shown))


@get("/tools/{tool:str}", operation_id="getTool", summary="One tool", opt={"scope": "read"})
async def get_tool(request: Call, tool: FromPath[str]) -> Response[ToolShown]:
    """As it stands."""
    org = request.auth.org
    return json_response(
        _shown(await services(request).database.read(lambda connection: found_tool(connection, org, tool)))
    )


def _shown(tool: ToolRecord) -> ToolShown:
    return as_shown(ToolShown, tool)


HANDLERS = [put_tool, list_tools, get_tool]
