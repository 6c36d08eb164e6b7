"""Text of wrk."""

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.wrk import Wrk
from phasegate.errors import Invalid, Malformed
from tests.adapters import samples
from tests.adapters.better import assert_no_better

NAMES = samples.names("wrk")
ADAPTER = Wrk()


def text(name: str = "pass") -> str:
    return samples.sample(f"wrk/{name}").decode()


def with_line(line: str) -> str:
    return text().replace("Requests/sec:", f"{line}\nRequests/sec:")


def of(written: str, exit_code: int | None = None) -> Reading:
    return samples.read(ADAPTER, written, Hints(exit_code=exit_code))


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["fail", "pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"wrk/{name}"
        data = samples.assert_facts(ADAPTER, given).data
        states, metrics = samples.meta(given)["states"], data["metrics"]
        assert (data["requests"], data["failures"]) == (states["requests"], states["non_2xx"])
        assert data["error_rate"] == pytest.approx(states.get("error_rate", 0), abs=1e-5)
        assert (metrics["throughput_rps"], metrics["latency_p99_ms"]) == (states["rps"], states["p99_ms"])
        assert metrics["latency_p50_ms"] == states.get("p50_ms", 0.654)
        assert metrics["latency_p90_ms"] == states.get("p90_ms", 2.78)
        assert "latency_p95_ms" not in metrics


class TestLines:
    @pytest.mark.parametrize(
        ("written", "milliseconds"),
        [("615.00us", 0.615), ("1.50ms", 1.5), ("1.25s", 1250.0), ("1.50m", 90_000.0), ("0.50h", 1_800_000.0)],
    )
    def test_every_number_has_its_unit(self, written: str, milliseconds: float) -> None:
        assert of(text().replace("32.47ms", written)).data["metrics"]["latency_p99_ms"] == pytest.approx(milliseconds)

    def test_without_a_distribution_there_are_no_percentiles(self) -> None:
        lines = [line for line in text().splitlines(keepends=True) if "%  " not in line and "Distribution" not in line]
        assert of("".join(lines)).data["metrics"].keys() == {
            "latency_mean_ms",
            "latency_max_ms",
            "throughput_rps",
            "error_rate",
        }

    def test_socket_errors_are_failures(self) -> None:
        reading = of(with_line("  Socket errors: connect 10, read 20, write 30, timeout 40"))
        assert (reading.data["requests"], reading.data["failures"]) == (19642 + 60, 100)
        assert "socket errors" in reading.warnings[0]

    def test_a_service_that_never_answered(self) -> None:
        none = with_line("  Socket errors: connect 0, read 0, write 0, timeout 4").replace(
            "19642 requests", "0 requests"
        )
        data = of(none).data
        assert (data["requests"], data["failures"], data["metrics"]) == (4, 4, {"error_rate": 1.0})

    def test_nothing_was_sent(self) -> None:
        with pytest.raises(Invalid, match="nothing was measured"):
            of(text().replace("19642 requests", "0 requests"))

    def test_what_a_script_prints_at_the_end_is_not_read(self) -> None:
        assert of(text() + "done: 42\n") == of(text())

    def test_a_figure_that_is_none_is_left_out(self) -> None:
        reading = of(text().replace("32.47ms", "nanms").replace("97.71%", "-nan%"))
        assert "latency_p99_ms" not in reading.data["metrics"]
        assert "latency_p99_ms" in reading.warnings[0]

    def test_exit_code(self) -> None:
        assert of(text(), 1).data["thresholds_failed"] == 1


class TestHostile:
    @pytest.mark.parametrize("name", NAMES)
    def test_cut_short(self, name: str) -> None:
        raw = text(name).encode()
        for end in range(len(raw)):
            assert samples.attempt(ADAPTER, raw[:end]) is None

    @pytest.mark.parametrize("name", NAMES)
    def test_a_line_less_is_refused_or_has_less(self, name: str) -> None:
        lines = text(name).splitlines(keepends=True)
        whole = of(text(name)).data
        for at, line in enumerate(lines):
            if "Non-2xx" in line:  # wrk prints it only where there were some, so nobody can miss it
                continue
            less = samples.attempt(ADAPTER, "".join(lines[:at] + lines[at + 1 :]).encode())
            if less is not None:
                assert_no_better("load-test", less.data, whole)

    @pytest.mark.parametrize(
        "line",
        [
            "  Non-2xx or 3xx responses: many",
            "  Non-2xx or 3xx responses: -1",
            "  Non-200 responses: 3760",
            "  1 requests in 4.00s, 1MB read",
            "     99%    1.00ms",
            "     95%    1.00ms",
            "noise",
        ],
    )
    def test_a_line_that_wrk_does_not_print_or_prints_once_is_refused(self, line: str) -> None:
        with pytest.raises(Malformed, match="send"):
            of(with_line(line))

    def test_two_runs_are_refused(self) -> None:
        with pytest.raises(Malformed, match="second run"):
            of(text("pass") + text("fail"))
        with pytest.raises(Malformed, match="second of its kind"):
            of(with_line("Requests/sec:   9999.00"))
