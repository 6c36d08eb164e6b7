"""Exit codes, and the one exception that carries them: CI can tell a refusal from an outage.

| code | meaning                                                                                          |
| ---- | ------------------------------------------------------------------------------------------------ |
| 0    | go, or done                                                                                      |
| 1    | no-go; also: the files given are not exactly the release's artifacts                             |
| 2    | wrong use; also what the server refuses as such: 400, 404, 409, 413, 415, 422                    |
| 3    | no answer: unreachable, 401, 403, 429, 5xx, or an answer that can't be trusted                   |
| 130  | interrupted                                                                                      |

Nothing else ends a run: an unforeseen failure is a 3, never Python's own 1, which would read as a no-go.
"""

from collections.abc import Sequence
from typing import Final

DONE: Final = 0
NO_GO: Final = 1
WRONG_USE: Final = 2
NO_ANSWER: Final = 3
INTERRUPTED: Final = 130

_REFUSED: Final = frozenset({400, 404, 409, 413, 415, 422})


def of_status(status: int) -> int:
    """The exit code for an HTTP status that is not the one asked for.

    Only the listed refusals are the caller's fault. Everything else, redirects and unexpected successes
    included, is no answer.
    """
    return WRONG_USE if status in _REFUSED else NO_ANSWER


class Stop(Exception):
    """Ends the run with an exit code; says what happened, the particulars, and how to mend it."""

    def __init__(self, code: int, message: str, mend: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mend = mend
        self.details = tuple(details)


def wrong_use(message: str, mend: str) -> Stop:
    """The caller has to change something."""
    return Stop(WRONG_USE, message, mend)


def untrusted(message: str) -> Stop:
    """An answer came that phasegate would not give, so nothing is known."""
    return Stop(
        NO_ANSWER,
        f"this answer can't be trusted: {message}",
        "check that PHASEGATE_URL is the address of phasegate itself, not of a log-in page or a proxy",
    )
