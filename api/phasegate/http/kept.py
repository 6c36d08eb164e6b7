"""The question that is asked most, answered ahead of the framework: a decision that is kept and still stands.

Routing, guards and parameters cost more than that answer. Here only a plain question is recognised, and only an
answer that is certain is given; whatever else comes, every refusal included, is left to the application.
"""

import re
from contextlib import suppress
from typing import Any

from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from phasegate.engine.structure import LAUNCH
from phasegate.http.auth import bearer
from phasegate.http.decisions import headers_of
from phasegate.http.rendered import known
from phasegate.http.services import Services
from phasegate.operations.decisions import Answer
from phasegate.operations.tokens import holds, may_touch, valid

_PATH = re.compile(r"/v1/subjects/([^/]+)/releases/([^/]+)/decision")
_QUERY = re.compile(rb"(?:gate=([a-z0-9-]+))?")
_HOST = re.compile(rb"[a-zA-Z0-9.:-]+")
_JSON = "application/json"
_ANY_FORM = ("", "*/*", _JSON)


class KeptAnswers:
    """`app`, and ahead of it what needs no more than one query."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _PATH.fullmatch(scope["path"]) if scope["type"] == ScopeType.HTTP and scope["method"] == "GET" else None
        query = _QUERY.fullmatch(scope["query_string"]) if asked else None
        headers = _single(scope["headers"]) if query else None
        if asked is None or query is None or headers is None or headers.get("accept", "") not in _ANY_FORM:
            return await self._app(scope, receive, send)
        gate, answer = LAUNCH if query[1] is None else query[1].decode(), None
        with suppress(Exception):  # the application meets it too, and knows how to tell
            answer = await self._kept(headers.get("authorization", ""), asked[1], asked[2], gate)
        if answer is None:
            return await self._app(scope, receive, send)
        return await _send(send, answer, headers.get("if-none-match", ""))

    async def _kept(self, authorization: str, subject: str, version: str, gate: str) -> Answer | None:
        services: Services = self._state.services
        secret, now = bearer(authorization), services.clock()
        token = None if secret is None else services.tokens.seen(secret)
        if token is None or not valid(token, now) or not holds(token, "read") or not may_touch(token, subject):
            return None
        answer = await services.decisions.kept(token, subject, version, gate, now)
        if answer is None or not services.limits.within(token.id):
            return None
        services.used.note(token, now)
        return answer


def _single(headers: Any) -> dict[str, str] | None:
    """By name; None where one that matters is given twice or the host is odd, which is for the framework to judge."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name in (b"authorization", b"accept", b"if-none-match", b"host"):
            key = name.decode()
            if key in found or (key == "host" and not _HOST.fullmatch(value)):
                return None
            found[key] = value.decode("latin-1")
    return found


async def _send(send: Send, answer: Answer, if_none_match: str) -> None:
    headers = headers_of(answer.tag, _JSON)
    same = known(if_none_match, headers["ETag"])
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if not same:
        lines += [(b"content-type", _JSON.encode()), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": 304 if same else 200, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if same else answer.body, "more_body": False})
