"""Files of hyperfine."""

import json
from typing import Any

import pytest

from phasegate.adapters.hyperfine import Hyperfine
from phasegate.adapters.interface import Hints, Reading
from phasegate.errors import Invalid
from tests.adapters import samples

ADAPTER = Hyperfine()
GIVEN = "hyperfine/rollback_pass"


def of(*results: dict[str, Any], exit_code: int | None = None) -> Reading:
    return samples.read(ADAPTER, {"results": list(results)}, Hints(exit_code=exit_code))


def runs(times: list[Any], codes: list[Any], **more: Any) -> dict[str, Any]:
    return {"command": "rb", "times": times, "exit_codes": codes} | more


class TestSample:
    def test_gives_exactly_the_facts(self) -> None:
        data = samples.assert_facts(ADAPTER, GIVEN).data
        states = samples.meta(GIVEN)["states"]
        assert (data["runs"], data["failures"]) == (states["runs"], states["nonzero_exits"])
        assert data["mean_s"] == pytest.approx(states["mean_seconds"], abs=1e-5)
        assert data["duration_s"] == pytest.approx(states["max_seconds"], abs=1e-5)


class TestRuns:
    @pytest.mark.parametrize(
        ("codes", "failures"),
        [([0, 0], 0), ([0, 1], 1), ([None, 0], 1), ([0, "0"], 1), ([0], 1), ([], 2), ([0, 0, 0], 1), ([0, False], 1)],
    )
    def test_a_run_without_exit_code_0_failed(self, codes: list[Any], failures: int) -> None:
        data = of(runs([1, 2.5], codes)).data
        assert (data["failures"], data["result"]) == (failures, "failed" if failures else "passed")
        assert (data["runs"], data["duration_s"], data["mean_s"], data["automated"]) == (2, 2.5, 1.75, True)

    def test_the_worse_of_stated_and_computed_counts(self) -> None:
        reading = of(runs([1.0, 3.0], [0, 0], mean=5.0, max=9.0))
        assert (reading.data["duration_s"], reading.data["mean_s"], len(reading.warnings)) == (9.0, 5.0, 2)
        reading = of(runs([1.0, 3.0], [0, 0], mean=0.5, max=0.5))
        assert (reading.data["duration_s"], reading.data["mean_s"]) == (3.0, 2.0)

    def test_several_commands_are_one_drill(self) -> None:
        reading = of(runs([1.0], [0]), runs([4.0, 2.0], [0, 1]) | {"command": "check"})
        data = reading.data
        assert (data["scenario"], data["runs"], data["failures"], data["duration_s"]) == ("rb; check", 3, 1, 4.0)
        assert "mean_s" not in data
        assert "2 commands" in reading.warnings[0]

    def test_exit_code(self) -> None:
        reading = of(runs([1.0], [0]), exit_code=1)
        assert (reading.data["result"], reading.data["failures"]) == ("failed", 0)
        assert "exit code 1" in reading.warnings[0]
        assert of(runs([1.0], [0]), exit_code=0).data["result"] == "passed"

    def test_nothing_ran(self) -> None:
        with pytest.raises(Invalid, match="nothing was timed"):
            of(runs([], []))


class TestHostile:
    @pytest.mark.parametrize("time", [None, "1.0", True, -1, float("nan"), float("inf"), 1.7e308])
    def test_a_time_that_is_none_is_refused(self, time: Any) -> None:
        assert samples.attempt(ADAPTER, json.dumps({"results": [runs([1.0, time], [0, 0])]}).encode()) is None
