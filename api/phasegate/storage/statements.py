"""Statements that differ between the databases, said once."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from phasegate.storage.direct import first


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, for statements in SQLAlchemy Core."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def insert_if_new(connection: Connection, table: Table, values: dict[str, Any], key: tuple[str, ...]) -> bool:
    """Insert a row unless one with this unique key is there; whether it was inserted.

    On PostgreSQL this waits for a transaction that has inserted the same key and not yet ended.
    """
    statement = _insert_if_new(connection.dialect.name, table, key)
    return first(connection, statement, values) is not None


def insert_all_new(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: tuple[str, ...], shown: str
) -> list[tuple[Any, ...]]:
    """Insert those rows of whose unique key none is there; of each that was inserted, the column `shown`.

    In the order of that column, so that two transactions don't wait for each other.
    """
    if not rows:
        return []
    statement = _insert_all_new(connection.dialect.name, table, key, shown)
    return [tuple(row) for row in connection.execute(statement, sorted(rows, key=lambda row: str(row[shown])))]


def upsert_count(connection: Connection, table: Table, key: dict[str, Any], counter: str) -> None:
    """Raise a counter by one, from nothing if need be."""
    first(connection, _upsert_count(connection.dialect.name, table, tuple(key), counter), {**key, counter: 1})


# Making a statement costs more than running it, so each is made once.


@cache
def _insert_if_new(dialect: str, table: Table, key: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table).on_conflict_do_nothing(index_elements=list(key))
    return statement.returning(table.c[key[0]])


@cache
def _insert_all_new(dialect: str, table: Table, key: tuple[str, ...], shown: str) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=list(key)).returning(table.c[shown])


@cache
def _upsert_count(dialect: str, table: Table, key: tuple[str, ...], counter: str) -> Any:
    raised = {counter: table.c[counter] + 1}
    return _insert(dialect, table).on_conflict_do_update(index_elements=list(key), set_=raised)


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
