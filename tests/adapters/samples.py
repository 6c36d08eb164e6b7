"""Outputs of real tools, the facts in them, and what an adapter makes of a file."""

import json
import math
from pathlib import Path
from typing import Any

import yaml

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.engine.instants import rfc3339
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue

OUTPUTS = Path(__file__).parent / "outputs"
FILES = sorted(path for path in OUTPUTS.rglob("*") if path.is_file() and not path.name.endswith(".meta.yaml"))
CONTEXT = {
    "metric": "roc_auc",
    "split": "test",
    "sensitive_features": "sex,race",
    "threshold": "0.2",
    "method": "psi",
    "limit_s": "7200",
}
"""What formats ask for beside their file."""
HINTS = Hints(release="2.1.0", subject="churn-scorer")
File = bytes | str | dict[str, Any] | list[Any]


def name(path: Path) -> str:
    """`TOOL/FILE`."""
    return path.relative_to(OUTPUTS).as_posix()


def names(tool: str, start: str = "") -> list[str]:
    """What a tool's outputs show, one word each: their files without the suffix."""
    return sorted(path.name.removesuffix(".meta.yaml") for path in (OUTPUTS / tool).glob(f"{start}*.meta.yaml"))


def meta(path: str) -> dict[str, Any]:
    """What is known of `TOOL/NAME` or `TOOL/FILE`; `expected` are its facts."""
    whole = OUTPUTS / path
    file = whole.with_suffix(".meta.yaml") if whole.is_file() else whole.with_name(f"{whole.name}.meta.yaml")
    known: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return known


def sample(path: str) -> bytes:
    """The output itself."""
    whole = OUTPUTS / path
    return (whole if whole.is_file() else whole.with_name(meta(path)["file"])).read_bytes()


def expected(path: str) -> dict[str, Any]:
    """The facts that are known to be in it."""
    facts: dict[str, Any] = meta(path)["expected"]
    return facts


def written(file: File) -> bytes:
    """As bytes; an object or list as JSON."""
    if isinstance(file, bytes):
        return file
    return (file if isinstance(file, str) else json.dumps(file)).encode()


def read(adapter: Adapter, file: File, hints: Hints = HINTS, **said: Any) -> Reading:
    """The reading, its data as the shape has it. `said`: hints instead of those."""
    raw = written(file)
    hints = Hints(**said) if said else hints
    assert isinstance(adapter, Adapter)
    assert adapter.detects(raw)
    return _fitting(adapter, raw, hints)


def attempt(adapter: Adapter, file: File, hints: Hints = HINTS, **said: Any) -> Reading | None:
    """The reading; None where the file is refused in words. Anything else that is raised comes through."""
    raw = written(file)
    adapter.detects(raw)
    try:
        return _fitting(adapter, raw, Hints(**said) if said else hints)
    except (Malformed, Invalid) as error:
        detail = error.detail
    assert detail.isprintable(), repr(detail)
    assert 15 < len(detail) < 800, detail
    assert "does not fit its shape" not in detail  # an adapter gives what fits, or says why not
    return None


def _fitting(adapter: Adapter, raw: bytes, hints: Hints) -> Reading:
    reading = adapter.read(raw, hints)
    assert reading.shape == (hints.shape or reading.shape)
    assert reading.shape in adapter.shapes
    assert all(warning.isprintable() for warning in reading.warnings), reading.warnings
    assert len(reading.warnings) <= 21
    data = read_data(catalogue()[reading.shape], reading.data)
    return Reading(reading.shape, data, reading.collected_at, reading.producer, reading.warnings)


def assert_facts(adapter: Adapter, path: str, *without: str) -> Reading:
    """Exactly the expected facts, no more and no fewer; `without` names fields that the test looks at itself."""
    reading = read(adapter, sample(path))
    want = dict(expected(path))
    assert (reading.collected_at and rfc3339(reading.collected_at)) == want.pop("collected_at", None)
    assert (reading.producer.tool, reading.producer.version) == tuple(want.pop("producer", ("", "")))
    fragments = want.pop("warnings")
    assert len(reading.warnings) == len(fragments), reading.warnings
    for fragment, warning in zip(fragments, reading.warnings, strict=True):
        assert fragment in warning
    assert {key: value for key, value in reading.data.items() if key not in without} == want
    return reading


def approximately(found: float, want: float) -> bool:
    """Facts were noted with about five digits."""
    return math.isclose(found, want, rel_tol=1e-4, abs_tol=6e-5)
