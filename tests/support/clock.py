"""A clock that stands still until a test moves it, and the time of the day."""

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


class RealClock(Clock):
    """The time of the day, which a test can shift for what it makes itself, and not for the server."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @now.setter
    def now(self, at: datetime) -> None:
        self._ahead = at - datetime.now(UTC)
