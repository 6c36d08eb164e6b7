"""What the server says about evidence that it took."""

from pathlib import Path

import msgspec

from phasegate_ci.exits import untrusted
from phasegate_ci.terminal import line, say


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


def show(file: Path, accepted: Accepted, *, new: bool) -> None:
    """Say what became of a file, which criteria it bears on, and what the server finds odd about it."""
    known = f"{accepted.shape} from {accepted.format}, {accepted.strength}"
    say(f"{'accepted' if new else 'accepted before'}  {line(str(file))}  {accepted.type}  ({line(known)})")
    say(f"  affects: {', '.join(map(line, accepted.affects)) or 'no criterion'}")
    for warning in accepted.warnings:
        text = warning if isinstance(warning, str) else msgspec.json.encode(warning).decode()
        say(f"  warning: {line(text)}")
