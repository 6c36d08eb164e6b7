"""HEAD: what GET answers, without the body."""

import pytest

from tests.support.world import World


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/schema/openapi.json", "/schema"])
def test_of_what_nobody_has_to_sign_for(world: World, path: str) -> None:
    got, head = world.get(path, token=None), world.call("HEAD", path, token=None)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def test_of_a_decision_kept_or_not(world: World) -> None:
    path = f"{world.release()}/decision"
    for _ in range(2):
        head = world.call("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == world.get(path).headers["etag"]
    assert world.call("HEAD", path, headers={"If-None-Match": head.headers["etag"]}).status_code == 304


def test_of_a_gate_it_says_no_go(world: World) -> None:
    assert world.call("HEAD", f"{world.release()}/gates/launch").status_code == 409


def test_it_needs_what_get_needs(world: World) -> None:
    assert world.call("HEAD", "/v1/policies", token=None).status_code == 401
    assert world.call("HEAD", "/v1/policies", token=world.token("evidence:write").secret).status_code == 403
    assert world.call("HEAD", "/v1/subjects/nobody").status_code == 404


def test_where_there_is_no_get_there_is_no_head(world: World) -> None:
    head = world.call("HEAD", "/v1/evaluate")
    assert (head.status_code, head.headers["allow"], head.content) == (405, "POST", b"")


def test_it_is_among_the_methods_that_are_allowed(world: World) -> None:
    assert world.call("PATCH", f"{world.release()}/evidence").headers["allow"] == "GET, HEAD, POST"
