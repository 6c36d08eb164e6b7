"""Answers of MLflow's model registry."""

from typing import Any

import pytest

from phasegate.adapters.mlflow_registry import MlflowRegistry
from tests.adapters.samples import attempt, expected, read, sample

FOLDER = "mlflow-registry"


def version(number: Any = "1", **more: Any) -> dict[str, Any]:
    return {"name": "churn", "version": number, "status": "READY", **more}


def search(*versions: Any, **more: Any) -> dict[str, Any]:
    return {"model_versions": list(versions), **more}


def test_gives_exactly_the_facts_of_one_version() -> None:
    want = expected(f"{FOLDER}/model_version_champion")
    reading = read(MlflowRegistry(), sample(f"{FOLDER}/model_version_champion"))
    assert reading.data == {
        "kind": "model",
        "name": want["name"],
        "entries": [
            {
                "version": want["version"],
                "status": want["status"].lower(),
                "updated_at": "2026-11-23T06:06:23.785Z",
                "tags": {"validation_status": want["validation_status"]},
            }
        ],
        "aliases": dict.fromkeys(want["aliases"], want["version"]),
        "complete": False,
    }
    assert want["current_stage"] == "None"
    assert len(reading.warnings) == 1
    assert reading.collected_at is None


def test_gives_exactly_the_facts_of_a_search() -> None:
    want = expected(f"{FOLDER}/model_versions_search")
    reading = read(MlflowRegistry(), sample(f"{FOLDER}/model_versions_search"))
    entries = reading.data["entries"]
    assert [entry["version"] for entry in entries] == want["versions"]
    assert sum(entry["status"] == "ready" for entry in entries) == want["ready"]
    assert reading.data["complete"] == (not want["has_next_page"])
    assert reading.data["aliases"] == {}
    assert reading.warnings == ()


def test_gives_exactly_the_facts_of_a_registered_model() -> None:
    want = expected(f"{FOLDER}/registered_model")
    data = read(MlflowRegistry(), sample(f"{FOLDER}/registered_model")).data
    assert data["aliases"] == want["aliases"]
    assert [entry["version"] for entry in data["entries"]] == [want["latest_version"]]
    assert len(set(data["aliases"].values())) == want["distinct_versions_live"]
    assert not data["complete"]


def test_a_search_with_a_next_page_is_not_complete() -> None:
    assert read(MlflowRegistry(), search(version(), next_page_token="")).data["complete"]
    assert not read(MlflowRegistry(), search(version(), next_page_token="abc")).data["complete"]


def test_stages_of_old_servers() -> None:
    data = read(
        MlflowRegistry(),
        search(
            version("3", current_stage="Production"),
            version("2", current_stage="Archived"),
            version("1", current_stage="None"),
        ),
    ).data
    assert data["aliases"] == {"Production": "3"}
    assert {entry["version"]: entry["status"] for entry in data["entries"]} == {
        "3": "ready",
        "2": "archived",
        "1": "ready",
    }


def test_a_stage_of_two_versions_is_left_out() -> None:
    stated = search(version("3", current_stage="Production"), version("2", current_stage="Production"))
    reading = read(MlflowRegistry(), stated)
    assert reading.data["aliases"] == {}
    assert reading.warnings == ("'Production' stands for more than one version; left out",)


@pytest.mark.parametrize("status", ["PENDING_REGISTRATION", "FAILED_REGISTRATION", "?", "", None, 1, []])
def test_only_ready_is_ready(status: Any) -> None:
    reading = read(MlflowRegistry(), search(version(status=status)))
    known = {"PENDING_REGISTRATION": "pending", "FAILED_REGISTRATION": "failed"}
    assert reading.data["entries"][0]["status"] == (known.get(status, "") if isinstance(status, str) else "")
    assert bool(reading.warnings) == (status not in known if isinstance(status, str) else True)


def test_a_number_may_be_written_as_one() -> None:
    assert read(MlflowRegistry(), search(version(12))).data["entries"][0]["version"] == "12"


@pytest.mark.parametrize(
    "content",
    [
        search(),
        search(version(None)),
        search(version("")),
        search(version(True)),
        search("1"),
        search(version(), {**version("2"), "name": "other"}),
        search({"version": "1", "status": "READY"}),
        {"registered_model": {"name": "churn"}},
        {"registered_model": {"name": "churn", "latest_versions": {}}},
        {"model_version": version(), "model_versions": []},
    ],
)
def test_what_names_no_version_of_one_model_is_refused(content: Any) -> None:
    assert attempt(MlflowRegistry(), content) is None


def test_more_versions_than_are_read_are_counted() -> None:
    stated = [version(str(n)) for n in range(1_500)] + [version("bad", status="FAILED_REGISTRATION")]
    data = read(MlflowRegistry(), search(*stated)).data
    assert (len(data["entries"]), data["unlisted"], data["entries"][0]["version"]) == (1_000, 501, "bad")


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(MlflowRegistry(), search(version()), exit_code=2).warnings[0]
