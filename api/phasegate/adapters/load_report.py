"""The shape `load-test`, which several formats give."""

import math
from typing import Any, NamedTuple

from phasegate.adapters.text import Warnings, clean, shown
from phasegate.adapters.typed import amount
from phasegate.errors import Invalid

SHAPE = "load-test"
MAX_ENDPOINTS = 1_000


class Endpoint(NamedTuple):
    """Figures of one endpoint."""

    name: str
    requests: int
    failures: int
    metrics: dict[str, float]


class Figures:
    """Metrics by their canonical names. A figure that is none is left out, never zero."""

    def __init__(self, warnings: Warnings) -> None:
        self.metrics: dict[str, float] = {}
        self._warnings = warnings

    def take(self, name: str, value: Any, called: str) -> None:
        """`value` in the unit of `name`; None where the tool states none. `called` is its name in the file."""
        if value is None:
            return
        number = amount(value)
        if number is not None:
            self.metrics[name] = number
        elif isinstance(value, int | float) and not isinstance(value, bool) and not math.isfinite(value):
            self._warnings.add(f"{shown(called)} is not finite, so there is no {name}")
        else:
            self._warnings.add(f"{shown(called)} is no number from 0 on that can be read, so there is no {name}")


def report_data(
    *,
    requests: int,
    failures: int,
    metrics: dict[str, float],
    duration_s: float | None = None,
    virtual_users: int | None = None,
    thresholds_failed: int = 0,
    checks_failed: int = 0,
    endpoints: list[Endpoint] | None = None,
) -> dict[str, Any]:
    """The fields of the shape; endpoints with the most failures first. Raises `Invalid` where nothing was sent."""
    if requests < 1:
        raise Invalid("the test sent no request, so nothing was measured; run it against the service and send that")
    error_rate = failures / requests
    data: dict[str, Any] = {
        "requests": requests,
        "failures": failures,
        "error_rate": error_rate,
        "metrics": metrics | {"error_rate": error_rate},
        "thresholds_failed": thresholds_failed,
        "checks_failed": checks_failed,
        "endpoints": [_listed(each) for each in _worst_first(endpoints or [])[:MAX_ENDPOINTS]],
    }
    if duration_s is not None:
        data["duration_s"] = duration_s
    if virtual_users is not None:
        data["virtual_users"] = virtual_users
    if endpoints and len(endpoints) > MAX_ENDPOINTS:
        data["unlisted"] = len(endpoints) - MAX_ENDPOINTS
    return data


def _worst_first(endpoints: list[Endpoint]) -> list[Endpoint]:
    return sorted(endpoints, key=lambda each: -each.failures)


def _listed(endpoint: Endpoint) -> dict[str, Any]:
    metrics = dict(endpoint.metrics)
    if endpoint.requests:
        metrics["error_rate"] = endpoint.failures / endpoint.requests
    return {
        "name": clean(endpoint.name),
        "requests": endpoint.requests,
        "failures": endpoint.failures,
        "metrics": metrics,
    }
