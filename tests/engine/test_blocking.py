"""Which criteria keep a gate shut, and which unsatisfied ones are causes."""

from typing import Any

import pytest

from phasegate.engine.decision import Decision
from phasegate.errors import Invalid
from tests.engine.small import DAY, NOON, criterion, decided, facts, phase, policy, record, results

LATER = NOON + DAY
SHOWN = record(at=NOON)
FAILING = "evidence.passed > 100"


def on(*criteria: dict[str, Any], at: Any = NOON) -> Decision:
    return decided(policy(*criteria), facts(SHOWN), at)


def refusal(*criteria: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        policy(*criteria)
    return [f"{fault.path}: {fault.message}" for fault in refused.value.faults]


class TestEffectiveFrom:
    STRICT = criterion("strict", FAILING, effective_from=LATER.isoformat())

    def test_before_it_a_failing_criterion_is_shown_and_keeps_no_gate_shut(self) -> None:
        decision = on(criterion(), self.STRICT)
        assert decision.outcome == "go"
        shown = results(decision)["strict"]
        assert (shown.status, shown.blocking) == ("fail", False)
        assert decision.summary == "nothing stands between fraud-scorer 2.0.0 and launch"

    def test_from_that_instant_on_it_blocks(self) -> None:
        decision = on(criterion(), self.STRICT, at=LATER)
        assert decision.outcome == "no-go"
        assert results(decision)["strict"].blocking

    def test_a_decision_stands_until_then(self) -> None:
        decision = on(criterion(), self.STRICT)
        assert decision.valid_until == "2026-03-02T12:00:00Z"
        assert decision.next_change is not None
        assert decision.next_change.because == "strict begins to block"
        assert on(criterion(), self.STRICT, at=LATER).valid_until == "2026-03-08T12:00:00Z"

    def test_a_gate_at_which_nothing_blocks_yet_is_a_no_go_that_says_so(self) -> None:
        decision = on(criterion(effective_from=LATER.isoformat()))
        assert decision.outcome == "no-go"
        assert "no criterion applies" in decision.summary
        assert on(criterion(effective_from=LATER.isoformat()), at=LATER).outcome == "go"


class TestAdvisory:
    def test_it_is_shown_and_never_blocks(self) -> None:
        decision = on(criterion(), criterion("hint", FAILING, advisory=True))
        shown = results(decision)["hint"]
        assert (decision.outcome, shown.status, shown.blocking) == ("go", "fail", False)

    def test_its_effective_date_is_no_change(self) -> None:
        hint = criterion("hint", FAILING, advisory=True, effective_from=LATER.isoformat())
        assert on(criterion(), hint).valid_until == "2026-03-08T12:00:00Z"

    def test_a_phase_of_nothing_else_is_refused(self) -> None:
        (told,) = refusal(criterion(advisory=True))
        assert told == "phases[0]: has no criterion that can ever block; a gate is not passed by being empty"


class TestDependsOn:
    def test_an_echo_names_its_cause_and_is_not_counted(self) -> None:
        decision = on(criterion("cause", FAILING), criterion("echo", FAILING, depends_on=["cause"]))
        assert decision.outcome == "no-go"
        assert decision.summary == "1 of 2 criteria stands between fraud-scorer 2.0.0 and launch"
        assert {name: result.because_of for name, result in results(decision).items()} == {
            "cause": (),
            "echo": ("cause",),
        }

    def test_an_echo_of_an_echo(self) -> None:
        chain = [criterion("c", FAILING, depends_on=["b"]), criterion("b", FAILING, depends_on=["a"])]
        assert on(criterion("a", FAILING), *chain).summary.startswith("1 of 3 criteria stands")

    def test_where_the_other_is_satisfied_it_stands_for_itself(self) -> None:
        decision = on(criterion("cause"), criterion("echo", FAILING, depends_on=["cause"]))
        assert results(decision)["echo"].because_of == ()
        assert decision.summary.startswith("1 of 2")

    def test_what_is_satisfied_is_nobodys_echo(self) -> None:
        decision = on(criterion("cause", FAILING), criterion("echo", depends_on=["cause"]))
        assert results(decision)["echo"].because_of == ()

    def test_a_cause_that_does_not_block_leaves_the_echo_counted(self) -> None:
        hint = criterion("hint", FAILING, advisory=True)
        decision = on(hint, criterion("echo", FAILING, depends_on=["hint"]))
        assert results(decision)["echo"].because_of == ("hint",)
        assert decision.summary.startswith("1 of 2")

    def test_a_cause_behind_the_gate_leaves_the_echo_counted(self) -> None:
        phases = [
            phase("first", criterion("echo", FAILING, depends_on=["cause"])),
            phase("last", criterion("cause", FAILING)),
        ]
        compiled = policy(phases=phases)
        assert decided(compiled, facts(SHOWN), gate="first").summary.startswith("1 of 1")
        assert decided(compiled, facts(SHOWN)).summary.startswith("1 of 2")

    def test_a_circle_is_refused(self) -> None:
        told = refusal(criterion("a", depends_on=["b"]), criterion("b", depends_on=["a"]))
        assert len(told) == 2
        assert all("leads back to this criterion" in each for each in told)
