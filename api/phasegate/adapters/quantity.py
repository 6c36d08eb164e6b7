"""Quantities as Kubernetes writes them: `250m`, `1.5`, `512Mi`, `1e3`."""

import re
from decimal import Decimal
from typing import Any

_QUANTITY = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?([a-zA-Z]{0,2})")
_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{unit: Decimal(1000) ** n for n, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** n for n, unit in enumerate("KMGTPE", 1)},
}
_MOST = 2**63


def quantity(value: Any, unit: Decimal) -> int | None:
    """How many of `unit`, rounded up as Kubernetes does; None where it is no quantity, negative or too large."""
    if type(value) in (int, float):
        value = format(Decimal(str(value)), "f")
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[3] not in _SUFFIXES or (found[2] and found[3]):
        return None
    number = Decimal(found[1] + (found[2] or "")) * _SUFFIXES[found[3]] / unit
    whole = int(number.to_integral_value(rounding="ROUND_CEILING")) if number < _MOST else _MOST
    return whole if whole < _MOST else None
