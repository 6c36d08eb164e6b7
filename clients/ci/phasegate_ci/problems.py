"""What the server refuses, in words: RFC 9457 problems into a `Stop` that names the mend."""

from http import HTTPStatus

import msgspec

from phasegate_ci.exits import Stop, of_status, untrusted
from phasegate_ci.terminal import line

_MENDS = {
    401: "set PHASEGATE_TOKEN (or --token-file) to a token that is in force",
    403: "use a token that has the scope and the subject asked for",
    404: "check the names, and that PHASEGATE_URL and the token are those of the right organisation",
    409: "what is recorded can't be changed: use a new version, or send the same again",
    413: "send a smaller file",
}

_BY_CODE = {
    "stale": "look again with: phasegate signoff SUBJECT RELEASE, then sign with the --covers that it shows",
    "ambiguous_role": "add --criterion with one of those named above",
    "not_acknowledged": "add --acknowledge ID for each sentence that you confirm",
    "not_a_person": "use a token of your own, not that of a tool",
    "not_his_own": "use a token of your own: log in, or ask an administrator for an enrolment code",
    "role_not_held": "let somebody sign who holds the role, or ask an administrator for it",
    "duties_not_separate": "let somebody do it who had no hand in it",
    "distinct_persons": "let somebody else sign in this role",
    "already_decided": "ask for another waiver, or revoke the one that was granted",
}
"""Where the status alone would lead astray."""


class Fault(msgspec.Struct):
    """One thing that is wrong, and where."""

    path: str = ""
    message: str = ""
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None


class Problem(msgspec.Struct):
    """An error body; what is left out is empty, so that a foreign one can be told."""

    detail: str = ""
    title: str = ""
    code: str = ""
    errors: list[Fault] = []


def refusal(status: int, body: bytes, retry_after: str | None) -> Stop:
    """The `Stop` for an answer whose status is not the one asked for."""
    if status < 400:
        return untrusted(f"its status is {status}" + (" (a redirect)" if 300 <= status < 400 else ""))
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, RecursionError):
        problem = Problem()
    told = line(problem.detail or problem.title)
    if not told:
        return Stop(
            of_status(status),
            f"the answer was {_named(status)}, without an explanation of phasegate's",
            _MENDS[401] if status == 401 else "check PHASEGATE_URL: a proxy or another program may have answered",
        )
    mend = _BY_CODE.get(problem.code) or _mend(status, retry_after)
    return Stop(of_status(status), told, mend, [_shown(fault) for fault in problem.errors])


def _mend(status: int, retry_after: str | None) -> str:
    if status == 429:
        wait = f"{retry_after} seconds" if retry_after and retry_after.isdigit() else "a minute"
        return f"wait {wait}, then ask again"
    if status >= 500:
        return "try again; if it lasts, the server's log says more"
    return _MENDS.get(status, "correct what is named above and send it again")


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _shown(fault: Fault) -> str:
    where = f" (line {fault.line}, column {fault.column or 1})" if fault.line else ""
    suggestion = f" ({fault.suggestion})" if fault.suggestion else ""
    return line(f"{fault.path or 'body'}{where}: {fault.message}{suggestion}")
