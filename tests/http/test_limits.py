"""Too often is a 429 that says when to come again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from phasegate.http.app import create_app
from phasegate.http.limits import Failures, Limits, Rate, address_of
from phasegate.settings import Settings
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.support.problems import problem
from tests.support.world import world_in


class Seconds:
    """A monotonic clock that obeys."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class From:
    """A connection from an address."""

    def __init__(self, host: str) -> None:
        self.client = type("Address", (), {"host": host})()


class TestRate:
    def test_so_many_at_once_then_so_many_a_second(self) -> None:
        clock = Seconds()
        rate = Rate(10, clock)
        assert sum(rate.wait("a") == 0.0 for _ in range(50)) == 10
        assert rate.wait("b") == 0.0
        assert rate.wait("a") == pytest.approx(0.1)
        clock.now += 0.5
        assert sum(rate.wait("a") == 0.0 for _ in range(50)) == 5
        clock.now += 1_000.0
        assert sum(rate.wait("a") == 0.0 for _ in range(50)) == 10

    def test_it_forgets(self) -> None:
        rate = Rate(1_000_000, Seconds())
        for n in range(70_000):
            rate.wait(str(n))
        assert len(rate._free_at) < 70_000


class TestFailures:
    def test_so_many_within_any_minute(self) -> None:
        clock = Seconds()
        failures = Failures(3, clock)
        for _ in range(3):
            assert failures.wait("a") == 0.0
            failures.count("a")
            clock.now += 10.0
        assert failures.wait("a") == 30.0
        assert failures.wait("b") == 0.0
        clock.now += 30.0
        assert failures.wait("a") == 0.0
        failures.count("a")
        assert failures.wait("a") == 10.0

    def test_it_forgets(self) -> None:
        failures = Failures(1, Seconds())
        for n in range(70_000):
            failures.count(str(n))
        assert len(failures._seen) < 70_000
        assert failures.wait("69999") > 0.0


class TestAddress:
    def test_of_ipv6_the_network(self) -> None:
        same = {address_of(From(f"2001:db8:1:2::{n:x}")) for n in range(5)}  # type: ignore[arg-type]  # all it reads
        assert same == {"2001:db8:1:2::/64"}
        for host in ("10.0.0.1", "testclient", ":::", "fe80::1%eth0", ""):
            assert isinstance(address_of(From(host)), str)  # type: ignore[arg-type]  # all it reads

    def test_none_over_a_socket_file(self) -> None:
        assert address_of(type("Connection", (), {"client": None})()) == ""


@pytest.fixture
def strict(databases: Databases, tmp_path: Path) -> Iterator[Any]:
    """An application whose limits a test can set, and a world on it."""
    app = create_app(Settings(database=databases.migrated(), data=tmp_path), Clock())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield world_in(client, Clock()), app, Seconds()


def limited(app: Any, seconds: Seconds, per_token: int = 5, per_address: int = 5, failures: int = 20) -> None:
    """Start to count, by this clock."""
    app.state.services = app.state.services._replace(limits=Limits(per_token, per_address, failures, seconds))


def refused(answer: Any) -> int:
    """The seconds that a 429 asks for."""
    problem(answer, 429, "too_many_requests")
    return int(answer.headers["retry-after"])


class TestOverHttp:
    def test_a_token(self, strict: Any) -> None:
        world, app, seconds = strict
        other = world.token("read").secret
        limited(app, seconds)
        assert [world.get("/v1/me").status_code for _ in range(5)] == [200] * 5
        assert refused(world.get("/v1/me")) == 1
        assert world.get("/v1/me", token=other).status_code == 200
        seconds.now += 1.0
        assert world.get("/v1/me").status_code == 200

    def test_a_kept_answer_counts_too(self, strict: Any) -> None:
        world, app, seconds = strict
        path = f"{world.release()}/decision"
        for _ in range(2):
            world.get(path)
        limited(app, seconds)
        assert [world.get(path).status_code for _ in range(5)] == [200] * 5
        assert refused(world.get(path)) == 1
        seconds.now += 1.0
        assert world.get(path).status_code == 200

    def test_wrong_secrets(self, strict: Any) -> None:
        world, app, seconds = strict
        limited(app, seconds, per_token=1_000)
        for n in range(20):
            problem(world.get("/v1/me", token=f"wrong-{n}"), 401)
            seconds.now += 0.5
        assert refused(world.get("/v1/me", token="wrong")) == 50
        # Whoever holds a token is not shut out by a neighbour, and to send none is no guess.
        assert world.get("/v1/me").status_code == 200
        problem(world.get("/v1/me", token=None), 401)
        seconds.now += 50.0
        problem(world.get("/v1/me", token="wrong"), 401)

    def test_wrong_codes_shut_out_right_ones(self, strict: Any) -> None:
        world, app, seconds = strict
        world.person("dana")
        code = world.post("/v1/people/dana/enrolment", {"scopes": ["read"]}).json()["code"]
        limited(app, seconds, per_token=1_000, per_address=1_000)
        for n in range(20):
            problem(world.post("/v1/enrolment", {"code": f"guess-{n}"}, token=None), 401)
        assert refused(world.post("/v1/enrolment", {"code": code}, token=None)) == 60
        seconds.now += 60.0
        assert world.post("/v1/enrolment", {"code": code}, token=None).status_code == 201

    @pytest.mark.parametrize("path", ["/schema", "/schema/openapi.json", "/schema/page.css"])
    def test_an_address_without_a_token_but_health(self, strict: Any, path: str) -> None:
        world, app, seconds = strict
        limited(app, seconds)
        assert [world.get(path, token=None).status_code for _ in range(5)] == [200] * 5
        assert refused(world.get(path, token=None)) == 1
        assert refused(world.post("/v1/enrolment", {"code": "x"}, token=None)) == 1
        for health in ("/health/live", "/health/ready"):
            assert world.get(health, token=None).status_code == 200

    def test_as_configured(self, databases: Databases, tmp_path: Path) -> None:
        settings = Settings(database=databases.migrated(), data=tmp_path, requests_per_second=3)
        with TestClient(create_app(settings, Clock()), raise_server_exceptions=False) as client:
            world = world_in(client, Clock())
            # Few, so that a slow machine asks too often as well.
            answers = [world.get("/v1/me").status_code for _ in range(12)]
        assert answers[:3] == [200] * 3
        assert 429 in answers


class TestSettings:
    def test_read(self) -> None:
        assert Settings.read({}).requests_per_second == 5_000
        assert Settings.read({"PHASEGATE_REQUESTS_PER_SECOND": "7"}).requests_per_second == 7
        for wrong in ("0", "-1", "1.5", "many", "٣", "1" * 8):
            with pytest.raises(ValueError, match="PHASEGATE_REQUESTS_PER_SECOND"):
                Settings.read({"PHASEGATE_REQUESTS_PER_SECOND": wrong})
