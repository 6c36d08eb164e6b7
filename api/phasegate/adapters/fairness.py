"""The shape `fairness-report`, which several formats give."""

from collections.abc import Iterable
from typing import Any

from phasegate.adapters.bounds import bounded
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import finite, refused

SHAPE = "fairness-report"
CONTEXT = "sensitive_features"
"""Names the compared attributes, joined by commas, where the file doesn't."""
_ROUNDING = 1e-9


def attributes_of(stated: list[str], context: dict[str, str]) -> list[str]:
    """The compared attributes, of the file or else of the context."""
    found = stated or [part.strip() for part in context.get(CONTEXT, "").split(",") if part.strip()]
    if not found or "" in found or len(found) > 20:
        raise refused(
            "", f"the file doesn't name what is compared; send the context {CONTEXT!r}, such as sex or sex,race"
        )
    return found


def share(value: Any, what: str) -> float:
    """A part of a whole. Raises `Invalid`."""
    number = finite(value)
    if number is None or not 0 <= number <= 1:
        raise refused(
            "", f"{what} is no share from 0 to 1; run the comparison again and send it with every group's rates"
        )
    return number


def ratio_of(rates: list[float]) -> float:
    """The smallest divided by the largest rate. Raises `Invalid` on 0/0."""
    if max(rates) == 0:
        raise refused(
            "", "no group has a selected row, so their rates have no ratio; send a run in which some are selected"
        )
    return min(rates) / max(rates)


def worst(what: str, computed: float | None, stated: Iterable[Any], warnings: Warnings) -> float | None:
    """The largest absolute difference of the computed and the stated ones; a warning where they disagree.

    None where there is neither. Raises `Invalid` where all that is stated is no number.
    """
    told = [value for value in stated if value is not None]
    numbers = [abs(number) for number in map(finite, told) if number is not None]
    if computed is not None:
        numbers.append(computed)
    if not numbers:
        if told:
            raise refused("", f"{shown(what)} is no number; send a run in which it is one, or leave it out")
        return None
    if max(numbers) - min(numbers) > _ROUNDING:
        warnings.add(f"the file states {shown(what)} otherwise than its groups have it; the worse counts")
    return max(numbers)


def worst_ratio(computed: float, stated: Iterable[Any], warnings: Warnings) -> float:
    """The smallest of the computed and the stated ones, those above 1 turned over."""
    others = [number for number in map(finite, stated) if number is not None and number >= 0]
    numbers = [computed, *(1 / number if number > 1 else number for number in others)]
    if max(numbers) - min(numbers) > _ROUNDING:
        warnings.add("the file states the ratio of selection rates otherwise than its groups have it; the worse counts")
    return min(numbers)


def report_data(
    dimension: dict[str, Any], groups: list[dict[str, Any]], overall: dict[str, float], rates: list[float]
) -> dict[str, Any]:
    """The fields of the shape for one dimension; of more than 1,000 groups those with the lowest rate are kept."""
    lowest = min(rates)
    listed, unlisted = bounded(groups, lambda group: group["metrics"].get("selection_rate") == lowest)
    data: dict[str, Any] = {"dimensions": [dimension], "groups": listed, "overall": overall}
    if unlisted:
        data["unlisted"] = unlisted
    return data
