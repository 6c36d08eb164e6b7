"""Bandit, pip-audit and ModelScan: each sample, and what is theirs alone."""

import json
from typing import Any

import pytest

from phasegate.adapters.bandit import Bandit
from phasegate.adapters.modelscan import Modelscan
from phasegate.adapters.pip_audit import PipAudit
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample


class TestBandit:
    PATH = "bandit/json_fail.json"

    def test_the_sample(self) -> None:
        want = expected(self.PATH)
        reading = read(Bandit(), sample(self.PATH))
        data = reading.data
        assert len(data["findings"]) == want.pop("results")
        assert {key: data[key] for key in want} == want
        assert (data["scanned"], data["skipped"], data["runs"], data["tool"]) == (2, 0, 1, "bandit")
        assert data["findings"][0] == {
            "rule": "B602",
            "severity": "high",
            "location": "app/serve.py:5",
            "message": "subprocess call with shell=True identified, security issue.",
        }
        assert reading.producer == Producer("bandit")
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-23T06:32:52Z"

    def changed(self, **values: Any) -> bytes:
        return json.dumps(json.loads(sample(self.PATH)) | values).encode()

    def test_files_that_could_not_be_read_are_errors(self) -> None:
        assert read(Bandit(), self.changed(errors=[{"filename": "a", "reason": "syntax"}])).data["errors"] == 1

    def test_findings_of_no_severity_that_the_totals_alone_count_are_high(self) -> None:
        metrics = {"_totals": {"SEVERITY.UNDEFINED": 2}, "a.py": {}}
        assert read(Bandit(), self.changed(results=[], metrics=metrics)).data["high"] == 2

    def test_nothing_scanned_is_no_run(self) -> None:
        reading = read(Bandit(), self.changed(results=[], metrics={"_totals": {"loc": 0}}))
        assert (reading.data["scanned"], reading.data["runs"]) == (0, 0)
        assert "no file was scanned" in reading.warnings

    def test_what_nosec_exempts_is_skipped(self) -> None:
        totals = {"nosec": 2, "skipped_tests": 1, "SEVERITY.HIGH": 3}
        data = read(Bandit(), self.changed(metrics={"_totals": totals, "a.py": {}})).data
        assert (data["skipped"], data["high"], data["unlisted"]) == (3, 3, 1)

    @pytest.mark.parametrize("word", ["UNDEFINED", None, 3, "critical"])
    def test_no_severity_is_a_high_one(self, word: Any) -> None:
        raw = self.changed(results=[{"test_id": "B1", "issue_severity": word}], metrics={"_totals": {}, "a.py": {}})
        assert read(Bandit(), raw).data["high"] == 1

    @pytest.mark.parametrize("values", [{"results": {}}, {"errors": None}, {"metrics": {}}, {"results": ["x"]}])
    def test_another_structure_is_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            Bandit().read(self.changed(**values), HINTS)


class TestPipAudit:
    def test_with_a_vulnerability(self) -> None:
        want = expected("pip-audit/fail.json")
        reading = read(PipAudit(), sample("pip-audit/fail.json"))
        data = reading.data
        assert (data["scanned"], data["skipped"], data["high"]) == (
            want["dependencies"],
            want["skipped"],
            want["vulns"],
        )
        assert [one["rule"] for one in data["findings"]] == want["ids"]
        assert len({one["location"] for one in data["findings"]}) == want["vulnerable"]
        assert data["findings"][0]["location"] == "jinja2==2.10"
        assert (reading.collected_at, reading.producer, data["runs"]) == (None, Producer("pip-audit"), 1)

    def test_without(self) -> None:
        want = expected("pip-audit/pass.json")
        data = read(PipAudit(), sample("pip-audit/pass.json")).data
        assert (data["scanned"], data["skipped"], len(data["findings"])) == (
            want["dependencies"],
            want["skipped"],
            want["vulns"],
        )

    @pytest.mark.parametrize(("dependencies", "skipped"), [([], 0), ([{"name": "a", "skip_reason": "no data"}], 1)])
    def test_nothing_audited_is_no_run(self, dependencies: list[Any], skipped: int) -> None:
        reading = read(PipAudit(), json.dumps({"dependencies": dependencies, "fixes": []}))
        assert (reading.data["scanned"], reading.data["skipped"], reading.data["runs"]) == (0, skipped, 0)
        assert "no dependency was audited" in reading.warnings

    @pytest.mark.parametrize("one", [{"name": "a"}, {"vulns": None}, {"vulns": {}}, {"vulns": ["x"]}, "a"])
    def test_another_structure_is_refused(self, one: Any) -> None:
        with pytest.raises(Invalid):
            PipAudit().read(json.dumps({"dependencies": [one], "fixes": []}).encode(), HINTS)


class TestModelscan:
    @pytest.mark.parametrize("name", ["fail", "directory_fail", "pass"])
    def test_each_sample(self, name: str) -> None:
        path = f"modelscan/{name}.json"
        want = expected(path)
        reading = read(Modelscan(), sample(path))
        data = reading.data
        assert len(data["findings"]) == want.pop("total_issues")
        assert data["scanned"] == want.pop("total_scanned")
        assert {key: data[key] for key in want} == want
        assert (data["runs"], data["skipped"]) == (1, 0)
        assert reading.producer == Producer("modelscan", "0.8.8")
        assert reading.collected_at is None
        assert ["no zone" in warning for warning in reading.warnings] == [True]

    def test_worst_first(self) -> None:
        findings = read(Modelscan(), sample("modelscan/directory_fail.json")).data["findings"]
        assert [(one["rule"], one["severity"], one["location"]) for one in findings] == [
            ("posix.system", "critical", "a.pkl"),
            ("webbrowser.open", "high", "c.pkl"),
        ]

    def changed(self, **summary: Any) -> bytes:
        content = json.loads(sample("modelscan/pass.json"))
        content["summary"] |= summary
        return json.dumps(content).encode()

    def test_nothing_scanned_is_no_run(self) -> None:
        reading = read(Modelscan(), self.changed(scanned={"total_scanned": 0}))
        assert (reading.data["scanned"], reading.data["runs"]) == (0, 0)

    def test_the_summary_is_believed_where_it_counts_more(self) -> None:
        assert read(Modelscan(), self.changed(total_issues=2)).data["high"] == 2
        assert read(Modelscan(), self.changed(total_issues_by_severity={"CRITICAL": 1})).data["critical"] == 1
        assert read(Modelscan(), self.changed(total_issues_by_severity={"WORSE": 1})).data["high"] == 1

    def test_files_that_it_skipped(self) -> None:
        assert read(Modelscan(), self.changed(skipped={"total_skipped": 3})).data["skipped"] == 3
