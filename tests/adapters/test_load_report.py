"""What every load test has in common."""

import pytest

from phasegate.adapters.load_report import Endpoint, Figures, report_data
from phasegate.adapters.text import Warnings
from phasegate.errors import Invalid


def test_a_test_that_sent_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing was measured"):
        report_data(requests=0, failures=0, metrics={})


def test_the_worst_endpoints_are_listed_and_the_rest_counted() -> None:
    endpoints = [Endpoint(f"e{n}", 1, n == 1_500, {}) for n in range(1_501)]
    data = report_data(requests=1_501, failures=1, metrics={}, endpoints=endpoints)
    assert (len(data["endpoints"]), data["unlisted"]) == (1_000, 501)
    assert data["endpoints"][0] == {"name": "e1500", "requests": 1, "failures": 1, "metrics": {"error_rate": 1.0}}


@pytest.mark.parametrize(
    ("value", "kept", "told"),
    [
        (1, 1.0, ""),
        (0, 0.0, ""),
        (None, None, ""),
        (float("nan"), None, "is not finite"),
        (float("inf"), None, "is not finite"),
        (1.7976931348623157e308, None, "can be read"),
        (-1, None, "can be read"),
        ("12", None, "can be read"),
        (True, None, "can be read"),
    ],
)
def test_a_figure_that_is_none_is_left_out_and_told(value: object, kept: float | None, told: str) -> None:
    warnings = Warnings()
    figures = Figures(warnings)
    figures.take("latency_p95_ms", value, "p(95)")
    assert figures.metrics.get("latency_p95_ms") == kept
    assert bool(warnings.all()) == bool(told)
    assert all(told in warning and "latency_p95_ms" in warning for warning in warnings.all())
