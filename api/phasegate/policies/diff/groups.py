"""Ordered groups of parts that can move from one to another: phases and criteria, levels and requirements."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from phasegate.engine.policy import Requirement
from phasegate.policies.diff.change import Change, Move, Place
from phasegate.policies.diff.rules import Compare, renamed
from phasegate.policies.diff.words import value

Key = tuple[str, int]
"""An id, and how many of the same stand before it."""


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
        if order[now] > order[was]:
            return Move("relaxed", "minor", f"{told}: it is asked for later")
        return Move("changed", "minor", told)


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
