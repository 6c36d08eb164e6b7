"""Data of k6's handleSummary, and the stream that is none."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.k6_summary import K6Summary
from phasegate.errors import Invalid
from tests.adapters import samples

NAMES = samples.names("k6", "handle_summary")
ADAPTER = K6Summary()


def raw(name: str = "handle_summary_pass") -> bytes:
    return samples.sample(f"k6/{name}")


def changed(metric: str | None = None, **values: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(raw())
    if metric is not None:
        content["metrics"][metric]["values"] |= values
    return content


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["handle_summary_fail", "handle_summary_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"k6/{name}"
        data = samples.assert_facts(ADAPTER, given).data
        states, metrics = samples.meta(given)["states"], data["metrics"]
        assert data["requests"] == states["requests"]
        assert data["error_rate"] == pytest.approx(states["failed_rate"], abs=1e-5)
        assert metrics["latency_p95_ms"] == pytest.approx(states["p95_ms"], abs=1e-2)
        assert data["checks_failed"] == states["checks_failed"]
        assert data["thresholds_failed"] == states["thresholds_failed"]
        if "rps" in states:
            assert metrics["throughput_rps"] == pytest.approx(states["rps"], abs=1e-2)
        assert metrics.get("latency_p99_ms") == pytest.approx(states.get("p99_ms"), abs=1e-2)

    def test_the_stream_of_points_is_refused_with_a_hint(self) -> None:
        given = "k6/points_ndjson"
        assert ADAPTER.detects(samples.sample(given))
        with pytest.raises(Invalid) as caught:
            ADAPTER.read(samples.sample(given), Hints())
        assert caught.value.detail.startswith(samples.meta(given)["refused"])
        assert "send the summary" in caught.value.detail

    def test_a_part_of_the_stream_too(self) -> None:
        points = samples.sample("k6/points_ndjson")
        for part in (points[:2_000], points.split(b"\n")[0], points.split(b"\n")[1]):
            assert ADAPTER.detects(part)
            with pytest.raises(Invalid, match="send the summary"):
                ADAPTER.read(part, Hints())


class TestFailures:
    def test_passes_of_http_req_failed_are_failures(self) -> None:
        data = samples.read(ADAPTER, changed("http_req_failed", passes=500, fails=11000, rate=500 / 11500)).data
        assert (data["requests"], data["failures"]) == (11500, 500)

    def test_the_worse_of_count_and_rate_counts(self) -> None:
        reading = samples.read(ADAPTER, changed("http_req_failed", rate=0.5))
        assert (reading.data["failures"], reading.data["error_rate"]) == (5750, 0.5)
        assert "the larger number counts" in reading.warnings[0]

    def test_the_fewer_requests_count(self) -> None:
        reading = samples.read(ADAPTER, changed("http_req_failed", fails=1000))
        assert reading.data["requests"] == 1000
        assert "the fewer count" in reading.warnings[0]

    def test_checks_are_those_of_all_groups_or_of_the_metric(self) -> None:
        content = changed()
        inner = {"checks": [{"name": "x", "passes": 1, "fails": 2}], "groups": []}
        content["root_group"]["groups"] = [{"checks": [], "groups": [inner]}]
        assert samples.read(ADAPTER, content).data["checks_failed"] == 2
        assert samples.read(ADAPTER, changed("checks", fails=7)).data["checks_failed"] == 7

    def test_a_threshold_of_a_part_counts(self) -> None:
        content = changed()
        content["metrics"]["http_req_duration{name:x}"] = {"values": {}, "thresholds": {"p(95)<1": {"ok": False}}}
        assert samples.read(ADAPTER, content).data["thresholds_failed"] == 1

    def test_exit_code(self) -> None:
        assert samples.read(ADAPTER, raw(), Hints(exit_code=99)).data["thresholds_failed"] == 1
        assert samples.read(ADAPTER, raw(), Hints(exit_code=0)).data["thresholds_failed"] == 0
        failed = samples.read(ADAPTER, raw("handle_summary_fail"), Hints(exit_code=99))
        assert (failed.data["thresholds_failed"], failed.warnings) == (4, ())


class TestAbsent:
    @pytest.mark.parametrize("metric", ["http_reqs", "http_req_failed"])
    def test_a_test_without_requests_or_their_outcome_is_refused(self, metric: str) -> None:
        content = changed()
        del content["metrics"][metric]
        with pytest.raises(Invalid, match=metric):
            ADAPTER.read(json.dumps(content).encode(), Hints())

    def test_no_request_was_sent(self) -> None:
        content = changed("http_reqs", count=0)
        content["metrics"]["http_req_failed"]["values"] = {"passes": 0, "fails": 0, "rate": 0}
        with pytest.raises(Invalid, match="nothing was measured"):
            ADAPTER.read(json.dumps(content).encode(), Hints())

    def test_a_percentile_that_is_none_is_left_out(self) -> None:
        for value in (float("nan"), "5.3", -1, 1.7e308):
            reading = samples.read(ADAPTER, changed("http_req_duration", **{"p(95)": value}))
            assert "latency_p95_ms" not in reading.data["metrics"]
            assert "latency_p95_ms" in reading.warnings[0]
