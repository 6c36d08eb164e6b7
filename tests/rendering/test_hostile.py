"""Text from outside is text: whatever it holds, both forms of both documents keep their build."""

import pytest

from phasegate.rendering.checklist import render_policy
from tests.rendering.pages import Page, markdown_form, markdown_page
from tests.rendering.samples import policy, sample

TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='alert(1)",
    "</title></style></pre></code><h1>mine",
    "<!-- open",
    "<!-- x --> <![CDATA[ x ]]> <?php x ?> <!DOCTYPE x>",
    "&lt;b&gt; &#60;b&#62; &amp;amp; &copy",
    "# heading",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "> quote",
    "    indented",
    "\tindented",
    "```",
    "~~~ sh",
    "---",
    "- - -",
    "***",
    "===",
    "| a | b |",
    "a | b | c",
    "|---|",
    ":-:",
    "*a* **b** _c_ __d__ ~~e~~",
    "*",
    "`a` ``b`` ```c```",
    "`",
    "a``",
    "\\",
    "\\`a\\`",
    "[a](javascript:alert(1))",
    "[a](https://evil.example) ![b](https://evil.example/x.png)",
    "[a]: https://evil.example",
    "[ ] [x]",
    "<https://evil.example> <a@evil.example>",
    "https://evil.example/x www.evil.example @team #12 :smile: $x$",
    "one\n\n# two\n\n- three\n\n| a |\n| - |",
    "one\r\n# two\r# three",
    "one\x85# two\u2028# three\u2029# four\x0b# five\x0c# six",
    "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "\x00\x01\x1b[31m\x7f\x9b",
    "\ufeff\u200b\u00ad\U000e0041",
    "{{ 7 * 7 }} {% raw %} {# c #} ${x} #{x}",
    "w" * 4000,
    "\U0001f469\u200d\U0001f52c caf\u00e9 \u05d0\u05d1 \u0645",
    "0",
]
NEVER = "\x00\x01\x1b\x7f\x9b\u202e\u202c\u2066\u2069\u200f\u061c\ufeff\u200b\u00ad\u2028\u2029\x85\U000e0041"


@pytest.fixture(scope="module")
def plain() -> dict[str, list[str]]:
    """The build of each document when all text is harmless."""
    of = sample()
    return {
        "html checklist": Page(render_policy(of.policy, "html")).form,
        "html review": Page(of.review("html")).form,
        "markdown checklist": markdown_form(render_policy(of.policy, "markdown")),
        "markdown review": markdown_form(of.review("markdown")),
    }


@pytest.mark.parametrize("text", TEXTS, ids=[ascii(text)[:40] for text in TEXTS])
class TestPlainText:
    def test_in_html(self, plain: dict[str, list[str]], text: str) -> None:
        of = sample(text)
        for name, content in (("checklist", render_policy(of.policy, "html")), ("review", of.review("html"))):
            page = Page(content)
            assert page.faults == []
            assert page.form == plain[f"html {name}"]
            assert {each.attributes.get("href", "#")[:1] for each in page.all("a")} <= {"#", "h"}
            assert not set(NEVER) & set(content)

    def test_in_markdown(self, plain: dict[str, list[str]], text: str) -> None:
        of = sample(text)
        for name, content in (("checklist", render_policy(of.policy, "markdown")), ("review", of.review("markdown"))):
            assert markdown_form(content) == plain[f"markdown {name}"]
            assert not set(NEVER) & set(content)


@pytest.mark.parametrize(
    "text", [each for each in TEXTS if not set(NEVER) & set(each)], ids=lambda text: ascii(text)[:40]
)
def test_it_is_shown(text: str) -> None:
    """Nothing is lost: what a reader sees in both forms is the text."""
    of, seen = sample(text), "".join(text.split())
    for content in (of.review("html"), markdown_page(of.review("markdown"))):
        shown = "".join(Page(f"<div>{content}</div>").text.split())
        assert shown.count(seen) > 20


HTML = "<b onclick=x>b</b> <script>alert(1)</script> <img src=x> <!-- open\n\n<div>\n\n"
PROSE = [
    HTML,
    "```\nnever closed",
    "- a\n  - b\n\n        code\n> quote\n```",
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](vbscript:x) [e](file:///etc/passwd)",
    "[a](//evil.example) [b](/v1/me) [c](../x) [d](#main) <javascript:alert(1)>",
    "![a](https://evil.example/x.png) ![b](javascript:alert(1)) ![c](data:image/png;base64,AAAA)",
    "[a]: javascript:alert(1)\n\n[a] [a][a]",
    "[a](https://ok.example/\"onmouseover=alert(1)) [b](<https://ok.example/a b>) [c](https://ok.example 'title')",
    "# one\n\n### three\n\nTwo\n===\n\n###### six",
    "| a | b |\n| - | - |\n| `x|y` | <b> |\n",
    "\u202eevil \x00 &#x202e; &lt;script&gt;",
    "[" * 300,
    "*" * 300,
    "> " * 60 + "deep",
    "`" * 301,
    "w" * 5000,
    "$$ {{ 7 }} {% x %}",
]


@pytest.mark.parametrize("prose", PROSE, ids=[ascii(each)[:40] for each in PROSE])
class TestProse:
    """Markdown of the policy is Markdown, and no more than that."""

    def test_in_html(self, prose: str) -> None:
        of = sample(prose=prose)
        for content in (render_policy(of.policy, "html"), of.review("html")):
            page = Page(content)
            assert page.faults == []
            assert not {"script", "img", "b"} & set(page.form)
            for link in page.all("a"):
                target = link.attributes["href"]
                assert target.startswith(("#", "http://", "https://", "mailto:")), target
                if not target.startswith("#"):
                    assert link.attributes["rel"] == "noopener noreferrer"
            for element in page.elements:
                assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "src")]
            assert "\u202e" not in page.text

    def test_in_markdown(self, prose: str) -> None:
        of = sample(prose=prose)
        for content in (render_policy(of.policy, "markdown"), of.review("markdown")):
            form = markdown_form(content)
            assert not {"html_block", "html_inline", "image"} & set(form)
            assert "javascript:alert" not in [part for part in markdown_page(content).split('"') if "://" not in part]
            assert 'href="javascript' not in markdown_page(content).lower()

    def test_it_reaches_no_further_than_its_place(self, prose: str) -> None:
        """Every heading of ours is there, in its order and rank."""
        bare, of = policy(prose=""), policy(prose=prose)
        for form in ("html", "markdown"):
            ours = _headings(render_policy(bare, form), form)
            found = _headings(render_policy(of, form), form)
            rest = iter(found)
            assert all(heading in rest for heading in ours)


def _headings(content: str, form: str) -> list[tuple[int, str]]:
    page = Page(content if form == "html" else f"<div>{markdown_page(content)}</div>")
    return page.headings
