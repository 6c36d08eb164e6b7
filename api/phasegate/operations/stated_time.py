"""When evidence was collected, as its files and its sender say."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from phasegate.engine.instants import rfc3339

AHEAD = timedelta(minutes=5)
"""How far a tool's clock may be ahead of ours, or two stated times apart without a warning."""


class StatedTime(NamedTuple):
    oldest: datetime | None
    """When it was collected: what is made of several files is as old as the oldest of them. None: nobody says."""
    newest: datetime | None
    """None of them may lie ahead of our clock."""
    warnings: tuple[str, ...]


def stated_time(files: Sequence[datetime | None], caller: datetime | None) -> StatedTime:
    """A file's own time goes first; the caller's stands for a file that has none."""
    own = [time for time in files if time is not None]
    times = own + ([caller] if caller is not None and len(own) < len(files) else [])
    if not times:
        return StatedTime(None, None, ())
    oldest, newest = min(times), max(times)
    warnings = []
    if caller is not None and own and any(abs(caller - time) > AHEAD for time in own):
        other = max(own, key=lambda time: abs(caller - time))
        warnings.append(f"the file says {rfc3339(other)}, the caller {rfc3339(caller)}; the file's time is kept")
    if newest - oldest > AHEAD:
        warnings.append(f"the files are of {rfc3339(oldest)} to {rfc3339(newest)}; they count as of the oldest")
    return StatedTime(oldest, newest, tuple(warnings))
