"""An exit code is evidence too, and most files don't contain it."""

from typing import Any

_FIELDS = ("errors", "failed", "thresholds_failed")
"""Where a failure that the file doesn't show is counted: the first that the shape has."""


def count_failure(data: dict[str, Any]) -> str | None:
    """Adds to `data` one failure that its file doesn't show; the field, or None where the shape counts none. A policy's
    own shape may have something else by one of these names."""
    field = next((field for field in _FIELDS if type(data.get(field)) is int), None)
    if field is not None:
        data[field] += 1
        if type(data.get("total")) is int:  # stays the sum of the counts
            data["total"] += 1
    return field


def count_exit_code(data: dict[str, Any], exit_code: int | None) -> str | None:
    """Adds one failure to `data` where the tool failed and its file shows none; the warning, or None.

    Zero changes nothing: a tool that says it went well doesn't overrule its own file.
    """
    if not exit_code or any(data.get(field) for field in _FIELDS):
        return None
    said = f"the tool ended with exit code {exit_code}, yet its file shows no failure"
    field = count_failure(data)
    return said if field is None else f"{said}: counted as one more in `{field}`"
