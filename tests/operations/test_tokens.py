"""Making, checking and revoking tokens."""

import asyncio
import re
from binascii import crc32
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from sqlalchemy import make_url

from phasegate.errors import Conflict, Invalid, NotFound
from phasegate.operations.tokens import (
    BOOTSTRAP,
    DEFAULT_ORG,
    LONGEST_LIFE,
    SCOPES,
    NewToken,
    bootstrap,
    create,
    hashed,
    holds,
    may_touch,
    new_secret,
    revoke,
    valid,
)
from phasegate.storage import tokens as stored
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database, open_database
from phasegate.storage.tokens import TokenRecord
from tests.support.clock import START
from tests.support.databases import Sql

T = TypeVar("T")
ACTOR = Actor(DEFAULT_ORG, "operator", "", "cli")
WANTED = NewToken("ci", "ci", "tool", frozenset({"read"}), ("*",), timedelta(days=90))
FIRST, SECOND = "first-bootstrap-token-" + "x" * 20, "second-bootstrap-token-" + "y" * 20


def changed(**values: Any) -> NewToken:
    return WANTED._replace(**values)


def on(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async def inside() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(inside())


def found(url: str, secret: str) -> TokenRecord:
    record = on(url, lambda database: database.read(lambda c: stored.token_by_hash(c, hashed(secret))))
    assert record is not None
    return record


class TestSecret:
    def test_its_form(self) -> None:
        secrets = {new_secret() for _ in range(50)}
        assert len(secrets) == 50
        for secret in secrets:
            body = re.fullmatch(r"pgt_([A-Za-z0-9_-]{43})_([0-9a-f]{8})", secret)
            assert body is not None
            assert int(body[2], 16) == crc32(body[1].encode())

    def test_only_its_hash_is_stored(self, database_url: str) -> None:
        _, secret = on(database_url, lambda database: create(database, ACTOR, WANTED, START))
        sql = Sql(database_url)
        assert sql.rows("SELECT hash FROM token") == [(sha256(secret.encode()).hexdigest(),)]
        kept = [row for table in ("token", "audit", "principal") for row in sql.rows(f"SELECT * FROM {table}")]
        assert secret not in str([[bytes(c) if isinstance(c, memoryview) else c for c in row] for row in kept])
        if sql.kind == "sqlite":
            folder = Path(str(make_url(database_url).database)).parent
            files = list(folder.glob(f"{Path(str(make_url(database_url).database)).name}*"))
            assert files
            assert not any(secret[:20].encode() in file.read_bytes() for file in files)


class TestCreate:
    def test_what_is_refused(self, database_url: str) -> None:
        refused = (
            changed(scopes=frozenset()),
            changed(scopes=frozenset({"raed"})),
            changed(subjects=()),
            changed(life=timedelta()),
            changed(life=timedelta(days=-1)),
            changed(life=LONGEST_LIFE + timedelta(microseconds=1)),
        )
        for wanted in refused:
            with pytest.raises(Invalid):
                on(database_url, partial(create, actor=ACTOR, wanted=wanted, at=START))
        assert Sql(database_url).number("SELECT count(*) FROM token") == 0

    def test_a_scope_is_corrected(self, database_url: str) -> None:
        with pytest.raises(Invalid) as told:
            on(database_url, lambda d: create(d, ACTOR, changed(scopes=frozenset({"evidence:writ"})), START))
        assert "evidence:write" in str(told.value.faults[0].suggestion)

    def test_a_principal_keeps_its_kind(self, database_url: str) -> None:
        on(database_url, lambda database: create(database, ACTOR, WANTED, START))
        with pytest.raises(Conflict):
            on(database_url, lambda database: create(database, ACTOR, changed(kind="person"), START))
        assert Sql(database_url).number("SELECT count(*) FROM token") == 1

    def test_two_for_one_principal(self, database_url: str) -> None:
        made = [on(database_url, lambda database: create(database, ACTOR, WANTED, START)) for _ in range(2)]
        assert made[0][0].id != made[1][0].id
        assert Sql(database_url).number("SELECT count(*) FROM principal") == 1
        assert Sql(database_url).rows("SELECT action FROM audit") == [("token.created",)] * 2


class TestRevoke:
    def test_twice(self, database_url: str) -> None:
        made, secret = on(database_url, lambda database: create(database, ACTOR, WANTED, START))
        first = on(database_url, lambda database: revoke(database, ACTOR, made.id, START))
        again = on(database_url, lambda database: revoke(database, ACTOR, made.id, START + timedelta(days=1)))
        assert first == again
        assert not valid(found(database_url, secret), START)
        assert Sql(database_url).number("SELECT count(*) FROM audit WHERE action = 'token.revoked'") == 1

    def test_one_of_another_org(self, database_url: str) -> None:
        made, secret = on(database_url, lambda database: create(database, ACTOR, WANTED, START))
        for identifier, org in ((made.id, "other"), ("nothing", DEFAULT_ORG)):
            actor = ACTOR._replace(org=org)
            with pytest.raises(NotFound):
                on(database_url, partial(revoke, actor=actor, identifier=identifier, at=START))
        assert valid(found(database_url, secret), START)


class TestBootstrap:
    def test_every_scope_and_for_ever(self, database_url: str) -> None:
        on(database_url, lambda database: bootstrap(database, FIRST, START))
        token = found(database_url, FIRST)
        assert (token.org, token.principal, token.kind) == (DEFAULT_ORG, BOOTSTRAP, "service")
        assert (token.scopes, token.subjects, token.instance) == (frozenset(SCOPES), ("*",), True)
        assert valid(token, START + timedelta(days=3650))

    def test_again_changes_nothing(self, database_url: str) -> None:
        for day in range(3):
            on(database_url, partial(bootstrap, secret=FIRST, at=START + timedelta(days=day)))
        assert Sql(database_url).number("SELECT count(*) FROM token") == 1
        assert Sql(database_url).rows("SELECT action FROM audit") == [("token.created",)]

    def test_another_one_ends_the_first(self, database_url: str) -> None:
        on(database_url, lambda database: bootstrap(database, FIRST, START))
        _, other = on(database_url, lambda database: create(database, ACTOR, WANTED, START))
        on(database_url, lambda database: bootstrap(database, SECOND, START))
        assert not valid(found(database_url, FIRST), START)
        assert valid(found(database_url, SECOND), START)
        assert valid(found(database_url, other), START)

    def test_one_that_was_revoked_never_comes_back(self, database_url: str) -> None:
        on(database_url, lambda database: bootstrap(database, FIRST, START))
        on(database_url, lambda database: bootstrap(database, SECOND, START))
        with pytest.raises(Conflict, match="PHASEGATE_BOOTSTRAP_TOKEN"):
            on(database_url, lambda database: bootstrap(database, FIRST, START))
        assert valid(found(database_url, SECOND), START)

    def test_two_servers_at_once(self, database_url: str) -> None:
        async def race(database: Database) -> None:
            other = open_database(database_url)
            try:
                await asyncio.gather(*(bootstrap(each, FIRST, START) for each in (database, other) * 4))
            finally:
                await other.close()

        on(database_url, race)
        assert Sql(database_url).number("SELECT count(*) FROM token") == 1
        assert Sql(database_url).rows("SELECT action FROM audit") == [("token.created",)]


class TestRights:
    TOKEN = TokenRecord("o", "i", "n", "p", "tool", frozenset({"read"}), ("*",), False, START, None, None)

    def test_a_scope_includes_only_what_is_written(self) -> None:
        granted = {
            held: {
                scope for scope in SCOPES if holds(msgspec.structs.replace(self.TOKEN, scopes=frozenset({held})), scope)
            }
            for held in SCOPES
        }
        assert granted == {scope: {scope} for scope in SCOPES} | {
            "subjects:write": {"subjects:write", "releases:write"}
        }

    @pytest.mark.parametrize(
        ("patterns", "inside", "outside"),
        [
            (("*",), ["a", "fraud-x"], []),
            (("fraud-*",), ["fraud-", "fraud-x"], ["Fraud-x", "fraud", "x-fraud-", "xfraud-x"]),
            (("fraud",), ["fraud"], ["fraud-x", "frau", "FRAUD"]),
            (("a.b",), ["a.b"], ["axb"]),
            (("a*", "*z"), ["ab", "yz"], ["b", "za"]),
            (("",), [], ["a"]),
            ((), [], ["a"]),
        ],
    )
    def test_patterns(self, patterns: tuple[str, ...], inside: list[str], outside: list[str]) -> None:
        token = msgspec.structs.replace(self.TOKEN, subjects=patterns)
        assert all(may_touch(token, name) for name in inside)
        assert not any(may_touch(token, name) for name in outside)

    def test_expiry_is_half_open(self) -> None:
        token = msgspec.structs.replace(self.TOKEN, expires_at=START)
        assert valid(token, START - timedelta(microseconds=1))
        assert not valid(token, START)
