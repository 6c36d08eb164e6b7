"""Hostile bodies and killed servers, a small share of what `make soak` sends, from a fixed seed."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.soak import bulk, hostile, kills
from tests.soak.server import Served, database, serving

SEED = 20_261_124
BODIES = 500
KILLS = 2
SUBMISSIONS = 120
LINES = 600


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server of one's own, as users start it, on an empty database."""
    chosen = str(request.param)
    cluster = str(request.getfixturevalue("postgres")) if chosen == "postgresql" else None
    with ExitStack() as stack:
        url = stack.enter_context(database(chosen, cluster))
        yield stack.enter_context(serving(url))


def test_hostile_requests_are_refused_in_words(served: Served) -> None:
    outcome = hostile.run(served, BODIES, SEED)
    assert not outcome.faults, "\n\n".join([outcome.told("hostile"), *outcome.faults])
    assert outcome.sent == BODIES
    assert outcome.true_questions, "no question was answered go, so a refusal of all proves nothing"


def test_a_killed_server_loses_nothing_that_it_acknowledged(served: Served) -> None:
    outcome = kills.run(served, KILLS, SUBMISSIONS, SEED)
    assert not outcome.faults, "\n\n".join([outcome.told("kills"), *outcome.faults])
    assert outcome.kills == KILLS
    assert outcome.broken, "no kill met a submission under way"


def test_a_bulk_of_lines_that_is_cut_short_loses_nothing_that_was_answered(served: Served) -> None:
    outcome = bulk.run(served, KILLS, LINES, SEED)
    assert not outcome.faults, "\n\n".join([outcome.told("bulk"), *outcome.faults])
    assert outcome.kills == KILLS
    assert 0 < outcome.acknowledged <= outcome.kept
    assert outcome.kept < LINES, "no kill met a bulk under way"
