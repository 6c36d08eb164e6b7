"""The digest of a record is kept for good, so its bytes are pinned."""

from datetime import UTC, datetime
from typing import Any

import pytest

from phasegate.engine.facts import Producer
from phasegate.engine.identity import evidence_digest

A, B = "a" * 64, "b" * 64
GIVEN: dict[str, Any] = {
    "org": "default",
    "subject": "fraud-scorer",
    "artifacts": (B, A),
    "type": "edge-case-tests",
    "data": {"total": 3, "duration_s": 1.5},
    "context": {"environment": "staging"},
    "producer": Producer("pytest", "9.0"),
    "strength": "measured",
    "stated_at": datetime(2027, 3, 5, 12, tzinfo=UTC),
    "files": (A,),
}


def test_it_is_frozen() -> None:
    assert evidence_digest(**GIVEN) == "sha256:939ee7f880c021407f6abe98fe3328bf5ecd1d8e9b2d5d4b03b3bed242fc4895"
    assert (
        evidence_digest(**GIVEN | {"files": (B, A)})
        == "sha256:69c301c9a1eec675cd50fec643eac5eb7863fb9dc536663f583a4c9435521c76"
    )


@pytest.mark.parametrize(
    "same", [{"artifacts": (A, B)}, {"artifacts": (A, B, A)}, {"files": (A, A)}], ids=["order", "twice", "file twice"]
)
def test_sets_have_no_order(same: dict[str, Any]) -> None:
    assert evidence_digest(**GIVEN | same) == evidence_digest(**GIVEN)


@pytest.mark.parametrize(
    "other",
    [
        {"org": "other"},
        {"org": None},
        {"subject": "x"},
        {"artifacts": (A,)},
        {"artifacts": None},
        {"type": "x"},
        {"data": {"total": 4, "duration_s": 1.5}},
        {"context": {}},
        {"producer": Producer("pytest", "9.1")},
        {"strength": "declared"},
        {"stated_at": None},
        {"stated_at": datetime(2027, 3, 5, 12, 0, 0, 1, tzinfo=UTC)},
        {"files": ()},
        {"files": (B,)},
        {"files": (A, B)},
        {"unbound": True},
    ],
    ids=str,
)
def test_each_part_makes_it_another(other: dict[str, Any]) -> None:
    assert evidence_digest(**GIVEN | other) != evidence_digest(**GIVEN)
