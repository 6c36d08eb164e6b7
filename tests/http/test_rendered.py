"""By `Accept`: the finished checklist of a policy, and the review document of a release."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from phasegate.adapters.registry import adapters
from phasegate.rendering.documents import CONTENT_SECURITY_POLICY
from tests.rendering.pages import Page
from tests.support.policies import metrics, report
from tests.support.problems import problem
from tests.support.world import World

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
documents = pytest.mark.parametrize("media_type", ["text/html", "text/markdown"])


@pytest.fixture
def path(world: World) -> str:
    """A release."""
    return world.release()


def ask(world: World, path: str, accept: str | None, tag: str | None = None, **query: str) -> httpx.Response:
    headers = {} if tag is None else {"If-None-Match": tag}
    return world.get(path, params=query, headers=headers if accept is None else {**headers, "Accept": accept})


def checklist(world: World) -> str:
    world.publish()
    return "/v1/policies/acceptance/versions/1.0.0"


class TestForm:
    """What is chosen, by either address."""

    @pytest.fixture(params=["policy", "release", "newest"])
    def asked(self, request: pytest.FixtureRequest, world: World) -> str:
        if request.param == "policy":
            return checklist(world)
        release = world.release()
        return f"{release}/decision" if request.param == "release" else f"{release.rsplit('/', 2)[0]}/decision"

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            (None, "application/json"),
            ("*/*", "application/json"),
            ("application/json", "application/json"),
            ("application/*", "application/json"),
            ("text/html", "text/html; charset=utf-8"),
            (BROWSER, "text/html; charset=utf-8"),
            ("text/markdown", "text/markdown; charset=utf-8"),
            ("text/markdown, text/html;q=0.9", "text/markdown; charset=utf-8"),
            ("text/html;q=0.1, application/json;q=0.2", "application/json"),
        ],
    )
    def test_by_accept(self, world: World, asked: str, accept: str | None, media_type: str) -> None:
        answer = ask(world, asked, accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert "Accept" in answer.headers["vary"]

    @pytest.mark.parametrize(
        "accept", ["text/html;q=inf", "text/html;q=1e400", "garbage;;", "application/json;q=0, */*"]
    )
    def test_an_odd_weight_or_word_is_no_error(self, world: World, asked: str, accept: str) -> None:
        assert ask(world, asked, accept).status_code == 200

    def test_anything_is_had_already(self, world: World, asked: str) -> None:
        for _ in range(2):
            assert ask(world, asked, "application/json", "*").status_code == 304

    @pytest.mark.parametrize("accept", ["image/png", "text/csv", "application/pdf, text/plain"])
    def test_none_of_these(self, world: World, asked: str, accept: str) -> None:
        detail = problem(ask(world, asked, accept), 406, "not_acceptable")["detail"]
        assert "text/markdown or text/html" in detail

    def test_a_page_may_do_nothing_but_be_seen(self, world: World, asked: str) -> None:
        answer = ask(world, asked, "text/html")
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
        for each in (answer, ask(world, asked, "text/markdown")):
            assert each.headers["x-content-type-options"] == "nosniff"
            assert each.headers["referrer-policy"] == "no-referrer"
        page = Page(answer.text)
        assert page.faults == []
        assert f"'sha256-{CONTENT_SECURITY_POLICY.split('sha256-')[1].split(chr(39))[0]}'" in CONTENT_SECURITY_POLICY

    def test_each_form_has_its_tag_and_its_304(self, world: World, asked: str) -> None:
        accepts = ["application/json", "text/html", "text/markdown"]
        accepts += ["application/yaml"] if "policies" in asked else []
        tags = {accept: ask(world, asked, accept).headers["etag"] for accept in accepts}
        assert len(set(tags.values())) == len(tags)
        for accept in accepts:
            for tag in tags.values():
                again = ask(world, asked, accept, f'"x", {tag}')
                assert again.status_code == (304 if tag == tags[accept] else 200)
                assert again.headers["etag"] == tags[accept]
                if again.status_code == 304:
                    assert again.content == b""
                    assert "Accept" in again.headers["vary"]


class TestChecklist:
    @documents
    def test_it_holds_the_policy(self, world: World, media_type: str) -> None:
        text = ask(world, checklist(world), media_type).text
        for each in ("Acceptance", "Tests ran, and all passed", "Good enough on the test set", "sha256:", "Measured"):
            assert each in text

    @documents
    def test_the_same_again(self, world: World, media_type: str) -> None:
        path = checklist(world)
        first, again = (ask(world, path, media_type) for _ in range(2))
        assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])

    @documents
    def test_of_another_org_there_is_none(self, world: World, media_type: str) -> None:
        path = checklist(world)
        problem(ask(world.another(), path, media_type), 404)
        problem(world.get(path, token=None, headers={"Accept": media_type}), 401)


class TestReview:
    @documents
    def test_no_go_and_go(self, world: World, path: str, media_type: str) -> None:
        answer = ask(world, f"{path}/decision", media_type)
        assert answer.status_code == 200
        assert "NO-GO" in answer.text
        world.cleared(path)
        assert "✓ GO" in ask(world, f"{path}/decision", media_type).text
        subject = path.rsplit("/", 2)[0]
        assert "✓ GO" in ask(world, f"{subject}/decision", media_type).text

    @documents
    def test_it_links_its_evidence(self, world: World, path: str, media_type: str) -> None:
        sent = world.submit(path)
        assert f"/v1/evidence/{sent['id']}" in ask(world, f"{path}/decision", media_type).text

    @documents
    def test_formats_are_named(self, world: World, path: str, media_type: str) -> None:
        formats = sorted(name for name, adapter in adapters().items() if "test-report" in adapter.shapes)
        told = f"as {', '.join(formats)} or a JSON envelope"
        assert told in ask(world, f"{path}/decision", media_type).text

    @documents
    def test_gate_and_instant(self, world: World, path: str, media_type: str) -> None:
        before = ask(world, f"{path}/decision", media_type, gate="testing")
        assert "may not pass the gate testing" in before.text
        problem(ask(world, f"{path}/decision", media_type, gate="nothing"), 422)
        problem(ask(world, f"{path}/decision", media_type, at="2027-03-05T12:00:01Z"), 422, path="at")
        problem(ask(world, f"{path}/decision", media_type, at="2027-03-05T11:00:00Z"), 422, path="at")
        world.clock.forward(hours=1)
        world.cleared(path)
        past = ask(world, f"{path}/decision", media_type, gate="testing", at="2027-03-05T12:00:00Z")
        assert past.text == before.text
        assert past.headers["etag"] != before.headers["etag"]

    @documents
    def test_the_document_of_a_past_instant_stays(self, world: World, path: str, media_type: str) -> None:
        world.cleared(path)
        world.clock.forward(hours=1)
        at = "2027-03-05T12:30:00Z"
        first, again = (ask(world, f"{path}/decision", media_type, at=at) for _ in range(2))
        assert first.content == again.content
        assert ask(world, f"{path}/decision", media_type, first.headers["etag"], at=at).status_code == 304

    @documents
    def test_of_another_org_there_is_none(self, world: World, path: str, media_type: str) -> None:
        problem(ask(world.another(), f"{path}/decision", media_type), 404)

    @documents
    def test_a_hostile_name_is_text(self, world: World, media_type: str) -> None:
        subject = world.subject(title="<script>alert(1)</script>\n# x")
        text = ask(world, f"{world.release(subject)}/decision", media_type).text
        assert "<script" not in text.replace("\\<", "")
        if media_type == "text/markdown":
            assert r"Subject: \<script\>alert(1)\</script\> \# x" in text


class TestNothingShownGoesStale:
    """The document shows more than the decision; each thing it shows changes its tag."""

    @documents
    def test_with_each_kind_of_fact(self, world: World, path: str, media_type: str) -> None:
        subject = path.rsplit("/", 2)[0]
        name = subject.split("/")[3]
        sent: dict[str, Any] = {}
        producer = {"tool": "pytest", "version": "9"}
        late: dict[str, Any] = {"collected_at": "2027-03-05T11:00:00Z", "producer": {"tool": "older", "version": "1"}}

        def first() -> None:
            sent.update(world.submit(path, producer=producer))

        changes: list[tuple[Callable[[], object], str]] = [
            (first, "pytest 9"),
            # It doesn't speak, so the decision stays as it is; the count of submissions doesn't.
            (lambda: world.submit(path, data=report(1, 1), **late), "1 other submission of this type"),
            (lambda: world.submit(path, "evaluation", metrics(0.8), context={"split": "test"}), "roc_auc"),
            (lambda: world.subject(name, title="Churn, renamed"), "Churn, renamed"),
            (lambda: world.subject(name, title="Churn, renamed", team="retention"), "team retention"),
            (lambda: world.subject(name, attributes={"regulated": True}), "No evidence"),
            (lambda: world.submit(subject, "change-ticket", {"approved": False}), "the ticket is not approved"),
            (lambda: world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "x"}), "1 of them revoked"),
        ]
        answer = ask(world, f"{path}/decision", media_type)
        for n, (change, shown) in enumerate(changes):
            tag = answer.headers["etag"]
            assert ask(world, f"{path}/decision", media_type, tag).status_code == 304
            world.clock.forward(seconds=1)
            change()
            answer = ask(world, f"{path}/decision", media_type, tag)
            assert answer.status_code == 200, n
            assert answer.headers["etag"] != tag
            assert shown in answer.text, (n, shown)

    @documents
    def test_with_time_alone(self, world: World, path: str, media_type: str) -> None:
        world.cleared(path)
        tag = ask(world, f"{path}/decision", media_type).headers["etag"]
        world.clock.forward(days=7, microseconds=-1)
        assert ask(world, f"{path}/decision", media_type, tag).status_code == 304
        world.clock.forward(microseconds=1)
        lapsed = ask(world, f"{path}/decision", media_type, tag)
        assert lapsed.status_code == 200
        assert "Expired" in lapsed.text

    @documents
    def test_a_document_is_of_the_instant_at_which_it_is_asked_for(
        self, world: World, path: str, media_type: str
    ) -> None:
        """Though the decision as JSON may be one kept from before."""
        world.cleared(path)
        world.decision(path)
        world.clock.forward(days=2)
        text = ask(world, f"{path}/decision", media_type).text
        assert "2027-03-07 12:00:00 UTC" in text
        assert "expires in 5 days, 2027-03-12 12:00:00 UTC" in text
