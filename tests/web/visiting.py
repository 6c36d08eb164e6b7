"""A browser without eyes: what one sends and keeps, step by step, so that a test can send something else."""

import re
from typing import Any, NamedTuple

import httpx

from tests.web.conftest import Site

SESSION = "__Host-phasegate"
LOGIN = "__Host-phasegate-login"


def kept(answer: httpx.Response, name: str) -> str | None:
    """The value of a cookie that an answer sets; None where it sets none. httpx itself keeps none over http."""
    for line in answer.headers.get_list("set-cookie"):
        found = re.match(rf'{re.escape(name)}="?([^";]*)"?', line)
        if found:
            return found[1]
    return None


def get(site: Site, path: str, session: str | None = None, **headers: str) -> httpx.Response:
    cookies = {} if session is None else {"Cookie": f"{SESSION}={session}"}
    return site.world.http.get(path, headers={**cookies, **headers}, follow_redirects=False)


def post(site: Site, path: str, fields: dict[str, Any], session: str | None = None, **headers: str) -> httpx.Response:
    """A form, as our own pages send it unless a header says otherwise; an empty one isn't sent."""
    sent = {"Origin": site.url, "Cookie": "" if session is None else f"{SESSION}={session}"} | headers
    return site.world.http.post(
        path, data=fields, headers={name: value for name, value in sent.items() if value}, follow_redirects=False
    )


class Away(NamedTuple):
    """A log-in under way: back from the provider, and not yet with us."""

    cookie: str
    callback: str
    """Path and query."""


def away(site: Site, subject: str, path: str = "/", **more: str) -> Away:
    """To the provider, and its answer for whom it calls `subject`."""
    query = {"org": site.world.org, "rule": site.rule, "next": path} | more
    started = site.world.http.get("/login/start", params=query, follow_redirects=False)
    assert started.status_code == 303, started.text
    there, sent = started.headers["location"], {"sub": subject}
    answer = httpx.post(there, data=sent, trust_env=False, verify=False, follow_redirects=False, timeout=60)
    assert answer.status_code in (302, 303), answer.text
    cookie = kept(started, LOGIN)
    assert cookie is not None
    return Away(cookie, answer.headers["location"].removeprefix(site.url))


def back(site: Site, found: Away, **cookies: str) -> httpx.Response:
    """With the provider's answer to us."""
    sent = {LOGIN: found.cookie} | cookies
    line = "; ".join(f"{name}={value}" for name, value in sent.items() if value)
    return site.world.http.get(found.callback, headers={"Cookie": line} if line else {}, follow_redirects=False)


def logged_in(site: Site, name: str) -> str:
    """The secret of a new session."""
    answer = back(site, away(site, f"{name}-at-idp"))
    assert answer.status_code == 303, answer.text
    secret = kept(answer, SESSION)
    assert secret
    return secret


def form_token(page: str) -> str:
    """What a page's forms carry."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]
