"""A connection on which what a test does is undone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from phasegate.storage.database import sync_engine
from tests.support.databases import Databases


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    """A migrated database for the tests of a page."""
    return databases.migrated()


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """On that database; undone at the end."""
    engine = sync_engine(url)
    with engine.connect() as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()
    engine.dispose()
