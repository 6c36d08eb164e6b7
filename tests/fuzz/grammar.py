"""Where a file can be changed: its numbers, its other values, its keys."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Grammar = Literal["json", "xml", "yaml", "csv", "text"]
_BY_SUFFIX: dict[str, Grammar] = {
    ".json": "json",
    ".sarif": "json",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "yaml",  # the front matter
    ".csv": "csv",
}
_NUMBER = rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_JSON = re.compile(rb'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<number>%b)|(?P<word>true|false|null)' % _NUMBER)
_PLAIN = re.compile(rb"(?<![\w.-])(?P<number>%b)(?![\w.])" % _NUMBER)
_ATTRIBUTE = re.compile(rb'(?P<key>[\w:]+)=(?P<text>"[^"<]*")')
_LINE = re.compile(rb"(?m)^(?P<key> *[\w-]+:)(?= |$)(?P<text>.*)$")
_COLUMN = re.compile(rb"(?P<key>[^,\r\n]+)")


class Span(NamedTuple):
    start: int
    end: int


class Places(NamedTuple):
    """What there is to change."""

    numbers: tuple[Span, ...]
    values: tuple[Span, ...]
    """Texts and words; of XML the numbers with their quotes, since all else is text."""
    keys: tuple[Span, ...]
    """Of JSON with its colon, of YAML a whole line, of XML a whole attribute, of CSV a heading, else a line."""


def grammar(path: Path) -> Grammar:
    return _BY_SUFFIX.get(path.suffix, "text")


@lru_cache(maxsize=256)
def places(raw: bytes, of: Grammar) -> Places:
    """Every place of a file."""
    if of == "json":
        found = list(_JSON.finditer(raw))
        keys = [Span(*match.span()) for match in found if match["colon"]]
        values = [Span(*match.span()) for match in found if not match["colon"] and not match["number"]]
        return Places(tuple(Span(*match.span()) for match in found if match["number"]), tuple(values), tuple(keys))
    if of == "xml":
        attributes = list(_ATTRIBUTE.finditer(raw))
        texts = [Span(*match.span("text")) for match in attributes]
        numbers = [
            Span(span.start + 1, span.end - 1)
            for span in texts
            if re.fullmatch(_NUMBER, raw[span.start + 1 : span.end - 1])
        ]
        values = [Span(span.start - 1, span.end + 1) for span in numbers]
        return Places(tuple(numbers), tuple(values), tuple(Span(*match.span()) for match in attributes))
    numbers = [Span(*match.span("number")) for match in _PLAIN.finditer(raw)]
    if of == "yaml":
        lines = list(_LINE.finditer(_front(raw)))
        return Places(
            tuple(numbers),
            tuple(Span(*each.span("text")) for each in lines),
            tuple(Span(*each.span()) for each in lines),
        )
    keys = [
        Span(*match.span())
        for match in (_COLUMN.finditer(raw.partition(b"\n")[0]) if of == "csv" else re.finditer(rb"(?m)^.+$", raw))
    ]
    return Places(tuple(numbers), (), tuple(keys))


def _front(raw: bytes) -> bytes:
    """The front matter of a Markdown file, the whole of another."""
    return (
        raw[: raw.index(b"\n---", 3) + 1]
        if raw.startswith(b"---\n") and b"\n---" in raw[3:] and b"\n# " in raw
        else raw
    )
