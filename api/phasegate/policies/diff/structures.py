"""The parts of a policy that need more than one key in sight to be compared."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from phasegate.engine.policy import Check, Field
from phasegate.engine.shape import parse_type
from phasegate.policies.diff.change import Change, Move, Place
from phasegate.policies.diff.rules import Compare, expression
from phasegate.policies.diff.words import excerpts, tokens, value


class Checks(NamedTuple):
    """Checks have no id, so those are the same that have the same expression, or else the same message."""

    added: Move
    removed: Move
    reordered: Move

    def compare(
        self, old: tuple[Check, ...], new: tuple[Check, ...], place: Place, inside: Compare
    ) -> Iterator[Change]:
        pairs = _paired(old, new)
        taken = set(pairs.values())
        for n, check in enumerate(old):
            if n not in taken:
                yield place.change(self.removed, path=f"{place.path}[{n}]", item=value(check.that))
        for n, check in enumerate(new):
            here = Place(f"{place.path}[{n}]", place.owner, "check")
            if n not in pairs:
                yield here.change(self.added, item=value(check.that))
                continue
            before = old[pairs[n]]
            yield from expression(before.that, check.that, here._replace(path=f"{here.path}.that"))
            if before.otherwise != check.otherwise:
                texts = excerpts(before.otherwise, check.otherwise)
                move = Move("wording", "patch", "the message of a check of {owner} reworded from {old} to {new}")
                yield here.change(move, path=f"{here.path}.otherwise", old=texts[0], new=texts[1])
        if _falls([pairs[n] for n in sorted(pairs)]):
            yield place.change(self.reordered)


def _paired(old: Sequence[Check], new: Sequence[Check]) -> dict[int, int]:
    """The old check that each new one comes from, by index."""
    pairs: dict[int, int] = {}
    sameness: tuple[Callable[[Check], Any], ...] = (
        lambda check: check.that,
        lambda check: tokens(check.that),
        lambda check: check.otherwise,
        lambda check: None,
    )
    for same in sameness:
        taken = set(pairs.values())
        free: defaultdict[Any, deque[int]] = defaultdict(deque)
        for n, check in enumerate(old):
            if n not in taken:
                free[same(check)].append(n)
        for n, check in enumerate(new):
            if n not in pairs and free[same(check)]:
                pairs[n] = free[same(check)].popleft()
    return pairs


class ContextKeys(NamedTuple):
    """Context keys, of which those that end in `?` are optional."""

    def compare(self, old: tuple[str, ...], new: tuple[str, ...], place: Place, inside: Compare) -> Iterator[Change]:
        before, after = _optional(old), _optional(new)
        for key, optional in before.items():
            if key not in after:
                told = "{owner} no longer declares the context key {item}: rules can't read it, sending it does no harm"
                yield place.change(Move("removed" if optional else "relaxed", "minor", told), item=key)
        for key, optional in after.items():
            if key not in before:
                move = (
                    Move("added", "minor", "{owner} may now state the context key {item}")
                    if optional
                    else Move(
                        "stricter", "major", "{owner} now needs the context key {item}: without it, it is refused"
                    )
                )
                yield place.change(move, item=key)
            elif before[key] and not optional:
                told = "context key {item} of {owner} was optional and is required now: without it, it is refused"
                yield place.change(Move("stricter", "major", told), item=key)
            elif optional and not before[key]:
                told = "context key {item} of {owner} was required and is optional now"
                yield place.change(Move("relaxed", "minor", told), item=key)
        if old != new and before == after:
            yield place.change(Move("reordered", "patch", "the context keys of {owner} have another order"))


def _optional(keys: tuple[str, ...]) -> dict[str, bool]:
    return {key.removesuffix("?"): key.endswith("?") for key in keys}


class Optional(NamedTuple):
    """Whether a field may be absent. A list or map that is left out is read as an empty one."""

    def compare(self, old: bool, new: bool, place: Place, inside: Compare) -> Iterator[Change]:
        if new and not old:
            yield place.change(Move("relaxed", "minor", "{owner} was required and is optional now"))
        elif old and not new:
            told = "{owner} was optional and is required now: "
            if _left_out(place.whole[1]):
                yield place.change(Move("stricter", "minor", told + "left out, it is read as empty"))
            else:
                yield place.change(Move("stricter", "major", told + "data without it is refused"))


def new_field(field: Field) -> Move:
    """What a field that comes in means for those who submit data."""
    if field.optional or _left_out(field):
        return Move("added", "minor", "{item} is new, and may be left out")
    return Move("added", "major", "{item} is new and required: data without it is refused")


def _left_out(field: Field) -> bool:
    kind = parse_type(field.type)
    return kind is not None and kind.holds != "one"


def _falls(numbers: list[int]) -> bool:
    return any(later < earlier for earlier, later in pairwise(numbers))
