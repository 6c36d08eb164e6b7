"""Words that documents share."""

import pytest

from phasegate.rendering.words import moments


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-24T15:07:00Z", "2026-11-24 15:07:00 UTC"),
        ("2026-11-24T15:07:59.999999Z", "2026-11-24 15:07:59 UTC"),  # cut, never rounded up
        ("a collected 2026-11-24T15:07:00.5Z expires", "a collected 2026-11-24 15:07:00 UTC expires"),
        ("2026-11-24T15:07:00+01:00", "2026-11-24T15:07:00+01:00"),
        ("2026-11-24", "2026-11-24"),
        ("", ""),
    ],
)
def test_instants_as_people_read_them(text: str, told: str) -> None:
    assert moments(text) == told
