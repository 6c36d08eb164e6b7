"""How a key of a policy file is compared: one class for each way, which `table` puts behind every key."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from phasegate.engine.canonical import canonical
from phasegate.policies.diff.change import Change, Move, Place, Step
from phasegate.policies.diff.words import excerpts, tokens, value

Compare = Callable[[Any, Any, str, str], Iterator[Change]]
"""Compares two structs of one kind at a path, with the words for what they are."""
_REORDERED = Move("reordered", "patch", "{name}: the order changed")


class Rule(Protocol):
    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        """What differs between two values of a key; `inside` compares the structs in them."""
        ...


class Elsewhere:
    """Nothing to say here: an id by which its struct is found, or what is compared with more in sight."""

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        return iter(())


class Wording:
    """Texts for people: no verdict and nobody's call depends on them."""

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if old == new:
            return
        if isinstance(old, str) and isinstance(new, str):
            before, after = excerpts(old, new)
        elif isinstance(old, tuple) and sorted(old) == sorted(new):
            yield place.change(_REORDERED)
            return
        else:
            before, after = value(old or None), value(new or None)
        told = "{name} reworded from {old} to {new}" if before != after else "{name} differs in white space only: {new}"
        yield place.change(Move("wording", "patch", told), old=before, new=after)


class Altered(NamedTuple):
    """One value that is another: neither looser nor stricter can be told."""

    step: Step
    told: str
    """What it means, behind the two values."""
    meaning: Callable[[Any], Any] = lambda given: given
    """Values that mean the same differ in their spelling only."""

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if old == new:
            return
        told = "{name} changed from {old} to {new}: "
        if self.meaning(old) == self.meaning(new):
            move = Move("wording", "patch", told + "spelled otherwise, it means the same")
        else:
            move = Move("changed", self.step, told + self.told)
        yield place.change(move, old=value(old), new=value(new))


class Scale(NamedTuple):
    """A value with an order: `up` says what a greater rank is, `down` a smaller one."""

    rank: Callable[[Any], Any]
    up: Move
    down: Move
    absent: str = "none"
    """What no value means, in words."""

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        before, after = self.rank(old), self.rank(new)
        if before != after:
            words = {"old": value(old, self.absent), "new": value(new, self.absent)}
            yield place.change(self.up if after > before else self.down, **words)


class Formula(NamedTuple):
    """An optional CEL expression."""

    appears: Move
    vanishes: Move

    def compare(self, old: str | None, new: str | None, place: Place, inside: Compare) -> Iterator[Change]:
        if old is None and new is not None:
            yield place.change(self.appears, new=value(new))
        elif new is None and old is not None:
            yield place.change(self.vanishes, old=value(old))
        elif old is not None and new is not None:
            yield from expression(old, new, place)


def expression(old: str, new: str, place: Place) -> Iterator[Change]:
    """Two CEL expressions. White space and comments are part of the digest, so they need a step, and
    the smallest will do: the tokens, and with them the checked tree, are the same."""
    if old == new:
        return
    if tokens(old) == tokens(new):
        move = Move("wording", "patch", "{name} differs in white space or comments only: {new}")
    else:
        move = Move("changed", "minor", "{name} changed from {old} to {new}: the verdict can differ")
    before, after = excerpts(old, new)
    yield place.change(move, old=before, new=after)


class Names(NamedTuple):
    """A list that is a set: entries come and go, order means nothing."""

    added: Move
    removed: Move
    closed: Move | None = None
    """From no list, where that means anything goes, to one. None: no list is an empty one."""
    opened: Move | None = None

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if old == new:
            return
        if self.closed is not None and not isinstance(old, tuple):
            yield place.change(self.closed, old=value(old, "any"), new=value(new))
        elif self.opened is not None and not isinstance(new, tuple):
            yield place.change(self.opened, old=value(old), new=value(new, "any"))
        else:
            before, after = old or (), new or ()
            for move, some, others in ((self.removed, before, after), (self.added, after, before)):
                known = set(others)
                for item in some:
                    if item not in known:
                        yield place.change(move, item=value(item))
            if before != after and set(before) == set(after):
                yield place.change(_REORDERED)


class Part(NamedTuple):
    """A struct that may be absent."""

    appears: Move
    vanishes: Move
    called: str = "{}"
    """The owner of what is inside, from the owner of the struct."""

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if old is None and new is not None:
            yield place.change(self.appears)
        elif new is None and old is not None:
            yield place.change(self.vanishes)
        elif old is not None:
            yield from inside(old, new, place.path, self.called.format(place.owner))


class Parts(NamedTuple):
    """Structs by name."""

    called: str
    """What one is in words, from its name and the owner of all: `field {name} of {owner}`."""
    added: Callable[[Any], Move]
    removed: Move
    closed: Move | None = None
    """From no block at all to one. None: no block is an empty one."""
    opened: Move | None = None

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if old is None and new is not None and self.closed is not None:
            yield place.change(self.closed, new=value(tuple(new)))
        elif new is None and old is not None and self.opened is not None:
            yield place.change(self.opened, old=value(tuple(old)))
        else:
            yield from self._each(old or {}, new or {}, place, inside)

    def _each(self, old: Mapping[str, Any], new: Mapping[str, Any], place: Place, inside: Compare) -> Iterator[Change]:
        gone = [name for name in old if name not in new]
        fresh = [name for name in new if name not in old]
        for name in gone:
            again = fresh[0] if len(gone) == len(fresh) == 1 and new[fresh[0]] == old[name] else None
            move = renamed(self.removed, again)
            yield place.change(move, path=f"{place.path}.{name}", item=self._called(name, place))
        for name, item in new.items():
            path, called = f"{place.path}.{name}", self._called(name, place)
            if name in old:
                yield from inside(old[name], item, path, called)
            else:
                yield place.change(self.added(item), path=path, item=called)

    def _called(self, name: str, place: Place) -> str:
        return self.called.format(name=name, owner=place.owner)


def renamed(removed: Move, again: str | None) -> Move:
    """The removal of the one thing that went, where the one that came is the same under the id `again`."""
    if again is None:
        return removed
    also = f" ({again} looks the same: to whoever holds the id, a rename is a removal)"
    return removed._replace(text=removed.text + also)


class Written(NamedTuple):
    """Values as they are written, maps of them inside one another; where they differ, each place says so."""

    changed: Move

    def compare(self, old: Any, new: Any, place: Place, inside: Compare) -> Iterator[Change]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in dict.fromkeys((*old, *new)):
                here = Place(f"{place.path}.{key}", place.owner, f"{place.key}.{key}")
                yield from self.compare(old.get(key), new.get(key), here, inside)
        elif canonical(old) != canonical(new):
            yield place.change(self.changed, old=value(old), new=value(new))
