"""Exchanges are counted by rows that can't be there twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from phasegate.storage import exchange
from phasegate.storage.database import sync_engine
from phasegate.storage.statements import table_of
from phasegate.storage.tables.tokens import MOST_EXCHANGES, TokenExchange
from tests.support.clock import START
from tests.support.databases import Databases

ORG = "acme"


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    opened = sync_engine(databases.migrated())
    yield opened
    opened.dispose()


@pytest.fixture
def proof() -> str:
    return uuid4().hex


def take(engine: Engine, proof: str, rule: str = "rule", org: str = ORG) -> int | None:
    """Take one, and keep it if it was given."""
    with engine.connect() as connection:
        number = exchange.take(connection, org, proof, rule, uuid4().hex, START)
        connection.commit() if number is not None else connection.rollback()
        return number


class TestTake:
    def test_one_after_the_other(self, engine: Engine, proof: str) -> None:
        assert [take(engine, proof) for _ in range(MOST_EXCHANGES + 2)] == [*range(1, MOST_EXCHANGES + 1), None, None]
        assert take(engine, proof, org="elsewhere") == 1

    def test_by_one_rule_alone(self, engine: Engine, proof: str) -> None:
        assert [take(engine, proof, rule) for rule in ("a", "b", "a")] == [1, None, 2]

    def test_the_database_has_no_row_for_more(self, engine: Engine, proof: str) -> None:
        row = {"org": ORG, "proof": proof, "rule": "r", "token": "t", "exchanged_at": START}
        for number in (0, MOST_EXCHANGES + 1):
            with engine.connect() as connection, pytest.raises(IntegrityError):
                connection.execute(table_of(TokenExchange).insert().values(number=number, **row))

    @pytest.mark.parametrize("rules", [("a",), ("a", "b")], ids=["by one rule", "by two"])
    def test_many_at_once(self, engine: Engine, proof: str, rules: tuple[str, ...]) -> None:
        """All start together, each in a transaction of its own."""
        together = Barrier(6)

        def work(n: int) -> list[tuple[str, int]]:
            together.wait()
            rule = rules[n % len(rules)]
            taken = (take(engine, proof, rule) for _ in range(6))
            return [(rule, number) for number in taken if number is not None]

        with ThreadPoolExecutor(6) as pool:
            found = [each for taken in pool.map(work, range(6)) for each in taken]
        numbers = sorted(number for _, number in found)
        assert len({rule for rule, _ in found}) == 1
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == (MOST_EXCHANGES if len(rules) == 1 else min(MOST_EXCHANGES, 18))
