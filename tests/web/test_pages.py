"""What people see and do, in a real browser, without a script."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.policies import report
from tests.web.conftest import Site
from tests.web.visiting import get

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # what a browser sees is the same
RELEASE = "/subjects/model-x/releases/1.0.0"
PAGE = f"{RELEASE}/signoffs/business-review/model-owner"
APPROVE = "Approve model-x 1.0.0 as model-owner"
REJECT = "Reject model-x 1.0.0 as model-owner"


def log_in(tab: "Page", site: Site, name: str, path: str = RELEASE) -> None:
    """As `name` does it, who wants to see `path`."""
    tab.goto(f"/login?org={site.world.org}&next={path}")
    tab.get_by_role("link", name="Continue with Acme").click()
    tab.get_by_role("button", name=f"{name}-at-idp").click()


def heading(tab: "Page") -> str:
    return tab.get_by_role("heading", level=1).inner_text()


def given(site: Site) -> list[dict[str, Any]]:
    return list(site.desk.listed()["items"])


class TestLogIn:
    def test_whoever_is_not_logged_in_is_led_there(self, tab: "Page", site: Site) -> None:
        for path in ("/", RELEASE, PAGE):
            tab.goto(path)
            assert tab.url.startswith(f"{site.url}/login")
            assert heading(tab) == "Log in"

    def test_to_where_he_wanted(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", PAGE)
        assert tab.url == f"{site.url}{PAGE}"
        assert tab.get_by_label("phasegate").get_by_text("Mia").count() == 1

    def test_an_unknown_person_waits(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "zoe")
        assert heading(tab) == "Almost there"
        people = site.world.get("/v1/people").json()["items"]
        pending = [each for each in people if each["pending"]]
        assert [each["display_name"] for each in pending] == ["Zoe"]
        assert pending[0]["id"] in tab.content()
        tab.goto(RELEASE)
        assert heading(tab) == "Log in"
        log_in(tab, site, "zoe")
        assert [each for each in site.world.get("/v1/people").json()["items"] if each["pending"]] == pending

    def test_a_disabled_one_does_not_get_in(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "dan")
        assert heading(tab) == "You are not logged in"
        assert "disabled" in tab.content()

    def test_disabling_ends_what_is_open(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia")
        identities = [{"issuer": site.provider.url, "subject": "mia-at-idp"}]
        site.world.person("mia", identities=identities, disabled=True)
        tab.goto(RELEASE)
        assert heading(tab) == "Log in"

    def test_out_again(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia")
        (cookie,) = tab.context.cookies()
        tab.get_by_role("button", name="Log out").click()
        assert heading(tab) == "Log in"
        assert tab.context.cookies() == []
        assert get(site, RELEASE, cookie["value"]).status_code == 303

    def test_an_org_without_a_provider(self, tab: "Page", site: Site) -> None:
        for org in ("default", "nobody-knows-it"):
            tab.goto(f"/login?org={org}")
            assert "Nobody can log in here yet" in tab.content()


class TestRelease:
    def test_the_decision_and_who_is_waited_for(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", "/")
        assert heading(tab) == "Releases"
        tab.get_by_role("link", name="1.0.0").click()
        assert heading(tab).endswith("model-x 1.0.0 may not launch")
        wanted = " ".join(tab.locator("main").get_by_role("region", name="Sign-offs").inner_text().split())
        assert "Sign-off as model-owner ○ Waiting Owners approve mia can give it" in wanted

    def test_of_nothing(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia")
        for path in (
            "/subjects/model-x/releases/9",
            "/subjects/other/releases/1.0.0",
            f"{PAGE}x",
            f"{RELEASE}/signoffs/tests-pass/legal",
        ):
            assert tab.goto(path).status == 404  # type: ignore[union-attr]  # it answers
            assert heading(tab) == "Not Found"


class TestSignOff:
    def test_approving(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", PAGE)
        box = tab.get_by_label("I know what the model can't do.")
        assert not box.is_checked()
        tab.get_by_role("button", name=APPROVE).click()
        assert given(site) == []
        box.check()
        tab.get_by_label("Comment").fill("as <b>agreed</b>")
        tab.get_by_role("button", name=APPROVE).click()
        said = tab.get_by_role("region", name="What has been said").inner_text()
        assert "✓ Approved by mia" in said
        assert "as <b>agreed</b>" in said
        (one,) = given(site)
        assert (one["by"], one["via"], one["assurance"], one["covers_shown"]) == ("mia", "web", "oidc", True)
        assert (one["state"], one["verdict"], one["acknowledged"]) == ("in-force", "approve", ["limits"])
        assert tab.get_by_role("button", name=APPROVE).count() == 0

    def test_what_exactly(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", PAGE)
        what = tab.get_by_role("region", name="What exactly is approved").inner_text()
        wanted = site.desk.wanted("model-owner")
        for record in wanted["covered"]:
            assert record["digest"] in what
        assert "a" * 64 in what
        assert site.world.decision(site.desk.path)["policy"]["digest"] in what
        assert "No waiver is in force" in what
        assert "NO-GO: 1 of 6 criteria stands between" in what
        jump = tab.get_by_role("link", name="Your verdict")
        jump.press("Enter")
        assert tab.url.endswith("#verdict")
        tab.keyboard.press("Tab")
        assert tab.get_by_label("I know what the model can't do.").evaluate("e => e === document.activeElement")

    def test_both_owners_make_it_go(self, tab: "Page", site: Site) -> None:
        for name, role in (("mia", "model-owner"), ("ben", "business-owner")):
            log_in(tab, site, name)
            tab.get_by_role("link", name=f"as {role}").click()
            tab.get_by_label("I know").check()
            tab.get_by_role("button", name=f"Approve model-x 1.0.0 as {role}").click()
            tab.get_by_role("link", name="The decision").click()
            if name == "mia":
                tab.get_by_role("button", name="Log out").click()
        assert heading(tab).endswith("GO — model-x 1.0.0 may launch")
        assert site.world.post(f"{site.desk.path}/launch").status_code == 201

    def test_what_changed_meanwhile_is_not_approved(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", PAGE)
        site.world.submit(site.desk.path, data=report(7))
        tab.get_by_label("I know").check()
        tab.get_by_role("button", name=APPROVE).click()
        assert "has changed since the page was shown" in tab.get_by_role("alert").inner_text()
        assert given(site) == []
        tab.get_by_label("I know").check()
        tab.get_by_role("button", name=APPROVE).click()
        assert [each["state"] for each in given(site)] == ["in-force"]

    def test_since_the_last_verdict(self, tab: "Page", site: Site) -> None:
        site.desk.sign(site.desk.mia, "model-owner")
        site.world.submit(site.desk.path, data=report(7))
        log_in(tab, site, "mia", PAGE)
        assert "unit-tests" in tab.get_by_role("region", name="Since the last verdict in this role").inner_text()
        assert "✗ Void by mia" in tab.get_by_role("region", name="What has been said").inner_text()

    def test_rejecting_needs_no_tick_and_taking_it_back_a_reason(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", PAGE)
        tab.get_by_label("Comment").fill("the limits are not written down")
        tab.get_by_role("button", name=REJECT).click()
        assert "✗ Rejected by mia" in tab.get_by_role("region", name="What has been said").inner_text()
        assert site.desk.review()["status"] == "fail"
        tab.get_by_label("Take it back, because").fill("now they are")
        tab.get_by_role("button", name="Take back").click()
        assert "Withdrawn by mia" in tab.get_by_role("region", name="What has been said").inner_text()
        assert site.desk.review()["status"] == "missing"

    def test_without_the_role(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "lee", PAGE)
        verdict = tab.get_by_role("region", name="You can\u2019t approve this").inner_text()
        assert "You do not hold the role model-owner for this subject." in verdict
        assert "Who can: mia." in verdict
        assert tab.locator("main form").count() == 0

    def test_whoever_had_a_hand_in_it_sees_why_and_can_still_stop_it(self, tab: "Page", site: Site) -> None:
        own = site.world.enrolled("mia", "read", "evidence:write").secret
        body = {"type": "unit-tests", "data": report(7)}
        assert site.world.post(f"{site.desk.path}/evidence", body, token=own).status_code == 201
        log_in(tab, site, "mia", PAGE)
        verdict = tab.get_by_role("region", name="You can\u2019t approve this").inner_text()
        assert "You submitted covered evidence: unit-tests." in verdict
        assert tab.get_by_role("button", name=APPROVE).count() == 0
        tab.get_by_label("What stands against it").fill("the run was mine")
        tab.get_by_role("button", name=REJECT).click()
        assert site.desk.review()["status"] == "fail"


class TestTokens:
    def test_one_s_own(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", "/")
        tab.get_by_role("link", name="Tokens").click()
        tab.get_by_label("Name").fill("laptop")
        tab.get_by_label("signoffs:write").check()
        tab.get_by_role("button", name="Make the token").click()
        secret = tab.get_by_role("region", name="The new token").locator("code").inner_text().strip()
        me = site.world.get("/v1/me", token=secret).json()
        assert (me["principal"], me["token"]["scopes"]) == ({"id": "mia", "kind": "person"}, ["read", "signoffs:write"])
        signed = site.desk.sign(secret, "model-owner")
        assert (signed["by"], signed["assurance"], signed["via"]) == ("mia", "oidc", "api")
        tab.goto("/tokens")
        assert secret not in tab.content()
        tab.get_by_role("row", name="laptop").get_by_role("button", name="Revoke").click()
        assert site.world.get("/v1/me", token=secret).status_code == 401
        assert tab.get_by_role("row", name="laptop").count() == 0

    def test_no_more_than_the_log_in_gives(self, tab: "Page", site: Site) -> None:
        log_in(tab, site, "mia", "/")
        tab.goto("/tokens")
        offered = [each.get_attribute("value") for each in tab.locator("input[type=checkbox]").all()]
        assert offered == ["read", "signoffs:write"]
        tab.get_by_label("Name").fill("laptop")
        tab.get_by_label("read").uncheck()
        tab.get_by_role("button", name="Make the token").click()
        assert "at least one thing" in tab.get_by_role("alert").inner_text()


class TestForEverybody:
    @pytest.mark.parametrize("path", ["/login", "/", RELEASE, PAGE, "/tokens"])
    def test_names_and_labels(self, tab: "Page", site: Site, path: str) -> None:
        log_in(tab, site, "mia")
        tab.goto(path)
        assert tab.locator("html").get_attribute("lang") == "en"
        assert tab.locator("h1").count() == 1
        assert tab.locator("main#main").count() == 1
        for control in tab.locator("input:not([type=hidden]), textarea").all():
            name = control.get_attribute("id")
            assert tab.locator(f'label[for="{name}"]').count() == 1
        levels = [int(each.evaluate("e => e.tagName[1]")) for each in tab.locator("h1, h2, h3, h4").all()]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels
        assert tab.locator("main h1").count() == 1

    @pytest.mark.parametrize("width", [320, 390, 1280])
    def test_nothing_runs_over_the_edge(self, tab: "Page", site: Site, width: int) -> None:
        log_in(tab, site, "mia", PAGE)
        tab.set_viewport_size({"width": width, "height": 800})
        for path in ("/login", "/", RELEASE, PAGE, "/tokens"):
            tab.goto(path)
            assert tab.locator("html").evaluate("e => e.scrollWidth") <= width, path
