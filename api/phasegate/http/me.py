"""Who the caller is."""

from datetime import datetime

import msgspec
from litestar import Response, get

from phasegate.http.bodies import json_response
from phasegate.http.services import Call


class PrincipalShown(msgspec.Struct, frozen=True):
    id: str
    kind: str


class TokenShown(msgspec.Struct, frozen=True):
    id: str
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]
    expires_at: datetime | None


class Me(msgspec.Struct, frozen=True):
    org: str
    principal: PrincipalShown
    token: TokenShown
    roles: tuple[str, ...] = ()


@get("/me", operation_id="me", summary="Who am I?", opt={"scope": "read"}, sync_to_thread=False)
def get_me(request: Call) -> Response[Me]:
    """The principal and what the token may do."""
    token = request.auth
    shown = Me(
        token.org,
        PrincipalShown(token.principal, token.kind),
        TokenShown(token.id, tuple(sorted(token.scopes)), token.subjects, token.expires_at),
    )
    return json_response(shown)


HANDLERS = [get_me]
