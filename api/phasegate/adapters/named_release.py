"""A file that names what it is about, held against what it was sent for.

A contradiction is told, and counted as one error or failed condition more where the shape has any: whoever reads only
the counts must not take another release's clean run for this one's. Shapes of documents have the name as a field, for
rules to compare.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from phasegate.adapters.exit_code import count_failure
from phasegate.adapters.interface import Hints
from phasegate.adapters.text import Warnings, shown

DIGESTS = ("sha256", "digest")
"""Properties and tags that name the file that was tested by its sha256."""
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")


def compare_named(named: Mapping[str, str], data: dict[str, Any], hints: Hints, warnings: Warnings) -> None:
    """Properties or tags of a run: its `release`, and the digests in it."""
    compare_release(named.get("release"), data, hints, warnings)
    compare_digests([named[key] for key in DIGESTS if key in named], data, hints, warnings)


def compare_release(named: str | None, data: dict[str, Any], hints: Hints, warnings: Warnings) -> None:
    """`2.1.0`, `v2.1.0` and `churn-scorer@2.1.0` name release 2.1.0 of churn-scorer; `12.1.0` does not."""
    if named is None or not hints.release:
        return
    before = named.removesuffix(hints.release)
    subject = before.removesuffix("v")
    if not named.endswith(hints.release) or subject[-1:].isalnum() or subject.endswith((".", "_")):
        _contradicted(f"the file names release {shown(named)}; it was sent for {hints.release}", data, warnings)
    elif hints.subject and subject.endswith("@") and subject != f"{hints.subject}@":
        sent_for = f"{hints.subject}@{hints.release}"
        _contradicted(f"the file names release {shown(named)}; it was sent for {sent_for}", data, warnings)


def compare_digests(named: Iterable[str], data: dict[str, Any], hints: Hints, warnings: Warnings) -> None:
    """Each sha256 that is named is that of an artifact of the release. What isn't one names nothing."""
    found = (_SHA256.fullmatch(text.strip()) for text in named)
    others = sorted({one[1].lower() for one in found if one} - set(hints.artifacts)) if hints.artifacts else []
    if others:
        told = f"the file names sha256 {', '.join(others[:3])}, which is none of the release's artifacts"
        _contradicted(told, data, warnings)


def _contradicted(told: str, data: dict[str, Any], warnings: Warnings) -> None:
    if field := count_failure(data):
        told += f": counted as one more in `{field}`"
    elif "conditions" in data:
        data["conditions"].append({"name": "is about this release", "passed": False})
        told += ": counted as a failed condition"
    warnings.add(told)
