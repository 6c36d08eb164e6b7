"""A Markdown document by its headings: what stands under each, and whether parts of it are yet to be written."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from phasegate.adapters.markdown_blocks import blocks
from phasegate.adapters.text import clean

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<(style|script)\b.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_SCRIPT_TAG = re.compile(r"<(/?)(style|script)\b[^<>]{0,200}>", re.IGNORECASE)
_CODE = re.compile(r"(`+)[^`]+\1(?!`)")
_PLACEHOLDER = re.compile(
    r"\b(?:TODO|TBD|FIXME)\b|(?i:lorem ipsum|\[\s*more information needed\s*\]"
    r"|<\s*(?:\.\.\.|…|(?:your|insert|fill|enter|add|name|date|todo|tbd|placeholder)\b[^<>\n]{0,100})\s*>)"
    r"|<[A-Z][A-Z _-]{2,60}>"
)
_WORD = re.compile(r"\w+")
_MARKS = "*_`~ "


class Section(NamedTuple):
    """What stands under one heading, down to the next of any level."""

    heading: str
    """Empty for what stands before the first."""
    paragraphs: int
    """With text other than placeholders, outside lists."""
    items: int
    """Of lists, with text other than placeholders."""
    filled: bool
    """Something is written there, be it code or a table."""


class Outline(NamedTuple):
    """A document."""

    sections: tuple[Section, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    """Their rows, the header first."""
    placeholders: bool
    words: int


def has_placeholder(text: str) -> bool:
    """TODO, TBD, FIXME, lorem ipsum, [More Information Needed], and stubs such as <your name>."""
    return _PLACEHOLDER.search(text) is not None


def outline(text: str) -> Outline:
    """The document's parts. Placeholders inside code don't count, nor does HTML count as text."""
    sections: list[Section] = []
    tables: list[tuple[tuple[str, ...], ...]] = []
    heading, paragraphs, filled, placeholders, words = "", 0, False, False, 0
    items: set[int] = set()
    open_items: list[int] = []
    rows: list[list[str]] = []
    in_heading = in_table = False
    for n, token in enumerate(blocks(_without_scripts(text), "table", "html_block")):
        kind = token.type
        if kind == "heading_open":
            sections.append(Section(heading, paragraphs, len(items), filled))
            paragraphs, filled, items, in_heading = 0, False, set(), True
        elif kind == "heading_close":
            in_heading = False
        elif kind == "list_item_open":
            open_items.append(n)
        elif kind == "list_item_close":
            open_items.pop()
        elif kind == "table_open":
            rows, in_table = [], True
        elif kind == "tr_open":
            rows.append([])
        elif kind == "table_close":
            tables.append(tuple(map(tuple, rows)))
            in_table = False
        elif kind in ("fence", "code_block"):
            filled = filled or bool(token.content.strip())
        elif kind == "html_block":
            placeholders = placeholders or has_placeholder(_COMMENT.sub(" ", token.content))
        elif kind == "inline":
            said = _COMMENT.sub(" ", token.content)
            placeholders = placeholders or has_placeholder(_CODE.sub(" ", said))
            if in_heading:
                heading = clean(said.strip(_MARKS))[:200]
                continue
            words += len(_WORD.findall(said))
            if in_table:
                rows[-1].append(said.strip())
            if not _WORD.search(_PLACEHOLDER.sub(" ", said)):
                continue
            filled = True
            if open_items:
                items.add(open_items[-1])
            elif not in_table:
                paragraphs += 1
    sections.append(Section(heading, paragraphs, len(items), filled))
    return Outline(tuple(sections), tuple(tables), placeholders, words)


def _without_scripts(text: str) -> str:
    """The text without styles and scripts, whose blank lines would end the HTML around them."""
    kept: list[str] = []
    at, inside = 0, ""
    for tag in _SCRIPT_TAG.finditer(text):
        opens, name = not tag[1], tag[2].lower()
        if opens and not inside:
            kept.append(text[at : tag.start()])
            at, inside = tag.start(), name
        elif not opens and name == inside:
            at, inside = tag.end(), ""
    return "".join((*kept, text[at:]))


def stated_items(sections: Sequence[Section], named: re.Pattern[str]) -> int:
    """List items under the headings of that name, or paragraphs where one has no list."""
    return sum(section.items or section.paragraphs for section in sections if named.search(section.heading))
