"""`diff(old, new)`: every difference between two versions of a policy."""

from collections.abc import Iterator
from typing import Any

from phasegate.engine.policy import Shape
from phasegate.policies.diff.change import Change, Edition, Move, Place
from phasegate.policies.diff.rules import Parts
from phasegate.policies.diff.table import RULES
from phasegate.policies.diff.words import excerpts

_SHAPES = Parts(
    "shape {name}",
    lambda _: Move("added", "minor", "{item} is new"),
    Move("removed", "major", "{item} removed: data can't be read by it any more"),
)


def diff(old: Edition, new: Edition) -> tuple[Change, ...]:
    """What differs, in the order of the file: shapes last. Empty where both mean the same."""
    return tuple(_changes(old, new))


def _changes(old: Edition, new: Edition) -> Iterator[Change]:
    yield from _inside(old.policy, new.policy, "", "the policy")
    yield from _SHAPES.compare(*_shapes(old, new), Place("shapes", "the policy", "shapes"), _inside)


def _shapes(old: Edition, new: Edition) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """A policy's own shapes, and the built-in ones that both use: types tell of the others."""
    before, after = ({**each.shapes, **each.policy.shapes} for each in (old, new))
    return (
        {name: shape for name, shape in before.items() if name in after or name in old.policy.shapes},
        {name: shape for name, shape in after.items() if name in before or name in new.policy.shapes},
    )


def _inside(old: Any, new: Any, path: str, owner: str) -> Iterator[Change]:
    if isinstance(old, str):  # the sentence of an acknowledgement, the one text by name that is a rule
        if old != new:
            move = Move("changed", "minor", "{owner} is to be acknowledged in other words: from {old} to {new}")
            before, after = excerpts(old, new)
            yield Place(path, owner).change(move, old=before, new=after)
        return
    for key, rule in RULES[type(new)].items():
        place = Place(f"{path}.{key}".removeprefix("."), owner, key, (old, new))
        yield from rule.compare(getattr(old, key), getattr(new, key), place, _inside)
