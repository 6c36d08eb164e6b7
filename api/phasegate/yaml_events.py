"""YAML as a document, from libyaml's events.

Scalars follow the YAML 1.2 core schema, so that `on: yes` is text. Anchors, aliases, tags, merge keys
and duplicate keys are refused: a reviewer must see what is evaluated. Events nest without recursion;
libyaml's loader would crash the process on deep nesting.
"""

import re
from typing import Any

import yaml

from phasegate.errors import Malformed, TooLarge
from phasegate.reading import double, integer, malformed

_DEEPEST = 32
MOST = 50_000
"""Values in a file; each costs some microseconds."""
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("+-.0123456789")
"""What a number begins with."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DOUBLE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def build(text: str, begins: list[Any] | None = None) -> Any:
    """The one document in `text`. Raises `Malformed` with line and column, or `TooLarge`.

    `begins` takes the event with which each value begins, in the order of the text.
    """
    documents = _documents(text, begins, several=False)
    if not documents:
        raise malformed((1, 1), "the file is empty")
    return documents[0]


def build_all(text: str) -> list[Any]:
    """Every document in `text`, none where it is empty. Raises `Malformed` with line and column, or `TooLarge`."""
    return _documents(text, None, several=True)


def _documents(text: str, begins: list[Any] | None, *, several: bool) -> list[Any]:
    loader = yaml.CSafeLoader(text)
    try:
        return _build(loader, begins, several)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise malformed(at, error.problem or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise malformed((1, 1), str(error).split("\n")[0]) from None
    finally:
        loader.dispose()


def _build(loader: Any, begins: list[Any] | None, several: bool) -> list[Any]:
    documents: list[Any] = []
    count = 0
    top: Any = documents
    key: str | None = None
    around: list[tuple[Any, str | None]] = []
    next_event = loader.get_event
    while (event := next_event()) is not None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = event.value
            if event.anchor or event.tag or "\x00" in value:
                raise _refused(event)
            if key is None and type(top) is dict:
                if value in top:
                    raise malformed(_at(event), f"the key {value!r} stands here twice")
                if value == "<<":
                    raise malformed(_at(event), "merge keys are not allowed; write the values out")
                key = value
                continue
            if event.implicit[0]:
                value = _scalar(value, event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if event.anchor or event.tag:
                raise _refused(event)
            if key is None and type(top) is dict:
                raise malformed(_at(event), "a key must be text")
            if len(around) >= _DEEPEST:
                raise malformed(_at(event), f"nested more than {_DEEPEST} deep")
            value = {} if kind is yaml.MappingStartEvent else []
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            top, key = around.pop()
            continue
        else:
            if kind is yaml.AliasEvent:
                raise _refused(event)
            if kind is yaml.DocumentStartEvent and documents and not several:
                raise malformed(_at(event), "one document only")
            continue
        count += 1
        if count > MOST:
            raise TooLarge(f"a YAML file holds at most {MOST} values")
        if begins is not None:
            begins.append(event)
        if key is None:
            top.append(value)
        else:
            top[key] = value
            key = None
        if kind is not yaml.ScalarEvent:
            around.append((top, None))
            top = value
    return documents


def _refused(event: Any) -> Malformed:
    """Why a reviewer could not see through this."""
    if event.anchor:
        return malformed(_at(event), "anchors and aliases are not allowed; write the value out")
    if event.tag:
        return malformed(_at(event), "tags are not allowed")
    return malformed(_at(event), "a text holds U+0000, which is refused")


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(text: str, event: Any) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    try:
        if _INTEGER.fullmatch(text):
            return integer(text)
        return double(text) if _DOUBLE.fullmatch(text) else text
    except Malformed as error:
        raise malformed(_at(event), error.detail) from None
