"""Instant queries of Prometheus: figures, and drift judged by a stated threshold."""

import json
from typing import Any

import pytest

from phasegate.adapters.prometheus_query import PrometheusQuery
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339
from tests.adapters.samples import attempt, expected, read, sample

PATH = "prometheus/api_query_psi.json"
DRIFT: dict[str, Any] = {"shape": "drift-report"}


def vector(*samples: tuple[dict[str, str], str]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [1795415979.058, value]} for labels, value in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def metrics(*samples: tuple[dict[str, str], str], **context: str) -> Any:
    return read(PrometheusQuery(), vector(*samples), context=context).data["metrics"]


class TestTheSample:
    def test_as_figures(self) -> None:
        want = expected(PATH)
        reading = read(PrometheusQuery(), sample(PATH))
        assert reading.shape == "metrics-report"
        assert reading.data["metrics"] == {f"feature_psi_{name}": value for name, value in want["values"].items()}
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-23T06:39:39.058Z"
        assert (reading.producer, reading.warnings) == (Producer("prometheus"), ())

    def test_as_drift(self) -> None:
        data = read(PrometheusQuery(), sample(PATH), context={"threshold": "0.2"}, **DRIFT).data
        assert {each["name"]: each["statistic"] for each in data["columns"]} == expected(PATH)["values"]
        assert [each["name"] for each in data["columns"] if each["drifted"]] == ["tenure_months"]
        assert (data["column_count"], data["drifted_count"], data["drift_share"]) == (2, 1, 0.5)


class TestFigures:
    def test_one_series_is_called_as_it_is(self) -> None:
        assert metrics(({"__name__": "realized_auc", "job": "scorer"}, "0.71")) == {"realized_auc": 0.71}

    def test_labels_that_all_share_are_no_part_of_the_name(self) -> None:
        both = {"__name__": "auc", "model": "m"}
        assert metrics((both | {"day": "mon"}, "0.5"), (both | {"day": "tue"}, "0.6")) == {
            "auc_mon": 0.5,
            "auc_tue": 0.6,
        }

    def test_what_differs_by_target_alone_is_told_by_that(self) -> None:
        one, other = ({"__name__": "auc", "instance": name} for name in ("a:1", "b:1"))
        assert metrics((one, "0.5"), (other, "0.6")) == {"auc_a_1": 0.5, "auc_b_1": 0.6}

    def test_a_computed_value_needs_a_name(self) -> None:
        assert attempt(PrometheusQuery(), vector(({}, "0.5"))) is None
        assert metrics(({}, "0.5"), metric="auc") == {"auc": 0.5}
        scalar = {"status": "success", "data": {"resultType": "scalar", "result": [1, "0.5"]}}
        assert read(PrometheusQuery(), scalar, context={"metric": "auc"}).data["metrics"] == {"auc": 0.5}

    def test_what_is_not_finite_is_named(self) -> None:
        data = read(PrometheusQuery(), vector(({"__name__": "auc"}, "NaN"))).data
        assert (data["metrics"], data["non_finite"]) == ({}, ["auc"])

    def test_an_empty_answer_is_refused(self) -> None:
        assert attempt(PrometheusQuery(), vector()) is None


class TestDrift:
    @pytest.mark.parametrize("context", [{}, {"threshold": "NaN"}, {"threshold": "-1"}, {"threshold": "low"}])
    def test_without_a_threshold_it_is_refused(self, context: dict[str, str]) -> None:
        assert attempt(PrometheusQuery(), sample(PATH), context=context, **DRIFT) is None

    def test_a_value_that_is_none_has_drifted(self) -> None:
        content = vector(({"__name__": "feature_psi", "feature": "a"}, "NaN"))
        reading = read(PrometheusQuery(), content, context={"threshold": "0.2"}, **DRIFT)
        assert reading.data["drifted_count"] == 1
        assert "nothing shows that it didn't drift" in reading.warnings[0]

    @pytest.mark.parametrize(
        ("name", "method", "drifted"),
        [("ks_p_value", None, True), ("feature_psi", None, False), ("d", "wasserstein", False), ("d", "ks", True)],
    )
    def test_a_p_value_is_low_where_it_drifted(self, name: str, method: str | None, drifted: bool) -> None:
        context = {"threshold": "0.05"} | ({"method": method} if method else {})
        content = vector(({"__name__": name, "feature": "a"}, "0.01"))
        (column,) = read(PrometheusQuery(), content, context=context, **DRIFT).data["columns"]
        assert column["drifted"] == drifted

    def test_of_an_unknown_method_it_is_refused(self) -> None:
        content = vector(({"__name__": "d", "feature": "a"}, "0.01"))
        assert attempt(PrometheusQuery(), content, context={"threshold": "0.05"}, **DRIFT) is None


@pytest.mark.parametrize(
    "change",
    [
        {"value": [1, 0.5]}, {"value": ["1", "0.5"]}, {"value": [1]}, {"value": [-1, "0.5"]}, {"value": [1e300, "0.5"]},
        {"value": [1, "0x1"]}, {"value": None}, {"metric": {"a": 1}}, {"metric": []}, {"histogram": [1, {}]},
    ],
)  # fmt: skip
def test_another_structure_is_refused(change: dict[str, Any]) -> None:
    content = json.loads(sample(PATH))
    content["data"]["result"][0] |= change
    assert attempt(PrometheusQuery(), content) is None
