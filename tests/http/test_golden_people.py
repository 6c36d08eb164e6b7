"""The golden scenarios G12 to G16 of `ml-deployment`, against a server that stores them."""

from typing import Any

import pytest

from tests.support.green import PATH, Green
from tests.support.problems import problem
from tests.support.world import World

GO, NO = "go", "no-go"
LAST_SHUT = [GO, GO, GO, GO, GO, NO]


def test_g1_both_owners_open_every_gate(world: World) -> None:
    green = Green(world).signed()
    assert green.gates() == [GO] * 6
    assert world.decision(PATH)["valid_until"] == "2027-03-11T06:00:00Z"


class TestG12Regulated:
    @pytest.mark.parametrize("regulated", [True, "no"])
    def test_without_the_two_officers(self, world: World, regulated: Any) -> None:
        green = Green(world, regulated=regulated).signed()
        assert green.gates() == LAST_SHUT
        review = green.criterion("compliance-review")
        assert (review["status"], review["reason"]) == ("missing", "no verdict of: compliance, legal")

    def test_with_them(self, world: World) -> None:
        green = Green(world, regulated=True).signed()
        for role in ("legal", "compliance"):
            assert green.sign(role, "2027-03-05T10:00:00Z").status_code == 201
        assert green.gates() == [GO] * 6
        assert world.decision(PATH)["valid_until"] == "2027-03-11T06:00:00Z"


class TestG13Waiver:
    def waive(self, green: Green, criterion: str, ends: str, at: str = "2027-03-04T08:00:00Z") -> Any:
        green.at(at)
        body = {"criterion": criterion, "reason": "the cluster is frozen", "expires_at": ends}
        return green.world.post(f"{PATH}/waivers", body, token=green.tokens["approver-1"])

    def test_it_stands_for_a_while(self, world: World) -> None:
        green = Green(world, without="scaling-test")
        assert self.waive(green, "autoscaling", "2027-03-08T00:00:00Z").status_code == 201
        green.signed()
        assert green.gates() == [GO] * 6
        shown = green.criterion("autoscaling")
        assert (shown["status"], shown["underlying"]) == ("waived", "missing")
        decision = world.decision(PATH)
        assert (decision["valid_until"], decision["maturity"]["level"]) == ("2027-03-08T00:00:00Z", 2)
        assert green.gates("2027-03-08T00:00:00Z") == [GO, GO, NO, NO, NO, NO]
        ended = green.criterion("autoscaling", "2027-03-08T00:00:00Z")
        assert ended["status"] == "missing"
        assert "the waiver by approver-1 ended at 2027-03-08T00:00:00Z" in ended["reason"]

    def test_what_is_refused(self, world: World) -> None:
        green = Green(world, registrar="approver-1")
        problem(self.waive(green, "holdout-performance", "2027-03-08T00:00:00Z"), 422, "not_waivable")
        problem(self.waive(green, "autoscaling", "2027-05-01T00:00:00Z"), 422, "lasts_too_long")
        problem(self.waive(green, "autoscaling", "2027-03-08T00:00:00Z"), 403, "duties_not_separate")


class TestG14Voided:
    def test_by_new_test_cases(self, world: World) -> None:
        green = Green(world).signed()
        shown = green.show("business-test-cases", "2027-03-05T11:00:00Z", data={"passed": 21, "total": 21})
        assert green.gates() == LAST_SHUT
        review = green.criterion("business-review")
        assert review["status"] == "missing"
        for text in ("business-test-cases changed 2027-03-05T11:00:00Z", "model-owner", "business-owner"):
            assert text in review["reason"]
        changed = [each["changed"] for each in green.desk.listed()["items"]]
        assert changed == [[{"what": "business-test-cases", "id": shown, "at": "2027-03-05T11:00:00Z"}]] * 2

    def test_not_by_what_recurs(self, world: World) -> None:
        green = Green(world).signed()
        green.show("source-freshness", "2027-03-05T11:00:00Z")
        assert green.gates() == [GO] * 6


class TestG15SelfApproval:
    def test_of_whoever_submitted(self, world: World) -> None:
        green = Green(world)
        green.show("model-card", "2027-03-05T08:00:00Z", submitted_by="business-owner-1")
        assert green.sign("model-owner", "2027-03-05T09:00:00Z").status_code == 201
        told = problem(green.sign("business-owner", "2027-03-05T09:30:00Z"), 403, "duties_not_separate")["detail"]
        assert "business-owner-1 submitted covered evidence: model-card" in told
        assert green.gates() == LAST_SHUT

    def test_in_both_roles(self, world: World) -> None:
        green = Green(world)
        world.role("model-owner-1", "business-owner")
        assert green.sign("model-owner", "2027-03-05T09:00:00Z").status_code == 201
        second = green.sign("business-owner", "2027-03-05T09:30:00Z", person="model-owner-1")
        problem(second, 403, "distinct_persons")

    def test_by_a_tool(self, world: World) -> None:
        green = Green(world)
        green.at("2027-03-05T09:00:00Z")
        problem(green.desk.send(world.admin, "business-owner"), 403, "not_a_person")


def test_g16_rejection(world: World) -> None:
    green = Green(world).signed()
    rejected = green.sign("business-owner", "2027-03-05T10:00:00Z", "reject", comment="escalation path unclear")
    assert rejected.status_code == 201
    review = green.criterion("business-review", "2027-03-05T10:10:00Z")
    assert review["status"] == "fail"
    assert '"escalation path unclear"' in review["reason"]
    assert green.gates("2027-03-05T10:10:00Z") == LAST_SHUT
    assert green.sign("model-owner", "2027-03-05T10:30:00Z").is_success
    assert green.criterion("business-review", "2027-03-05T10:40:00Z")["status"] == "fail"
    assert green.sign("business-owner", "2027-03-05T11:00:00Z").status_code == 201
    assert green.gates() == [GO] * 6
