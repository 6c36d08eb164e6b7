"""The formats that can be read about."""

import pytest

from phasegate.adapters.registry import adapters
from phasegate.shapes import catalogue
from tests.support.problems import problem
from tests.support.world import World


def test_every_format_in_order(world: World) -> None:
    body = world.get("/v1/formats?limit=200").json()
    assert [item["format"] for item in body["items"]] == sorted(adapters())
    assert body["next_cursor"] is None
    for item in body["items"]:
        assert set(item) == {"format", "title", "shapes", "version"}
        assert item["shapes"]
        assert set(item["shapes"]) <= set(catalogue())


def test_page_by_page(world: World) -> None:
    first = world.get("/v1/formats?limit=1").json()
    assert [item["format"] for item in first["items"]] == sorted(adapters())[:1]
    assert (first["next_cursor"] is None) == (len(adapters()) == 1)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=", "shape=x"])
def test_a_page_that_is_none(world: World, query: str) -> None:
    problem(world.get(f"/v1/formats?{query}"), 422, path=query.split("=")[0])
