"""What a difference between two policy versions is."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from phasegate.engine.policy import Policy, Shape

Kind = Literal["wording", "relaxed", "stricter", "added", "removed", "changed", "reordered"]
Step = Literal["patch", "minor", "major"]
STEPS: tuple[Step, ...] = ("patch", "minor", "major")
"""Smallest first."""


class Change(msgspec.Struct, frozen=True):
    """One difference, and the smallest semver step that may bring it."""

    path: str
    """By id where there is one: `phases.model-validation.criteria.fairness.checks[2]`. What was removed
    has its path in the old version, everything else that in the new one."""
    kind: Kind
    step: Step
    text: str
    """For a reader, with old and new value."""


class Edition(NamedTuple):
    """A policy version with the shapes it is published with."""

    policy: Policy
    shapes: Mapping[str, Shape]
    """Those that its evidence types use, by name; built-in ones too, since they differ between releases
    of the server."""


class Move(NamedTuple):
    """What one way of differing amounts to."""

    kind: Kind
    step: Step
    text: str
    """May name `{name}` (key and owner), `{owner}`, `{item}`, `{old}` and `{new}`."""


class Place(NamedTuple):
    """Where two values stand."""

    path: str
    owner: str
    """What the key belongs to, in words: `load-test`, `parameter min_auc`."""
    key: str = ""
    whole: tuple[Any, Any] = (None, None)
    """Both structs that hold the values."""

    def change(self, move: Move, *, path: str | None = None, **words: str) -> Change:
        name = f"{self.key} of {self.owner}"
        text = move.text.format(name=name, owner=self.owner, **words)
        return Change(self.path if path is None else path, move.kind, move.step, text)
