"""Mappings among the formats."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Adapter, Hints
from phasegate.adapters.registry import adapters, choose
from phasegate.engine.compile import CompiledPolicy
from phasegate.errors import Invalid
from phasegate.mappings.adapter import MappingAdapter, competing, of_policy, refuse_taken_names
from phasegate.policies.publication import Candidate, candidate, recompile
from phasegate.shapes import catalogue
from tests.engine.mapping.making import policy_with, written

LOG = {"reads": "csv", "detect": '"code" in doc[0]'}


def published(**mappings: Any) -> Candidate:
    return candidate(json.dumps(policy_with(mappings)).encode(), {})


def chosen(raw: bytes, policy: CompiledPolicy, stated: str | None = None) -> str:
    return choose(raw, stated, "thing", among=competing(policy)).name


class TestChoosing:
    POLICY = published(
        one=written({"name": "string(doc.a)"}, detect="has(doc.a)"),
        two=written({}, detect="has(doc.b)"),
        log=written({}, **LOG),
    ).compiled

    def test_it_is_an_adapter(self) -> None:
        for adapter in of_policy(self.POLICY).values():
            assert isinstance(adapter, Adapter)
            assert (adapter.shapes, adapter.version) == (("thing",), "1.0.0")

    def test_by_what_is_in_the_file(self) -> None:
        assert chosen(b'{"a": 1}', self.POLICY) == "one"
        assert chosen(b"code\n200\n", self.POLICY) == "log"

    def test_two_that_match(self) -> None:
        with pytest.raises(Invalid, match="the file could be one, two; say which with format="):
            chosen(b'{"a": 1, "b": 1}', self.POLICY)
        assert chosen(b'{"a": 1, "b": 1}', self.POLICY, "two") == "two"

    def test_a_stated_format_must_match(self) -> None:
        with pytest.raises(Invalid, match=r"the file is not 'two' \(mapping of small@1.0.0\); it looks like one"):
            chosen(b'{"a": 1}', self.POLICY, "two")

    def test_none_that_matches(self) -> None:
        for raw in (b"", b"{}", b"\xff\xfe", b"<a/>", b"code"):
            with pytest.raises(Invalid, match="formats that give 'thing': log, one, two"):
                chosen(raw, self.POLICY)

    def test_it_competes_with_an_adapter(self) -> None:
        counts = dict.fromkeys(("total", "passed", "failed", "errors", "skipped"), 1)
        mine = {"reads": "xml", "shape": "test-report", "detect": 'doc.tag == "testsuites"', "fields": counts}
        policy = policy_with({"mine": mine})
        policy["evidence"] = {**policy["evidence"], "tests": {"shape": "test-report", "scope": "release"}}
        compiled = candidate(json.dumps(policy).encode(), catalogue()).compiled
        raw = b'<testsuites><testsuite name="a"><testcase name="b"/></testsuite></testsuites>'
        with pytest.raises(Invalid, match="the file could be junit, mine"):
            choose(raw, None, "test-report", among=competing(compiled))

    def test_without_mappings_nothing_is_added(self) -> None:
        assert competing(published().compiled) is adapters()


class TestExitCode:
    def test_a_failure_that_the_file_does_not_show_is_counted(self) -> None:
        mapping = {
            "reads": "json",
            "shape": "test-report",
            "detect": "has(doc.n)",
            "fields": {"total": "int(doc.n)", "passed": "int(doc.n) - int(doc.bad)", "failed": "int(doc.bad)"}
            | {"errors": 0, "skipped": 0},
        }
        policy = policy_with({"tests": mapping})
        policy["evidence"] = {**policy["evidence"], "tests": {"shape": "test-report", "scope": "release"}}
        adapter = of_policy(candidate(json.dumps(policy).encode(), catalogue()).compiled)["tests"]
        burdened = adapter.read(b'{"n": 3, "bad": 0}', Hints(exit_code=3))
        assert (burdened.data["errors"], burdened.data["total"]) == (1, 4)
        assert "exit code 3" in burdened.warnings[0]
        for raw, code in ((b'{"n": 3, "bad": 0}', 0), (b'{"n": 3, "bad": 1}', 3)):
            reading = adapter.read(raw, Hints(exit_code=code))
            assert (reading.data["errors"], reading.warnings) == (0, ())

    def test_where_the_shape_counts_none_it_is_told(self) -> None:
        adapter = of_policy(TestChoosing.POLICY)["one"]
        reading = adapter.read(b'{"a": 1}', Hints(exit_code=3))
        assert reading.warnings == ("the tool ended with exit code 3, yet its file shows no failure",)
        assert adapter.read(b'{"a": 1}', Hints(exit_code=0)).warnings == ()


def test_the_name_of_an_adapter_is_taken() -> None:
    refuse_taken_names(published(mine=written({})))
    with pytest.raises(Invalid) as refused:
        refuse_taken_names(published(junit=written({})))
    assert [fault.path for fault in refused.value.faults] == ["mappings.junit"]


def test_a_name_that_an_adapter_took_later_means_the_mapping() -> None:
    compiled = published(junit=written({})).compiled
    assert isinstance(competing(compiled)["junit"], MappingAdapter)


def test_a_published_version_compiles_its_mappings_when_they_are_used() -> None:
    found = published(one=written({}, detect="has(doc.a)"))
    broken = json.loads(json.dumps(found.document))
    broken["mappings"]["one"]["detect"] = "has("
    loaded = recompile(broken, found.compiled.shapes)
    with pytest.raises(Exception, match="Syntax error"):
        _ = loaded.mappings
    again = recompile(found.document, found.compiled.shapes)
    assert list(again.mappings) == ["one"]
    assert again.mappings is again.mappings
