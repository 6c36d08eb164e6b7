"""A database that is gone, full or busy is no fault of the server's own: 503, and what a client can do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from litestar.testing import TestClient

from phasegate.http.app import create_app
from phasegate.settings import Settings
from phasegate.storage import database
from phasegate.storage.database import sync_engine
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.support.policies import report
from tests.support.problems import problem
from tests.support.world import World, world_in

SUBMISSION = {"type": "unit-tests", "data": report(3)}


@contextmanager
def out_of_reach(databases: Databases, url: str) -> Iterator[None]:
    """PostgreSQL is gone; SQLite is kept busy by another process."""
    if not url.startswith("sqlite"):
        databases.remove(url)
        yield
        return
    engine = sync_engine(url)
    with engine.begin():
        yield
    engine.dispose()


@pytest.fixture
def url(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    hasty = tuple(each for each in database._PRAGMAS if not each.startswith("busy_timeout"))
    monkeypatch.setattr(database, "_PRAGMAS", ("busy_timeout=50", *hasty))
    return databases.migrated()


@pytest.fixture
def apart(url: str, tmp_path: Path) -> Iterator[World]:
    """An org on a server whose database can be taken away."""
    settings = Settings(database=url, data=tmp_path)
    with TestClient(create_app(settings, Clock()), raise_server_exceptions=False) as client:
        yield world_in(client, Clock())


def test_a_write(databases: Databases, url: str, apart: World) -> None:
    path = f"{apart.release()}/evidence"
    headers = {"Authorization": f"Bearer {apart.admin}"}
    with out_of_reach(databases, url):
        answer = apart.http.post(path, json=SUBMISSION, headers=headers)
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
    if url.startswith("sqlite"):
        assert apart.http.post(path, json=SUBMISSION, headers=headers).status_code == 201


def test_a_decision(databases: Databases, url: str, apart: World) -> None:
    """On SQLite reading goes on."""
    path = f"{apart.release()}/decision"
    first = apart.get(path)
    with out_of_reach(databases, url):
        for asked in (path, f"{path}?gate=testing"):
            answer = apart.http.get(asked, headers={"Authorization": f"Bearer {apart.admin}"})
            if url.startswith("sqlite"):
                assert answer.status_code == 200
            else:
                problem(answer, 503, "unavailable")
                assert answer.headers["retry-after"] == "5"
    assert first.status_code == 200
