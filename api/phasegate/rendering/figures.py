"""Key figures: the values behind a check, beside the thresholds they were compared with."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sized
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledCheck
from phasegate.engine.message import shown
from phasegate.rendering.words import counted

_MOST = 10
_FEW = 4
_LONGEST = 120
_ABSENT = object()


class Figure(NamedTuple):
    """A value and where it stands; `text` is None where there is none."""

    path: str
    text: str | None


def figures(check: CompiledCheck, primary: str | None, roots: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The values of every path that a check reads, parameters last.

    Entries of a map come one by one, those first that several maps share; of a list come the values
    that the check looks at.
    """
    paths = sorted(check.program.reads.paths, key=lambda path: (path.startswith("params."), path))
    values = {path: _resolved(roots, path) for path in paths}
    maps = [value for value in values.values() if isinstance(value, dict)]
    shared = {key for n, each in enumerate(maps) for other in maps[n + 1 :] for key in each if key in other}
    return tuple(
        figure
        for path, value in values.items()
        if not _told_already(path, values)
        for figure in _figures(_named(path, primary), value, shared)
    )


def _told_already(path: str, values: Mapping[str, Any]) -> bool:
    """Whether this path looks into a map or an empty list that is shown as such."""
    over, loop, rest = path.rpartition("[]")
    if not loop or over not in values:
        return False
    return values[over] in ([], (), {}) or (not rest and isinstance(values[over], dict))


def _named(path: str, primary: str | None) -> str:
    return path.removeprefix(f"{primary}.") if primary is not None else path


def _figures(path: str, value: Any, shared: set[str]) -> Iterator[Figure]:
    if value is _ABSENT:
        yield Figure(path, None)
    elif isinstance(value, dict):
        entries = sorted(value.items(), key=lambda entry: (entry[0] not in shared, entry[0]))
        plain = [(key, each) for key, each in entries if not isinstance(each, (dict, list, tuple))]
        for key, each in plain[:_MOST]:
            yield Figure(f"{path}.{key}", _text(each))
        if len(plain) > _MOST or not plain:
            yield Figure(path, _entries_of(value))
    elif isinstance(value, (list, tuple)):
        if not value or isinstance(value[0], (dict, list, tuple)):
            yield Figure(path, _entries_of(value))
        else:
            yield Figure(path, _several(value))
    else:
        yield Figure(path, _text(value))


def _entries_of(value: Sized) -> str:
    return counted(len(value), "entry", "entries") if len(value) else "empty"


def _several(values: list[Any] | tuple[Any, ...]) -> str:
    """Values of a list: few one by one, many numbers by their ends, equal texts once with their count."""
    if len(values) > _FEW and all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in values):
        return f"{len(values)} values from {shown(min(values))} to {shown(max(values))}"
    times = Counter(_text(each) for each in values)
    told = [f"{text} ({count} times)" if count > 1 else text for text, count in times.items()]
    more = f" and {len(told) - _MOST} more" if len(told) > _MOST else ""
    return ", ".join(told[:_MOST]) + more


def _text(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _resolved(root: Any, path: str) -> Any:
    """The value at a path, in which `x[]` stands for every entry of the list `x`; keys may hold dots."""
    value = root
    rest = path.split(".")
    while rest:
        for length in range(1, len(rest) + 1):
            key = ".".join(rest[:length])
            each = key.endswith("[]") and not (isinstance(value, Mapping) and key in value)
            name = key.removesuffix("[]") if each else key
            if isinstance(value, Mapping) and name in value:
                break
        else:
            return _ABSENT
        value, rest = value[name], rest[length:]
        if each:
            return _entries(value, ".".join(rest))
    return value


def _entries(value: Any, path: str) -> Any:
    if not isinstance(value, (list, tuple)):
        return value if isinstance(value, dict) else _ABSENT
    if not path:
        return value
    found: list[Any] = []
    for entry in value:
        inner = _resolved(entry, path)
        if inner is not _ABSENT:
            found += inner if isinstance(inner, (list, tuple)) else [inner]
    return found if found or not value else _ABSENT
