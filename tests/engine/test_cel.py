"""The edge to CEL: what is refused at publication, what is learnt from an expression, and what it yields."""

from typing import Any

import pytest

from phasegate.engine.cel import Refused
from tests.engine.small import criterion, decided, facts, only, policy, record

COMPILED = policy()


def program(source: str, primary: str | None = "report", *, with_facts: bool = True) -> Any:
    return COMPILED.language.compile(source, primary, with_facts=with_facts)


def refusals(source: str, primary: str | None = "report", *, with_facts: bool = True) -> list[Any]:
    with pytest.raises(Refused) as refused:
        program(source, primary, with_facts=with_facts)
    return list(refused.value.refusals)


def status(that: str, *others: str, attributes: dict[str, Any] | None = None) -> str:
    """The status of a criterion with this one check on a record in which all passed."""
    metrics = {"auc": 0.9, "evidence": 5.0, "the evidence": 5.0}
    own = record(fields={"names": ["ann"], "cases": [{"name": "a", "status": "ok"}], "metrics": metrics})
    return only(
        decided(policy(criterion("c", that)), facts(own, *(record(kind) for kind in others), attributes=attributes))
    ).status


# What an expression reads.


@pytest.mark.parametrize(
    ("source", "types", "guards"),
    [
        ("evidence.passed > 0", (), ()),
        ('facts["other"].evidence.passed > 0', ("other",), ()),
        ("facts['other'].evidence.passed > 0", ("other",), ()),
        ('facts [ "other" ] . evidence.passed > 0', ("other",), ()),
        ('!("other" in facts) || facts["other"].evidence.passed > 0', ("other",), ("other",)),
        ('"other" in facts ? facts["other"].evidence.passed > 0 : true', ("other",), ("other",)),
        ('"other" in facts', ("other",), ("other",)),
        ('facts["lasting"].evidence.passed > 0 && "other" in facts', ("lasting", "other"), ("other",)),
        ('record.format == "facts[\\"other\\"]"', (), ()),
        ("record.format == 'facts[\"other\"]'", (), ()),
        ('record.format == """\nfacts["other"]"""', (), ()),
        ('evidence.passed > 0 // facts["other"]', (), ()),
        ('evidence.passed > 0 // facts["no-such-type"]\n && true', (), ()),
        ("record.format == r\"facts['other']\"", (), ()),
        ('record.format == "\\"" || facts["other"].evidence.passed > 0', ("other",), ()),
        ('record.format == "\'" || facts["other"].evidence.passed > 0 || record.format == "\'"', ("other",), ()),
    ],
)
def test_types_read_and_guarded_are_learnt(source: str, types: tuple[str, ...], guards: tuple[str, ...]) -> None:
    rule = policy(criterion("c", source)).rules["c"]
    assert set(rule.types) == {"report", *types}
    assert set(rule.required) == {"report", *types} - set(guards)


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("evidence.passed > 0", {"report.evidence.passed"}),
        ("has(evidence.score)", {"report.evidence.score"}),
        ('context["split"] == "test"', {"report.context.split"}),
        ('evidence.cases.all(c, c.status == "ok")', {"report.evidence.cases", "report.evidence.cases[].status"}),
        (
            'evidence.cases.filter(c, c.status == "ok").exists(d, d.name == "x")',
            {
                "report.evidence.cases",
                "report.evidence.cases[]",
                "report.evidence.cases[].status",
                "report.evidence.cases[].name",
            },
        ),
        ("evidence.passed >= params.least", {"report.evidence.passed", "params.least"}),
        ('facts["other"].record.producer.tool == ""', {"other.record.producer.tool"}),
        ("subject.attributes.regulated == true", {"subject.attributes.regulated"}),
    ],
)
def test_paths_read_are_learnt(source: str, reads: set[str]) -> None:
    assert program(source).reads.paths == reads


# Loop variables named like the roots.


@pytest.mark.parametrize(
    "that",
    [
        'evidence.cases.all(evidence, evidence.status == "ok")',
        'evidence.names.exists(context, context == "ann")',
        'evidence.names.exists(record, record == "ann")',
        'evidence.names.exists(subject, subject == "ann")',
        'evidence.names.exists(facts, facts == "ann")',
        "[evidence].exists(evidence, evidence.passed == 1)",
        "evidence.cases.all(c, evidence.cases.exists(d, d.name == c.name))",
        "evidence.names.map(evidence, evidence + '!') == ['ann!'] && evidence.passed == 1",
    ],
)
def test_a_loop_variable_may_be_named_like_a_root(that: str) -> None:
    assert status(that) == "pass"


@pytest.mark.parametrize("key", ["evidence.metrics.`evidence`", "evidence.metrics.`the evidence`"])
def test_a_name_in_backticks_is_what_it_says(key: str) -> None:
    assert status(f"{key} == 5.0") == "pass"
    assert status(f"!has({key}) || {key} <= 1.0") == "fail"


def test_a_comment_may_stand_between_a_point_and_a_name() -> None:
    assert status("!has(evidence.metrics. // the key\n evidence)") == "fail"


# What is refused, where, and with which suggestion.


@pytest.mark.parametrize(
    ("source", "line", "column", "suggestion"),
    [
        ("evidence.pased > 0", 1, 9, "did you mean 'passed'?"),
        ("evidence.passed > 0 &&\n  evidence.totla > 0", 2, 11, "did you mean 'total'?"),
        ("'é' == 'é' &&\n 'é' != evidence.nmes[0]", 2, 17, "did you mean 'names'?"),
        ("evidence.cases.all(c, c.statsu == 'ok')", 1, 24, "did you mean 'status'?"),
        ("evidnce.passed > 0", 1, 8, "did you mean 'evidence'?"),
        ("params.lest > 0", 1, 7, "did you mean 'least'?"),
        ("record.colected_at == record.received_at", 1, 7, "did you mean 'collected_at'?"),
        ("release.artifacts.all(a, a.sha25 != '')", 1, 27, "did you mean 'sha256'?"),
        ("context.spilt == 'test'", 1, 8, "did you mean 'split'?"),
        ("context['spilt'] == 'test'", 1, 8, "did you mean 'split'?"),
        ("has(context.spilt)", 1, 4, "did you mean 'split'?"),
        ("'spilt' in context", 1, 1, "did you mean 'split'?"),
        ("subject.attributes.regualted == true", 1, 19, "did you mean 'regulated'?"),
        ("has(subject.attributes.regualted)", 1, 4, "did you mean 'regulated'?"),
        ("'regualted' in subject.attributes", 1, 1, "did you mean 'regulated'?"),
        ("facts['othr'].evidence.passed > 0", 1, 8, "did you mean 'other'?"),
        ("true &&\n facts['othr'].evidence.passed > 0", 2, 9, "did you mean 'other'?"),
        ("'othr' in facts", 1, 1, "did you mean 'other'?"),
        ("facts['other'].evidence.pased > 0", 1, 24, "did you mean 'passed'?"),
        ("facts['other'].context.split == ''", 1, 23, None),
        ("evidence.score >= 1", 1, 16, "compare and compute with values of one type: double(…) and int(…) convert"),
        ("evidence.took < 5", 1, 15, "make both sides of one type"),
        ("evidence.passed >", 1, 18, None),
        ("evidence.passed > 0;", 1, 20, None),
        ("record.format.matches('[')", 1, 23, None),
        ("record.format.matches('a(?=b)')", 1, 23, None),
        ("matches(record.format, '(')", 1, 24, None),
        ("now > record.collected_at", 1, 1, None),
        ("facts[context.split].evidence.passed > 0", 1, 1, None),
        ("facts['a' + 'b'].evidence.passed > 0", 1, 1, None),
        ("context.split in facts", 1, 8, None),
        ("size(facts) > 0", 1, 6, None),
        ("facts.exists(kind, kind == 'other')", 1, 1, None),
        ("evidence.names.matches('x')", 1, 23, "make both sides of one type"),
    ],
)
def test_a_fault_is_placed_and_mended(source: str, line: int, column: int, suggestion: str | None) -> None:
    first = refusals(source)[0]
    assert (first.line, first.column, first.suggestion) == (line, column, suggestion)


def test_every_fault_of_an_expression_is_told() -> None:
    found = refusals("evidence.pased > 0 && evidence.totl > 0")
    assert [refusal.message for refusal in found] == ["there is no field 'pased' here", "there is no field 'totl' here"]


def test_applicability_knows_no_evidence() -> None:
    for source in ("evidence.passed > 0", "context.split == ''", "'other' in facts", "record.format == ''"):
        assert "an expression may name params, release, subject" in refusals(source, None, with_facts=False)[0].message
    assert program("subject.kind == 'model'", None, with_facts=False).returns == "BOOL"


def test_a_pattern_in_a_parameter_is_compiled_too() -> None:
    assert program("record.format.matches(params.pattern)").returns == "BOOL"
    bad = policy(params={"pattern": {"type": "string", "default": "["}}).language
    with pytest.raises(Refused, match="is no RE2 pattern"):
        bad.compile("record.format.matches(params.pattern)", "report")


def test_patterns_are_those_of_re2() -> None:
    assert program('record.format.matches("(?i)adversarial|perturb")').returns == "BOOL"
    for pattern in ("[", "(", "a**", r"(a)\\1", "(?=a)", "a{1001}"):
        assert "is no RE2 pattern" in refusals(f'record.format.matches("{pattern}")')[0].message


@pytest.mark.parametrize(
    "source", ["+".join(["1"] * 60) + " > 0", "(" * 200 + "true" + ")" * 200, "[" * 99 + "]" * 99 + " == []"]
)
def test_an_expression_that_is_too_deep_is_refused_in_words(source: str) -> None:
    first = refusals(source)[0]
    assert (first.line, first.column) == (1, 1)
    assert "32" in first.message
    assert "<input>" not in first.message


def test_long_chains_of_and_and_or_are_fine() -> None:
    assert status(" && ".join(["evidence.passed > 0"] * 150)) == "pass"


# What can't be computed.


@pytest.mark.parametrize(
    "that",
    [
        "evidence.score >= 0.5",
        "!(evidence.score < 0.5)",
        "evidence.at <= record.collected_at",
        'context.note == ""',
        'evidence.metrics["rmse"] < 1.0',
        "evidence.passed / (evidence.total - 1) > 0",
        "evidence.passed % (evidence.total - 1) == 0",
        "evidence.passed + 9223372036854775807 > 0",
        "evidence.passed * -9223372036854775807 - 9 < 0",
        "evidence.cases[1].status == 'ok'",
        "int(context.split) > 0",
        "int(1e300 * double(evidence.passed)) > 0",
        "timestamp(context.split) < record.collected_at",
        "record.identity.ref == 'main'",
        "subject.attributes.risk_tier == 'high'",
        "subject.attributes.regulated > 5",
        "dyn(evidence).nothing == 1",
        "[1, 2, 3].map(a, [1, 2, 3].map(b, a)).exists(x, x[3] > 0)",
    ],
)
def test_what_cannot_be_computed_is_an_error(that: str) -> None:
    assert status(that, attributes={"regulated": True}) == "error"


def test_a_loop_that_takes_too_long_is_an_error() -> None:
    numbers = ", ".join(["1"] * 100)
    that = f"[{numbers}].all(a, [{numbers}].all(b, [{numbers}].all(c, a + b + c == 3)))"
    result = only(decided(policy(criterion("c", that)), facts(record())))
    assert result.status == "error"
    assert result.reason is not None
    assert "it takes more steps than an expression may" in result.reason


def test_the_budget_of_loops_is_not_shared_between_the_checks_of_a_criterion() -> None:
    numbers = ", ".join(["1"] * 90)
    that = f"[{numbers}].all(a, [{numbers}].all(b, a + b == 2))"
    assert only(decided(policy(criterion("c", that, that)), facts(record()))).status == "pass"


def test_a_computed_number_that_is_none_is_an_error() -> None:
    """Every number is finite, so that no comparison is true or false by accident."""
    assert status("!(double(evidence.passed - 1) / double(evidence.total - 1) < 0.5)") == "error"
    assert status("double(evidence.passed) / double(evidence.total - 1) > 0.5") == "error"


def test_numbers_beyond_64_bits_in_an_attribute_are_an_error_only_where_they_are_read() -> None:
    huge = {"regulated": 2**70}
    assert status("subject.attributes.regulated == true", attributes=huge) == "error"
    assert status("evidence.passed > 0", attributes=huge) == "pass"


# Instants and lengths of time.


def test_instants_compare_as_instants_and_not_as_text() -> None:
    made = policy(criterion("c", "evidence.at < record.collected_at"))
    later = record(fields={"at": "2026-03-01T12:00:00.5Z"})
    assert only(decided(made, facts(later))).status == "fail"
    earlier = record(fields={"at": "2026-03-01T11:59:59.5Z"})
    assert only(decided(made, facts(earlier))).status == "pass"


def test_lengths_of_time_compare_as_such() -> None:
    made = policy(criterion("c", 'evidence.took >= duration("60m")'))
    assert only(decided(made, facts(record(fields={"took": "PT1H"})))).status == "pass"
    assert only(decided(made, facts(record(fields={"took": "PT3599S"})))).status == "fail"


def test_an_absent_field_is_never_read_as_zero() -> None:
    assert status("evidence.score <= 250.0") == "error"
    assert status("has(evidence.score) && evidence.score <= 250.0") == "fail"
    assert status('has(evidence.at) || evidence.took == duration("0s")') == "error"
