"""Range queries: series summed up, or refused."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Reading
from phasegate.adapters.prometheus_range import PrometheusRange
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid, Malformed
from tests.adapters import harm
from tests.adapters.samples import HINTS, attempt, expected, read, sample

SLOPES = {"range_memory_leak": 9436583.636, "range_replicas_scale_up": 0.122727}
"""By least squares. The samples' own files state the rise from the first to the last value instead."""


def content(*series: Any, **more: Any) -> bytes:
    results = [{"metric": {"n": str(n)}, "values": values} for n, values in enumerate(series)]
    data = {"resultType": "matrix", "result": results}
    return json.dumps({"status": "success", "data": data} | more).encode()


def of(*series: Any) -> Reading:
    return read(PrometheusRange(), content(*series))


class TestSamples:
    @pytest.mark.parametrize("name", SLOPES)
    def test_each(self, name: str) -> None:
        want = expected(f"prometheus/{name}.json")
        reading = read(PrometheusRange(), sample(f"prometheus/{name}.json"))
        (series,) = reading.data["series"]
        assert series["slope_per_s"] == pytest.approx(SLOPES[name], rel=1e-5)
        assert (series["last"] - series["first"]) / 20 == want.pop("slope_per_second")
        assert {key: series[key] for key in want} == want
        assert (series["from"], series["until"]) == ("2026-11-23T06:49:39Z", "2026-11-23T06:49:59Z")
        assert series["labels"]["job"] == "scorer"
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == series["until"]
        assert reading.producer.tool == "prometheus"
        assert reading.warnings == ()

    @pytest.mark.parametrize("name", SLOPES)
    def test_what_becomes_of_it_is_refused(self, name: str) -> None:
        for raw in harm.no_numbers(sample(f"prometheus/{name}.json")):
            assert attempt(PrometheusRange(), raw) is None

    @pytest.mark.parametrize(
        "other", [b"NaN", b"+Inf", b"-Inf", b"1e308", b"1e400", b"", b"4 4", b"four", b"0x4", b"\xd9\xa4"]
    )
    def test_a_sample_that_is_no_finite_number_refuses_the_whole(self, other: bytes) -> None:
        raw = sample("prometheus/range_replicas_scale_up.json").replace(b'"5"', b'"' + other + b'"', 1)
        with pytest.raises((Invalid, Malformed)):
            PrometheusRange().read(raw, HINTS)


class TestSummary:
    def test_a_straight_line(self) -> None:
        (series,) = of([[10, "1"], [20.5, "22"], [30, "41"]]).data["series"]
        assert series["slope_per_s"] == pytest.approx(2.0)
        assert (series["first"], series["last"], series["min"], series["max"]) == (1.0, 41.0, 1.0, 41.0)
        assert series["mean"] == pytest.approx(64 / 3)
        assert (series["from"], series["until"]) == ("1970-01-01T00:00:10Z", "1970-01-01T00:00:30Z")

    def test_a_constant_does_not_grow(self) -> None:
        assert of([[1_795_416_579.123, "0.1"], [1_795_416_581.456, "1e-1"]]).data["series"][0]["slope_per_s"] == 0.0

    def test_large_values_do_not_overflow(self) -> None:
        (series,) = of([[0, "9e307"], [10, "9e307"], [20, "9e307"]]).data["series"]
        assert (series["mean"], series["slope_per_s"]) == (9e307, 0.0)

    def test_the_latest_sample_of_all_is_the_time(self) -> None:
        reading = of([[1, "1"], [2, "1"]], [[1, "1"], [9, "1"]])
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "1970-01-01T00:00:09Z"

    def test_no_series_is_told(self) -> None:
        reading = of()
        assert (reading.data, reading.collected_at) == ({"series": []}, None)
        assert reading.warnings == ("the answer holds no series",)

    def test_of_more_than_a_thousand_the_steepest_are_listed(self) -> None:
        data = of(*([[0, "0"], [1, str(n)]] for n in range(1_200))).data
        assert (len(data["series"]), data["unlisted"]) == (1_000, 200)
        assert data["series"][0]["slope_per_s"] == 1_199.0


@pytest.mark.parametrize(
    "values",
    [
        [],
        [[1, "1"]],
        [[1, "1"], [1, "1"]],
        [[2, "1"], [1, "1"]],
        [[1, 1], [2, 2]],
        [["1", "1"], ["2", "1"]],
        [[1, "1"], [2]],
        [[1, "1"], [2, "1", "1"]],
        [[1, "1"], [2, None]],
        [[1, "1"], [True, "1"]],
        [[-5, "1"], [2, "1"]],
        [[1, "1"], [253_402_300_800, "1"]],
        [[1, "-9e307"], [1.0000000000000002, "9e307"]],
        [[1, "1"], "2"],
        {},
        None,
    ],
)
def test_what_cannot_be_summed_up_is_refused(values: Any) -> None:
    with pytest.raises(Invalid):
        PrometheusRange().read(content(values), HINTS)


@pytest.mark.parametrize(
    "raw",
    [
        content(status="error", error="timeout"),
        content(data={"resultType": "vector", "result": []}),
        content(data={"resultType": "matrix", "result": {}}),
        content(data={"resultType": "matrix", "result": [{"metric": {"a": 1}, "values": [[1, "1"], [2, "1"]]}]}),
        content(data={"resultType": "matrix", "result": [{"metric": {}, "histograms": []}]}),
        b"[]",
    ],
)
def test_another_structure_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        PrometheusRange().read(raw, HINTS)
