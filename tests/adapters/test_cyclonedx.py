"""CycloneDX: inventories, and vulnerabilities in them."""

import json
from typing import Any

import pytest

from phasegate.adapters.cyclonedx import Cyclonedx
from phasegate.adapters.interface import Reading
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample

BOM = {"bomFormat": "CycloneDX", "specVersion": "1.6"}


def of(*vulnerabilities: Any, **more: Any) -> Reading:
    return read(Cyclonedx(), json.dumps(BOM | {"vulnerabilities": vulnerabilities} | more))


class TestSamples:
    @pytest.mark.parametrize("name", ["sbom_env_16", "sbom_requirements", "mlbom_full"])
    def test_each_is_an_inventory(self, name: str) -> None:
        want = expected(f"cyclonedx/{name}.json")
        reading = read(Cyclonedx(), sample(f"cyclonedx/{name}.json"))
        data = reading.data
        assert data["components"] == want.get("components", 1 + want.get("datasets", 0))
        assert (data["runs"], data["errors"], data["findings"]) == (0, 0, [])
        assert not data.keys() & {"scanned", "unlisted"}
        tool = Producer() if name == "mlbom_full" else Producer("cyclonedx-py", "7.5.0")
        assert (reading.producer, data["tool"]) == (tool, tool.tool)
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at).startswith("2026-11-23T06:3")
        assert ["inventory" in warning for warning in reading.warnings] == [True]


class TestVulnerabilities:
    @pytest.mark.parametrize(
        ("ratings", "severity"),
        [
            ([{"severity": "critical"}], "critical"),
            ([{"severity": "low"}, {"severity": "medium"}], "medium"),
            ([{"severity": "none"}], "info"),
            ([{"severity": "low", "score": 9.8}], "critical"),
            ([{"score": 7.0}], "high"),
            ([{"score": 4.0}], "medium"),
            ([{"score": 0.1}], "low"),
            ([{"severity": "unknown"}], "high"),
            ([{"severity": "low"}, {}], "high"),
            ([{"score": "1.0"}], "high"),
            ([], "high"),
            (None, "high"),
        ],
    )
    def test_severity(self, ratings: Any, severity: str) -> None:
        reading = of(
            {"id": "CVE-1", "ratings": ratings, "description": "told", "affects": [{"ref": "a"}, {"ref": "b"}]}
        )
        assert reading.data["findings"] == [
            {"rule": "CVE-1", "severity": severity, "location": "a, b", "message": "told"}
        ]
        assert (reading.data["runs"], "scanned" in reading.data) == (1, False)

    @pytest.mark.parametrize("state", ["resolved", "resolved_with_pedigree", "false_positive", "not_affected"])
    def test_settled_is_told_and_not_counted(self, state: str) -> None:
        reading = of({"id": "CVE-1", "analysis": {"state": state}})
        assert (reading.data["high"], reading.data["runs"]) == (0, 1)
        assert state in reading.warnings[0]

    @pytest.mark.parametrize("state", ["exploitable", "in_triage", None, ["not_affected"]])
    def test_anything_else_counts(self, state: Any) -> None:
        assert of({"id": "CVE-1", "analysis": {"state": state}}).data["high"] == 1

    def test_an_empty_list_is_no_analysis(self) -> None:
        assert of().data["runs"] == 0


def test_components_inside_others_are_counted() -> None:
    assert of(components=[{"components": [{}, {"components": [{}]}]}, {}]).data["components"] == 5


def test_tools_as_they_were_before_1_5() -> None:
    reading = of(metadata={"tools": [{"vendor": "v", "name": "t", "version": "1"}], "timestamp": "2026-11-23T06:30:00"})
    assert (reading.producer, reading.collected_at) == (Producer("t", "1"), None)
    assert any("no zone" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "more",
    [{"bomFormat": "SPDX"}, {"components": {}}, {"components": [1]}, {"vulnerabilities": ["x"]}, {"metadata": []}],
)
def test_another_structure_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Cyclonedx().read(json.dumps(BOM | more).encode(), HINTS)
