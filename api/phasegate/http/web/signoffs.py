"""The page of a sign-off: what exactly is approved, and the verdict."""

from collections.abc import Callable

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy import Connection

from phasegate.engine.instants import rfc3339
from phasegate.errors import Conflict, Problem, Unauthenticated
from phasegate.http.bodies import Reason
from phasegate.http.problems import status_of
from phasegate.http.services import services
from phasegate.http.signoffs import SignOffBody, new_signoff
from phasegate.http.web.forms import read_form
from phasegate.http.web.releases import MARKS, path_of, signoff_path
from phasegate.http.web.visitors import Look, actor_of, go, html_page
from phasegate.operations.people_only import Person
from phasegate.operations.signoff_view import View, view
from phasegate.operations.signoffs import sign, withdraw
from phasegate.reading import read_struct
from phasegate.rendering import web
from phasegate.rendering.words import sentence

_PATH = "/subjects/{subject:str}/releases/{version:str}/signoffs/{criterion:str}/{role:str}"


@get(_PATH, include_in_schema=False)
async def show_signoff(
    request: Look, subject: FromPath[str], version: FromPath[str], criterion: FromPath[str], role: FromPath[str]
) -> Response[str]:
    """What would be approved, and the form for whoever may."""
    return await _shown(request, subject, version, criterion, role)


@post(_PATH, include_in_schema=False)
async def give_verdict(
    request: Look, subject: FromPath[str], version: FromPath[str], criterion: FromPath[str], role: FromPath[str]
) -> Response[str]:
    """The verdict, on exactly what the page showed."""
    form = await read_form(request)
    policies, clock, person = services(request).policies, services(request).clock, _person(request)
    sent: dict[str, object] = {name: form.one(name) for name in ("verdict", "comment", "covers")}
    sent |= {"role": role, "criterion": criterion, "acknowledged": list(form.all("acknowledged"))}

    def work(connection: Connection) -> None:
        given = new_signoff(read_struct(SignOffBody, sent))
        sign(connection, policies, person, subject, version, given, clock)

    return await _done(request, subject, version, criterion, role, work)


@post(f"{_PATH}/{{id:str}}/withdrawal", include_in_schema=False)
async def take_back(
    request: Look,
    subject: FromPath[str],
    version: FromPath[str],
    criterion: FromPath[str],
    role: FromPath[str],
    id: FromPath[str],  # noqa: A002 - as in the API
) -> Response[str]:
    """A verdict of the visitor's own."""
    form = await read_form(request)
    policies, clock, person = services(request).policies, services(request).clock, _person(request)

    def work(connection: Connection) -> None:
        why = read_struct(Reason, {"reason": form.one("reason")}).reason
        withdraw(connection, policies, person, subject, version, id, why, clock)

    return await _done(request, subject, version, criterion, role, work)


async def _done(
    request: Look, subject: str, version: str, criterion: str, role: str, work: Callable[[Connection], None]
) -> Response[str]:
    """The page anew, behind what was done or with why it is refused; not for whoever's session ended meanwhile."""
    try:
        await services(request).database.write(work)
    except Unauthenticated:
        raise
    except Problem as problem:
        return await _shown(request, subject, version, criterion, role, problem)
    return go(signoff_path(path_of(subject, version), criterion, role))


def _person(request: Look) -> Person:
    return Person(actor_of(request), "person", via="web", assurance="oidc", mfa=request.user.session.mfa)


async def _shown(
    request: Look, subject: str, version: str, criterion: str, role: str, problem: Problem | None = None
) -> Response[str]:
    here, session = services(request), request.user.session
    now = here.clock()
    found = await here.database.read(
        lambda connection: view(
            connection, here.policies, session.org, subject, version, criterion, role, session.person, now
        )
    )
    content = web.signoff_page(request.user.shown, _page(found, session.person), _told(problem))
    return html_page(content, 200 if problem is None else status_of(problem))


def _told(problem: Problem | None) -> str:
    if problem is None:
        return ""
    if isinstance(problem, Conflict) and problem.reason == "stale":
        return "What this sign-off covers has changed since the page was shown. Below is what stands now."
    return sentence(problem.detail)


def _to_himself(because: str, person: str) -> str:
    """Why `person` is barred, as it is said to him."""
    told = f"You {because.removeprefix(f'{person} ')}" if because.startswith(f"{person} ") else because
    return sentence(told)


def _page(found: View, person: str) -> web.SignOffPage:
    path = path_of(found.here.release.subject, found.here.release.version)
    here, asked = found.here, found.criterion.signoff
    wanted, titles = found.wanted, {each.id: each.title for each in here.criteria.values()}
    evidence = {each.digest: each for each in here.facts.evidence}
    barred = ""
    if wanted is not None and person not in wanted.eligible:
        mine = dict(wanted.barred).get(person)
        barred = _to_himself(mine, person) if mine else f"You do not hold the role {found.role} for this subject."
    acknowledge = tuple(asked.acknowledge.items()) if asked is not None else ()
    form = web.Form(found.covers, acknowledge)
    return web.SignOffPage(
        criterion=found.criterion,
        role=found.role,
        subject=here.release.subject,
        release=here.release.version,
        release_href=path,
        summary=f"{found.decision.outcome.upper()}: {found.decision.summary}",
        policy=here.policy.policy,
        policy_digest=here.policy.digest,
        artifacts=here.facts.release.ordered,
        covered=[
            web.Covered(
                titles[each.criterion],
                each.type,
                each.digest,
                rfc3339(evidence[each.digest].collected_at),
                evidence[each.digest].submitted_by,
            )
            for each in found.covered
        ],
        waivers=[
            web.Waived(each.title, each.waiver.reason, each.waiver.granted_by, each.waiver.expires_at)
            for phase in found.decision.phases
            for each in phase.criteria
            if each.waiver is not None
        ],
        given=[
            web.Given(
                by=record.given_by,
                at=rfc3339(record.given_at),
                mark=MARKS[verdict.state, record.verdict],
                comment=record.comment or "",
                told=verdict.reason or "",
                withdraw=f"{signoff_path(path, found.criterion.id, found.role)}/{record.id}/withdrawal"
                if record.given_by == person and verdict.state == "in-force"
                else "",
            )
            for record, verdict in found.given
        ],
        since=None
        if wanted is None or not found.given
        else [
            web.Change(each.what, each.id or "", "" if each.at is None else rfc3339(each.at))
            for each in wanted.since_last
        ],
        eligible=wanted.eligible if wanted is not None else (),
        approval=form if wanted is not None and not barred else None,
        barred=barred,
        rejection=form if found.holds and (barred or wanted is None) else None,
    )


VISITORS = [show_signoff, give_verdict, take_back]
