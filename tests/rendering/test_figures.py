"""Key figures: what a check read, and no more than a reader can take in."""

from datetime import timedelta

import pytest

from phasegate.engine.gate import decide
from phasegate.rendering.basis import basis_of
from phasegate.rendering.figures import figures
from phasegate.rendering.words import ahead, length, listed
from tests.engine import small
from tests.engine.small import DAY, HOUR, NOON


def told(that: str, fields: dict[str, object], context: dict[str, str] | None = None) -> dict[str, str | None]:
    """The figures of one check on one record."""
    compiled = small.policy(small.criterion("tests-pass", that))
    known = small.facts(small.record(fields=fields, context={"split": "test", **(context or {})}))
    basis = basis_of(compiled, decide(compiled, known, "launch", NOON), known)
    (check,) = compiled.rules["tests-pass"].checks
    return {figure.path: figure.text for figure in figures(check, "report", basis.roots)}


@pytest.mark.parametrize(
    ("that", "fields", "shown"),
    [
        ("evidence.passed >= params.least", {"passed": 7}, {"evidence.passed": "7", "params.least": "1"}),
        ("has(evidence.score) && evidence.score > 0.5", {}, {"evidence.score": None}),
        ("evidence.score > 0.5", {"score": 0.25}, {"evidence.score": "0.25"}),
        ('context.split == "test"', {}, {"context.split": "test"}),
        ('record.submitted_by == ""', {}, {"record.submitted_by": ""}),
        ("evidence.names.size() > 0", {"names": ["a", "b", "a"]}, {"evidence.names": "a (2 times), b"}),
        ("evidence.names.size() > 0", {"names": []}, {"evidence.names": "empty"}),
        (
            "evidence.metrics.all(m, evidence.metrics[m] > 0.0)",
            {"metrics": {"b": 2.0, "a.b[]": 1.5}},
            {"evidence.metrics.b": "2", "evidence.metrics.a.b[]": "1.5"},
        ),
        ('evidence.metrics["a.b"] > 0.0', {"metrics": {"a.b": 1.5}}, {"evidence.metrics.a.b": "1.5"}),
        ('evidence.metrics["c"] > 0.0', {"metrics": {"a.b": 1.5}}, {"evidence.metrics.c": None}),
        (
            'evidence.cases.all(c, c.status == "ok")',
            {"cases": [{"name": "x", "status": "ok"}, {"name": "y", "status": "ok"}]},
            {"evidence.cases": "2 entries", "evidence.cases[].status": "ok (2 times)"},
        ),
        ('evidence.cases.all(c, c.status == "ok")', {"cases": []}, {"evidence.cases": "empty"}),
    ],
)
def test_each_kind_of_value(that: str, fields: dict[str, object], shown: dict[str, str | None]) -> None:
    assert told(that, fields) == shown


def test_another_types_figures_have_its_name() -> None:
    assert told('!("other" in facts) || facts["other"].evidence.passed > 0', {}) == {"other.evidence.passed": None}


def test_long_lists_maps_and_texts_are_cut() -> None:
    many = told("evidence.names.size() > 0", {"names": [f"n{n}" for n in range(30)]})
    assert many == {"evidence.names": "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 20 more"}
    wide = told("evidence.metrics.size() > 0", {"metrics": {f"m{n:02}": float(n) for n in range(30)}})
    assert len(wide) == 11
    assert wide["evidence.metrics"] == "30 entries"
    (long,) = told('context.split != ""', {}, {"split": "x" * 999}).values()
    assert long is not None
    assert len(long) == 121


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("90 days", 90 * DAY),
        ("1 day 12 hours", 36 * HOUR),
        ("1 hour 30 minutes", HOUR * 1.5),
        ("1 second", HOUR / 3600),
        ("less than a second", HOUR / 7200),
    ],
)
def test_lengths(text: str, of: timedelta) -> None:
    assert length(of) == text


def test_what_lies_ahead_in_its_two_largest_units() -> None:
    assert ahead(NOON + 5 * DAY + 18 * HOUR, NOON) == "5 days 18 hours"
    assert ahead(NOON + 5 * DAY + HOUR / 60, NOON) == "5 days"
    assert ahead(NOON + HOUR + HOUR / 60, NOON) == "1 hour 1 minute"


def test_lists_in_words() -> None:
    assert [listed(each) for each in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]
