"""What can't be published: each fault is told with its line, its column and, where it helps, how to mend it."""

import json
from typing import NamedTuple

import pytest

from phasegate.errors import Fault, Invalid, Malformed, TooLarge
from phasegate.policies.publication import candidate
from phasegate.policies.source import LARGEST, load
from phasegate.yaml_events import MOST

POLICY = """\
policy: small
version: "1.0.0"
frameworks: {nist: {title: NIST}}
attributes:
  regulated: {type: bool}
params:
  least: {type: int, default: 3, min: 1, max: 5}
  share: {type: double, default: 0.5, min: 0, max: 1}
  pattern: {type: string, default: "^ok$"}
roles: [owner, legal]
waivers: {max: P30D}
shapes:
  report:
    fields:
      passed: {type: int, min: 0}
      score: {type: double, optional: true}
      cases: {type: list<object>, fields: {status: {type: string}}}
evidence:
  run-report: {shape: report, scope: release, max_age: P7D, context: [split, "note?"]}
  other-report: {shape: report, scope: subject}
phases:
  - id: first
    criteria:
      - id: tests-pass
        title: Tests pass
        evidence: run-report
        when: subject.attributes.regulated != false
        checks:
          - that: evidence.passed > 0
            otherwise: "{evidence.passed} passed"
      - id: review
        title: Review
        signoff: {roles: [owner], covers: {phases: [first], criteria: [tests-pass]}}
  - id: second
    criteria:
      - id: others-pass
        title: Others pass
        evidence: other-report
        frameworks: {nist: [MAP 1]}
        checks:
          - that: facts["run-report"].evidence.passed > 0
            otherwise: none passed
maturity:
  levels:
    - {level: 1, id: ad-hoc, name: Ad Hoc}
    - level: 2
      id: steady
      name: Steady
      requires:
        - tests-pass
        - {id: everything, criteria: all}
        - {id: scored, evidence: run-report, strength: measured}
"""


class Row(NamedTuple):
    """Replace `old` by `new` in the policy, and this is told; `at` is a piece of the new text where it is told."""

    old: str
    new: str
    at: str
    message: str
    suggestion: str | None = None


def told(text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises((Invalid, Malformed)) as refused:
        candidate(text if isinstance(text, bytes) else text.encode(), {})
    return refused.value.faults


def place(text: str, piece: str) -> tuple[int, int]:
    """Line and column, from 1, of the first character of a piece of the text; `^` marks the character."""
    before, marked, after = piece.partition("^")
    offset = text.index(before + after) + (len(before) if marked else 0)
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def test_the_policy_to_break_is_whole() -> None:
    assert candidate(POLICY.encode(), {}).policy.policy == "small"


ROWS = {
    # Names inside expressions.
    "field": Row("evidence.passed > 0", "evidence.pased > 0", "evidence^.pased > 0", "no field 'pased'", "passed"),
    "context key": Row(
        "evidence.passed > 0", "context.spilt == ''", "context^.spilt", "no context key 'spilt'", "split"
    ),
    "attribute": Row(
        "attributes.regulated != false",
        "attributes.regualted != false",
        "attributes^.regualted",
        "no attribute 'regualted'",
        "regulated",
    ),
    "parameter": Row("evidence.passed > 0", "params.lest > 0", "params^.lest", "no field 'lest'", "least"),
    "root": Row("evidence.passed > 0", "evidense == null", "^evidense ==", "there is no 'evidense'", "evidence"),
    "type read": Row(
        'facts["run-report"]', 'facts["run-repot"]', 'facts["^run-repot', "no evidence type 'run-repot'", "run-report"
    ),
    "type guarded": Row(
        'facts["run-report"].evidence.passed > 0',
        """'"run-repot" in facts'""",
        '^"run-repot" in facts',
        "no evidence type 'run-repot'",
        "run-report",
    ),
    "type read, computed": Row(
        'facts["run-report"]', 'facts["run-" + "report"]', '^facts["run-"', "facts takes a type in quotes"
    ),
    "message": Row(
        "{evidence.passed} passed",
        "only {evidence.pased} passed",
        "only {evidence^.pased",
        "no field 'pased'",
        "passed",
    ),
    "message, unclosed": Row(
        "{evidence.passed} passed",
        "{evidence.passed passed",
        '"^{evidence.passed passed',
        "an opening brace without its closing one",
    ),
    "message, empty braces": Row("{evidence.passed} passed", "{} passed", "{^} passed", "Syntax error"),
    # Types inside expressions.
    "no bool": Row(
        "evidence.passed > 0",
        "evidence.passed",
        "that: ^evidence.passed",
        "must be true or false, but yields int",
        "compare it",
    ),
    "no bool, dyn": Row(
        "subject.attributes.regulated != false",
        "subject.attributes.regulated",
        "when: ^subject",
        "must be true or false, but yields dyn",
        "compare it",
    ),
    "int with double": Row(
        "evidence.passed > 0", "evidence.score > 0", "evidence.score ^> 0", "no matching overload", "values of one type"
    ),
    "syntax": Row("evidence.passed > 0", "evidence.passed >> 0", "evidence.passed >^> 0", "Syntax error"),
    "pattern": Row("evidence.passed > 0", "context.split.matches('[')", "matches(^'['", "is no RE2 pattern"),
    "evidence under when": Row(
        "when: subject.attributes.regulated != false",
        "when: evidence.passed > 0",
        "when: evidence^.passed",
        "may name params, release, subject",
    ),
    # Declarations.
    "shape": Row(
        "{shape: report, scope: subject}",
        "{shape: reprt, scope: subject}",
        "shape: ^reprt",
        "no shape 'reprt'",
        "report",
    ),
    "scope": Row("scope: subject}", "scope: subjct}", "scope: ^subjct", "must be one of: release, subject", "subject"),
    "evidence type": Row(
        "evidence: run-report\n",
        "evidence: run-repot\n",
        "evidence: ^run-repot\n",
        "no evidence type 'run-repot'",
        "run-report",
    ),
    "evidence type of a rule": Row(
        "evidence: run-report, strength",
        "evidence: run-repot, strength",
        "evidence: ^run-repot, s",
        "no evidence type 'run-repot'",
        "run-report",
    ),
    "role": Row(
        "signoff: {roles: [owner]", "signoff: {roles: [ower]", "signoff: {roles: ^[ower]", "no role 'ower'", "owner"
    ),
    "covered phase": Row(
        "{phases: [first]", "{phases: [frist]", "covers: {phases: ^[frist]", "there is no 'frist'", "first"
    ),
    "covered criterion": Row(
        "criteria: [tests-pass]",
        "criteria: [test-pass]",
        "criteria: ^[test-pass]",
        "there is no 'test-pass'",
        "tests-pass",
    ),
    "framework": Row(
        "frameworks: {nist: [MAP 1]}", "frameworks: {nits: [MAP 1]}", "{nits: ^[MAP 1]", "no framework 'nits'", "nist"
    ),
    "max_age in months": Row(
        "max_age: P7D", "max_age: P1M", "max_age: ^P1M", "must be a length of time in days, hours"
    ),
    "max_age zero": Row("max_age: P7D", "max_age: PT0S", "max_age: ^PT0S", "longer than nothing"),
    "max_age negative": Row("max_age: P7D", "max_age: -P1D", "max_age: ^-P1D", "is not a length of time"),
    "max_age in small letters": Row("max_age: P7D", "max_age: p7d", "max_age: ^p7d", "is not a length of time"),
    "a waiver of one and a half hours": Row("max: P30D", "max: PT1.5H", "max: ^PT1.5H", "is not a length of time"),
    "effective_from with a blank": Row(
        "title: Others pass",
        'effective_from: "2026-03-01 12:00:00Z"\n        title: Others pass',
        'effective_from: "^2026',
        "is not an RFC 3339 instant with a zone",
    ),
    "max_age as a number": Row("max_age: P7D", "max_age: 7", "max_age: ^7", "such as P90D, not a whole number"),
    "waivers for ever": Row("{max: P30D}", "{max: P99999D}", "{max: ^P99999D", "at most 36500 days"),
    "default too small": Row("default: 3", "default: 0", "default: ^0, min: 1", "below its own minimum 1"),
    "default too great": Row("default: 0.5", "default: 1.5", "default: ^1.5", "above its own maximum 1"),
    "default of another type": Row("default: 0.5", "default: half", "default: ^half", "must be a number, not text"),
    "default not whole": Row("default: 3", "default: 3.5", "default: ^3.5", "must be a whole number"),
    "bounds of text": Row(
        '{type: string, default: "^ok$"}',
        "{type: string, default: x, max: 3}",
        "pattern: ^{type",
        "only numbers have bounds",
    ),
    "bounds crossed": Row(
        "passed: {type: int, min: 0}", "passed: {type: int, min: 5, max: 1}", "min: ^5, max: 1", "above its own maximum"
    ),
    "type of a field": Row(
        "{type: int, min: 0}", "{type: integer, min: 0}", "type: ^integer", "is no type of a field", "int"
    ),
    "object without fields": Row(
        "list<object>, fields: {status: {type: string}}", "list<object>", "cases: ^{type", "needs `fields`"
    ),
    "type of an attribute": Row(
        "regulated: {type: bool}",
        "regulated: {type: list<object>}",
        "regulated: {type: ^list<object>",
        "is no type of an attribute",
    ),
    "context key twice": Row('[split, "note?"]', '[split, "split?"]', "context: ^[split", "names 'split' twice"),
    "role twice": Row("[owner, legal]", "[owner, owner]", "roles: ^[owner, owner]", "names 'owner' twice"),
    # Structure.
    "criterion twice": Row(
        "id: others-pass",
        "id: tests-pass",
        "second\n    criteria:\n      - id: ^tests-pass",
        "earlier criterion 'tests-pass'",
    ),
    "phase twice": Row(
        "id: second", "id: first", "- id: ^first\n    criteria:\n      - id: others", "earlier phase 'first'"
    ),
    "phase called launch": Row("id: second", "id: launch", "id: ^launch", "no phase is called `launch`"),
    "without checks": Row(
        "signoff: {roles: [owner], covers: {phases: [first], criteria: [tests-pass]}}",
        "evidence: run-report",
        "      - ^id: review",
        "has neither checks nor a sign-off",
    ),
    "without evidence": Row(
        "        evidence: other-report\n", "", "- ^id: others-pass", "has neither an evidence type nor a sign-off"
    ),
    "phase without criteria": Row(
        "  - id: second\n",
        "  - id: empty\n    criteria: []\n  - id: second\n",
        "- ^id: empty",
        "no criterion that can ever block",
    ),
    "no phases": Row(POLICY[POLICY.index("phases:\n") :], "phases: []\n", "phases: ^[]", "must not be empty"),
    "levels out of order": Row("level: 2", "level: 3", "level: ^3", "levels are 1 to n, in order"),
    "first level requires": Row(
        "name: Ad Hoc}", "name: Ad Hoc, requires: [tests-pass]}", "requires: ^[tests-pass]", "level 1 requires nothing"
    ),
    "level requires unknown": Row(
        "        - tests-pass\n",
        "        - test-pass\n",
        "        - ^test-pass\n",
        "no criterion or phase 'test-pass'",
        "tests-pass",
    ),
    "requirement of nothing": Row("criteria: all}", "criteria: []}", "criteria: ^[]}", "names no criterion"),
    "requirement of unknown": Row(
        "criteria: all}", "criteria: [review, reviw]}", "criteria: ^[review, reviw]", "no criterion 'reviw'", "review"
    ),
    "requirement of both": Row(
        "criteria: all}", "criteria: all, evidence: run-report}", "- ^{id: everything", "a rule of its own; choose one"
    ),
    "requirement of neither": Row(
        "{id: scored, evidence: run-report, strength: measured}",
        "{id: scored, evidence: run-report}",
        "- ^{id: scored",
        "needs `criteria`, or an evidence type",
    ),
    "requirement named like a criterion": Row("id: scored", "id: review", "{id: ^review, evidence", "is taken"),
    # Form.
    "unknown key": Row(
        "title: Tests pass",
        "title: Tests pass\n        remediaton: mend",
        "remediaton: ^mend",
        "'remediaton' is no key here",
        "remediation",
    ),
    "unknown key at the top": Row("roles: [", "rolls: [", "rolls: ^[", "'rolls' is no key here", "roles"),
    "key missing": Row("        title: Others pass\n", "", "- ^id: others-pass", "is required"),
    "version unquoted": Row(
        'version: "1.0.0"',
        "version: 1.0",
        "version: ^1.0",
        "must be text, not a decimal number",
        'quote it, as in version: "1.0.0"',
    ),
    "version of two parts": Row('"1.0.0"', '"1.0"', '^1.0"', "must be three numbers without leading zeros"),
    "version with leading zero": Row('"1.0.0"', '"1.01.0"', '^1.01.0"', "must be three numbers without leading zeros"),
    "name of the policy": Row(
        "policy: small", "policy: Small", "policy: ^Small", "must start with a lower-case letter or digit"
    ),
    "strength": Row(
        "strength: measured",
        "strength: measurd",
        "strength: ^measurd",
        "must be one of: declared, measured, attested",
        "measured",
    ),
    "text for a list": Row("roles: [owner, legal]", "roles: owner", "roles: ^owner", "must be a list, not text"),
    "list for a text": Row("title: Tests pass", "title: [Tests, pass]", "title: ^[Tests", "must be text, not a list"),
    "yes for true": Row("optional: true", "optional: yes", "optional: ^yes", "must be true or false, not text"),
    "depends_on an unknown one": Row(
        "title: Others pass",
        "depends_on: [reviw]\n        title: Others pass",
        "depends_on: ^[reviw]",
        "there is no criterion 'reviw'",
        "review",
    ),
    "depends_on itself": Row(
        "title: Others pass",
        "depends_on: [others-pass]\n        title: Others pass",
        "depends_on: ^[others-pass]",
        "leads back to this criterion",
    ),
    "effective_from without a zone": Row(
        "title: Others pass",
        'effective_from: "2026-03-01T12:00:00"\n        title: Others pass',
        'effective_from: "^2026',
        "must be an RFC 3339 instant with a zone",
    ),
    "a role asked twice": Row(
        "signoff: {roles: [owner],", "signoff: {roles: [owner, owner],", "roles: ^[owner, owner]", "names 'owner' twice"
    ),
    "own values in another shape": Row(
        "evidence:\n",
        "evidence:\n  success-criteria: {shape: report, scope: subject}\n",
        "success-criteria: ^{",
        "carries a subject's own parameter values",
        "give the type another name",
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_broken_policy_is_refused_where_it_is_broken(row: Row) -> None:
    assert row.old in POLICY
    text = POLICY.replace(row.old, row.new, 1)
    faults = told(text)
    assert [(fault.line, fault.column) for fault in faults] == [place(text, row.at)]
    assert row.message in faults[0].message
    assert (row.suggestion or "") in (faults[0].suggestion or "")
    assert (faults[0].suggestion is None) == (row.suggestion is None)


def test_a_bad_pattern_in_a_parameter_is_told_where_it_is_used() -> None:
    text = POLICY.replace('default: "^ok$"', 'default: "["').replace(
        "evidence.passed > 0", "context.split.matches(params.pattern)", 1
    )
    (fault,) = told(text)
    assert (fault.line, fault.column) == place(text, "matches(params^.pattern)")
    assert "is no RE2 pattern" in fault.message


def test_every_fault_is_told_in_the_order_of_the_text() -> None:
    text = POLICY.replace("scope: subject}", "scope: subjct}").replace("title: Others pass", "titel: Others pass")
    assert [fault.path for fault in told(text)] == [
        "evidence.other-report.scope",
        "phases[1].criteria[0].title",
        "phases[1].criteria[0].titel",
    ]


def test_the_detail_names_the_first_fault_and_how_many_more_there_are() -> None:
    text = POLICY.replace("evidence.passed > 0", "evidence.pased > 0").replace("{evidence.passed}", "{evidence.pasd}")
    with pytest.raises(Invalid, match=r"^the policy can't be published: line 29: phases\[0\].*\(and 2 more\)$"):
        candidate(text.encode(), {})


# The place of a fault inside each style of a scalar.


@pytest.mark.parametrize(
    ("scalar", "at"),
    [
        ("evidence.pased > 0", "evidence^.pased"),
        ("evidence.passed > 0 &&\n              evidence.pased > 0", "evidence^.pased"),
        ("'evidence.pased > 0'", "evidence^.pased"),
        ("'context.split == ''x'' && evidence.pased > 0'", "evidence^.pased"),
        ("'evidence.passed > 0 &&\n\n              evidence.pased > 0'", "evidence^.pased"),
        ('"evidence.pased > 0"', "evidence^.pased"),
        ('"context.split == \\"x\\" && evidence.pased > 0"', "evidence^.pased"),
        ("\"context.split == '\\\\\\\\' && evidence.pased > 0\"", "evidence^.pased"),
        ("\"context.split == 'x' &&\\n evidence.pased > 0\"", "evidence^.pased"),
        ("\"context.split == '\\u00e9' && evidence.pased > 0\"", "evidence^.pased"),
        ("\"context.split == '\\x41' &&\\tevidence.pased > 0\"", "evidence^.pased"),
        ('"evidence.passed > 0 &&\n              evidence.pased > 0"', "evidence^.pased"),
        ('"evidence.passed > 0 && \\\n              evidence.pased > 0"', "evidence^.pased"),
        ("|\n              evidence.pased > 0", "evidence^.pased"),
        (
            "|\n              context.split == 'é' &&\n                'ü' == 'ü' && evidence.pased > 0",
            "evidence^.pased",
        ),
        ("|-\n\n              true &&\n\n              evidence.pased > 0", "evidence^.pased"),
        ("|2\n              true &&\n              evidence.pased > 0", "evidence^.pased"),
        ("| # why\n              evidence.pased > 0", "evidence^.pased"),
        (">\n              evidence.pased > 0", "evidence^.pased"),
        (">-\n              context.split == 'x' &&\n              evidence.pased > 0", "evidence^.pased"),
        (">-\n              context.split == 'x' &&\n\n              evidence.pased > 0", "evidence^.pased"),
        (
            ">-\n              context.split == 'x' &&\n                evidence.pased > 0 &&\n              true",
            "evidence^.pased",
        ),
        (">2\n              true &&\n              evidence.pased > 0", "evidence^.pased"),
    ],
)
def test_the_place_of_a_fault_in_every_style_of_scalar(scalar: str, at: str) -> None:
    text = POLICY.replace("that: evidence.passed > 0", f"that: {scalar}", 1)
    (fault,) = told(text)
    assert "'pased'" in fault.message
    assert (fault.line, fault.column) == place(text, at)


def test_places_count_characters_and_take_both_ends_of_lines() -> None:
    text = POLICY.replace("evidence.passed > 0", "context.split == 'é😀' && evidence.pased > 0", 1)
    for sent in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        (fault,) = told(sent)
        assert (fault.line, fault.column) == place(text, "evidence^.pased")


def test_the_place_of_a_fault_in_a_message_on_its_second_line() -> None:
    text = POLICY.replace(
        '"{evidence.passed} passed"', "|\n              too few:\n              only {evidence.pased}"
    )
    (fault,) = told(text)
    assert (fault.line, fault.column) == place(text, "evidence^.pased")


def test_the_place_of_a_fault_in_json() -> None:
    text = '{\n  "policy": "p",\n  "version": "1.0.0",\n  "phases": [],\n  "rolls": ["x"]\n}'
    assert [(fault.line, fault.column) for fault in told(text)] == [(4, 13), (5, 12)]


# What is no policy file at all.


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "the file is empty"),
        ("# only a comment\n", (1, 1), "the file is empty"),
        ("a: 1\n---\nb: 2\n", (2, 1), "one document only"),
        ("a: &x 1\nb: *x\n", (1, 4), "anchors and aliases are not allowed"),
        ("b: *x\n", (1, 4), "anchors and aliases are not allowed"),
        ("&x a: 1\n", (1, 1), "anchors and aliases are not allowed"),
        ("a: !!str 1\n", (1, 4), "tags are not allowed"),
        ("a: !!python/object:os.system x\n", (1, 4), "tags are not allowed"),
        ("!mine {a: 1}\n", (1, 1), "tags are not allowed"),
        ("a:\n  <<: {b: 1}\n", (2, 3), "merge keys are not allowed"),
        ("a: 1\nb: 2\na: 3\n", (3, 1), "the key 'a' stands here twice"),
        ('{"a": {"b": 1, "b": 2}}', (1, 16), "the key 'b' stands here twice"),
        ("? [a]\n: 1\n", (1, 3), "a key must be text"),
        ("? {a: b}\n: 1\n", (1, 3), "a key must be text"),
        ("[" * 40 + "]" * 40, (1, 33), "nested more than 32 deep"),
        ("{a: " * 5000, (1, 129), "nested more than 32 deep"),
        ("a: b: c\n", (1, 5), "mapping values are not allowed"),
        ("a: 'x\n", None, "unexpected end of stream"),
        ("a: 1\n\tb: 2\n", (2, 1), "tab"),
        ("a: [1, 2\nb: 3\n", None, "did not find expected"),
    ],
)
def test_what_is_not_read_as_yaml_is_refused(text: str, place: tuple[int, int] | None, message: str) -> None:
    with pytest.raises(Malformed) as refused:
        candidate(text.encode(), {})
    (fault,) = refused.value.faults
    assert message in fault.message
    assert fault.line is not None
    assert fault.column is not None
    assert place is None or (fault.line, fault.column) == place


@pytest.mark.parametrize("text", ["null", "5", "text", "[]", "- policy: x\n", "---\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert [fault.message for fault in told(text)] == ["must be a mapping with keys"]


@pytest.mark.parametrize("raw", [b"policy: \xff", "policy: é".encode("latin-1"), POLICY.encode("utf-16"), b"a: \x00"])
def test_what_is_not_utf_8_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match=r"not UTF-8|NUL"):
        candidate(raw, {})


def test_a_file_beyond_the_largest_is_refused_and_one_as_large_is_read() -> None:
    padding = LARGEST - len(POLICY.encode())
    largest = POLICY.encode() + b"#" * padding
    assert candidate(largest, {}).policy.policy == "small"
    with pytest.raises(TooLarge, match=str(LARGEST)):
        candidate(largest + b"#", {})


@pytest.mark.parametrize("text", ["a: [{}]", '{{"a": [{}]}}'], ids=["YAML", "JSON"])
def test_a_file_of_too_many_values_is_refused(text: str) -> None:
    assert load(text.format(",".join(["1"] * (MOST - 2))).encode()).document["a"][-1] == 1
    with pytest.raises(TooLarge, match=str(MOST)):
        load(text.format(",".join(["1"] * (MOST - 1))).encode())


def test_too_many_expressions_are_refused() -> None:
    document = json.loads(
        json.dumps(
            {
                "policy": "p",
                "version": "1.0.0",
                "shapes": {"s": {"fields": {"n": {"type": "int"}}}},
                "evidence": {"t": {"shape": "s", "scope": "release"}},
            }
        )
    )
    checks = [{"that": f"evidence.n > {n}", "otherwise": "no"} for n in range(2100)]
    document["phases"] = [{"id": "one", "criteria": [{"id": "c", "title": "C", "evidence": "t", "checks": checks}]}]
    assert any("at most 2000" in fault.message for fault in told(json.dumps(document)))
