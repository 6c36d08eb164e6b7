"""Feast: feature views of a registry, as entries or as checks."""

import json
from typing import Any

import pytest

from phasegate.adapters.feast import Feast
from phasegate.adapters.interface import Hints, Reading
from phasegate.engine.facts import Producer
from phasegate.errors import Invalid
from tests.adapters.samples import HINTS, expected, read, sample

CHECKS = Hints(shape="data-quality-report")


def of(*views: Any, hints: Hints = HINTS, **more: Any) -> Reading:
    return read(Feast(), json.dumps({"featureViews": views, "dataSources": [], "project": "p"} | more), hints)


def view(name: str = "v", *ends: Any, ttl: Any = None, **meta: Any) -> dict[str, Any]:
    intervals = [{"startTime": "2026-01-01T00:00:00Z", "endTime": end} for end in ends]
    return {"spec": {"name": name, "ttl": ttl}, "meta": {"materializationIntervals": intervals} | meta}


class TestSamples:
    @pytest.mark.parametrize("name", ["materialized", "never_materialized"])
    def test_as_a_registry(self, name: str) -> None:
        want = expected(f"feast/registry_{name}.json")
        reading = read(Feast(), sample(f"feast/registry_{name}.json"))
        entries = reading.data["entries"]
        assert reading.shape == "registry-report"
        assert len(entries) == want["feature_views"]
        assert sum("materialized_until" in entry for entry in entries) == want["materialized"]
        assert [entry["status"] for entry in entries] == (["ready"] * 2 if want["materialized"] else [""] * 2)
        assert (reading.data["kind"], reading.data["name"], reading.data["complete"]) == (
            "feature-store",
            "churn",
            True,
        )
        usage = next(entry for entry in entries if entry["version"] == "usage")
        assert usage.get("materialized_until") == want.get("usage_end")
        assert usage["tags"] == {"owner": "ml-platform", "sla_hours": "24"}
        assert usage["updated_at"].startswith("2026-11-23T06:25:")
        assert (reading.producer, reading.collected_at, reading.warnings) == (Producer("feast"), None, ())

    @pytest.mark.parametrize("name", ["materialized", "never_materialized"])
    def test_as_checks(self, name: str) -> None:
        want = expected(f"feast/registry_{name}.json")
        reading = read(Feast(), sample(f"feast/registry_{name}.json"), CHECKS)
        data = reading.data
        assert reading.shape == "data-quality-report"
        assert (data["total"], data["passed"]) == (want["feature_views"], want["materialized"])
        assert data["failed"] == data["total"] - data["passed"]
        limits = {check["name"]: check["limit_s"] for check in data["checks"]}
        assert limits == want.get("ttl_seconds", {"usage": 86_400, "tickets": 21_600})
        assert not any("age_s" in check for check in data["checks"])


class TestEntries:
    def test_the_latest_interval_counts(self) -> None:
        (entry,) = of(view("v", "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-05T00:00:00Z")).data["entries"]
        assert entry["materialized_until"] == "2026-01-09T00:00:00Z"

    @pytest.mark.parametrize("end", ["2026-01-02T00:00:00", "soon", None, 5])
    def test_an_end_that_is_no_instant_is_none(self, end: Any) -> None:
        assert "materialized_until" not in of(view("v", end)).data["entries"][0]

    def test_stream_views_are_among_them(self) -> None:
        assert [one["version"] for one in of(view("a"), streamFeatureViews=[view("b")]).data["entries"]] == ["a", "b"]

    def test_none_is_told(self) -> None:
        reading = of()
        assert (reading.data["entries"], reading.warnings) == ([], ("the registry holds no feature view",))
        assert of(hints=CHECKS).data["total"] == 0

    def test_a_thousand_are_listed_those_never_materialised_first(self) -> None:
        ready = [view(f"v{n}", "2026-01-02T00:00:00Z") for n in range(1_100)]
        data = of(*ready, view("never")).data
        assert (data["entries"][0]["version"], len(data["entries"]), data["unlisted"]) == ("never", 1_000, 101)


@pytest.mark.parametrize(("ttl", "limit"), [("0s", None), (None, None), ("21600s", 21_600.0), ("1.5s", 1.5)])
def test_the_limit(ttl: Any, limit: float | None) -> None:
    assert of(view("v", ttl=ttl), hints=CHECKS).data["checks"][0].get("limit_s") == limit


@pytest.mark.parametrize("ttl", ["1d", "-1s", 86_400, "s", "1e9s"])
def test_another_limit_is_refused(ttl: Any) -> None:
    with pytest.raises(Invalid):
        of(view("v", ttl=ttl), hints=CHECKS)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"featureViews": {}},
        {"featureViews": None},
        {"featureViews": ["x"]},
        {"featureViews": [{}]},
        {"featureViews": [{"spec": {}}]},
        {"featureViews": [{"spec": {"name": "v", "tags": {"a": 1}}}]},
        {"featureViews": [{"spec": {"name": "v"}, "meta": {"materializationIntervals": {}}}]},
        {"featureViews": [], "streamFeatureViews": {}},
        [],
    ],
)
def test_another_structure_is_refused(content: Any) -> None:
    with pytest.raises(Invalid):
        Feast().read(json.dumps(content).encode(), HINTS)
