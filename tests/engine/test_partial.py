"""Which rules can end in `error`: each answer shown on facts, or by why there can be none."""

from typing import Any

import pytest

from phasegate.engine.partial import Partial
from tests.engine.small import EVIDENCE, REPORT, criterion, decided, facts, only, policy, record

NESTED = {
    "fields": {
        **REPORT["fields"],
        "key": {"type": "string"},
        "limits": {"type": "map<string,double>"},
        "last": {"type": "object", "optional": True, "fields": {"ok": {"type": "bool"}}},
        "items": {
            "type": "list<object>",
            "fields": {"name": {"type": "string"}, "size": {"type": "int", "optional": True}},
        },
    }
}


def partial(*that: str, **more: Any) -> bool:
    of = policy(criterion("a", *that, **more), shapes={"report": NESTED})
    return Partial(of).rule(of.rules["a"])


ALWAYS_COMPUTED = (
    "evidence.passed > 0",
    'context.split == "test"',
    "record.collected_at >= release.registered_at",
    'record.producer.tool != ""',
    "evidence.passed > params.least",
    "double(evidence.passed) > 0.5",
    "!has(evidence.score) || evidence.score > 0.5",
    "has(evidence.score) && evidence.score > 0.5",
    "evidence.score > 0.5 && has(evidence.score)",
    "has(evidence.score) ? evidence.score > 0.5 : evidence.passed > 0",
    "!(has(evidence.score) && evidence.score > 0.5)",
    "!has(evidence.score) || !has(evidence.at) || evidence.score > 0.5 && evidence.at < record.collected_at",
    "has(evidence.last) && evidence.last.ok",
    '"note" in context && context.note != ""',
    '!("note" in context) || context["note"] == "a"',
    '"auc" in evidence.metrics && evidence.metrics["auc"] > 0.5',
    "evidence.key in evidence.metrics && evidence.metrics[evidence.key] > 0.5",
    "evidence.limits.all(m, m in evidence.metrics && evidence.metrics[m] < evidence.limits[m])",
    "evidence.metrics.all(m, evidence.metrics[m] > 0.5)",
    "evidence.items.all(i, !has(i.size) || i.size > 0)",
    "evidence.items.exists(i, has(i.size) && i.size > 0)",
    "evidence.items.filter(i, has(i.size)).all(k, k.size > 0)",
    "evidence.items.filter(i, has(i.size)).map(i, i.size).size() > 0",
    '!("other" in facts) || facts["other"].evidence.passed > 0',
    'facts["other"].evidence.passed > 0',
    'duration(string(params.least) + "m") < duration("1h")',
    'evidence.names.all(n, n.matches("^a"))',
    "evidence.names.all(n, n.matches(params.pattern))",
    "evidence.passed % 2 == 0",
    "evidence.items.all(c, evidence.cases.exists(c, c.name == 'a') || !has(c.size) || c.size > 0)",
    "!has(subject.attributes.regulated) || subject.attributes.regulated == true",
)
NOT_ALWAYS = (
    "evidence.items.all(c, evidence.cases.exists(c, c.name == 'a') && c.size > 0)",
    "evidence.score > 0.5",
    "has(evidence.at) && evidence.score > 0.5",
    "has(evidence.score) || evidence.score > 0.5",
    "!has(evidence.score) && evidence.score > 0.5",
    "(has(evidence.score) || evidence.passed > 0) && evidence.score > 0.5",
    "evidence.last.ok",
    "has(evidence.last.ok)",
    'context.note == ""',
    'evidence.metrics["auc"] > 0.5',
    '"f1" in evidence.metrics && evidence.metrics["auc"] > 0.5',
    "evidence.metrics[evidence.key] > 0.5",
    "evidence.limits.all(m, evidence.metrics[m] < 0.5)",
    "evidence.limits.all(m, m in evidence.metrics) || evidence.limits.all(m, evidence.metrics[m] < 0.5)",
    "evidence.items.all(i, i.size > 0)",
    "evidence.items.exists(i, has(i.size)) && evidence.items.all(i, i.size > 0)",
    "evidence.items.filter(i, !has(i.size)).all(k, k.size > 0)",
    'record.identity["sub"] == "ci"',
    "int(context.split) > 0",
    "duration(context.split) > duration('1s')",
    "timestamp(context.split) < record.collected_at",
    "evidence.passed / evidence.total > 0",
    "evidence.passed % evidence.total == 0",
    "evidence.names.all(n, n.matches(evidence.key))",
    "evidence.names[0] == 'a'",
    "subject.attributes.regulated == true",
    "has(subject.attributes.risk_tier) && subject.attributes.risk_tier > 1",
    "!has(subject.attributes.risk_tier) || subject.attributes.risk_tier.all(k, k == 'a')",
    '("other" in facts) || facts["other"].evidence.passed > 0',
)


@pytest.mark.parametrize("that", ALWAYS_COMPUTED)
def test_a_check_that_always_has_a_value(that: str) -> None:
    assert not partial(that)


@pytest.mark.parametrize("that", NOT_ALWAYS)
def test_a_check_that_can_lack_a_value(that: str) -> None:
    assert partial(that)


BARE = {"split": "test"}


@pytest.mark.parametrize("that", ALWAYS_COMPUTED)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"limits": {"auc": 0.5}},
        {"metrics": {"f1": 0.5}, "key": "auc"},
        {"items": [{"name": "a"}], "names": ["x"]},
        {"score": 0.7, "last": {"ok": True}, "items": [{"name": "a", "size": 1}]},
    ],
)
@pytest.mark.parametrize("attributes", [{}, {"regulated": "no"}])
def test_the_engine_agrees(that: str, fields: dict[str, Any], attributes: dict[str, Any]) -> None:
    of = policy(criterion("a", that), shapes={"report": NESTED})
    empty = {"limits": {}, "items": [], "key": "auc"}
    shown = (record(fields={**empty, **fields}, context=BARE), record("other", fields=empty, context={}))
    for known in (shown, shown[:1]):
        assert only(decided(of, facts(*known, attributes=attributes))).status != "error"


def test_what_another_check_of_the_rule_demands_is_there_where_it_counts() -> None:
    assert not partial("has(evidence.score)", "evidence.score > 0.5")
    assert not partial("evidence.score > 0.5", "evidence.passed > 0 && has(evidence.score)")
    assert not partial("evidence.items.all(i, has(i.size))", "evidence.items.all(k, k.size > 0)")
    assert not partial(
        "evidence.limits.all(m, m in evidence.metrics)", "evidence.limits.all(k, evidence.metrics[k] > 0.5)"
    )
    assert partial("has(evidence.score) || evidence.passed > 0", "evidence.score > 0.5")
    assert partial("evidence.items.exists(i, has(i.size))", "evidence.items.all(k, k.size > 0)")
    assert partial("evidence.score > 0.5", "evidence.score < 0.9")


def test_a_parameter_of_which_a_subject_can_have_a_value_of_its_own_can_be_refused() -> None:
    own = {"success-criteria": {"shape": "success-criteria", "scope": "subject"}}
    reads, silent = criterion("a", "evidence.passed > params.least"), criterion("b")
    shapes = {"report": NESTED, "success-criteria": {"fields": {"params": {"type": "map<string,double>"}}}}
    of = policy(reads, silent, shapes=shapes, evidence={**EVIDENCE, **own})
    assert [Partial(of).rule(rule) for rule in of.rules.values()] == [True, False]


def test_a_rule_without_checks_has_nothing_to_compute() -> None:
    of = policy({"id": "a", "title": "A", "signoff": {"roles": ["owner"]}})
    assert not Partial(of).rule(of.rules["a"])
