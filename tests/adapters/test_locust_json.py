"""JSON of locust."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.locust_json import LocustJson
from phasegate.errors import Invalid
from tests.adapters import samples

NAMES = samples.names("locust", "json")
ADAPTER = LocustJson()


def raw(name: str = "json_pass") -> bytes:
    return samples.sample(f"locust/{name}")


def changed(name: str = "json_pass", **keys: Any) -> list[dict[str, Any]]:
    """The first endpoint with other values."""
    content: list[dict[str, Any]] = json.loads(raw(name))
    content[0] |= keys
    return content


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["json_fail", "json_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"locust/{name}"
        data = samples.assert_facts(ADAPTER, given).data
        states = samples.meta(given)["states"]
        assert (data["requests"], data["failures"]) == (states["requests"], states["failures"])
        assert len(data["endpoints"]) == states["endpoints"]
        p95 = {each["name"].partition("/")[2]: each["metrics"]["latency_p95_ms"] for each in data["endpoints"]}
        assert p95 == states["p95_ms"]

    def test_percentiles_of_the_whole_run_are_those_of_the_csv(self) -> None:
        """Of the run whose CSV has the same requests."""
        csv = samples.expected("locust/stats_pass")["metrics"]
        ours = samples.read(ADAPTER, raw()).data["metrics"]
        for name in csv.keys() - {"throughput_rps"}:
            assert ours[name] == pytest.approx(csv[name])


class TestFigures:
    def test_a_histogram_of_other_requests_gives_no_percentiles(self) -> None:
        reading = samples.read(ADAPTER, changed(response_times={"5": 1}))
        assert "latency_p95_ms" not in reading.data["metrics"]
        assert "latency_max_ms" in reading.data["metrics"]
        assert "latency_p95_ms" in reading.data["endpoints"][1]["metrics"]
        assert "no percentiles" in reading.warnings[0]

    def test_requests_without_a_response_have_no_time(self) -> None:
        content = changed(num_none_requests=3, num_requests=506)
        metrics = samples.read(ADAPTER, content).data["metrics"]
        assert metrics["latency_p95_ms"] == 13.0
        assert metrics["latency_mean_ms"] == pytest.approx(
            samples.read(ADAPTER, raw()).data["metrics"]["latency_mean_ms"]
        )

    def test_failures_by_second_count_where_they_are_more(self) -> None:
        reading = samples.read(ADAPTER, changed("json_fail", num_failures=0))
        assert reading.data["failures"] == 29
        assert "the larger counts" in reading.warnings[0]

    def test_a_figure_that_one_endpoint_lacks_is_none_of_the_run(self) -> None:
        reading = samples.read(ADAPTER, changed(total_response_time=float("nan"), max_response_time="9"))
        assert reading.data["metrics"].keys() & {"latency_mean_ms", "latency_max_ms"} == set()
        assert len(reading.warnings) == 2

    @pytest.mark.parametrize("end", [None, 0, "1795415386.9", float("nan"), -1])
    def test_times_that_are_none(self, end: Any) -> None:
        reading = samples.read(ADAPTER, changed(last_request_timestamp=end))
        assert reading.collected_at is None
        assert reading.data.keys() & {"duration_s"} == set()
        assert "throughput_rps" not in reading.data["metrics"]

    def test_a_run_of_no_time_has_no_throughput(self) -> None:
        content = changed(start_time=1e-320, last_request_timestamp=2e-320)[:1]
        assert "throughput_rps" not in samples.read(ADAPTER, content).data["metrics"]

    def test_nothing_was_sent(self) -> None:
        content = changed(num_requests=0, num_failures=0, response_times={}, total_response_time=0)[:1]
        with pytest.raises(Invalid, match="nothing was measured"):
            ADAPTER.read(json.dumps(content).encode(), Hints())

    def test_exit_code(self) -> None:
        assert samples.read(ADAPTER, raw(), Hints(exit_code=1)).data["thresholds_failed"] == 1
        assert samples.read(ADAPTER, raw("json_fail"), Hints(exit_code=1)).data["thresholds_failed"] == 0


class TestHostile:
    @pytest.mark.parametrize("key", ["", "five", "-5", "nan", "1e999"])
    def test_a_time_that_is_none_is_refused(self, key: str) -> None:
        assert samples.attempt(ADAPTER, json.dumps(changed(response_times={key: 503})).encode()) is None
