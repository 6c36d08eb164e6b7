"""SARIF: levels, suppressions, and runs that didn't end."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Reading
from phasegate.adapters.sarif import Sarif
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample


def of_runs(*runs: Any) -> Reading:
    return read(Sarif(), json.dumps({"version": "2.1.0", "runs": runs}))


def of(result: dict[str, Any], rule: dict[str, Any] | None = None) -> Reading:
    rules = [{"id": "R1", **(rule or {})}]
    found = {"ruleId": "R1", "message": {"text": "told"}} | result
    return of_runs({"tool": {"driver": {"name": "t", "rules": rules}}, "results": [found]})


def severities(reading: Reading) -> list[str]:
    return [finding["severity"] for finding in reading.data["findings"]]


class TestSamples:
    def test_with_findings(self) -> None:
        want = expected("bandit/sarif_fail.sarif")
        reading = read(Sarif(), sample("bandit/sarif_fail.sarif"))
        data = reading.data
        assert len(data["findings"]) == want["results"]
        assert {key: data[key] for key in ("high", "medium", "low")} == {
            key: want[key] for key in ("high", "medium", "low")
        }
        assert (data["high"], data["medium"], data["low"]) == (want["error"], want["warning"], want["note"])
        assert (data["critical"], data["info"], data["errors"], data["runs"]) == (0, 0, 0, 1)
        assert "scanned" not in data
        assert data["findings"][0]["location"].startswith("app/serve.py:")
        assert data["findings"][0]["message"]
        assert reading.producer == Producer("Bandit", "1.9.4")
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-23T06:32:51Z"
        assert reading.warnings == ()

    def test_without(self) -> None:
        want = expected("bandit/sarif_pass.sarif")
        data = read(Sarif(), sample("bandit/sarif_pass.sarif")).data
        assert (len(data["findings"]), data["high"], data["runs"]) == (want["results"], want["error"], want["runs"])


class TestSeverity:
    @pytest.mark.parametrize(
        ("result", "rule", "severity"),
        [
            ({"level": "error"}, {}, "high"),
            ({"level": "warning"}, {}, "medium"),
            ({"level": "note"}, {}, "low"),
            ({"level": "none"}, {}, "info"),
            ({}, {}, "medium"),
            ({}, {"defaultConfiguration": {"level": "error"}}, "high"),
            ({}, {"defaultConfiguration": {}}, "medium"),
            ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, "critical"),
            ({"level": "note"}, {"properties": {"security-severity": "7.0"}}, "high"),
            ({"level": "note"}, {"properties": {"security-severity": 4.0}}, "medium"),
            ({"level": "error"}, {"properties": {"security-severity": "3.1"}}, "high"),
            ({"level": "note", "properties": {"security-severity": "9.0"}}, {}, "critical"),
            ({"level": "note"}, {"properties": {"security-severity": "NaN"}}, "low"),
            ({"level": "fatal"}, {}, "high"),
            ({"level": ["note"]}, {}, "high"),
            ({"kind": "informational"}, {"defaultConfiguration": {"level": "error"}}, "info"),
            ({"kind": "unheard of", "level": "error"}, {}, "high"),
            ({"ruleId": "R1/2"}, {"defaultConfiguration": {"level": "error"}}, "high"),
        ],
    )
    def test_one(self, result: dict[str, Any], rule: dict[str, Any], severity: str) -> None:
        assert severities(of(result, rule)) == [severity]

    def test_by_the_place_of_the_rule(self) -> None:
        rules = [{"id": "A"}, {"id": "B", "defaultConfiguration": {"level": "error"}}]
        run = {"tool": {"driver": {"name": "t", "rules": rules}}, "results": [{"ruleIndex": 1}, {"ruleIndex": -1}]}
        data = of_runs(run).data
        assert [(one["rule"], one["severity"]) for one in data["findings"]] == [("B", "high"), ("(unnamed)", "medium")]

    def test_of_a_rule_in_an_extension(self) -> None:
        extension = {"name": "e", "rules": [{"id": "X", "defaultConfiguration": {"level": "error"}}]}
        tool = {"driver": {"name": "t"}, "extensions": [extension]}
        assert severities(of_runs({"tool": tool, "results": [{"rule": {"id": "X"}}]})) == ["high"]


class TestWhatIsNoFinding:
    @pytest.mark.parametrize("result", [{"kind": "pass"}, {"kind": "notApplicable"}, {"baselineState": "absent"}])
    def test_silently(self, result: dict[str, Any]) -> None:
        reading = of(result)
        assert (severities(reading), reading.warnings) == ([], ())

    def test_suppressed_is_told(self) -> None:
        reading = of({"level": "error", "suppressions": [{"kind": "inSource"}]})
        assert severities(reading) == []
        assert "suppresses" in reading.warnings[0]

    @pytest.mark.parametrize("status", ["underReview", "rejected", 1])
    def test_a_suppression_not_accepted_suppresses_nothing(self, status: Any) -> None:
        assert severities(of({"suppressions": [{"kind": "external", "status": status}]})) == ["medium"]

    @pytest.mark.parametrize("kind", ["open", "review"])
    def test_left_open_is_skipped(self, kind: str) -> None:
        assert of({"kind": kind}).data["skipped"] == 1


class TestRuns:
    TOOL = {"driver": {"name": "t"}}  # noqa: RUF012 - read only

    def test_none(self) -> None:
        reading = of_runs()
        assert (reading.data["runs"], reading.data["tool"]) == (0, "")
        assert "no run" in reading.warnings[0]

    @pytest.mark.parametrize("results", [{}, {"results": None}])
    def test_without_results_is_an_error(self, results: dict[str, Any]) -> None:
        data = of_runs({"tool": self.TOOL, **results}).data
        assert (data["runs"], data["errors"]) == (0, 1)

    @pytest.mark.parametrize("said", [{"executionSuccessful": False}, {}, {"executionSuccessful": "true"}])
    def test_that_did_not_end_well_is_an_error(self, said: dict[str, Any]) -> None:
        data = of_runs({"tool": self.TOOL, "results": [], "invocations": [said]}).data
        assert (data["runs"], data["errors"]) == (0, 1)

    def test_whose_results_lie_in_other_files_did_not_end_here(self) -> None:
        away = {"results": [{"location": {"uri": "results.sarif-external-properties"}}]}
        data = of_runs({"tool": self.TOOL, "results": [], "externalPropertyFileReferences": away}).data
        assert (data["runs"], data["errors"]) == (0, 1)

    def test_told_errors_are_counted(self) -> None:
        notes = [{"level": "error"}, {"level": "error"}, {"level": "warning"}]
        said = {"executionSuccessful": True, "toolExecutionNotifications": notes}
        data = of_runs({"tool": self.TOOL, "results": [], "invocations": [said]}).data
        assert (data["runs"], data["errors"]) == (1, 2)

    def test_several_are_as_old_as_the_oldest(self) -> None:
        runs = [
            {
                "tool": {"driver": {"name": name, "version": "1"}},
                "results": [],
                "invocations": [{"executionSuccessful": True, "endTimeUtc": at}],
            }
            for name, at in (("a", "2026-11-23T06:00:00Z"), ("b", "2026-11-20T06:00:00Z"))
        ]
        reading = of_runs(*runs)
        assert (reading.data["tool"], reading.data["runs"], reading.producer) == ("a, b", 2, Producer())
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-20T06:00:00Z"

    @pytest.mark.parametrize(
        "content",
        [
            {"version": "2.1.0"},
            {"version": "2.0.0", "runs": []},
            {"version": "2.1.0", "runs": [[]]},
            {"version": "2.1.0", "runs": [{"results": []}]},
            {"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": {}}]},
            {"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [1]}]},
        ],
    )
    def test_another_structure_is_refused(self, content: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            Sarif().read(json.dumps(content).encode(), HINTS)


class TestOverrides:
    """An invocation can be told another level for a rule (SARIF 3.27.10)."""

    def severity(self, descriptor: dict[str, Any], told: str, **result: Any) -> list[str]:
        override = {"descriptor": descriptor, "configuration": {"level": told}}
        invocation = {"executionSuccessful": True, "ruleConfigurationOverrides": [override]}
        found = {"ruleId": "R1", "message": {"text": "told"}, "provenance": {"invocationIndex": 0}} | result
        tool = {"driver": {"name": "t", "rules": [{"id": "R1"}]}}
        return severities(of_runs({"tool": tool, "invocations": [invocation], "results": [found]}))

    @pytest.mark.parametrize("descriptor", [{"id": "R1"}, {"index": 0}])
    def test_of_the_invocation_that_found_it(self, descriptor: dict[str, Any]) -> None:
        assert self.severity(descriptor, "error") == ["high"]

    def test_of_another_rule_or_invocation_it_changes_nothing(self) -> None:
        assert self.severity({"id": "R2"}, "error") == ["medium"]
        assert self.severity({"id": "R1"}, "error", provenance={}) == ["medium"]
        assert self.severity({"id": "R1"}, "error", provenance={"invocationIndex": 7}) == ["medium"]

    def test_the_level_of_the_result_goes_first(self) -> None:
        assert self.severity({"id": "R1"}, "note", level="error") == ["high"]
