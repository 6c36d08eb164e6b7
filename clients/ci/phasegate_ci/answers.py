"""Reading an answer that isn't a decision, and sending what is recorded under a key."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import uuid4

import msgspec

from phasegate_ci.client import Answer, Client
from phasegate_ci.exits import untrusted

T = TypeVar("T")


def read(body: bytes, kind: type[T], what: str) -> T:
    """The answer as a `kind`; a `Stop` where it is none. `what` completes "it is no …"."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise untrusted(f"it is no {what} ({failure})") from failure


def record(client: Client, path: str, content: Mapping[str, object], expected: tuple[int, ...] = (200, 201)) -> Answer:
    """POST JSON; sent again where the connection failed, it records nothing twice."""
    body = msgspec.json.encode(content)
    return client.ask("POST", path, body=body, content_type="application/json", key=str(uuid4()), expected=expected)
