"""Pages of what there is: releases, and one of them with its decision."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from sqlalchemy import Connection

from phasegate.engine.instants import rfc3339
from phasegate.engine.structure import LAUNCH
from phasegate.http.bodies import cursor_key, cursor_of
from phasegate.http.rendered import formats
from phasegate.http.services import services
from phasegate.http.web.visitors import Look, html_page
from phasegate.operations.wanted import SignOffs, signoffs_of
from phasegate.rendering import web
from phasegate.rendering.review import review_values
from phasegate.rendering.words import Mark, moments
from phasegate.storage import releases, subjects

_ON_A_PAGE = 50
WAITING = Mark("○", "Waiting", "missing")
MARKS = {
    ("in-force", "approve"): Mark("✓", "Approved", "pass"),
    ("in-force", "reject"): Mark("✗", "Rejected", "fail"),
    ("void", "approve"): Mark("✗", "Void", "fail"),
    ("void", "reject"): Mark("\u2013", "Void", "none"),
    ("expired", "approve"): Mark("⌛\ufe0e", "Expired", "expired"),
    ("withdrawn", "approve"): Mark("\u2013", "Withdrawn", "none"),
    ("withdrawn", "reject"): Mark("\u2013", "Withdrawn", "none"),
    ("superseded", "approve"): Mark("\u2013", "Superseded", "none"),
    ("superseded", "reject"): Mark("\u2013", "Superseded", "none"),
}
"""What has become of a verdict."""


@get("/", include_in_schema=False, opt={"query": ("cursor",)})
async def show_home(request: Look, cursor: Annotated[str | None, QueryParameter()] = None) -> Response[str]:
    """The org's subjects, each with its newest release."""
    after, org = cursor_key(cursor), request.user.session.org

    def work(connection: Connection) -> list[web.NewestRelease]:
        found = subjects.page(connection, org, after, _ON_A_PAGE + 1, None, None)
        return [_newest(connection, org, each.name, each.team) for each in found]

    found = await services(request).database.read(work)
    following = f"/?cursor={cursor_of(found[_ON_A_PAGE - 1].subject)}" if len(found) > _ON_A_PAGE else ""
    return html_page(web.home_page(request.user.shown, found[:_ON_A_PAGE], following))


def _newest(connection: Connection, org: str, subject: str, team: str) -> web.NewestRelease:
    newest = releases.newest(connection, org, subject)
    version = "" if newest is None else newest.version
    return web.NewestRelease(subject, team, version, path_of(subject, version) if newest else "")


@get("/subjects/{subject:str}/releases/{version:str}", include_in_schema=False)
async def show_release(request: Look, subject: FromPath[str], version: FromPath[str]) -> Response[str]:
    """The decision with every reason, and the sign-offs."""
    here, org = services(request), request.user.session.org
    now = here.clock()
    basis = await here.decisions.basis(org, subject, version, LAUNCH, now, now)
    signoffs = await here.database.read(
        lambda connection: signoffs_of(connection, here.policies, org, subject, version, now)
    )
    titles = {criterion.id: criterion.title for criterion in basis.policy.policy.criteria}
    verdicts = _verdicts(signoffs, titles, path_of(subject, version))

    def render() -> str:
        review: dict[str, Any] = review_values(
            basis.policy, basis.answer.decision, basis.facts, base_url=here.settings.public_url, formats=formats()
        )
        return web.release_page(request.user.shown, review, verdicts)

    return html_page(await asyncio.to_thread(render))


def _verdicts(signoffs: SignOffs, titles: dict[str, str], path: str) -> list[web.Verdict]:
    """How each role stands: those that are waited for first."""
    found = []
    for wanted in signoffs.wanted:
        told = f"{', '.join(wanted.eligible)} can give it" if wanted.eligible else "nobody can give it at present"
        href = signoff_path(path, wanted.criterion, wanted.role)
        found.append(web.Verdict(titles[wanted.criterion], wanted.role, href, WAITING, told))
    for record, verdict in signoffs.items:
        if verdict.state == "in-force" and record.criterion in titles:
            told = f"by {record.given_by}, {moments(rfc3339(record.given_at))}"
            href = signoff_path(path, record.criterion, record.role)
            mark = MARKS[verdict.state, record.verdict]
            found.append(web.Verdict(titles[record.criterion], record.role, href, mark, told))
    return found


def path_of(subject: str, version: str) -> str:
    """The page of a release."""
    return f"/subjects/{quote(subject)}/releases/{quote(version)}"


def signoff_path(release: str, criterion: str, role: str) -> str:
    """The page of a sign-off of the release with the page `release`."""
    return f"{release}/signoffs/{criterion}/{role}"


VISITORS = [show_home, show_release]
