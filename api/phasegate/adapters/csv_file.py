"""CSV of strangers, record by record, each of bounded size."""

import csv
import re
from collections.abc import Iterable, Iterator

from phasegate.adapters.text import clean
from phasegate.adapters.text_file import MAX_LINES
from phasegate.errors import Invalid
from phasegate.reading import malformed

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")
LONGEST = 1_048_576
"""Characters of a record; one of nothing but commas takes ten times as much memory."""


def lines(text: str) -> Iterator[str]:
    """Each line with its end, as `io.StringIO` splits, which would take four bytes a character."""
    return (found[0] for found in _LINE.finditer(text) if found[0])


def records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Each record, and the line on which it ends.

    Raises `Malformed` where it is no CSV or a record is too long, `Invalid` on too many lines.
    """
    held = number = 0

    def fed() -> Iterator[str]:
        nonlocal held, number
        for line in lines:
            number += 1
            held += len(line)
            if number > MAX_LINES:
                raise Invalid(f"the file has more than {MAX_LINES:,} lines; send it in parts")
            if held > LONGEST:
                raise malformed(
                    (number, 1),
                    f"a row is longer than {LONGEST:,} characters: is a quote left open?",
                )
            yield line

    reader = csv.reader(fed(), strict=True)
    try:
        for record in reader:
            held = 0
            yield number, record
    except csv.Error as error:
        raise malformed((number, 1), f"this is not CSV: {clean(str(error))}; send it as written") from None
