"""What has to wait for another's transaction is dated when its turn comes: dated before, it would have counted in a
decision that was recorded meanwhile without it. A real server, real time."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.storage.database import sync_engine
from tests.http.test_signed_evidence import Signing, evidence
from tests.support.loopback import Loopback
from tests.support.policies import report
from tests.support.signing import envelope
from tests.support.world import World

LONG = 0.7
"""Seconds in which the server takes up a call."""


@pytest.fixture
def real(loopback_server: Loopback) -> Iterator[World]:
    with loopback_server.world() as found:
        yield found


def waits(world: World, method: str, path: str, body: Any) -> tuple[Any, datetime]:
    """What is answered to a call that waits for another's transaction, and when that ended."""
    engine = sync_engine(world.sql.url)
    with ThreadPoolExecutor(1) as thread, engine.begin() as other:  # on SQLite it is the only one that writes
        if world.sql.kind != "sqlite":
            other.execute(text("SELECT facts FROM facts_counter WHERE org = :org FOR UPDATE"), {"org": world.org})
        answer = thread.submit(world.call, method, path, json=body)
        time.sleep(LONG)
        assert not answer.done()
        then = datetime.now(UTC)
        other.rollback()
        assert answer.result().status_code == 200, answer.result().text
    engine.dispose()
    return answer.result().json(), then


def test_evidence_that_is_revoked(real: World) -> None:
    sent = real.post(f"{real.release()}/evidence", {"type": "unit-tests", "data": report(3)})
    answer, then = waits(real, "POST", f"/v1/evidence/{sent.json()['id']}/revocation", {"reason": "the wrong file"})
    assert parse_instant(answer["revoked_at"]) >= then


def test_a_key_that_is_revoked(real: World) -> None:
    signing = Signing(real)
    sent = signing.stored(envelope(evidence(), signing.signer))
    body = {"reason": "stolen", "compromised_since": rfc3339(datetime.now(UTC) - timedelta(hours=1))}
    answer, then = waits(real, "POST", f"/v1/keys/{signing.key}/revocation", body)
    assert answer["evidence_revoked"] == 1
    assert parse_instant(answer["revoked_at"]) >= then
    assert parse_instant(real.get(f"/v1/evidence/{sent['id']}").json()["revoked_at"]) >= then
    found = real.get(f"/v1/audit?action=evidence.revoked&subject={signing.subject}&release=1.0.0").json()["items"]
    assert [each["target"]["id"] for each in found] == [sent["id"]]


def test_a_subject_that_is_changed(real: World) -> None:
    subject = real.subject()
    body = real.get(f"/v1/subjects/{subject}").json()
    body = {name: body[name] for name in ("kind", "team", "policy")} | {"attributes": {"regulated": True}}
    answer, then = waits(real, "PUT", f"/v1/subjects/{subject}", body)
    assert parse_instant(answer["updated_at"]) >= then
