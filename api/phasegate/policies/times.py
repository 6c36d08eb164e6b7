"""Instants and lengths of time in a policy file, in the one form in which they are documented.

The structs would also take spellings such as `p1d` and `2026-03-01 12:00:00Z`; a version that was published so
is still read.
"""

from collections.abc import Callable, Iterator
from typing import Any

from phasegate.engine.instants import parse_instant, parse_length
from phasegate.errors import Flaw, Path

_READ: dict[str, Callable[[str], Any]] = {"max_age": parse_length, "effective_from": parse_instant}
"""Keys that hold a text nowhere but where it is a time, mappings aside: there they can be names of fields."""


def flaws_of_times(document: Any) -> Iterator[Flaw]:
    """Every time that is spelt otherwise."""
    yield from _visit(_without_mappings(document), ())
    waivers = document.get("waivers") if isinstance(document, dict) else None
    if isinstance(waivers, dict):
        yield from _spelt(parse_length, waivers.get("max"), ("waivers", "max"))


def _without_mappings(document: Any) -> Any:
    return (
        {key: value for key, value in document.items() if key != "mappings"} if isinstance(document, dict) else document
    )


def _visit(value: Any, path: Path) -> Iterator[Flaw]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _READ:
                yield from _spelt(_READ[key], item, (*path, key))
            yield from _visit(item, (*path, key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _visit(item, (*path, n))


def _spelt(read: Callable[[str], Any], value: Any, path: Path) -> Iterator[Flaw]:
    if isinstance(value, str):
        try:
            read(value)
        except ValueError as error:
            yield Flaw(path, str(error))
