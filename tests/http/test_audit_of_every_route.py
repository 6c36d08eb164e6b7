"""What every route writes into the audit; the routes are read from the application, so that none can be forgotten."""

from typing import Any

import pytest

from tests.support.routes import ANONYMOUS, PERSONAL, ROUTES, SIGNER, Route, sent, things
from tests.support.world import World

ASKS = {"validatePolicy", "evaluate", "askGate"}
"""What changes nothing."""
AGAIN = {"registerKey", "putPerson", "publishPolicy", "registerRelease", "movePin", "signOff"}
"""What is there already as it is sent here."""
NOTHING = ASKS | AGAIN | {"launchRelease"}
"""The release is no-go."""
MORE = {"rotateToken": 2, "decideWaiverRequest": 2}
"""Where one call is two changes: an end and a beginning, a verdict and what it grants."""
INSTANCE = {"createOrg"}
writes = [each for each in ROUTES if each.method != "GET" and each.operation not in ANONYMOUS | INSTANCE]
_SEEN = "SELECT id, actor, token, action, target_kind, target_id, subject, release, request_id FROM audit"


def entries(world: World) -> list[Any]:
    return world.sql.rows(f"{_SEEN} WHERE org = :org ORDER BY id", org=world.org)


@pytest.mark.parametrize("route", writes, ids=str)
def test_one_entry_a_change_with_who_what_and_of_what(world: World, route: Route) -> None:
    made = things(world)
    person = route.operation in PERSONAL
    token = world.own(SIGNER, route.scope) if person else world.admin
    before = {row[0] for row in entries(world)}
    world.clock.forward(minutes=1)
    headers = {"X-Request-Id": "the-call"} | sent(route).get("headers", {})
    answer = world.call(route.method, made.fill(route.path), token=token, **sent(route) | {"headers": headers})
    assert answer.status_code in (200, 201, 204, 409), answer.text
    new = [row for row in entries(world) if row[0] not in before]
    told = MORE.get(route.operation, 0 if route.operation in NOTHING else 1)
    assert len(new) == told, (answer.text, new)
    for _, actor, used, action, kind, target, subject, release, request in new:
        assert request == "the-call"
        assert (actor == SIGNER) == person
        assert all((used, action, kind, target))
        if "{subject}" in route.path or route.operation == "revokeEvidence":
            assert subject == made.subject
        if "{version}" in route.path and "{subject}" in route.path:
            assert release == made.version
