"""What vouches for evidence is looked at again in the transaction that stores it."""

import asyncio
import json
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from phasegate.envelopes.message import Beside
from phasegate.envelopes.public_keys import read_public_key
from phasegate.errors import Conflict
from phasegate.operations.addressed import Vouched
from phasegate.operations.keys import NewKey, register, revoke
from phasegate.operations.signed import open_signed
from phasegate.storage import keys
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database, open_database
from phasegate.storage.tokens import ensure_org
from tests.support.clock import START
from tests.support.policies import report
from tests.support.signing import ed25519_signer, envelope, statement

pytestmark = pytest.mark.asyncio
ACTOR = Actor("default", "operator", "", "cli")
SIGNER = ed25519_signer()


async def vouched(database: Database) -> tuple[str, Vouched]:
    """The id of a new key, and what it vouches for."""
    await database.write(lambda connection: ensure_org(connection, "default", "default", START))
    wanted = NewKey("ci", read_public_key(SIGNER.pem), ("*",), ("*",), None, None)
    key, _ = await register(database, ACTOR, wanted, START)
    document = envelope(statement("a" * 64, type="unit-tests", data=report()), SIGNER)
    raw = json.dumps(document).encode()
    sent = await open_signed(database, "default", raw, document, "application/json", Beside(), None, START)
    found: Vouched = await database.read(lambda connection: sent.vouch(connection, "model", "unit-tests"))
    assert found.strength == "attested"
    return key.id, found


async def test_a_key_that_was_revoked_meanwhile(database_url: str) -> None:
    database = open_database(database_url)
    try:
        key, found = await vouched(database)
        await database.write(found.confirm)
        await revoke(database, ACTOR, key, "lost", None, lambda: START)
        with pytest.raises(Conflict, match="revoked meanwhile"):
            await database.write(found.confirm)
    finally:
        await database.close()


async def test_a_revocation_waits_for_what_is_being_stored(database_url: str) -> None:
    """So it finds the record, and takes it along."""
    database = open_database(database_url)
    key, found = await vouched(database)
    confirmed, go_on = Event(), Event()
    order: list[str] = []

    def storing() -> None:
        other = open_database(database_url)

        def work(connection: Any) -> None:
            found.confirm(connection)
            confirmed.set()
            assert go_on.wait(60)
            keys.attest(connection, "default", "01890000-0000-7000-8000-000000000000", found.attestors, START)
            order.append("stored")

        async def run() -> None:
            await other.write(work)
            await other.close()

        asyncio.run(run())

    thread = Thread(target=storing)
    thread.start()
    try:
        assert await asyncio.to_thread(confirmed.wait, 60)
        revoking = asyncio.create_task(_revoked(database, key, order))
        await asyncio.sleep(0.3)
        assert order == []
        go_on.set()
        await revoking
        assert order == ["stored", "revoked"]
        resting = await database.read(lambda connection: keys.resting_on(connection, "default", key, START))
        assert resting == ["01890000-0000-7000-8000-000000000000"]
    finally:
        go_on.set()
        thread.join()
        await database.close()


async def _revoked(database: Database, key: str, order: list[str]) -> None:
    await revoke(database, ACTOR, key, "lost", None, lambda: START + timedelta(seconds=1))
    order.append("revoked")
