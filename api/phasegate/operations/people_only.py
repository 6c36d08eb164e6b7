"""What people do themselves, and neither tool nor service for them."""

from typing import NamedTuple

from phasegate.errors import Forbidden
from phasegate.storage.audit import Actor


class Person(NamedTuple):
    """Who acts, through which channel, and how surely it is he."""

    actor: Actor
    kind: str
    """Of the principal: `person`, `tool` or `service`."""
    via: str = "api"
    assurance: str = "enrolled"
    """`oidc`, `enrolled` or `chat`; empty for a token that somebody else made for a person."""
    mfa: bool = False
    admin: bool = False

    @property
    def id(self) -> str:
        return self.actor.principal


def require_person(caller: Person, deed: str) -> None:
    """Raise `Forbidden` unless the caller is a person; `deed` completes "only a person …"."""
    if caller.kind != "person":
        told = f"{caller.id} is a {caller.kind}; only a person {deed}, with a token of his own"
        raise Forbidden(told, code="not_a_person")
    if not caller.assurance:
        told = f"this token was made for {caller.id} by somebody else; whoever {deed} does so with a token of his own"
        raise Forbidden(f"{told}: log in, or ask an administrator for an enrolment code", code="not_his_own")
