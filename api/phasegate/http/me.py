"""Who the caller is."""

from datetime import datetime

import msgspec
from litestar import Response, get

from phasegate.http.bodies import as_shown, json_response
from phasegate.http.services import Call, services
from phasegate.storage.roles import RoleGrant, held
from phasegate.storage.tokens import TokenRecord


class PrincipalShown(msgspec.Struct, frozen=True):
    id: str
    kind: str


class TokenShown(msgspec.Struct, frozen=True):
    id: str
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]
    expires_at: datetime | None


class RoleShown(msgspec.Struct, frozen=True):
    """A role that a person holds: in the whole org, for a team, or for a subject."""

    id: str
    role: str
    team: str | None
    subject: str | None
    expires_at: datetime | None


class Me(msgspec.Struct, frozen=True):
    org: str
    principal: PrincipalShown
    token: TokenShown
    roles: tuple[RoleShown, ...]
    """In force now; of people alone."""


@get("/me", operation_id="me", summary="Who am I?", opt={"scope": "read"})
async def get_me(request: Call) -> Response[Me]:
    """The principal, what the token may do, and the roles held."""
    here, token = services(request), request.auth
    roles: tuple[RoleGrant, ...] = ()
    if token.kind == "person":
        now = here.clock()
        roles = await here.database.read(lambda connection: held(connection, token.org, token.principal, now))
    shown = tuple(role_shown(each) for each in roles)
    return json_response(Me(token.org, PrincipalShown(token.principal, token.kind), token_shown(token), shown))


def token_shown(token: TokenRecord) -> TokenShown:
    return as_shown(TokenShown, token, scopes=tuple(sorted(token.scopes)))


def role_shown(role: RoleGrant) -> RoleShown:
    return as_shown(RoleShown, role)


HANDLERS = [get_me]
