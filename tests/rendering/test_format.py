"""The page of a format, as a document."""

from datetime import UTC, datetime

import msgspec
import pytest

from phasegate.rendering.format import ExampleRead, FormatPage, ReadField, TakingType, render_format
from tests.rendering.pages import Page, markdown_form
from tests.rendering.test_hostile import NEVER, TEXTS

EXAMPLE = ExampleRead(
    file="report.xml",
    content="<testsuites/>",
    complete=False,
    context={"split": "test"},
    shape="test-report",
    data={"total": 1},
    fields=(ReadField("total", "int", "all of them", "1"), ReadField("tool", "string", "the tool", None)),
    collected_at=datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
    producer="pytest 9.2.0",
    warnings=("one was guessed",),
)
PAGE = FormatPage(
    format="junit",
    title="JUnit XML",
    version="1.0.0",
    shapes=("test-report",),
    source="",
    command="pytest --junitxml=report.xml",
    fingerprint="XML whose root is `testsuites`",
    policy="ml-deployment@1.1.0",
    types=(
        TakingType("fallback-tests", "Fallback tests", "test-report", "subject", ("environment", "rows?")),
        TakingType("edge-case-tests", "", "test-report", "release", ()),
    ),
    example=EXAMPLE,
)


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_what_it_says(form: str) -> None:
    told = render_format(PAGE, "html" if form == "html" else "markdown")
    for part in (
        "JUnit XML",
        "pytest --junitxml=report.xml",
        "fallback-tests",
        "--type fallback-tests --format junit --context environment=ENVIRONMENT --context split=test --subject-scope",
        "2026-11-24 12:00:00 UTC",
        "pytest 9.2.0",
        "split=test",
        "The beginning of report.xml",
        "one was guessed",
        "not stated",
    ):
        assert part in told


def test_the_address_of_a_subject_and_of_a_release() -> None:
    assert "/v1/subjects/SUBJECT/evidence?type=fallback-tests&format=junit" in render_format(PAGE, "markdown")
    of_releases = msgspec.structs.replace(PAGE, types=PAGE.types[1:])
    told = render_format(of_releases, "markdown")
    assert "/v1/subjects/SUBJECT/releases/VERSION/evidence?type=edge-case-tests&format=junit" in told
    assert "phasegate submit SUBJECT VERSION FILE --type edge-case-tests" in told


def test_without_an_example_and_a_type() -> None:
    bare = msgspec.structs.replace(PAGE, example=None, types=(), command="", fingerprint="", source="their-package")
    for form in ("markdown", "html"):
        told = render_format(bare, "html" if form == "html" else "markdown")
        assert "No evidence type of" in told
        assert "A real file" not in told
        assert "their-package" in told


def with_text(text: str) -> FormatPage:
    """The page with this text wherever a stranger writes one."""
    example = msgspec.structs.replace(
        EXAMPLE,
        file=text,
        content=text,
        context={text: text},
        shape=text,
        producer=text,
        warnings=(text,),
        fields=(ReadField(text, text, text, text), ReadField(text, text, text, None)),
    )
    types = (TakingType(text, text, text, "release", (text,)),)
    return FormatPage(
        format=text,
        title=text,
        version=text,
        shapes=(text,),
        source=text,
        command=text,
        fingerprint="harmless",
        policy=text,
        types=types,
        example=example,
    )


@pytest.mark.parametrize("text", TEXTS, ids=[ascii(text)[:40] for text in TEXTS])
def test_text_of_strangers_stays_text(text: str) -> None:
    page = Page(render_format(with_text(text), "html"))
    assert page.faults == []
    assert page.form == Page(render_format(with_text("harmless"), "html")).form
    told = render_format(with_text(text), "markdown")
    assert markdown_form(told) == markdown_form(render_format(with_text("harmless"), "markdown"))
    assert not set(NEVER) & set(told)
