"""`Idempotency-Key`: sent again, nothing is recorded twice."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from phasegate.http.idempotency import KEPT_FOR
from phasegate.storage.database import sync_engine
from phasegate.storage.keyed_answers import Key, claim
from tests.support.desk import Desk, desk
from tests.support.policies import report
from tests.support.problems import problem
from tests.support.world import Sent, World

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def at(world: World) -> Desk:
    return desk(world)


def send(at: Desk, key: str = KEY, token: str = "", **more: Any) -> Sent:
    return at.send(token or at.mia, "model-owner", headers={"Idempotency-Key": key}, **more)


def test_the_same_again_gets_the_same_answer_whatever_has_happened_since(at: Desk) -> None:
    first = send(at)
    at.withdraw(at.mia, first.json()["id"])
    at.world.clock.forward(seconds=1)
    at.world.submit(at.path, data=report(9))
    again = send(at)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert at.world.count("signoff") == 1
    assert at.send(at.mia, "model-owner").json()["id"] != first.json()["id"]


def test_with_something_else_it_is_refused(at: Desk) -> None:
    send(at)
    problem(send(at, comment="other"), 422, "key_reused", path="Idempotency-Key")
    assert at.world.count("signoff") == 1


def test_it_is_of_one_principal_and_one_route(at: Desk) -> None:
    send(at)
    answer = at.send(at.ben, "business-owner", headers={"Idempotency-Key": KEY})
    assert answer.status_code == 201
    path = at.world.release(at.subject, "1.0.1")
    assert at._replace(path=path).send(at.mia, "model-owner", "reject", headers={"Idempotency-Key": KEY}).is_success
    assert at.world.count("keyed_answer") == 3


def test_a_refusal_is_not_kept(at: Desk) -> None:
    problem(send(at, acknowledged=[]), 422, "not_acknowledged")
    assert send(at).status_code == 201


def test_for_a_day_half_open(at: Desk) -> None:
    first = send(at)
    at.world.clock.forward(days=1, microseconds=-1)
    assert send(at).content == first.content
    at.world.clock.forward(microseconds=1)
    assert send(at).status_code == 200  # the same sign-off is in force; the key counts for nothing any more
    assert at.world.count("keyed_answer") == 1


def test_old_answers_are_forgotten(at: Desk) -> None:
    send(at)
    at.world.clock.forward(seconds=KEPT_FOR / timedelta(seconds=1))
    send(at, "another", comment="again")
    assert at.world.count("keyed_answer") == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\u00e9"])
def test_what_is_no_key(at: Desk, key: str) -> None:
    answer = at.send(at.mia, "model-owner", headers={"Idempotency-Key": key.encode("latin-1")})
    problem(answer, 400, "malformed_key")


def test_where_a_call_only_asks_it_is_ignored(at: Desk) -> None:
    for _ in range(2):
        answer = at.world.get(f"{at.path}/signoffs", headers={"Idempotency-Key": KEY})
        assert answer.status_code == 200
    assert at.world.count("keyed_answer") == 0


def test_while_the_first_is_under_way(at: Desk, kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    engine = sync_engine(at.world.sql.url)
    try:
        with engine.begin() as other:
            assert claim(other, Key(at.world.org, "mia", f"POST {at.path}/signoffs", KEY))
            problem(send(at), 409, "key_in_use")
        assert send(at).status_code == 201
    finally:
        engine.dispose()


def test_what_fails_in_the_middle_leaves_neither_record_nor_answer(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: Connection, *_: Any, **__: Any) -> None:
        connection.execute(text("SELECT 1 FROM no_such_table"))

    with monkeypatch.context() as patched:
        patched.setattr("phasegate.http.idempotency.keep", fail)
        headers = {"Authorization": f"Bearer {at.mia}", "Idempotency-Key": KEY}
        body = {"role": "model-owner", "verdict": "approve", "acknowledged": ["limits"]}
        assert at.world.http.post(f"{at.path}/signoffs", json=body, headers=headers).status_code == 500
    assert (at.world.count("signoff"), at.world.count("keyed_answer")) == (0, 0)
    assert send(at).status_code == 201


def test_waivers_requests_and_verdicts_heed_it(at: Desk) -> None:
    body = {"criterion": "tests-pass", "reason": "x", "expires_at": "2027-03-06T00:00:00Z"}
    headers = {"Idempotency-Key": KEY}
    asked = at.world.post(f"{at.path}/waiver-requests", body, token=at.mia, headers=headers)
    path = f"{at.path}/waiver-requests/{asked.json()['id']}/verdict"
    at.world.clock.forward(minutes=1)
    calls = [
        (f"{at.path}/waiver-requests", body, at.mia),
        (path, {"verdict": "approve"}, at.lee),
        (f"{at.path}/waivers", body | {"criterion": "good-enough"}, at.lee),
    ]
    for to, sent, token in calls:
        first = at.world.post(to, sent, token=token, headers=headers)
        again = at.world.post(to, sent, token=token, headers=headers)
        assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)


def test_decision_records_heed_it(at: Desk) -> None:
    headers = {"Idempotency-Key": KEY}
    first = at.world.post(f"{at.path}/decision", headers=headers)
    at.world.clock.forward(minutes=1)
    again = at.world.post(f"{at.path}/decision", headers=headers)
    assert (first.status_code, again.content) == (201, first.content)
    assert at.world.count("decision") == 1
    problem(at.world.post(f"{at.path}/decision?gate=testing", headers=headers), 422, "key_reused")
    assert at.world.post(f"{at.path}/decision").json()["id"] != first.json()["id"]


def test_the_same_body_compressed_anew_is_the_same(at: Desk) -> None:
    body = json.dumps({"role": "model-owner", "verdict": "approve", "acknowledged": ["limits"]}).encode()
    headers = {"Idempotency-Key": KEY, "Content-Encoding": "gzip", "Content-Type": "application/json"}
    sent = [gzip.compress(body, mtime=mtime) for mtime in (1, 2)]
    answers = [
        at.world.call("POST", f"{at.path}/signoffs", content=each, headers=headers, token=at.mia) for each in sent
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert at.world.count("signoff") == 1
