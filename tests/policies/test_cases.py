"""Cases of a policy: how they are read, what they do to their base, how they are compared, what they cover."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from phasegate.engine.compile import CompiledPolicy
from phasegate.errors import Fault
from phasegate.operations.cases import Ran, run
from phasegate.policies.cases.change import changed, merged
from phasegate.policies.cases.coverage import Coverage, Share, possible
from phasegate.policies.cases.form import Case, Change
from phasegate.policies.cases.reading import FaultyCases, read_cases
from phasegate.reading import read
from tests.engine.small import criterion, data, phase, policy

AT = "2026-03-01T12:00:00Z"
LEVELS = {
    "levels": [
        {"level": 1, "id": "one", "name": "One"},
        {
            "level": 2,
            "id": "two",
            "name": "Two",
            "requires": [
                {
                    "id": "thorough",
                    "evidence": "report",
                    "checks": [{"that": "evidence.total >= 3", "otherwise": "only {evidence.total}"}],
                }
            ],
        },
    ]
}
TWO = (
    phase("first", criterion("tests-pass", "evidence.passed > 0", "evidence.passed == evidence.total")),
    phase("second", criterion("scored", "evidence.score >= 0.5", when="subject.attributes.regulated != false")),
)
BASE: dict[str, Any] = {
    "base": {
        "at": AT,
        "subject": {"name": "scorer", "attributes": {"regulated": True}},
        "release": {"version": "1.0.0", "artifacts": [{"name": "m", "sha256": "a" * 64}]},
        "evidence": [
            {
                "type": "report",
                "data": data(score=0.9, metrics={"auc": 0.9}),
                "context": {"split": "test"},
                "collected_at": "2026-02-28T12:00:00Z",
            }
        ],
    },
    "expect": {
        "others": "pass",
        "gates": "go",
        "level": 1,
        "unmet": ["thorough"],
        "valid_until": "2026-03-07T12:00:00Z",
    },
}


def two() -> CompiledPolicy:
    return policy(phases=list(TWO), maturity=LEVELS)


def files(*cases: Any, base: Any = BASE, **more: Any) -> dict[str, bytes]:
    """A folder `cases/` as its content, in YAML."""
    written = {"base.yaml": base, **more}
    if cases:
        written["cases.yaml"] = {"from": "base.yaml", "cases": list(cases)}
    return {
        name: yaml.safe_dump(json.loads(json.dumps(content)), sort_keys=False).encode()
        for name, content in written.items()
    }


def case(name: str = "it", change: Any = None, **expect: Any) -> dict[str, Any]:
    return {"name": name, "change": change or {}, "expect": expect}


def ran(*cases: Any, of: CompiledPolicy | None = None) -> list[Ran]:
    """What came out of these cases; the base is left out."""
    compiled = of or two()
    results = list(run(compiled, read_cases(files(*cases), compiled)))
    assert results[0].differences == ()
    return results[1:]


def differs(change: Any = None, **expect: Any) -> list[tuple[str, str, str]]:
    """What is otherwise than one case expects."""
    (result,) = ran(case(change=change, **expect))
    return [difference[:3] for difference in result.differences]


def faults(content: Mapping[str, bytes]) -> dict[str, tuple[Fault, ...]]:
    with pytest.raises(FaultyCases) as faulty:
        read_cases(content, two())
    return dict(faulty.value.faults)


def only_fault(content: Mapping[str, bytes]) -> tuple[str, str, str]:
    """File, path and message of the one fault."""
    ((name, (fault,)),) = faults(content).items()
    assert fault.line is not None
    return name, fault.path, fault.message


class TestReading:
    def test_bases_come_first_and_each_case_knows_its_place(self) -> None:
        text = b"from: base.yaml\ncases:\n  - {name: a}\n  - name: b\n"
        found = read_cases({"a.yaml": text, **files()}, two())
        assert [(each.name, each.file, each.line) for each in found] == [
            ("base.yaml", "base.yaml", 1),
            ("a", "a.yaml", 3),
            ("b", "a.yaml", 4),
        ]

    def test_no_file_no_case(self) -> None:
        assert read_cases({}, two()) == ()

    def test_json_is_read_too(self) -> None:
        assert len(read_cases({"base.yaml": json.dumps(BASE).encode()}, two())) == 1

    def test_the_statuses_are_those_of_the_base_unless_said_otherwise(self) -> None:
        found = read_cases(files(case("a", statuses={"scored": "fail"}), case("b", others="missing"), case("c")), two())
        assert [tuple(each.statuses.values()) for each in found] == [
            ("pass", "pass"),
            ("pass", "fail"),
            ("missing", "missing"),
            ("pass", "pass"),
        ]

    def test_what_is_no_yaml_is_told_with_its_line(self) -> None:
        ((name, (fault,)),) = faults(files() | {"x.yaml": b"from: base.yaml\ncases: [\n"}).items()
        assert (name, fault.line) == ("x.yaml", 3)

    def test_anchors_are_refused_as_in_policies(self) -> None:
        ((_, (fault,)),) = faults({"x.yaml": b"base: &a {}\n"}).items()
        assert "anchors" in fault.message

    @pytest.mark.parametrize("content", [b"[]", b"3", b"{}", b"name: x", b"expect: {others: pass}"])
    def test_a_file_that_is_neither(self, content: bytes) -> None:
        assert faults({"x.yaml": content})["x.yaml"][0].message == (
            "must have the keys `base` and `expect`, or `from` and `cases`"
        )

    @pytest.mark.parametrize(
        ("broken", "path", "message"),
        [
            ({**BASE, "cases": []}, "cases", "'cases' is no key here"),
            ({"base": BASE["base"]}, "expect", "is required"),
            ({**BASE, "base": {**BASE["base"], "evidences": []}}, "base.evidences", "'evidences' is no key here"),
            ({**BASE, "base": {**BASE["base"], "policy": {}}}, "base.policy", "'policy' is no key here"),
            (
                {**BASE, "base": {k: v for k, v in BASE["base"].items() if k != "at"}},
                "base.at",
                "is required",
            ),
            (
                {**BASE, "base": {**BASE["base"], "evidence": BASE["base"]["evidence"] * 2}},
                "base.evidence[1].type",
                "a base holds one record of each type; there is another 'report'",
            ),
            (
                {**BASE, "base": {**BASE["base"], "evidence": [{"data": {}}]}},
                "base.evidence[0].type",
                "is required, as text",
            ),
            (
                {**BASE, "expect": {"statuses": {"scored": "pass"}}},
                "expect",
                "a base names every criterion, or `others`; not named: tests-pass",
            ),
            (
                {**BASE, "expect": {"refused": "evidence"}},
                "expect.refused",
                "a base is decided on; let a case of its own be refused",
            ),
        ],
    )
    def test_a_faulty_base(self, broken: Any, path: str, message: str) -> None:
        assert only_fault(files(base=broken)) == ("base.yaml", path, message)

    def test_a_faulty_base_is_told_once_however_many_cases_change_it(self) -> None:
        assert set(faults(files(case("a"), case("b"), base={**BASE, "expect": {}}))) == {"base.yaml"}

    def test_a_base_that_is_no_yaml_is_not_said_to_be_absent(self) -> None:
        assert set(faults(files(case("a")) | {"base.yaml": b"base: ["})) == {"base.yaml"}

    def test_a_base_that_is_not_there(self) -> None:
        content = files() | {"x.yaml": b"cases: [{name: a}]\nfrom: bass.yaml\n"}
        ((_, (fault,)),) = faults(content).items()
        assert (fault.path, fault.line, fault.column) == ("from", 2, 7)
        assert fault.message == "there is no base 'bass.yaml' beside this file"
        assert fault.suggestion == "did you mean 'base.yaml'?"

    @pytest.mark.parametrize("start", ["cases.yaml", "../base.yaml", ""])
    def test_only_a_base_beside_it_is_one(self, start: str) -> None:
        content = files() | {"cases.yaml": json.dumps({"from": start, "cases": [{"name": "a"}]}).encode()}
        assert only_fault(content)[:2] == ("cases.yaml", "from")

    def test_no_base_named(self) -> None:
        assert only_fault(files() | {"x.yaml": b"cases: [{name: a}]"})[2] == "is required"

    @pytest.mark.parametrize("content", [b"from: base.yaml", b"from: base.yaml\ncases: []"])
    def test_a_file_without_cases_says_nothing(self, content: bytes) -> None:
        assert list(faults(files() | {"x.yaml": content})) == ["x.yaml"]

    def test_a_name_that_stands_twice_in_one_file(self) -> None:
        assert only_fault(files(case("a"), case("a"))) == (
            "cases.yaml",
            "cases[1].name",
            "there is another case 'a' in cases.yaml; names are unique in the folder",
        )

    def test_a_name_that_stands_twice_in_the_folder(self) -> None:
        more = {"other.yaml": {"from": "base.yaml", "cases": [case("a")]}}
        assert only_fault(files(case("a"), **more))[:2] == ("other.yaml", "cases[0].name")

    def test_the_name_of_a_base_is_taken(self) -> None:
        assert "another case 'base.yaml'" in only_fault(files(case("base.yaml")))[2]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"atribut": {}}, "change.atribut"),
            ({"at": None}, "change.at"),
            ({"remove": "everything"}, "change.remove"),
            ({"remove": ["raport"]}, "change.remove[0]"),
            ({"replace": {"raport": {}}}, "change.replace.raport"),
            ({"remove": ["report"], "replace": {"report": {}}}, "change.replace.report"),
            ({"remove": "all", "replace": {"report": {}}}, "change.replace.report"),
            ({"add": [{"like": "other"}]}, "change.add[0].like"),
            ({"add": [{"like": 3}]}, "change.add[0].like"),
            ({"signoffs": None}, "change.signoffs"),
        ],
    )
    def test_a_change_that_can_not_be_made(self, change: Any, path: str) -> None:
        assert only_fault(files(case(change=change)))[1] == f"cases[0].{path}"

    @pytest.mark.parametrize(
        ("expect", "path"),
        [
            ({"status": {}}, "status"),
            ({"statuses": {"scord": "fail"}}, "statuses.scord"),
            ({"statuses": {"scored": "failed"}}, "statuses.scored"),
            ({"statuses": {"thorough": "fail"}}, "statuses.thorough"),
            ({"others": "ok"}, "others"),
            ({"underlying": {"x": "fail"}}, "underlying.x"),
            ({"reasons": {"x": ["a"]}}, "reasons.x"),
            ({"reasons": {"scored": []}}, "reasons.scored"),
            ({"reasons": {"scored": [""]}}, "reasons.scored[0]"),
            ({"unsigned": {"x": ["a"]}}, "unsigned.x"),
            ({"because_of": {"scored": ["x"]}}, "because_of.scored[0]"),
            ({"blocking": {"x": True}}, "blocking.x"),
            ({"blocking": {"scored": 1}}, "blocking.scored"),
            ({"false": {"x": [0]}}, "false.x"),
            ({"false": {"scored": [1]}}, "false.scored[0]"),
            ({"false": {"scored": [-1]}}, "false.scored[0]"),
            ({"false": {"thorough": [1]}}, "false.thorough[0]"),
            ({"uncomputable": {"x": [0]}}, "uncomputable.x"),
            ({"gates": {"third": "go"}}, "gates.third"),
            ({"gates": "maybe"}, "gates"),
            ({"level": "1"}, "level"),
            ({"unmet": ["through"]}, "unmet[0]"),
            ({"refused": "evidence", "level": 1}, "refused"),
            ({"refused": ""}, "refused"),
        ],
    )
    def test_an_expectation_that_can_not_be_met(self, expect: Any, path: str) -> None:
        assert only_fault(files(case(**expect)))[1] == f"cases[0].expect.{path}"

    def test_an_unknown_criterion_is_told_with_line_column_and_a_suggestion(self) -> None:
        text = b"from: base.yaml\ncases:\n  - name: a\n    expect: {statuses: {tests-past: fail}}\n"
        ((_, (fault,)),) = faults(files() | {"x.yaml": text}).items()
        assert (fault.line, fault.column) == (4, 37)
        assert fault.message == "there is no criterion 'tests-past'"
        assert fault.suggestion == "did you mean 'tests-pass'?"

    def test_every_fault_of_every_file_is_told(self) -> None:
        content = files(case("a", others="x"), case("b", change={"remove": ["y"]})) | {"z.yaml": b"3"}
        assert {name: len(found) for name, found in faults(content).items()} == {"cases.yaml": 1, "z.yaml": 1}
        content = files(case("a", change={"remove": ["x", "y"]}), case("b", statuses={"z": "fail"}))
        assert {name: len(found) for name, found in faults(content).items()} == {"cases.yaml": 3}


BODY = {**BASE["base"], "signoffs": [{"by": "ann"}], "waivers": [{"reason": "old"}]}


class TestChange:
    def made(self, **change: Any) -> Any:
        return changed(BODY, read(Change, change))

    def test_merging_goes_into_mappings_and_null_takes_out(self) -> None:
        old = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
        assert merged(old, {"a": {"c": [3], "e": {"f": None, "g": 1}}, "d": None}) == {
            "a": {"b": 1, "c": [3], "e": {"g": 1}}
        }
        assert old == {"a": {"b": 1, "c": [1, 2]}, "d": 1}

    def test_nothing_changes_by_no_change(self) -> None:
        assert self.made() == BODY

    def test_instant_attributes_and_release(self) -> None:
        made = self.made(at="2027-01-01T00:00:00Z", attributes={"regulated": None, "n": 1}, release={"version": "2"})
        assert made["at"] == "2027-01-01T00:00:00Z"
        assert made["subject"] == {"name": "scorer", "attributes": {"n": 1}}
        assert made["release"] == {**BODY["release"], "version": "2"}

    def test_records(self) -> None:
        assert self.made(remove="all")["evidence"] == self.made(remove=["report"])["evidence"] == []
        (record,) = self.made(
            every_record={"submitted_by": "bob", "strength": "measured"},
            replace={"report": {"strength": "attested", "data": {"score": None}}},
        )["evidence"]
        assert (record["submitted_by"], record["strength"]) == ("bob", "attested")
        assert record["data"] == data(metrics={"auc": 0.9})

    def test_a_record_like_another_is_like_that_of_the_base(self) -> None:
        made = self.made(
            remove=["report"],
            every_record={"submitted_by": "bob"},
            add=[{"like": "report", "data": {"passed": 2}}, {"type": "other", "data": None}],
        )
        like, plain = made["evidence"]
        assert like == {**BODY["evidence"][0], "data": {**BODY["evidence"][0]["data"], "passed": 2}}
        assert plain == {"type": "other", "data": None}

    def test_signoffs_and_waivers_are_replaced_then_added_to(self) -> None:
        made = self.made(signoffs=[], add_signoffs=[{"by": "bob"}], add_waivers=[{"reason": "new"}])
        assert made["signoffs"] == [{"by": "bob"}]
        assert made["waivers"] == [{"reason": "old"}, {"reason": "new"}]
        assert self.made(waivers=[])["waivers"] == []


class TestComparison:
    def test_all_that_holds_is_silent(self) -> None:
        assert (
            differs(
                {"replace": {"report": {"data": {"total": 3, "score": None}}}},
                statuses={"tests-pass": "fail", "scored": "error"},
                reasons={"tests-pass": ["not so: 1"], "scored": ["score is absent"]},
                false={"tests-pass": [1], "scored": [], "thorough": []},
                uncomputable={"tests-pass": [], "scored": [0]},
                gates={"first": "no-go", "launch": "no-go"},
                blocking={"scored": True},
                because_of={"scored": []},
                level=2,
                unmet=None,
                current_phase="first",
                summary="2 of 2 criteria stand between scorer 1.0.0 and launch",
                valid_until="2026-03-07T12:00:00Z",
                outcome="no-go",
            )
            == []
        )

    def test_statuses_are_compared_even_where_nothing_is_said(self) -> None:
        (result,) = ran(case(change={"replace": {"report": {"data": {"passed": 0, "total": 0}}}}))
        assert result.differences == (("statuses.tests-pass", "pass", "fail", "not so: 0"),)

    @pytest.mark.parametrize(
        ("expect", "difference"),
        [
            ({"underlying": {"scored": "fail"}}, ("underlying.scored", "fail", "null")),
            ({"reasons": {"scored": ["low"]}}, ("reasons.scored", "contains: low", "no reason")),
            ({"false": {"tests-pass": [1, 0]}}, ("false.tests-pass", "0, 1", "none")),
            ({"false": {"thorough": []}}, ("false.thorough", "none", "0")),
            ({"uncomputable": {"scored": [0]}}, ("uncomputable.scored", "0", "none")),
            ({"gates": {"second": "no-go"}}, ("gates.second", "no-go", "go")),
            ({"because_of": {"scored": ["tests-pass"]}}, ("because_of.scored", "tests-pass", "none")),
            ({"blocking": {"scored": False}}, ("blocking.scored", "false", "true")),
            ({"level": None}, ("level", "null", "1")),
            ({"unmet": None}, ("unmet", "null", "thorough")),
            ({"current_phase": "first"}, ("current_phase", "first", "null")),
            ({"summary": "all is well"}, ("summary", "all is well", "nothing stands between scorer 1.0.0 and launch")),
            ({"valid_until": None}, ("valid_until", "null", "2026-03-07T12:00:00Z")),
            ({"outcome": "no-go"}, ("outcome", "no-go", "go")),
            ({"refused": "evidence"}, ("refused", "a fault at evidence", "the facts fit")),
        ],
    )
    def test_each_expectation_is_compared(self, expect: Any, difference: tuple[str, str, str]) -> None:
        assert differs(**expect) == [difference]

    def test_one_word_stands_for_every_gate(self) -> None:
        assert [what for what, *_ in differs(gates="no-go")] == ["gates.first", "gates.second", "gates.launch"]

    def test_a_gate_behind_one_that_is_shut_is_shut(self) -> None:
        assert (
            differs({"replace": {"report": {"data": {"total": 2}}}}, statuses={"tests-pass": "fail"}, gates="no-go")
            == []
        )

    def test_what_is_missing_is_not_uncomputable(self) -> None:
        assert (
            differs(
                {"remove": "all"}, others="missing", uncomputable={"scored": [], "thorough": []}, false={"thorough": []}
            )
            == []
        )

    def test_refused_facts(self) -> None:
        wrong = {"replace": {"report": {"data": {"passed": "many"}}}}
        assert differs(wrong, refused="evidence[0].data.passed") == []
        told = "evidence[0].data.passed must be a whole number, not text"
        assert differs(wrong, refused="total") == [("refused", "a fault at total", told)]
        assert differs(wrong) == [("refused", "facts that fit", told)]

    @pytest.mark.parametrize(
        "change",
        [
            {"release": {"artefacts": []}},
            {"replace": {"report": {"context": {"split": None}}}},
            {"at": "yesterday"},
            {"add": [{"type": "unheard-of", "collected_at": AT}]},
            {"waivers": [{"criterion": "x", "granted_at": AT, "expires_at": AT}]},
        ],
    )
    def test_what_evaluate_refuses_is_refused_here(self, change: Any) -> None:
        ((what, expected, _),) = differs(change)
        assert (what, expected) == ("refused", "facts that fit")

    def test_waived(self) -> None:
        waiver = {
            "criterion": "scored",
            "reason": "until the new data is there",
            "granted_by": "lee",
            "granted_at": "2026-02-28T12:00:00Z",
            "expires_at": "2026-03-02T12:00:00Z",
        }
        change = {"add_waivers": [waiver], "replace": {"report": {"data": {"score": 0.1}}}}
        expect = {"statuses": {"scored": "waived"}, "underlying": {"scored": "fail"}, "gates": "go"}
        assert (
            differs(change, **expect, reasons={"scored": ["waived by lee"]}, valid_until="2026-03-02T12:00:00Z") == []
        )
        assert differs(change, **expect, reasons={"scored": ["by ann"]})[0][:2] == (
            "reasons.scored",
            "contains: by ann",
        )

    def test_a_sign_off_that_does_not_count(self) -> None:
        signed = {"id": "review", "title": "Review", "signoff": {"roles": ["owner"], "mfa": True}}
        of = policy(phases=[*TWO, phase("third", signed)], maturity=LEVELS)
        signoff = {"role": "owner", "verdict": "approve", "by": "ann", "at": "2026-03-01T11:00:00Z", "mfa": True}
        base = {**BASE, "base": {**BASE["base"], "signoffs": [signoff]}}
        change = {"signoffs": [{**signoff, "mfa": False}]}
        cases = (
            case("a", change, statuses={"review": "missing"}, unsigned={"review": ["second factor"]}),
            case("b", change, statuses={"review": "missing"}, unsigned={"review": ["withdrawn"]}),
            case("c", unsigned={"review": ["second factor"]}),
        )
        results = list(run(of, read_cases(files(*cases, base=base), of)))
        assert [[each.what for each in result.differences] for result in results] == [
            [],
            [],
            ["unsigned.review"],
            ["unsigned.review"],
        ]
        assert results[3].differences[0].got == "every sign-off counts, or there is none"

    def test_a_policy_without_maturity_has_no_level(self) -> None:
        of = policy(phases=list(TWO))
        base = {**BASE, "expect": {"others": "pass", "level": None, "unmet": None}}
        (result,) = run(of, read_cases(files(base=base), of))
        assert result.differences == ()


def covered(of: CompiledPolicy, *cases: Any) -> Coverage:
    found = Coverage()
    for each in ran(*cases, of=of):
        found.add(each.observed)
    return found


class TestCoverage:
    def test_what_is_possible_for_a_plain_criterion(self) -> None:
        of = policy(criterion("a", "evidence.passed > 0", "evidence.total > 0"))
        can = possible(of)
        assert can.statuses == {"a": {"pass", "fail", "missing", "expired", "waived"}}
        assert can.checks == {("a", 0): {True, False}, ("a", 1): {True, False}}

    @pytest.mark.parametrize(
        ("more", "top", "added", "gone"),
        [
            ({"waivable": False}, {}, set(), {"waived"}),
            ({}, {"waivers": None}, set(), {"waived"}),
            ({"when": "subject.kind == 'model'"}, {}, {"not-applicable"}, set()),
            ({"evidence": "lasting"}, {}, set(), {"expired"}),
            ({"evidence": "lasting", "signoff": {"roles": ["owner"]}}, {}, set(), {"expired"}),
            ({"evidence": "lasting", "signoff": {"roles": ["owner"], "max_age": "P1D"}}, {}, set(), set()),
        ],
    )
    def test_what_else_is(self, more: Any, top: Any, added: set[str], gone: set[str]) -> None:
        plain = {"pass", "fail", "missing", "expired", "waived"}
        assert possible(policy(criterion("a", **more), **top)).statuses["a"] == plain - gone | added

    def test_a_type_read_through_facts_makes_it_expire(self) -> None:
        of = policy(criterion("a", 'evidence.total > facts["other"].evidence.total', evidence="lasting"))
        assert "expired" in possible(of).statuses["a"]

    def test_the_checks_of_a_maturity_requirement_count_and_its_statuses_do_not(self) -> None:
        can = possible(two())
        assert ("thorough", 0) in can.checks
        assert set(can.statuses) == {"tests-pass", "scored"}

    def test_counted_by_hand(self) -> None:
        of = policy(phases=list(TWO), maturity=LEVELS)
        # tests-pass: 5 statuses, 2 checks; scored: 7 statuses, 1 check; thorough: 1 check.
        assert Coverage().share_of(possible(of)) == Share(0, 5 + 7 + 2 * 4)
        found = covered(of, case("a"))
        # Both pass; three checks are true, and that of the requirement is false.
        assert found.share_of(possible(of)) == Share(2 + 4, 20)
        assert found.share_of(possible(of)).percent == 30.0
        found = covered(of, case("a"), case("b", {"remove": "all"}), case("c", {"attributes": {"regulated": False}}))
        assert found.share_of(possible(of)) == Share(6 + 2 + 1, 20)
        assert list(found.never(of)) == [
            "tests-pass: never expired",
            "tests-pass: never fail",
            "tests-pass: never waived",
            "tests-pass: check 0 never false: `evidence.passed > 0`",
            "tests-pass: check 1 never false: `evidence.passed == evidence.total`",
            "scored: never error",
            "scored: never expired",
            "scored: never fail",
            "scored: never waived",
            "scored: check 0 never false: `evidence.score >= 0.5`",
            "thorough: check 0 never true: `evidence.total >= 3`",
        ]

    def test_a_case_whose_facts_are_refused_covers_nothing(self) -> None:
        of = policy(phases=list(TWO), maturity=LEVELS)
        assert covered(of, case(change={"at": "x"})).statuses == {}

    def test_an_outcome_that_is_not_possible_by_the_count_adds_nothing(self) -> None:
        found, can = Coverage(), Coverage()
        found.statuses["a"] = {"error", "pass"}
        can.statuses["a"] = {"pass", "fail"}
        assert found.share_of(can) == Share(1, 2)

    def test_percent_is_never_rounded_up_to_all(self) -> None:
        assert Share(9999, 10000).percent == 99.9
        assert Share(10000, 10000).percent == 100.0
        assert Share(0, 0).percent == 0.0


def test_a_case_is_a_value() -> None:
    (first,), (second,) = (read_cases(files(), two()) for _ in range(2))
    assert isinstance(first, Case)
    assert first == second
