"""What the story is written on."""

import os
import shutil
import sys
import textwrap
from typing import Any

SATISFIED = ("pass", "waived", "not-applicable")
RED, GREEN, BOLD = "1;31", "1;32", "1"
_NARROWEST, _WIDEST = 60, 80
_SIGNS = {"satisfied": ("✓", "+", "32"), "fail": ("✗", "x", "31"), "error": ("!", "!", "31"), "else": ("○", "o", "33")}

Json = dict[str, Any]


class Page:
    """Lines on stdout: wrapped, coloured on a terminal alone, in ASCII where stdout takes no more."""

    def __init__(self) -> None:
        self._encoding = sys.stdout.encoding or "ascii"
        terminal = sys.stdout.isatty()
        self._colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._acts = 0
        self._width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns - 1))

    def write(self, *lines: str) -> None:
        """These lines as they are."""
        text = "".join(f"{line}\n" for line in lines)
        sys.stdout.write(text.encode(self._encoding, "replace").decode(self._encoding))
        sys.stdout.flush()

    def head(self, title: str) -> None:
        """The head of the next act."""
        self._acts += 1
        self.write("", self.paint(f"{self._acts}. {title}", BOLD))

    def say(self, text: str, indent: int = 3) -> None:
        """A paragraph."""
        self.write(*self._wrapped(text, " " * indent))

    def outcome(self, decision: Json) -> None:
        """Go or no-go, and what it rests on."""
        word, colour = ("GO", GREEN) if decision["outcome"] == "go" else ("NO-GO", RED)
        first, *others = self._wrapped(f"{word}  {decision['summary']}", "   ")
        self.write("", first.replace(word, self.paint(word, colour), 1), *others)

    def verdict(self, criterion: Json, title: str = "") -> str:
        """A criterion as one line: its sign, status, name and, as far as there is room, title."""
        name, status = criterion["id"], criterion["status"]
        sign, colour = self._sign("satisfied" if status in SATISFIED else status)
        room = self._width - len(f"   {sign} {status}  {name:<20}  ")
        shown = textwrap.shorten(title, room, placeholder=" ...")
        return f"   {self.paint(f'{sign} {status}', colour)}  {self.paint(f'{name:<20}', BOLD)}  {shown}".rstrip()

    def point(self, kind: str, text: str) -> None:
        """A paragraph with a sign before it; `kind` is satisfied, fail, or anything else for what is open."""
        sign, colour = self._sign(kind)
        first, *others = self._wrapped(f"{sign} {text}", "   ", "     ")
        self.write(first.replace(sign, self.paint(sign, colour), 1), *others)

    def paint(self, text: str, colour: str) -> str:
        """The text in colour."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text

    def _wrapped(self, text: str, left: str, further: str | None = None) -> list[str]:
        further = left if further is None else further
        return textwrap.wrap(text, self._width, initial_indent=left, subsequent_indent=further, break_on_hyphens=False)

    def _sign(self, kind: str) -> tuple[str, str]:
        pretty, plain, colour = _SIGNS.get(kind, _SIGNS["else"])
        return (pretty if self._takes(pretty) else plain), colour

    def _takes(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True
