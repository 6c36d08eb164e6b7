"""The shapes that can be read about."""

import pytest
from jsonschema import Draft202012Validator

from phasegate.shapes import catalogue
from tests.support.policies import report
from tests.support.problems import problem
from tests.support.world import World


class TestList:
    def test_every_built_in_shape_in_order(self, world: World) -> None:
        body = world.get("/v1/shapes").json()
        assert [item["shape"] for item in body["items"]] == sorted(catalogue())
        assert body["next_cursor"] is None
        for item in body["items"]:
            assert set(item) == {"shape", "doc", "href"}
            assert item["doc"] == catalogue()[item["shape"]].doc
            assert world.get(item["href"]).json()["title"] == item["shape"]

    def test_page_by_page(self, world: World) -> None:
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            body = world.get("/v1/shapes", params={"limit": "7"} | ({"cursor": cursor} if cursor else {})).json()
            assert len(body["items"]) <= 7
            seen += [item["shape"] for item in body["items"]]
            cursor = body["next_cursor"]
        assert seen == sorted(catalogue())

    def test_exactly_full_is_the_last_page(self, world: World) -> None:
        assert world.get(f"/v1/shapes?limit={len(catalogue())}").json()["next_cursor"] is None

    @pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=", "cursor=%C3%A9"])
    def test_a_page_that_is_none(self, world: World, query: str) -> None:
        problem(world.get(f"/v1/shapes?{query}"), 422, path=query.split("=")[0])


class TestOne:
    @pytest.mark.parametrize("name", sorted(catalogue()))
    def test_its_json_schema(self, world: World, name: str) -> None:
        answer = world.get(f"/v1/shapes/{name}")
        assert answer.headers["content-type"].split(";")[0] == "application/json"
        schema = answer.json()
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"urn:phasegate:shape:{name}"

    def test_what_it_accepts_is_accepted(self, world: World) -> None:
        validator = Draft202012Validator(world.get("/v1/shapes/test-report").json())
        path = world.release()
        for data, fits in ((report(), True), (report() | {"passed": "3"}, False), (report() | {"pased": 3}, False)):
            answer = world.post(f"{path}/evidence", {"type": "unit-tests", "data": data})
            assert (validator.is_valid(data), answer.status_code) == (fits, 201 if fits else 422)

    def test_an_unknown_one(self, world: World) -> None:
        assert "'test-report'" in problem(world.get("/v1/shapes/test-reprot"), 404, "not_found")["detail"]
        assert "/v1/shapes" in problem(world.get("/v1/shapes/zzz"), 404, "not_found")["detail"]

    def test_a_shape_of_a_policy_is_none_of_these(self, world: World) -> None:
        world.publish()
        problem(world.get("/v1/shapes/ticket"), 404, "not_found")
