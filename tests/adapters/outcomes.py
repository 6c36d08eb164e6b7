"""Real outputs of tools, with what they must give, and what becomes of them on the way."""

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
HINTS = Hints(release="2.1.0", subject="churn-scorer")
_NUMBER = re.compile(rb"(?<=[:\[, ])-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?(?=[\],}\s])")
_KEY = re.compile(rb'"[A-Za-z_]+": ?(?:[0-9.]+|true|false|null|"[^"\\]*")(?=[,}\s])')


def sample(path: str) -> bytes:
    """`TOOL/FILE` of the outputs."""
    return (OUTPUTS / path).read_bytes()


def expected(path: str) -> dict[str, Any]:
    """The facts that its `.meta.yaml` states."""
    file = (OUTPUTS / path).with_suffix(".meta.yaml")
    facts: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["expected"]
    return facts


def read(adapter: Adapter, raw: bytes | str, hints: Hints = HINTS) -> Reading:
    """What it gives, as the shape has it."""
    raw = raw.encode() if isinstance(raw, str) else raw
    assert isinstance(adapter, Adapter)
    assert adapter.detects(raw)
    reading = adapter.read(raw, hints)
    assert reading.shape in adapter.shapes
    return Reading(
        reading.shape,
        read_data(catalogue()[reading.shape], reading.data),
        reading.collected_at,
        reading.producer,
        reading.warnings,
    )


def survives(adapter: Adapter, raw: bytes) -> Reading | None:
    """What is left to read, None where it is refused. Any other exception comes through."""
    adapter.detects(raw)
    try:
        reading = adapter.read(raw, HINTS)
        read_data(catalogue()[reading.shape], reading.data)
    except (Malformed, Invalid):
        return None
    return reading


def mutations(raw: bytes) -> Iterator[bytes]:
    """The file cut short, with keys doubled, and with each number as text, not a number, infinite or negative."""
    whole = raw.rstrip()
    for at in {0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 1}:
        yield whole[:at]
    for key in list(_KEY.finditer(raw))[:40]:
        yield raw[: key.end()] + b", " + key[0] + raw[key.end() :]
    for found in list(_NUMBER.finditer(raw))[:120]:
        for other in (b'"%b"' % found[0], b"NaN", b"Infinity", b"1.7976931348623157e308", b"-1", b"null", b"{}"):
            yield raw[: found.start()] + other + raw[found.end() :]
    yield from (b"", b"{}", b"[]", b"null", b"[[]]", b"\xff\xfe", b'{"a": ', b"\x00", b"[" * 5_000)
