"""What tests share: both databases, the application on each, a clock that obeys, and an org of one's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

    from phasegate.settings import Settings
    from tests.support.clock import Clock
    from tests.support.databases import Databases
    from tests.support.loopback import Loopback
    from tests.support.world import World

# Imports stand inside the fixtures, so that tests of the engine alone start without a web framework.

# The same cases on every machine, however busy it is.
hypothesis_settings.register_profile(
    "phasegate", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("phasegate")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL: PHASEGATE_TEST_DATABASE_URL, or one that comes in a wheel."""
    from tests.support.databases import cluster

    with cluster() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database; every test that uses it runs on both."""
    chosen = str(request.param)
    if chosen == "postgresql":
        request.getfixturevalue("postgres")
    return chosen


@pytest.fixture(scope="session")
def databases(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Databases]":
    """Makes databases of this kind."""
    from tests.support.databases import Databases

    server = str(request.getfixturevalue("postgres")) if kind == "postgresql" else None
    made = Databases(tmp_path_factory.mktemp("databases"), server)
    yield made
    made.close()


@pytest.fixture
def database_url(databases: "Databases") -> Iterator[str]:
    """A migrated database that nobody else uses."""
    url = databases.migrated()
    yield url
    databases.remove(url)


@pytest.fixture(scope="session")
def settings(databases: "Databases", tmp_path_factory: pytest.TempPathFactory) -> "Settings":
    """Of the application that tests share."""
    import msgspec

    from phasegate.settings import Settings

    found = Settings(database=databases.migrated(), data=Path(tmp_path_factory.mktemp("data")))
    # Tests that fail to authenticate on purpose all come from one address.
    return msgspec.structs.replace(found, failures_per_minute=1_000_000, anonymous_per_second=1_000_000)


@pytest.fixture(scope="session")
def clock() -> "Clock":
    """The clock of the shared applications; each test that has an org starts at the same instant."""
    from tests.support.clock import Clock

    return Clock()


@pytest.fixture(scope="session")
def app(settings: "Settings", clock: "Clock") -> "Litestar":
    """The application on a database that tests share, each with an org of its own."""
    from phasegate.http.app import create_app

    return create_app(settings, clock)


@pytest.fixture(scope="session")
def client(app: "Litestar") -> "Iterator[TestClient[Litestar]]":
    """Calls the shared application in this process."""
    from litestar.testing import TestClient

    with TestClient(app, raise_server_exceptions=False) as started:
        yield started


@pytest.fixture
def world(client: "TestClient[Litestar]", clock: "Clock") -> "World":
    """An org of one's own."""
    from tests.support.clock import START
    from tests.support.world import world_in

    clock.now = START
    return world_in(client, clock)


@pytest.fixture(scope="session")
def loopback_server(databases: "Databases", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Loopback]":
    """A real server on a free port, on a database of its own, with the real clock."""
    from phasegate.http.app import create_app
    from phasegate.settings import Settings
    from tests.support.loopback import serving

    found = Settings(database=databases.migrated(), data=Path(tmp_path_factory.mktemp("data")))
    with serving(create_app(found)) as served:
        yield served
