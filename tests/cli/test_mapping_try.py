"""`phasegate mapping try`: what it shows, and how it ends."""

import json
from pathlib import Path

import pytest

from phasegate.resources import POLICIES
from tests.cli.test_server_commands import Ended, here
from tests.engine.mapping.making import policy_with, written

SHIPPED = POLICIES / "ml-deployment" / "1.1.0"
ITEMS = {"over": "doc.xs", "value": {"id": "string(row)", "tags": {"over": "['\\n']", "value": "row"}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A policy with two mappings that can both match."""
    one = written({"rate": {"where": "has(doc.r)", "value": "double(doc.r)"}, "items": ITEMS}, detect="has(doc.xs)")
    two = written({}, detect="has(doc.two)")
    (tmp_path / "policy.yaml").write_text(json.dumps(policy_with({"one": one, "two": two})))
    return tmp_path


def tried(folder: Path, content: str, *more: str) -> Ended:
    file = folder / "file.json"
    file.write_text(content)
    ended = here("mapping", "try", file, "--policy", folder, *more)
    return Ended(ended.code, *(text.replace(f"{file}", "FILE") for text in (ended.out, ended.err)))


def test_the_data_with_its_types_the_time_and_who_reads_it() -> None:
    file = SHIPPED / "cases" / "files" / "autocannon.json"
    ended = here("mapping", "try", file, "--policy", SHIPPED)
    assert (ended.code, ended.err) == (0, "")
    assert (
        ended.out
        == f"""\
{file}: autocannon reads it as load-test
collected_at  timestamp  = 2026-11-24T12:05:04.547Z
requests  int  = 7794
failures  int  = 0
error_rate  double (share)  = 0.0
duration_s  double (s)  = 5.01
metrics  map<string,double>  4 entries
  error_rate  = 0.0
  latency_p50_ms  = 4.0
  latency_p99_ms  = 8.0
  throughput_rps  = 1558.8
thresholds_failed  int  = 0
checks_failed  int  = 0
endpoints  list<object>  0 entries
as load-test (context: environment): read by load-capacity
"""
    )


def test_a_long_list_is_cut_and_control_characters_are_left_out(folder: Path) -> None:
    ended = tried(folder, json.dumps({"xs": [f"\x1b[31m{n}" for n in range(1_005)]}))
    assert ended.code == 0
    assert "items  list<object>  1000 entries\n" in ended.out
    assert "  … and 995 more\n" in ended.out
    assert "warning: items: 5 of 1,005 entries left out\n" in ended.out
    assert "\x1b" not in ended.out
    assert "collected_at  timestamp  = none in the file" in ended.out


def test_why_none_matches(folder: Path) -> None:
    assert tried(folder, "{}") == Ended(
        2, "", "FILE: no mapping matches\n  one: false: `has(doc.xs)`\n  two: false: `has(doc.two)`\n"
    )
    ended = tried(folder, "no json")
    assert ended.code == 2
    assert "  one: line 1, column 1: this is not JSON: Expecting value\n" in ended.err


def test_two_that_match(folder: Path) -> None:
    both = '{"xs": [], "two": 1}'
    assert tried(folder, both) == Ended(2, "", "FILE: could be one, two; submit it with format=\n")
    assert tried(folder, both, "--mapping", "two").code == 0


def test_one_that_is_named(folder: Path) -> None:
    ended = tried(folder, '{"xs": []}', "--mapping", "two")
    assert ended == Ended(2, "", "FILE: two doesn't match: false: `has(doc.two)`\n")
    ended = tried(folder, "{}", "--mapping", "tow")
    assert (ended.code, ended.err) == (2, "phasegate: there is no mapping 'tow': did you mean 'two'?\n")


def test_a_document_that_does_not_fit(folder: Path) -> None:
    ended = tried(folder, '{"xs": [1], "r": "fast"}')
    assert ended.code == 2
    assert "mappings.one.fields.rate.value cannot convert string to double in `double(doc.r)`" in ended.err


def test_what_can_not_be_tried(folder: Path, tmp_path: Path) -> None:
    (folder / "policy.yaml").write_text(json.dumps(policy_with({})))
    assert tried(folder, "{}").err == f"phasegate: {folder} has no mappings\n"
    (folder / "policy.yaml").write_text(json.dumps(policy_with({"junit": written({})})))
    ended = tried(folder, "{}")
    assert ended.code == 2
    assert "mappings.junit 'junit' is a format that is read here already" in ended.err
    assert here("mapping", "try", tmp_path / "gone", "--policy", folder).code == 2
