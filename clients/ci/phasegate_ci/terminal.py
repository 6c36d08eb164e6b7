"""The only way to stdout and stderr: no foreign escape sequence, no crash on a narrow encoding or closed pipe."""

import errno
import os
import re
import sys
from typing import TextIO

from phasegate_ci.exits import NO_ANSWER, Stop

SYMBOLS = {
    "pass": ("✓", "+"),
    "fail": ("✗", "x"),
    "missing": ("○", "o"),
    "expired": ("⌛", "~"),
    "waived": ("◐", "w"),
    "not-applicable": ("\N{EN DASH}", "-"),
    "error": ("!", "!"),
}
_COLOURS = {"green": "32", "red": "31", "yellow": "33", "bold": "1"}

# C0 but the newline, DEL, C1, and the bidirectional controls, which can make a line read as another one.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
# CI systems obey such lines in a log (GitHub `::command::`, `##[command]`; Azure `##vso[…]`), and the text may
# come from anybody who can submit evidence.
_ORDER_AT_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_ORDER_ANYWHERE = re.compile(r"##(?=\[|vso\[)")


def clean(text: str) -> str:
    """The text without anything a terminal or a CI system would obey; newlines stay."""
    text = _CONTROL.sub(lambda found: " " if found[0].isspace() else "", text)
    return _ORDER_ANYWHERE.sub("# #", _ORDER_AT_START.sub(r"\1: ", text))


def line(text: str) -> str:
    """The text as one line: what stands in a single field can't pose as several lines of ours."""
    return clean(" ".join(text.split()))


def colourful(stream: TextIO | None) -> bool:
    """Colours only on a terminal, and not where NO_COLOR is set (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.name == "nt"
    return stream is not None and stream.isatty() and not plain


def paint(text: str, colour: str) -> str:
    """The text in colour, for stdout."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if colourful(sys.stdout) else text


def symbol(status: str) -> str:
    """A sign for a criterion's status, in ASCII where stdout can take no more."""
    pretty, plain = SYMBOLS.get(status, ("?", "?"))
    return pretty if _can_write(pretty, sys.stdout) else plain


def say(text: str) -> None:
    """A line or more on stdout. Foreign parts of the text must be cleaned by the caller."""
    _write(sys.stdout, text + "\n")


def say_bytes(body: bytes) -> None:
    """Exactly these bytes on stdout."""
    if sys.stdout is not None:
        with _Delivery(sys.stdout):
            sys.stdout.buffer.write(body)
            sys.stdout.flush()


def complain(text: str) -> None:
    """A line or more on stderr, cleaned."""
    try:
        _write(sys.stderr, clean(text) + "\n")
    except Stop:  # nowhere left to say it; the exit code still does
        return


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by the caller (`>&-`)
        return
    encoding = stream.encoding or "utf-8"
    with _Delivery(stream):
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()


def _can_write(text: str, stream: TextIO | None) -> bool:
    try:
        text.encode((stream and stream.encoding) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


class _Delivery:
    """A reader that has gone (`| head -1`) changes no exit code; a full disk is an answer not delivered."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> bool:
        if not isinstance(failure, OSError):
            return False
        # What is left in the buffer must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        # Windows reports a closed pipe as EINVAL.
        if failure.errno in (errno.EPIPE, errno.EINVAL):
            return True
        raise Stop(
            NO_ANSWER, f"the answer could not be written: {failure.strerror}", "make room, then ask again"
        ) from failure
