"""Prose of a policy is Markdown, and in either form what a CommonMark reader sees in it."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from phasegate.rendering import prose
from tests.policies import golden
from tests.rendering.pages import markdown_page


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)


def same(text: str) -> None:
    """Both forms are read alike, links aside, which say more in HTML."""
    written = re.sub(r' rel="noopener noreferrer"', "", str(prose.html(text, 2)))
    assert markdown_page(str(prose.markdown(text, 2))).replace(' style="text-align:left"', "") == written


def test_every_text_of_the_shipped_policy_survives_being_written_anew() -> None:
    found = set(texts(msgspec.to_builtins(golden.policy().policy, builtin_types=())))
    prosaic = [text for text in found if " " in text]
    assert len(prosaic) > 400
    for text in prosaic:
        same(text)


@pytest.mark.parametrize(
    "text",
    [
        "a *b* **c** ***d*** `e` \\*f\\* <b> &amp; &lt;",
        "one\ntwo  \nthree\\\nfour",
        "- a\n- b\n  - c\n\n    more\n- d",
        "3. a\n4. b",
        "- a\n\n- b\n\n  more\n",
        "> a\n> > b\n>\n> - c",
        "```sh\nx = `1`\n\n\n```\n\nafter",
        "~~~\n```\n~~~",
        "    code\n\n    more",
        "[a *b*](https://x.example/a_b?c=d&e=(f)) <https://y.example>",
        "a\n\n---\n\nb",
        "| a | b |\n| --- | --- |\n| `x` | *y* |",
        "1\\. no list\n\n\\- nor this\n\n\\# nor that",
        "# a\n\n## b\n\n# c",
        "-",
        "1.",
        "",
    ],
)
def test_each_construct_is_written_anew(text: str) -> None:
    same(text)


def test_headings_go_below_ours_and_skip_no_rank() -> None:
    text = "# a\n\n### b\n\n###### c\n\n## d\n\n# e"
    assert re.findall(r"<h(\d)>", prose.html(text, 2)) == ["3", "4", "5", "4", "3"]
    assert re.findall(r"(?m)^#+", prose.markdown(text, 2)) == ["###", "####", "#####", "####", "###"]
    assert re.findall(r"<h(\d)>", prose.html(text, 5)) == ["6"] * 5


@pytest.mark.parametrize("url", ["https://x.example/", "http://x.example/", "mailto:a@x.example", "HTTPS://x.example/"])
def test_addresses_that_are_links(url: str) -> None:
    assert f'<a href="{url}" rel="noopener noreferrer">t</a>' in prose.html_line(f"[t]({url})")
    assert f"[t](<{url}>)" in prose.markdown_line(f"[t]({url})")
    assert str(prose.html_link("t", url)).startswith("<a ")


@pytest.mark.parametrize(
    "url",
    ["javascript:x", "JAVASCRIPT:x", "java%0ascript:x", "data:text/html,x", "file:///x", "//x.example", "/x", "#x", ""],
)
def test_addresses_that_are_not(url: str) -> None:
    assert "<a" not in prose.html_line(f"[t]({url})")
    assert "](<" not in prose.markdown_line(f"[t]({url})")
    assert str(prose.html_link("t", url)) == str(prose.markdown_link("t", url)) == "t"


def test_an_image_is_a_link_to_it() -> None:
    text = "![what it *shows*](https://x.example/a.png)"
    assert str(prose.html_line(text)) == (
        '<a href="https://x.example/a.png" rel="noopener noreferrer">what it shows</a>'
    )
    assert str(prose.markdown_line(text)) == r"[what it \*shows\*](<https://x.example/a.png>)"
    assert "https://x.example/a.png</a>" in prose.html_line("![](https://x.example/a.png)")


def test_raw_html_is_text() -> None:
    assert str(prose.html("<b>x</b>", 2)) == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"
    assert str(prose.markdown("<b>x</b>", 2)) == r"\<b\>x\</b\>"


def test_what_is_left_open_is_closed() -> None:
    assert str(prose.markdown("```\nopen", 2)) == "```\nopen\n```"
    assert str(prose.markdown("<!-- open", 2)) == r"\<!-- open"
