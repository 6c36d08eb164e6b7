"""The decision: gates, phases, the words of the summary, and until when it stands."""

import re
from typing import Any

import msgspec
import pytest

from phasegate.engine.decision import Decision, NextChange, PolicyRef, encode
from phasegate.engine.facts import Artifact, Waiver
from phasegate.engine.gate import decide
from phasegate.errors import Invalid
from tests.engine.small import DAY, HOUR, NOON, criterion, decided, facts, only, phase, policy, record

NEVER = {"when": "subject.kind == 'data'"}
GOOD = record()
TWO = [phase("one", criterion("a")), phase("two", criterion("b", evidence="other"), criterion("c", evidence="lasting"))]


def statuses(decision: Decision) -> list[str]:
    return [shown.status for shown in decision.phases]


def test_go() -> None:
    decision = decided(policy(), facts(GOOD))
    assert (decision.outcome, statuses(decision), decision.current_phase) == ("go", ["passed"], None)
    assert decision.summary == "nothing stands between fraud-scorer 2.0.0 and launch"


def test_no_go_says_how_much_is_in_the_way() -> None:
    decision = decided(policy(phases=TWO), facts(GOOD))
    assert (decision.outcome, statuses(decision), decision.current_phase) == ("no-go", ["passed", "open"], "two")
    assert decision.summary == "2 of 3 criteria stand between fraud-scorer 2.0.0 and launch"
    assert decision.phases[1].reason == "not satisfied: b, c"


def test_one_criterion_in_the_way_stands() -> None:
    decision = decided(policy(phases=TWO), facts(GOOD, record("other")))
    assert decision.summary == "1 of 3 criteria stands between fraud-scorer 2.0.0 and launch"


def test_the_gate_of_a_phase_asks_for_it_and_all_before_it() -> None:
    made, known = policy(phases=TWO), facts(GOOD)
    assert decided(made, known, gate="one").outcome == "go"
    assert decided(made, known, gate="two").outcome == "no-go"
    second_only = facts(record("other"), record("lasting"))
    assert decided(made, second_only, gate="two").outcome == "no-go"
    assert decided(made, known, gate="one").summary == "nothing stands between fraud-scorer 2.0.0 and the gate one"


def test_a_locked_phase_is_evaluated_and_shown_all_the_same() -> None:
    decision = decided(policy(phases=TWO), facts(record("other"), record("lasting")))
    assert statuses(decision) == ["open", "locked"]
    assert [result.status for result in decision.phases[1].criteria] == ["pass", "pass"]
    assert (decision.phases[1].applicable, decision.phases[1].satisfied) == (2, 2)


def test_every_phase_after_the_open_one_is_locked() -> None:
    three = [*TWO, phase("three", criterion("d"))]
    assert statuses(decided(policy(phases=three), facts(GOOD))) == ["passed", "open", "locked"]


def test_launch_is_the_gate_behind_the_last_phase() -> None:
    made = policy(phases=TWO)
    for known in (facts(), facts(GOOD), facts(GOOD, record("other"), record("lasting"))):
        assert decided(made, known, gate="launch").outcome == decided(made, known, gate="two").outcome


def test_an_unknown_gate_is_refused_with_a_suggestion() -> None:
    with pytest.raises(Invalid, match="no gate 'lanch'") as refused:
        decide(policy(), facts(), "lanch", NOON)
    assert refused.value.reason == "unknown_gate"
    assert [fault.suggestion for fault in refused.value.faults] == ["did you mean 'launch'?"]


def test_a_gate_is_not_passed_by_being_empty() -> None:
    decision = decided(policy(criterion("a", **NEVER), criterion("b", **NEVER)), facts(GOOD))
    assert (decision.outcome, statuses(decision)) == ("no-go", ["open"])
    assert decision.phases[0].applicable == 0
    assert decision.phases[0].reason == "no criterion applies up to here: a gate is not passed by being empty"
    assert "no criterion applies to fraud-scorer 2.0.0" in decision.summary


def test_a_phase_in_which_nothing_applies_is_passed_with_the_one_before_it() -> None:
    made = policy(phases=[phase("one", criterion("a")), phase("two", criterion("b", **NEVER))])
    decision = decided(made, facts(GOOD))
    assert (decision.outcome, statuses(decision)) == ("go", ["passed", "passed"])


def test_a_phase_in_which_nothing_applies_does_not_shut_the_gates_behind_it() -> None:
    """A gate needs one applicable criterion in its phase or any earlier one."""
    made = policy(phases=[phase("one", criterion("a", **NEVER)), phase("two", criterion("b"))])
    assert decided(made, facts(GOOD), gate="one").outcome == "no-go"
    assert decided(made, facts(GOOD), gate="launch").outcome == "go"


def test_a_further_criterion_in_an_empty_phase_does_not_open_the_gate_behind_it() -> None:
    """Adding a blocking criterion to a gate that has an applicable one never turns no-go into go."""
    last = phase("two", criterion("b"))
    before = policy(phases=[phase("one", criterion("a", **NEVER)), last])
    after = policy(phases=[phase("one", criterion("a", **NEVER), criterion("added")), last])
    outcomes = [decided(made, facts(GOOD)).outcome for made in (before, after)]
    assert outcomes != ["no-go", "go"]


def test_counts_leave_out_what_does_not_apply_and_count_what_is_waived() -> None:
    made = policy(criterion("a"), criterion("b", evidence="other"), criterion("c", **NEVER))
    waiver = Waiver("b", "a known limit", "eve", NOON, NOON + DAY)
    shown = decided(made, facts(GOOD, waivers=(waiver,))).phases[0]
    assert (shown.status, shown.applicable, shown.satisfied) == ("passed", 2, 2)


def test_a_decision_names_all_it_is_about() -> None:
    made = policy()
    decision = decided(made, facts(GOOD), NOON + HOUR)
    assert (decision.subject, decision.release, decision.gate) == ("fraud-scorer", "2.0.0", "launch")
    assert decision.policy == PolicyRef("small", "1.0.0", made.digest)
    assert decision.artifacts == (Artifact("model.onnx", "a" * 64), Artifact("tokenizer.json", "b" * 64))
    assert decision.evaluated_at == "2026-03-01T13:00:00Z"
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", decision.inputs_digest)


def test_the_next_change_is_the_earliest_end_ahead_and_says_of_what() -> None:
    made = policy(phases=TWO)
    known = facts(GOOD, record("other", NOON - 25 * DAY), record("lasting"))
    decision = decided(made, known)
    assert decision.valid_until == "2026-03-06T12:00:00Z"
    assert decision.next_change == NextChange("2026-03-06T12:00:00Z", "other collected 2026-02-04T12:00:00Z expires")
    assert decided(made, known, NOON + 6 * DAY).valid_until == "2026-03-08T12:00:00Z"
    assert decided(made, known, NOON + 7 * DAY).valid_until is None


def test_the_end_of_a_waiver_can_be_the_next_change() -> None:
    waiver = Waiver("tests-pass", "a known limit", "eve", NOON, NOON + HOUR)
    decision = decided(policy(), facts(GOOD, waivers=(waiver,)))
    assert decision.next_change == NextChange("2026-03-01T13:00:00Z", "the waiver for tests-pass ends")


def test_evidence_of_a_criterion_that_does_not_apply_is_watched_too() -> None:
    made = policy(criterion("a", evidence="lasting"), criterion("b", **NEVER))
    assert decided(made, facts(GOOD, record("lasting"))).valid_until == "2026-03-08T12:00:00Z"


def test_evidence_that_no_rule_reads_is_not_watched() -> None:
    made = policy(criterion("a", evidence="lasting"))
    assert decided(made, facts(GOOD, record("lasting"))).valid_until is None


def test_a_criterion_expires_with_the_first_of_what_it_rests_on() -> None:
    made = policy(criterion("c", 'facts["other"].evidence.passed > 0'))
    assert only(decided(made, facts(GOOD, record("other", NOON - 29 * DAY)))).expires_at == "2026-03-02T12:00:00Z"
    assert only(decided(policy(criterion(evidence="lasting")), facts(record("lasting")))).expires_at is None


def test_every_fact_is_in_the_digest_of_the_inputs() -> None:
    made = policy()
    waiver = Waiver("tests-pass", "a known limit", "eve", NOON, NOON + DAY)
    base = facts(GOOD, waivers=(waiver,))
    replace = msgspec.structs.replace
    others: list[Any] = [
        facts(GOOD),
        facts(waivers=(waiver,)),
        replace(base, waivers=(replace(waiver, reason="another"),)),
        replace(base, waivers=(replace(waiver, revoked_at=NOON),)),
        replace(base, evidence=(replace(GOOD, submitted_by="ben"),)),
        replace(base, evidence=(replace(GOOD, strength="measured"),)),
        replace(base, evidence=(replace(GOOD, revoked_at=NOON),)),
        replace(base, evidence=(GOOD, record("no-such-type"))),
        replace(base, subject=replace(base.subject, attributes={"regulated": True})),
        replace(base, subject=replace(base.subject, team="other")),
        replace(base, release=replace(base.release, registered_by="ben")),
        replace(base, release=replace(base.release, predecessor="1.0.0")),
        replace(base, release=replace(base.release, artifacts=base.release.artifacts[:1])),
    ]
    digests = [decided(made, known).inputs_digest for known in (base, *others)]
    digests += [
        decided(made, base, NOON + HOUR).inputs_digest,
        decided(made, base, gate="first").inputs_digest,
        decided(policy(title="Another"), base).inputs_digest,
    ]
    assert len(set(digests)) == len(digests)


def test_the_form_of_the_answer() -> None:
    answer = msgspec.json.decode(
        encode(decided(policy(maturity={"levels": [{"level": 1, "id": "l", "name": "L"}]}), facts(GOOD)))
    )
    assert list(answer) == [
        *("subject", "release", "artifacts", "policy", "gate", "outcome", "summary", "current_phase", "phases"),
        *("maturity", "evaluated_at", "valid_until", "next_change", "inputs_digest"),
    ]
    assert list(answer["phases"][0]) == ["id", "title", "status", "applicable", "satisfied", "reason", "criteria"]
    assert list(answer["phases"][0]["criteria"][0]) == [
        *("id", "title", "status", "blocking", "reason", "remediation", "owner", "checks", "evidence", "revoked"),
        *("expires_at", "waiver", "underlying", "because_of", "signoffs"),
    ]
    assert answer["maturity"] == {"level": 1, "name": "L", "next": None}


def test_the_order_in_which_artifacts_are_listed_does_not_matter() -> None:
    known = facts(GOOD)
    release = known.release
    turned = msgspec.structs.replace(known, release=msgspec.structs.replace(release, artifacts=release.artifacts[::-1]))
    for that in ("evidence.passed > 0", 'release.artifacts[0].name == "model.onnx"'):
        made = policy(criterion("c", that))
        assert encode(decided(made, turned)) == encode(decided(made, known))
