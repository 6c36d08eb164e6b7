"""Sign-offs: what is given and what is wanted, signing, and taking it back."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from phasegate.engine.covered import Change
from phasegate.engine.signoffs import State, Verdict
from phasegate.http.bodies import Comment, Reason, as_shown, json_response, read_body
from phasegate.http.idempotency import Told, write_once
from phasegate.http.openapi import json_operation
from phasegate.http.persons import person
from phasegate.http.services import Call, services
from phasegate.operations.signoffs import NewSignOff, Signed, sign, withdraw
from phasegate.operations.wanted import SignOffs, Wanted, signoffs_of
from phasegate.storage.signoffs import SignOffRecord

_Word = Annotated[str, msgspec.Meta(max_length=128)]


class SignOffBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict in a role."""

    role: _Word
    verdict: Literal["approve", "reject"]
    criterion: _Word | None = None
    """May be left out where one criterion alone asks for the role."""
    comment: Comment = ""
    acknowledged: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=100)] = ()
    """Ids of the sentences that the signer confirms."""
    covers: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """As `wanted` showed it."""


class ChangeShown(msgspec.Struct, frozen=True):
    """What is no longer as it was."""

    what: str
    """An evidence type, `policy` or `artifacts`."""
    id: str | None
    """Of the record, the policy version or the release."""
    at: datetime | None


class SignOffShown(msgspec.Struct, frozen=True):
    id: str
    criterion: str
    role: str
    verdict: Literal["approve", "reject"]
    by: str
    at: datetime
    comment: str | None
    """Null once erased."""
    acknowledged: tuple[str, ...]
    covers: str
    covers_shown: bool
    """Whether the signer sent `covers`, as it had been shown to him."""
    via: str
    assurance: str
    mfa: bool
    state: State
    changed: tuple[ChangeShown, ...]


class CoveredShown(msgspec.Struct, frozen=True):
    criterion: str
    type: str
    evidence: str | None
    digest: str


class BarredShown(msgspec.Struct, frozen=True):
    person: str
    because: str


class WantedShown(msgspec.Struct, frozen=True):
    """A verdict that the release waits for."""

    criterion: str
    role: str
    covers: str
    covered: tuple[CoveredShown, ...]
    acknowledge: dict[str, str]
    """The sentences to confirm, by id."""
    eligible: tuple[str, ...]
    barred: tuple[BarredShown, ...]
    """Who holds the role and can't approve."""
    since_last: tuple[ChangeShown, ...]
    """What changed since the last verdict in this role."""


class SignOffList(msgspec.Struct, frozen=True):
    items: tuple[SignOffShown, ...]
    wanted: tuple[WantedShown, ...]


@get(
    "/subjects/{subject:str}/releases/{version:str}/signoffs",
    operation_id="listSignOffs",
    summary="Sign-offs of a release, given and wanted",
    opt={"scope": "read"},
)
async def list_signoffs(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[SignOffList]:
    """All of them, oldest first; and each role that is asked for and has no approval in force."""
    here, org = services(request), request.auth.org
    now = here.clock()
    found = await here.database.read(
        lambda connection: signoffs_of(connection, here.policies, org, subject, version, now)
    )
    return json_response(_list(found))


@post(
    "/subjects/{subject:str}/releases/{version:str}/signoffs",
    operation_id="signOff",
    summary="Approve or reject in a role",
    opt={"scope": "signoffs:write"},
    operation_class=json_operation(SignOffBody),
    responses={200: ResponseSpec(SignOffShown, description="The same was given before and is in force")},
    status_code=201,
)
async def post_signoff(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[SignOffShown]:
    """By a person who holds the role and, to approve, neither registered the release nor submitted what is covered.
    409 `stale` where `covers` is no longer what stands."""
    here = services(request)
    body = await read_body(request, SignOffBody)
    given = new_signoff(body)
    return await write_once(
        request,
        lambda connection: sign(connection, here.policies, person(request), subject, version, given, here.clock),
        lambda signed: Told(201 if signed.created else 200, _signed(signed)),
    )


@post(
    "/subjects/{subject:str}/releases/{version:str}/signoffs/{id:str}/withdrawal",
    operation_id="withdrawSignOff",
    summary="Take a sign-off back",
    opt={"scope": "signoffs:write"},
    operation_class=json_operation(Reason),
    status_code=200,
)
async def post_withdrawal(
    request: Call,
    subject: FromPath[str],
    version: FromPath[str],
    id: FromPath[str],  # noqa: A002 - the contract's name
) -> Response[SignOffShown]:
    """By its signer or an administrator; from this instant on it is as if it had never been."""
    here = services(request)
    body = await read_body(request, Reason)
    return await write_once(
        request,
        lambda connection: withdraw(
            connection, here.policies, person(request), subject, version, id, body.reason, here.clock
        ),
        lambda signed: Told(200, _signed(signed)),
    )


def new_signoff(body: SignOffBody) -> NewSignOff:
    """What a signer says."""
    return NewSignOff(body.role, body.verdict, body.criterion, body.comment, body.acknowledged, body.covers)


def _list(found: SignOffs) -> SignOffList:
    items = tuple(_shown(record, verdict) for record, verdict in found.items)
    return SignOffList(items, tuple(_wanted(each) for each in found.wanted))


def _signed(signed: Signed) -> SignOffShown:
    return _shown(signed.record, signed.verdict)


def _shown(record: SignOffRecord, verdict: Verdict) -> SignOffShown:
    changed = _changes(verdict.changed)
    return as_shown(SignOffShown, record, by=record.given_by, at=record.given_at, state=verdict.state, changed=changed)


def _wanted(wanted: Wanted) -> WantedShown:
    return as_shown(
        WantedShown,
        wanted,
        covered=tuple(CoveredShown(*each) for each in wanted.covered),
        barred=tuple(BarredShown(*each) for each in wanted.barred),
        since_last=_changes(wanted.since_last),
    )


def _changes(changes: tuple[Change, ...]) -> tuple[ChangeShown, ...]:
    return tuple(ChangeShown(*each) for each in changes)


HANDLERS = [list_signoffs, post_signoff, post_withdrawal]
