"""At its end instant a waiver counts for nothing, whichever way one asks."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from phasegate.__main__ import main
from phasegate.engine.instants import in_force, rfc3339
from tests.support.clock import START, Clock
from tests.support.policies import report, simple
from tests.support.world import World, result, world_in

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

MICRO = timedelta(microseconds=1)
LONGEST = timedelta(days=30)
PATHS = (
    "decision", "decision kept", "subject", "gate", "hook", "wait", "past decision", "evaluate", "command", "review",
    "page", "listed", "record", "launch",
)  # fmt: skip
FOR_GOOD = PATHS[-2:]
lengths = st.integers(1, LONGEST // MICRO).map(lambda n: n * MICRO) | st.sampled_from((MICRO, 2 * MICRO, LONGEST))


class Asked:
    """One org with one policy, and a release a waiver."""

    def __init__(self, world: World) -> None:
        self.world = world
        policy = simple("waived") | {"waivers": {"max": "P30D"}}
        policy["phases"][0]["criteria"][0]["checks"][0]["that"] = "evidence.failed == 0"
        self.policy = policy
        world.publish(policy)
        self.subject = world.subject("model-w", policy="waived@^1")
        self.number = 0
        self.lee = world.own("lee", "waivers:write")
        self.other = self.release()

    def release(self) -> str:
        """A release that fails; its path."""
        self.number += 1
        self.world.clock.now = START
        path = self.world.release(self.subject, f"1.0.{self.number}", f"{self.number:064x}")
        self.world.submit(path, data=report(1, failed=1))
        return path

    def grant(self, path: str, granted: datetime, ends: datetime) -> None:
        self.world.clock.now = granted
        body = {"criterion": "tests-pass", "reason": "for once", "expires_at": rfc3339(ends)}
        answer = self.world.post(f"{path}/waivers", body, token=self.lee)
        assert answer.status_code == 201, answer.text

    def launched(self, path: str, at: datetime) -> bool:
        """Whether it may go live; once it is, another release takes its place, so that it can be asked again."""
        answer = self.world.post(f"{path}/launch")
        if answer.status_code == 409:
            return status(answer.json())
        kept = self.world.get(f"/v1/decisions/{answer.json()['decision_id']}").json()
        assert kept["recorded_at"] == rfc3339(at)
        other = {"despite": True, "reason": "to be asked again", "kind": "rollback"}
        assert self.world.post(f"{self.other}/launch", other, token=self.lee).status_code == 201
        return status(kept["decision"])

    def stateless(self, granted: datetime, ends: datetime, at: datetime) -> dict[str, Any]:
        start = rfc3339(START)
        waiver = {"criterion": "tests-pass", "reason": "for once", "granted_by": "lee"}
        return {
            "policy": self.policy,
            "subject": {"name": self.subject},
            "release": {"version": "1", "artifacts": [{"name": "f", "sha256": "a" * 64}], "registered_at": start},
            "evidence": [{"type": "unit-tests", "collected_at": start, "data": report(1, failed=1)}],
            "waivers": [{**waiver, "granted_at": rfc3339(granted), "expires_at": rfc3339(ends)}],
            "at": rfc3339(at),
        }

    def waived(self, how: str, path: str, granted: datetime, ends: datetime, at: datetime, folder: Path) -> bool:
        """Whether the criterion is waived at an instant, as one of the paths tells it."""
        self.world.clock.now = at
        if how in ("decision", "decision kept"):
            return status(self.world.decision(path))
        if how == "subject":
            return status(self.world.get(f"/v1/subjects/{self.subject}/decision").json())
        if how == "wait":
            return status(self.world.decision(path, wait="0"))
        if how in ("gate", "hook"):
            answer = self.world.call("GET" if how == "gate" else "POST", f"{path}/gates/launch")
            assert (answer.status_code == 200) == status(answer.json())
            return answer.status_code == 200
        if how == "listed":
            (one,) = self.world.get(f"{path}/waivers").json()["items"]
            return bool(one["state"] == "in-force")
        if how == "record":
            return status(self.world.post(f"{path}/decision").json()["decision"])
        if how == "launch":
            return self.launched(path, at)
        if how == "past decision":
            self.world.clock.now = max(at, ends) + timedelta(days=1)
            return status(self.world.decision(path, at=rfc3339(at)))
        if how in ("review", "page"):
            media = "text/markdown" if how == "review" else "text/html"
            text = self.world.get(f"{path}/decision", headers={"Accept": media}).text
            assert ("NO-GO" in text) != ("✓ GO" in text)
            return "NO-GO" not in text
        question = self.stateless(granted, ends, at)
        if how == "evaluate":
            return status(self.world.post("/v1/evaluate", question).json())
        file = folder / "facts.json"
        file.write_text(json.dumps(question))
        return status(json.loads(CliRunner().invoke(main, ["evaluate", str(file)]).stdout))


def status(decision: dict[str, Any]) -> bool:
    found = result(decision, "tests-pass")
    assert (found["status"] == "waived") == (decision["outcome"] == "go") == (found["waiver"] is not None)
    return bool(found["status"] == "waived")


@pytest.fixture(scope="module")
def asked(client: "TestClient[Litestar]", clock: Clock) -> Asked:
    clock.now = START
    return Asked(world_in(client, clock))


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(timedelta(), MICRO, timedelta())
@example(timedelta(hours=1), LONGEST, timedelta(days=1))
@given(st.sampled_from((timedelta(), MICRO, timedelta(hours=1))), lengths, st.timedeltas(-LONGEST, LONGEST))
def test_on_every_path(asked: Asked, tmp_path: Path, delay: timedelta, length: timedelta, away: timedelta) -> None:
    granted = START + delay
    ends = granted + length
    path = asked.release()
    asked.grant(path, granted, ends)
    moments = {granted, ends - MICRO, ends, ends + MICRO, max(START, ends + away)}
    for at in sorted(moments):
        # What is kept for good overlooks nothing that is recorded, so it can't be asked for before the waiver.
        for how in PATHS if at >= granted else PATHS[: -len(FOR_GOOD)]:
            told = asked.waived(how, path, granted, ends, at, tmp_path)
            assert told == in_force(granted, ends, at), (how, at)


def test_a_revocation_by_a_server_whose_clock_is_ahead(asked: Asked) -> None:
    """Another server, whose clock is behind, decides meanwhile: what it found must not outlast the instant."""
    path = asked.release()
    asked.grant(path, START, START + timedelta(days=1))
    (waiver,) = asked.world.get(f"{path}/waivers").json()["items"]
    asked.world.clock.now = START + timedelta(seconds=10)
    assert asked.world.call("DELETE", f"{path}/waivers/{waiver['id']}?reason=x").status_code == 200
    asked.world.clock.now = START + timedelta(seconds=9)
    before = asked.world.get(f"{path}/decision")
    assert before.json()["outcome"] == "go"
    asked.world.clock.now = START + timedelta(seconds=10)
    after = asked.world.get(f"{path}/decision", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["outcome"]) == (200, "no-go")
