"""The caller, as one who signs off and waives."""

from phasegate.http.services import Call, actor
from phasegate.operations.people_only import Person
from phasegate.operations.tokens import holds


def person(request: Call) -> Person:
    """Who calls. Whether it is a person at all, the operation asks."""
    token = request.auth
    return Person(actor(request), token.kind, assurance=token.assurance, admin=holds(token, "admin"))
