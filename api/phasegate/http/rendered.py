"""Answers in the form that `Accept` asks for: JSON, or a document for people."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec

from phasegate import __version__
from phasegate.adapters.registry import adapters
from phasegate.errors import NotAcceptable
from phasegate.http.accept import best
from phasegate.http.services import Call
from phasegate.rendering.documents import CONTENT_SECURITY_POLICY, MEDIA_TYPES

UNCHANGED = ResponseSpec(None, description="The answer that the caller has still stands")
VARY = "Accept, Authorization"
"""What an answer in the form that `Accept` asks for depends on."""
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def wanted(request: Call, *data: str) -> str:
    """The media type to answer with: one of `data`, the first unless asked otherwise, or a document's.

    Raises `NotAcceptable`.
    """
    offered = [*data, *MEDIA_TYPES]
    found = best(request.headers.get("accept", ""), offered)
    if found is None:
        raise NotAcceptable(f"ask for {', '.join(offered[:-1])} or {offered[-1]}")
    return found


def suffix(media_type: str) -> str:
    """What tells the tags of one form from those of another. A document's words can change with the version
    of the server."""
    form = MEDIA_TYPES.get(media_type)
    return f"{form}-{__version__}" if form else media_type.rpartition("/")[2]


def known(if_none_match: str, tag: str) -> bool:
    """Whether the caller says, in the header, that it has what `tag` stands for; or anything (`*`)."""
    told = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in told or tag.removeprefix("W/") in told


def unchanged(headers: dict[str, str]) -> Response[Any]:
    """304."""
    return Response(None, status_code=304, headers=headers)


async def document_response(make: Callable[[], str], media_type: str, headers: dict[str, str]) -> Response[Any]:
    """What `make` renders, off the event loop; a browser may show it and do nothing else."""
    content = (await asyncio.to_thread(make)).encode()
    more = _SAFE if media_type != "text/html" else {**_SAFE, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return Response(content, media_type=media_type, headers={**headers, **more})


@cache
def formats() -> dict[str, list[str]]:
    """Names of the formats that give each shape."""
    found: dict[str, list[str]] = {}
    for name, adapter in sorted(adapters().items()):
        for shape in adapter.shapes:
            found.setdefault(shape, []).append(name)
    return found
