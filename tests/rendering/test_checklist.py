"""The finished checklist holds everything that the policy says."""

import pytest

from phasegate.engine.policy import Requirement
from phasegate.rendering.checklist import render_policy
from phasegate.rendering.checks import Piece, check_words, laid_out
from tests.policies import golden
from tests.rendering.pages import Page, markdown_page
from tests.rendering.samples import policy, sample


def shown(content: str) -> str:
    """All words of a page, blanks as one space."""
    return " ".join(Page(content).text.split())


@pytest.fixture(scope="module", params=["html", "markdown"])
def text(request: pytest.FixtureRequest) -> str:
    """What a reader sees of the shipped policy."""
    content = render_policy(golden.policy(), request.param)
    return shown(content if request.param == "html" else f"<div>{markdown_page(content)}</div>")


@pytest.fixture(scope="module", params=["html", "markdown"])
def whole(request: pytest.FixtureRequest) -> str:
    """The same of a policy with one of everything."""
    content = render_policy(sample().policy, request.param)
    return shown(content if request.param == "html" else f"<div>{markdown_page(content)}</div>")


def test_parts_stand_in_their_order(text: str) -> None:
    parts = ["ML Deployment Checklist", "sha256:", "Introduction", "The checklist on one page"]
    phases = [f"{n}. {phase.title}" for n, phase in enumerate(golden.policy().policy.phases, 1)]
    at = -1
    for part in [*parts, *phases, "Level", "Appendix: evidence", "Appendix: parameters"]:
        if part != "Level":
            assert part in text
        at = max(at, text.find(part, at + 1))
    assert text.index("Introduction") < text.rindex("The checklist on one page") < text.rindex("Maturity levels")
    assert text.rindex("Maturity levels") < text.rindex("Appendix: evidence") < text.rindex("Appendix: parameters")


def test_every_criterion_is_there_with_all_it_says(text: str) -> None:
    for p, phase in enumerate(golden.policy().policy.phases, 1):
        for c, criterion in enumerate(phase.criteria, 1):
            assert text.count(criterion.title) >= 2, "in the table up front and in its own place"
            assert f"{p}.{c} {criterion.title}" in text
            for each in (criterion.id, criterion.label, criterion.owner, " ".join(criterion.source.split())):
                assert each in text
            if criterion.when:
                assert criterion.when.strip() in text
            for check in criterion.checks:
                assert " ".join(check.that.split()) in text


def test_every_type_parameter_and_level_is_there(text: str) -> None:
    content = golden.policy().policy
    for name, kind in content.evidence.items():
        assert name in text
        assert kind.title in text
    for name, param in content.params.items():
        assert name in text
        assert param.unit in text
    assert content.maturity is not None
    for level in content.maturity.levels:
        assert f"{level.level} {level.name}" in text
        for each in level.requires:
            assert not isinstance(each, Requirement) or each.title in text


def test_lengths_of_time_are_in_words(text: str) -> None:
    assert "valid for 90 days" in text
    assert "P90D" not in text


@pytest.mark.parametrize(
    "words",
    [
        "A person in each of these roles: owner and second.",
        "Different people hold them.",
        "An approval stands for 30 days.",
        "It is given through the web page, the API, Slack or Discord.",
        "The session must be confirmed by a second factor.",
        "It can be waived for 30 days at most.",
        "It can't be waived.",
        "It advises and never blocks.",
        "It depends on 1.4 (absent)",
        "Each piece of evidence it reads must be measured, or stronger.",
        "valid for 1 day 12 hours",
        "Every criterion of plain words",
        "Criterion 1.1 (passes)",
    ],
)
def test_rules_are_in_words(whole: str, words: str) -> None:
    assert words in whole


def test_a_date_of_effect_is_told() -> None:
    content = render_policy(policy(), "markdown")
    assert "It blocks from" not in content


def test_an_unused_part_leaves_no_heading() -> None:
    content = render_policy(golden.policy(), "markdown")
    assert "## Appendix: frameworks" not in content
    assert "## Appendix: frameworks" in render_policy(policy(), "markdown")


class TestWords:
    def test_a_parameter_of_a_message_has_its_default(self) -> None:
        check = golden.policy().policy.phases[0].criteria[1].checks[0]
        assert check_words(check, golden.policy()).otherwise == (
            Piece("words", "only "),
            Piece("value", "temporal folds"),
            Piece("words", " time-ordered folds; at least 3"),
        )

    @pytest.mark.parametrize(
        ("source", "lines"),
        [
            ("a == 1", ["a == 1"]),
            ("a == 1 &&\n   b == 2", ["a == 1 && b == 2"]),
            ('a == "x  y"', ['a == "x  y"']),
            ("a // why\n|| b", ["a // why", "|| b"]),
            ("a.exists(x, x == \"p && q\" && x != '||') || b", ["a.exists(x, x == \"p && q\" && x != '||') || b"]),
            ("a" * 40 + " || (" + "b" * 20 + " && c) && d", ["a" * 40, "|| (" + "b" * 20 + " && c)", "&& d"]),
            ('"' + "x" * 80 + '\\" && y"', ['"' + "x" * 80 + '\\" && y"']),
        ],
    )
    def test_a_long_condition_breaks_where_it_may(self, source: str, lines: list[str]) -> None:
        assert laid_out(source).split("\n") == lines
