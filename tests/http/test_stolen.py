"""What is stolen: a CI system's token, and a dump of the database."""

import base64
import binascii
from typing import Any

import pytest
from sqlmodel import SQLModel

from phasegate.operations.tokens import hashed
from tests.support.desk import Desk, desk
from tests.support.policies import countersigned, report
from tests.support.problems import problem
from tests.support.routes import ANONYMOUS, ROUTES, sent, things
from tests.support.world import World

CI = ("read", "releases:write", "evidence:write")
"""What a CI system's token holds; for its own subject alone."""
ALLOWED = {
    "acceptEvidence", "askGate", "evaluate", "launchRelease", "recordDecision", "registerRelease", "requestWaiver",
    "submitEvidence", "submitSubjectEvidence", "validatePolicy",
}  # fmt: skip
"""The writes that such a token is for."""
writes = [each for each in ROUTES if each.method != "GET" and each.operation not in ANONYMOUS]


class TestATokenOfCI:
    def test_it_does_nothing_that_it_is_not_for(self, world: World) -> None:
        made = things(world, "fraud-x")
        token = world.token(*CI, subjects=("fraud-*",)).secret
        rows = world.count("audit")
        for route in writes:
            if route.operation not in ALLOWED:
                problem(world.call(route.method, made.fill(route.path), token=token, **sent(route)), 403)
        assert world.count("audit") == rows

    def test_it_does_what_it_is_for(self, world: World) -> None:
        made = things(world, "fraud-x")
        token = world.token(*CI, subjects=("fraud-*",)).secret
        for route in writes:
            if route.operation in ALLOWED:
                answer = world.call(route.method, made.fill(route.path), token=token, **sent(route))
                assert answer.status_code in (200, 201, 409), answer.text

    def test_of_another_subject_it_does_not_even_that(self, world: World) -> None:
        made = things(world, "churn")
        token = world.token(*CI, subjects=("fraud-*",)).secret
        rows = world.count("audit")
        for route in writes:
            answer = world.call(route.method, made.fill(route.path), token=token, **sent(route))
            if "{subject}" in route.path and route.operation in ALLOWED:
                problem(answer, 403, "outside_token_subjects")
        assert world.count("audit") == rows

    def test_nor_does_any_list_or_record_tell_of_another(self, world: World) -> None:
        made = things(world, "churn-secret")
        token = world.token(*CI, subjects=("fraud-*",)).secret
        for route in ROUTES:
            if route.method == "GET":
                told = world.get(made.fill(route.path), token=token)
                assert told.status_code >= 400 or "churn-secret" not in told.text, route

    def test_it_reads_neither_the_audit_nor_who_holds_a_role(self, world: World) -> None:
        token = world.token(*CI).secret
        for path in ("/v1/audit", "/v1/roles"):
            problem(world.get(path, token=token), 403, "missing_scope")

    def test_it_makes_no_other_token_and_ends_none(self, at: Desk) -> None:
        made = at.world.token(*CI)
        for body in ({"name": "x", "principal": "ci", "scopes": ["read"]}, {"name": "x", "principal": "mia"}):
            assert at.world.post("/v1/tokens", body, token=made.secret).status_code in (403, 422)
        problem(at.world.call("DELETE", f"/v1/tokens/{made.id}", token=made.secret), 403)

    def test_what_it_submits_opens_no_gate_that_people_keep(self, at: Desk) -> None:
        token = at.world.token(*CI, "signoffs:write", "waivers:write").secret
        at.world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(9)}, token=token)
        problem(at.send(token, "model-owner"), 403, "not_a_person")
        assert at.world.decision(at.path)["outcome"] == "no-go"

    def test_it_neither_moves_a_pin_nor_changes_an_attribute(self, at: Desk) -> None:
        at.world.publish(countersigned("1.0.1"))
        token = at.world.token(*CI).secret
        problem(at.world.post(f"{at.path}/policy", {"version": "1.0.1", "reason": "x"}, token=token), 403)
        body = {"kind": "model", "team": "risk", "attributes": {}, "policy": "countersigned@1.0.1"}
        problem(at.world.put(f"/v1/subjects/{at.subject}", body, token=token), 403, "missing_scope")


class TestADump:
    def test_nothing_in_it_is_a_token_or_a_code(self, at: Desk) -> None:
        """Each text that stands in any table, tried as both; and no secret that was told stands in any."""
        world = at.world
        secrets = [world.admin, at.mia, at.ben, at.lee, world.token("read").secret]
        code = world.post("/v1/people/mia/enrolment", {"scopes": ["read"]}).json()["code"]
        rotated = world.post("/v1/tokens", {"name": "r", "principal": "ci", "scopes": ["read"]}).json()
        fresh = world.post(f"/v1/tokens/{rotated['id']}/rotation").json()["secret"]
        at.both()
        secrets += [code, rotated["secret"], fresh]
        found = dump(world)
        for secret in secrets:
            body = secret.split("_", 1)[1].rsplit("_", 1)[0]
            raw = base64.urlsafe_b64decode(f"{body}==")
            for form in (secret, body, raw.hex(), binascii.b2a_base64(raw, newline=False).decode().rstrip("=")):
                assert not any(form in text for text in found)
        assert any(hashed(world.admin) in text for text in found)
        tried = {text for text in found if 16 <= len(text) <= 256 and text.isascii() and text.isprintable()}
        assert hashed(world.admin) in tried
        for text in sorted(tried):
            problem(world.get("/v1/me", token=text), 401)
            problem(world.get("/v1/me", token=f"pgt_{text}"), 401)
            problem(world.post("/v1/enrolment", {"code": text}, token=None), 401)


@pytest.fixture
def at(world: World) -> Desk:
    return desk(world)


def dump(world: World) -> set[str]:
    """Every value of every table, of this org where rows have one, as text."""
    found: set[str] = set()
    for name, table in SQLModel.metadata.tables.items():
        condition, values = (" WHERE org = :org", {"org": world.org}) if "org" in table.c else ("", {})
        for row in world.sql.rows(f"SELECT * FROM {name}{condition}", **values):
            found |= {as_text(value) for value in row}
    return found


def as_text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
