"""Issuers of CI jobs' tokens, and orgs that exchange them."""

from collections.abc import Callable, Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from phasegate.settings import Settings
from tests.support.clock import START, Clock
from tests.support.issuer import Issuer, hosting
from tests.support.jobs import Exchange, calling
from tests.support.world import world_in


@pytest.fixture(scope="session")
def issuers() -> Iterator[Callable[[], Issuer]]:
    """Makes issuers at one address, which `caller` may call."""
    with hosting() as new:
        yield new


@pytest.fixture(scope="session")
def caller(issuers: Callable[[], Issuer], settings: Settings, clock: Clock) -> Iterator[TestClient[Litestar]]:
    """Calls an application that may call the issuers."""
    with calling(issuers().endpoint, settings.database, settings.data, clock, anonymous_per_second=1_000_000) as made:
        yield made


@pytest.fixture
def issuer(issuers: Callable[[], Issuer]) -> Issuer:
    return issuers()


@pytest.fixture
def ci(caller: TestClient[Litestar], issuer: Issuer, clock: Clock) -> Exchange:
    """An org of one's own, and an issuer of its jobs' tokens."""
    clock.now = START
    return Exchange(world_in(caller, clock), issuer)
