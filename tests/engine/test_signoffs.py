"""Sign-offs: what counts, what doesn't and why, and what makes an approval void."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import CriterionResult
from phasegate.engine.facts import Evidence, SignOff
from tests.engine.small import (
    DAY,
    HOUR,
    MODEL,
    NOON,
    TOKENIZER,
    criterion,
    decided,
    document,
    facts,
    phase,
    policy,
    record,
    results,
)

EARLY = NOON - 2 * HOUR
"""When the evidence was collected and received."""
SIGNED = NOON - HOUR
ROLES = ["model-owner", "business-owner"]
REPORT = record(at=EARLY, submitted_by="ci")


def review(**asked: Any) -> dict[str, Any]:
    """A sign-off criterion that covers the phase `first`."""
    rules = {"roles": ROLES, "covers": {"phases": ["first"]}, "max_age": "P30D", **asked}
    return {"id": "review", "title": "Review", "signoff": rules}


def under(made: dict[str, Any] | None = None, *more: dict[str, Any], **top: Any) -> CompiledPolicy:
    phases = [phase("first", criterion()), phase("last", made or review(), *more)]
    return policy(**{"roles": [*ROLES, "legal"], "phases": phases, **top})


def approval(by: str = "mia", role: str = "model-owner", at: datetime = SIGNED, **more: Any) -> SignOff:
    return SignOff(role, "approve", by, at, **more)


def rejection(by: str = "ben", role: str = "business-owner", at: datetime = SIGNED, **more: Any) -> SignOff:
    return SignOff(role, "reject", by, at, **more)


BOTH = (approval(), approval("ben", "business-owner"))


def reviewed(
    *signoffs: SignOff,
    evidence: tuple[Evidence, ...] = (REPORT,),
    compiled: CompiledPolicy | None = None,
    at: datetime = NOON,
    registered_for: tuple[str, ...] = (),
) -> CriterionResult:
    """The sign-off criterion on these facts."""
    known = msgspec.structs.replace(facts(*evidence, registered_for=registered_for), signoffs=signoffs)
    return results(decided(compiled or under(), known, at))["review"]


def counted(result: CriterionResult) -> dict[tuple[str, str], bool]:
    return {(shown.by, shown.role): shown.counts for shown in result.signoffs}


def why(result: CriterionResult, by: str) -> str:
    """Why the one sign-off of `by` doesn't count."""
    (reason,) = [shown.reason for shown in result.signoffs if shown.by == by and not shown.counts]
    assert reason is not None
    return reason


def test_it_passes_when_every_role_approves() -> None:
    result = reviewed(*BOTH)
    assert (result.status, result.reason) == ("pass", None)
    assert counted(result) == {("mia", "model-owner"): True, ("ben", "business-owner"): True}


@pytest.mark.parametrize(
    ("given", "silent"), [((), "business-owner, model-owner"), (BOTH[:1], "business-owner"), (BOTH[1:], "model-owner")]
)
def test_it_is_missing_without_a_verdict_of_each_role(given: tuple[SignOff, ...], silent: str) -> None:
    result = reviewed(*given)
    assert (result.status, result.reason) == ("missing", f"no verdict of: {silent}")


def test_a_sign_off_that_is_given_later_is_not_seen() -> None:
    late = approval("ben", "business-owner", at=NOON + HOUR)
    assert reviewed(BOTH[0], late).signoffs == reviewed(BOTH[0]).signoffs
    assert reviewed(BOTH[0], late, at=NOON + HOUR).status == "pass"


def test_order_and_duplicates_do_not_matter() -> None:
    assert reviewed(*BOTH[::-1], *BOTH) == reviewed(*BOTH)


def test_a_role_that_is_not_asked_for_changes_nothing() -> None:
    assert reviewed(*BOTH, rejection("lee", "legal")) == reviewed(*BOTH)


class TestChange:
    @pytest.mark.parametrize(
        ("late", "told"),
        [
            (record(at=NOON - HOUR / 2), "void: report changed 2026-03-01T11:30:00Z"),
            # Collected before the signing, and received behind it: what was signed for is not what stands.
            (record(at=EARLY + HOUR / 2, received_at=NOON - HOUR / 2), "void: report changed 2026-03-01T11:30:00Z"),
        ],
    )
    def test_covered_evidence_that_arrives_later_voids_the_approvals(self, late: Evidence, told: str) -> None:
        result = reviewed(*BOTH, evidence=(REPORT, late))
        assert result.status == "missing"
        assert (why(result, "mia"), why(result, "ben")) == (told, told)
        for text in ("model-owner", "business-owner", "report changed"):
            assert text in (result.reason or "")

    def test_what_is_older_than_the_record_that_speaks_voids_nothing(self) -> None:
        late_and_old = record(at=EARLY - HOUR, received_at=NOON - HOUR / 2, fields={"passed": 0})
        assert reviewed(*BOTH, evidence=(REPORT, late_and_old)).status == "pass"

    def test_evidence_that_was_absent_and_arrives_is_a_change(self) -> None:
        compiled = under(review(covers={"criteria": ["tests-pass"]}))
        result = reviewed(*BOTH, compiled=compiled, evidence=(record(at=NOON - HOUR / 2),))
        assert result.status == "missing"

    def test_evidence_that_is_revoked_is_a_change_and_the_reason_says_when(self) -> None:
        gone = msgspec.structs.replace(REPORT, revoked_at=NOON - HOUR / 4)
        assert why(reviewed(*BOTH, evidence=(gone,)), "mia") == "void: report changed 2026-03-01T11:45:00Z"

    def test_revoking_what_voided_an_approval_restores_it(self) -> None:
        bad = record(at=NOON - HOUR / 2, fields={"passed": 0}, revoked_at=NOON - HOUR / 4)
        assert reviewed(*BOTH, evidence=(REPORT, bad)).status == "pass"
        assert reviewed(*BOTH, evidence=(REPORT, bad), at=NOON - HOUR / 3).status == "missing"

    def test_evidence_that_merely_grows_old_is_no_change(self) -> None:
        later = NOON + 8 * DAY
        assert reviewed(*BOTH, at=later).status == "pass"

    def test_a_recurring_type_is_not_covered(self) -> None:
        kinds = {"report": {"shape": "report", "scope": "release", "recurring": True, "context": ["split", "note?"]}}
        assert reviewed(*BOTH, compiled=under(evidence=kinds), evidence=(REPORT, record(at=NOON))).status == "pass"

    def test_a_type_that_no_covered_criterion_reads_is_not_covered(self) -> None:
        assert reviewed(*BOTH, evidence=(REPORT, record("other", at=NOON))).status == "pass"

    def test_a_guarded_type_is_covered(self) -> None:
        guarded = criterion("tests-pass", '!("other" in facts) || facts["other"].evidence.passed > 0')
        compiled = under(phases=[phase("first", guarded), phase("last", review())])
        assert reviewed(*BOTH, compiled=compiled, evidence=(REPORT, record("other", at=NOON))).status == "missing"

    def test_a_type_of_a_covered_criterion_that_does_not_apply_is_covered(self) -> None:
        exempt = criterion("tests-pass", when="subject.kind == 'data'")
        compiled = under(phases=[phase("first", exempt, criterion("other")), phase("last", review())])
        result = reviewed(*BOTH, compiled=compiled, evidence=(REPORT, record(at=NOON)))
        assert result.status == "missing"

    def test_its_own_evidence_is_covered(self) -> None:
        own = {**review(covers={}), "evidence": "other"}
        shown = (record("other", at=EARLY),)
        assert reviewed(*BOTH, compiled=under(own), evidence=shown).status == "pass"
        assert reviewed(*BOTH, compiled=under(own), evidence=(*shown, record("other", at=NOON))).status == "missing"

    def test_evidence_of_other_artifacts_is_no_change(self) -> None:
        foreign = record(at=NOON, artifacts=(MODEL,))
        assert reviewed(*BOTH, evidence=(REPORT, foreign)).status == "pass"

    def test_an_approval_of_other_artifacts_or_another_policy_does_not_count(self) -> None:
        same = approval(artifacts=(TOKENIZER, MODEL))
        assert reviewed(same, BOTH[1]).status == "pass"
        assert why(reviewed(approval(artifacts=(MODEL,)), BOTH[1]), "mia").startswith(
            "given for other artifacts; 2.0.0 has its own since 2026-02-28"
        )
        moved = reviewed(approval(policy_digest="sha256:other"), BOTH[1])
        assert moved.status == "missing"
        assert why(moved, "mia") == "void: the policy is another one, small@1.0.0 since 2026-02-28T12:00:00Z"

    def test_approving_again_covers_what_stands_now(self) -> None:
        late = record(at=NOON - HOUR / 2)
        again = tuple(msgspec.structs.replace(each, at=NOON - HOUR / 4) for each in BOTH)
        result = reviewed(*BOTH, *again, evidence=(REPORT, late))
        assert result.status == "pass"
        assert [shown.counts for shown in result.signoffs] == [False, False, True, True]


class TestAge:
    def test_an_approval_expires_at_its_end_and_not_before(self) -> None:
        end = SIGNED + 30 * DAY
        before = reviewed(*BOTH, at=end - DAY / 86_400)
        assert (before.status, before.expires_at) == ("pass", "2026-03-31T11:00:00Z")
        after = reviewed(*BOTH, at=end)
        assert after.status == "expired"
        assert "valid for 30 days" in (after.reason or "")
        assert why(after, "ben") == "expired at 2026-03-31T11:00:00Z"

    def test_a_decision_knows_when_an_approval_expires(self) -> None:
        compiled = under(review(max_age="P1D"))
        known = msgspec.structs.replace(facts(REPORT), signoffs=BOTH)
        decision = decided(compiled, known)
        assert decision.valid_until == "2026-03-02T11:00:00Z"
        assert decision.next_change is not None
        assert decision.next_change.because == "an approval of review expires"

    def test_void_comes_before_expired(self) -> None:
        late = record(at=NOON)
        assert reviewed(*BOTH, evidence=(REPORT, late), at=SIGNED + 30 * DAY).status == "missing"


class TestSeparationOfDuties:
    @pytest.mark.parametrize(
        ("by", "told"),
        [
            ("ann", "ann registered the release"),
            ("rae", "rae registered the release"),
            ("ben", "ben submitted covered evidence: report"),
            ("cyd", "cyd submitted covered evidence: report"),
        ],
    )
    def test_who_registered_or_submitted_can_not_approve(self, by: str, told: str) -> None:
        shown = record(at=EARLY, submitted_by="ben", submitted_for=("cyd",))
        result = reviewed(approval(by), evidence=(shown,), registered_for=("rae",))
        assert result.status == "missing"
        assert why(result, by) == told

    def test_submitting_what_is_not_covered_bars_nobody(self) -> None:
        shown = (REPORT, record("other", at=EARLY, submitted_by="mia"))
        assert reviewed(*BOTH, evidence=shown).status == "pass"

    def test_what_counts_is_who_submitted_what_stood_at_the_signing(self) -> None:
        earlier = record(at=EARLY - HOUR, submitted_by="mia")
        assert reviewed(*BOTH, evidence=(earlier, REPORT)).status == "pass"
        replaced = record(at=NOON, submitted_by="ci")
        assert "submitted" in why(reviewed(*BOTH, evidence=(earlier, replaced)), "mia")

    def test_each_role_needs_a_person_of_its_own_where_that_is_asked(self) -> None:
        given = (approval("mia"), approval("mia", "business-owner", at=SIGNED + HOUR / 2))
        assert reviewed(*given).status == "pass"
        result = reviewed(*given, compiled=under(review(distinct_persons=True)))
        assert result.status == "missing"
        assert (result.reason or "").startswith("no verdict of: business-owner; that of business-owner by mia does not")
        assert why(result, "mia") == "mia approved as model-owner; each role needs a person of its own"

    def test_a_withdrawn_approval_keeps_nobody_from_another_role(self) -> None:
        withdrawn = approval("ben", withdrawn_at=SIGNED + HOUR / 4)
        compiled = under(review(distinct_persons=True))
        assert reviewed(withdrawn, *BOTH, compiled=compiled).status == "pass"


class TestRejection:
    def test_it_is_a_fail_that_quotes_the_comment(self) -> None:
        result = reviewed(BOTH[0], rejection(comment="escalation path unclear"))
        assert result.status == "fail"
        assert result.reason == 'rejected by ben as business-owner at 2026-03-01T11:00:00Z: "escalation path unclear"'
        assert counted(result)[("ben", "business-owner")]

    def test_it_comes_before_missing(self) -> None:
        assert reviewed(rejection(), evidence=()).status == "fail"

    def test_another_role_does_not_lift_it(self) -> None:
        given = (*BOTH, rejection(at=SIGNED + HOUR / 4), approval("mia", at=SIGNED + HOUR / 2))
        assert reviewed(*given).status == "fail"

    def test_the_same_role_lifts_it_by_whoever_holds_it(self) -> None:
        given = (*BOTH, rejection(at=SIGNED + HOUR / 4), approval("lee", "business-owner", at=SIGNED + HOUR / 2))
        assert reviewed(*given).status == "pass"

    @pytest.mark.parametrize(
        "lifting",
        [
            approval("ann", "business-owner", at=NOON),
            approval("lee", "business-owner", at=NOON - HOUR / 4, withdrawn_at=NOON),
            approval("lee", "business-owner", at=SIGNED),
        ],
        ids=["who may not approve", "withdrawn", "at the same instant"],
    )
    def test_an_approval_that_does_not_count_lifts_nothing(self, lifting: SignOff) -> None:
        assert reviewed(BOTH[0], rejection(), lifting).status == "fail"

    def test_changed_evidence_does_not_lift_it_and_nor_does_time(self) -> None:
        given = (BOTH[0], rejection())
        assert reviewed(*given, evidence=(REPORT, record(at=NOON))).status == "fail"
        assert reviewed(*given, at=NOON + 365 * DAY).status == "fail"

    def test_it_can_be_withdrawn(self) -> None:
        taken_back = rejection(withdrawn_at=NOON)
        assert reviewed(*BOTH, msgspec.structs.replace(taken_back, at=SIGNED + HOUR / 4)).status == "pass"

    def test_who_may_not_approve_can_still_reject(self) -> None:
        assert reviewed(*BOTH, rejection("ann", at=NOON)).status == "fail"


class TestWhatIsAskedFor:
    def test_each_acknowledgement(self) -> None:
        compiled = under(review(acknowledge={"limits": "I know the limits.", "cases": "I saw the cases."}))
        given = [msgspec.structs.replace(each, acknowledged=("limits",)) for each in BOTH]
        result = reviewed(*given, compiled=compiled)
        assert result.status == "missing"
        assert why(result, "mia") == "not acknowledged: cases"
        full = [msgspec.structs.replace(each, acknowledged=("cases", "limits", "more")) for each in BOTH]
        assert reviewed(*full, compiled=compiled).status == "pass"

    def test_the_channel(self) -> None:
        compiled = under(review(via=["web"]))
        assert reviewed(*BOTH, compiled=compiled).status == "pass"
        result = reviewed(approval(via="slack"), BOTH[1], compiled=compiled)
        assert why(result, "mia") == "given through slack; the policy asks for web"

    def test_a_second_factor(self) -> None:
        compiled = under(review(mfa=True))
        assert "second factor" in why(reviewed(*BOTH, compiled=compiled), "mia")
        assert reviewed(*(msgspec.structs.replace(each, mfa=True) for each in BOTH), compiled=compiled).status == "pass"

    def test_a_criterion_where_more_than_one_asks_for_the_role(self) -> None:
        other = {"id": "second", "title": "Second", "signoff": {"roles": ["model-owner"]}}
        compiled = under(review(), other)
        result = reviewed(*BOTH, compiled=compiled)
        assert "more than one criterion asks for the role model-owner" in why(result, "mia")
        assert reviewed(approval(criterion="review"), BOTH[1], compiled=compiled).status == "pass"
        assert reviewed(approval(criterion="second"), BOTH[1], compiled=compiled).status == "missing"

    def test_a_rejection_where_more_than_one_asks_for_the_role_is_meant_for_all(self) -> None:
        other = {"id": "second", "title": "Second", "signoff": {"roles": ["model-owner"]}}
        compiled = under(review(), other)
        approved = (approval(criterion="review"), approval(criterion="second"), BOTH[1])
        later = rejection("mia", "model-owner", SIGNED + HOUR)
        for name in ("review", "second"):
            before, after = (
                results(decided(compiled, msgspec.structs.replace(facts(), signoffs=given)))[name]
                for given in (approved, (*approved, later))
            )
            assert (before.status, after.status) == ("pass", "fail")

    def test_its_checks_too(self) -> None:
        made = {**review(), "evidence": "report", "checks": [{"that": "evidence.passed > 1", "otherwise": "too few"}]}
        result = reviewed(*BOTH, compiled=under(made))
        assert (result.status, result.reason) == ("fail", "too few")


def test_one_that_does_not_apply_still_shows_its_sign_offs() -> None:
    made = {**review(max_age="P1D"), "when": "subject.kind == 'data'"}
    known = msgspec.structs.replace(facts(REPORT), signoffs=BOTH)
    decision = decided(under(made), known)
    assert results(decision)["review"].status == "not-applicable"
    assert decision.valid_until == "2026-03-02T11:00:00Z"


def test_what_an_approval_covers_is_known_at_publication() -> None:
    made = document(roles=[*ROLES], phases=[phase("first", criterion()), phase("last", review())])
    assert policy(**{key: made[key] for key in ("roles", "phases")}).covered == {"review": frozenset({"report"})}
