"""A CI job without a stored secret: its own OIDC token, exchanged for one of phasegate's that lives as long as it.

GitHub gives one for the asking; of the other systems it stands in `PHASEGATE_ID_TOKEN`. Neither token is ever
written anywhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from phasegate_ci.exits import NO_ANSWER, Stop, untrusted, wrong_use
from phasegate_ci.terminal import line

if TYPE_CHECKING:
    from phasegate_ci.client import Client

T = TypeVar("T")
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
TOKEN_TYPE: Final = "urn:ietf:params:oauth:token-type:"
_PERMISSION = (
    "give the job `permissions: {id-token: write, contents: read}` (a pull request from a fork can't have it), "
    "or set PHASEGATE_TOKEN"
)
_MENDS = {
    "invalid_scope": "the rule of trust for this job allows nothing that can be used: an administrator widens it",
    "invalid_target": "set PHASEGATE_AUDIENCE to the server's public address, or to ADDRESS/orgs/ORG",
}


@dataclass(frozen=True)
class Job:
    """Where a job's token comes from."""

    given: str | None
    """The token itself, in other systems than GitHub."""
    request_url: str | None
    request_token: str | None
    """GitHub's: whom to ask, and with what."""
    audience: str
    """For whom the token has to be."""
    stated: str | None
    """The audience if somebody set it."""


def job(environment: Mapping[str, str], url: str) -> Job | None:
    """The job this runs in, if it can have a token. Raises `Stop` where GitHub would have had to be told to give
    one."""
    given = environment.get("PHASEGATE_ID_TOKEN", "").strip() or None
    stated = environment.get("PHASEGATE_AUDIENCE") or None
    request_url, request_token = (
        environment.get(f"ACTIONS_ID_TOKEN_REQUEST_{name}") or None for name in ("URL", "TOKEN")
    )
    if given and not re.fullmatch(r"[!-~]+", given):
        raise wrong_use("PHASEGATE_ID_TOKEN holds a sign that no token has", "set it to the token alone")
    if given or (request_url and request_token):
        return Job(given, request_url, request_token, stated or url, stated)
    if environment.get("GITHUB_ACTIONS") == "true":
        raise Stop(NO_ANSWER, "there is no token, and this job may not ask GitHub for one", _PERMISSION)
    return None


class _Issued(msgspec.Struct):
    """What GitHub answers."""

    value: str = ""


class _Exchanged(msgspec.Struct):
    """What phasegate answers: a token, or why there is none (RFC 8693, section 2.2)."""

    access_token: str = ""
    error: str = ""
    error_description: str = ""


def exchanged(found: Job, anonymous: "Client", github: "Client | None") -> str:
    """A token of phasegate's for this job. `anonymous` asks the server, `github` asks GitHub. Raises `Stop`."""
    id_token = found.given or (_issued(github, found.audience) if github is not None else "")
    form = {
        "grant_type": EXCHANGE,
        "subject_token": id_token,
        "subject_token_type": f"{TOKEN_TYPE}{'id_token' if found.given else 'jwt'}",
    } | ({"audience": found.stated} if found.stated else {})
    answer = anonymous.ask(
        "POST",
        "/v1/token",
        body=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
        expected=(200, 400, 413, 415, 429),
    )
    told = _read(answer.body, _Exchanged)
    if answer.status == 200:
        return _checked(told.access_token, "phasegate")
    because = line(told.error_description or told.error) or f"it answered {answer.status}"
    if answer.status == 429:
        raise Stop(NO_ANSWER, f"the job's token was not exchanged: {because}", "wait a minute, then ask again")
    raise Stop(NO_ANSWER, f"the job's token was not exchanged: {because}", _MENDS.get(told.error) or _rule(found))


def _rule(found: Job) -> str:
    return (
        f"let an administrator look into the audit for the reason: a rule of trust must name this job, and the token "
        f"must be for the audience {line(found.audience)}"
    )


def _issued(github: "Client", audience: str) -> str:
    try:
        answer = github.ask("GET", f"&audience={quote(audience, safe='')}")
    except Stop as stop:
        raise Stop(NO_ANSWER, f"GitHub gave no token for this job: {stop.message}", _PERMISSION) from None
    return _checked(_read(answer.body, _Issued).value, "GitHub")


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as failure:
        raise untrusted("it is not the JSON that a token comes in") from failure


def _checked(token: str, who: str) -> str:
    if not re.fullmatch(r"[!-~]+", token):
        raise untrusted(f"{who} gave no token")
    return token
