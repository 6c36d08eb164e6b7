"""The outputs of real tools beside the tests, and what every adapter owes to each."""

import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue

OUTPUTS = Path(__file__).parent / "outputs"
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 0.5, 7, 1e307, 1e308, math.nan, math.inf, -math.inf, "", "0.99", "NaN", "1e999", "é\x85",
    [], {}, [None], [[]], {"": {}}, [0.99], {"a": 1}, 2**63 - 1,
)  # fmt: skip


def sample(folder: str, name: str) -> bytes:
    """The file of that name, whatever its suffix."""
    meta = yaml.safe_load((OUTPUTS / folder / f"{name}.meta.yaml").read_text(encoding="utf-8"))
    return (OUTPUTS / folder / str(meta["file"])).read_bytes()


def expected(folder: str, name: str) -> dict[str, Any]:
    meta = yaml.safe_load((OUTPUTS / folder / f"{name}.meta.yaml").read_text(encoding="utf-8"))
    facts: dict[str, Any] = meta["expected"]
    return facts


def names(folder: str) -> list[str]:
    return sorted(path.name.removesuffix(".meta.yaml") for path in (OUTPUTS / folder).glob("*.meta.yaml"))


def files() -> Iterator[Path]:
    """Every output of a tool."""
    return (path for path in sorted(OUTPUTS.rglob("*")) if path.is_file() and not path.name.endswith(".meta.yaml"))


def read(adapter: Adapter, raw: bytes | dict[str, Any] | list[Any], **hints: Any) -> Reading:
    """The reading, its data as the shape has it."""
    if not isinstance(raw, bytes):
        raw = json.dumps(raw).encode()
    adapter.detects(raw)
    reading = adapter.read(raw, Hints(**hints))
    assert reading.shape == (hints.get("shape") or adapter.shapes[0])
    data = read_data(catalogue()[reading.shape], reading.data)
    return Reading(reading.shape, data, reading.collected_at, reading.producer, reading.warnings)


def attempt(adapter: Adapter, raw: bytes | dict[str, Any] | list[Any], **hints: Any) -> Reading | None:
    """The reading; None where it is refused in words. Anything else that is raised comes through."""
    try:
        return read(adapter, raw, **hints)
    except (Malformed, Invalid) as error:
        detail = error.detail
    assert detail.isprintable()
    assert len(detail) < 800
    assert "does not fit its shape" not in detail  # an adapter gives what fits, or says why not
    return None


def each_changed(adapter: Adapter, raw: bytes, seed: int, most: int, **hints: Any) -> Iterator[Reading]:
    """Readings of files that differ from a sample in one value, replaced by junk or left out, at any place.

    Those that are refused are passed over.
    """
    places = [(path, n) for path in _paths(json.loads(raw)) for n in range(len(JUNK) + 1)]
    for path, n in random.Random(seed).sample(places, min(most, len(places))):
        content = json.loads(raw)
        holder = content
        for step in path[:-1]:
            holder = holder[step]
        if n < len(JUNK):
            holder[path[-1]] = JUNK[n]
        else:
            del holder[path[-1]]
        if reading := attempt(adapter, content, **hints):
            yield reading


def each_cut(adapter: Adapter, raw: bytes, seed: int, most: int = 60, **hints: Any) -> Iterator[Reading]:
    """Readings of files that end early."""
    chance = random.Random(seed)
    for _ in range(most):
        if reading := attempt(adapter, raw[: chance.randrange(len(raw.rstrip()))], **hints):
            yield reading


def swapped(adapter: Adapter, **hints: Any) -> None:
    """Every other tool's file is refused in words, also where the format was not looked at first."""
    for path in files():
        raw = path.read_bytes()
        if not adapter.detects(raw):
            assert attempt(adapter, raw, **hints) is None, path
    for raw in (b"", b" ", b"{}", b"[]", b"null", b"5", b'"x"', b"\xff", b"\0", b"[" * 9_999, b'{"a":1,"a":1}'):
        assert not adapter.detects(raw)
        assert attempt(adapter, raw, **hints) is None


def doubled(adapter: Adapter, raw: bytes, **hints: Any) -> None:
    """A key that stands twice is refused."""
    found = re.search(rb'"[a-z_ 0-9-]+":', raw)
    assert found
    assert attempt(adapter, raw.replace(found[0], found[0] + b" null, " + found[0], 1), **hints) is None


def approximately(found: float, want: float) -> bool:
    """Facts were noted with about five digits."""
    return math.isclose(found, want, rel_tol=1e-4, abs_tol=6e-5)


def _paths(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _paths(value, (*path, key))
    elif isinstance(content, list):
        for n, value in enumerate(content):
            yield from _paths(value, (*path, n))
