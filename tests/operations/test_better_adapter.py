"""A better adapter adds a record and changes no old decision."""

import json

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.junit import Junit
from phasegate.adapters.registry import adapters
from tests.support.policies import junit
from tests.support.world import World

XML = {"Content-Type": "application/xml"}


class Better(Junit):
    """Finds a failure that the one before passed over."""

    version = "9.0.0"

    def read(self, raw: bytes, hints: Hints) -> Reading:
        reading = super().read(raw, hints)
        reading.data["failed"] += 1
        reading.data["total"] += 1
        return reading


class Reworded(Junit):
    """Reads the same facts, by another version."""

    version = "9.1.0"


def test_it_adds_a_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.release()
    old = world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML).json()
    asked = world.clock()
    then = {"at": asked.isoformat().replace("+00:00", "Z")}
    before = world.get(f"{path}/decision", params=then)
    record = world.get(f"/v1/evidence/{old['id']}")
    world.clock.forward(hours=1)

    monkeypatch.setattr("phasegate.adapters.registry.adapters", lambda: {**adapters(), "junit": Better()})
    answer = world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML)
    assert (answer.status_code, answer.json()["format"]) == (201, "junit")
    assert answer.json()["id"] != old["id"]

    assert world.get(f"/v1/evidence/{old['id']}").content == record.content
    assert world.get(f"{path}/decision", params=then).content == before.content
    assert world.status(path, "tests-pass", **then) == "pass"
    assert world.status(path, "tests-pass") == "fail"
    assert world.get(f"/v1/evidence/{answer.json()['id']}/raw").content == junit()
    assert world.count("raw_content") == 1
    rows = world.sql.rows(
        "SELECT after FROM audit WHERE org = :org AND action = 'evidence.submitted' ORDER BY id", org=world.org
    )
    told = [json.loads(bytes(after)) for (after,) in rows]  # type: ignore[call-overload]
    assert [each["adapter"] for each in told] == [Junit.version, "9.0.0"]
    assert told[0]["files"] == told[1]["files"]


def test_one_that_reads_the_same_adds_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an upgrade would make old files look as if they had been collected anew."""
    path = world.release()
    old = world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML).json()
    monkeypatch.setattr("phasegate.adapters.registry.adapters", lambda: {**adapters(), "junit": Reworded()})
    again = world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML)
    assert (again.status_code, again.json()["id"]) == (200, old["id"])


def test_a_digest_that_is_none_of_the_artifacts_lowers(world: World) -> None:
    path = world.release(None, "1.0.0", "a" * 64, "b" * 64)

    def named(sha256: str) -> bytes:
        inner = f'<properties><property name="sha256" value="{sha256}"/></properties><testcase name="t"/>'
        return f'<testsuite name="s">{inner}</testsuite>'.encode()

    for sha256, status in (("b" * 64, "pass"), ("c" * 64, "fail")):
        answer = world.post(f"{path}/evidence?type=unit-tests", named(sha256), headers=XML)
        assert answer.status_code == 201
        assert bool(answer.json()["warnings"]) == (status == "fail")
        assert world.status(path, "tests-pass") == status
        world.clock.forward(minutes=1)
