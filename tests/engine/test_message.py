"""Messages: literal text with expressions in braces."""

from typing import Any

import pytest

from phasegate.engine.message import Part, shown, split
from tests.engine.small import NOON, criterion, decided, facts, only, policy, record


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("plain", [Part("plain")]),
        ("{a}", [Part("", "a", 1)]),
        ("of {a} and {b}.", [Part("of "), Part("", "a", 4), Part(" and "), Part("", "b", 12), Part(".")]),
        ("{{a}}", [Part("{a}")]),
        ("a}b", [Part("a}b")]),
        ("{{{a}}}", [Part("{"), Part("", "a", 3), Part("}")]),
        ("{a['}']}", [Part("", "a['}']", 1)]),
        ('{a["\\"}"]}', [Part("", 'a["\\"}"]', 1)]),
        ("{[x].map(y, {'a': y})}", [Part("", "[x].map(y, {'a': y})", 1)]),
        ("{ {'a': 1} }", [Part("", " {'a': 1} ", 1)]),
        ("a\n{b}", [Part("a\n"), Part("", "b", 3)]),
        ("", []),
    ],
)
def test_a_message_is_split_at_its_expressions(message: str, parts: list[Part]) -> None:
    assert split(message) == parts


@pytest.mark.parametrize("message", ["{", "a {b", "{a['}'}", "{ {'a': 1}", "{a('}"])
def test_an_unclosed_brace_is_refused(message: str) -> None:
    with pytest.raises(ValueError, match="without its closing one"):
        split(message)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e-7, "1e-07"),
        ("text", "text"),
        (NOON, "2026-03-01T12:00:00Z"),
        ([], ""),
        (["a", 1, 2.0, True], "a, 1, 2, true"),
        (list(range(10)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (list(range(13)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more"),
        ({"a": 1.5}, "a: 1.5"),
    ],
)
def test_a_value_in_words(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("{0.042590735719946315}; at most {0.02}", "0.04259; at most 0.02"),
        ("{0.7833337374699519}", "0.7833"),
        ("{12345.678}", "12345.7"),
        ("{3600.1} s; at most {3600.0} s", "3600.1 s; at most 3600 s"),
        ("{0.020000001}; at most {0.02}", "0.020000001; at most 0.02"),
        ("{0.020000001}; at most 0.02", "0.020000001; at most 0.02"),
        ("{0.020000001}; at most {'0.02'}", "0.020000001; at most 0.02"),
        ("{0.1 + 0.2}; at most {0.3}", "0.30000000000000004; at most 0.3"),
        ("{[0.123456, 0.123454]}", "0.12346, 0.12345"),
        ("{{'a': 0.123456}}", "{'a': 0.123456}"),
        ("{[{'a': 0.123456}]}", "a: 0.1235"),
        ("{0.99996}", "0.99996"),
        ("{-0.0015075760736822374}", "-0.001508"),
        ("{0.00000123456}", "1.235e-06"),
        ("{1.0e300}", "1e+300"),
        ("{5}", "5"),
        ("{string(0.123456)}", "0.123456"),
        ("{-0.749996}; at least -0.75", "-0.749996; at least -0.75"),
        ("{0.0000099999}; at least 1e-5", "9.9999e-06; at least 1e-5"),
        ("{0.749996}; at least .75", "0.749996; at least .75"),
    ],
)
def test_doubles_of_a_sentence_are_rounded_and_stay_apart(message: str, text: str) -> None:
    assert told(message) == text


def told(otherwise: str, *others: str) -> str | None:
    """The reason of a criterion that fails with this message."""
    made = policy(criterion(checks=[{"that": "evidence.passed > 100", "otherwise": otherwise}]))
    own = record(fields={"score": 0.25, "names": ["ann", "ben"], "at": "2026-03-01T12:00:00.5Z", "took": "PT90M"})
    return only(decided(made, facts(own, *(record(kind) for kind in others)))).reason


@pytest.mark.parametrize(
    ("otherwise", "text"),
    [
        ("{evidence.passed} of {evidence.total}", "1 of 1"),
        ("on the {context.split} split", "on the test split"),
        ("{{{evidence.passed}}}", "{1}"),
        ("score {evidence.score}", "score 0.25"),
        ("by {evidence.names}", "by ann, ben"),
        ("at {evidence.at}", "at 2026-03-01T12:00:00.5Z"),
        ("seen {record.collected_at}", "seen 2026-03-01T12:00:00Z"),
        ("took {evidence.took}", "took 90 minutes"),
        ("{evidence.passed > 0 ? 'some' : 'none'}", "some"),
        ("least {params.least} of {subject.name} {release.version}", "least 1 of fraud-scorer 2.0.0"),
        ("{'}'}", "}"),
        ("note {context.note}", "note ?"),
        ("{evidence.passed / 0}", "?"),
        ('tier {subject.attributes["risk_tier"]}', "tier ?"),
        ("{[1, 2, 3].map(n, n * 2)}", "2, 4, 6"),
    ],
)
def test_a_message_is_filled_in_on_the_facts(otherwise: str, text: str) -> None:
    assert told(otherwise) == text


NAMES = [f"m{n:02}" for n in range(10)]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("{evidence.metrics}", ", ".join(f"{name}: 0.5" for name in NAMES)),
        ("{evidence.metrics.filter(m, evidence.metrics[m] < 1.0)}", ", ".join(NAMES)),
        ("{evidence.metrics.map(m, m + '!')}", ", ".join(f"{name}!" for name in NAMES)),
        ("{subject.attributes.least.map(m, m)}", ", ".join(NAMES)),
        ("{subject.attributes.listed.map(m, m)}", "2, 1"),
    ],
)
def test_a_map_is_told_in_the_order_of_its_keys(message: str, text: str) -> None:
    """CEL's own order is another one in each process, and a decision must not be."""
    made = policy(
        criterion(checks=[{"that": "evidence.passed > 1", "otherwise": message}]),
        attributes={"least": {"type": "map<string,double>"}, "listed": {"type": "list<int>"}},
    )
    metrics = dict.fromkeys(reversed(NAMES), 0.5)
    given = facts(record(fields={"metrics": metrics}), attributes={"least": metrics, "listed": [2, 1]})
    assert only(decided(made, given)).reason == text


def test_a_message_reads_another_type_and_requires_it_not() -> None:
    message = 'others: {facts["other"].evidence.passed}'
    assert told(message, "other") == "others: 1"
    assert told(message) == "others: ?"


def test_a_failure_is_never_without_a_reason() -> None:
    assert told("{evidence.cases}")


def test_a_long_value_is_cut() -> None:
    text = told("{[1,2,3,4,5,6,7,8,9,10,11].map(n, subject)}")
    assert text is not None
    assert len(text) <= 500
