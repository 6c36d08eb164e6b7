"""`phasegate policy lint` on files: what the cases beside them show is looked at, too."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from phasegate.__main__ import main
from phasegate.resources import POLICIES

SHIPPED = POLICIES / "ml-deployment" / "1.1.0"
LAUNCH = Path(__file__).parents[1] / "policies" / "service-launch" / "1.0.0"


def lint(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["policy", "lint", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(LAUNCH, tmp_path / "policy")
    return tmp_path / "policy"


@pytest.mark.parametrize("clean", [SHIPPED, LAUNCH], ids=["ml-deployment", "service-launch"])
def test_clean_policies(clean: Path) -> None:
    result = lint(clean)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "is sound" in result.stdout


def test_a_finding_has_its_place_its_rule_and_a_mend(folder: Path) -> None:
    file = folder / "policy.yaml"
    file.write_text(file.read_text().replace("        owner: architect\n", ""))
    result = lint(file)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{file}:68:9: owner: design-reviewed doesn't say who mends it (owner: ")
    assert "compiles, with 1 finding" in result.stdout


def test_without_cases(folder: Path) -> None:
    shutil.rmtree(folder / "cases")
    assert "the policy has no cases" in lint(folder).stderr
    assert lint("--without-cases", folder).exit_code == 0


def test_cases_that_can_not_be_read(folder: Path) -> None:
    (folder / "cases" / "refused.yaml").write_text("from: redy.yaml\ncases: []\n")
    result = lint(folder)
    assert (result.exit_code, "ready.yaml" in result.stderr) == (1, True)


def test_a_policy_that_does_not_compile(folder: Path) -> None:
    file = folder / "policy.yaml"
    file.write_text(file.read_text().replace("evidence.hours >= 8", "evidence.hors >= 8"))
    result = lint(folder)
    assert (result.exit_code, "did you mean 'hours'?" in result.stderr) == (1, True)


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(folder: Path) -> None:
    file = folder / "policy.yaml"
    file.write_text(file.read_text() + '"\\e[31m\\r\\u202ered": 1\n')
    result = lint(folder)
    assert result.exit_code == 1
    assert "red" in result.stderr
    assert all(line.isprintable() for line in result.stderr.split("\n"))
