"""The quick way may never find true what cel-cpp doesn't."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from phasegate.engine.cel import Inputs, NotComputable
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.facts import Artifact, Evidence, Facts, Release, Subject
from phasegate.engine.judge import all_true, view
from phasegate.engine.selection import select
from phasegate.errors import Invalid
from phasegate.policies.publication import candidate
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue
from tests.engine.grammar import AT, POLICY, phrase, thing

GREEN = Path(__file__).parent.parent / "data" / "golden" / "green.yaml"
SHIPPED = POLICIES / "ml-deployment" / "1.0.0" / "policy.yaml"


def with_check(expression: str) -> CompiledPolicy | None:
    """The random policy with one check that also reads both types; None if the checker refuses it."""
    rest = 'facts["second"].evidence.n == facts["second"].evidence.n || true'
    checks = [{"that": expression, "otherwise": "no"}, {"that": f'!("second" in facts) || ({rest})', "otherwise": "no"}]
    criterion = {"id": "one", "title": "One", "evidence": "first", "checks": checks}
    document = {**POLICY, "phases": [{"id": "only", "criteria": [criterion]}]}
    try:
        return candidate(msgspec.json.encode(document), catalogue()).compiled
    except Invalid:
        return None


def random_inputs(policy: CompiledPolicy, r: random.Random) -> Inputs:
    def record(kind: str) -> Evidence:
        who = {"who": r.choice(["3", "-7", "x"])} if r.random() < 0.6 else {}
        context = {"where": r.choice(["a", "36h", "0s", "-1h"]), **who}
        at = AT - timedelta(seconds=r.choice([0, 1]), microseconds=r.choice([0, 500_000]))
        return Evidence(kind, thing(r), at, at, f"sha256:{r.random()}", context=context)

    known = {"flag": r.choice([True, False, "a", 1]), "list": ["a", "b"]}
    attributes = {key: value for key, value in known.items() if r.random() < 0.7}
    kinds = ["first", *(["second"] if r.random() < 0.7 else [])]
    release = Release("1", (Artifact("m", "a" * 64),), AT, predecessor=r.choice(["", "a"]))
    facts = Facts(Subject("a", "model", "t", attributes=attributes), release, tuple(record(kind) for kind in kinds))
    return view(policy, facts, select(policy, facts, AT), AT).inputs


def exactly_all_true(rule: Rule, given: Inputs) -> bool:
    try:
        return all(check.program.run(given) is True for check in rule.checks)
    except NotComputable:
        return False


@pytest.mark.parametrize("seed", range(6))
def test_random_expressions_on_random_facts(seed: int) -> None:
    r = random.Random(seed)
    written = compared = true = 0
    while written < 60:
        policy = with_check(phrase("bool", r))
        if policy is None or policy.rules["one"].quick()[1]:
            continue
        written += 1
        for _ in range(12):
            given = random_inputs(policy, r)
            found = all_true(policy.rules["one"], given)
            compared += 1
            true += found
            assert not found or exactly_all_true(policy.rules["one"], given), policy.rules["one"].checks[0].that
    assert true > compared / 10


def test_mutated_facts_of_the_shipped_policy() -> None:
    policy = candidate(SHIPPED.read_bytes(), catalogue()).compiled
    green = yaml.safe_load(GREEN.read_text())
    subject = Subject("churn-scorer", "model", "t", attributes=green["subject"]["attributes"])
    release = Release("2.1.0", (Artifact("m", "a" * 64),), AT)
    r = random.Random(7)
    outcomes = {True: 0, False: 0}
    for _ in range(120):
        records = tuple(
            Evidence(each["type"], mutated(each["data"], r), AT, AT, f"sha256:{n}", context=each.get("context", {}))
            for n, each in enumerate(green["evidence"])
        )
        facts = Facts(subject, release, records)
        given = view(policy, facts, select(policy, facts, AT), AT).inputs
        for rule in policy.rules.values():
            found = all_true(rule, given)
            outcomes[found] += 1
            assert not found or exactly_all_true(rule, given), rule.id
    assert min(outcomes.values()) > 200


def test_the_shipped_policy_leaves_nothing_to_the_slow_way() -> None:
    policy = candidate(SHIPPED.read_bytes(), catalogue()).compiled
    assert {rule.id: rule.quick()[1] for rule in policy.rules.values() if rule.quick()[1]} == {}


def test_a_loop_beyond_the_budget_is_left_to_the_slow_way() -> None:
    policy = with_check("evidence.names.all(a, evidence.names.all(b, evidence.names.size() > 0))")
    assert policy is not None
    data = {**thing(random.Random(1)), "names": ["a"] * 1000}
    record = Evidence("first", data, AT, AT, "sha256:1", context={"where": "a"})
    facts = Facts(Subject("a", "model", "t"), Release("1", (), AT), (record,))
    given = view(policy, facts, select(policy, facts, AT), AT).inputs
    assert not all_true(policy.rules["one"], given)
    with pytest.raises(NotComputable, match="more steps"):
        policy.rules["one"].checks[0].program.run(given)


def mutated(value: Any, r: random.Random) -> Any:
    """`value` with a few of its leaves changed, of the same type."""
    if isinstance(value, dict):
        return {key: mutated(item, r) for key, item in value.items()}
    if isinstance(value, list):
        return [mutated(item, r) for item in value]
    if r.random() > 0.03:
        return value
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return r.choice([0, 1, value + 1, 2**62])
    if isinstance(value, float):
        return r.choice([0.0, value * 2, -value, 1e300])
    return value if value[:2] == "20" else r.choice(["", "x", value + "x"])
