"""The review document says how each criterion stands, and why, in the order in which a team asks."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from phasegate.engine.decision import Decision, Status
from phasegate.engine.facts import SignOff
from phasegate.engine.gate import decide
from phasegate.rendering.documents import Format
from phasegate.rendering.review import render_review
from phasegate.rendering.words import STATUS
from tests.engine import small
from tests.policies import golden
from tests.rendering.pages import Page, markdown_page
from tests.rendering.samples import DAY, NOON, Sample, policy, sample
from tests.rendering.samples import facts as sample_facts

FORMS: tuple[Format, ...] = ("html", "markdown")
forms = pytest.mark.parametrize("form", FORMS)
PARTS = [
    "What stands in the way",
    "Exceptions and exemptions",
    "Phases at a glance",
    "The criteria",
    "Model card extract",
    "Maturity",
    "Sign-off page",
    "Provenance",
]
WAIVER = {
    "criterion": "autoscaling",
    "reason": "load is flat until April",
    "granted_by": "approver-1",
    "granted_at": "2027-03-04T08:00:00Z",
    "expires_at": "2027-03-08T00:00:00Z",
}


def words(content: str, form: Format) -> str:
    """What a reader sees, blanks as one space."""
    page = Page(content if form == "html" else f"<div>{markdown_page(content)}</div>")
    return " ".join(page.text.split())


def read(of: Sample, form: Format, **more: Any) -> str:
    return words(of.review(form, **more), form)


def made(change: dict[str, Any], gate: str = "launch", signoffs: tuple[SignOff, ...] = ()) -> Sample:
    """GREEN of the shipped policy with a change."""
    facts, at = golden.facts(golden.changed(change))
    facts = type(facts)(facts.subject, facts.release, facts.evidence, facts.waivers, (*facts.signoffs, *signoffs))
    return Sample(golden.policy(), facts, decide(golden.policy(), facts, gate, at))


def part(text: str, name: str) -> str:
    """One part of the document, up to the next."""
    start = text.index(name)
    following = [text.find(other, start) for other in PARTS[PARTS.index(name) + 1 :]]
    return text[start : min([at for at in following if at > 0], default=len(text))]


@forms
class TestOrder:
    def test_the_verdict_is_the_first_line(self, form: Format) -> None:
        heading = Page(made({}).review("html")).headings[0][1]
        assert heading == "✗ NO-GO — churn-scorer 2.1.0 may not launch"
        assert made({}).review("markdown").startswith("# ✗ NO-GO — churn-scorer 2.1.0 may not launch\n")
        go = made({}, "rollback-and-recovery").review(form)
        assert "✓ GO — churn-scorer 2.1.0 may pass the gate rollback-and-recovery" in go

    def test_parts_follow_in_their_order(self, form: Format) -> None:
        content = made({}).review(form)
        page = Page(content if form == "html" else f"<div>{markdown_page(content)}</div>")
        assert [text for level, text in page.headings if level == 2] == PARTS

    def test_instant_and_end(self, form: Format) -> None:
        text = read(made({}), form).replace(":", "")
        assert "As of 2027-03-05 120000 UTC" in text
        assert "Stands until 2027-03-11 060000 UTC (source-freshness collected 2027-03-04 060000 UTC expires)" in text
        assert "Stands until new facts arrive" in read(made({"remove": "all"}), form).replace(":", "")

    def test_each_instant_is_exact_for_machines(self, form: Format) -> None:
        content = made({}).review(form)
        if form == "html":
            assert '<time datetime="2027-03-05T12:00:00Z">2027-03-05 12:00:00 UTC</time>' in content
        assert "from the decision of 2027-03-05T12:00:00Z" in content


@forms
class TestInTheWay:
    def test_only_what_is_not_satisfied_in_order_of_phases(self, form: Format) -> None:
        of = made({"remove": ["load-test"], "replace": {"holdout-evaluation": {"context": {"split": "validation"}}}})
        told = part(read(of, form), "What stands in the way")
        first = golden.policy().policy.phases[0].criteria[0]
        assert told.index(first.title) < told.index("objectives at peak load")
        assert "✗ Failed" in told
        assert "measured on the validation split; the held-out test set is required" in told
        assert " ".join(first.remediation.split())[:60] in told
        assert "Owner: ML engineer" in told
        assert "Edge cases" not in told

    def test_what_to_submit_is_said(self, form: Format) -> None:
        told = part(
            read(made({"remove": ["load-test"]}), form, formats={"load-test": ["k6"]}), "What stands in the way"
        )
        assert "Load test, as k6 or a JSON envelope:" in told
        assert "phasegate submit churn-scorer 2.1.0 FILE --type load-test --context environment=…" in told

    def test_nothing_and_what_ends_first(self, form: Format) -> None:
        told = part(read(made({}, "rollback-and-recovery"), form), PARTS[0])
        assert "Nothing. What ends first:" in told
        assert "2027-03-11 06:00:00 UTC, in 5 days 18 hours: Source freshness" in told
        assert told.count(", in ") == 3
        assert "Behind this gate" in told

    def test_what_blocks_nothing_is_told_apart(self, form: Format) -> None:
        told = part(read(sample(), form), "What stands in the way")
        assert "Not satisfied, but blocking nothing yet:" in told
        assert "An echo of 1.4 (absent)" in read(sample(), form)


@forms
class TestExceptions:
    def test_waivers_and_exemptions_come_before_the_green_part(self, form: Format) -> None:
        told = part(read(made({"remove": ["scaling-test"], "waivers": [WAIVER]}), form), "Exceptions and exemptions")
        assert "◐ Waived, otherwise No evidence" in told
        assert "load is flat until April" in told
        assert "approver-1, until 2027-03-08 00:00:00 UTC, 2 days 12 hours left" in told
        assert "(subject.attributes.regulated is false)" in told

    def test_an_unused_waiver_is_shown_as_such(self, form: Format) -> None:
        assert "not needed, the criterion holds" in read(made({"waivers": [WAIVER]}), form)

    def test_none(self, form: Format) -> None:
        told = part(read(made({"attributes": {"regulated": True}}), form), "Exceptions and exemptions")
        assert "No waiver is in force." in told
        assert "Every criterion applies." in told


@forms
class TestCriteria:
    def test_every_criterion_with_its_status(self, form: Format) -> None:
        of = made({"remove": ["load-test"]})
        text = part(read(of, form), "The criteria")
        at = 0
        for phase in of.decision.phases:
            for result in phase.criteria:
                at = text.index(result.title, at)
                following = text[at + len(result.title) :]
                assert STATUS[result.status].word in following[:40], result.id

    @pytest.mark.parametrize("status", STATUS)
    def test_every_status_has_its_symbol_and_word(self, form: Format, status: Status) -> None:
        of = sample()
        assert {r.status for phase in of.decision.phases for r in phase.criteria} == set(STATUS)
        assert f"{STATUS[status].symbol} {STATUS[status].word}" in read(of, form)

    def test_figures_beside_their_thresholds(self, form: Format) -> None:
        text = part(read(made({}), form), "The criteria")
        for figure in (
            "evidence.passed = 12", "params.min_edge_case_tests = 10", "evidence.metrics.roc_auc = 0.93",
            "success-criteria.evidence.minimum.roc_auc = 0.9", "context.rows absent",
        ):  # fmt: skip
            assert figure in text

    def test_a_subjects_own_value_stands_there_and_not_the_default(self, form: Format) -> None:
        of = made({"replace": {"success-criteria": {"data": {"params": {"min_edge_case_tests": 11.0}}}}})
        assert "params.min_edge_case_tests = 11" in read(of, form)

    def test_evidence_with_who_and_when(self, form: Format) -> None:
        text = read(made({}), form)
        assert "source-freshness from json, collected 2027-03-04 06:00:00 UTC, submitted by ci-bot" in text
        assert "expires in 5 days 18 hours, 2027-03-11 06:00:00 UTC" in text
        assert "plain words plain words, collected" in read(sample(), form)
        assert "submitted by plain words for plain words" in read(sample(), form)

    def test_other_submissions_are_counted(self, form: Format) -> None:
        assert "2 other submissions of this type for these artifacts, 1 of them revoked" in read(sample(), form)
        assert "other submission" not in read(made({}), form)

    def test_one_for_other_artifacts_or_received_later_is_no_other_submission(self, form: Format) -> None:
        known = sample_facts()
        tests = [each for each in known.evidence if each.type == "tests"]

        foreign = replace(tests[1], digest="sha256:" + "f" * 64, artifacts=("b" * 64,))
        later = replace(tests[1], digest="sha256:" + "e" * 64, received_at=NOON + DAY)
        more = replace(known, evidence=(*known.evidence, foreign, later, tests[1]))
        of = Sample(policy(), more, decide(policy(), more, "launch", NOON))
        assert "2 other submissions of this type for these artifacts, 1 of them revoked" in read(of, form)

    def test_evidence_is_linked_where_the_server_is_known(self, form: Format) -> None:
        of = sample()
        assert "/v1/evidence/" not in of.review(form)
        assert "https://gate.example/x/v1/evidence/plain%20words" in of.review(form, base_url="https://gate.example/x/")

    def test_a_locked_phase_says_so_and_is_judged(self, form: Format) -> None:
        text = read(made({"remove": ["load-test"]}), form)
        assert "Locked until the phases before it are passed" in text
        assert "4. Monitoring and Alerting ◌ Locked" in part(text, "Phases at a glance")


@forms
class TestCard:
    def test_both_values_and_a_difference(self, form: Format) -> None:
        told = part(read(made({"replace": {"model-card": {"data": {"metrics": {"roc_auc": 0.95}}}}}), form), PARTS[4])
        assert "From the model card, stated by the team" in told
        assert "≠ 0.93, differs" in told
        same = part(read(made({"replace": {"model-card": {"data": {"metrics": {"roc_auc": 0.93}}}}}), form), PARTS[4])
        assert "≠ 0.93" not in same

    def test_what_the_card_leaves_out(self, form: Format) -> None:
        told = part(read(made({"replace": {"model-card": {"data": {"sections": ["Purpose"]}}}}), form), PARTS[4])
        assert "Intended use" in told
        assert "not stated" in told

    def test_without_one_the_part_is_left_out(self, form: Format) -> None:
        content = made({"remove": ["model-card"]}).review(form)
        assert "Model card extract" not in content


@forms
class TestSigning:
    AT = NOON - timedelta(hours=3)

    def approval(self, role: str, by: str, **more: Any) -> SignOff:
        criterion = golden.policy().policy.phases[5].criteria[0]
        assert criterion.signoff is not None
        given = tuple(criterion.signoff.acknowledge)
        made: dict[str, Any] = {"acknowledged": given, "comment": "seen with the team", "at": self.AT, **more}
        return SignOff(role, more.pop("verdict", "approve"), by, **{k: v for k, v in made.items() if k != "verdict"})

    def test_awaited(self, form: Format) -> None:
        told = part(read(made({}), form), "Sign-off page")
        assert told.count("○ awaited") == 2
        assert "Not asked for: does not apply: subject.attributes.regulated != false is false" in told
        assert f"sha256:{'a' * 64}" in told
        assert golden.policy().digest in told

    def test_in_force_with_every_sentence(self, form: Format) -> None:
        both = (self.approval("model-owner", "owner-1"), self.approval("business-owner", "owner-2"))
        of = made({}, signoffs=both)
        assert of.decision.outcome == "go"
        told = part(read(of, form), "Sign-off page")
        assert told.count("✓ in force") == 2
        assert told.count("acknowledged by model-owner, business-owner") == 5
        assert "owner-1" in told
        assert "seen with the team" in told
        criterion = golden.policy().policy.phases[5].criteria[0]
        assert criterion.signoff is not None
        for sentence in criterion.signoff.acknowledge.values():
            assert " ".join(sentence.split()) in told

    def test_void_says_what_changed(self, form: Format) -> None:
        late = {
            "like": "edge-case-tests", "collected_at": "2027-03-05T10:00:00Z", "received_at": "2027-03-05T10:01:00Z",
            "data": {"passed": 13, "total": 13},
        }  # fmt: skip
        told = part(read(made({"add": [late]}, signoffs=(self.approval("model-owner", "o"),)), form), "Sign-off page")
        assert "void: edge-case-tests changed 2027-03-05T10:01:00Z" in told
        assert "acknowledged by" not in told

    def test_rejected(self, form: Format) -> None:
        told = part(read(made({}, signoffs=(self.approval("model-owner", "o", verdict="reject"),)), form), PARTS[6])
        assert "✗ rejected" in told
        assert told.count("○ awaited") == 1

    def test_a_verdict_taken_back_is_history(self, form: Format) -> None:
        first = self.approval("model-owner", "o", verdict="reject", comment="not | yet")
        again = self.approval("model-owner", "o", at=NOON - timedelta(hours=1))
        told = part(read(made({}, signoffs=(first, again)), form), "Sign-off page")
        assert "\u2013 superseded by the verdict of o at 2027-03-05T11:00:00Z" in told
        assert "not | yet" in told
        assert told.count("✓ in force") == 1

    def test_covered_evidence_leaves_out_what_recurs(self, form: Format) -> None:
        of = made({})
        told = part(read(of, form), "Sign-off page")
        records = {each.type: each.digest for p in of.decision.phases for r in p.criteria for each in r.evidence}
        assert records["edge-case-tests"] in told
        assert records["alert-rules"] not in told


@forms
def test_maturity_and_what_is_unmet(form: Format) -> None:
    told = part(read(made({"remove": "all"}), form), "Maturity")
    assert "Level 1, Ad Hoc. Unmet for level 2, Basic CI/CD:" in told
    assert "A pipeline deploys" in told


@forms
def test_provenance(form: Format) -> None:
    of = made({})
    told = part(read(of, form, base_url="https://g.example"), "Provenance")
    assert of.decision.inputs_digest in told
    assert "computed for this document and not stored" in told
    path = "/v1/subjects/churn-scorer/releases/2.1.0/decision?gate=launch&at=2027-03-05T12:00:00Z"
    assert f"GET https://g.example{path}" in told
    assert "decision-7" in read(of, form, decision_id="decision-7")


@forms
def test_every_scenario_can_be_rendered(form: Format) -> None:
    for scenario in golden.scenarios():
        if not scenario["name"].startswith("G") or scenario["expect"].get("refused"):
            continue
        of = made(scenario["change"])
        text = read(of, form)
        for phase in of.decision.phases:
            for result in phase.criteria:
                assert " ".join((result.reason or "").split()) in text, (scenario["name"], result.id)


def test_a_policy_and_facts_with_next_to_nothing() -> None:

    bare = small.policy()
    known = small.facts()
    decision: Decision = decide(bare, known, "launch", small.NOON)
    for form in FORMS:
        text = words(render_review(bare, decision, known, form), form)
        assert "The policy asks for no sign-off." in text
        assert "Maturity" not in text
