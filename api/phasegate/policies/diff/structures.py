"""The parts of a policy that need more than one key in sight to be compared."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec.structs import replace

from phasegate.engine.policy import Check, Field, Requirement
from phasegate.engine.shape import parse_type
from phasegate.policies.diff.change import Change, Move, Place
from phasegate.policies.diff.rules import Compare, expression, renamed
from phasegate.policies.diff.words import excerpts, tokens, value

Key = tuple[str, int]
"""An id, and how many of the same stand before it."""


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


class Groups(NamedTuple):
    """Ordered groups by id with items by id, which can move from group to group: phases and criteria,
    levels and requirements. What is asked for in a group is asked for in all later ones."""

    called: str
    """A group in words."""
    items: str
    """The key of a group that holds its items."""
    item: str
    """An item in words."""
    added: Move
    removed: Move
    order: Move | None
    """Groups in another order. None: each of them says so itself."""
    item_added: Move
    item_removed: Move

    def compare(self, old: Sequence[Any], new: Sequence[Any], place: Place, inside: Compare) -> Iterator[Change]:
        before, after = {group.id: group for group in old}, {group.id: group for group in new}
        gone = [group for group in old if group.id not in after]
        fresh = [group for group in new if group.id not in before]
        for group in gone:
            one = len(gone) == len(fresh) == 1 and replace(fresh[0], id=group.id) == group
            told = renamed(self.removed, fresh[0].id if one else None)
            yield place.change(told, path=f"{place.path}.{group.id}", item=f"{self.called} {group.id}")
        if self.order is not None and [g for g in before if g in after] != [g for g in after if g in before]:
            yield place.change(self.order, old=value(tuple(before)), new=value(tuple(after)))
        for group in new:
            path, owner = f"{place.path}.{group.id}", f"{self.called} {group.id}"
            if group.id in before:
                yield from inside(before[group.id], group, path, owner)
            else:
                yield place.change(self.added, path=path, item=owner)
        yield from self._items(old, new, place, inside)

    def _items(self, old: Sequence[Any], new: Sequence[Any], place: Place, inside: Compare) -> Iterator[Change]:
        before, after = self._by_id(old), self._by_id(new)
        gone = [key for key in before if key not in after]
        fresh = [key for key in after if key not in before]
        for key in gone:
            group, item = before[key]
            one = len(gone) == len(fresh) == 1 and replace(after[fresh[0]][1], id=key[0]) == item
            told = renamed(self.item_removed, fresh[0][0] if one else None)
            path = f"{place.path}.{group}.{self.items}.{key[0]}"
            yield place.change(told, path=path, item=f"{self.item} {key[0]}")
        order = _positions(old) | _positions(new)
        for key, (group, item) in after.items():
            path = f"{place.path}.{group}.{self.items}.{key[0]}"
            if key not in before:
                yield place.change(self.item_added, path=path, item=f"{self.item} {key[0]}")
                continue
            was, earlier = before[key]
            if was != group:
                yield place.change(self._moved(key[0], was, group, order), path=path)
            yield from inside(earlier, item, path, key[0])
        for name in _reordered(before, after):
            told = Move("reordered", "patch", f"{self.items} of {self.called} {name} have another order")
            yield place.change(told, path=f"{place.path}.{name}.{self.items}")

    def _by_id(self, groups: Sequence[Any]) -> dict[Key, tuple[str, Any]]:
        """Items with the group each is in. A level may require what an earlier one does."""
        found: dict[Key, tuple[str, Any]] = {}
        seen: Counter[str] = Counter()
        for group in groups:
            for item in getattr(group, self.items):
                full = Requirement(id=item, criteria=(item,)) if isinstance(item, str) else item
                found[full.id, seen[full.id]] = (group.id, full)
                seen[full.id] += 1
        return found

    def _moved(self, item: str, was: str, now: str, order: dict[str, int]) -> Move:
        told = f"{self.item} {item} moved from {self.called} {was} to {self.called} {now}"
        if order[now] < order[was]:
            return Move("stricter", "minor", f"{told}: it is asked for earlier")
        return Move("relaxed", "minor", f"{told}: it is asked for later")


def _positions(groups: Sequence[Any]) -> dict[str, int]:
    return {group.id: n for n, group in enumerate(groups)}


def _reordered(before: dict[Key, tuple[str, Any]], after: dict[Key, tuple[str, Any]]) -> list[str]:
    """The groups in which the items that stayed stand in another order."""
    orders = []
    for some, others in ((before, after), (after, before)):
        inside: defaultdict[str, list[Key]] = defaultdict(list)
        for key, (group, _) in some.items():
            if key in others and others[key][0] == group:
                inside[group].append(key)
        orders.append(inside)
    return [group for group in orders[0] if orders[0][group] != orders[1][group]]


def _falls(numbers: list[int]) -> bool:
    return any(later < earlier for earlier, later in pairwise(numbers))
