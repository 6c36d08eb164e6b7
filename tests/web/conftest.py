"""A server with pages, a provider at which people log in, and a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.desk import Desk, desk
from tests.support.loopback import Loopback, serving
from tests.support.provider import OidcProvider, providing
from tests.support.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.databases import Databases

PEOPLE = ("mia", "ben", "lee", "zoe", "dan")
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Site(NamedTuple):
    """A real server whose people log in at `provider`."""

    url: str
    world: World
    provider: OidcProvider
    rule: str
    """Id of the rule by which people log in."""
    desk: Desk


@pytest.fixture(scope="session")
def provider() -> Iterator[OidcProvider]:
    claims: list[dict[str, Any]] = [{"sub": f"{name}-at-idp", "name": name.title()} for name in PEOPLE]
    with providing(*claims) as running:
        yield running


@pytest.fixture(scope="session")
def server(
    databases: "Databases", provider: OidcProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loopback]:
    from phasegate.http.app import create_app
    from phasegate.settings import Settings

    url = databases.migrated()

    def made(address: str) -> Any:
        data = Path(tmp_path_factory.mktemp("data"))
        return create_app(Settings(database=url, data=data, public_url=address, outbound_allow=provider.endpoint))

    with serving(made) as served:
        yield served


@pytest.fixture
def site(server: Loopback, provider: OidcProvider) -> Iterator[Site]:
    """An org with a release that waits for people, who can log in."""
    with server.world() as world:
        found = desk(world)
        for name in ("mia", "ben", "lee", "dan"):
            identities = [{"issuer": provider.url, "subject": f"{name}-at-idp"}]
            world.person(name, identities=identities, disabled=name == "dan")
        body = {
            "name": "Acme",
            "use": "login",
            "issuer": provider.url,
            "client_id": "phasegate",
            "client_secret": "s3cret",
            "scopes": ["signoffs:write"],
        }
        rule = world.post("/v1/trust", body)
        assert rule.status_code == 201, rule.text
        yield Site(server.url, world, provider, rule.json()["id"], found)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium as it is installed; what needs it is skipped where there is none. No longer than for a module: while it
    is open this thread has an event loop that runs, and tests of others start their own."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def tab(browser: "Browser", site: Site) -> "Iterator[Page]":
    """A page of a browser that has no cookies yet and runs no script."""
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
