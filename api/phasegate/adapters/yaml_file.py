"""YAML of strangers: without aliases and tags, of bounded size and depth."""

from typing import Any

from phasegate.errors import Fault, Invalid, TooLarge
from phasegate.reading import malformed, position
from phasegate.yaml_events import build_all


def decoded(raw: bytes) -> str:
    """The text, without a mark at its beginning and with line feeds alone. Raises `Malformed`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        raise malformed(position(before), "the file is not UTF-8 from here on") from None
    if "\0" in text:
        raise malformed(position(text, text.index("\0")), "a NUL is in the file")
    return text.replace("\r\n", "\n")


def documents(text: str) -> list[Any]:
    """Every document that holds something. Raises `Malformed`, or `Invalid` where there are too many values."""
    try:
        return [document for document in build_all(text) if document is not None]
    except TooLarge as error:
        raise Invalid(f"{error.detail}; split the file", faults=(Fault("", error.detail),)) from None
