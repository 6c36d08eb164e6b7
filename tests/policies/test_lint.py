"""Every lint rule has a policy that fires it, and the same policy mended doesn't."""

from pathlib import Path
from typing import NamedTuple

import pytest

from phasegate.policies.cases.coverage import Coverage
from phasegate.policies.lint.finding import Told
from phasegate.policies.lint.registry import RULES, lint
from phasegate.policies.publication import candidate
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue

CLEAN = """\
policy: small
version: "1.0.0"
params:
  least: {type: int, default: 1}
roles: [owner]
shapes:
  run:
    fields:
      passed: {type: int}
      score: {type: double, optional: true}
      drill: {type: object, optional: true, fields: {took: {type: double}}}
      cases: {type: list<object>, fields: {status: {type: string}, note: {type: string, optional: true}}}
evidence:
  run: {shape: run, scope: release, max_age: P7D}
  other: {shape: run, scope: subject, max_age: P7D}
phases:
  - id: first
    criteria:
      - id: runs
        title: It runs
        owner: developer
        remediation: Run it again.
        evidence: run
        when: subject.kind != "toy"
        checks:
          - that: evidence.passed >= params.least
            otherwise: "{evidence.passed} passed"
          - that: facts["other"].evidence.passed > 0
            otherwise: the other did not pass
      - id: review
        title: Somebody looks
        owner: owner
        remediation: Ask again.
        signoff: {roles: [owner], max_age: P30D}
"""
SEEN = Coverage()
SEEN.statuses = {"runs": {"pass", "fail"}, "review": {"pass", "missing"}}
SEEN.checks = {("runs", 0): {True, False}, ("runs", 1): {True, False}}


class Bad(NamedTuple):
    """Replace `old` by `new`, and the rule fires where `at` stands in the new text."""

    old: str
    new: str
    at: str
    message: str


PASSED = "evidence.passed >= params.least"
BAD: dict[str, list[Bad]] = {
    "remediation": [Bad("        remediation: Run it again.\n", "", "id: runs", "doesn't say what to do")],
    "owner": [Bad("owner: developer", 'owner: " "', "id: runs", "doesn't say who mends it")],
    "max-age": [
        Bad(
            "  run: {shape: run, scope: release, max_age: P7D}",
            "  run: {shape: run, scope: release}",
            "{shape: run, scope: release}",
            "run never grows old",
        ),
        Bad(
            "{roles: [owner], max_age: P30D}",
            "{roles: [owner]}",
            "{roles: [owner]}",
            "an approval of review never grows old",
        ),
    ],
    "blocks-from-the-start": [
        Bad(
            "      - id: review\n        title: Somebody looks\n",
            '        effective_from: "2027-01-01T00:00:00Z"\n      - id: review\n        title: Somebody looks\n'
            "        advisory: true\n",
            "id: first",
            "every criterion of the first phase",
        )
    ],
    "constant": [
        Bad(PASSED, "params.least > 0 || 1 + 1 == 2", "", ""),
        Bad(PASSED, "1 < 2", "1 < 2", "reads nothing"),
        Bad('subject.kind != "toy"', "2 > 1", "2 > 1", "reads nothing"),
    ],
    "passes-when-empty": [
        Bad(
            f'{PASSED}\n            otherwise: "{{evidence.passed}} passed"\n'
            '          - that: facts["other"].evidence.passed > 0',
            'evidence.cases.all(c, c.status == "ok") && params.least > 0\n            otherwise: bad\n'
            '          - that: facts["other"].evidence.passed >= 0',
            "id: runs",
            "passes on evidence in which nothing happened",
        )
    ],
    "unguarded": [
        Bad(PASSED, f"{PASSED} && evidence.score > 0.5", PASSED, "reads run.evidence.score"),
        Bad(PASSED, f"{PASSED} && evidence.drill.took < 1.0", PASSED, "reads run.evidence.drill,"),
        Bad(PASSED, f'{PASSED} && evidence.cases.all(c, c.note == "")', PASSED, "reads run.evidence.cases[].note"),
        Bad(PASSED, f'{PASSED} && facts["other"].evidence.score > 0.5', PASSED, "reads other.evidence.score"),
    ],
    "unused-parameter": [
        Bad(PASSED, "evidence.passed >= 1", "{type: int, default: 1}", "no expression reads the parameter least")
    ],
    "unused-type": [
        Bad(
            'facts["other"].evidence.passed > 0',
            "evidence.passed > 0",
            "{shape: run, scope: subject",
            "no rule reads evidence of type other",
        )
    ],
    "unused-shape": [
        Bad(
            "shapes:\n",
            "shapes:\n  spare: {fields: {a: {type: int}}}\n",
            "{fields: {a",
            "no evidence type has the shape spare",
        )
    ],
    "case": [],
    "never-false": [],
    "mapping-case": [],
    "allowance": [
        Bad(
            "      - id: runs\n",
            "      # lint: allow unguarded: for no reason at all\n      - id: runs\n",
            "# lint",
            "where there is nothing to allow",
        ),
        Bad(
            "      - id: runs\n",
            "      # lint: allow ungarded: x\n      - id: runs\n",
            "# lint",
            "there is no lint rule 'ungarded'",
        ),
        Bad(
            "      - id: runs\n",
            "      # lint: allow unguarded\n      - id: runs\n",
            "# lint",
            "allows without a reason",
        ),
    ],
}


def told(text: str, coverage: Coverage | None = SEEN) -> tuple[Told, ...]:
    return lint(candidate(text.encode(), {}), coverage)


def place(text: str, at: str) -> tuple[int, int]:
    before = text[: text.index(at)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_the_clean_one_is_clean() -> None:
    assert told(CLEAN) == ()


def test_every_rule_has_a_bad_example() -> None:
    assert set(BAD) == set(RULES)
    assert all(RULES.values()), "and says what it is for"


@pytest.mark.parametrize(
    ("rule", "bad"), [(rule, bad) for rule, all_of_it in BAD.items() for bad in all_of_it if bad.at]
)
def test_a_bad_example_fires_its_rule_where_it_is_bad(rule: str, bad: Bad) -> None:
    assert bad.old in CLEAN
    text = CLEAN.replace(bad.old, bad.new, 1)
    (found,) = [each for each in told(text) if each.rule == rule]
    assert bad.message in found.fault.message
    line, column = place(text, bad.at)
    assert found.fault.line == line
    assert rule == "allowance" or found.fault.column == column
    assert {each.rule for each in told(text)} <= {rule, "unused-parameter", "unused-type"}


def test_what_reads_a_parameter_alone_is_not_constant() -> None:
    """The same policy answers differently for a subject with a value of its own."""
    bad = BAD["constant"][0]
    assert "constant" not in {each.rule for each in told(CLEAN.replace(bad.old, bad.new, 1))}


@pytest.mark.parametrize(
    "guarded",
    [
        f"{PASSED} && has(evidence.score) && evidence.score > 0.5",
        f"{PASSED} && (!has(evidence.drill) || evidence.drill.took < 1.0)",
        f'{PASSED} && evidence.cases.all(c, !has(c.note) || c.note == "")',
        f"{PASSED} && evidence.cases.filter(c, has(c.note)).size() >= 0",
    ],
)
def test_what_is_asked_for_is_guarded(guarded: str) -> None:
    assert told(CLEAN.replace(PASSED, guarded, 1)) == ()


class TestWhatCasesShow:
    def rules(self, coverage: Coverage | None) -> list[str]:
        return [each.rule for each in told(CLEAN, coverage)]

    def test_no_cases_at_all_is_told_once(self) -> None:
        assert self.rules(Coverage()) == ["case"]
        assert self.rules(None) == []

    def test_a_criterion_that_was_never_unsatisfied(self) -> None:
        coverage = Coverage()
        coverage.statuses = SEEN.statuses | {"review": {"pass", "waived", "not-applicable"}}
        coverage.checks = SEEN.checks
        (found,) = told(CLEAN, coverage)
        assert (found.rule, found.fault.message) == ("case", "no case shows review unsatisfied")

    def test_a_check_that_was_never_false(self) -> None:
        coverage = Coverage()
        coverage.statuses = SEEN.statuses
        coverage.checks = {("runs", 0): {True, None}, ("runs", 1): {False}}
        (found,) = told(CLEAN, coverage)
        assert found.rule == "never-false"
        assert (found.fault.line, found.fault.column) == place(CLEAN, PASSED)

    def test_a_mapping_that_never_read_a_file(self) -> None:
        text = f"{CLEAN}mappings:\n  mine: {{reads: json, shape: run, detect: has(doc.x), fields: {{passed: 1}}}}\n"
        coverage = Coverage()
        coverage.statuses, coverage.checks = SEEN.statuses, SEEN.checks
        (found,) = told(text, coverage)
        assert (found.rule, found.fault.path) == ("mapping-case", "mappings.mine")
        coverage.mappings = {"mine"}
        assert told(text, coverage) == ()


class TestAllowance:
    UNGUARDED = CLEAN.replace(PASSED, f"{PASSED} && evidence.score > 0.5", 1)
    ALLOW = "# lint: allow unguarded: without a score it can't be judged"

    @pytest.mark.parametrize(
        "above",
        ["          - that: evidence.passed >=", "      - id: runs", "  - id: first", "phases:"],
        ids=["the check", "the criterion", "the phase", "all of them"],
    )
    def test_it_stands_above_what_it_allows_or_around_it(self, above: str) -> None:
        text = self.UNGUARDED.replace(above, f"{self.ALLOW}\n# another comment\n{above}", 1)
        assert told(text) == () if above != "phases:" else told(text)

    @pytest.mark.parametrize("above", ["      - id: review", "          - that: facts", "evidence:"])
    def test_elsewhere_it_allows_nothing(self, above: str) -> None:
        text = self.UNGUARDED.replace(above, f"{self.ALLOW}\n{above}", 1)
        assert sorted(each.rule for each in told(text)) == ["allowance", "unguarded"]

    def test_another_rule_is_not_allowed(self) -> None:
        text = self.UNGUARDED.replace("      - id: runs", "      # lint: allow owner: nobody\n      - id: runs", 1)
        assert sorted(each.rule for each in told(text)) == ["allowance", "unguarded"]

    def test_it_changes_no_digest(self) -> None:
        text = CLEAN.replace("      - id: runs", f"      {self.ALLOW}\n      - id: runs", 1)
        assert candidate(text.encode(), {}).digest == candidate(CLEAN.encode(), {}).digest


@pytest.mark.parametrize(
    "folder",
    [POLICIES / "ml-deployment" / "1.1.0", Path(__file__).parent / "service-launch" / "1.0.0"],
    ids=lambda f: f.parent.name,
)
def test_a_shipped_policy_is_clean(folder: Path) -> None:
    """Of cases, the command says more: tests/cli/test_policy_lint.py."""
    found = candidate((folder / "policy.yaml").read_bytes(), catalogue())
    assert lint(found, None) == ()
