"""Outputs of real tools, the facts in them, and what may be done to a file without making it better."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.engine.instants import rfc3339
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue

OUTPUTS = Path(__file__).parent / "outputs"
HINTS = Hints(release="2.1.0", subject="churn-scorer")
NotBetter = Callable[[dict[str, Any], dict[str, Any]], None]


class Sample(NamedTuple):
    raw: bytes
    meta: dict[str, Any]
    """`states`: what the tool says in its own words; `expected`: the same by the shape."""


def names(tool: str, start: str = "") -> list[str]:
    return sorted(path.name.removesuffix(".meta.yaml") for path in (OUTPUTS / tool).glob(f"{start}*.meta.yaml"))


def sample(tool: str, name: str) -> Sample:
    meta = yaml.safe_load((OUTPUTS / tool / f"{name}.meta.yaml").read_text(encoding="utf-8"))
    return Sample((OUTPUTS / tool / meta["file"]).read_bytes(), meta)


def read(adapter: Adapter, raw: bytes | str | dict[str, Any] | list[Any], hints: Hints = HINTS) -> Reading:
    """The reading, with its data as the shape has it."""
    if isinstance(raw, dict | list):
        raw = json.dumps(raw)
    if isinstance(raw, str):
        raw = raw.encode()
    assert adapter.detects(raw)
    reading = adapter.read(raw, hints)
    assert reading.shape in adapter.shapes
    data = read_data(catalogue()[reading.shape], reading.data)
    assert all(warning.isprintable() for warning in reading.warnings)
    return Reading(reading.shape, data, reading.collected_at, reading.producer, reading.warnings)


def assert_facts(adapter: Adapter, given: Sample, *without: str) -> Reading:
    """Exactly the expected facts, no more and no fewer; `without` names fields that the test looks at itself."""
    assert isinstance(adapter, Adapter)
    reading = read(adapter, given.raw)
    want = dict(given.meta["expected"])
    assert (reading.collected_at and rfc3339(reading.collected_at)) == want.pop("collected_at", None)
    assert (reading.producer.tool, reading.producer.version) == tuple(want.pop("producer", ("", "")))
    fragments = want.pop("warnings")
    assert len(reading.warnings) == len(fragments), reading.warnings
    for fragment, warning in zip(fragments, reading.warnings, strict=True):
        assert fragment in warning
    assert {key: value for key, value in reading.data.items() if key not in without} == want
    return reading


def worse_test_report(new: dict[str, Any], old: dict[str, Any]) -> None:
    assert new["total"] == new["passed"] + new["failed"] + new["errors"] + new["skipped"]
    assert len(new["cases"]) <= 1_000
    assert new["passed"] <= old["passed"]
    if new["total"]:
        assert new["failed"] + new["errors"] >= old["failed"] + old["errors"]


def worse_load_test(new: dict[str, Any], old: dict[str, Any]) -> None:
    assert new["requests"] <= old["requests"]
    for field in ("error_rate", "thresholds_failed", "checks_failed"):
        assert new[field] >= old[field]
    for name, figure in new["metrics"].items():
        known = old["metrics"][name]
        assert figure <= known if name == "throughput_rps" else figure >= known


def attempt(adapter: Adapter, raw: bytes) -> dict[str, Any] | None:
    """The data, None where it is refused; any other exception is a fault of the adapter."""
    adapter.detects(raw)
    refused: Malformed | Invalid | None = None
    try:
        reading = adapter.read(raw, HINTS)
    except (Malformed, Invalid) as error:
        refused = error
    if refused is None:
        return read_data(catalogue()[reading.shape], reading.data)
    assert 20 < len(refused.detail) < 400, refused.detail
    assert refused.detail.isprintable()
    return None


def assert_cuts_are_refused(adapter: Adapter, raw: bytes, last: int) -> None:
    """Up to `last` bytes from the end, which hold nothing but white space."""
    ends = {*range(0, len(raw) - last, max(1, len(raw) // 200)), *range(max(0, len(raw) - last - 60), len(raw) - last)}
    for end in sorted(ends):
        assert attempt(adapter, raw[:end]) is None, raw[:end][-80:]


def assert_changes_never_better(adapter: Adapter, raw: bytes, not_better: NotBetter) -> None:
    """Numbers as texts and as what is no number, values of other types, missing values, doubled keys, other roots."""
    content = json.loads(raw)
    old = attempt(adapter, raw)
    assert old is not None
    doubled = raw.replace(b"{", b'{"twice": 1, "twice": 2, ', 1)
    assert attempt(adapter, doubled) is None
    for root in ([content], {"results": content}, {"content": content}, None, "text", 1, [], {}):
        swapped = attempt(adapter, json.dumps(root).encode())
        assert swapped is None, root
    for changed in _changed(content):
        new = attempt(adapter, json.dumps(changed).encode())
        if new is not None:
            not_better(new, old)


def _changed(content: Any) -> Iterator[Any]:
    """One leaf at a time; at most 120, chosen by a fixed seed."""
    places = [path for path in _leaves(content, ()) if path]
    chance = random.Random(20261124)
    for path in chance.sample(places, min(len(places), 120)):
        held = content
        for step in path[:-1]:
            held = held[step]
        old = held[path[-1]]
        others: list[Any] = [None, {}, [], "", -1]
        if isinstance(old, bool):
            others += [str(old), int(old)]
        elif isinstance(old, int | float):
            others += [str(old), float("nan"), float("inf"), float("-inf"), -1.5, True]
        for value in others:
            held[path[-1]] = value
            yield content
        held[path[-1]] = old


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _leaves(inner, (*path, key))
    if not isinstance(value, dict | list):
        yield path


def assert_bytes_never_break(adapter: Adapter, raw: bytes) -> None:
    chance = random.Random(42)
    for _ in range(200):
        changed = bytearray(raw)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice(b'\0\x1b\xff<>&"/ az09]!?-{}:,.\n\r')
        attempt(adapter, bytes(changed))


EMPTY = (b"", b" \n", b"\n\n", b"{}", b"[]", b"null", b"\xff\xfe", b"\0", b"[" * 100_000, b'{"a":' * 100_000)


def assert_empty_is_refused(adapter: Adapter) -> None:
    for raw in EMPTY:
        assert not adapter.detects(raw)
        assert attempt(adapter, raw) is None
