"""Every change writes an audit entry in its transaction; what changes nothing writes none."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from phasegate.adapters.registry import adapters
from tests.support.policies import document, junit, report
from tests.support.world import A, World

XML = {"Content-Type": "application/xml"}
TABLES = (
    "policy_version", "subject", "subject_revision", "release", "facts_counter", "evidence", "evidence_data",
    "raw_content", "revocation", "free_text", "decision", "launch", "moved_pin",
    "retirement", "audit", "token", "principal", "token_revocation",
)  # fmt: skip
Change = Callable[[World], Any]


def ready(world: World) -> str:
    """A release that is go, and a record that can be revoked; its path."""
    path = world.release(world.subject("model-x"))
    world.cleared(path)
    world.publish(document(version="1.0.1"))
    return path


def revoked(world: World) -> Any:
    listed = world.get("/v1/subjects/model-x/releases/1.0.0/evidence").json()["items"]
    return world.http.post(f"/v1/evidence/{listed[-1]['id']}/revocation", json={"reason": "x"}, headers=signed(world))


def signed(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.admin}"}


CHANGES: dict[str, tuple[str, Change]] = {
    "policies": (
        "policy.published",
        lambda w: w.http.post("/v1/policies", json=document(version="1.1.0"), headers=signed(w)),
    ),
    "subjects, new": (
        "subject.created",
        lambda w: w.http.put(
            "/v1/subjects/model-y",
            json={"kind": "model", "team": "risk", "attributes": {}, "policy": "acceptance@^1"},
            headers=signed(w),
        ),
    ),
    "subjects, changed": (
        "subject.changed",
        lambda w: w.http.put(
            "/v1/subjects/model-x",
            json={"kind": "model", "team": "other", "attributes": {}, "policy": "acceptance@^1"},
            headers=signed(w),
        ),
    ),
    "releases": (
        "release.registered",
        lambda w: w.http.post(
            "/v1/subjects/model-x/releases",
            json={"version": "2", "artifacts": [{"name": "f", "sha256": A}]},
            headers=signed(w),
        ),
    ),
    "evidence": (
        "evidence.submitted",
        lambda w: w.http.post(
            "/v1/subjects/model-x/releases/1.0.0/evidence?type=unit-tests", content=junit(5), headers=signed(w) | XML
        ),
    ),
    "evidence, revoked": ("evidence.revoked", revoked),
    "releases, pin moved": (
        "release.pin_moved",
        lambda w: w.http.post(
            "/v1/subjects/model-x/releases/1.0.0/policy",
            json={"version": "1.0.1", "reason": "x"},
            headers=signed(w),
        ),
    ),
    "subjects, retired": (
        "subject.retired",
        lambda w: w.http.post("/v1/subjects/model-x/retirement", json={"reason": "x"}, headers=signed(w)),
    ),
    "records": (
        "release.launched",
        lambda w: w.http.post("/v1/subjects/model-x/releases/1.0.0/launch", headers=signed(w)),
    ),
}
each_change = pytest.mark.parametrize("name", CHANGES)


def counts(world: World) -> dict[str, int]:
    return {table: world.count(table) for table in TABLES}


@each_change
def test_one_entry_and_none_for_what_changes_nothing(world: World, name: str) -> None:
    action, change = CHANGES[name]
    ready(world)
    before = world.audited()
    first = change(world)
    assert first.status_code in (200, 201), first.text
    assert world.audited() == [*before, action]
    rows = counts(world)
    world.clock.forward(hours=1)
    assert change(world).status_code == 200
    assert counts(world) == rows


@each_change
def test_a_failure_in_the_middle_leaves_nothing(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit can't be written: nor is the change."""
    _, change = CHANGES[name]
    path = ready(world)
    rows, decision = counts(world), world.get(f"{path}/decision")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no audit")

    with monkeypatch.context() as patched:
        patched.setattr(f"phasegate.operations.{name.split(',')[0]}.record", fail)
        assert change(world).status_code == 500
    assert counts(world) == rows
    again = world.get(f"{path}/decision")
    assert (again.content, again.headers["etag"]) == (decision.content, decision.headers["etag"])
    assert change(world).status_code in (200, 201)
    assert world.count("audit") == rows["audit"] + 1


def test_what_an_entry_says(world: World) -> None:
    subject = world.subject("model-x")
    made = world.token("releases:write")
    body = {"version": "1", "artifacts": [{"name": "f", "sha256": A}]}
    world.clock.forward(minutes=1)
    answer = world.post(
        f"/v1/subjects/{subject}/releases", body, token=made.secret, headers={"X-Request-ID": "request-7"}
    )
    assert answer.status_code == 201
    (entry,) = world.sql.rows(
        "SELECT at, actor, via, token, target_kind, target_id, before, after, request_id FROM audit "
        "WHERE org = :org AND action = 'release.registered'",
        org=world.org,
    )
    at, actor, via, token, kind, target, before, after, request_id = entry
    assert str(at).replace(" ", "T").startswith("2027-03-05T12:01:00")
    assert (actor, via, token) == (answer.json()["registered_by"], "api", made.id)
    assert (kind, target, before, request_id) == ("release", "model-x/1", None, "request-7")
    assert json.loads(bytes(after))["version"] == "1"  # type: ignore[call-overload]


def test_a_change_says_what_was_before(world: World) -> None:
    world.subject("model-x", team="one")
    world.subject("model-x", team="two")
    ((before, after),) = world.sql.rows(
        "SELECT before, after FROM audit WHERE org = :org AND action = 'subject.changed'", org=world.org
    )
    teams = [json.loads(bytes(each))["team"] for each in (before, after)]  # type: ignore[call-overload]
    assert teams == ["one", "two"]


def test_a_file_says_which_adapter_read_it(world: World) -> None:
    """A better adapter gives another record; the audit tells which of them gave this one."""
    path = world.release(world.subject("model-x"))
    world.post(f"{path}/evidence?type=unit-tests", junit(), headers=XML)
    world.submit(path)
    rows = world.sql.rows(
        "SELECT after FROM audit WHERE org = :org AND action = 'evidence.submitted' ORDER BY id", org=world.org
    )
    file, envelope = (json.loads(bytes(after)) for (after,) in rows)  # type: ignore[call-overload]
    assert (file["format"], file["adapter"]) == ("junit", adapters()["junit"].version)
    assert (envelope["format"], "adapter" in envelope) == ("json", False)


def test_refusals_and_questions_write_nothing(world: World) -> None:
    path = ready(world)
    before = counts(world)
    world.get(f"{path}/decision")
    world.get("/v1/subjects")
    world.post("/v1/policies/validate", document())
    world.post("/v1/policies", document() | {"title": "other"})
    world.post(f"{path}/evidence", {"type": "unit-tests", "data": {}})
    world.post(f"{path}/evidence", {"type": "unit-tests", "data": report()}, token=world.admin + "x")
    world.post("/v1/subjects/model-x/releases", {"version": "1.0.0", "artifacts": [{"name": "f", "sha256": "b" * 64}]})
    world.put("/v1/subjects/model-z", {"kind": "model", "team": "x", "attributes": {}, "policy": "nothing@^1"})
    world.post("/v1/evidence/01890000-0000-7000-8000-000000000000/revocation", {"reason": "x"})
    world.post("/v1/subjects/model-x/releases/9/launch")
    assert counts(world) == before


def test_no_secret_and_no_free_text_is_kept_in_it(world: World) -> None:
    path = ready(world)
    sent = world.submit(path)
    world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "a personal remark"})
    rows = world.sql.rows("SELECT * FROM audit WHERE org = :org", org=world.org)
    kept = "".join(str(bytes(cell) if isinstance(cell, (bytes, memoryview)) else cell) for row in rows for cell in row)
    assert world.admin not in kept
    assert "personal remark" not in kept
