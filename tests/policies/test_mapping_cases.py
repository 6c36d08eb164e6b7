"""Cases of mappings: a tool's file, and the data that must come out."""

import json
from pathlib import Path
from typing import Any

import pytest

from phasegate.policies.cases.mapped import read_mapping_cases, tool_files
from phasegate.policies.cases.reading import FaultyCases
from phasegate.policies.publication import candidate
from tests.cli.test_server_commands import Ended, here
from tests.engine.mapping.making import policy_with, written

MINE = written({"count": "int(doc.n)"}, detect="has(doc.n)", collected_at="timestamp(doc.at)")
TOOL = {"n": 7, "at": "2026-01-02T03:04:05Z"}
DATA = {"count": 7}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(json.dumps(policy_with({"mine": MINE})))
    (tmp_path / "cases" / "files").mkdir(parents=True)
    (tmp_path / "cases" / "files" / "tool.json").write_text(json.dumps(TOOL))
    (tmp_path / "secret.json").write_text("{}")
    return tmp_path


def case(**changes: Any) -> dict[str, Any]:
    return {"name": "seven", "mapping": "mine", "file": "files/tool.json", "expect": {"data": DATA}} | changes


def ran(folder: Path, *cases: dict[str, Any]) -> Ended:
    (folder / "cases" / "mappings.yaml").write_text(json.dumps({"mappings": cases}))
    return here("policy", "test", folder, "--threshold", "0", "--verbose")


class TestWhatComesOut:
    @pytest.mark.parametrize(
        "expect",
        [{"data": DATA}, {"data": {**DATA, "metrics": {}}}, {"data": DATA, "collected_at": "2026-01-02T03:04:05.000Z"}],
    )
    def test_as_expected(self, folder: Path, expect: Any) -> None:
        ended = ran(folder, case(expect=expect))
        assert "ok    mappings.yaml:1  seven\n" in ended.out
        assert "1 cases, 0 failed" in ended.out

    @pytest.mark.parametrize(
        ("expect", "lines"),
        [
            ({"data": {"count": 8}}, ["data.count", "- 8", "+ 7"]),
            ({"data": {**DATA, "rate": 1.0}}, ["data.rate", "- 1.0", "+ nothing"]),
            (
                {"data": {}},
                ["data", "- data of the shape", "+ the data does not fit its shape: data.count is required"],
            ),
            ({"data": DATA, "collected_at": None}, ["collected_at", "- nothing", '+ "2026-01-02T03:04:05Z"']),
            ({"refused": "no"}, ["refused", "- contains: no", "+ the file fits"]),
        ],
    )
    def test_otherwise(self, folder: Path, expect: Any, lines: list[str]) -> None:
        ended = ran(folder, case(expect=expect))
        assert ended.code == 1
        assert "FAIL  mappings.yaml:1  seven\n" in ended.out
        for line in lines:
            assert f"{line}" in ended.out

    def test_a_refusal(self, folder: Path) -> None:
        (folder / "cases" / "files" / "tool.json").write_text('{"n": "seven", "at": "2026-01-02T03:04:05Z"}')
        assert ran(folder, case(expect={"refused": "fields.count: cannot convert"})).out.count("0 failed") == 1
        assert "a file that fits" in ran(folder, case()).out


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"mapping": "mein"}, "there is no mapping 'mein' (did you mean 'mine'?)"),
            ({"file": "files/tol.json"}, "there is no file 'files/tol.json' in the folder"),
            ({"file": "../secret.json"}, "there is no file '../secret.json' in the folder"),
            ({"file": "/etc/hostname"}, "there is no file '/etc/hostname' in the folder"),
            ({"file": "files"}, "there is no file 'files' in the folder"),
            ({"expect": {}}, "takes either `data`, all of it, or `refused`"),
            ({"expect": {"data": DATA, "refused": "x"}}, "takes either `data`, all of it, or `refused`"),
            ({"expect": {"data": DATA, "collected_at": "now"}}, "is not an RFC 3339 instant with a zone"),
            ({"fiel": "x"}, "'fiel' is no key here (did you mean 'file'?)"),
        ],
    )
    def test_a_fault_has_its_place(self, folder: Path, changes: dict[str, Any], told: str) -> None:
        ended = ran(folder, case(**changes))
        assert ended.code == 1
        assert told in ended.err
        assert "cases/mappings.yaml:1:" in ended.err

    def test_names_are_unique(self, folder: Path) -> None:
        assert "there is another case 'seven'" in ran(folder, case(), case()).err

    def test_an_empty_list_says_nothing(self) -> None:
        policy = candidate(json.dumps(policy_with({"mine": MINE})).encode(), {}).policy
        with pytest.raises(FaultyCases):
            read_mapping_cases({"a.yaml": b"mappings: []"}, policy, {})
        assert read_mapping_cases({"a.yaml": b"base: {}", "b.yaml": b"{"}, policy, {}) == ()
        assert tool_files({"a.yaml": b"mappings: 3"}) == ()
