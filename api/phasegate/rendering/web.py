"""The pages that people log in to: plain HTML, which needs no script."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from phasegate.engine.facts import Artifact
from phasegate.engine.policy import Criterion, Policy
from phasegate.rendering.documents import PAGE_POLICY, document
from phasegate.rendering.words import Mark


class Visitor(NamedTuple):
    """Who looks at a page."""

    name: str
    org: str
    form_token: str


class Choice(NamedTuple):
    """A provider to log in at."""

    name: str
    href: str


class NewestRelease(NamedTuple):
    subject: str
    team: str
    version: str
    href: str
    """Empty where the subject has no release."""


class Verdict(NamedTuple):
    """How a role stands, on the page of a release."""

    criterion: str
    role: str
    href: str
    mark: Mark
    told: str


class Given(NamedTuple):
    """A verdict, on the page of its criterion and role."""

    by: str
    at: str
    mark: Mark
    comment: str
    told: str
    withdraw: str
    """Where it is taken back; empty where the visitor can't."""


class Covered(NamedTuple):
    """A record that a verdict covers."""

    criterion: str
    type: str
    digest: str
    collected_at: str
    by: str


class Waived(NamedTuple):
    """A waiver in force."""

    criterion: str
    reason: str
    by: str
    until: str


class Change(NamedTuple):
    what: str
    id: str
    at: str


class Form(NamedTuple):
    """What a verdict is sent with."""

    covers: str
    acknowledge: tuple[tuple[str, str], ...]
    """Id and sentence of each."""


class SignOffPage(NamedTuple):
    """One criterion and role of a release, for whoever looks at it."""

    criterion: Criterion
    role: str
    subject: str
    release: str
    release_href: str
    summary: str
    policy: Policy
    policy_digest: str
    artifacts: Sequence[Artifact]
    covered: Sequence[Covered]
    waivers: Sequence[Waived]
    given: Sequence[Given]
    since: Sequence[Change] | None
    """What changed since the last verdict; None where there is none."""
    eligible: Sequence[str]
    approval: Form | None
    """None: the visitor can't approve."""
    barred: str
    """Why not; empty where he can, or nothing is wanted."""
    rejection: Form | None
    """Whoever may not approve can still stop it, if he holds the role."""


class OwnToken(NamedTuple):
    """A token of the visitor's own."""

    name: str
    scopes: tuple[str, ...]
    until: str
    revoke: str
    """Where it is revoked."""


def _page(name: str, visitor: Visitor | None, **values: Any) -> str:
    # Without a referrer browsers send forms with the origin `null`.
    told = {"visitor": visitor, "content_security_policy": PAGE_POLICY, "referrer": "same-origin"}
    return document(f"web/{name}", "html", **told, **values)


def login_page(choices: Sequence[Choice]) -> str:
    return _page("login", None, providers=choices)


def message_page(
    title: str, *paragraphs: str, visitor: Visitor | None = None, back: str = "", back_text: str = ""
) -> str:
    return _page("message", visitor, title=title, paragraphs=paragraphs, back=back, back_text=back_text)


def home_page(visitor: Visitor, releases: Sequence[NewestRelease], next_href: str) -> str:
    return _page("home", visitor, releases=releases, next=next_href)


def release_page(visitor: Visitor, review: dict[str, Any], verdicts: Sequence[Verdict]) -> str:
    """`review`: the values of the review document."""
    return _page("release", visitor, verdicts=verdicts, **review)


def signoff_page(visitor: Visitor, page: SignOffPage, problem: str = "") -> str:
    """`problem`: why what was sent was not recorded."""
    return _page("signoff", visitor, problem=problem, **page._asdict())


def tokens_page(
    visitor: Visitor, tokens: Sequence[OwnToken], scopes: Sequence[str], secret: str = "", problem: str = ""
) -> str:
    """`secret`: of one that was made just now; `problem`: why none was."""
    return _page("tokens", visitor, tokens=tokens, scopes=scopes, secret=secret, problem=problem)
