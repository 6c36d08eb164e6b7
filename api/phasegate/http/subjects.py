"""Subjects."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.errors import Fault, Invalid
from phasegate.http.bodies import Reason, as_shown, cursor_key, json_response, page, page_limit, read_body, visible
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.operations.releases import found_subject
from phasegate.operations.subjects import Described, retire, save_subject, without_nulls
from phasegate.operations.tokens import may_touch
from phasegate.reading import Name, read_struct
from phasegate.storage import subjects as stored
from phasegate.storage.subjects import SubjectRecord

_MOST_ATTRIBUTES = 200
_LARGEST_ATTRIBUTES = 64 * 1024


class SubjectBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subject as it shall stand."""

    kind: Name
    team: Name
    attributes: dict[str, Any]
    policy: str
    """`NAME@X.Y.Z` or `NAME@^X[.Y[.Z]]`."""
    title: Annotated[str, msgspec.Meta(max_length=500)] = ""


class SubjectShown(msgspec.Struct, frozen=True):
    name: str
    kind: str
    team: str
    title: str
    attributes: dict[str, Any]
    policy: str
    revision: int
    updated_at: datetime
    retired_at: datetime | None
    warnings: tuple[str, ...] = ()


class SubjectPage(msgspec.Struct, frozen=True):
    items: list[SubjectShown]
    next_cursor: str | None


@put(
    "/subjects/{subject:str}",
    operation_id="putSubject",
    summary="Create or change a subject",
    opt={"scope": "subjects:write", "names": "subject"},
    operation_class=json_operation(SubjectBody),
    responses={201: ResponseSpec(SubjectShown, description="Created")},
    status_code=200,
)
async def put_subject(request: Call, subject: FromPath[str]) -> Response[SubjectShown]:
    """Changing it adds a revision; the old ones stay. 422 where no published policy version matches."""
    here = services(request)
    read_name(subject)
    body = await read_body(request, SubjectBody)
    attributes = _known(body.attributes)
    wanted = Described(subject, body.kind, body.team, body.title, attributes, body.policy)
    saved = await save_subject(here.database, here.policies, actor(request), wanted, here.clock)
    return json_response(_shown(saved.subject, saved.warnings), 201 if saved.created else 200)


@get(
    "/subjects",
    operation_id="listSubjects",
    summary="Subjects, by name",
    opt={"scope": "read", "query": ("team", "kind", "cursor", "limit")},
)
async def list_subjects(
    request: Call,
    team: Annotated[str | None, QueryParameter()] = None,
    kind: Annotated[str | None, QueryParameter()] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[SubjectPage]:
    """Those that the token may see."""
    count, after, token = page_limit(limit), cursor_key(cursor), request.auth
    for path, value in (("team", team), ("kind", kind)):
        if value is not None:
            read_name(value, path)

    def work(connection: Any) -> list[SubjectRecord]:
        return visible(
            lambda last, most: stored.page(connection, token.org, last, most, team, kind),
            lambda each: each.name,
            lambda each: may_touch(token, each.name),
            after,
            count,
        )

    found = await services(request).database.read(work)
    return json_response(page(found, count, lambda each: each.name, _shown))


@get("/subjects/{subject:str}", operation_id="getSubject", summary="One subject", opt={"scope": "read"})
async def get_subject(request: Call, subject: FromPath[str]) -> Response[SubjectShown]:
    """As it stands."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: found_subject(connection, org, subject))
    return json_response(_shown(found))


@post(
    "/subjects/{subject:str}/retirement",
    operation_id="retireSubject",
    summary="Take a subject out of the standings",
    opt={"scope": "subjects:write"},
    operation_class=json_operation(Reason),
    status_code=200,
)
async def post_retirement(request: Call, subject: FromPath[str]) -> Response[SubjectShown]:
    """Its records and decisions stay. Again: nothing changes."""
    here = services(request)
    body = await read_body(request, Reason)
    return json_response(_shown(await retire(here.database, actor(request), subject, body.reason, here.clock())))


def read_name(value: str, path: str = "subject", kind: Any = Name) -> None:
    """Raise `Invalid` unless `value` can be a name of this kind."""
    try:
        read_struct(kind, value)
    except Invalid as error:
        raise Invalid.at(path, error.faults[0].message) from None


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes without nulls: absent means unknown."""
    faults = [
        Fault(f"attributes.{key[:64]}", "must be a name of 1 to 64 letters, digits and underscores, no digit first")
        for key in attributes
        if not (key.isidentifier() and key.isascii() and len(key) <= 64)
    ]
    if len(attributes) > _MOST_ATTRIBUTES or len(msgspec.json.encode(attributes)) > _LARGEST_ATTRIBUTES:
        faults.append(Fault("attributes", f"are more than {_MOST_ATTRIBUTES}, or than {_LARGEST_ATTRIBUTES} bytes"))
    if faults:
        raise Invalid.of(faults)
    kept: dict[str, Any] = without_nulls(attributes)
    return kept


def _shown(subject: SubjectRecord, warnings: tuple[str, ...] = ()) -> SubjectShown:
    return as_shown(SubjectShown, subject, warnings=warnings)


HANDLERS = [put_subject, list_subjects, get_subject, post_retirement]
