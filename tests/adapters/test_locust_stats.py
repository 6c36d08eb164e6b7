"""Statistics files of locust, and its other files."""

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.locust_stats import LocustStats
from phasegate.errors import Invalid, Malformed
from tests.adapters import samples

NAMES = samples.names("locust", "stats")
ADAPTER = LocustStats()
HEADER = "Type,Name,Request Count,Failure Count,Average Response Time,95%"


def raw(name: str = "stats_pass") -> bytes:
    return samples.sample(f"locust/{name}")


def of(*rows: str, exit_code: int | None = None) -> Reading:
    return samples.read(ADAPTER, "\r\n".join([HEADER, *rows, ""]), Hints(exit_code=exit_code))


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["stats_fail", "stats_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"locust/{name}"
        data = samples.assert_facts(ADAPTER, given).data
        states, metrics = samples.meta(given)["states"], data["metrics"]
        assert (data["requests"], data["failures"]) == (states["requests"], states["failures"])
        assert data["error_rate"] == pytest.approx(states["error_rate"], abs=1e-5)
        assert (metrics["latency_p95_ms"], metrics["latency_p99_ms"]) == (states["p95_ms"], states["p99_ms"])
        assert metrics["throughput_rps"] == pytest.approx(states["rps"], abs=1e-2)
        assert len(data["endpoints"]) == states.get("endpoints", 2)
        if "max_ms" in states:
            assert metrics["latency_max_ms"] == pytest.approx(states["max_ms"], abs=1e-2)

    def test_the_failures_file_is_refused_with_a_hint(self) -> None:
        given = "locust/failures_csv"
        assert ADAPTER.detects(samples.sample(given))
        with pytest.raises(Invalid) as caught:
            ADAPTER.read(samples.sample(given), Hints())
        assert caught.value.detail.startswith(samples.meta(given)["refused"])

    @pytest.mark.parametrize(
        ("header", "kind"),
        [
            ("Count,Message,Traceback,Nodes", "exceptions"),
            ("Timestamp,User Count,Type,Name,Requests/s,Failures/s", "history"),
        ],
    )
    def test_so_are_the_others(self, header: str, kind: str) -> None:
        raw = f"{header}\r\n".encode()
        assert ADAPTER.detects(raw)
        with pytest.raises(Invalid, match=kind):
            ADAPTER.read(raw, Hints())


class TestRows:
    def test_a_quoted_file_is_the_same(self) -> None:
        lines = [",".join(f'"{field}"' for field in line.split(",")) for line in raw().decode().splitlines()]
        quoted = samples.read(ADAPTER, "\n".join([*lines, ""]))
        assert quoted == samples.read(ADAPTER, raw())

    def test_figures_that_locust_does_not_have_are_absent(self) -> None:
        reading = of("GET,/a,2,0,5,N/A", ",Aggregated,2,0,5,N/A")
        assert reading.data["metrics"] == {"latency_mean_ms": 5.0, "error_rate": 0.0}
        assert reading.warnings == ()

    @pytest.mark.parametrize("figure", ["nan", "inf", "-1", "1e999", "1_0", "0x1", "five", "1.7e308"])
    def test_figures_that_are_none_are_left_out_and_told(self, figure: str) -> None:
        reading = of(f",Aggregated,2,0,5,{figure}")
        assert "latency_p95_ms" not in reading.data["metrics"]
        assert "latency_p95_ms" in reading.warnings[0]

    def test_where_they_do_not_add_up_the_worse_counts(self) -> None:
        reading = of("GET,/a,10,4,5,5", ",Aggregated,20,0,5,5")
        assert (reading.data["requests"], reading.data["failures"]) == (10, 4)
        assert "the worse count" in reading.warnings[0]

    def test_an_endpoint_of_that_name_is_not_all_of_them(self) -> None:
        reading = of("GET,Aggregated,2,0,5,5", ",Aggregated,2,0,5,6")
        assert reading.data["metrics"]["latency_p95_ms"] == 6.0
        assert reading.data["endpoints"][0]["name"] == "GET Aggregated"

    def test_nothing_was_sent(self) -> None:
        with pytest.raises(Invalid, match="nothing was measured"):
            of(",Aggregated,0,0,0,N/A")


class TestExitCode:
    def test_1_beside_failed_requests_is_explained(self) -> None:
        reading = samples.read(ADAPTER, raw("stats_fail"), Hints(exit_code=1))
        assert (reading.data["thresholds_failed"], reading.warnings) == (0, ())

    @pytest.mark.parametrize(("name", "code"), [("stats_pass", 1), ("stats_fail", 2), ("stats_pass", 137)])
    def test_others_count(self, name: str, code: int) -> None:
        reading = samples.read(ADAPTER, raw(name), Hints(exit_code=code))
        assert reading.data["thresholds_failed"] == 1
        assert "exit code" in reading.warnings[0]


class TestHostile:
    @pytest.mark.parametrize("name", NAMES)
    def test_cut_short(self, name: str) -> None:
        whole = raw(name)
        for end in range(len(whole)):
            assert samples.attempt(ADAPTER, whole[:end]) is None

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            ["GET,/a,1,0,5,5"],
            [",Aggregated,1,0,5"],
            [",Aggregated,1,0,5,5,5"],
            [",Aggregated,1,0,5,5", ",Aggregated,1,0,5,5"],
            [",Aggregated,1,0,5,5", "GET,/a,1,1,5,5"],
            [",Aggregated,1.0,0,5,5"],
            [",Aggregated,-1,0,5,5"],
            [",Aggregated,,0,5,5"],
            [",Aggregated,1,NaN,5,5"],
            [',"Aggregated,1,0,5,5'],
            [',"Aggregated"x,1,0,5,5'],
            ["GET," + "a" * 200_000 + ",1,0,5,5"],
            [",Aggregated,1,0,5,\0"],
        ],
    )
    def test_rows_that_are_refused(self, rows: list[str]) -> None:
        with pytest.raises(Malformed, match="send"):
            of(*rows)

    def test_a_column_twice(self) -> None:
        with pytest.raises(Malformed, match="twice"):
            ADAPTER.read(f"{HEADER},95%\n,Aggregated,1,0,5,5,5\n".encode(), Hints())
