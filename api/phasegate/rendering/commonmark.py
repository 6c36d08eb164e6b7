"""Writing CommonMark, tables of GitHub's dialect included, so that text stays text.

What a reader of the result sees is exactly the text that went in: no name, comment or message can
open a heading, a list, a table cell, a link or raw HTML.
"""

import re

from markupsafe import Markup

from phasegate.rendering.visible import one_line, visible

_ALWAYS = re.compile(r"[\\`*\[\]<>|~&#$@]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.(?=\S)|:(?=//)", re.IGNORECASE)
"""What can begin something anywhere in a line. An underscore between letters begins nothing."""
_AT_START = re.compile(r"(?:[-+](?=\s|$)|-(?=[-\s]*$)|=(?=[=\s]*$)|:(?=[-:\s]))|(?P<number>[0-9]{1,9})(?=[.)](?:\s|$))")
"""What can begin something at the start of a line only."""
_BACKTICKS = re.compile("`+")
_PIPE = re.compile(r"(?<!\\)\|")


def escaped(text: str) -> Markup:
    """`text` as one line that means nothing but itself, at the start of a line too."""
    return at_start(within(one_line(text)))


def piece(text: str) -> Markup:
    """A part of a line: blanks at its ends stay."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() else ""
    return Markup(f"{before}{escaped(text)}{after}")


def within(text: str) -> str:
    """`text` without its meanings inside a line."""
    return _ALWAYS.sub(r"\\\g<0>", text)


def at_start(line: str) -> Markup:
    """A line without what only its start can mean."""
    found = _AT_START.match(line)
    if found is None:
        return Markup(line)
    at = found.end("number") if found["number"] else 0
    return Markup(f"{line[:at]}\\{line[at:]}")


def code(text: str) -> Markup:
    """`text` as a code span."""
    content = one_line(text) or " "
    fence = "`" * (_longest_run(content) + 1)
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return Markup(f"{fence}{pad}{content}{pad}{fence}")


def code_in_cell(text: str) -> Markup:
    """`text` as a code span in a table, where a bar ends the cell in code too."""
    content = one_line(text)
    if "\\|" in content:
        return escaped(content)
    return Markup(code(content).replace("|", "\\|"))


def cell(written: str) -> Markup:
    """What is CommonMark already, as a table cell."""
    return Markup(_PIPE.sub(r"\\|", " ".join(written.split())))


def block(text: str, info: str = "") -> Markup:
    """`text` as a fenced block of code."""
    content = visible(text).removesuffix("\n")
    fence = "`" * max(3, _longest_run(content) + 1)
    return Markup(f"{fence}{info}\n{content}\n{fence}")


def indented(written: str, by: int) -> Markup:
    """The lines moved right, as what continues a list item."""
    pad = " " * by
    return Markup("\n".join(pad + line if line else line for line in written.split("\n")))


def slug(heading: str) -> str:
    """The anchor that GitHub and others give a heading of this text."""
    kept = re.sub(r"[^\w\- ]", "", visible(heading).lower())
    return kept.strip().replace(" ", "-")


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
