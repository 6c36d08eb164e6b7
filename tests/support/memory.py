"""How much memory this process takes, in bytes."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


def resident() -> int:
    """At this moment; where the system doesn't say, the most so far."""
    return _stated("VmRSS") or _most()


def peak() -> int:
    """The most so far."""
    # What getrusage says on Linux outlives exec: a child would begin with the memory of its parent.
    return _stated("VmHWM") or _most()


def forget() -> None:
    """Let the peak begin anew, where the system can."""
    if _FORGET.exists():
        _FORGET.write_text("5", "ascii")


def _stated(name: str) -> int:
    if not _STATUS.exists():
        return 0
    lines = _STATUS.read_text("ascii").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
