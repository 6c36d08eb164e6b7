"""What a page must not be talked into."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest

from tests.support.problems import problem
from tests.web.conftest import Site
from tests.web.visiting import LOGIN, SESSION, Away, away, back, form_token, get, kept, logged_in, post

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RELEASE = "/subjects/model-x/releases/1.0.0"
PAGE = f"{RELEASE}/signoffs/business-review/model-owner"
VERDICT = {"verdict": "approve", "acknowledged": "limits", "comment": ""}


def filled(site: Site, session: str) -> dict[str, str]:
    """The form of the sign-off page, as it would be sent."""
    page = get(site, PAGE, session).text
    return VERDICT | {"form_token": form_token(page), "covers": site.desk.covers("model-owner")}


def nothing_given(site: Site) -> bool:
    return not site.desk.listed()["items"]


def slowly(site: Site, path: str, fields: dict[str, str], session: str, meanwhile: Callable[[], object]) -> int:
    """The status of the answer to a form whose last bytes are sent after `meanwhile`."""
    content, url = urlencode(fields).encode(), urlsplit(site.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {url.netloc}\r\nOrigin: {site.url}\r\nConnection: close\r\n"
    head += f"Cookie: {SESSION}={session}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection((str(url.hostname), url.port or 80), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content[:5])
        time.sleep(0.7)
        meanwhile()
        connection.sendall(content[5:])
        received = b""
        while part := connection.recv(65536):
            received += part
    return int(received.split()[1])


class TestWhatEndedMeanwhile:
    """A session that ends while its form is under way counts no more for it."""

    def test_a_verdict(self, site: Site) -> None:
        session = logged_in(site, "mia")
        fields = filled(site, session)
        leave = {"form_token": fields["form_token"]}
        status = slowly(site, PAGE, fields, session, lambda: post(site, "/logout", leave, session))
        assert status == 401
        assert nothing_given(site)

    def test_a_verdict_taken_back(self, site: Site) -> None:
        session = logged_in(site, "mia")
        fields = filled(site, session)
        assert post(site, PAGE, fields, session).status_code == 303
        (given,) = site.desk.listed()["items"]
        form = {"form_token": fields["form_token"], "reason": "wrong"}
        path = f"{PAGE}/{given['id']}/withdrawal"
        assert slowly(site, path, form, session, lambda: post(site, "/logout", form, session)) == 401
        assert site.desk.state(given["id"]) == ("in-force", [])

    @pytest.mark.parametrize("end", ["log out", "disable"])
    def test_a_token(self, site: Site, end: str) -> None:
        session = logged_in(site, "mia")
        form = {"form_token": form_token(get(site, "/tokens", session).text), "name": "x", "scope": "read"}
        before = site.world.count("token")

        def meanwhile() -> None:
            if end == "disable":
                site.world.person("mia", disabled=True)
            else:
                post(site, "/logout", {"form_token": form["form_token"]}, session)

        assert slowly(site, "/tokens", form, session, meanwhile) == 401
        assert site.world.count("token") == before


class TestForgedForms:
    def test_the_form_as_it_is_counts(self, site: Site) -> None:
        session = logged_in(site, "mia")
        assert post(site, PAGE, filled(site, session), session).status_code == 303
        assert not nothing_given(site)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": ""},
            {"Origin": "", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "", "Sec-Fetch-Site": "same-site"},
            {"Origin": "", "Sec-Fetch-Site": "none"},
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/json"},
        ],
        ids=str,
    )
    def test_from_elsewhere(self, site: Site, headers: dict[str, str]) -> None:
        session = logged_in(site, "mia")
        answer = post(site, PAGE, filled(site, session), session, **headers)
        assert answer.status_code in (403, 415)
        assert nothing_given(site)

    def test_without_the_session_s_own_token(self, site: Site) -> None:
        session, other = logged_in(site, "mia"), logged_in(site, "mia")
        fields = filled(site, session)
        for wrong in ("", "x", form_token(get(site, PAGE, other).text)):
            assert post(site, PAGE, fields | {"form_token": wrong}, session).status_code == 403
        assert nothing_given(site)

    def test_an_origin_that_only_begins_like_ours(self, site: Site) -> None:
        session = logged_in(site, "mia")
        for origin in (f"{site.url}.evil.example", f"{site.url}0", site.url.replace("http", "https")):
            assert post(site, PAGE, filled(site, session), session, Origin=origin).status_code == 403
        assert nothing_given(site)

    def test_what_a_form_can_not_say(self, site: Site) -> None:
        session = logged_in(site, "mia")
        fields = filled(site, session) | {
            "via": "slack",
            "mfa": "true",
            "assurance": "chat",
            "role": "business-owner",
            "by": "ben",
        }
        assert post(site, PAGE, fields, session).status_code == 303
        (one,) = site.desk.listed()["items"]
        assert (one["via"], one["mfa"], one["assurance"], one["role"], one["by"]) == (
            "web",
            False,
            "oidc",
            "model-owner",
            "mia",
        )

    def test_forms_that_are_none(self, site: Site) -> None:
        session = logged_in(site, "mia")
        token = form_token(get(site, PAGE, session).text)
        head = {
            "Origin": site.url,
            "Cookie": f"{SESSION}={session}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        for raw in (
            b"",
            b"%",
            b"form_token",
            b"a=%ff",
            b"\xff=1",
            b"&".join(b"a=1" for _ in range(300)),
            b"x=" + b"y" * 70_000,
            f"form_token={token}&form_token={token}".encode(),
        ):
            answer = site.world.http.post(PAGE, content=raw, headers=head, follow_redirects=False)
            assert answer.status_code in (400, 403, 413), (raw[:20], answer.status_code)
        assert nothing_given(site)

    @pytest.mark.parametrize(
        "changes",
        [
            {"verdict": ""},
            {"verdict": "Approve"},
            {"comment": "x" * 4001},
            {"comment": "a\0b"},
            {"covers": "\0"},
            {"acknowledged": ["limits", "y" * 129]},
            {"acknowledged": ["limits"] * 101},
        ],
        ids=lambda changes: f"{changes}"[:30],
    )
    def test_what_the_api_would_not_take_either(self, site: Site, changes: dict[str, Any]) -> None:
        session = logged_in(site, "mia")
        assert post(site, PAGE, filled(site, session) | changes, session).status_code in (400, 422)
        assert nothing_given(site)

    def test_names_that_are_none(self, site: Site) -> None:
        session = logged_in(site, "mia")
        form = {"form_token": form_token(get(site, PAGE, session).text), "reason": "wrong"}
        for path in ("/subjects/%00/releases/1.0.0", f"{RELEASE}%00", f"{RELEASE}/signoffs/%00/x"):
            assert get(site, path, session).status_code == 404
        for path in (f"{PAGE}/%00/withdrawal", "/tokens/%00/revocation"):
            assert post(site, path, form, session).status_code == 404

    def test_reading_changes_nothing(self, site: Site) -> None:
        session = logged_in(site, "mia")
        fields = filled(site, session)
        answer = site.world.http.get(PAGE, params=fields, headers={"Cookie": f"{SESSION}={session}"})
        assert answer.status_code == 200
        assert nothing_given(site)


class TestSessions:
    def test_a_cookie_is_none_for_the_api(self, site: Site) -> None:
        session = logged_in(site, "mia")
        for path in ("/v1/me", f"/v1{RELEASE}/decision", f"/v1{RELEASE}/signoffs"):
            problem(get(site, path, session), 401)
            problem(get(site, path, None, Authorization=f"Bearer {session}"), 401)

    def test_and_a_token_is_none_for_pages(self, site: Site) -> None:
        for secret in (site.world.admin, site.desk.mia):
            answer = get(site, PAGE, None, Authorization=f"Bearer {secret}")
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")
            assert get(site, PAGE, secret).status_code == 303

    def test_one_that_was_put_there_before_is_not_taken_over(self, site: Site) -> None:
        planted = "A" * 43
        answer = back(site, away(site, "mia-at-idp"), **{SESSION: planted})
        made = kept(answer, SESSION)
        assert made not in (planted, None, "")
        assert get(site, RELEASE, planted).status_code == 303
        assert get(site, RELEASE, made).status_code == 200
        another = logged_in(site, "mia")
        assert another != made

    def test_its_cookie(self, site: Site) -> None:
        answer = back(site, away(site, "mia-at-idp"))
        (line,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{SESSION}=")]
        attributes = {each.strip().lower() for each in line.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not any(each.startswith("domain") for each in attributes)

    def test_a_stolen_database_has_none(self, site: Site) -> None:
        session = logged_in(site, "mia")
        rows = site.world.sql.rows("SELECT * FROM web_session")
        cells = [str(cell) for row in rows for cell in row]
        assert cells
        assert not any(session in cell for cell in cells)
        assert all(
            get(site, RELEASE, cell).status_code == 303 for cell in cells if cell.isascii() and cell.isprintable()
        )
        rules = site.world.sql.rows("SELECT client_secret FROM trust_rule WHERE client_secret IS NOT NULL")
        assert rules
        assert not any(b"s3cret" in bytes(secret) for (secret,) in rules)  # type: ignore[call-overload]

    def test_of_another_org(self, site: Site) -> None:
        session = logged_in(site, "mia")
        other = site.world.another()
        subject = other.subject("model-z")
        other.release(subject)
        for path in ("/subjects/model-z/releases/1.0.0", "/subjects/nothing/releases/1.0.0"):
            assert get(site, path, session).status_code == 404
        assert "model-z" not in get(site, "/", session).text


class TestTokens:
    def test_no_more_than_the_log_in_gives(self, site: Site) -> None:
        session = logged_in(site, "mia")
        token = form_token(get(site, "/tokens", session).text)
        before = site.world.count("token")
        for scope in ("waivers:write", "admin", "evidence:write", "nonsense", ""):
            fields = {"form_token": token, "name": "x", "scope": scope}
            assert post(site, "/tokens", fields, session).status_code in (403, 422)
        for wrong in ({"form_token": "x"}, {"name": ""}, {"name": "a" * 101}, {"name": "a\x00b"}):
            fields = {"form_token": token, "name": "x", "scope": "read"} | wrong
            assert post(site, "/tokens", fields, session).status_code in (400, 403, 422)
        assert site.world.count("token") == before

    def test_those_of_others_are_not_to_be_revoked(self, site: Site) -> None:
        session = logged_in(site, "mia")
        token = form_token(get(site, "/tokens", session).text)
        theirs = site.world.get("/v1/me", token=site.desk.ben).json()["token"]["id"]
        for identifier in (theirs, "01890000-0000-7000-8000-000000000000", "x"):
            answer = post(site, f"/tokens/{identifier}/revocation", {"form_token": token}, session)
            assert answer.status_code == 404
        assert site.world.get("/v1/me", token=site.desk.ben).status_code == 200


class TestLogIn:
    def test_in_another_browser(self, site: Site) -> None:
        theirs, mine = away(site, "mia-at-idp"), away(site, "lee-at-idp")
        for found in (Away("", theirs.callback), Away(mine.cookie, theirs.callback), Away("00", theirs.callback)):
            answer = back(site, found)
            assert answer.status_code == 403
            assert not kept(answer, SESSION)

    def test_an_answer_counts_once(self, site: Site) -> None:
        found = away(site, "mia-at-idp")
        assert back(site, found).status_code == 303
        assert back(site, found).status_code == 403

    def test_an_answer_that_was_changed(self, site: Site) -> None:
        found = away(site, "mia-at-idp")
        parts = urlsplit(found.callback)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for change in ({"state": "x"}, {"state": ""}, {"code": "x"}, {"code": ""}):
            text = "&".join(f"{name}={value}" for name, value in (query | change).items())
            assert back(site, Away(found.cookie, f"/login/callback?{text}")).status_code == 403
        for text in ("", "error=access_denied&state=x", f"code={query['code']}"):
            assert back(site, Away(found.cookie, f"/login/callback?{text}")).status_code == 403

    @pytest.mark.parametrize(
        "path",
        ["https://evil.example", "//evil.example", "/\\evil.example", "/%2f%2fevil.example", "javascript:alert(1)",
         "/subjects//evil.example", "/login", "/v1/me", " /", "/subjects/a\r\nSet-Cookie: x=1", ""],
    )  # fmt: skip
    def test_it_leads_nowhere_else(self, site: Site, path: str) -> None:
        answer = back(site, away(site, "mia-at-idp", path))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")

    def test_a_rule_of_another_org_or_for_another_use(self, site: Site) -> None:
        other = site.world.another()
        for query in ({"org": other.org}, {"org": "nowhere"}, {"rule": "x"}, {"rule": ""}):
            asked = {"org": site.world.org, "rule": site.rule} | query
            answer = site.world.http.get("/login/start", params=asked, follow_redirects=False)
            assert answer.status_code == 404
            assert LOGIN not in answer.headers.get("set-cookie", "")

    def test_an_org_that_can_be_none(self, site: Site) -> None:
        assert get(site, "/login?org=%00").status_code == 200
        assert get(site, "/login/start?org=%00&rule=x").status_code == 404
        forged = msgspec.json.encode({"org": "\0", "rule": "x", "secret": "x", "next": "/"}).hex()
        assert back(site, Away(forged, "/login/callback?code=x&state=x")).status_code == 404

    def test_a_rule_that_is_removed_takes_its_sessions_with_it(self, site: Site) -> None:
        session = logged_in(site, "mia")
        fields = filled(site, session)
        removal = f"/v1/trust/{site.rule}"
        assert slowly(site, PAGE, fields, session, lambda: site.world.call("DELETE", removal)) == 401
        assert get(site, PAGE, session).status_code == 303
        assert nothing_given(site)

    def test_a_rule_that_was_removed_meanwhile(self, site: Site) -> None:
        found = away(site, "mia-at-idp")
        assert site.world.call("DELETE", f"/v1/trust/{site.rule}").status_code == 200
        answer = back(site, found)
        assert answer.status_code in (403, 404)
        assert not kept(answer, SESSION)

    def test_a_rule_that_lets_not_everybody_in(self, site: Site) -> None:
        body = {
            "name": "Strict",
            "use": "login",
            "issuer": site.provider.url,
            "client_id": "phasegate",
            "client_secret": "s3cret",
            "match": {"sub": "ben-at-idp"},
        }
        rule = site.world.post("/v1/trust", body).json()["id"]
        assert back(site, away(site, "mia-at-idp", rule=rule)).status_code == 403
        assert back(site, away(site, "ben-at-idp", rule=rule)).status_code == 303

    def test_the_client_secret_is_never_shown(self, site: Site) -> None:
        for path in ("/v1/trust", f"/v1/trust/{site.rule}", "/v1/audit"):
            answer = site.world.get(path)
            assert answer.status_code == 200
            assert "s3cret" not in answer.text


class TestPages:
    @pytest.mark.parametrize("path", ["/login", "/", RELEASE, PAGE, "/login/callback", "/subjects/a/releases/b"])
    def test_what_a_browser_is_told(self, site: Site, path: str) -> None:
        session = logged_in(site, "mia")
        for answer in (get(site, path, session), get(site, path)):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"

    def test_no_other_site_can_frame_one(self, site: Site, browser: "Browser") -> None:
        with framing(f"{site.url}/login") as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_timeout(500)
            shown = [frame.get_by_text("Log in").count() for frame in page.frames if frame.parent_frame]
            assert shown == [0]
            page.close()


@contextmanager
def framing(target: str) -> Iterator[str]:
    """Another site, with a page of ours in a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<iframe src="{target}"></iframe>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{socket.gethostbyname('localhost')}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
