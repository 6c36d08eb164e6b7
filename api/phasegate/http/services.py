"""What every handler needs, made once for the application."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from litestar import Request
from litestar.datastructures import State

from phasegate.http.limits import Limits
from phasegate.http.waits import Waits
from phasegate.identity.issuers import Issuers
from phasegate.identity.outbound import Outbound
from phasegate.identity.secret_key import SecretKey
from phasegate.operations.decisions import Decisions
from phasegate.operations.last_used import LastUsed
from phasegate.operations.policies import Policies
from phasegate.operations.tokens import Tokens
from phasegate.settings import Settings
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from phasegate.storage.tokens import TokenRecord

Call = Request[TokenRecord, TokenRecord, State]
"""A request whose token was checked."""


class Services(NamedTuple):
    settings: Settings
    clock: Callable[[], datetime]
    database: Database
    policies: Policies
    decisions: Decisions
    tokens: Tokens
    used: LastUsed
    """When each token was used last."""
    waits: Waits
    limits: Limits
    outbound: Outbound
    issuers: Issuers
    secret_key: Callable[[], SecretKey]
    """Opened when it is asked for: most servers encrypt nothing."""


def services(request: Request[Any, Any, Any]) -> Services:
    """The application's services."""
    found: Services = request.app.state.services
    return found


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def actor(request: Call) -> Actor:
    """Who calls, for the audit."""
    token = request.auth
    return Actor(token.org, token.principal, token.id, "api", request_id(request), token.identity, token.acts_for)


def request_id(request: Request[Any, Any, Any]) -> str:
    """What the caller calls his request."""
    return request.headers.get("x-request-id", "")[:128]
