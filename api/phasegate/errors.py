"""The errors of phasegate, free of HTTP.

Problem                 something a caller can mend
├── Malformed           the bytes are not what they claim to be
├── Invalid             well formed, but it does not fit; carries every fault found
├── Unauthenticated     no valid token
├── Forbidden           a valid token that may not do this
├── NotFound            nothing of that name in this org
├── Conflict            it contradicts what is recorded
├── TooLarge            more than is read
├── Unsupported         a content type that is not read here
│   └── UnknownEncoding   a compression that is not undone here
├── NotAcceptable       a content type that is not written here
└── TooMany             more at once, or more often, than one caller may ask
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import ClassVar, NamedTuple, Self

import msgspec

Path = tuple[str | int, ...]
"""Where a value stands in a document: keys and indices, from the outside in."""
_LONGEST_WORD = 200
"""Nobody mistypes more than that, and comparing takes time."""


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with what was sent: where it is, what it is, and how to mend it."""

    path: str
    """Where, as `phases[0].criteria[2].checks[0].that`; empty for the whole."""
    message: str
    line: int | None = None
    """1-based, in the text that was sent."""
    column: int | None = None
    """1-based."""
    suggestion: str | None = None


class Flaw(NamedTuple):
    """A fault inside a document, by path; whoever read the text knows its line."""

    path: Path
    message: str
    suggestion: str | None = None
    within: tuple[int, int] = (1, 1)
    """1-based line and column inside the value at `path`."""


class Flawed(Exception):
    """A document with flaws."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(flaws[0].message)
        self.flaws = flaws


class Problem(Exception):
    """Base of everything a caller can mend. `code` is stable; clients may switch on it."""

    code: ClassVar[str] = "problem"

    def __init__(self, detail: str, *, faults: tuple[Fault, ...] = (), code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.reason = code or self.code

    @classmethod
    def at(cls, path: str, told: str, *, suggestion: str | None = None, code: str | None = None) -> Self:
        """One fault. `told` completes a sentence that begins with `path`, where there is one."""
        return cls.of((Fault(path, told, suggestion=suggestion),), code=code)

    @classmethod
    def of(cls, faults: Sequence[Fault], *, code: str | None = None) -> Self:
        """All faults that were found; in words the first of them."""
        first = faults[0]
        told = f"{first.path} {first.message}" if first.path else first.message
        return cls(told, faults=tuple(faults), code=code)


class Malformed(Problem):
    code = "malformed"


class Invalid(Problem):
    code = "invalid"


class Unauthenticated(Problem):
    code = "unauthenticated"


class Forbidden(Problem):
    code = "forbidden"


class NotFound(Problem):
    code = "not_found"


class Conflict(Problem):
    code = "conflict"


class TooLarge(Problem):
    code = "too_large"


class Unsupported(Problem):
    code = "unsupported_media_type"


class UnknownEncoding(Unsupported):
    """Its code is that of any other form that is not read."""


class NotAcceptable(Problem):
    code = "not_acceptable"


class TooMany(Problem):
    code = "too_many_requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        """Seconds."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, as a suggestion, or None."""
    if len(word) > _LONGEST_WORD:
        return None
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else None
