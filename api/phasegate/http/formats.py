"""Formats: which tools' outputs are read as they are."""

import asyncio
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from phasegate.adapters.registry import adapters
from phasegate.http.bodies import cursor_key, json_response, page, page_limit
from phasegate.http.openapi import RenderedToo, answering
from phasegate.http.problems import UNACCEPTABLE
from phasegate.http.rendered import VARY, document_response, wanted
from phasegate.http.services import Call
from phasegate.operations.formats import describe
from phasegate.rendering.documents import MEDIA_TYPES
from phasegate.rendering.format import FormatPage as Page
from phasegate.rendering.format import render_format


class FormatItem(msgspec.Struct, frozen=True):
    format: str
    """As in `format=junit`."""
    title: str
    shapes: list[str]
    """What it is read into; evidence types of these shapes take it."""
    version: str
    """Of the adapter: it rises when the same file would give other facts."""
    href: str
    """Its page: which tool writes it, a real example and what is read from it, how it is sent."""


class FormatPage(msgspec.Struct, frozen=True):
    items: list[FormatItem]
    next_cursor: str | None


def _item(name: str) -> FormatItem:
    found = adapters()[name]
    return FormatItem(name, found.title, sorted(found.shapes), found.version, f"/v1/formats/{name}")


def _example() -> Any:
    """The first of the list, as it is."""
    names = sorted(adapters())[:3]
    return msgspec.to_builtins(page(names, 2, lambda name: name, _item))


@get(
    "/formats",
    operation_id="listFormats",
    summary="The formats that are read, by name",
    opt={"scope": "read", "query": ("cursor", "limit")},
    operation_class=answering(_example),
    sync_to_thread=False,
)
def list_formats(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[FormatPage]:
    """Built in, or plugged in by an installed package."""
    count, after = page_limit(limit), cursor_key(cursor)
    names = [name for name in sorted(adapters()) if name > after]
    return json_response(page(names, count, lambda name: name, _item))


@get(
    "/formats/{format:str}",
    operation_id="getFormat",
    summary="A format's page: who writes it, what is read from it, how it is sent",
    opt={"scope": "read"},
    operation_class=RenderedToo,
    responses={406: UNACCEPTABLE},
)
async def get_format(request: Call, format: FromPath[str]) -> Response[Page]:  # noqa: A002 - the contract's name
    """By `Accept`: `application/json`, `text/markdown` or `text/html`. The example is a real file of the tool,
    and what is said of it is what its adapter makes of it."""
    media_type = wanted(request, "application/json")
    found = await asyncio.to_thread(describe, format)
    if media_type in MEDIA_TYPES:
        response: Response[Any] = await document_response(
            partial(render_format, found, MEDIA_TYPES[media_type]), media_type, {"Vary": VARY}
        )
        return response
    answer = json_response(found)
    answer.headers["Vary"] = VARY
    return answer


HANDLERS = [list_formats, get_format]
