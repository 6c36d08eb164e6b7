"""TAP streams of several producers."""

import pytest

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.tap import Tap
from phasegate.errors import Malformed
from tests.adapters import samples

TOOL = "tap"
NAMES = samples.names(TOOL)
ADAPTER = Tap()
COUNTS = ("total", "passed", "failed", "errors", "skipped")


def counts(text: str, exit_code: int | None = None) -> tuple[int, ...]:
    data = read(text, exit_code).data
    return tuple(data[name] for name in COUNTS)


def read(text: str, exit_code: int | None = None) -> Reading:
    reading = samples.read(ADAPTER, text, Hints(exit_code=exit_code))
    data = reading.data
    assert data["total"] == sum(data[name] for name in COUNTS[1:])
    return reading


class TestSamples:
    def test_there_are_some(self) -> None:
        assert NAMES == ["pytest_fail", "pytest_pass", "tape_pass"]

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        given = f"{TOOL}/{name}"
        data = samples.assert_facts(ADAPTER, given, "cases").data
        states = samples.meta(given)["states"]
        not_ok_todo = states.get("not_ok_todo", 0)
        ok_todo = states.get("todo", 0) - not_ok_todo
        assert data["total"] == len(data["cases"]) == states["plan"]
        assert data["passed"] == states["ok"] - states.get("skip", 0) - ok_todo
        assert data["failed"] == states["not_ok"] - not_ok_todo + ok_todo
        assert data["skipped"] == states.get("skip", 0) + not_ok_todo

    def test_cases(self) -> None:
        cases = samples.read(ADAPTER, samples.sample(f"{TOOL}/pytest_fail")).data["cases"]
        test = "tests_bad/test_regressions.py::test_"
        assert [(case["id"].removeprefix(test), case["status"]) for case in cases[:5]] == [
            ("typo_contract_is_tolerated", "failed"),
            ("perturbation_budget[500.0]", "failed"),
            ("zero_charges_ok", "failed"),
            ("online_lookup", "failed"),
            ("monotone_in_support_calls", "passed"),
        ]
        assert cases[0]["message"].startswith("def test_typo_contract_is_tolerated():\n")
        assert len(cases[0]["message"]) <= 500
        assert cases[2]["message"] == "unexpected success: thought broken"
        assert {case.get("message") for case in cases if case["status"] == "skipped"} == {
            "needs GPU",
            "expected failure: known: negative tenure accepted",
        }


class TestLines:
    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("ok", "passed"),
            ("ok 1", "passed"),
            ("ok - a", "passed"),
            ("ok 1 - a # time=5ms", "passed"),
            ("ok 1 a \\# SKIP not a directive", "passed"),
            ("not ok", "failed"),
            ("not ok 1 - a", "failed"),
            ("ok 1 a # SKIP", "skipped"),
            ("ok 1 a # skipped: no GPU", "skipped"),
            ("ok 1 # Skip", "skipped"),
            ("not ok 1 a # SKIP", "failed"),
            ("not ok 1 a # TODO later", "skipped"),
            ("not ok 1 a #todo", "skipped"),
            ("ok 1 a # TODO later", "failed"),
            ("ok 1 a # todos are fine", "passed"),
        ],
    )
    def test_status(self, line: str, status: str) -> None:
        assert [case["status"] for case in read(f"1..1\n{line}\n").data["cases"]] == [status]

    @pytest.mark.parametrize("line", ["okay 1", "ok1", "not  ok 1", "Not ok 1", "# ok 1", "> ok 1"])
    def test_what_is_no_test_line_leaves_the_plan_unreached(self, line: str) -> None:
        assert counts(f"1..1\n{line}\n") == (1, 0, 0, 1, 0)

    def test_line_ends_of_windows(self) -> None:
        assert counts("TAP version 13\r\n1..1\r\nok 1 - a\r\n") == (1, 1, 0, 0, 0)

    def test_other_separators_end_no_line(self) -> None:
        assert counts("1..1\nok 1 a\u2028not ok 2\x0bx\n") == (1, 1, 0, 0, 0)

    def test_control_characters_do_not_survive(self) -> None:
        case = read("1..1\nnot ok 1 a\x1b[0m\n# b\x9f\n").data["cases"][0]
        assert case == {"id": "a\ufffd[0m", "status": "failed", "message": "b\ufffd"}


class TestPlan:
    @pytest.mark.parametrize(
        ("text", "want"),
        [
            ("1..2\nok 1\nok 2\n", (2, 2, 0, 0, 0)),
            ("ok 1\nok 2\n1..2\n", (2, 2, 0, 0, 0)),
            ("1..3\nok 1\nok 2\n", (3, 2, 0, 1, 0)),
            ("1..1\nok 1\nok 2\n", (3, 2, 0, 1, 0)),
            ("1..2\nok 1\nok 1\n", (4, 2, 0, 2, 0)),
            ("1..1\nok 0\n", (3, 1, 0, 2, 0)),
            ("1..2\nok 2\nok 1\n", (2, 2, 0, 0, 0)),
        ],
    )
    def test_what_it_does_not_know_or_did_not_get_is_an_error(self, text: str, want: tuple[int, ...]) -> None:
        assert counts(text) == want

    def test_nothing_ran(self) -> None:
        for text in ("1..0\n", "TAP version 13\n1..0 # SKIP no data\n"):
            reading = read(text)
            assert reading.data["total"] == 0
            assert "collected nothing" in reading.warnings[0]

    @pytest.mark.parametrize(
        "text", ["TAP version 13\n", "ok 1\nok 2\n", "1..1\nok 1\n1..1\nok 1\n", "1..999999999\nok 1\n"]
    )
    def test_none_or_two_or_an_endless_one_is_refused(self, text: str) -> None:
        with pytest.raises(Malformed, match="plan"):
            ADAPTER.read(text.encode(), Hints())


class TestAborted:
    def test_bail_out(self) -> None:
        reading = read("1..3\nok 1\nBail out! no database\n")
        assert tuple(reading.data[name] for name in COUNTS) == (4, 1, 0, 3, 0)
        assert reading.data["cases"][0] == {"id": "Bail out!", "status": "error", "message": "no database"}
        assert "aborted" in reading.warnings[0]

    def test_bail_out_needs_no_plan(self) -> None:
        assert counts("ok 1\nbail OUT!\n") == (2, 1, 0, 1, 0)

    def test_exit_code(self) -> None:
        assert counts("1..1\nok 1\n", exit_code=1) == (2, 1, 0, 1, 0)
        assert counts("1..1\nnot ok 1\n", exit_code=1) == (1, 0, 1, 0, 0)


class TestSubtests:
    def test_one_that_failed_fails_a_parent_that_passed(self) -> None:
        reading = read("1..1\n    not ok 1 - inner\n    1..1\nok 1 - outer\n")
        assert reading.data["cases"] == [{"id": "outer", "status": "failed"}]
        assert "subtest" in reading.warnings[0]

    def test_one_that_is_to_do_does_not(self) -> None:
        assert counts("1..1\n    not ok 1 - inner # TODO\nok 1 - outer\n") == (1, 1, 0, 0, 0)

    def test_diagnostics_are_not_read(self) -> None:
        assert counts("1..1\nok 1\n  ---\n  not ok 1\n  ...\n") == (1, 1, 0, 0, 0)

    def test_diagnostics_hide_no_test(self) -> None:
        assert counts("1..2\nok 1\n  ---\nnot ok 2\n") == (2, 1, 1, 0, 0)


class TestHostile:
    @pytest.mark.parametrize("name", NAMES)
    def test_cut_within_a_line_is_refused(self, name: str) -> None:
        raw = samples.sample(f"{TOOL}/{name}")
        for end in range(len(raw)):
            if raw[end - 1 : end] != b"\n":
                assert samples.attempt(ADAPTER, raw[:end]) is None

    @pytest.mark.parametrize("name", NAMES)
    def test_cut_between_lines_is_refused_or_has_errors(self, name: str) -> None:
        """An aborted run looks the same, and is accepted."""
        raw = samples.sample(f"{TOOL}/{name}")
        whole = samples.attempt(ADAPTER, raw)
        assert whole is not None
        for end in range(len(raw)):
            if raw[end - 1 : end] == b"\n" and (cut := samples.attempt(ADAPTER, raw[:end])) is not None:
                assert cut.data["errors"] or [cut.data[name] for name in COUNTS] == [
                    whole.data[name] for name in COUNTS
                ]
                assert cut.data["passed"] <= whole.data["passed"]

    @pytest.mark.parametrize(
        "raw", [b"1..1\nok 1 \xff\n", b"1..1\nok 1 \0\n", b"1..1\n" + b"ok\n" * 200_001, b"1..1\n" + b"\n" * 500_001]
    )
    def test_what_is_refused(self, raw: bytes) -> None:
        assert ADAPTER.detects(raw)
        assert samples.attempt(ADAPTER, raw) is None

    def test_a_byte_order_mark_is_no_matter(self) -> None:
        assert counts("\ufeff1..1\nok 1\n") == (1, 1, 0, 0, 0)

    def test_long_lines_are_read_in_time(self) -> None:
        assert counts(f"1..1\nok 1 {'#' * 1_000_000} {' ' * 1_000_000}x\n# {' ' * 1_000_000}\n") == (1, 1, 0, 0, 0)

    @pytest.mark.parametrize("raw", [b"12 passed in 0.05s\n", b"ok. done\n", b"okay\n", b"1..\n", b"{}\n", b"<a/>\n"])
    def test_other_text_is_not_detected(self, raw: bytes) -> None:
        assert not ADAPTER.detects(raw)
