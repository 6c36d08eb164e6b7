"""Hot statements on SQLite, handed to the driver: what SQLAlchemy does for each costs several times the statement."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


class _Text(NamedTuple):
    """A statement as the driver takes it."""

    sql: str
    constants: dict[str, Any]
    converted: tuple[tuple[str, Callable[[Any], Any]], ...]
    """Values that the driver has no type for, and what makes them into one."""
    read: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Columns that the driver has no type for, by place, and what makes them into what they stand for."""


def first(connection: Connection, statement: Executable, values: dict[str, Any]) -> Any:
    """The first row, if any, of a statement that is made once. Its columns have to be text and whole numbers, since
    nothing converts them. Raises what `connection.execute` raises."""
    if connection.dialect.name == "sqlite":
        return first_of_driver(connection, statement, values)
    result = connection.execute(statement, values)
    return result.first() if result.returns_rows else None


def rows(connection: Connection, statement: Select[Any], values: dict[str, Any]) -> list[Sequence[Any]]:
    """All rows of a query that is made once, as SQLAlchemy would give them. Raises what `connection.execute` raises."""
    if connection.dialect.name != "sqlite":
        return list(connection.execute(statement, values).all())
    text = _text(statement, tuple(values))
    found: list[Sequence[Any]] = _executed(connection, text, values).fetchall()
    return [_converted(row, text.read) for row in found] if text.read else found


def _converted(row: Sequence[Any], read: tuple[tuple[int, Callable[[Any], Any]], ...]) -> list[Any]:
    values = list(row)
    for n, convert in read:
        values[n] = convert(values[n])
    return values


def first_of_driver(connection: Connection, statement: Executable, values: dict[str, Any]) -> Any:
    """As `first`, on SQLite alone, and in whatever transaction there is: none is begun."""
    return _executed(connection, _text(statement, tuple(values)), values).fetchone()


def _executed(connection: Connection, text: _Text, values: dict[str, Any]) -> Any:
    given = text.constants | values
    for name, convert in text.converted:
        given[name] = convert(given[name])
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(text.sql, given)
    except sqlite3.Error as error:
        raise DBAPIError.instance(text.sql, given, error, sqlite3.Error) from error


@cache
def _text(statement: Any, columns: tuple[str, ...]) -> _Text:
    compiled = statement.compile(dialect=_DIALECT, column_keys=list(columns))
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    made = {name: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name, bind in compiled.binds.items()}
    converted = tuple((name, convert) for name, convert in made.items() if convert is not None)
    columns_read = statement.selected_columns if isinstance(statement, Select) else ()
    readers = [column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns_read]
    read = tuple((n, convert) for n, convert in enumerate(readers) if convert is not None)
    return _Text(str(compiled), constants, converted, read)
