"""The model card of a CycloneDX ML-BOM."""

import json
from typing import Any

import pytest

from phasegate.adapters.cyclonedx_ml import CyclonedxMl
from phasegate.adapters.interface import Reading
from phasegate.engine.instants import rfc3339
from tests.adapters.samples import attempt, expected, read, sample

PATH = "cyclonedx/mlbom_full.json"


def changed(**card: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(sample(PATH))
    content["components"][0]["modelCard"] |= card
    return content


def with_metrics(*metrics: dict[str, Any]) -> dict[str, Any]:
    return changed(quantitativeAnalysis={"performanceMetrics": list(metrics)})


def report(content: dict[str, Any], **context: str) -> Reading:
    return read(CyclonedxMl(), content, shape="metrics-report", context=context)


class TestTheSample:
    def test_as_a_card(self) -> None:
        want = expected(PATH)
        reading = read(CyclonedxMl(), sample(PATH))
        data = reading.data
        assert (data["name"], data["version"], data["license"]) == (want["model"], want["version"], "Apache-2.0")
        assert data["metrics"] == {
            "roc_auc": float(want["roc_auc"]),
            "accuracy": float(want["accuracy_holdout"]),
            "accuracy_age_65": 0.951,
        }
        assert data["sections"] == ["Model details", "Intended use", "Limitations", "Fairness"]
        for field in ("limitations", "fairness_assessments"):
            assert data[field] == want[field]
        assert len(data["datasets"]) == want["datasets"]
        assert data["datasets"] == ["churn-train-2026-10"]
        assert (data["placeholder_text"], data["words"] > 30) == (False, True)
        assert reading.collected_at is not None
        assert (rfc3339(reading.collected_at), reading.warnings) == ("2026-11-23T06:30:00Z", ())

    def test_as_figures(self) -> None:
        data = report(json.loads(sample(PATH)), split="test").data
        assert data["metrics"] == {"roc_auc": 0.9988, "accuracy": 0.9766, "accuracy_age_65": 0.951}
        assert (data["model"], data["revision"], data["dataset"]) == ("churn-scorer", "2.1.0", "churn-train-2026-10")

    def test_of_another_split_its_figures_keep_the_name_of_theirs(self) -> None:
        assert report(json.loads(sample(PATH)), split="validation").data["metrics"] == {
            "holdout_roc_auc": 0.9988,
            "holdout_accuracy": 0.9766,
            "accuracy_age_65": 0.951,
        }


class TestMetrics:
    def test_a_part_of_the_data_never_stands_for_the_whole(self) -> None:
        assert report(with_metrics({"type": "accuracy", "slice": "age>=65", "value": "0.99"})).data["metrics"] == {
            "accuracy_age_65": 0.99
        }

    @pytest.mark.parametrize("value", ["NaN", "0x1", "", "high", "9" * 400, None, True, [], {}])
    def test_what_is_no_number_gives_none(self, value: Any) -> None:
        content = with_metrics({"type": "auc", "value": value}, {"type": "f1", "value": 0.5})
        assert report(content).data["metrics"] == {"f1": 0.5}

    def test_without_figures_it_is_no_report(self) -> None:
        assert attempt(CyclonedxMl(), with_metrics(), shape="metrics-report") is None


class TestCard:
    @pytest.mark.parametrize(
        ("considerations", "sections"),
        [
            ({}, ["Model details"]),
            ({"technicalLimitations": []}, ["Model details"]),
            ({"technicalLimitations": ["TBD"]}, ["Model details"]),
            ({"technicalLimitations": ["", " "]}, ["Model details"]),
            ({"technicalLimitations": ["no night"]}, ["Model details", "Limitations"]),
            ({"useCases": ["rank"]}, ["Model details", "Intended use"]),
            ({"fairnessAssessments": [{"groupAtRisk": ""}]}, ["Model details"]),
        ],
    )
    def test_a_heading_with_nothing_written_is_none(self, considerations: Any, sections: list[str]) -> None:
        data = read(CyclonedxMl(), changed(considerations=considerations)).data
        assert data["sections"] == sections
        assert data["limitations"] == ("Limitations" in sections)

    def test_a_placeholder_is_told(self) -> None:
        content = changed(considerations={"useCases": ["[More Information Needed]"]})
        assert read(CyclonedxMl(), content).data["placeholder_text"] is True

    def test_another_release_is_told(self) -> None:
        reading = read(CyclonedxMl(), sample(PATH), release="3.0.0", subject="churn-scorer")
        assert "it was sent for 3.0.0" in reading.warnings[0]

    def test_of_several_the_one_called_as_the_subject(self) -> None:
        content = changed()
        content["components"].append({**content["components"][0], "name": "other"})
        assert read(CyclonedxMl(), content).data["name"] == "churn-scorer"
        assert attempt(CyclonedxMl(), content, subject="third") is None

    def test_without_a_card_it_is_an_inventory_alone(self) -> None:
        assert not CyclonedxMl().detects(sample("cyclonedx/sbom_env_16.json"))
        assert attempt(CyclonedxMl(), sample("cyclonedx/sbom_env_16.json")) is None
