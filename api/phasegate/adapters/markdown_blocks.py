"""The blocks of a Markdown document. What is inside a line is text here, and hostile lines cost no time."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BLOCKS = ("code", "fence", "blockquote", "hr", "list", "heading", "lheading")


def blocks(text: str, *more: str) -> "list[Token]":
    """markdown-it's tokens of the plain blocks, and of `more` (`table`, `html_block`)."""
    return _reader(more).parse(text)


@cache
def _reader(more: tuple[str, ...]) -> "MarkdownIt":
    from markdown_it import MarkdownIt  # takes long, and few commands read Markdown

    return MarkdownIt("zero", {"html": "html_block" in more}).enable([*_BLOCKS, *more])
