"""Reading HTML documents the way a strict browser would, and Markdown ones the way a lenient one would."""

from html.parser import HTMLParser
from typing import NamedTuple

from markdown_it import MarkdownIt

VOID = {"meta", "br"}
ALLOWED = VOID | {
    "html", "head", "title", "style", "body", "header", "nav", "main", "footer", "section", "article", "div", "span",
    "p", "a", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr",
    "th", "td", "pre", "code", "var", "strong", "em", "blockquote", "details", "summary", "time", "hr",
}  # fmt: skip
PHRASING = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "span",
    "summary",
    "dt",
    "code",
    "a",
    "time",
    "strong",
    "em",
}
"""Elements that hold no block."""
BLOCKS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "div", "section", "article", "table", "pre",
    "blockquote", "details", "header", "footer", "nav", "main",
}  # fmt: skip
PARENT = {
    "li": {"ul", "ol"}, "tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"}, "thead": {"table"}, "tbody": {"table"},
    "dt": {"div"}, "dd": {"div"}, "summary": {"details"},
}  # fmt: skip


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str]
    path: tuple[str, ...]
    """Tags it stands in, outermost first."""


class Page(HTMLParser):
    """An HTML document, refused where it isn't well formed."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.text = ""
        """All that is shown, style sheet aside."""
        self.style = ""
        self.headings: list[tuple[int, str]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(content)
        self.close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = tuple(self._open)
        if tag in BLOCKS or tag in ("td", "th", "dt", "dd", "br"):
            self.text += " "
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}> in {here}")
        if tag in PARENT and (not here or here[-1] not in PARENT[tag]):
            self.faults.append(f"<{tag}> in {here[-1:]}")
        if tag in BLOCKS and PHRASING & set(here[here.index("body") :] if "body" in here else ()):
            self.faults.append(f"<{tag}> in {here}")
        if tag == "a" and "a" in here:
            self.faults.append("a link in a link")
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, here))
        if tag not in VOID:
            self._open.append(tag)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
            return
        self.text += data
        if self.headings and any(tag[0] == "h" and tag[1:].isdigit() for tag in self._open):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment: {data[:40]}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"a processing instruction: {data[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"a declaration: {data[:40]}")

    def all(self, tag: str) -> list[Element]:
        return [each for each in self.elements if each.tag == tag]

    @property
    def form(self) -> list[str]:
        """The tags in order, which text from outside must never change."""
        return [each.tag for each in self.elements]


_lenient = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def markdown_form(content: str) -> list[str]:
    """What a parser that lets raw HTML through makes of a Markdown document, without its text."""
    form = []
    for token in _lenient.parse(content):
        form.append(token.type + token.tag)
        form += [child.type for child in token.children or () if child.type not in ("text", "text_special")]
    return form


def markdown_page(content: str) -> str:
    """A Markdown document as HTML."""
    return str(_lenient.render(content))
