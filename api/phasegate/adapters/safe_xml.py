"""XML of strangers, event by event: no DTD, no entities, bounded depth and number of elements.

No tree is built, so memory is what the target keeps.
"""

import codecs
import re
from collections.abc import Callable
from typing import Protocol

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from phasegate.adapters.text import clean
from phasegate.errors import Fault, Invalid, Malformed

MAX_DEPTH = 100
MAX_ELEMENTS = 600_000
"""About a second of work; 200,000 test cases with two children each."""
MAX_NAMES = 1_000
"""Different names of elements; JUnit has about twenty."""
MAX_TAG = 1_048_576
"""Bytes of one tag: 100,000 attributes are a message to nobody, but fill the memory before they can be counted."""
_HEAD = 65_536
_LONG_TAG = re.compile(rb"<[^!?<>][^<>]{%d}" % MAX_TAG)
_ENCODING = re.compile(
    r"utf-?8|utf-?16(le|be)?|(us-)?ascii|iso-?8859-[0-9]{1,2}|latin-?[0-9]{1,2}|(windows-|cp)[0-9]{3,4}|koi8-[rtu]",
    re.I,
)
"""Of characters. Python's codecs, which expat would ask, hold others too, such as unicode_escape."""
_AGAIN = "send the file as the tool wrote it, whole; if the run was cut short, run it again"
_WRONG_ENCODING = "the encoding that the file declares is unknown or doesn't fit it; write the file as UTF-8"
_PROLOGUE = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:!DOCTYPE\s+)?([^\s<>/\[!?]+)")


class Target(Protocol):
    """What happens in the file. Names come with their namespace cut off and in lower case."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def data(self, text: str) -> None: ...


def local(tag: str) -> str:
    """`testcase` of `{http://…}TestCase`."""
    return as_written(tag).lower()


def as_written(tag: str) -> str:
    """`TestCase` of `{http://…}TestCase`."""
    return tag.rpartition("}")[2]


def root_name(raw: bytes) -> str | None:
    """The local name of the outermost element, from the first 64 KiB alone; None if there is none. Never raises."""
    head = raw[:_HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "replace")
    elif head.startswith((b"<\0", b"\0<")):
        text = head.decode("utf-16-le" if head[0] else "utf-16-be", "replace")
    else:  # the prologue and a name that we know are ASCII in every other encoding
        text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    at = 0
    while found := _PROLOGUE.match(text, at):
        at = found.end()
    root = _ROOT.match(text, at)
    return root[1].rpartition(":")[2].lower() if root else None


def parse(raw: bytes, target: Target, *, name: Callable[[str], str] = local) -> None:
    """Feeds the file to `target`, with what `name` makes of the names of elements; what `target` raises comes through.

    Raises `Malformed` where it isn't XML that is read here, `Invalid` where it has too many elements.
    """
    if _LONG_TAG.search(raw):
        raise _malformed(f"a tag is longer than {MAX_TAG:,} bytes or is never closed; {_AGAIN}")
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    bounded, expat = _Bounded(target, name), parser.parser
    # expat calls straight in here: with its own dicts of attributes a file takes half the time it does with the lists
    # that the parser around it asks for. What that one forbids stays forbidden: other handlers.
    expat.ordered_attributes = False
    expat.StartElementHandler, expat.EndElementHandler = bounded.start, bounded.end
    expat.CharacterDataHandler = target.data
    expat.XmlDeclHandler = _check_encoding
    try:
        # In one piece: expat takes quadratic time over a long token that comes in many.
        parser.feed(raw)
        parser.close()
    except DefusedXmlException:
        raise _malformed("the file has a DTD or an entity of its own; neither is read: remove <!DOCTYPE …>") from None
    except ParseError as error:
        line, column = error.position
        because = "a NUL is in it" if b"\0" in raw and not _utf16(raw) else clean(str(error))[:200]
        raise _malformed(f"the file is not well-formed XML ({because}); {_AGAIN}", line, column + 1) from None
    except (LookupError, ValueError) as error:  # the codec that the XML declaration names
        if isinstance(error, (KeyError, IndexError)):
            raise
        raise _malformed(
            "the encoding that the file declares is unknown or doesn't fit it; write it as UTF-8"
        ) from None


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and not _ENCODING.fullmatch(encoding):
        raise _malformed(_WRONG_ENCODING)


def _utf16(raw: bytes) -> bool:
    return raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<"))


def _malformed(message: str, line: int | None = None, column: int | None = None) -> Malformed:
    return Malformed(message, faults=(Fault("", message, line=line, column=column),))


class _Bounded:
    """Stands between the parser and a target: counts, and tidies names."""

    def __init__(self, target: Target, name: Callable[[str], str]) -> None:
        self._start, self._end = target.start, target.end
        self._depth = 0
        self._elements = 0
        self._names: dict[str, str] = {}
        self._local = name

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise _malformed(f"elements are nested more than {MAX_DEPTH} deep; no test tool writes that: {_AGAIN}")
        if self._elements > MAX_ELEMENTS:
            raise Invalid(f"the file has more than {MAX_ELEMENTS:,} elements; split it")
        name = self._names.get(tag)
        if name is None:
            if len(self._names) >= MAX_NAMES:
                raise Invalid(f"the file has more than {MAX_NAMES:,} names of elements; send the report of a test tool")
            name = self._names[tag] = self._local(tag)
        self._start(name, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._end(self._names[tag])
