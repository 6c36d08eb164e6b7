"""What holds for every operation, whatever it does; the operations are read from the application."""

import gzip
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from phasegate.operations.tokens import SCOPES
from tests.support.clock import START, Clock
from tests.support.policies import Document
from tests.support.problems import nameless, problem
from tests.support.routes import (
    ANONYMOUS,
    AUDITING,
    BODIES,
    NAMED,
    OAUTH,
    PAGES,
    PERSONAL,
    READING,
    ROUTES,
    SERVED,
    SIGNER,
    WITHOUT_BODY,
    Route,
    Things,
    http_routes,
    sent,
    things,
)
from tests.support.world import World, world_in

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

MAKING = {"putSubject", "putPerson", "putTool"}
"""What makes its name."""
NO_ORGS = {*MAKING, "getShape", "getFormat"}
"""And what names nothing of an org."""
NOT_FOR_ALL = {"createOrg", *ANONYMOUS}
"""What takes more than a scope: the instance administrator's right, a code."""
every = pytest.mark.parametrize("route", ROUTES, ids=str)
guarded = pytest.mark.parametrize("route", [each for each in ROUTES if each.operation not in ANONYMOUS], ids=str)
allowed = pytest.mark.parametrize("route", [each for each in ROUTES if each.operation not in NOT_FOR_ALL], ids=str)
named = pytest.mark.parametrize("route", NAMED, ids=str)
foreign = pytest.mark.parametrize("route", [each for each in NAMED if each.operation not in NO_ORGS], ids=str)
OF_SUBJECTS = ("/v1/evidence/{id}", "/v1/decisions/{id}")
touching = pytest.mark.parametrize(
    "route", [each for each in NAMED if "{subject}" in each.path or each.path.startswith(OF_SUBJECTS)], ids=str
)
accepted = pytest.mark.parametrize("route", [each for each in READING if each.operation not in NOT_FOR_ALL], ids=str)
reading = pytest.mark.parametrize("route", READING, ids=str)
typed = pytest.mark.parametrize("route", [each for each in READING if "Policy" not in each.operation], ids=str)
_INCLUDED = {"releases:write": {"subjects:write"}}
_NO_ID = "01890000-0000-7000-8000-000000000000"
NOWHERE = Things(
    "nowhere-1", "9.9.9", "nowhere-policy", _NO_ID, _NO_ID, "nowhere-shape", "nowhere-gate", "nowhere", _NO_ID, _NO_ID,
    "nobody", "nothing", _NO_ID, _NO_ID,
)  # fmt: skip


class Standing(NamedTuple):
    """An org with one of everything, for calls that are refused or change nothing."""

    world: World
    things: Things
    expired: str
    revoked: str


@pytest.fixture(scope="module")
def standing(client: "TestClient[Litestar]", clock: Clock) -> Standing:
    """Made once for each database."""
    clock.now = START
    made = world_in(client, clock)
    return Standing(made, things(made), made.expired(), made.revoked())


def asked(world: World, route: Route, things: Things, token: str | None = "", **more: Any) -> httpx.Response:
    return world.call(route.method, things.fill(route.path), token=token, **(sent(route) | more))


def able(world: World, route: Route, *scopes: str, subjects: tuple[str, ...] = ("*",)) -> str:
    """A token with these scopes of one who may do what the route does: a person, where only a person may."""
    if route.operation in PERSONAL:
        return world.own(SIGNER, *scopes, subjects=subjects)
    return world.token(*scopes, subjects=subjects).secret


class TestTheTable:
    def test_every_operation_needs_a_scope_that_exists(self) -> None:
        assert {route.operation for route in ROUTES if route.scope not in SCOPES} == ANONYMOUS

    def test_every_read_needs_read(self) -> None:
        reads = {route.operation for route in ROUTES if route.method == "GET" and route.scope != "read"}
        assert reads == AUDITING
        assert {route.scope for route in ROUTES if route.operation in AUDITING} == {"audit:read"}

    def test_every_write_has_a_valid_body_here(self) -> None:
        writes = {route.operation for route in ROUTES if route.method != "GET"}
        assert writes == set(BODIES) | WITHOUT_BODY

    def test_nothing_else_is_served(self) -> None:
        others = [route.path for route in http_routes() if not route.path.startswith((*SERVED, *PAGES))]
        assert others == ["/"]


class TestTokens:
    @guarded
    def test_none_expired_or_revoked(self, standing: Standing, route: Route) -> None:
        for token in (None, standing.expired, standing.revoked):
            problem(asked(standing.world, route, NOWHERE, token), 401, "unauthenticated")

    @guarded
    def test_lacking_the_scope(self, standing: Standing, route: Route) -> None:
        world = standing.world
        enough = {route.scope, route.or_scope} | _INCLUDED.get(route.scope, set())
        token = world.token(*(scope for scope in SCOPES if scope not in enough)).secret
        problem(asked(world, route, standing.things, token), 403, "missing_scope")
        # Neither the names nor the body are looked at before.
        problem(asked(world, route, NOWHERE, token, content=b"["), 403, "missing_scope")

    @allowed
    def test_the_scope_alone_is_enough(self, world: World, route: Route) -> None:
        made = things(world)
        answer = asked(world, route, made, able(world, route, route.scope))
        assert answer.status_code in (200, 201, 204, 409), answer.text

    @foreign
    def test_of_another_org_nothing_can_be_learnt(self, standing: Standing, world: World, route: Route) -> None:
        theirs, other = standing.things, world
        there = problem(asked(other, route, theirs), 404)
        nowhere = problem(asked(other, route, NOWHERE), 404)
        assert nameless(there) == nameless(nowhere)

    @touching
    def test_another_subject_than_the_token_may_touch(self, world: World, route: Route) -> None:
        inside, outside = things(world, world.fresh("fraud-x")), things(world, world.fresh("churn"))
        token = able(world, route, *SCOPES, subjects=("fraud-*", "nothing"))
        assert asked(world, route, inside, token).status_code in (200, 201, 409)
        problem(asked(world, route, outside, token), 403, "outside_token_subjects")

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a b", "Token x", "Bearer \u00ff\u00fe", "Bearer pgt_x"],
    )
    def test_a_header_that_is_none(self, world: World, header: str) -> None:
        answer = world.call("GET", "/v1/me", token=None, headers={"Authorization": header.encode("latin-1")})
        problem(answer, 401, "unauthenticated")

    def test_a_prefix_or_suffix_of_a_token_is_none(self, world: World) -> None:
        for wrong in (world.admin[:-1], f"{world.admin}0", world.admin.upper()):
            problem(world.get("/v1/me", token=wrong), 401)

    def test_neither_a_query_nor_a_cookie_carries_one(self, world: World) -> None:
        problem(world.get(f"/v1/me?access_token={world.admin}", token=None), 401)
        problem(world.call("GET", "/v1/me", token=None, headers={"Cookie": f"token={world.admin}"}), 401)

    def test_the_scheme_is_read_in_any_case(self, world: World) -> None:
        answer = world.call("GET", "/v1/me", token=None, headers={"Authorization": f"bearer {world.admin}"})
        assert answer.status_code == 200

    def test_expiry_is_half_open(self, world: World) -> None:
        token = world.token("read").secret
        world.clock.forward(days=90, microseconds=-1)
        assert world.get("/v1/me", token=token).status_code == 200
        world.clock.forward(microseconds=1)
        problem(world.get("/v1/me", token=token), 401)

    def test_a_secret_is_never_told_again(self, world: World) -> None:
        for answer in (world.get("/v1/me"), world.get("/v1/me", token=f"{world.admin}0")):
            assert world.admin[8:20] not in answer.text


class TestTheFrameworksErrors:
    @pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/nothing", "/v1/subjects/a/b/c", "/v1/subjects/a%2Fb"])
    @pytest.mark.parametrize("signed", [True, False])
    def test_no_such_path(self, world: World, path: str, signed: bool) -> None:
        problem(world.get(path, token="" if signed else None), 404, "not_found")

    @every
    def test_no_such_method(self, standing: Standing, route: Route) -> None:
        problem(standing.world.call("PATCH", NOWHERE.fill(route.path)), 405, "method_not_allowed")

    @every
    def test_options_is_no_method_either_and_names_those_there_are(self, standing: Standing, route: Route) -> None:
        answer = standing.world.call("OPTIONS", NOWHERE.fill(route.path), token=None)
        problem(answer, 405, "method_not_allowed")
        assert route.method in answer.headers["allow"].split(", ")

    @named
    def test_a_name_that_can_be_none(self, standing: Standing, route: Route) -> None:
        world = standing.world
        for name in ("a%00b", "%00", "-x", "a" * 129, "a%20b", "%C3%A9", "%ff", "a\\b", "<x>"):
            made = Things._make([*[name] * (len(Things._fields) - 1), {}])
            path = made.fill(route.path).replace("versions/1.0.0", f"versions/{name}")
            answer = world.call(route.method, path, **sent(route))
            problem(answer, 422 if route.operation in MAKING else 404)

    @every
    def test_an_unknown_query_parameter(self, standing: Standing, route: Route) -> None:
        world = standing.world
        answer = world.call(route.method, standing.things.fill(route.path), params={"gaet": "launch"}, **sent(route))
        if route.operation in OAUTH:
            assert (answer.status_code, answer.json()["error"]) == (422, "invalid_request")
        else:
            problem(answer, 422, path="gaet")

    def test_a_parameter_given_twice(self, world: World) -> None:
        problem(world.get("/v1/subjects?limit=5&limit=6"), 422, path="limit")


MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "not JSON": b"kind: model",
    "two values": b"{} {}",
    "cut off": b'{"a": "b',
    "single quotes": b"{'a': 1}",
    "trailing comma": b'{"a": 1,}',
    "comment": b'{"a": 1 /* x */}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 5_000 + b"]" * 5_000,
    "invalid UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "control character": b'{"a": "\x01"}',
    "duplicate keys": b'{"a": 1, "a": 1}',
    "duplicate keys, one escaped": b'{"a": 1, "\\u0061": 2}',
    "duplicate keys, deeper": b'{"b": [{"a": 1, "a": 2}]}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "1e999": b'{"a": 1e999}',
    "2**63": b'{"a": 9223372036854775808}',
    "-2**63-1": b'{"a": -9223372036854775809}',
    "5000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate as a key": b'{"\\udc00": 1}',
    "NUL": b'{"a": "\\u0000"}',
    "NUL as a key": b'{"\\u0000": 1}',
}


class TestBodies:
    @reading
    def test_malformed(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        faulty = {name: asked(world, route, made, content=raw) for name, raw in MALFORMED.items()}
        assert {name: answer.status_code for name, answer in faulty.items() if answer.status_code != 400} == {}
        for answer in faulty.values():
            problem(answer, 400, "malformed")

    @reading
    def test_of_another_form(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        for raw in (b"null", b"[]", b'"x"', b"3", b"true", b"{}"):
            assert problem(asked(world, route, made, content=raw), 422)["errors"]

    @reading
    def test_an_unknown_field_is_named(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        content = json.dumps(BODIES[route.operation] | {"surprise": 1})
        body = problem(asked(world, route, made, content=content), 422)
        assert any("surprise" in fault["path"] + fault["message"] for fault in body["errors"])

    @reading
    def test_an_unknown_field_that_is_nearly_known_is_corrected(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        known = next(iter(BODIES[route.operation]))
        content = dict(BODIES[route.operation])
        content[f"{known}s"] = content.pop(known)
        body = problem(asked(world, route, made, content=json.dumps(content)), 422)
        assert any(known in fault.get("suggestion", "") for fault in body["errors"])

    @typed
    def test_each_field_of_a_wrong_type(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        valid: Document = BODIES[route.operation]
        for key, value in valid.items():
            for wrong in (None, True, 3, 1.5, "3", [], {}, [None], {"x": None}, "x" * 100_000):
                answer = asked(world, route, made, content=json.dumps(valid | {key: wrong}))
                if type(wrong) is not type(value):
                    body = problem(answer, 422)
                    assert any(fault["path"].startswith(key) for fault in body["errors"]), (key, wrong, body)
                elif answer.status_code >= 400:
                    problem(answer, answer.status_code)

    @typed
    def test_each_field_missing(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        valid: Document = BODIES[route.operation]
        for key in valid:
            content = json.dumps({name: value for name, value in valid.items() if name != key})
            answer = asked(world, route, made, content=content)
            if answer.status_code >= 400:
                body = problem(answer, 422)
                assert any(key in fault["path"] + fault["message"] for fault in body["errors"]), (key, body)

    @reading
    def test_another_content_type(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        for media in ("text/plain", "application/x-www-form-urlencoded", "application/json-seq", "*/*", "x", ""):
            answer = asked(world, route, made, headers={"Content-Type": media})
            if route.operation.startswith("submit"):
                problem(answer, 422, path="type")  # a tool's file, which says nothing of its type
            else:
                problem(answer, 415, "unsupported_media_type")

    @accepted
    def test_parameters_of_the_content_type_are_fine(self, world: World, route: Route) -> None:
        headers = {"Content-Type": "Application/JSON; charset=utf-8"}
        made = things(world)
        answer = asked(world, route, made, able(world, route, *SCOPES), headers=headers)
        assert answer.status_code in (200, 201), answer.text

    @reading
    def test_compressed(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        for encoding in ("br", "deflate, gzip"):
            headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
            problem(asked(world, route, made, headers=headers), 415, "unsupported_media_type")
        for encoding in ("gzip", "zstd"):
            headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
            problem(asked(world, route, made, headers=headers), 400, "malformed")

    @accepted
    def test_well_compressed(self, world: World, route: Route) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        content = gzip.compress(json.dumps(BODIES[route.operation]).encode())
        made = things(world)
        token = able(world, route, *SCOPES)
        answer = asked(world, route, made, token, content=content, headers=headers)
        assert answer.status_code in (200, 201), answer.text

    @reading
    def test_too_large(self, standing: Standing, route: Route) -> None:
        world, made = standing.world, standing.things
        content = b'{"type": "' + b"x" * (11 * 1024 * 1024) + b'"}'
        problem(asked(world, route, made, content=content), 413, "too_large")

    @pytest.mark.parametrize("raw", [b"[]", b"null", b'{"despite": true}', b'{"kind": "rollback"}', b'{"a":', b"x"])
    def test_that_a_launch_does_not_take(self, world: World, raw: bytes) -> None:
        path = world.release()
        world.cleared(path)
        answer = world.post(f"{path}/launch", raw)
        problem(answer, answer.status_code)
        assert answer.status_code in (400, 422)
        assert world.count("launch") == 0
