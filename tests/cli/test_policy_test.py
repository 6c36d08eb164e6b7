"""`phasegate policy test`: exit codes, what a reader sees, and the report."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.junit import Junit
from phasegate.policies.cases.form import Change, Expectation
from phasegate.resources import POLICIES
from tests.cli.test_server_commands import COMMAND, Ended, environment, here
from tests.engine.small import criterion, document
from tests.policies.test_cases import BASE, case

ROOT = Path(__file__).parents[2]
SOUND = document(criterion("tests-pass", "evidence.passed > 0"), waivers=None, maturity=None)
EVIDENCE = {"report": {"shape": "report", "scope": "release", "context": ["split"]}}
EXPECT = {"others": "pass", "gates": "go"}
FAILING = case("none passed", {"replace": {"report": {"data": {"passed": 0}}}}, statuses={"tests-pass": "fail"})
MISSING = case("nothing shown", {"remove": "all"}, statuses={"tests-pass": "missing"})
WRONG = case("wrong", {"remove": "all"}, statuses={"tests-pass": "fail"}, reasons={"tests-pass": ["not so"]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A version whose five outcomes (three statuses, one check) can all be shown."""
    policy = {**SOUND, "evidence": EVIDENCE}
    del policy["waivers"], policy["maturity"]
    (tmp_path / "policy.yaml").write_text(json.dumps(policy))
    return tmp_path


def write(folder: Path, *cases: Any, name: str = "cases.yaml") -> Path:
    """Put a base and these cases into the version."""
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases" / "base.yaml").write_text(json.dumps({**BASE, "expect": EXPECT}))
    if cases:
        (folder / "cases" / name).write_text(json.dumps({"from": "base.yaml", "cases": cases}))
    return folder


def ran(*arguments: object) -> Ended:
    return here("policy", "test", *arguments)


def test_all_as_expected_and_all_covered(folder: Path) -> None:
    ended = ran(write(folder, FAILING, MISSING))
    assert ended == (
        0,
        f"{folder}/policy.yaml: small@1.0.0\n3 cases, 0 failed\noutcome coverage 100.0 %: 5 of 5 outcomes seen\n",
        "",
    )


def test_verbose_names_every_case(folder: Path) -> None:
    told = ran(write(folder, FAILING, MISSING), "--verbose").out
    assert "ok    base.yaml:1  base.yaml\n" in told
    assert "ok    cases.yaml:1  none passed\n" in told


def test_a_difference_is_shown_beside_what_was_expected(folder: Path) -> None:
    ended = ran(write(folder, FAILING, MISSING, WRONG))
    assert ended.code == 1
    assert (
        "FAIL  cases.yaml:1  wrong\n"
        "        statuses.tests-pass\n"
        "          - fail\n"
        "          + missing\n"
        "            no evidence of type report was shown\n"
        "        reasons.tests-pass\n"
        "          - contains: not so\n"
        "          + no evidence of type report was shown\n"
        "4 cases, 1 failed\n"
    ) in ended.out


def test_what_was_not_seen_is_listed(folder: Path) -> None:
    ended = ran(write(folder))
    assert ended.code == 1
    assert ended.out.endswith(
        "outcome coverage 40.0 %: 2 of 5 outcomes seen\n"
        "  tests-pass: never fail\n"
        "  tests-pass: never missing\n"
        "  tests-pass: check 0 never false: `evidence.passed > 0`\n"
        "at least 100 % must be covered\n"
    )


@pytest.mark.parametrize(("threshold", "code"), [("40", 0), ("40.1", 1), ("0", 0), ("nan", 1)])
def test_the_threshold(folder: Path, threshold: str, code: int) -> None:
    assert ran(write(folder), "--threshold", threshold).code == code


@pytest.mark.parametrize("threshold", ["0", "100"])
def test_a_version_without_cases_fails(folder: Path, threshold: str) -> None:
    ended = ran(folder, "--threshold", threshold)
    assert ended.code == 1
    assert "no cases" in ended.out
    assert "outcome coverage 0.0 %: 0 of 5 outcomes seen" in ended.out


def test_several_versions_are_all_told(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "policy.yaml").write_text((folder / "policy.yaml").read_text())
    write(other, FAILING, MISSING)
    ended = ran(folder, other)
    assert ended.code == 1
    assert "outcome coverage 0.0 %" in ended.out
    assert "outcome coverage 100.0 %" in ended.out
    assert ran(other, other).code == 0


def test_this_folder_unless_another_is_named(folder: Path) -> None:
    write(folder, FAILING, MISSING)
    done = subprocess.run([*COMMAND, "policy", "test"], cwd=folder, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [("no-such-folder",), ("--threshold", "101"), ("--threshold", "-1"), ("--threshold", "much"), ("--bogus",)],
)
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    assert ran(*arguments).code == 2


def test_a_folder_without_a_policy_is_wrong_use(tmp_path: Path) -> None:
    ended = ran(tmp_path)
    assert (ended.code, ended.err) == (
        2,
        f"phasegate: {tmp_path}/policy.yaml can't be read: No such file or directory\n",
    )


def test_a_file_that_would_be_passed_over_is_wrong_use(folder: Path) -> None:
    ended = ran(write(folder, FAILING, MISSING, name="cases.yml"))
    assert ended.code == 2
    assert "cases.yml would not be read" in ended.err


def test_a_policy_that_does_not_compile(folder: Path) -> None:
    (folder / "policy.yaml").write_text((folder / "policy.yaml").read_text().replace("passed > 0", "pased > 0"))
    ended = ran(write(folder))
    assert ended.code == 1
    assert "there is no field 'pased' here (did you mean 'passed'?)" in ended.err


def test_faulty_cases_are_told_with_file_line_and_mend(folder: Path) -> None:
    write(folder, case("a", statuses={"test-pass": "fail"}))
    ended = ran(folder)
    assert ended.code == 1
    assert ended.err.startswith(f"{folder}/cases/cases.yaml:1:")
    assert ended.err.endswith("there is no criterion 'test-pass' (did you mean 'tests-pass'?)\n")


def test_text_from_a_file_can_not_order_a_terminal_about(folder: Path) -> None:
    write(folder, {**WRONG, "name": "a\x1b[2Jb\u202ec"})
    assert "FAIL  cases.yaml:1  a [2Jb c\n" in ran(folder).out


@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_on_a_terminal_alone(folder: Path, settings: dict[str, str], coloured: bool) -> None:
    write(folder, WRONG)
    reader, terminal = pty.openpty()
    try:
        subprocess.run(
            [*COMMAND, "policy", "test", str(folder)], env=environment(**settings), stdout=terminal, stdin=terminal
        )
        shown = os.read(reader, 65536).decode()
    finally:
        os.close(terminal)
        os.close(reader)
    assert "FAIL" in shown
    assert ("\x1b[31m" in shown) is coloured
    assert "\x1b" not in ran(folder).out


class TestReport:
    def report(self, folder: Path, *arguments: object) -> tuple[int, dict[str, Any]]:
        """Exit code, and the report as our own adapter reads it."""
        file = folder / "report.xml"
        code = ran(folder, "--junit", file, *arguments).code
        reading = Junit().read(file.read_bytes(), Hints())
        assert reading.collected_at is not None
        return code, dict(reading.data)

    def test_one_test_a_case(self, folder: Path) -> None:
        code, data = self.report(write(folder, FAILING, MISSING))
        assert code == 0
        assert (data["total"], data["passed"], data["failed"]) == (3, 3, 0)
        assert any(each["id"].endswith("cases::none passed") for each in data["cases"])

    def test_a_failed_case_carries_the_difference(self, folder: Path) -> None:
        code, data = self.report(write(folder, FAILING, MISSING, WRONG))
        assert code == 1
        assert (data["total"], data["passed"], data["failed"]) == (4, 3, 1)
        told = (folder / "report.xml").read_text()
        assert 'message="otherwise: statuses.tests-pass, reasons.tests-pass"' in told
        assert "statuses.tests-pass\n- fail\n+ missing\n" in told

    def test_too_little_coverage_is_a_failure_of_its_own(self, folder: Path) -> None:
        code, data = self.report(write(folder))
        assert code == 1
        assert (data["total"], data["passed"], data["failed"]) == (2, 1, 1)
        assert "tests-pass: never missing" in (folder / "report.xml").read_text()
        code, data = self.report(folder, "--threshold", "40")
        assert (code, data["failed"]) == (0, 0)

    def test_a_version_without_cases_is_a_failure(self, folder: Path) -> None:
        assert self.report(folder)[1]["failed"] == 1

    def test_cases_and_policies_that_can_not_be_read_are_failures(self, folder: Path) -> None:
        write(folder, case("a", statuses={"x": "fail"}))
        code, data = self.report(folder)
        assert (code, data["total"], data["failed"]) == (1, 1, 1)
        (folder / "policy.yaml").write_text("policy: x")
        code, data = self.report(folder)
        assert (code, data["total"], data["failed"]) == (1, 1, 1)

    def test_what_xml_can_not_hold(self, folder: Path) -> None:
        code, data = self.report(write(folder, {**WRONG, "name": "]]> <b a='\"'> & \x1b \ufffe \U0001f600"}))
        assert (code, data["failed"]) == (1, 2)

    @pytest.mark.parametrize(
        "wrong", [["--threshold", "101"], ["--bogus"], ["no-such-folder"]], ids=lambda wrong: str(wrong[0])
    )
    @pytest.mark.parametrize("joined", [True, False])
    def test_none_is_left_behind_by_wrong_use(self, folder: Path, wrong: list[str], joined: bool) -> None:
        file = folder / "report.xml"
        file.write_text("<testsuites/>")
        given = [f"--junit={file}"] if joined else ["--junit", str(file)]
        assert ran(*wrong, *given).code == 2
        assert not file.exists()

    def test_none_is_left_behind_by_a_folder_without_a_policy(self, tmp_path: Path) -> None:
        file = tmp_path / "report.xml"
        file.write_text("<testsuites/>")
        assert ran(tmp_path, "--junit", file).code == 2
        assert not file.exists()

    def test_a_place_that_can_not_be_written_to(self, folder: Path) -> None:
        assert ran(write(folder, FAILING, MISSING), "--junit", folder).code == 2
        assert ran(folder, "--junit", folder / "not-there" / "report.xml").code == 2
        assert (folder / "policy.yaml").exists()


def test_the_example_of_the_page_covers_the_policy_of_the_readme(tmp_path: Path) -> None:
    page = (POLICIES / "CASES.md").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    (tmp_path / "cases").mkdir()
    for name, content in re.findall(r"```yaml\n# (cases/[a-z-]+\.yaml)\n(.*?)```", page, re.DOTALL):
        (tmp_path / name).write_text(content)
    found = re.search(r"cat > policy.yaml <<'END'\n(.*?)\nEND\n", readme, re.DOTALL)
    assert found is not None
    (tmp_path / "policy.yaml").write_text(found[1])
    ended = ran(tmp_path)
    assert ended.code == 0
    assert "6 cases, 0 failed\noutcome coverage 100.0 %" in ended.out


def test_the_page_names_every_key() -> None:
    page = (POLICIES / "CASES.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page))
    assert set(Change.__struct_fields__) | set(Expectation.__struct_fields__) <= named
