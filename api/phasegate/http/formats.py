"""Formats: which tools' outputs are read as they are."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from phasegate.adapters.registry import adapters
from phasegate.http.bodies import cursor_key, json_response, page, page_limit
from phasegate.http.services import Call


class FormatItem(msgspec.Struct, frozen=True):
    format: str
    """As in `format=junit`."""
    title: str
    shapes: list[str]
    """What it is read into; evidence types of these shapes take it."""
    version: str
    """Of the adapter: it rises when the same file would give other facts."""


class FormatPage(msgspec.Struct, frozen=True):
    items: list[FormatItem]
    next_cursor: str | None


@get(
    "/formats",
    operation_id="listFormats",
    summary="The formats that are read, by name",
    opt={"scope": "read", "query": ("cursor", "limit")},
    sync_to_thread=False,
)
def list_formats(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[FormatPage]:
    """Built in, or plugged in by an installed package."""
    count, after = page_limit(limit), cursor_key(cursor)
    known = adapters()
    names = [name for name in sorted(known) if name > after]

    def item(name: str) -> FormatItem:
        return FormatItem(name, known[name].title, sorted(known[name].shapes), known[name].version)

    return json_response(page(names, count, lambda name: name, item))


HANDLERS = [list_formats]
