"""The mutation script on a small policy whose survivors are known."""

import json
from pathlib import Path
from typing import Any

import pytest
from semver import Version

from phasegate.policies.publication import candidate
from phasegate.policies.source import load
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue
from tests.engine.small import REPORT, criterion
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.run import EQUIVALENT, listed, main
from tests.policies.test_cases import BASE, case

POLICY: dict[str, Any] = {
    "policy": "small",
    "version": "1.0.0",
    "params": {"least": {"type": "int", "default": 10, "min": 10}, "name": {"type": "string", "default": "1 < 2"}},
    "shapes": {"report": REPORT},
    "evidence": {"report": {"shape": "report", "scope": "release", "max_age": "P10D", "context": ["split"]}},
    "phases": [
        {
            "id": "first",
            "criteria": [
                criterion("enough", "evidence.passed >= params.least", when="subject.kind != 'tool'"),
                criterion("sound", 'evidence.cases.all(c, c.status == "ok")'),
            ],
        }
    ],
}


def of(document: Any) -> list[Mutant]:
    text = json.dumps(document)
    return list(mutants(load(text.encode()), candidate(text.encode(), {}).compiled))


def told(*that: str, **more: Any) -> list[str]:
    """What becomes of the checks of one criterion."""
    document = {**POLICY, "phases": [{"id": "first", "criteria": [criterion("a", *that, **more)]}]}
    return [mutant.told for mutant in of(document) if mutant.told.startswith("a ")]


def test_every_mutant_of_the_small_policy() -> None:
    assert [mutant.told for mutant in of(POLICY)] == [
        "enough when != to ==",
        "enough checks[0] dropped",
        "enough checks[0] >= to <",
        "enough checks[0] >= to >",
        "sound checks[0] dropped",
        "sound checks[0] all to exists",
        "sound checks[0] == to !=",
        "params.least 10 to 11",
        "params.least 10 to 9",
        "evidence.report max_age P10D to PT950400S",
        "evidence.report max_age P10D to PT777600S",
    ]


@pytest.mark.parametrize(
    ("that", "changes"),
    [
        ("evidence.passed < 20", ["< to >=", "< to <=", "20 to 22", "20 to 18"]),
        ("evidence.passed <= 0", ["<= to >", "<= to <", "0 to 1", "0 to (-1)"]),
        ("evidence.score > 0.5", ["> to <=", "> to >=", "0.5 to 0.55", "0.5 to 0.45"]),
        ("evidence.score > 1e3", ["> to <=", "> to >=", "1e3 to 1100.0", "1e3 to 900.0"]),
        ('"all(1 < 2)" != context.split', ["!= to =="]),
        ("'a\\'1' == r'\\d' // 1 < 2", ["== to !="]),
        ("evidence.names . exists (n, n == 'x1')", ["exists to all", "== to !="]),
        (
            "record.collected_at - release.registered_at <= duration('20h')",
            ["<= to >", "<= to <", "20 to 22", "20 to 18"],
        ),
        ("has(evidence.score)", []),
    ],
)
def test_what_is_changed_in_an_expression(that: str, changes: list[str]) -> None:
    assert told(that) == ["a checks[0] dropped", *(f"a checks[0] {change}" for change in changes)]


def test_a_sign_off_can_expire_and_waivers_have_a_limit() -> None:
    signed = {"id": "a", "title": "A", "signoff": {"roles": ["owner"], "max_age": "P10D"}}
    found = of(
        {**POLICY, "roles": ["owner"], "waivers": {"max": "P20D"}, "phases": [{"id": "x", "criteria": [signed]}]}
    )
    assert [mutant.told for mutant in found if "max_age P10D" in mutant.told and "a " in mutant.told[:2]] == [
        "a signoff max_age P10D to PT950400S",
        "a signoff max_age P10D to PT777600S",
    ]
    assert [mutant.told for mutant in found][-2:] == [
        "waivers max P20D to PT1900800S",
        "waivers max P20D to PT1555200S",
    ]


def test_maturity_requirements_have_mutants_too() -> None:
    rule = {"id": "thorough", **{key: criterion()[key] for key in ("evidence", "checks")}}
    second = {"level": 2, "id": "two", "name": "Two", "requires": ["sound", {"id": "all", "criteria": "all"}, rule]}
    levels = [{"level": 1, "id": "one", "name": "One"}, second]
    found = of({**POLICY, "maturity": {"levels": levels}})
    assert [mutant.told for mutant in found if mutant.rules == {"thorough"}] == [
        "thorough checks[0] dropped",
        "thorough checks[0] > to <=",
        "thorough checks[0] > to >=",
        "thorough checks[0] 0 to 1",
        "thorough checks[0] 0 to (-1)",
    ]


def test_a_mutant_leaves_the_document_as_it_was() -> None:
    before = json.dumps(POLICY)
    for mutant in of(POLICY):
        assert mutant.applied(POLICY) != POLICY
    assert json.dumps(POLICY) == before


def test_places_and_names() -> None:
    text = "policy: small\nversion: '1.0.0'\nshapes: {r: {fields: {n: {type: int}}}}\n"
    text += "evidence: {e: {shape: r, scope: release}}\n"
    text += "phases:\n- id: a\n  criteria:\n  - id: b\n    title: B\n    evidence: e\n    checks:\n    - that: |\n"
    text += "        evidence.n >\n        3 && evidence.n < 9\n      otherwise: no\n"
    found = list(mutants(load(text.encode()), candidate(text.encode(), {}).compiled))
    places = {mutant.told: (mutant.place.line, mutant.place.column) for mutant in found}
    assert places["b checks[0] > to <="] == (13, 20)
    assert places["b checks[0] 3 to 4"] == (14, 9)
    assert places["b checks[0] < to <="] == (14, 25)
    assert "b checks[0]: evidence.n > 4 && evidence.n < 9" in {mutant.name for mutant in found}
    assert len({mutant.name for mutant in found}) == len(found)


CASES = (
    case("nine", {"replace": {"report": {"data": {"passed": 9}}}}, statuses={"enough": "fail"}),
    case(
        "bad",
        {"replace": {"report": {"data": {"cases": [{"name": "x", "status": "bad"}]}}}},
        statuses={"sound": "fail"},
    ),
    case("a tool", {"release": {"version": "2"}}),
)
BORDERS = (
    case("a bit old", {"at": "2026-03-10T11:59:59Z"}),
    case("too old", {"at": "2026-03-10T12:00:00Z"}, others="expired"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "policy.yaml").write_text(json.dumps(POLICY))
    (tmp_path / "equivalent.yaml").write_text("")
    return tmp_path


def hunt(folder: Path, *cases: Any, least: float = 95, workers: int = 1, equivalent: Any = None) -> int:
    base = {**BASE["base"], "evidence": [{**BASE["base"]["evidence"][0]}]}
    base["evidence"][0]["data"] = {
        **base["evidence"][0]["data"],
        "passed": 10,
        "cases": [{"name": "x", "status": "ok"}],
    }
    written = {"base": base, "expect": {"others": "pass"}}
    (folder / "cases" / "base.yaml").write_text(json.dumps(written))
    (folder / "cases" / "cases.yaml").write_text(json.dumps({"from": "base.yaml", "cases": cases}))
    (folder / "equivalent.yaml").write_text(json.dumps(equivalent or {}))
    options = ["--equivalent", str(folder / "equivalent.yaml"), "--least", str(least), "--workers", str(workers)]
    return main([str(folder), *options])


def test_known_survivors_are_named_with_their_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hunt(folder, *CASES) == 1
    lines = capsys.readouterr().out.splitlines()
    survivors = [line.split(": ", 2)[2] for line in lines if line.startswith("survived: ")]
    assert survivors == [
        "sound checks[0] all to exists",
        "evidence.report max_age P10D to PT950400S",
        "evidence.report max_age P10D to PT777600S",
    ]
    assert f"survived: {folder}/policy.yaml:1:" in "\n".join(lines)
    assert lines[-2] == "small@1.0.0: 11 mutants: 7 killed, 3 survived, 0 equivalent, 1 do not compile"
    assert lines[-1] == "70.0 % killed; at least 95 % must be"


def test_a_case_at_each_border_kills_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed = [{"name": "x", "status": "ok"}, {"name": "y", "status": "bad"}]
    swapped = case("one of two", {"replace": {"report": {"data": {"cases": mixed}}}}, statuses={"sound": "fail"})
    assert hunt(folder, *CASES, *BORDERS, swapped) == 0
    assert "10 killed, 0 survived, 0 equivalent, 1 do not compile\n100.0 % killed" in capsys.readouterr().out


def test_several_processes_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hunt(folder, *CASES, workers=2) == 1
    assert "7 killed, 3 survived, 0 equivalent, 1 do not compile" in capsys.readouterr().out


def test_survivors_that_are_listed_as_equivalent_do_not_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = 'sound checks[0]: evidence.cases.exists(c, c.status == "ok")'
    listed = {"small": [{"mutant": name, "because": "the tool reports one case"}], "other": []}
    assert hunt(folder, *CASES, *BORDERS, equivalent=listed) == 0
    assert "9 killed, 0 survived, 1 equivalent, 1 do not compile\n100.0 % killed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    ["enough checks[0]: true", "sound checks[0]: evidence.passed > 0", "params.least: 9"],
    ids=["killed", "there is none", "does not compile"],
)
def test_one_that_is_listed_and_does_not_survive_is_stale(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hunt(folder, *CASES, least=0, equivalent={"small": [{"mutant": name, "because": "?"}]}) == 1
    assert f"stale in {folder}/equivalent.yaml: {name}" in capsys.readouterr().out


def test_a_policy_whose_cases_fail_as_it_is_is_not_hunted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hunt(folder, case("wrong", statuses={"sound": "fail"})) == 1
    assert "cases that fail as it is: wrong" in capsys.readouterr().out


def test_a_policy_without_cases_is_not_hunted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--equivalent", str(folder / "equivalent.yaml")]) == 1
    assert "there are no cases" in capsys.readouterr().out


def test_each_listed_mutant_of_a_shipped_version_is_one() -> None:
    for policy in (folder.name for folder in POLICIES.iterdir() if folder.is_dir()):
        newest = max(POLICIES.glob(f"{policy}/*/policy.yaml"), key=lambda file: Version.parse(file.parent.name))
        source = load(newest.read_bytes())
        names = {mutant.name for mutant in mutants(source, candidate(newest.read_bytes(), catalogue()).compiled)}
        assert set(listed(EQUIVALENT, policy)) <= names
