"""An issuer of CI jobs' tokens, and an org that exchanges them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from phasegate.settings import Settings
from tests.support.clock import START, Clock
from tests.support.issuer import Issuer, serving
from tests.support.jobs import Exchange, exchanging


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as served:
        yield served


@pytest.fixture
def ci(issuer: Issuer, settings: Settings, clock: Clock, tmp_path: Path) -> Iterator[Exchange]:
    clock.now = START
    with exchanging(settings.database, tmp_path, clock, issuer) as found:
        yield found
