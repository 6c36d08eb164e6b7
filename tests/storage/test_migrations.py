"""Migrations are the only way to a schema, and the schema keeps what it promises."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Boolean, Engine, Integer, LargeBinary, Table, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel

from phasegate.storage.database import sync_engine
from phasegate.storage.schema import config, upgrade
from phasegate.storage.tables import APPEND_ONLY, ERASABLE
from tests.support.clock import START
from tests.support.databases import Databases, Sql

CHANGING = {"org", "subject", "facts_counter", "token_use", "web_session_use", "audit_unsequenced"}
"""Tables that hold what is derived, or what stands now; their history lies elsewhere."""
TABLES = {str(name): table for name, table in SQLModel.metadata.tables.items()}


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    """On one database for the tests of this page; each uses rows of its own."""
    opened = sync_engine(url)
    yield opened
    opened.dispose()


def row(table: Table, mark: str) -> dict[str, Any]:
    """Some row, of the org `mark`."""
    found: dict[str, Any] = {}
    for column in table.columns:
        kind = getattr(column.type, "impl_instance", column.type)
        if isinstance(kind, Boolean):
            found[column.name] = False
        elif isinstance(kind, Integer):
            found[column.name] = 1
        elif isinstance(kind, LargeBinary):
            found[column.name] = b"{}"
        elif column.type.__class__.__name__ == "UtcTime":
            found[column.name] = START
        else:
            found[column.name] = mark
    return found


class TestUpgrade:
    def test_from_nothing(self, databases: Databases) -> None:
        url = databases.empty()
        upgrade(url)
        opened = sync_engine(url)
        try:
            assert set(inspect(opened).get_table_names()) == {*TABLES, "alembic_version"}
        finally:
            opened.dispose()

    def test_again_changes_nothing(self, url: str) -> None:
        before = Sql(url).rows("SELECT version_num FROM alembic_version")
        upgrade(url)
        assert Sql(url).rows("SELECT version_num FROM alembic_version") == before

    def test_the_code_and_the_schema_agree(self, engine: Engine) -> None:
        with engine.begin() as connection:
            command.check(config(connection))

    def test_one_head(self, engine: Engine) -> None:
        from alembic.script import ScriptDirectory

        with engine.begin() as connection:
            assert len(ScriptDirectory.from_config(config(connection)).get_heads()) == 1

    def test_of_processes_that_start_together(self, databases: Databases) -> None:
        url = databases.empty()
        code = f"from phasegate.storage.schema import upgrade; upgrade({url!r})"
        started = [
            subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for _ in range(3)
        ]
        ended = [(process.communicate(timeout=240)[0].decode(), process.returncode) for process in started]
        assert [code for _, code in ended] == [0, 0, 0], ended
        assert Sql(url).number("SELECT count(*) FROM alembic_version") == 1


class TestKeys:
    def test_the_org_leads_every_key(self, engine: Engine) -> None:
        for name in TABLES:
            assert inspect(engine).get_pk_constraint(name)["constrained_columns"][0] == "org", name
            for unique in inspect(engine).get_unique_constraints(name):
                assert unique["column_names"][0] == "org", (name, unique)
            for index in inspect(engine).get_indexes(name):
                assert index["column_names"][0] == "org" or not index["unique"], (name, index)

    def test_an_instant_has_a_zone(self, engine: Engine) -> None:
        if engine.dialect.name != "postgresql":
            pytest.skip("SQLite keeps text")
        for name in TABLES:
            for column in inspect(engine).get_columns(name):
                assert getattr(column["type"], "timezone", True), (name, column["name"])


class TestAppendOnly:
    """The database itself forbids what no code path does."""

    def test_every_table_is_of_one_kind(self) -> None:
        assert set(APPEND_ONLY) | set(ERASABLE) | CHANGING == set(TABLES)
        assert not set(APPEND_ONLY) & set(ERASABLE)

    def test_the_triggers_are_really_there(self, engine: Engine, url: str) -> None:
        if engine.dialect.name == "sqlite":
            rows = Sql(url).rows("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            verbs = {
                (str(table), verb)
                for table, sql in rows
                for verb in ("UPDATE", "DELETE")
                if f"BEFORE {verb}" in str(sql)
            }
            assert all("RAISE(ABORT" in str(sql) for _, sql in rows)
            forbidden: tuple[str, ...] = ("UPDATE", "DELETE")
        else:
            rows = Sql(url).rows(
                "SELECT c.relname, t.tgtype, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal"
            )
            bits = {"DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
            verbs = {
                (str(table), verb) for table, kind, _ in rows for verb, bit in bits.items() if int(str(kind)) & bit
            }
            assert {enabled for _, _, enabled in rows} == {"O"}
            forbidden = ("UPDATE", "DELETE", "TRUNCATE")
        wanted = {(table, verb) for table in APPEND_ONLY for verb in forbidden}
        assert verbs == wanted | {(table, "UPDATE") for table in ERASABLE}

    @pytest.mark.parametrize("name", [*APPEND_ONLY, *ERASABLE])
    def test_what_is_refused(self, engine: Engine, name: str) -> None:
        table, mark = TABLES[name], uuid4().hex
        refused = [f"UPDATE {name} SET org = org", f"UPDATE {name} SET org = 'y' WHERE org = '{mark}'"]
        if name in APPEND_ONLY:
            refused += [f"DELETE FROM {name}", f"DELETE FROM {name} WHERE org = '{mark}'"]
        if engine.dialect.name == "postgresql":
            key = ", ".join(column.name for column in table.primary_key)
            refused.append(f"INSERT INTO {name} SELECT * FROM {name} ON CONFLICT ({key}) DO UPDATE SET org = 'y'")
            if name in APPEND_ONLY:
                refused += [f"TRUNCATE {name}", f"TRUNCATE {name} CASCADE"]
        elif name in APPEND_ONLY:
            refused += [
                f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}",
                f"REPLACE INTO {name} SELECT * FROM {name}",
            ]
        with engine.begin() as connection:
            connection.execute(table.insert().values(**row(table, mark)))
        for statement in refused:
            with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
                connection.execute(text(statement))
        with engine.begin() as connection:
            assert connection.execute(text(f"SELECT count(*) FROM {name} WHERE org = '{mark}'")).scalar_one() == 1

    @pytest.mark.parametrize("name", ERASABLE)
    def test_what_can_be_erased(self, engine: Engine, name: str) -> None:
        mark = uuid4().hex
        with engine.begin() as connection:
            connection.execute(TABLES[name].insert().values(**row(TABLES[name], mark)))
            connection.execute(text(f"DELETE FROM {name} WHERE org = '{mark}'"))
            assert connection.execute(text(f"SELECT count(*) FROM {name} WHERE org = '{mark}'")).scalar_one() == 0

    @pytest.mark.parametrize("name", APPEND_ONLY)
    def test_a_key_is_never_taken_twice(self, engine: Engine, name: str) -> None:
        table, mark = TABLES[name], uuid4().hex
        with engine.begin() as connection:
            connection.execute(table.insert().values(**row(table, mark)))
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(table.insert().values(**row(table, mark)))


class TestUtcTime:
    INSTANTS = (
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2027, 3, 5, 12, 0, 0, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )

    def test_round_trips_and_order(self, engine: Engine) -> None:
        table = TABLES["org"]
        with engine.begin() as connection:
            for n, instant in enumerate(reversed(self.INSTANTS)):
                connection.execute(table.insert().values(org=f"o{n}", title="order", created_at=instant))
            query = table.select().where(table.c.title == "order").order_by(table.c.created_at)
            found = [each.created_at for each in connection.execute(query)]
            assert found == list(self.INSTANTS)
            assert all(each.tzinfo is not None and each.utcoffset().total_seconds() == 0 for each in found)
            for instant in self.INSTANTS:
                until = query.where(table.c.created_at <= instant)
                assert len(connection.execute(until).all()) == self.INSTANTS.index(instant) + 1

    def test_another_zone_is_the_same_instant(self, engine: Engine) -> None:
        table = TABLES["org"]
        with engine.begin() as connection:
            given = datetime.fromisoformat("2027-03-05T14:30:00.5+05:30")
            connection.execute(table.insert().values(org="zone", title="", created_at=given))
            (found,) = connection.execute(table.select().where(table.c.org == "zone"))
            assert found.created_at.isoformat() == "2027-03-05T09:00:00.500000+00:00"

    def test_no_zone_is_refused(self, engine: Engine) -> None:
        table = TABLES["org"]
        naive = datetime(2027, 3, 5, 12)  # noqa: DTZ001  the point of it
        with pytest.raises((ValueError, DBAPIError, Exception), match="zone"), engine.begin() as connection:
            connection.execute(table.insert().values(org="o", title="", created_at=naive))
