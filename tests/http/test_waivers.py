"""Waivers over HTTP: who may grant what for how long, what they are worth, and how they are listed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from phasegate.engine.instants import rfc3339
from phasegate.operations.tokens import SCOPES
from tests.support.clock import START
from tests.support.desk import Desk, desk
from tests.support.policies import Document, countersigned, report, simple
from tests.support.problems import problem
from tests.support.world import B, Sent, World, result

NOBODY = "01890000-0000-7000-8000-000000000000"
END = START + timedelta(days=3)
REASON = "the test runner is down until Monday"


class Counter:
    """A desk at which waivers are granted; the tests of its release fail."""

    def __init__(self, at: Desk) -> None:
        self.at = at
        self.world = at.world
        self.path = at.path
        self.world.submit(self.path, data=report(1, failed=1))

    def send(self, token: str = "", criterion: str = "tests-pass", ends: datetime | str = END, **more: Any) -> Sent:
        body = {"criterion": criterion, "reason": REASON, "expires_at": _text(ends)} | more
        return self.world.post(f"{self.path}/waivers", body, token=token or self.at.lee)

    def grant(self, **more: Any) -> Document:
        answer = self.send(**more)
        assert answer.status_code == 201, answer.text
        granted: Document = answer.json()
        return granted

    def revoke(self, waiver: str, reason: str = "it was mended") -> Sent:
        params = {"reason": reason} if reason else {}
        return self.world.call("DELETE", f"{self.path}/waivers/{waiver}", params=params, token=self.at.lee)

    def ask(self, token: str, **more: Any) -> Sent:
        body = {"criterion": "tests-pass", "reason": REASON, "expires_at": _text(END)} | more
        return self.world.post(f"{self.path}/waiver-requests", body, token=token)

    def decide(self, token: str, request: str, verdict: str = "approve", comment: str = "") -> Sent:
        path = f"{self.path}/waiver-requests/{request}/verdict"
        return self.world.post(path, {"verdict": verdict, "comment": comment}, token=token)

    def status(self, **query: str) -> Document:
        return result(self.world.decision(self.path, **query), "tests-pass")

    def listed(self, **query: str) -> list[Document]:
        answer = self.world.get(f"{self.path}/waivers", params=query)
        assert answer.status_code == 200, answer.text
        items: list[Document] = answer.json()["items"]
        return items


def _text(instant: datetime | str) -> str:
    return instant if isinstance(instant, str) else rfc3339(instant)


@pytest.fixture
def at(world: World) -> Counter:
    return Counter(desk(world))


class TestGranting:
    def test_the_criterion_is_waived_and_keeps_its_status_in_sight(self, at: Counter) -> None:
        assert at.status()["status"] == "fail"
        granted = at.grant()
        expected = {
            "criterion": "tests-pass",
            "reason": REASON,
            "granted_by": "lee",
            "granted_at": "2027-03-05T12:00:00Z",
            "expires_at": "2027-03-08T12:00:00Z",
            "state": "in-force",
            "request": None,
            "revoked_at": None,
        }
        assert {key: granted[key] for key in expected} == expected
        shown = at.status()
        assert (shown["status"], shown["underlying"], shown["waiver"]["used"]) == ("waived", "fail", True)
        assert at.world.decision(at.path)["maturity"]["level"] == 1
        assert at.world.audited()[-1] == "waiver.granted"

    def test_the_same_again_is_the_same_waiver(self, at: Counter) -> None:
        first = at.grant()
        at.world.clock.forward(hours=1)
        again = at.send()
        assert (again.status_code, again.json()) == (200, first)
        at.revoke(first["id"])
        assert at.grant()["id"] != first["id"]

    @pytest.mark.parametrize(
        ("changes", "code", "path"),
        [
            ({"criterion": "tests-pas"}, "unknown_criterion", "criterion"),
            ({"criterion": "business-review"}, "not_waivable", "criterion"),
            ({"ends": START}, "ends_too_soon", "expires_at"),
            ({"ends": START - timedelta(days=1)}, "ends_too_soon", "expires_at"),
            ({"ends": START + timedelta(days=30, microseconds=1)}, "lasts_too_long", "expires_at"),
            ({"ends": "9999-12-31T23:59:59Z"}, "lasts_too_long", "expires_at"),
            ({"ends": "2027-03-08T12:00:00"}, "invalid", "expires_at"),
            ({"ends": "never"}, "invalid", "expires_at"),
            ({"expires_at": None}, "invalid", "expires_at"),
            ({"reason": ""}, "invalid", "reason"),
            ({"reason": " \n"}, "reason_missing", "reason"),
        ],
    )
    def test_what_no_waiver_can_be(self, at: Counter, changes: Any, code: str, path: str) -> None:
        problem(at.send(**changes), 422, code, path=path)
        assert at.world.count("waiver") == 0

    def test_without_an_end(self, at: Counter) -> None:
        body = {"criterion": "tests-pass", "reason": REASON}
        problem(at.world.post(f"{at.path}/waivers", body, token=at.at.lee), 422, path="expires_at")

    def test_as_long_as_the_policy_allows_and_no_longer(self, at: Counter) -> None:
        at.grant(ends=START + timedelta(days=30))
        told = problem(at.send(ends=START + timedelta(days=31)), 422)["detail"]
        assert (
            told == "expires_at is too far away: the policy allows at most 30 days ahead, which is 2027-04-04T12:00:00Z"
        )

    def test_a_policy_without_waivers(self, world: World) -> None:
        world.publish(simple("strict"))
        path = world.release(world.subject(policy="strict@^1"))
        body = {"criterion": "tests-pass", "reason": REASON, "expires_at": rfc3339(END)}
        problem(world.post(f"{path}/waivers", body, token=world.own("lee", "waivers:write")), 422, "not_waivable")


class TestWhoMayNot:
    def test_a_tool_or_service_whatever_its_scopes(self, at: Counter) -> None:
        told = problem(at.send(at.world.admin), 403, "not_a_person")["detail"]
        assert "only a person grants a waiver" in told

    def test_whoever_registered_the_release(self, at: Counter) -> None:
        own = at.world.own("lee", *SCOPES)
        body = {"version": "2.0.0", "artifacts": [{"name": "f", "sha256": B}]}
        at.world.post(f"/v1/subjects/{at.at.subject}/releases", body, token=own)
        at.path = f"/v1/subjects/{at.at.subject}/releases/2.0.0"
        told = problem(at.send(), 403, "duties_not_separate")["detail"]
        assert told.startswith("lee registered the release; who grants a waiver must have had no hand in it")

    def test_whoever_submitted_what_it_excuses(self, at: Counter) -> None:
        own = at.world.own("lee", "evidence:write")
        at.world.clock.forward(minutes=1)
        at.world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(0, failed=2)}, token=own)
        told = problem(at.send(), 403, "duties_not_separate")["detail"]
        assert "lee submitted the evidence that it excuses: unit-tests" in told
        at.grant(criterion="good-enough")

    def test_whoever_a_tool_submitted_it_for(self, at: Counter) -> None:
        tool = at.world.tool("ci", "lee", "evidence:write")
        at.world.clock.forward(minutes=1)
        at.world.post(f"{at.path}/evidence", {"type": "unit-tests", "data": report(0, failed=2)}, token=tool)
        problem(at.send(), 403, "duties_not_separate")

    def test_whoever_asked_for_it(self, at: Counter) -> None:
        assert at.ask(at.at.lee).status_code == 201
        told = problem(at.send(ends=END - timedelta(days=1)), 403, "duties_not_separate")["detail"]
        assert "lee asked for this waiver" in told
        at.grant(criterion="good-enough")

    def test_a_person_without_the_scope(self, at: Counter) -> None:
        problem(at.send(at.at.mia), 403, "missing_scope")


class TestTheEnd:
    def test_half_open_and_told(self, at: Counter) -> None:
        at.grant()
        at.world.clock.now = END - timedelta(microseconds=1)
        assert at.status()["status"] == "waived"
        assert at.status()["expires_at"] == "2027-03-08T12:00:00Z"
        at.world.clock.now = END
        shown = at.status()
        assert (shown["status"], shown["waiver"]) == ("fail", None)
        assert "the waiver by lee ended at 2027-03-08T12:00:00Z" in shown["reason"]

    def test_revocation_counts_from_its_instant(self, at: Counter) -> None:
        granted = at.grant()
        at.world.clock.forward(hours=1)
        gone = at.revoke(granted["id"])
        assert (gone.status_code, gone.json()["state"], gone.json()["revoked_by"]) == (200, "revoked", "lee")
        assert "was revoked at 2027-03-05T13:00:00Z" in at.status()["reason"]
        assert at.status(at="2027-03-05T12:59:59.999999Z")["status"] == "waived"
        assert at.status(at="2027-03-05T13:00:00Z")["status"] == "fail"
        at.world.clock.forward(hours=1)
        assert at.revoke(granted["id"]).json() == gone.json()
        assert at.world.audited()[-1] == "waiver.revoked"
        assert at.world.audited().count("waiver.revoked") == 1

    def test_a_revocation_says_why(self, at: Counter) -> None:
        granted = at.grant()
        problem(at.revoke(granted["id"], ""), 422, "reason_missing", path="reason")
        problem(at.revoke(granted["id"], "  "), 422, "reason_missing", path="reason")
        problem(at.revoke(NOBODY), 404)
        other = at.world.release(at.at.subject, "2.0.0", B)
        gone = at.world.call("DELETE", f"{other}/waivers/{granted['id']}", params={"reason": "x"})
        problem(gone, 404)

    def test_of_another_release_it_says_nothing(self, at: Counter) -> None:
        at.grant()
        label = at.world.release(at.at.subject, "1.0.1")
        assert result(at.world.decision(label), "tests-pass")["status"] == "fail"


class TestRequests:
    def test_whoever_may_read_asks_and_another_grants(self, at: Counter) -> None:
        asked = at.ask(at.at.mia)
        assert (asked.status_code, asked.json()["verdict"]) == (201, None)
        assert at.status()["status"] == "fail"
        at.world.clock.forward(hours=1)
        decided = at.decide(at.at.lee, asked.json()["id"], comment="for once")
        assert decided.status_code == 201
        request, waiver = decided.json()["request"], decided.json()["waiver"]
        assert request["verdict"] == {
            "verdict": "approve",
            "by": "lee",
            "at": "2027-03-05T13:00:00Z",
            "comment": "for once",
        }
        assert (waiver["granted_by"], waiver["reason"], waiver["request"]) == ("lee", REASON, request["id"])
        assert at.status()["status"] == "waived"
        assert at.world.get(f"{at.path}/waiver-requests").json()["items"] == [request]
        again = at.decide(at.at.lee, request["id"], comment="for once")
        assert (again.status_code, again.json()) == (200, decided.json())
        assert at.world.audited()[-3:] == ["waiver.wanted", "waiver.granted", "waiver.decided"]

    def test_a_rejected_one_waives_nothing(self, at: Counter) -> None:
        request = at.ask(at.at.mia).json()["id"]
        assert at.decide(at.at.lee, request, "reject", "mend it").json()["waiver"] is None
        assert at.status()["status"] == "fail"
        told = problem(at.decide(at.at.lee, request), 409, "already_decided")["detail"]
        assert told.startswith("lee decided on it at 2027-03-05T12:00:00Z: reject")

    def test_the_same_again_is_the_same_request_while_it_is_open(self, at: Counter) -> None:
        first = at.ask(at.at.mia)
        assert (at.ask(at.at.mia).status_code, at.ask(at.at.mia).json()) == (200, first.json())
        assert at.ask(at.at.ben).json()["id"] != first.json()["id"]
        at.decide(at.at.lee, first.json()["id"], "reject")
        assert at.ask(at.at.mia).status_code == 201

    def test_nobody_grants_what_he_asked_for(self, at: Counter) -> None:
        request = at.ask(at.at.lee).json()["id"]
        problem(at.decide(at.at.lee, request), 403, "duties_not_separate")
        assert at.world.count("waiver_verdict") == 0
        assert at.decide(at.at.lee, request, "reject").status_code == 201

    def test_nor_what_a_tool_of_his_asked_for(self, at: Counter) -> None:
        tool = at.world.tool("ci", "lee", "read")
        asked = at.ask(tool).json()
        assert (asked["requested_by"], asked["requested_for"]) == ("ci", ["lee"])
        problem(at.decide(at.at.lee, asked["id"]), 403, "duties_not_separate")
        problem(at.send(), 403, "duties_not_separate")

    def test_no_tool_decides(self, at: Counter) -> None:
        request = at.ask(at.at.mia).json()["id"]
        for verdict in ("approve", "reject"):
            problem(at.decide(at.world.admin, request, verdict), 403, "not_a_person")

    def test_what_can_not_be_granted_can_not_be_asked_for(self, at: Counter) -> None:
        problem(at.ask(at.at.mia, criterion="business-review"), 422, "not_waivable")
        problem(at.ask(at.at.mia, expires_at=rfc3339(START)), 422, "ends_too_soon")
        request = at.ask(at.at.mia).json()["id"]
        at.world.clock.now = END
        problem(at.decide(at.at.lee, request), 422, "ends_too_soon")
        assert at.decide(at.at.lee, request, "reject").status_code == 201

    def test_of_another_release_or_none(self, at: Counter) -> None:
        request = at.ask(at.at.mia).json()["id"]
        problem(at.decide(at.at.lee, NOBODY), 404)
        at.path = at.world.release(at.at.subject, "2.0.0", B)
        problem(at.decide(at.at.lee, request), 404)


class TestLists:
    def test_by_what_they_are_worth(self, at: Counter) -> None:
        used = at.grant()["id"]
        unused = at.grant(criterion="good-enough", ends=START + timedelta(days=20))["id"]
        revoked = at.grant(criterion="ticket-approved")["id"]
        at.revoke(revoked)
        short = at.grant(criterion="ticket-approved", ends=START + timedelta(hours=1))["id"]
        at.world.clock.forward(hours=1)
        kinds = {
            "in-force": [used, unused],
            "used": [used],
            "unused": [unused],
            "expiring": [used],
            "expired": [short],
            "revoked": [revoked],
        }
        everywhere = {
            kind: [each["id"] for each in at.world.get(f"/v1/waivers?state={kind}").json()["items"]] for kind in kinds
        }
        assert {kind: [each["id"] for each in at.listed(state=kind)] for kind in kinds} == everywhere == kinds
        assert [each["id"] for each in at.listed(state="expiring", within="P20D")] == [used, unused]
        assert [each["id"] for each in at.listed()] == [used, unused, revoked, short]
        assert [(e["state"], e["used"]) for e in at.listed()] == [
            ("in-force", True),
            ("in-force", False),
            ("revoked", False),
            ("ended", False),
        ]

    def test_page_by_page_and_within_what_the_token_may_touch(self, at: Counter) -> None:
        ids = [at.grant(ends=END + timedelta(hours=n))["id"] for n in range(5)]
        seen: list[str] = []
        path = "/v1/waivers?limit=2"
        while path:
            body = at.world.get(path).json()
            assert len(body["items"]) <= 2
            seen += [each["id"] for each in body["items"]]
            path = body["next_cursor"] and f"/v1/waivers?limit=2&cursor={body['next_cursor']}"
        assert seen == ids
        narrow = at.world.token("read", subjects=("fraud-*",)).secret
        assert at.world.get("/v1/waivers", token=narrow).json() == {"items": [], "next_cursor": None}
        assert at.world.another().get("/v1/waivers").json()["items"] == []

    def test_a_kind_that_is_none(self, at: Counter) -> None:
        body = problem(at.world.get("/v1/waivers?state=expirng"), 422, path="state")
        assert "expiring" in body["errors"][0]["suggestion"]
        problem(at.world.get("/v1/waivers?within=P1M"), 422, path="within")

    def test_no_free_text_in_the_audit(self, at: Counter) -> None:
        granted = at.grant()
        at.revoke(granted["id"], "a personal remark")
        at.decide(at.at.lee, at.ask(at.at.mia, criterion="good-enough").json()["id"], comment="a personal remark")
        rows = at.world.sql.rows("SELECT before, after FROM audit WHERE org = :org", org=at.world.org)
        kept = b"".join(bytes(cell) for row in rows for cell in row if cell)  # type: ignore[call-overload]
        assert b"remark" not in kept
        assert b"runner" not in kept


def test_a_waiver_of_a_criterion_that_a_newer_policy_forbids(world: World) -> None:
    """The policy of another label of the release may; the release's own stands as it was pinned."""
    at = Counter(desk(world))
    at.grant()
    stricter = countersigned("1.1.0")
    stricter["phases"][0]["criteria"][0]["waivable"] = False
    world.publish(stricter)
    assert at.status()["status"] == "waived"
