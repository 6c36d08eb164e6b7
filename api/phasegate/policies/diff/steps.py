"""Semantic Versioning 2.0.0: which step the changes need, and whether a version takes it."""

from collections.abc import Iterable
from typing import NamedTuple

from semver import Version

from phasegate.policies.diff.change import STEPS, Change, Step

Core = tuple[int, int, int]


def required_step(changes: Iterable[Change]) -> Step | None:
    """The smallest step that may bring these changes; None where there are none."""
    return max((change.step for change in changes), key=STEPS.index, default=None)


def core(version: str) -> Core:
    """What a version is compared by: a prerelease counts as the release it precedes."""
    parsed = Version.parse(version)
    return parsed.major, parsed.minor, parsed.patch


def least(old: str, step: Step) -> str:
    """The least version that is this step away from `old`.

    As with carets, the first number that isn't zero is the one that breaks: after 0.2.0, a major
    change needs 0.3.0 and a minor one 0.2.1; after 0.0.3 everything needs 0.0.4.
    """
    parts = list(core(old))
    at = _raised(core(old), step)
    return ".".join(str(n) for n in [*parts[:at], parts[at] + 1, 0, 0][:3])


def allowed(old: str, new: str, changes: Iterable[Change]) -> bool:
    """Whether `new` is a large enough step from `old` for these changes.

    Prereleases of one release may differ freely from each other and from it.
    """
    step = required_step(changes)
    return step is None or _takes(old, new, step)


def too_large(old: str, new: str, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that the step from `old` to `new` is too small for."""
    steps = {step for step in STEPS if not _takes(old, new, step)}
    return tuple(change for change in changes if change.step in steps)


def _takes(old: str, new: str, step: Step) -> bool:
    if Version.parse(new) <= Version.parse(old):
        return False
    return core(old) == core(new) or core(new) >= core(least(old, step))


def _raised(version: Core, step: Step) -> int:
    """The index of the number that a step raises."""
    first = next((n for n, part in enumerate(version) if part), 2)
    return min(2, first + STEPS[::-1].index(step))


class Neighbours(NamedTuple):
    """The published versions next to one in order, those of its own release aside."""

    below: str | None
    above: str | None


def neighbours(version: str, published: Iterable[str]) -> Neighbours:
    """Of each release the newest published version stands for it."""
    newest: dict[Core, str] = {}
    for each in sorted(published, key=Version.parse):
        newest[core(each)] = each
    mine = core(version)
    below = max((each for each in newest if each < mine), default=None)
    above = min((each for each in newest if each > mine), default=None)
    return Neighbours(
        None if below is None else newest[below],
        None if above is None else newest[above],
    )
