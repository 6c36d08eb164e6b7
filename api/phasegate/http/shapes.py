"""Shapes: what evidence is read into."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from phasegate.errors import NotFound, nearest
from phasegate.http.bodies import cursor_key, json_response, page, page_limit
from phasegate.http.services import Call, services
from phasegate.shapes.schema import shape_schema


class ShapeItem(msgspec.Struct, frozen=True):
    shape: str
    doc: str
    href: str
    """Its JSON Schema."""


class ShapePage(msgspec.Struct, frozen=True):
    items: list[ShapeItem]
    next_cursor: str | None


@get(
    "/shapes",
    operation_id="listShapes",
    summary="The built-in shapes, by name",
    opt={"scope": "read", "query": ("cursor", "limit")},
    sync_to_thread=False,
)
def list_shapes(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[ShapePage]:
    """What adapters read tools' outputs into. A policy's own shapes stand in the policy."""
    count, after = page_limit(limit), cursor_key(cursor)
    known = services(request).policies.catalogue
    names = [name for name in sorted(known) if name > after]
    return json_response(
        page(names, count, lambda name: name, lambda name: ShapeItem(name, known[name].doc, f"/v1/shapes/{name}"))
    )


@get(
    "/shapes/{shape:str}",
    operation_id="getShape",
    summary="The JSON Schema of one shape",
    opt={"scope": "read"},
    sync_to_thread=False,
)
def get_shape(request: Call, shape: FromPath[str]) -> Response[dict[str, Any]]:
    """Draft 2020-12, called `urn:phasegate:shape:NAME`: the `data` of evidence of this shape fits it."""
    known = services(request).policies.catalogue
    if shape not in known:
        hint = nearest(shape, known)
        raise NotFound(f"there is no such built-in shape; {hint or 'GET /v1/shapes lists them'}")
    return json_response(shape_schema(shape, known[shape]))


HANDLERS = [list_shapes, get_shape]
