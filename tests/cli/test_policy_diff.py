"""`phasegate policy diff`."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from phasegate.__main__ import main
from phasegate.resources import POLICIES
from tests.cli.test_server_commands import SOUND, Ended, here


def told(tmp_path: Path, old: str, new: str, *more: str) -> Ended:
    """How the command ends on two files."""
    (tmp_path / "a.yaml").write_text(old)
    (tmp_path / "b").mkdir(exist_ok=True)
    (tmp_path / "b" / "policy.yaml").write_text(new)
    return here("policy", "diff", tmp_path / "a.yaml", tmp_path / "b", *more)


def version(number: str, *changes: tuple[str, str]) -> str:
    text = SOUND.replace("version: 1.0.0", f"version: {number}")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


WORDING = ("Tests pass", "All tests pass")
MINOR = ("evidence.passed > 0", "evidence.passed > 9")
MAJOR = ("id: tests-pass", "id: tests-ok")


class TestText:
    def test_large_enough(self, tmp_path: Path) -> None:
        ended = told(tmp_path, SOUND, version("1.1.0", WORDING, MINOR))
        assert (ended.code, ended.err) == (0, "")
        assert ended.out == (
            "minor\n"
            "  phases.testing.criteria.tests-pass.checks[0].that\n"
            '    check of tests-pass changed from "evidence.passed > 0" to "evidence.passed > 9": '
            "the verdict can differ\n"
            "\n"
            "patch\n"
            "  phases.testing.criteria.tests-pass.title\n"
            '    title of tests-pass reworded from "Tests pass" to "All tests pass"\n'
            "\n"
            "smallest step: minor (1.0.0 -> at least 1.1.0)\n"
        )

    @pytest.mark.parametrize(
        ("number", "change", "code", "last"),
        [
            ("1.0.1", WORDING, 0, "smallest step: patch (1.0.0 -> at least 1.0.1)"),
            ("1.0.1", MINOR, 1, "1.0.1 is too small a step"),
            ("1.9.0", MAJOR, 1, "1.9.0 is too small a step"),
            ("2.0.0", MAJOR, 0, "smallest step: major (1.0.0 -> at least 2.0.0)"),
            ("1.0.0", WORDING, 1, "1.0.0 is too small a step"),
            ("0.9.0", WORDING, 1, "0.9.0 is too small a step"),
        ],
    )
    def test_exit_codes(self, tmp_path: Path, number: str, change: tuple[str, str], code: int, last: str) -> None:
        ended = told(tmp_path, SOUND, version(number, change))
        assert (ended.code, ended.out.splitlines()[-1]) == (code, last)

    def test_prereleases_of_one_release(self, tmp_path: Path) -> None:
        ended = told(tmp_path, version("2.0.0-rc.1"), version("2.0.0-rc.2", MAJOR))
        assert (ended.code, "may differ freely" in ended.out) == (0, True)

    def test_nothing_differs(self, tmp_path: Path) -> None:
        for number in ("1.0.0", "1.0.1"):
            ended = told(tmp_path, SOUND, version(number) + "# a comment\n")
            assert (ended.code, ended.out) == (0, "nothing differs\n")

    def test_the_shipped_policies(self) -> None:
        """Each version is a large enough step from the one before."""
        folders = sorted(file.parent for file in POLICIES.glob("*/*/policy.yaml"))
        assert folders
        for old, new in pairwise(folders):
            if old.parent == new.parent:
                assert here("policy", "diff", old, new).code == 0


class TestJson:
    def test_as_the_server_answers(self, tmp_path: Path) -> None:
        ended = told(tmp_path, SOUND, version("1.0.1", MAJOR), "--format", "json")
        found = json.loads(ended.out)
        assert ended.code == 1
        assert [found[key] for key in ("name", "from", "to", "step")] == ["of-the-cli", "1.0.0", "1.0.1", "major"]
        assert [change["kind"] for change in found["changes"]] == ["removed", "added"]
        assert all(change.keys() == {"path", "kind", "step", "text"} for change in found["changes"])

    def test_nothing_differs(self, tmp_path: Path) -> None:
        found = json.loads(told(tmp_path, SOUND, SOUND, "--format", "json").out)
        assert (found["step"], found["changes"]) == (None, [])


class TestWrongUse:
    def test_one_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SOUND)
        assert here("policy", "diff", tmp_path / "a.yaml").code == 2

    def test_no_file(self, tmp_path: Path) -> None:
        ended = here("policy", "diff", tmp_path, tmp_path / "nothing.yaml")
        assert (ended.code, "can't be read" in ended.err) == (2, True)

    def test_a_file_that_does_not_compile(self, tmp_path: Path) -> None:
        ended = told(tmp_path, SOUND, version("2.0.0", ("evidence.passed", "evidence.pased")))
        assert (ended.code, ended.out) == (2, "")
        assert "b/policy.yaml:16:" in ended.err

    def test_two_policies(self, tmp_path: Path) -> None:
        ended = told(tmp_path, SOUND, version("2.0.0", ("of-the-cli", "another")))
        assert (ended.code, ended.out) == (2, "")
        assert "not two versions of one policy" in ended.err

    def test_help(self) -> None:
        assert "Usage:" in CliRunner().invoke(main, ["policy", "diff", "--help"]).output
