"""The formats that can be read about."""

from typing import Any

import pytest

from phasegate.adapters.registry import adapters
from phasegate.engine.shape import read_data
from phasegate.shapes import catalogue
from tests.support.problems import problem
from tests.support.world import World


def test_every_format_in_order(world: World) -> None:
    body = world.get("/v1/formats?limit=200").json()
    assert [item["format"] for item in body["items"]] == sorted(adapters())
    assert body["next_cursor"] is None
    for item in body["items"]:
        assert set(item) == {"format", "title", "shapes", "version", "href"}
        assert item["shapes"]
        assert set(item["shapes"]) <= set(catalogue())


def test_page_by_page(world: World) -> None:
    first = world.get("/v1/formats?limit=1").json()
    assert [item["format"] for item in first["items"]] == sorted(adapters())[:1]
    assert (first["next_cursor"] is None) == (len(adapters()) == 1)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=", "shape=x"])
def test_a_page_that_is_none(world: World, query: str) -> None:
    problem(world.get(f"/v1/formats?{query}"), 422, path=query.split("=")[0])


@pytest.mark.parametrize("name", sorted(adapters()))
def test_the_page_of_every_format(world: World, name: str) -> None:
    page = world.get(f"/v1/formats/{name}").json()
    assert page["format"] == name
    assert page["command"]
    assert page["fingerprint"]
    assert page["source"] == ""
    assert page["example"]["content"]
    assert page["example"]["shape"] in page["shapes"]
    assert {field["name"] for field in page["example"]["fields"]} >= page["example"]["data"].keys()
    assert {each["shape"] for each in page["types"]} <= set(page["shapes"])
    for media_type in ("text/markdown", "text/html"):
        answer = world.get(f"/v1/formats/{name}", headers={"Accept": media_type})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert f"--format {name}" in answer.text


def test_every_shape_of_a_type_that_the_shipped_checklist_reads_has_a_format(world: World) -> None:
    taken = {each["type"] for name in adapters() for each in world.get(f"/v1/formats/{name}").json()["types"]}
    assert {"holdout-evaluation", "source-freshness", "model-card", "drift-check", "staging-e2e-run"} <= taken
    assert "success-criteria" not in taken


def test_a_format_that_there_is_not(world: World) -> None:
    told = problem(world.get("/v1/formats/junti"), 404)
    assert "junit" in told["detail"]
    problem(world.get("/v1/formats/junit", headers={"Accept": "image/png"}), 406)
    problem(world.get("/v1/formats/junit?x=1"), 422, path="x")


def contract(world: World) -> Any:
    return world.get("/schema/openapi.json", token=None).json()


def test_the_list_is_documented_by_what_it_answers(world: World) -> None:
    content = contract(world)["paths"]["/v1/formats"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["example"] == world.get("/v1/formats?limit=2").json()


@pytest.mark.parametrize(
    "path", ["/v1/subjects/{subject}/evidence", "/v1/subjects/{subject}/releases/{version}/evidence"]
)
def test_the_examples_of_a_submission_are_accepted_as_they_are(world: World, path: str) -> None:
    operation = contract(world)["paths"][path]["post"]
    bodies = {kind: each["example"] for kind, each in operation["requestBody"]["content"].items() if "example" in each}
    envelope = bodies.pop("application/json")
    assert read_data(catalogue()["load-test"], envelope["data"])
    assert envelope.keys() == {"type", "data", "context", "collected_at", "producer"}
    stated = {each["name"]: each["example"] for each in operation["parameters"] if "example" in each}
    assert stated.keys() == {"type", "format", "collected_at", "exit_code"}
    release = world.release()
    for kind, raw in bodies.items():
        query = {**stated, "type": "unit-tests"}
        if kind != "application/xml":
            del query["format"]
        answer = world.post(f"{release}/evidence", raw.encode(), params=query, headers={"Content-Type": kind})
        assert answer.status_code == 201, answer.text
