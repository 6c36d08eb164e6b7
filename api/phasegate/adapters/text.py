"""Text of strangers: cleaned, cut, and told about in warnings that stay few."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_MESSAGE = 500
MAX_WARNINGS = 20
_SHOWN = 80


def clean(text: str) -> str:
    """One line: control characters, lone surrogates and non-characters become U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def message(text: str) -> str:
    """Words of a tool, cleaned; newlines and tabs stay. At most 500 characters."""
    return _CONTROL_BUT_LAYOUT.sub("\ufffd", text.strip()[:MAX_MESSAGE])


def shown(text: str) -> str:
    """Text of the file inside a warning: quoted, cleaned, short."""
    text = clean(text)
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


class Warnings:
    """Collects warnings, cleaned and each once, in order; after twenty it only counts."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._more = 0

    def add(self, text: str) -> None:
        text = clean(text)
        if text in self._texts:
            return
        if len(self._texts) < MAX_WARNINGS:
            self._texts[text] = None
        else:
            self._more += 1

    def all(self) -> tuple[str, ...]:
        rest = (f"and {self._more} more warnings",) if self._more else ()
        return (*self._texts, *rest)
