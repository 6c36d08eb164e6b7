"""Statements that differ between the databases, said once."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, for statements in SQLAlchemy Core."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def insert_if_new(connection: Connection, table: Table, values: dict[str, Any], key: tuple[str, ...]) -> bool:
    """Insert a row unless one with this unique key is there; whether it was inserted.

    On PostgreSQL this waits for a transaction that has inserted the same key and not yet ended.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing(index_elements=list(key))
    return connection.execute(statement.returning(table.c[key[0]])).first() is not None


def upsert_count(connection: Connection, table: Table, key: dict[str, Any], counter: str) -> None:
    """Raise a counter by one, from nothing if need be."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **{counter: 1})
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_={counter: table.c[counter] + 1}))
