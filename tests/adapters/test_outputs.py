"""Every sample against every adapter, whole and with something else in each of its places."""

import copy
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.registry import BUILT_IN
from tests.adapters.outcomes import OUTPUTS, survives

FILES = sorted(path for path in OUTPUTS.rglob("*") if path.is_file() and not path.name.endswith(".meta.yaml"))
JSON_FILES = [path for path in FILES if path.suffix == ".json"]
OTHERS: tuple[Any, ...] = (None, True, -1, 0.5, "", "x", [], {}, [[]], [None], {"": None}, "\u0007" * 600)
MOST_PLACES = 80


def name(path: Path) -> str:
    return str(path.relative_to(OUTPUTS))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_is_in_one_format_alone_for_each_shape(path: Path) -> None:
    found = [adapter for adapter in BUILT_IN if adapter.detects(path.read_bytes())]
    assert found
    shapes = [shape for adapter in found for shape in adapter.shapes]
    assert len(shapes) == len(set(shapes)), [adapter.name for adapter in found]


@pytest.mark.parametrize("path", JSON_FILES, ids=name)
def test_something_else_in_any_place_breaks_no_adapter(path: Path) -> None:
    content = json.loads(path.read_bytes())
    reads = [adapter for adapter in BUILT_IN if adapter.detects(path.read_bytes())]
    for place in places(content):
        for other in OTHERS:
            raw = json.dumps(replaced(content, place, other)).encode()
            for adapter in reads:
                survives(adapter, raw)


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
def test_the_file_of_another_tool_breaks_no_adapter(adapter: Any) -> None:
    for path in FILES:
        survives(adapter, path.read_bytes())
    for other in OTHERS:
        survives(adapter, json.dumps(other).encode())


def places(content: Any) -> Iterator[tuple[Any, ...]]:
    """The first places, breadth first, of lists the first two entries."""
    waiting: deque[tuple[tuple[Any, ...], Any]] = deque([((), content)])
    for _ in range(MOST_PLACES):
        if not waiting:
            return
        place, value = waiting.popleft()
        yield place
        inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
        waiting += [((*place, key), each) for key, each in inner]


def replaced(content: Any, place: tuple[Any, ...], other: Any) -> Any:
    if not place:
        return other
    result = copy.deepcopy(content)
    inner = result
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = other
    return result
