"""How a subject, or one of its releases, is named in one text."""

import re

from phasegate.errors import Invalid
from phasegate.reading import NAME_PATTERN

_NAME = re.compile(NAME_PATTERN)


def place(text: str, path: str) -> tuple[str, str | None]:
    """Subject and release in `SUBJECT` or `SUBJECT/RELEASE`. Raises `Invalid` naming `path`."""
    subject, slash, release = text.partition("/")
    if _NAME.fullmatch(subject) and (not slash or _NAME.fullmatch(release)):
        return subject, release or None
    raise Invalid.at(path, "must be SUBJECT or SUBJECT/RELEASE", suggestion="as in fraud-scorer/2.3.0")
