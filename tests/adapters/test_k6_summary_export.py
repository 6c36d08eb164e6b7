"""Files of k6 run --summary-export."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.k6_summary import K6Summary
from phasegate.adapters.k6_summary_export import K6SummaryExport
from tests.adapters import samples

ADAPTER = K6SummaryExport()
GIVEN = "k6/summary_export_pass"


def changed(metric: str | None = None, **values: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(samples.sample(GIVEN))
    if metric is not None:
        content["metrics"][metric] |= values
    return content


class TestSample:
    def test_gives_exactly_the_facts(self) -> None:
        data = samples.assert_facts(ADAPTER, GIVEN).data
        states = samples.meta(GIVEN)["states"]
        assert (data["requests"], data["error_rate"]) == (states["requests"], states["failed_rate"])
        assert data["metrics"]["latency_p95_ms"] == pytest.approx(states["p95_ms"], abs=1e-4)
        assert data["thresholds_failed"] == states["thresholds_failed"]
        assert "duration_s" not in data

    def test_the_two_summaries_are_never_taken_for_each_other(self) -> None:
        assert not K6Summary().detects(samples.sample(GIVEN))
        for name in samples.names("k6", "handle_summary"):
            assert not ADAPTER.detects(samples.sample(f"k6/{name}"))


class TestFailures:
    def test_true_is_a_threshold_that_was_crossed(self) -> None:
        content = changed("http_req_duration", thresholds={"p(95)<2": True, "p(90)<200": False})
        assert samples.read(ADAPTER, content).data["thresholds_failed"] == 1

    def test_the_worse_of_count_and_rate_counts(self) -> None:
        assert samples.read(ADAPTER, changed("http_req_failed", value=1)).data["error_rate"] == 1.0
        data = samples.read(ADAPTER, changed("http_req_failed", passes=11069, fails=0)).data
        assert (data["failures"], data["error_rate"]) == (11069, 1.0)

    def test_checks_are_those_of_all_groups(self) -> None:
        content = changed()
        checks = {"x": {"passes": 1, "fails": 3}}
        content["root_group"]["groups"] = {"a": {"checks": {}, "groups": {"b": {"checks": checks}}}}
        assert samples.read(ADAPTER, content).data["checks_failed"] == 3

    def test_exit_code(self) -> None:
        assert samples.read(ADAPTER, samples.sample(GIVEN), Hints(exit_code=99)).data["thresholds_failed"] == 1
