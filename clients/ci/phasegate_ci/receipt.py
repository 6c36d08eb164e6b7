"""What the server says about evidence that it took."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from phasegate_ci.exits import untrusted
from phasegate_ci.terminal import line, say

MOST_NAMED: Final = 3


class Accepted(msgspec.Struct, frozen=True):
    """The answer, as far as it is shown."""

    id: str
    type: str
    affects: list[str]
    warnings: list[object]
    shape: str = ""
    format: str = ""
    strength: str = ""


def read(body: bytes, kind: str) -> Accepted:
    """The receipt in an answer; a `Stop` where it is none, or for another type than was sent."""
    try:
        accepted = msgspec.json.decode(body, type=Accepted)
    except (msgspec.DecodeError, RecursionError) as failure:
        raise untrusted(f"it is no receipt for evidence ({failure})") from failure
    if accepted.type != kind:
        raise untrusted(f"it is about evidence of type {accepted.type!r}; sent was {kind!r}")
    return accepted


def named(files: Sequence[Path]) -> str:
    """Files in a sentence: at most three by name."""
    more = len(files) - MOST_NAMED
    return ", ".join(map(str, files[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def show(files: Sequence[Path], accepted: Accepted, *, new: bool) -> None:
    """Say what became of files that were sent together, on which criteria they bear, and what the server finds odd."""
    known = f"{accepted.shape} from {accepted.format}, {accepted.strength}"
    say(f"{'accepted' if new else 'accepted before'}  {line(named(files))}  {accepted.type}  ({line(known)})")
    say(f"  affects: {', '.join(map(line, accepted.affects)) or 'no criterion'}")
    for warning in accepted.warnings:
        text = warning if isinstance(warning, str) else msgspec.json.encode(warning).decode()
        say(f"  warning: {line(text)}")
