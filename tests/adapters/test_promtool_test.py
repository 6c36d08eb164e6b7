"""Text of promtool."""

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.promtool_test import PromtoolTest
from phasegate.errors import Malformed
from tests.adapters import samples
from tests.adapters.better import assert_no_better

TOOL = "promtool"
NAMES = samples.names(TOOL)
ADAPTER = PromtoolTest()
COUNTS = ("total", "passed", "failed", "errors", "skipped")
A_PASS = "Unit Testing:  a.yml\n  SUCCESS\n\n"
A_FAIL = "Unit Testing:  b.yml\n  FAILED:\n    name: x,\n\n    got: []\n\n\n"


def counts(reading: Reading) -> tuple[int, ...]:
    return tuple(reading.data[name] for name in COUNTS)


def of(text: str, exit_code: int | None = 0) -> Reading:
    return samples.read(ADAPTER, text, Hints(exit_code=exit_code))


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["promtool_check_fail", "promtool_check_pass", "promtool_test_fail", "promtool_test_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"{TOOL}/{name}"
        data = samples.assert_facts(ADAPTER, given, "cases").data
        states = samples.meta(given)["states"]
        assert data["total"] == len(data["cases"]) == states.get("files", 1)
        assert data["passed"] == int(states["success"])
        assert data["failed"] == states.get("failed", int(not states["success"]))

    def test_cases(self) -> None:
        case = samples.read(ADAPTER, samples.sample(f"{TOOL}/promtool_check_fail")).data["cases"]
        assert case == [
            {
                "id": "rules_bad.yml",
                "status": "failed",
                "message": "rules_bad.yml: yaml: unmarshal errors:\n"
                "line 8: field lables not found in type rulefmt.RuleNode",
            }
        ]


class TestFiles:
    def test_each_is_a_case(self) -> None:
        reading = of(A_PASS + A_FAIL + A_PASS)
        assert counts(reading) == (3, 2, 1, 0, 0)
        assert reading.data["cases"][0] == {"id": "b.yml", "status": "failed", "message": "name: x,\ngot: []"}

    def test_one_without_rules_was_not_checked(self) -> None:
        reading = of("Checking a.yml\n  SUCCESS: 0 rules found\n\n")
        assert counts(reading) == (1, 0, 0, 0, 1)
        assert "'a.yml' holds no rule" in reading.warnings[0]

    def test_both_results_are_a_failure(self) -> None:
        assert counts(of("Unit Testing:  a.yml\n  SUCCESS\n  FAILED:\n\n")) == (1, 0, 1, 0, 0)

    def test_a_failure_printed_late_still_belongs_to_its_file(self) -> None:
        assert counts(of("Unit Testing:  a.yml\n\n  FAILED:\n    name: x\n\n")) == (1, 0, 1, 0, 0)

    def test_line_ends_of_windows(self) -> None:
        assert counts(of(A_PASS.replace("\n", "\r\n"))) == (1, 1, 0, 0, 0)


class TestExitCode:
    def test_beside_success(self) -> None:
        assert counts(of(A_PASS, 1)) == (2, 1, 0, 1, 0)
        assert of(A_PASS, 0).warnings == ()

    def test_that_is_missing_is_asked_for(self) -> None:
        assert of(A_PASS, None).warnings == (
            "the text doesn't show how many files there were to be; send exit_code beside it",
        )


class TestHostile:
    @pytest.mark.parametrize("name", NAMES)
    def test_cut_short_is_refused_or_no_better(self, name: str) -> None:
        raw = samples.sample(f"{TOOL}/{name}")
        whole = samples.attempt(ADAPTER, raw)
        assert whole is not None
        for end in range(len(raw)):
            if (cut := samples.attempt(ADAPTER, raw[:end])) is not None:
                assert raw[:end].endswith(b"\n\n")
                assert_no_better("test-report", cut.data, whole.data)

    @pytest.mark.parametrize(
        "text",
        [
            "Unit Testing:  a.yml\n\nUnit Testing:  b.yml\n  SUCCESS\n\n",
            A_PASS + "Unit Testing:  b.yml\n\n",
            "Unit Testing:  a.yml\nnoise\n  SUCCESS\n\n",
            "  FAILED:\n\nUnit Testing:  a.yml\n\n",
            A_PASS.rstrip(),
            A_PASS.rstrip() + "\n",
        ],
    )
    def test_a_file_without_a_result_and_a_text_without_an_end_are_refused(self, text: str) -> None:
        with pytest.raises(Malformed, match="send"):
            ADAPTER.read(text.encode(), Hints())

    @pytest.mark.parametrize("raw", [b"Checking a.yml\nall good\n", b"Checking\n", b"SUCCESS\n", b"{}\n"])
    def test_other_text_is_not_detected(self, raw: bytes) -> None:
        assert not ADAPTER.detects(raw)
