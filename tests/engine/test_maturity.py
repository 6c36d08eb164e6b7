"""Maturity: levels hold one upon the other, and an exception is no capability."""

from typing import Any

from phasegate.engine.decision import Maturity, NextLevel, Unmet
from phasegate.engine.facts import Evidence, Waiver
from tests.engine.small import DAY, NOON, criterion, decided, facts, phase, policy, record

GOOD = record()
BAD = record(fields={"passed": 0})
PHASES = [
    phase("one", criterion("a"), criterion("b", evidence="other")),
    phase("two", criterion("c", evidence="lasting", waivable=True)),
]


def level(n: int, *requires: Any) -> dict[str, Any]:
    return {"level": n, "id": f"level-{n}", "name": f"Level {n}", "requires": list(requires)}


def maturity(*levels: dict[str, Any], evidence: tuple[Evidence, ...] = (GOOD,), **more: Any) -> Maturity:
    made = policy(phases=PHASES, maturity={"levels": [level(1), *levels]})
    found = decided(made, facts(*evidence, **more)).maturity
    assert found is not None
    return found


def unmet(found: Maturity) -> list[Unmet]:
    return [] if found.next is None else list(found.next.unmet)


def test_a_policy_without_levels_has_none() -> None:
    assert decided(policy(), facts(GOOD)).maturity is None


def test_level_one_requires_nothing() -> None:
    assert maturity(evidence=()) == Maturity(1, "Level 1", None)


def test_a_criterion_that_passes_is_met() -> None:
    assert maturity(level(2, "a")) == Maturity(2, "Level 2", None)


def test_what_is_unmet_for_the_next_level_is_told() -> None:
    assert maturity(level(2, "a"), evidence=(BAD,)) == Maturity(
        1, "Level 1", NextLevel(2, "Level 2", (Unmet("a", "Title of a", "not so: 0"),))
    )


def test_a_level_above_an_unmet_one_is_not_reached() -> None:
    found = maturity(level(2, "b"), level(3, "a"))
    assert found.level == 1
    assert [item.id for item in unmet(found)] == ["b"]


def test_a_phase_stands_for_its_criteria() -> None:
    assert [item.id for item in unmet(maturity(level(2, "one")))] == ["b"]
    assert maturity(level(2, "one"), evidence=(GOOD, record("other"))).level == 2


def test_a_waived_criterion_is_not_met() -> None:
    waiver = Waiver("a", "a known limit", "eve", NOON, NOON + DAY)
    found = maturity(level(2, "a"), evidence=(BAD,), waivers=(waiver,))
    assert (found.level, unmet(found)[0].id) == (1, "a")
    assert unmet(found)[0].reason.startswith("waived")


def test_an_unused_waiver_takes_nothing_away() -> None:
    waiver = Waiver("a", "a known limit", "eve", NOON, NOON + DAY)
    assert maturity(level(2, "a"), waivers=(waiver,)).level == 2


def test_all_criteria_without_exception() -> None:
    everything = {"id": "launch-gate", "title": "Launch", "criteria": "all", "otherwise": "not every one is met"}
    found = maturity(level(2, everything))
    assert unmet(found) == [Unmet("launch-gate", "Launch", "not every one is met: b, c")]
    assert maturity(level(2, everything), evidence=(GOOD, record("other"), record("lasting"))).level == 2


def test_some_criteria_by_name() -> None:
    some = {"id": "some", "criteria": ["a", "c"]}
    assert [item.id for item in unmet(maturity(level(2, some)))] == ["some"]
    assert maturity(level(2, some), evidence=(GOOD, record("lasting"))).level == 2


def test_a_rule_of_its_own() -> None:
    rule = {"id": "steady", "title": "Steady", "evidence": "report", "strength": "measured", "checks": []}
    checked = {**rule, "checks": [{"that": "evidence.passed > 1", "otherwise": "only {evidence.passed}"}]}
    assert unmet(maturity(level(2, rule))) == [Unmet("steady", "Steady", "report is declared; it must be measured")]
    assert maturity(level(2, rule), evidence=(record(strength="measured"),)).level == 2
    assert [item.reason for item in unmet(maturity(level(2, checked), evidence=(record(strength="measured"),)))] == [
        "only 1"
    ]
    assert maturity(level(2, checked), evidence=()).level == 1


def test_a_rule_that_cannot_be_computed_is_unmet() -> None:
    rule = {"id": "r", "evidence": "report", "checks": [{"that": "evidence.score > 0.5", "otherwise": "low"}]}
    assert maturity(level(2, rule)).level == 1


def test_a_rule_that_does_not_apply_is_met() -> None:
    rule = {
        "id": "r",
        "evidence": "report",
        "when": "subject.kind == 'data'",
        "checks": [{"that": "false", "otherwise": "never"}],
    }
    assert maturity(level(2, rule), evidence=()).level == 2


def test_what_a_rule_of_its_own_reads_is_watched() -> None:
    rule = {"id": "r", "evidence": "other", "checks": [{"that": "evidence.passed > 0", "otherwise": "none"}]}
    made = policy(criterion(evidence="lasting"), maturity={"levels": [level(1), level(2, rule)]})
    decision = decided(made, facts(record("lasting"), record("other")))
    assert decision.maturity is not None
    assert (decision.maturity.level, decision.valid_until) == (2, "2026-03-31T12:00:00Z")
    later = decided(made, facts(record("lasting"), record("other")), NOON + 30 * DAY)
    assert later.maturity is not None
    assert (later.maturity.level, later.outcome) == (1, "go")


def test_evidence_that_grows_old_lowers_the_level() -> None:
    made = policy(phases=PHASES, maturity={"levels": [level(1), level(2, "a")]})
    levels = [decided(made, facts(GOOD), NOON + n * DAY).maturity for n in (6, 7)]
    assert [found and found.level for found in levels] == [2, 1]
