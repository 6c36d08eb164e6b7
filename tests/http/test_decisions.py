"""Deciding on what is stored: now and in the past, kept and not kept, waited for, and as a bare status."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from phasegate.http.waits import MOST, Waits
from tests.support.policies import document, metrics, report
from tests.support.problems import problem
from tests.support.world import A, B, World, result

DECISION = {
    "subject", "release", "artifacts", "policy", "gate", "outcome", "summary", "current_phase", "phases", "maturity",
    "evaluated_at", "valid_until", "next_change", "inputs_digest",
}  # fmt: skip
CRITERION = {
    "id", "title", "status", "blocking", "reason", "remediation", "owner", "checks", "evidence", "revoked",
    "expires_at", "waiver", "underlying", "because_of", "signoffs",
}  # fmt: skip


@pytest.fixture
def path(world: World) -> str:
    """A release."""
    return world.release()


def ask(world: World, path: str, tag: str | None = None, **query: str) -> httpx.Response:
    headers = {} if tag is None else {"If-None-Match": tag}
    return world.get(f"{path}/decision", params=query, headers=headers)


class TestDecision:
    def test_nothing_shown(self, world: World, path: str) -> None:
        decision = world.decision(path)
        assert decision.keys() == DECISION
        assert (decision["outcome"], decision["gate"], decision["current_phase"]) == ("no-go", "launch", "testing")
        assert decision["valid_until"] is None
        for phase in decision["phases"]:
            for criterion in phase["criteria"]:
                assert criterion.keys() == CRITERION
        assert {each["status"] for phase in decision["phases"] for each in phase["criteria"]} <= {
            "missing",
            "not-applicable",
        }

    def test_go(self, world: World, path: str) -> None:
        world.cleared(path)
        decision = world.decision(path)
        assert (decision["outcome"], decision["current_phase"]) == ("go", None)
        assert decision["valid_until"] == "2027-03-12T12:00:00Z"
        assert decision["next_change"]["at"] == decision["valid_until"]
        assert decision["maturity"] == {"level": 3, "name": "Measured", "next": None}

    def test_every_gate(self, world: World, path: str) -> None:
        world.cleared(path)
        subject = path.split("/")[3]
        world.subject(subject, attributes={"regulated": True})
        outcomes = {gate: world.decision(path, gate=gate)["outcome"] for gate in ("testing", "approval", "launch")}
        assert outcomes == {"testing": "go", "approval": "no-go", "launch": "no-go"}
        assert world.decision(path) == world.decision(path, gate="launch")

    def test_an_unknown_gate(self, world: World, path: str) -> None:
        for wrong, told in (("approvel", "approval"), ("Launch", "launch"), ("testing ", "testing"), ("\x00", "")):
            body = problem(ask(world, path, gate=wrong), 422)
            assert told in json.dumps(body["errors"])

    def test_an_empty_gate_is_none(self, world: World, path: str) -> None:
        problem(ask(world, path, gate=""), 422)
        problem(ask(world, path.rsplit("/", 2)[0], gate=""), 422)

    def test_a_misspelt_parameter_asks_for_nothing_else(self, world: World, path: str) -> None:
        for key in ("gates", "Gate", "gate ", "when", "wait"):
            problem(ask(world, path, **{key: "testing"}), 422, path=key)
        problem(world.get(f"{path}/decision?gate=testing&gate=launch"), 422, path="gate")

    def test_of_nothing(self, world: World, path: str) -> None:
        for wrong in (path.replace("1.0.0", "9"), "/v1/subjects/nothing/releases/1", "/v1/subjects/nothing"):
            problem(ask(world, wrong), 404, "not_found")

    def test_a_form_that_is_not_given(self, world: World, path: str) -> None:
        problem(world.get(f"{path}/decision", headers={"Accept": "image/png"}), 406)

    def test_the_latest_speaks(self, world: World, path: str) -> None:
        world.submit(path, data=report(3), collected_at="2027-03-05T10:00:00Z")
        world.submit(path, data=report(3, 1), collected_at="2027-03-05T11:00:00Z")
        assert world.status(path, "tests-pass") == "fail"
        world.submit(path, data=report(4), collected_at="2027-03-05T09:00:00Z")
        assert world.status(path, "tests-pass") == "fail"

    def test_the_newest_release(self, world: World, path: str) -> None:
        subject = path.rsplit("/", 2)[0]
        assert world.decision(subject)["release"] == "1.0.0"
        world.release(subject.split("/")[3], "0.9.0", B)
        assert world.decision(subject)["release"] == "0.9.0"
        problem(ask(world, subject, at="2027-03-05T12:00:00Z"), 422, path="at")

    def test_a_subject_without_a_release(self, world: World) -> None:
        problem(ask(world, f"/v1/subjects/{world.subject()}"), 404)

    def test_the_binding_moves_no_release(self, world: World, path: str) -> None:
        stricter = document(version="1.1.0")
        stricter["params"]["min_auc"]["default"] = 0.99
        world.cleared(path)
        world.publish(stricter)
        world.subject(path.split("/")[3], attributes={"regulated": False}, policy="acceptance@1.1.0")
        decision = world.decision(path)
        assert (decision["policy"]["version"], decision["outcome"]) == ("1.0.0", "go")

    def test_a_subjects_record_of_an_older_policy_version_counts(self, world: World, path: str) -> None:
        """Its type and shape are those of the pinned version too."""
        world.publish(document(version="1.1.0"))
        subject = path.rsplit("/", 2)[0]
        world.subject(subject.split("/")[3], attributes={"regulated": True})
        world.submit(subject, "change-ticket", {"approved": True})
        assert world.status(path, "ticket-approved") == "pass"

    def test_two_orgs_with_equal_names(self, world: World) -> None:
        other = world.another()
        mine, theirs = (each.release(each.subject("equal")) for each in (world, other))
        world.cleared(mine)
        assert mine == theirs
        assert (world.decision(mine)["outcome"], other.decision(theirs)["outcome"]) == ("go", "no-go")
        assert (world.decision(mine)["outcome"], other.decision(theirs)["outcome"]) == ("go", "no-go")


class TestPast:
    """`at` reproduces what stood then."""

    def test_ahead(self, world: World, path: str) -> None:
        for at in ("2027-03-05T12:00:00.000001Z", "2027-03-05T12:00:00-00:01", "9999-12-31T23:59:59Z"):
            problem(ask(world, path, at=at), 422, path="at")

    def test_no_instant(self, world: World, path: str) -> None:
        for at in ("", "now", "2027-03-05", "2027-03-05T12:00:00", "2027-03-05T24:00:00Z", "1700000000"):
            problem(ask(world, path, at=at), 422, path="at")

    def test_before_the_release(self, world: World, path: str) -> None:
        problem(ask(world, path, at="2027-03-05T11:59:59.999999Z"), 422, path="at")

    def test_now_is_not_ahead(self, world: World, path: str) -> None:
        decision = world.decision(path, at="2027-03-05T13:00:00+01:00")
        assert decision["evaluated_at"] == "2027-03-05T12:00:00Z"

    def test_before_a_later_record(self, world: World, path: str) -> None:
        world.cleared(path)
        before = world.decision(path)
        world.clock.forward(hours=1)
        # It was collected before, but nobody had it then.
        world.submit(path, data=report(3, 1), collected_at="2027-03-05T12:00:00.000001Z")
        assert world.decision(path)["outcome"] == "no-go"
        assert world.decision(path, at="2027-03-05T12:00:00Z") == before
        assert world.decision(path, at="2027-03-05T12:59:59.999999Z")["outcome"] == "go"
        assert world.decision(path, at="2027-03-05T13:00:00Z")["outcome"] == "no-go"

    def test_before_a_revocation(self, world: World, path: str) -> None:
        world.cleared(path)
        sent, before = world.submit(path), world.decision(path)
        world.clock.forward(hours=1)
        world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "x"})
        assert world.decision(path)["outcome"] == "no-go"
        assert world.decision(path, at="2027-03-05T12:00:00Z") == before

    def test_before_a_change_of_attributes(self, world: World, path: str) -> None:
        world.cleared(path)
        before = world.decision(path)
        world.clock.forward(hours=1)
        world.subject(path.split("/")[3], attributes={"regulated": True})
        assert world.decision(path)["outcome"] == "no-go"
        assert world.decision(path, at="2027-03-05T12:00:00Z") == before

    def test_before_a_launch(self, world: World, path: str) -> None:
        world.cleared(path)
        next_one = world.release(path.split("/")[3], "2", B)
        before = world.decision(next_one)
        world.clock.forward(hours=1)
        assert world.post(f"{path}/launch").status_code == 201
        assert world.decision(next_one)["inputs_digest"] != before["inputs_digest"]
        assert world.decision(next_one, at="2027-03-05T12:00:00Z") == before

    def test_after_a_newer_policy_version(self, world: World, path: str) -> None:
        world.cleared(path)
        before = world.decision(path)
        world.clock.forward(hours=1)
        world.publish(document(version="1.5.0"))
        assert world.decision(path, at="2027-03-05T12:00:00Z") == before

    def test_when_it_had_lapsed_and_was_renewed(self, world: World, path: str) -> None:
        world.cleared(path)
        world.clock.forward(days=8)
        world.submit(path, data=report(5))
        assert world.decision(path)["outcome"] == "go"
        assert world.decision(path, at="2027-03-12T11:59:59.999999Z")["outcome"] == "go"
        assert world.decision(path, at="2027-03-12T12:00:00Z")["outcome"] == "no-go"

    def test_the_same_bytes_again(self, world: World, path: str) -> None:
        world.cleared(path)
        world.clock.forward(hours=1)
        one, other = (ask(world, path, at="2027-03-05T12:30:00Z") for _ in range(2))
        assert one.content == other.content
        assert one.headers["etag"] == other.headers["etag"]


class TestTag:
    def test_its_form(self, world: World, path: str) -> None:
        for found in (ask(world, path), ask(world, path.rsplit("/", 2)[0])):
            assert found.headers["etag"].startswith('W/"')
            assert found.headers["cache-control"] == "private, no-cache"
            assert "Accept" in found.headers["vary"]

    def test_unchanged(self, world: World, path: str) -> None:
        for asked in (path, path.rsplit("/", 2)[0]):
            tag = ask(world, asked).headers["etag"]
            for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', f'W/"y",{tag} , "z"'):
                again = ask(world, asked, known)
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["etag"] == tag
                assert again.headers["cache-control"] == "private, no-cache"
            assert ask(world, asked, '"x"').status_code == 200

    def test_of_one_thing_is_not_that_of_another(self, world: World, path: str) -> None:
        subject = path.split("/")[3]
        asked: list[tuple[str, dict[str, str]]] = [
            (path, {}),
            (path, {"gate": "testing"}),
            (path, {"gate": "approval"}),
            (world.release(subject, "2", A), {}),
            (world.release(subject, "3", B), {}),
            (world.release(world.subject(), "1.0.0", A), {}),
        ]
        tags = [ask(world, where, **query).headers["etag"] for where, query in asked]
        assert len(set(tags)) == len(tags)

    def test_of_two_orgs_differ(self, world: World) -> None:
        other = world.another()
        tags = {ask(each, each.release(each.subject("equal"))).headers["etag"] for each in (world, other)}
        assert len(tags) == 2

    def test_it_changes_with_each_kind_of_fact(self, world: World, path: str) -> None:
        subject = path.rsplit("/", 2)[0]
        name = subject.split("/")[3]
        sent: dict[str, Any] = {}

        def keep() -> None:
            sent.update(world.submit(path, data=report(9)))

        def under_another_label() -> None:
            world.submit(world.release(name, "other-label", A), data=report(11))

        changes: list[Callable[[], object]] = [
            lambda: world.submit(path),
            lambda: world.submit(path, "evaluation", metrics(), context={"split": "test"}),
            keep,
            lambda: world.post(f"/v1/evidence/{sent['id']}/revocation", {"reason": "x"}),
            lambda: world.submit(subject, "change-ticket", {"approved": True}),
            lambda: world.subject(name, attributes={"regulated": True}),
            lambda: world.subject(name, attributes={"regulated": True}, team="other"),
            under_another_label,
            lambda: world.submit(path, data=report(12)),
            lambda: world.post(f"{path}/launch"),
        ]
        tag = ask(world, path).headers["etag"]
        for n, change in enumerate(changes):
            change()
            found = ask(world, path, tag)
            assert found.status_code == 200, n
            assert found.headers["etag"] != tag
            tag = found.headers["etag"]

    def test_what_changes_nothing_leaves_it(self, world: World, path: str) -> None:
        world.cleared(path)
        name = path.split("/")[3]
        tag = ask(world, path).headers["etag"]
        world.submit(path)
        world.subject(name)
        world.submit(world.release(name, "2", B))
        world.clock.forward(hours=1)
        assert ask(world, path, tag).status_code == 304


class TestLapse:
    """A go that lapses by time alone is never answered from what was kept, nor by 304."""

    @pytest.mark.parametrize("asked", ["release", "newest"])
    def test_at_the_last_instant_and_at_the_first_after_it(self, world: World, path: str, asked: str) -> None:
        where = path if asked == "release" else path.rsplit("/", 2)[0]
        world.cleared(path)
        first = ask(world, where)
        assert (first.json()["outcome"], first.json()["valid_until"]) == ("go", "2027-03-12T12:00:00Z")
        tag = first.headers["etag"]
        world.clock.forward(days=7, microseconds=-1)
        assert ask(world, where).json()["outcome"] == "go"
        assert ask(world, where, tag).status_code == 304
        world.clock.forward(microseconds=1)
        lapsed = ask(world, where, tag)
        assert lapsed.status_code == 200
        assert lapsed.json()["outcome"] == "no-go"
        assert result(lapsed.json(), "tests-pass")["status"] == "expired"
        assert lapsed.headers["etag"] != tag
        assert ask(world, where).json()["outcome"] == "no-go"

    def test_that_nobody_asked_about_before(self, world: World, path: str) -> None:
        world.cleared(path)
        world.clock.forward(days=7)
        assert ask(world, path).json()["outcome"] == "no-go"
        problem_body = world.post(f"{path}/launch")
        assert (problem_body.status_code, problem_body.json()["outcome"]) == (409, "no-go")

    def test_of_each_gate_by_itself(self, world: World, path: str) -> None:
        world.cleared(path)
        for gate in ("testing", "approval", "launch"):
            assert world.decision(path, gate=gate)["outcome"] == "go"
        world.clock.forward(days=7)
        for gate in ("testing", "approval", "launch"):
            assert world.decision(path, gate=gate)["outcome"] == "no-go"

    def test_a_tag_of_the_go_is_none_of_a_renewed_go(self, world: World, path: str) -> None:
        world.cleared(path)
        tag = ask(world, path).headers["etag"]
        world.clock.forward(days=1)
        world.submit(path, data=report(7))
        renewed = ask(world, path, tag)
        assert (renewed.status_code, renewed.json()["valid_until"]) == (200, "2027-03-13T12:00:00Z")

    def test_a_clock_set_back_keeps_nothing_from_the_future(self, world: World, path: str) -> None:
        world.cleared(path)
        world.clock.forward(days=8)
        assert world.decision(path)["outcome"] == "no-go"
        world.clock.forward(days=-7)
        assert world.decision(path)["outcome"] == "go"

    def test_a_kept_answer_says_when_it_was_evaluated(self, world: World, path: str) -> None:
        world.cleared(path)
        first = world.decision(path)
        world.clock.forward(hours=1)
        second = world.decision(path)
        assert second["evaluated_at"] in (first["evaluated_at"], "2027-03-05T13:00:00Z")
        assert {**second, "evaluated_at": "", "inputs_digest": ""} == {**first, "evaluated_at": "", "inputs_digest": ""}


class TestWaiting:
    def test_a_go_comes_at_once(self, world: World, path: str) -> None:
        world.cleared(path)
        started = time.monotonic()
        assert world.decision(path, wait="60")["outcome"] == "go"
        assert time.monotonic() - started < 30

    def test_a_no_go_comes_when_time_is_up(self, world: World, path: str) -> None:
        started = time.monotonic()
        assert world.decision(path, wait="1")["outcome"] == "no-go"
        assert time.monotonic() - started >= 1

    def test_it_ends_with_what_was_waited_for(self, world: World, path: str) -> None:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(world.decision, path, wait="60")
            time.sleep(0.7)
            assert not waiting.done()
            world.cleared(path)
            assert waiting.result(timeout=30)["outcome"] == "go"

    @pytest.mark.parametrize("wrong", ["-1", "61", "x", "1.5", "", "1e1"])
    def test_no_number_of_seconds(self, world: World, path: str, wrong: str) -> None:
        problem(world.get(f"{path}/decision", params={"wait": wrong}), 422, path="wait")

    def test_not_for_the_past(self, world: World, path: str) -> None:
        asked = {"wait": "5", "at": "2027-03-05T12:00:00Z"}
        problem(world.get(f"{path}/decision", params=asked), 422, path="wait")
        assert world.get(f"{path}/decision", params=asked | {"wait": "0"}).status_code == 200

    def test_a_token_has_so_many(self, world: World, path: str, client: TestClient[Litestar]) -> None:
        made = world.token("read")
        waits: Waits = client.app.state.services.waits
        with ThreadPoolExecutor(MOST) as pool:
            asked = partial(world.get, f"{path}/decision", params={"wait": "60"}, token=made.secret)
            waiting = [pool.submit(asked) for _ in range(MOST)]
            while waits._open[made.id] < MOST:
                assert not any(each.done() for each in waiting)
                time.sleep(0.01)
            refused = asked()
            problem(refused, 429, "too_many_requests")
            assert int(refused.headers["retry-after"]) > 0
            assert world.get(f"{path}/decision", token=made.secret).status_code == 200
            assert world.get(f"{path}/decision", params={"wait": "1"}).status_code == 200
            world.cleared(path)
            assert [each.result().status_code for each in waiting] == [200] * MOST
        world.clock.forward(seconds=1)
        world.submit(path, data=report(3, failed=1))
        again = world.get(f"{path}/decision", params={"wait": "1"}, token=made.secret)
        assert (again.status_code, again.json()["outcome"]) == (200, "no-go")


class TestGate:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_the_status_is_the_answer(self, world: World, path: str, method: str) -> None:
        world.cleared(path)
        world.subject(path.split("/")[3], attributes={"regulated": True})
        assert world.call(method, f"{path}/gates/testing").status_code == 200
        refused = world.call(method, f"{path}/gates/launch")
        assert (refused.status_code, refused.headers["content-type"]) == (409, "application/json")
        assert refused.json() == world.decision(path)
        world.subject(path.split("/")[3])
        passed = world.call(method, f"{path}/gates/launch")
        assert (passed.status_code, passed.json()) == (200, world.decision(path))

    @pytest.mark.parametrize("body", [b"", b"{", b"x" * 100, b'{"name": "canary"}'])
    def test_a_body_is_ignored(self, world: World, path: str, body: bytes) -> None:
        world.cleared(path)
        for media in ("application/json", "text/plain", "multipart/form-data"):
            answer = world.post(f"{path}/gates/launch", body, headers={"Content-Type": media})
            assert answer.status_code == 200, answer.text

    def test_of_nothing(self, world: World, path: str) -> None:
        problem(world.get(f"{path}/gates/lunch"), 422, path="gate")
        problem(world.get(f"{path.replace('1.0.0', '9')}/gates/launch"), 404)
        problem(world.get(f"{path}/gates/LAUNCH"), 404)
