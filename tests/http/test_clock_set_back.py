"""A server's clock that is set back, or behind that of another: what was told for an instant stays as it was."""

import pytest

from tests.support.desk import Desk, desk
from tests.support.policies import countersigned, document
from tests.support.world import A, B, World


@pytest.fixture
def at(world: World) -> Desk:
    return desk(world)


def told(world: World, path: str) -> tuple[str, bytes]:
    """The decision now, and its instant."""
    answer = world.get(f"{path}/decision")
    instant = answer.json()["evaluated_at"]
    return instant, world.get(f"{path}/decision?at={instant}").content


def test_a_launch_is_the_live_one(world: World) -> None:
    subject = world.subject()
    one, two = world.release(subject, "1", A), world.release(subject, "2", B)
    for path in (one, two):
        world.cleared(path)
    world.clock.forward(minutes=5)
    first = world.post(f"{one}/launch").json()
    world.clock.forward(minutes=-2)
    second = world.post(f"{two}/launch")
    assert (second.status_code, world.post(f"{two}/launch").status_code) == (201, 200)
    assert second.json()["launched_at"] >= first["launched_at"]
    world.clock.forward(minutes=10)
    assert world.get(f"/v1/subjects/{subject}/maturity").json()["release"] == "2"
    assert world.post(f"{two}/launch").status_code == 200


def test_a_launch_does_not_overlook_a_revocation(world: World) -> None:
    path = world.release()
    world.cleared(path)
    world.clock.forward(minutes=5)
    for listed in world.get(f"{path}/evidence").json()["items"]:
        world.post(f"/v1/evidence/{listed['id']}/revocation", {"reason": "a mistake"})
    world.clock.forward(minutes=-2)
    assert world.post(f"{path}/launch").status_code == 409
    assert world.post(f"{path}/decision").json()["outcome"] == "no-go"


def test_a_launch_does_not_overlook_a_withdrawal(at: Desk) -> None:
    signed, _ = at.both()
    at.world.clock.forward(minutes=5)
    assert at.withdraw(at.mia, signed["id"]).status_code == 200
    at.world.clock.forward(minutes=-2)
    assert at.world.post(f"{at.path}/launch").status_code == 409


def test_a_launch_does_not_overlook_a_moved_pin(at: Desk) -> None:
    at.both()
    at.world.publish(countersigned("1.1.0", max_age="P20D"))
    at.world.clock.forward(minutes=5)
    moved = at.world.post(f"{at.path}/policy", {"version": "1.1.0", "reason": "stricter"})
    assert moved.status_code == 200
    at.world.clock.forward(minutes=-2)
    assert at.world.post(f"{at.path}/launch").status_code == 409


def test_a_pin_moved_earlier_than_the_last_time(world: World) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        world.publish(document(version=version))
    path = world.release(world.subject(policy="acceptance@1.0.0"))
    world.clock.forward(minutes=5)
    world.post(f"{path}/policy", {"version": "1.1.0", "reason": "x"})
    world.clock.forward(minutes=1)
    before = told(world, path)
    world.clock.forward(minutes=-3)
    world.post(f"{path}/policy", {"version": "1.2.0", "reason": "x"})
    world.clock.forward(minutes=10)
    assert world.decision(path)["policy"]["version"] == "1.2.0"
    assert world.decision(path, at="2027-03-05T12:03:00Z")["policy"]["version"] == "1.0.0"
    assert world.decision(path, at="2027-03-05T12:04:59.999999Z")["policy"]["version"] == "1.0.0"
    assert before[0] == "2027-03-05T12:06:00Z"


def test_a_subject_changed_earlier_than_the_last_time(world: World) -> None:
    path = world.release(world.subject("model-x", team="one"))
    world.clock.forward(minutes=5)
    world.subject("model-x", team="two", attributes={"regulated": True})
    world.clock.forward(minutes=-3)
    before = told(world, path)
    world.subject("model-x", team="three", attributes={"regulated": False})
    world.clock.forward(minutes=10)
    assert world.get(f"{path}/decision?at={before[0]}").content == before[1]
    assert world.get("/v1/subjects/model-x").json()["team"] == "three"


def test_a_role_ended_before_it_was_given(at: Desk) -> None:
    at.world.clock.forward(minutes=5)
    role = at.world.role("mia", "business-owner")
    at.world.clock.forward(minutes=-2)
    at.world.call("DELETE", f"/v1/people/mia/roles/{role}")
    assert at.send(at.mia, "business-owner").status_code == 403
    at.world.clock.forward(minutes=2)
    assert at.send(at.mia, "business-owner").status_code == 403


def test_a_role_that_another_server_ended_ahead(at: Desk) -> None:
    role = at.world.role("mia", "business-owner")
    at.world.clock.forward(minutes=2)
    at.world.call("DELETE", f"/v1/people/mia/roles/{role}")
    at.world.clock.forward(minutes=-1)
    assert at.send(at.mia, "business-owner").status_code == 403


def test_a_person_disabled_ahead(at: Desk) -> None:
    at.world.clock.forward(minutes=2)
    at.world.person("mia", disabled=True)
    at.world.clock.forward(minutes=-1)
    assert at.send(at.mia, "model-owner").status_code == 401
