"""Prose of a policy, which is Markdown, put into a document of either form.

It is read by a CommonMark parser in both cases. Raw HTML is text, an image is a link to it, and a
link goes to http, https or mailto or is text. In a Markdown document the prose is written anew from
what was read, so that nothing left open in it (a fence, a comment) reaches beyond it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from phasegate.rendering import commonmark
from phasegate.rendering.visible import one_line, visible

_SCHEMES = ("http", "https", "mailto")
_DEEPEST = 6
_kept = lru_cache(maxsize=1024)
"""A checklist is read far more often than it changes, and prose is what takes the time."""
_INFO = re.compile(r"[^A-Za-z0-9_+-]")


@_kept
def html(text: str, under: int) -> Markup:
    """Blocks of HTML; headings in it begin one level below `under`."""
    tokens = _read(text, under)
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))


@_kept
def html_line(text: str) -> Markup:
    """HTML without blocks."""
    return Markup(_parser.renderer.render(_read_line(text), _parser.options, {}))


@_kept
def markdown(text: str, under: int) -> Markup:
    """Blocks of Markdown, without a line feed at the end; headings in it begin one level below `under`."""
    tokens = _read(text, under)
    return Markup(_blocks(SyntaxTreeNode(tokens).children))


@_kept
def markdown_line(text: str) -> Markup:
    """Markdown without blocks."""
    (inline,) = _read_line(text)
    return commonmark.at_start(_inlines(SyntaxTreeNode([inline]).children[0].children))


def html_link(text: str, url: str) -> Markup:
    """`text` as a link to `url`, or alone where that is no address for one."""
    shown = Markup.escape(visible(text))
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, shown) if _allowed(url) else shown


def markdown_link(text: str, url: str) -> Markup:
    """The same in Markdown."""
    shown = commonmark.escaped(text)
    return Markup(f"[{shown}](<{_parser.normalizeLink(url)}>)") if _allowed(url) else shown


def _read(text: str, under: int) -> list[Token]:
    tokens = _parser.parse(visible(text))
    _demote(tokens, under)
    _show(tokens)
    return tokens


def _read_line(text: str) -> list[Token]:
    tokens = _parser.parseInline(one_line(text))
    _show(tokens)
    return tokens


def _show(tokens: Sequence[Token]) -> None:
    """Hidden characters once more: an entity such as `&#x202e;` became one in reading."""
    for token in tokens:
        token.content = visible(token.content)
        token.children = None if token.children is None else _without_empty_links(token.children)
        _show(token.children or ())


def _without_empty_links(tokens: Sequence[Token]) -> list[Token]:
    """The reader takes `[text]()` for a link, to nowhere; links don't nest."""
    kept = []
    inside = False
    for token in tokens:
        if token.type == "link_open" and not token.attrs["href"]:
            inside = True
        elif token.type == "link_close" and inside:
            inside = False
        elif token.type == "image" and not token.attrs["src"]:
            kept += token.children or []
        else:
            kept.append(token)
    return kept


def _allowed(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _link(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrs = {"href": tokens[index].attrs["href"], "rel": "noopener noreferrer"}
    return str(self.renderToken(tokens, index, options, env))


def _image(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    opening = Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
    alt = self.renderInlineAsText(token.children or [], options, env) or str(token.attrs["src"])
    return f"{_link(self, [opening], 0, options, env)}{Markup.escape(alt)}</a>"


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.validateLink = _allowed  # type: ignore[method-assign]  # its documented way of saying which links are links
    made.add_render_rule("link_open", _link)
    made.add_render_rule("image", _image)
    return made


_parser = _made()


def _demote(tokens: Sequence[Token], under: int) -> None:
    """Headings of every rank used, one level apart, so that none is skipped."""
    open_ranks: list[int] = []
    level = under
    for token in tokens:
        if token.type == "heading_open":
            rank = int(token.tag[1:])
            open_ranks = [*(each for each in open_ranks if each < rank), rank]
            level = min(_DEEPEST, under + len(open_ranks))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


def _blocks(nodes: Sequence[SyntaxTreeNode], gap: str = "\n\n") -> str:
    return gap.join(_block(node) for node in nodes)


def _block(node: SyntaxTreeNode) -> str:
    kind = node.type
    if kind == "paragraph":
        return _lines(node)
    if kind == "heading":
        return f"{'#' * int(node.tag[1:])} {' '.join(_lines(node).split(chr(10)))}"
    if kind in ("fence", "code_block"):
        return str(commonmark.block(node.content, _INFO.sub("", node.info)))
    if kind == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).split("\n"))
    if kind in ("bullet_list", "ordered_list"):
        return _list(node)
    if kind == "table":
        return _table(node)
    return "***"


def _lines(node: SyntaxTreeNode) -> str:
    """The text of a paragraph or heading, line by line as it was."""
    written = _inlines(node.children[0].children) if node.children else ""
    return "\n".join(commonmark.at_start(line) for line in written.split("\n"))


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    items = []
    tight = True
    for number, item in enumerate(node.children, first):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        hidden = any(child.type == "paragraph" and child.hidden for child in item.children)
        tight = tight and (hidden or not item.children)
        inner = _blocks(item.children, "\n" if hidden else "\n\n")
        items.append((mark + commonmark.indented(inner, len(mark))[len(mark) :]).rstrip())
    return ("\n" if tight else "\n\n").join(items)


def _table(node: SyntaxTreeNode) -> str:
    rows = [
        [str(commonmark.cell(_inlines(cell.children[0].children) if cell.children else "")) for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    rule = ["---"] * len(rows[0])
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def _inlines(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "".join(_inline(node) for node in nodes)


def _inline(node: SyntaxTreeNode) -> str:
    kind = node.type
    if kind == "softbreak":
        return "\n"
    if kind == "hardbreak":
        return "\\\n"
    if kind == "code_inline":
        return str(commonmark.code(node.content))
    if kind == "em":
        return f"*{_inlines(node.children)}*"
    if kind == "strong":
        return f"**{_inlines(node.children)}**"
    if kind == "link":
        return f"[{_inlines(node.children)}](<{node.attrs['href']}>)"
    if kind == "image":
        return f"[{commonmark.within(node.content or str(node.attrs['src']))}](<{node.attrs['src']}>)"
    return commonmark.within(node.content)
