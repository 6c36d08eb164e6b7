"""A decision of a past instant, whatever has happened since: byte for byte what it was, in a process that remembers
much of it as in one that remembers nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.operations.decisions import Decisions
from phasegate.operations.policies import Policies
from phasegate.shapes import catalogue
from phasegate.storage.database import Database
from tests.support.clock import START
from tests.support.desk import Desk, desk
from tests.support.policies import countersigned, metrics, report
from tests.support.world import B

Step = Callable[[Desk, int], Any]


def _first(at: Desk, kind: str, state: str) -> str:
    """The id of a sign-off or waiver in some state; of none where there is none."""
    items = at.world.get(f"{at.path}/{kind}").json()["items"]
    return next((each["id"] for each in items if each["state"] == state), "01890000-0000-7000-8000-000000000000")


def _revoke(at: Desk) -> None:
    for each in at.world.get(f"{at.path}/evidence").json()["items"][:1]:
        at.world.post(f"/v1/evidence/{each['id']}/revocation", {"reason": "a mistake"})


def _end_roles(at: Desk) -> None:
    for each in at.world.get("/v1/people/mia").json()["roles"]:
        at.world.call("DELETE", f"/v1/people/mia/roles/{each['id']}")


def _attributes(at: Desk, n: int) -> None:
    at.world.subject(at.subject, policy="countersigned@^1", team=f"team-{n}", attributes={"regulated": n % 2 == 0})


def _waive(at: Desk) -> None:
    ends = at.world.clock.now.replace(hour=23)
    body = {"criterion": "tests-pass", "reason": "for once", "expires_at": ends.isoformat().replace("+00:00", "Z")}
    at.world.post(f"{at.path}/waivers", body, token=at.lee)


def _rollback(at: Desk) -> None:
    body = {"despite": True, "reason": "it burns", "kind": "rollback"}
    at.world.post(f"/v1/subjects/{at.subject}/releases/0.9.0/launch", body, token=at.lee)


STEPS: dict[str, Step] = {
    "approve": lambda at, n: at.send(at.mia, "model-owner", comment=str(n)),
    "approve too": lambda at, n: at.send(at.ben, "business-owner", comment=str(n)),
    "reject": lambda at, n: at.send(at.ben, "business-owner", "reject", comment=str(n)),
    "withdraw": lambda at, _: at.withdraw(at.world.admin, _first(at, "signoffs", "in-force")),
    "withdraw own": lambda at, _: at.withdraw(at.ben, _first(at, "signoffs", "in-force")),
    "evidence": lambda at, n: at.world.submit(at.path, data=report(n + 1)),
    "failing": lambda at, n: at.world.submit(at.path, data=report(n, failed=1)),
    "evaluation": lambda at, n: at.world.submit(
        at.path, "evaluation", metrics(0.8 + n / 1000), context={"split": "test"}
    ),
    "revoke": lambda at, _: _revoke(at),
    "waive": lambda at, _: _waive(at),
    "end a waiver": lambda at, _: at.world.call(
        "DELETE", f"{at.path}/waivers/{_first(at, 'waivers', 'in-force')}?reason=mended", token=at.lee
    ),
    "move": lambda at, n: at.world.post(f"{at.path}/policy", {"version": f"1.0.{n % 3}", "reason": "x"}),
    "attributes": _attributes,
    "launch": lambda at, _: at.world.post(f"{at.path}/launch"),
    "rollback": lambda at, _: _rollback(at),
    "end roles": lambda at, _: _end_roles(at),
    "disable": lambda at, _: at.world.person("mia", disabled=True),
    "record": lambda at, _: at.world.post(f"{at.path}/decision"),
}


@pytest.fixture
def at(world: Any) -> Desk:
    made = desk(world)
    for version in ("1.0.1", "1.0.2"):
        world.publish(countersigned(version))
    world.release(made.subject, "0.9.0", B)
    return made


def _fresh(at: Desk, instant: str) -> bytes:
    """The decision of an instant, by whoever has read nothing before."""
    version, when, now = at.path.rpartition("/")[2], parse_instant(instant), at.world.clock()

    async def ask(database: Database) -> bytes:
        decisions = Decisions(database, Policies(catalogue()))
        return (await decisions.past(at.world.org, at.subject, version, "launch", when, now)).body

    body: bytes = at.world.execute(ask)
    return body


def _walk(at: Desk, steps: list[str]) -> None:
    world = at.world
    seen: dict[str, bytes] = {}
    for n, step in enumerate(steps):
        world.clock.forward(seconds=7)
        STEPS[step](at, n)
        for length in (0, 3):
            world.clock.forward(seconds=length)
            told = world.get(f"{at.path}/decision")
            seen[told.json()["evaluated_at"]] = told.content
            assert _fresh(at, told.json()["evaluated_at"]) == told.content, (steps, n)
    world.clock.forward(days=50)
    for instant, body in reversed(seen.items()):
        assert world.get(f"{at.path}/decision", params={"at": instant}).content == body, (steps, instant)
        assert world.get(f"{at.path}/decision?at={instant}").content == body, (steps, instant)
    assert _fresh(at, rfc3339(world.clock())) == world.get(f"{at.path}/decision").content
    for kept in world.get("/v1/decisions?limit=200").json()["items"]:
        path = f"/v1/subjects/{at.subject}/releases/{kept['release']}"
        assert world.decision(path, at=kept["decision"]["evaluated_at"]) == kept["decision"]


def test_all_that_can_happen_in_turn(at: Desk) -> None:
    _walk(at, ["approve", "approve too", "launch", *STEPS, *reversed(STEPS)])


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*STEPS]), min_size=4, max_size=12))
def test_whatever_happens(world: Any, steps: list[str]) -> None:
    world.clock.now = START
    fresh = world.another()
    made = desk(fresh)
    for version in ("1.0.1", "1.0.2"):
        fresh.publish(countersigned(version))
    fresh.release(made.subject, "0.9.0", B)
    _walk(made, steps)
