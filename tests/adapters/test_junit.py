"""JUnit files of real tools, dialects of others, and files that mean harm."""

import random
import re
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.adapters.junit import Junit
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid, Malformed

OUTPUTS = Path(__file__).parent / "outputs" / "junit"
SAMPLES = sorted(path.name.removesuffix(".meta.yaml") for path in OUTPUTS.glob("*.meta.yaml"))
COUNTS = ("total", "passed", "failed", "errors", "skipped")
MIB = 2**20
MAX_BYTES = 10 * MIB
HINTS = Hints(release="2.1.0", subject="churn-scorer")


def sample(name: str) -> bytes:
    return (OUTPUTS / f"{name}.xml").read_bytes()


def expected(name: str) -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load((OUTPUTS / f"{name}.meta.yaml").read_text(encoding="utf-8"))["expected"]
    return facts


def read(xml: str | bytes, hints: Hints = HINTS) -> Reading:
    raw = xml.encode() if isinstance(xml, str) else xml
    assert Junit().detects(raw)
    return Junit().read(raw, hints)


def counts(reading: Reading) -> tuple[int, ...]:
    """total, passed, failed, errors, skipped"""
    return tuple(reading.data[name] for name in COUNTS)


def statuses(reading: Reading) -> list[tuple[str, str]]:
    return [(case["id"], case["status"]) for case in reading.data["cases"]]


def assert_consistent(reading: Reading) -> None:
    total, *parts = counts(reading)
    assert total == sum(parts)
    assert min(parts) >= 0
    assert len(reading.data["cases"]) <= 1_000


def assert_not_better(reading: Reading, original: Reading) -> None:
    assert_consistent(reading)
    assert reading.data["passed"] <= original.data["passed"]
    bad = original.data["failed"] + original.data["errors"]
    assert reading.data["failed"] + reading.data["errors"] >= bad


class TestSamples:
    def test_there_are_some(self) -> None:
        assert len(SAMPLES) == 9

    @pytest.mark.parametrize("name", SAMPLES)
    def test_gives_exactly_the_facts(self, name: str) -> None:
        want = expected(name)
        reading = read(sample(name))
        assert isinstance(Junit(), Adapter)
        assert reading.shape == "test-report"
        assert reading.producer.tool == ""
        assert "tool" not in reading.data
        assert (reading.collected_at and rfc3339(reading.collected_at)) == want.pop("collected_at", None)
        fragments = want.pop("warnings")
        assert len(reading.warnings) == len(fragments)
        for fragment, warning in zip(fragments, reading.warnings, strict=True):
            assert fragment in warning
        cases = reading.data["cases"]
        assert {key: value for key, value in reading.data.items() if key != "cases"} == want
        assert len(cases) == want["total"]
        for field, status in (("passed", "passed"), ("failed", "failed"), ("errors", "error"), ("skipped", "skipped")):
            assert sum(case["status"] == status for case in cases) == want[field]

    def test_cases_of_pytest(self) -> None:
        cases = read(sample("pytest_fail")).data["cases"]
        assert [case["status"] for case in cases[:5]] == ["failed", "failed", "error", "error", "passed"]
        assert cases[0] == {
            "id": "pytest::tests_bad.test_regressions::test_typo_contract_is_tolerated",
            "status": "failed",
            "duration_s": 0.0,
            "message": "scorer.SchemaError: contract: unseen category 'Month-To-Month'",
        }
        assert cases[1]["message"].startswith("AssertionError: flip at δ=500.0 ✗\nassert 0.148")
        assert max(len(case.get("message", "")) for case in cases) <= 500

    def test_ids_of_pytest(self) -> None:
        assert [id_ for id_, _ in statuses(read(sample("pytest_pass")))][-2:] == [
            "edge-cases::tests.test_edge_cases.TestAdversarial::test_small_perturbation_stable",
            "edge-cases::tests.test_edge_cases.TestAdversarial::test_extreme_values_bounded",
        ]

    def test_a_todo_of_jest_is_no_pass(self) -> None:
        suite = "fallback when the model is unavailable"
        assert statuses(read(sample("jest_pass"))) == [
            (f"{suite}::uses the rule when scoring throws", "passed"),
            (f"{suite}::uses the rule when the score is NaN", "passed"),
            (f"{suite}::model path", "passed"),
            (f"{suite}::timeouts fall back", "skipped"),
            (f"{suite}::circuit breaker", "skipped"),
        ]


class TestStatuses:
    @pytest.mark.parametrize(
        ("inside", "status"),
        [
            ("", "passed"),
            ("<system-out>ok</system-out>", "passed"),
            ("<skipped/>", "skipped"),
            ('<skipped type="pytest.xfail"/>', "skipped"),
            ("<failure/>", "failed"),
            ("<error/>", "error"),
            ("<failure/><error/>", "error"),
            ("<error/><failure/>", "error"),
            ("<skipped/><failure/>", "failed"),
            ("<skipped><failure/></skipped>", "failed"),
            ("<Failure/>", "failed"),
            ("<flakyFailure/>", "passed"),
            ("<flakyError/><flakyFailure/>", "passed"),
            ("<failure/><rerunFailure/>", "failed"),
            ("<rerunFailure/>", "failed"),
            ("<rerunError/>", "error"),
            ("<flakyFailure/><failure/>", "failed"),
            ("<results><failure/></results>", "failed"),
        ],
    )
    def test_children(self, inside: str, status: str) -> None:
        reading = read(f'<testsuite><testcase name="a">{inside}</testcase></testsuite>')
        assert statuses(reading) == [("a", status)]
        assert_consistent(reading)

    def test_a_pass_on_a_retry_is_told(self) -> None:
        xml = '<testsuite><testcase name="a"><flakyFailure message="once"/></testcase></testsuite>'
        assert any("tried again" in warning for warning in read(xml).warnings)

    @pytest.mark.parametrize(
        ("attribute", "status"),
        [
            ('status="run" result="completed"', "passed"),
            ('status="notrun" result="suppressed"', "skipped"),
            ('status="run" result="skipped"', "skipped"),
            ('status="disabled"', "skipped"),
            ('status="fail"', "failed"),
            ('status="FAILED"', "failed"),
        ],
    )
    def test_googletest_and_ctest_say_it_in_an_attribute(self, attribute: str, status: str) -> None:
        reading = read(f'<testsuites><testsuite><testcase name="a" {attribute}/></testsuite></testsuites>')
        assert statuses(reading) == [("a", status)]

    @pytest.mark.parametrize(
        ("inside", "message"),
        [
            ('<failure message="m" type="T">text</failure>', "m"),
            ('<failure type="T">  text\n more </failure>', "text\n more"),
            ('<failure type="T"/>', "T"),
            ("<failure/>", None),
            ('<skipped message="no GPU"/>', "no GPU"),
            ('<failure message="f"/><error message="e"/>', "e"),
            ('<failure message="first"/><failure message="second"/>', "first"),
            (f'<failure message="{"x" * 600}"/>', "x" * 500),
            (f"<failure>{' ' * 3000}{'y' * 600}</failure>", "y" * 500),
            ("<failure><![CDATA[a < b]]></failure>", "a < b"),
        ],
    )
    def test_message(self, inside: str, message: str | None) -> None:
        reading = read(f'<testsuite><testcase name="a">{inside}</testcase></testsuite>')
        assert reading.data["cases"][0].get("message") == message


class TestIds:
    @pytest.mark.parametrize(
        ("suite", "classname", "name", "id_"),
        [
            ("edge-cases", "TestAdversarial", "test_x", "edge-cases::TestAdversarial::test_x"),
            ("", "c", "n", "c::n"),
            ("s", "", "n", "s::n"),
            ("s", "s", "n", "s::n"),
            ("crm", "crm times out", "crm times out", "crm::times out"),
            ("crm", "crmx", "n", "crm::crmx::n"),
            ("", "", "", "(unnamed)"),
        ],
    )
    def test_form(self, suite: str, classname: str, name: str, id_: str) -> None:
        xml = f'<testsuite name="{suite}"><testcase classname="{classname}" name="{name}"/></testsuite>'
        assert statuses(read(xml)) == [(id_, "passed")]

    def test_the_innermost_suite_names_it_and_the_whole_run_does_not(self) -> None:
        xml = (
            '<testsuites name="all"><testcase name="top"/><testsuite name="outer"><testsuite name="inner">'
            '<testcase name="a"/></testsuite><testcase name="b"/></testsuite></testsuites>'
        )
        assert [id_ for id_, _ in statuses(read(xml))] == ["top", "inner::a", "outer::b"]

    def test_namespaces_are_cut_off(self) -> None:
        xml = '<j:testsuites xmlns:j="urn:x"><j:testsuite name="s"><j:testcase name="a"/></j:testsuite></j:testsuites>'
        assert statuses(read(xml)) == [("s::a", "passed")]

    def test_control_characters_do_not_survive(self) -> None:
        inside = '<testcase name="a&#10;b&#x9f;"><failure>x&#x80;y</failure></testcase>'
        case = read(f'<testsuite name="s&#x85;s">{inside}</testsuite>').data["cases"][0]
        assert case["id"] == "s\ufffds::a\ufffdb\ufffd"
        assert case["message"] == "x\ufffdy"

    def test_failures_and_errors_come_first_and_the_rest_is_counted(self) -> None:
        passes = "".join(f'<testcase name="p{i}"/>' for i in range(1_500))
        bad = '<testcase name="e"><error/></testcase><testcase name="f"><failure/></testcase>'
        reading = read(f"<testsuite>{passes}{bad}</testsuite>")
        assert counts(reading) == (1_502, 1_500, 1, 1, 0)
        assert statuses(reading)[:3] == [("e", "error"), ("f", "failed"), ("p0", "passed")]
        assert len(reading.data["cases"]) == 1_000
        assert reading.data["unlisted"] == 502


def suite_of(header: str, *inside: str) -> Reading:
    return read(f'<testsuites><testsuite name="s" {header}>{"".join(inside)}</testsuite></testsuites>')


CASE = '<testcase name="a" time="1"/>'
IDLE = '<testcase name="idle" time="0"/>'
FAILED = '<testcase name="f"><failure/></testcase>'
SKIPPED = '<testcase name="k"><skipped/></testcase>'


class TestHeaders:
    @pytest.mark.parametrize(
        ("header", "inside", "want", "told"),
        [
            ('tests="2" failures="0" errors="0" skipped="0"', [CASE, CASE], (2, 2, 0, 0, 0), False),
            ('tests="2" failures="1"', [CASE, CASE], (3, 2, 1, 0, 0), True),
            ('tests="2" errors="2"', [CASE, CASE], (4, 2, 0, 2, 0), True),
            ('tests="2" failures="1"', [CASE, FAILED], (2, 1, 1, 0, 0), False),
            ('tests="3"', [CASE, FAILED], (2, 1, 1, 0, 0), True),
            ('tests="1"', [CASE, CASE], (2, 1, 0, 0, 1), True),
            ('tests="0"', [CASE, CASE, FAILED], (3, 0, 1, 0, 2), True),
            ('tests="2" skipped="2"', [CASE, CASE], (2, 0, 0, 0, 2), True),
            ('tests="2" skipped="1"', [CASE, SKIPPED], (2, 1, 0, 0, 1), False),
            ('tests="2" failures="0" errors="0"', [CASE, FAILED], (2, 1, 1, 0, 0), True),
            ('tests="2" skipped="0"', [CASE, SKIPPED], (2, 1, 0, 0, 1), True),
            ('tests="many" failures="-1"', [CASE], (1, 1, 0, 0, 0), True),
            ('tests="1" failures="99999999999"', [CASE], (1, 1, 0, 0, 0), True),
        ],
    )
    def test_the_worse_counts(self, header: str, inside: list[str], want: tuple[int, ...], told: bool) -> None:
        reading = suite_of(header, *inside)
        assert counts(reading) == want
        assert bool(reading.warnings) == told

    def test_the_surplus_is_first_taken_from_cases_that_did_nothing(self) -> None:
        ran = '<testcase name="ran" time="0"><system-out>hello</system-out></testcase>'
        reading = suite_of('tests="2"', IDLE, CASE, ran)
        assert statuses(reading) == [("s::idle", "skipped"), ("s::a", "passed"), ("s::ran", "passed")]
        assert statuses(suite_of('tests="1"', IDLE, CASE, ran))[1] == ("s::a", "skipped")

    def test_several_failures_of_one_case_hide_none(self) -> None:
        many = '<testcase name="a"><failure/><failure/></testcase>'
        assert counts(suite_of('tests="1" failures="2"', many)) == (1, 0, 1, 0, 0)
        assert counts(suite_of('tests="1" failures="1" errors="1"', "<testcase><failure/><error/></testcase>")) == (
            (1, 0, 0, 1, 0)
        )

    def test_headers_of_nested_suites_do_not_add_up_twice(self) -> None:
        inner = f'<testsuite name="i" tests="1" failures="1">{CASE}</testsuite>'
        outer = f'<testsuite tests="2" failures="1">{CASE}{inner}</testsuite>'
        both = read(f'<testsuites tests="2" failures="1">{outer}</testsuites>')
        assert counts(both) == (3, 2, 1, 0, 0)

    def test_a_suite_may_count_nested_suites_apart(self) -> None:
        xml = f'<testsuite tests="1"><testsuite tests="2">{CASE}{CASE}</testsuite>{CASE}</testsuite>'
        reading = read(xml)
        assert counts(reading) == (3, 3, 0, 0, 0)
        assert reading.warnings == ()

    def test_a_suite_that_failed_itself_counts(self) -> None:
        assert counts(suite_of("", CASE, "<error>no database</error>")) == (2, 1, 0, 1, 0)

    def test_warnings_stay_few(self) -> None:
        xml = "".join(f'<testsuite name="s{i}" tests="x"/>' for i in range(500))
        assert len(read(f"<testsuites>{xml}</testsuites>").warnings) == 21


class TestDuration:
    @pytest.mark.parametrize(
        ("xml", "duration", "told"),
        [
            ('<testsuite time="1.5">{}</testsuite>', 1.5, False),
            ('<testsuite time="1,234.5">{}</testsuite>', 1234.5, False),
            ("<testsuite>{}</testsuite>", None, False),
            ('<testsuites time="3"><testsuite time="1">{}</testsuite></testsuites>', 3.0, False),
            (
                '<testsuites><testsuite time="1">{}</testsuite><testsuite time="2">{}</testsuite></testsuites>',
                3.0,
                False,
            ),
            ('<testsuites><testsuite time="1">{}</testsuite><testsuite>{}</testsuite></testsuites>', None, False),
            ('<testsuite time="-1">{}</testsuite>', None, True),
            ('<testsuite time="NaN">{}</testsuite>', None, True),
            ('<testsuite time="inf">{}</testsuite>', None, True),
            ('<testsuite time="1e308">{}</testsuite>', None, True),
            ('<testsuite time="">{}</testsuite>', None, True),
            ('<testsuite time="0,005">{}</testsuite>', None, True),
        ],
    )
    def test_of_the_run(self, xml: str, duration: float | None, told: bool) -> None:
        reading = read(xml.replace("{}", CASE))
        assert reading.data.get("duration_s") == duration
        assert bool(reading.warnings) == told

    def test_of_a_case(self) -> None:
        reading = read('<testsuite><testcase time="x"/><testcase time="0.25"/></testsuite>')
        assert [case.get("duration_s") for case in reading.data["cases"]] == [None, 0.25]
        assert len(reading.warnings) == 1


class TestTime:
    @pytest.mark.parametrize(
        ("stated", "instant"),
        [
            ("2026-11-23T06:02:45.400503+00:00", datetime(2026, 11, 23, 6, 2, 45, 400503, UTC)),
            ("2026-11-23T07:02:45.123456789+01:00", datetime(2026, 11, 23, 6, 2, 45, 123456, UTC)),
            ("2026-11-23 07:02:45+0100", datetime(2026, 11, 23, 6, 2, 45, 0, UTC)),
            ("2026-11-23T06:02:45Z", datetime(2026, 11, 23, 6, 2, 45, 0, UTC)),
            ("Mon, 23 Nov 2026 06:02:45 GMT", datetime(2026, 11, 23, 6, 2, 45, 0, UTC)),
            ("23 Nov 2026 07:02:45 +0100", datetime(2026, 11, 23, 6, 2, 45, 0, UTC)),
        ],
    )
    def test_with_a_zone(self, stated: str, instant: datetime) -> None:
        reading = read(f'<testsuite timestamp="{stated}">{CASE}</testsuite>')
        assert reading.collected_at == instant
        assert reading.warnings == ()

    @pytest.mark.parametrize(
        "stated",
        [
            "2026-11-23T06:02:45",
            "Mon, 23 Nov 2026 06:02:45",
            "2026-02-30T06:02:45Z",
            "0001-01-01T00:00:00+14:00",
            "31 Feb 2026 06:02:45 GMT",
            "Mon, 23 Nov 2026 06:02:45 EST",
            "1764000000",
            "yesterday",
            "",
        ],
    )
    def test_anything_else_is_no_stated_time(self, stated: str) -> None:
        reading = read(f'<testsuite timestamp="{stated}">{CASE}</testsuite>')
        assert reading.collected_at is None
        assert len(reading.warnings) == 1

    def test_the_latest_of_the_outermost_suites(self) -> None:
        xml = (
            '<testsuites timestamp="2026-01-01T00:00:00"><testsuite timestamp="2026-01-02T00:00:00Z">'
            '<testsuite timestamp="2026-01-09T00:00:00Z"/></testsuite><testsuite timestamp="2026-01-03T00:00:00Z"/>'
            f'<testsuite timestamp="2026-01-02T12:00:00Z">{CASE}</testsuite></testsuites>'
        )
        assert read(xml).collected_at == datetime(2026, 1, 3, tzinfo=UTC)


def with_properties(*suites: dict[str, str]) -> Reading:
    inside = "".join(
        "<testsuite><properties>"
        + "".join(f'<property name="{name}" value="{value}"/>' for name, value in properties.items())
        + f"</properties>{CASE}</testsuite>"
        for properties in suites
    )
    return read(f"<testsuites>{inside}</testsuites>")


class TestProperties:
    def test_of_suites_and_not_of_cases(self) -> None:
        xml = (
            '<testsuites><properties><property name="a" value="1"/></properties><testsuite><properties>'
            '<property name="b">2</property><property value="x"/></properties><testcase><properties>'
            '<property name="c" value="3"/></properties></testcase></testsuite></testsuites>'
        )
        assert read(xml).data["properties"] == {"a": "1", "b": "2"}

    def test_of_conflicting_values_none_is_kept(self) -> None:
        reading = with_properties({"env": "staging", "rows": "5"}, {"env": "dev", "rows": "5"}, {"env": "staging"})
        assert reading.data["properties"] == {"rows": "5"}
        assert len(reading.warnings) == 1

    def test_the_first_thousand(self) -> None:
        reading = with_properties({f"p{i}": str(i) for i in range(1_200)})
        assert len(reading.data["properties"]) == 1_000
        assert len(reading.warnings) == 1

    @pytest.mark.parametrize(
        ("named", "told"),
        [
            ("2.1.0", False),
            ("v2.1.0", False),
            ("churn-scorer@2.1.0", False),
            ("churn-scorer:2.1.0", False),
            ("fraud@2.1.0", True),
            ("12.1.0", True),
            ("1.2.1.0", True),
            ("churn-scorer@2.0.0", True),
            ("", True),
        ],
    )
    def test_another_release(self, named: str, told: bool) -> None:
        assert bool(with_properties({"release": named}).warnings) == told

    def test_evidence_of_a_subject_has_no_release(self) -> None:
        assert read(sample("pytest_staging_e2e_pass"), Hints(subject="churn-scorer")).warnings == ()


class TestExitCode:
    @pytest.mark.parametrize(("code", "errors"), [(None, 0), (0, 0), (1, 1), (5, 1), (-11, 1)])
    def test_beside_a_file_without_failures(self, code: int | None, errors: int) -> None:
        reading = read(sample("pytest_pass"), Hints(exit_code=code))
        assert counts(reading) == (12 + errors, 12, 0, errors, 0)
        assert any("exit code" in warning for warning in reading.warnings) == bool(errors)

    def test_beside_a_file_with_failures_it_adds_nothing(self) -> None:
        for code in (0, 1):
            assert counts(read(sample("pytest_fail"), Hints(exit_code=code))) == (23, 17, 2, 2, 2)

    def test_a_run_that_collected_nothing(self) -> None:
        assert counts(read(sample("pytest_no_tests_ran"), Hints(exit_code=5))) == (1, 0, 0, 1, 0)


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
HEAD, TAIL = b'<testsuites><testsuite name="s">', b"</testsuite></testsuites>"


def filled(unit: bytes, head: bytes = HEAD, tail: bytes = TAIL) -> bytes:
    return head + unit * ((MAX_BYTES - len(head) - len(tail)) // len(unit)) + tail


def numbered(unit: bytes, times: int) -> bytes:
    return HEAD + b"".join(unit % (i, i) for i in range(times)) + TAIL


REFUSED: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "no XML": b"12 passed in 0.05s",
    "JSON": b'{"tests": 12}',
    "wrong root": b"<coverage/>",
    "wrong root in a namespace": b'<x:bom xmlns:x="testsuites"/>',
    "case as root": b"<testcase/>",
    "DTD": b"<!DOCTYPE testsuites><testsuites/>",
    "billion laughs": f'<!DOCTYPE testsuites [<!ENTITY l0 "ha">{LAUGHS}]><testsuites name="&l9;"/>'.encode(),
    "quadratic blow-up": b'<!DOCTYPE testsuites [<!ENTITY a "' + b"x" * 100_000 + b'">]><testsuites>' + b"&a;" * 99,
    "external entity": b'<!DOCTYPE testsuites [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuites>&a;</testsuites>',
    "external DTD": b'<!DOCTYPE testsuites SYSTEM "http://127.0.0.1:9/x.dtd"><testsuites/>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><testsuites/>',
    "undefined entity": b"<testsuites>&nbsp;</testsuites>",
    "101 deep": b"<testsuite>" * 101 + b"</testsuite>" * 101,
    "100,000 deep": b"<testsuite>" * 100_000 + b"</testsuite>" * 100_000,
    "trailing garbage": b"<testsuites/>garbage",
    "two documents": b"<testsuites/><testsuites/>",
    "NUL": b'<testsuites name="a\0b"/>',
    "NUL reference": b'<testsuites name="&#0;"/>',
    "control character": b'<testsuites name="\x1b"/>',
    "lone surrogate": b'<testsuites name="\xed\xa0\x80"/>',
    "reference to a surrogate": b'<testsuites name="&#xD800;"/>',
    "not UTF-8": b'<testsuites name="\xe9"/>',
    "not the encoding it declares": b'<?xml version="1.0" encoding="ascii"?><testsuites name="\xe9"/>',
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><testsuites/>',
    "a codec that is no encoding": b'<?xml version="1.0" encoding="unicode_escape"?><testsuites/>',
    "multi-byte encoding": b'<?xml version="1.0" encoding="utf-7"?><testsuites/>',
    "doubled attribute": b'<testsuites tests="1" tests="2"/>',
    "unbound prefix": b"<a:testsuites/>",
    "200,001 cases": filled(b'<testcase name="a"/>'),
    "millions of elements": filled(b"<a/>"),
    "many suites": filled(b'<testsuite tests="0" time="-1" timestamp="x"/>'),
    "many names": numbered(b"<a%d b='%d'/>", 100_000),
    "a million attributes": HEAD + b"<a " + b" ".join(b'a%d=""' % i for i in range(900_000)) + b"/>" + TAIL,
    "unclosed tag": b"<testsuites " + b"a" * (MAX_BYTES - 12),
    "unclosed comment": b"<!--" + b"-a" * (MAX_BYTES // 2 - 2),
    "spaces": b" " * MAX_BYTES,
}

ACCEPTED: dict[str, bytes] = {
    "199,999 cases": HEAD + b'<testcase classname="p.m" name="aaaa" time="0.1"/>' * 199_999 + TAIL,
    "199,999 failures": HEAD + b'<testcase name="a"><failure message="x"/></testcase>' * 199_999 + TAIL,
    "different names": numbered(b'<testcase classname="pkg%d" name="t%d"/>', 199_999),
    "many properties": numbered(b'<property name="%d" value="%d"/>', 250_000),
    "long text": filled(b"a&lt;&#10;", HEAD + b"<testcase><failure>", b"</failure></testcase>" + TAIL),
    "CDATA": filled(b"<![CDATA[]]>", HEAD + b"<testcase><failure>", b"</failure></testcase>" + TAIL),
    "comments": filled(b"<!---->"),
    "instructions": filled(b"<?a?>"),
    "all surplus, 99 deep": b'<testsuite tests="0" skipped="9999999">' * 99
    + b"<testcase/>" * 199_999
    + b"</testsuite>" * 99,
}


class TestHostile:
    @pytest.mark.parametrize("name", REFUSED)
    def test_is_refused_in_words(self, name: str) -> None:
        Junit().detects(REFUSED[name])
        begun = time.process_time()
        with pytest.raises((Malformed, Invalid)) as caught:
            Junit().read(REFUSED[name], HINTS)
        assert time.process_time() - begun < 2
        assert 20 < len(caught.value.detail) < 400
        assert re.search(r"\b(send|run|remove|write|split)\b", caught.value.detail)
        assert caught.value.detail.isprintable()

    @pytest.mark.parametrize("name", ACCEPTED)
    def test_large_is_read_in_time(self, name: str) -> None:
        begun = time.process_time()
        assert_consistent(read(ACCEPTED[name]))
        assert time.process_time() - begun < 2

    @pytest.mark.parametrize("name", ["199,999 failures", "different names", "long text"])
    def test_large_is_read_in_little_memory(self, name: str) -> None:
        raw = ACCEPTED[name]
        tracemalloc.start()
        try:
            Junit().read(raw, HINTS)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 16 * MIB

    def test_a_tag_may_be_long_but_not_endless(self) -> None:
        almost = b'<testsuite><testcase name="' + b"a" * 1_000_000 + b'"/></testsuite>'
        assert counts(read(almost)) == (1, 1, 0, 0, 0)

    def test_where_it_is_broken_is_said(self) -> None:
        with pytest.raises(Malformed) as caught:
            Junit().read(b"<testsuites>\n  <testsuite></testcase>", HINTS)
        fault = caught.value.faults[0]
        assert (fault.line, fault.column) == (2, 16)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
    def test_encodings_that_it_declares(self, encoding: str) -> None:
        stated = encoding.removesuffix("-sig")
        xml = f'<?xml version="1.0" encoding="{stated}"?><!-- é --><testsuite><testcase name="é"/></testsuite>'
        assert statuses(read(xml.encode(encoding))) == [("é", "passed")]


class TestMutated:
    def test_cut_short_is_never_read_as_better(self) -> None:
        chance = random.Random(20261123)
        originals = {name: (sample(name), read(sample(name))) for name in SAMPLES}
        refused = 0
        for _ in range(200):
            raw, original = originals[chance.choice(SAMPLES)]
            cut = raw[: chance.randrange(len(raw))]
            Junit().detects(cut)
            try:
                assert_not_better(Junit().read(cut, HINTS), original)
            except (Malformed, Invalid):
                refused += 1
        assert refused >= 195  # a file without its last newline is whole

    @pytest.mark.parametrize("name", SAMPLES)
    def test_junk_instead_of_a_number_never_makes_it_better(self, name: str) -> None:
        raw, original = sample(name).decode(), read(sample(name))
        junk = ("", "-1", "0", "7", "1e3", "NaN", "inf", "0x2", "٣", "1,5", "9" * 30, "1e999", "1 2", "&#10;", "é" * 99)
        for found in re.finditer(r'(?<==")[0-9.]+(?=")', raw):
            for word in junk:
                changed = raw[: found.start()] + word + raw[found.end() :]
                try:
                    reading = Junit().read(changed.encode(), HINTS)
                except Malformed:
                    assert found.start() < len("<?xml version=...")
                else:
                    assert_not_better(reading, original)

    def test_changed_bytes_never_break_it(self) -> None:
        chance = random.Random(42)
        for _ in range(500):
            raw = bytearray(sample(chance.choice(SAMPLES)))
            for _ in range(chance.randint(1, 4)):
                raw[chance.randrange(len(raw))] = chance.choice(b'\0\x1b\xff<>&"/ az09]!?-')
            Junit().detects(bytes(raw))
            try:
                assert_consistent(Junit().read(bytes(raw), HINTS))
            except (Malformed, Invalid):
                continue


@pytest.mark.parametrize("word", ["interrupted", "CANCELLED", "timeout", "aborted", "crashed"])
@pytest.mark.parametrize("attribute", ["status", "result"])
def test_a_test_that_an_attribute_says_did_not_end_is_an_error(attribute: str, word: str) -> None:
    """Bazel: status="run" result="interrupted", without a child."""
    found = read(f'<testsuite><testcase name="a" time="1" {attribute}="{word}"/><testcase name="b"/></testsuite>')
    assert counts(found) == (2, 1, 0, 1, 0)
