"""The shipped policy `ml-deployment` 1.0.0 on GREEN and on every scenario."""

from typing import Any

import pytest

from phasegate.engine.decision import CriterionResult, Decision
from phasegate.engine.gate import decide
from phasegate.errors import Invalid
from tests.policies import golden

GATES = tuple(phase.id for phase in golden.policy().policy.phases)
SCENARIOS = golden.scenarios()
IN_GREEN = {"business-review": "missing", "compliance-review": "not-applicable"}


def decided(body: Any, gate: str = "launch") -> Decision:
    known, at = golden.facts(body)
    return decide(golden.policy(), known, gate, at)


def results(decision: Decision) -> dict[str, CriterionResult]:
    return {result.id: result for phase in decision.phases for result in phase.criteria}


GREEN = decided(golden.green())


@pytest.mark.parametrize("criterion", golden.policy().policy.criteria, ids=lambda criterion: criterion.id)
def test_every_check_is_true_on_green(criterion: Any) -> None:
    result = results(GREEN)[criterion.id]
    if criterion.signoff is None:
        assert [(check.that, check.passed) for check in result.checks] == [(c.that, True) for c in criterion.checks]
        assert (result.status, result.reason) == ("pass", None)
    else:
        assert result.status == IN_GREEN[criterion.id]


@pytest.mark.parametrize("criterion", golden.policy().policy.criteria, ids=lambda criterion: criterion.id)
def test_no_criterion_passes_without_evidence(criterion: Any) -> None:
    bare = results(decided(golden.changed({"remove": "all"})))[criterion.id]
    assert bare.status == ("not-applicable" if criterion.id == "compliance-review" else "missing")


@pytest.mark.parametrize("criterion", golden.policy().policy.criteria, ids=lambda criterion: criterion.id)
def test_every_type_that_a_criterion_requires_is_missed(criterion: Any) -> None:
    for kind in golden.policy().rules[criterion.id].required:
        result = results(decided(golden.changed({"remove": [kind]})))[criterion.id]
        assert result.status in ("missing", "not-applicable")
        if result.status == "missing":
            assert kind in (result.reason or "")


def test_every_type_of_evidence_that_a_rule_requires_is_in_green() -> None:
    shown = {record["type"] for record in golden.green()["evidence"]}
    required = {kind for rule in golden.policy().rules.values() for kind in rule.required}
    assert required <= shown


def test_the_names_of_the_scenarios_are_unique() -> None:
    names = [scenario["name"] for scenario in SCENARIOS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_a_scenario(scenario: Any) -> None:
    expected = scenario["expect"]
    body = golden.changed(scenario["change"])
    if "refused" in expected:
        with pytest.raises(Invalid) as refused:
            golden.facts(body)
        assert any(expected["refused"] in fault.path for fault in refused.value.faults)
        return
    decision = decided(body)
    found = results(decision)
    assert [decided(body, gate).outcome for gate in GATES] == expected["gates"]
    assert decision.outcome == expected["gates"][-1]
    statuses = {
        name: expected["statuses"].get(name, expected.get("others") or IN_GREEN.get(name, "pass")) for name in found
    }
    assert {name: result.status for name, result in found.items()} == statuses
    for name, texts in expected.get("reasons", {}).items():
        for text in texts:
            assert text in (found[name].reason or "")
    for name, count in expected.get("false_checks", {}).items():
        assert [check.passed for check in found[name].checks].count(False) == count
    assert decision.maturity is not None
    assert decision.maturity.level == expected.get("level", decision.maturity.level)
    if "unmet" in expected:
        following = decision.maturity.next
        unmet = [item.id for item in following.unmet] if following is not None else []
        assert expected["unmet"] is None or unmet == expected["unmet"]
    for key in ("current_phase", "summary", "valid_until"):
        if key in expected:
            assert getattr(decision, key) == expected[key]
