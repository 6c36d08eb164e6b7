"""People, and the codes with which they enrol."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.errors import Fault, Invalid, Unauthenticated
from phasegate.http.bodies import (
    cursor_key,
    json_response,
    length,
    page,
    page_limit,
    read_body,
    refuse_idempotency_key,
)
from phasegate.http.me import RoleShown, TokenShown, role_shown, token_shown
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, request_id, services
from phasegate.http.subjects import read_name
from phasegate.operations.enrolment import DEFAULT_WAIT, enrol, invite
from phasegate.operations.people import Described, found_person, save_person
from phasegate.operations.tokens import holds
from phasegate.storage import people as stored
from phasegate.storage.people import PersonRecord
from phasegate.storage.roles import RoleGrant, held
from phasegate.storage.tokens import TokenRecord

_MOST_IDENTITIES = 20
_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Long = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class IdentityBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an issuer calls `subject`."""

    issuer: _Long
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class PersonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person as he shall stand."""

    display_name: _Line
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)] | None = None
    identities: Annotated[tuple[IdentityBody, ...], msgspec.Meta(max_length=_MOST_IDENTITIES)] = ()
    disabled: bool = False


class InvitationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person's own token shall be able to do."""

    scopes: Annotated[tuple[str, ...], msgspec.Meta(max_length=50)]
    subjects: tuple[str, ...] | None = None
    """Patterns; left out, those of the token that asks."""
    expires_in: str | None = None
    """Of the code: an ISO 8601 length, a day unless given, a week at most."""


class CodeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class IdentityShown(msgspec.Struct, frozen=True):
    issuer: str
    subject: str


class PersonShown(msgspec.Struct, frozen=True):
    id: str
    """A permanent pseudonym."""
    display_name: str | None
    """Null once erased."""
    disabled: bool
    pending: bool
    """Whether he logged in and no administrator has admitted him."""
    roles: tuple[RoleShown, ...]
    """In force now."""
    updated_at: datetime
    email: str | msgspec.UnsetType | None = msgspec.UNSET
    """This and the identities are told to administrators and to the person himself."""
    identities: tuple[IdentityShown, ...] | msgspec.UnsetType = msgspec.UNSET


class PersonPage(msgspec.Struct, frozen=True):
    items: list[PersonShown]
    next_cursor: str | None


class Invitation(msgspec.Struct, frozen=True):
    code: str
    """Told this once."""
    expires_at: datetime


class Enrolled(msgspec.Struct, frozen=True):
    principal: str
    token: TokenShown
    secret: str
    """Told this once."""


@put(
    "/people/{person:str}",
    operation_id="putPerson",
    summary="Create or change a person",
    opt={"scope": "admin", "names": "person"},
    operation_class=json_operation(PersonBody),
    responses={201: ResponseSpec(PersonShown, description="Created")},
    status_code=200,
)
async def put_person(request: Call, person: FromPath[str]) -> Response[PersonShown]:
    """The id is a permanent pseudonym, never an e-mail address. A disabled person's tokens end at once, for good."""
    here = services(request)
    read_name(person, "person")
    body = await read_body(request, PersonBody)
    saved, new = await save_person(here.database, actor(request), person, _described(body), here.clock)
    grants = await _roles(request, (person,))
    return json_response(_shown(request.auth, saved, grants.get(person, ())), 201 if new else 200)


@get(
    "/people",
    operation_id="listPeople",
    summary="People, by id",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_people(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[PersonPage]:
    """With the roles that they hold."""
    count, after, token = page_limit(limit), cursor_key(cursor), request.auth
    found = await services(request).database.read(
        lambda connection: stored.page(connection, token.org, after, count + 1)
    )
    grants = await _roles(request, [each.id for each in found[:count]])
    return json_response(
        page(found, count, lambda each: each.id, lambda each: _shown(token, each, grants.get(each.id, ())))
    )


@get("/people/{person:str}", operation_id="getPerson", summary="One person", opt={"scope": "read"})
async def get_person(request: Call, person: FromPath[str]) -> Response[PersonShown]:
    """As he stands, with the roles that he holds."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: found_person(connection, org, person))
    grants = await _roles(request, (person,))
    return json_response(_shown(request.auth, found, grants.get(person, ())))


@post(
    "/people/{person:str}/enrolment",
    operation_id="invitePerson",
    summary="Make a code with which a person gets a token of his own",
    opt={"scope": "admin"},
    operation_class=json_operation(InvitationBody),
    status_code=201,
)
async def post_enrolment(request: Call, person: FromPath[str]) -> Response[Invitation]:
    """For installations without log-in: the code is used once, by the person, at `POST /v1/enrolment`."""
    refuse_idempotency_key(request)
    here = services(request)
    body = await read_body(request, InvitationBody)
    wait = DEFAULT_WAIT if body.expires_in is None else length(body.expires_in, "expires_in")
    patterns = request.auth.subjects if body.subjects is None else body.subjects
    code, until = await invite(
        here.database, request.auth, actor(request), person, frozenset(body.scopes), patterns, wait, here.clock()
    )
    return json_response(Invitation(code, until), 201)


@post(
    "/enrolment",
    operation_id="enrol",
    summary="Get a token of one's own for a code",
    operation_class=json_operation(CodeBody),
    status_code=201,
    security=[],
)
async def enrol_person(request: Request[Any, Any, State]) -> Response[Enrolled]:
    """Needs no token. 401 for a code that is unknown, used or too old; after 20 of them in a minute 429."""
    refuse_idempotency_key(request)
    here = services(request)
    body = await read_body(request, CodeBody)
    here.limits.attempt(request)
    try:
        token, secret = await enrol(here.database, body.code, request_id(request), here.clock())
    except Unauthenticated:
        here.limits.failed(request)
        raise
    return json_response(Enrolled(token.principal, token_shown(token), secret), 201)


def _described(body: PersonBody) -> Described:
    faults = []
    if not body.display_name.isprintable() or not body.display_name.strip():
        faults.append(Fault("display_name", "must be visible text"))
    if body.email is not None and not (body.email.isprintable() and "@" in body.email and " " not in body.email):
        faults.append(Fault("email", "must be an e-mail address"))
    seen: set[tuple[str, str]] = set()
    for n, each in enumerate(body.identities):
        for key, value in (("issuer", each.issuer), ("subject", each.subject)):
            if not value.isprintable():
                faults.append(Fault(f"identities[{n}].{key}", "must be visible text"))
        if (each.issuer, each.subject) in seen:
            faults.append(Fault(f"identities[{n}]", "stands there twice"))
        seen.add((each.issuer, each.subject))
    if faults:
        raise Invalid.of(faults)
    linked = tuple((each.issuer, each.subject) for each in body.identities)
    return Described(body.display_name, body.email, linked, body.disabled)


async def _roles(request: Call, people: Any) -> dict[str, tuple[RoleGrant, ...]]:
    here, org = services(request), request.auth.org
    now = here.clock()
    return await here.database.read(lambda connection: {each: held(connection, org, each, now) for each in people})


def _shown(token: TokenRecord, person: PersonRecord, grants: tuple[RoleGrant, ...]) -> PersonShown:
    shown = PersonShown(
        person.id,
        person.display_name,
        person.state == "disabled",
        person.state == "pending",
        tuple(role_shown(each) for each in grants),
        person.updated_at,
    )
    if not (holds(token, "admin") or token.principal == person.id):
        return shown
    identities = tuple(IdentityShown(each.issuer, each.subject) for each in person.identities)
    return msgspec.structs.replace(shown, email=person.email, identities=identities)


HANDLERS = [put_person, list_people, get_person, post_enrolment]
ANONYMOUS = [enrol_person]
