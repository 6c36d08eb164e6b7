"""What is answered ahead of the framework is what the framework would answer, and nothing else is."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from phasegate.http.app import create_app
from phasegate.http.kept import KeptAnswers
from phasegate.operations import decisions
from phasegate.settings import Settings
from tests.support.clock import Clock
from tests.support.databases import Databases, Sql
from tests.support.policies import report
from tests.support.problems import problem
from tests.support.world import World, world_in

THE_LONG_WAY = {"Accept": "application/json;q=0.9"}


class Reached(Exception):
    """The application was asked."""


async def reached(*_: Any) -> None:
    raise Reached


@pytest.fixture
def path(world: World) -> str:
    """A release whose decision is kept, as is the token that asked."""
    release = world.release()
    world.cleared(release)
    world.decision(release)
    world.decision(release, gate="testing")
    return f"{release}/decision"


class Alone:
    """Only what is answered ahead of the framework, on the shared application's services and on its event loop: what
    an answer starts there is done after it."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        ahead: Any = KeptAnswers(reached, client.app.state)
        self._transport = httpx.ASGITransport(ahead)
        self._base, self._portal = str(client.base_url), client.blocking_portal

    def get(self, path: str, headers: dict[str, str]) -> httpx.Response:
        return self.request("GET", path, headers)

    def request(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        async def call() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base) as http:
                return await http.request(method, path, headers=headers)

        return self._portal.call(call)


@pytest.fixture
def alone(client: TestClient[Litestar]) -> Alone:
    return Alone(client)


def authorized(world: World, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.admin}"} | {name.replace("_", "-"): value for name, value in more.items()}


class TestSameAnswer:
    @pytest.mark.parametrize("query", ["", "?gate=launch", "?gate=testing"])
    def test_status_headers_and_bytes(self, world: World, path: str, alone: Alone, query: str) -> None:
        ahead = alone.get(path + query, headers=authorized(world))
        framework = world.get(path + query, headers=THE_LONG_WAY)
        assert (ahead.status_code, ahead.content) == (framework.status_code, framework.content) != (200, b"")
        assert sorted(ahead.headers.items()) == sorted(framework.headers.items())

    def test_not_modified(self, world: World, path: str, alone: Alone) -> None:
        tag = world.get(path).headers["etag"]
        ahead = alone.get(path, headers=authorized(world, if_none_match=tag))
        framework = world.get(path, headers=THE_LONG_WAY | {"If-None-Match": tag})
        assert (ahead.status_code, ahead.content) == (framework.status_code, framework.content) == (304, b"")
        assert sorted(ahead.headers.items()) == sorted(framework.headers.items())


class TestLeftToTheApplication:
    @pytest.mark.parametrize("query", ["?gate=", "?gate=nothing", "?gate=launch&gate=launch", "?at=2027-03-05", "?x=1"])
    def test_another_query(self, world: World, path: str, alone: Alone, query: str) -> None:
        with pytest.raises(Reached):
            alone.get(path + query, headers=authorized(world))

    @pytest.mark.parametrize("accept", ["text/html", "text/markdown", "image/png", "*/*;q=0.1, text/html"])
    def test_another_form(self, world: World, path: str, alone: Alone, accept: str) -> None:
        with pytest.raises(Reached):
            alone.get(path, headers=authorized(world, accept=accept))

    @pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "DELETE"])
    def test_another_method(self, world: World, path: str, alone: Alone, method: str) -> None:
        with pytest.raises(Reached):
            alone.request(method, path, authorized(world))

    @pytest.mark.parametrize("changed", ["{}/", "/{}", "{}x"])
    def test_another_path(self, world: World, path: str, alone: Alone, changed: str) -> None:
        with pytest.raises(Reached):
            alone.get("http://testserver.local" + changed.format(path), headers=authorized(world))

    def test_what_nobody_asked_for_before(self, world: World, path: str, alone: Alone) -> None:
        with pytest.raises(Reached):
            alone.get(f"{world.release()}/decision", headers=authorized(world))

    @pytest.mark.parametrize("twice", [b"authorization", b"if-none-match", b"accept", b"host"])
    def test_a_header_given_twice(self, world: World, path: str, client: TestClient[Litestar], twice: bytes) -> None:
        given = authorized(world, if_none_match='"y"', accept="*/*", host="testserver")
        headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        headers += [(name, value) for name, value in headers if name == twice]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
        ahead: Any = KeptAnswers(reached, client.app.state)
        with pytest.raises(Reached):
            client.blocking_portal.call(ahead, scope, None, None)

    @pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic {}", "bearer  {}", "Bearer {}x"])
    def test_another_token(self, world: World, path: str, alone: Alone, authorization: str) -> None:
        with pytest.raises(Reached):
            alone.get(path, headers={"Authorization": authorization.format(world.admin)})


class TestToken:
    """Each token has been seen, so that only what became of it keeps it from an answer."""

    def test_revoked_by_another_replica(self, world: World, path: str, alone: Alone) -> None:
        made = world.token("read")
        assert world.get(path, token=made.secret).status_code == 200
        assert alone.get(path, headers={"Authorization": f"Bearer {made.secret}"}).status_code == 200
        world.sql.rows(
            "INSERT INTO token_revocation VALUES"
            f" ('{world.org}', '{made.id}', '2027-03-05T12:00:00.000000Z', 'somebody') RETURNING token"
        )
        problem(world.get(path, token=made.secret), 401, "unauthenticated")
        problem(world.get("/v1/me", token=made.secret), 401, "unauthenticated")
        with pytest.raises(Reached):
            alone.get(path, headers={"Authorization": f"Bearer {made.secret}"})

    def test_expired_since(self, world: World, path: str) -> None:
        secret = world.token("read").secret
        assert world.get(path, token=secret).status_code == 200
        world.clock.forward(days=90)
        problem(world.get(path, token=secret), 401, "unauthenticated")

    def test_without_the_scope(self, world: World, path: str) -> None:
        secret = world.token("evidence:write").secret
        for _ in range(2):
            problem(world.get(path, token=secret), 403, "missing_scope")

    def test_of_other_subjects(self, world: World, path: str) -> None:
        secret = world.token("read", subjects=("another-*",)).secret
        for _ in range(2):
            problem(world.get(path, token=secret), 403, "outside_token_subjects")

    def test_of_another_org(self, world: World, path: str) -> None:
        other = world.another()
        assert other.get("/v1/me").status_code == 200
        problem(other.get(path), 404, "not_found")


class TestFacts:
    def test_a_fact_from_another_replica(
        self, world: World, path: str, alone: Alone, settings: Settings, clock: Clock
    ) -> None:
        world.clock.forward(seconds=1)
        with TestClient(create_app(settings, clock)) as replica:
            body = {"type": "unit-tests", "data": report(1, failed=1)}
            sent = replica.post(path.replace("decision", "evidence"), json=body, headers=authorized(world))
            assert sent.status_code == 201
        with pytest.raises(Reached):
            alone.get(path, headers=authorized(world))
        assert world.get(path).json()["outcome"] == "no-go"

    def test_a_lapse(self, world: World, path: str, alone: Alone) -> None:
        world.clock.forward(days=7, microseconds=-1)
        assert alone.get(path, headers=authorized(world)).json()["outcome"] == "go"
        world.clock.forward(microseconds=1)
        with pytest.raises(Reached):
            alone.get(path, headers=authorized(world))


def test_a_database_that_fails(databases: Databases, tmp_path: Path) -> None:
    url, clock = databases.migrated(), Clock()
    app = create_app(Settings(database=url, data=tmp_path), clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        own = world_in(client, clock)
        path = f"{own.release()}/decision"
        assert [own.get(path).status_code for _ in range(2)] == [200, 200]
        Sql(url).rows("ALTER TABLE facts_counter RENAME TO elsewhere")
        problem(client.get(path, headers=authorized(own)), 500, "internal")


def test_what_is_asked_for_stays(world: World, path: str, alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others are asked for once; and what nobody asks for any more goes first."""
    others = [f"{world.release()}/decision" for _ in range(3)]
    monkeypatch.setattr(decisions, "_KEPT", 2)
    for other in others:
        assert alone.get(path, headers=authorized(world)).status_code == 200
        assert world.get(other).status_code == 200
    assert alone.get(others[-1], headers=authorized(world)).status_code == 200
    with pytest.raises(Reached):
        alone.get(others[0], headers=authorized(world))
