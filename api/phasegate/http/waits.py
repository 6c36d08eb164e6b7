"""Open waits: a request that waits for a go holds a connection, so each token has only so many."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from phasegate.errors import TooMany

MOST = 20
"""Open waits of one token, in this process."""


class Waits:
    """How many requests of each token wait."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, token: str) -> Iterator[None]:
        """One more wait of the token with this id. Raises `TooMany`."""
        if self._open[token] >= MOST:
            raise TooMany(f"the token has {MOST} open waits already; ask again later, or without `wait`", 5)
        self._open[token] += 1
        try:
            yield
        finally:
            self._open[token] -= 1
            if not self._open[token]:
                del self._open[token]
