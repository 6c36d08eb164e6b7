"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2027, 3, 5, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Called, it tells the instant."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> datetime:
        """Move ahead by `days=`, `seconds=`, …; the new instant."""
        self.now += timedelta(**length)
        return self.now
