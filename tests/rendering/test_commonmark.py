"""Whatever text is escaped, a Markdown reader shows just that."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from phasegate.rendering import commonmark
from phasegate.rendering.visible import one_line, visible

_reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ODD = st.text(st.sampled_from("\\`*_{}[]<>()#+-.!|~&:=\"'$@1a \t\n\r/w;x"), max_size=40)
ANY = st.text(max_size=40) | ODD


@given(ANY)
def test_escaped_text_is_one_paragraph_of_it(text: str) -> None:
    told = one_line(text)
    form = [token.type for token in _reader.parse(commonmark.escaped(text))]
    assert form == (["paragraph_open", "inline", "paragraph_close"] if told else [])
    shown = _reader.render(commonmark.escaped(text)).removeprefix("<p>").removesuffix("</p>\n")
    assert unescape(shown) == told
    assert "<" not in shown


@given(ANY, ANY)
def test_in_a_list_item_behind_other_text(text: str, other: str) -> None:
    form = [token.type for token in _reader.parse(f"- {commonmark.escaped(text)}x: {commonmark.escaped(other)}\n")]
    inner = ["paragraph_open", "inline", "paragraph_close"]
    assert form == ["bullet_list_open", "list_item_open", *inner, "list_item_close", "bullet_list_close"]


@given(st.lists(ANY, min_size=2, max_size=4))
def test_in_a_table_each_text_fills_its_cell(texts: list[str]) -> None:
    cells = [commonmark.cell(commonmark.escaped(text)) for text in texts]
    table = f"| {' | '.join('h' for _ in cells)} |\n|{'---|' * len(cells)}\n| {' | '.join(cells)} |\n"
    tokens = _reader.parse(table)
    found = [tokens[n + 1].children or [] for n, token in enumerate(tokens) if token.type == "td_open"]
    assert ["".join(child.content for child in children) for children in found] == [one_line(text) for text in texts]


@given(ANY)
def test_code_is_one_span_of_it(text: str) -> None:
    (inline,) = [token for token in _reader.parse(f"x {commonmark.code(text)} y") if token.type == "inline"]
    (span,) = [child for child in inline.children or [] if child.type != "text"]
    assert (span.type, span.content) == ("code_inline", one_line(text) or " ")


@given(ANY)
def test_code_in_a_cell_stays_in_it(text: str) -> None:
    tokens = _reader.parse(f"| a | b |\n|---|---|\n| {commonmark.code_in_cell(text)} | y |\n")
    found = [tokens[n + 1].children or [] for n, token in enumerate(tokens) if token.type == "td_open"]
    shown = ["".join(child.content for child in children) for children in found]
    assert shown == [one_line(text) or " ", "y"]


@given(ANY)
def test_a_block_ends_where_it_should(text: str) -> None:
    fence, rest = _reader.parse(f"{commonmark.block(text)}\n\nafter\n")[:2]
    assert (fence.type, fence.content.removesuffix("\n")) == ("fence", visible(text).removesuffix("\n"))
    assert rest.type == "paragraph_open"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("churn-scorer 2.1.0 may not launch", "churn-scorer 2.1.0 may not launch"),
        ("min_edge_case_tests (at most 5)", "min_edge_case_tests (at most 5)"),
        ("2. step", r"2\. step"),
        ("- item", r"\- item"),
        ("-5 degrees", "-5 degrees"),
        ("# x", r"\# x"),
        ("a|b", r"a\|b"),
        ("https://x.example", r"https\://x.example"),
    ],
)
def test_what_means_nothing_is_left_alone(text: str, written: str) -> None:
    assert commonmark.escaped(text) == written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("\x00", "[U+0000]"),
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
        ("\ud800", "[U+D800]"),
        ("e\u0301 \u200d \u200c \u05d0", "e\u0301 \u200d \u200c \u05d0"),
    ],
)
def test_hidden_characters_are_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown
