"""Health, the OpenAPI document, its page, and what the application never shows."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar import get
from litestar.testing import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from phasegate.http.app import create_app
from phasegate.http.openapi_page import page_of
from phasegate.settings import Settings
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.support.problems import problem
from tests.support.routes import ANONYMOUS, OAUTH, READING, ROUTES
from tests.support.world import World

OPENAPI = "/schema/openapi.json"
PROBLEMS = {"400", "401", "403", "404", "405", "413", "415", "422", "500"}


@pytest.fixture(scope="module")
def document(client: "TestClient[Any]") -> Any:
    """The OpenAPI document."""
    return client.get(OPENAPI).json()


def operation(document: Any, path: str, method: str) -> Any:
    return document["paths"][path][method.lower()]


class TestHealth:
    @pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
    def test_it_is_well_and_asks_for_no_token(self, world: World, path: str) -> None:
        answer = world.get(path, token=None)
        assert (answer.status_code, answer.json()["status"]) == (200, "pass")

    def test_without_its_tables_it_is_alive_and_not_ready(self, databases: Databases, tmp_path: Path) -> None:
        app = create_app(Settings(database=databases.empty(), data=tmp_path), Clock())
        with TestClient(app, raise_server_exceptions=False) as client:
            assert client.get("/health/live").status_code == 200
            answer = client.get("/health/ready")
            assert (answer.status_code, answer.json()["status"]) == (503, "fail")
            assert client.get("/v1/me", headers={"Authorization": "Bearer x"}).status_code == 500


class TestErrorsOfTheServer:
    def test_a_bug_is_a_problem_too_and_tells_nothing(self, databases: Databases, tmp_path: Path) -> None:
        secret = "postgresql://user:hunter2@host"

        @get("/boom", include_in_schema=False, sync_to_thread=False)
        def boom() -> None:
            raise RuntimeError(secret)

        app = create_app(Settings(database=databases.migrated(), data=tmp_path), Clock())
        app.register(boom)
        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.get("/boom")
            problem(answer, 500, "internal")
            assert "hunter2" not in answer.text
            assert "Traceback" not in answer.text


class TestDocument:
    def test_it_is_valid(self, document: Any) -> None:
        assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
        assert document["openapi"].startswith("3.1")

    def test_it_is_the_same_on_each_start(
        self, client: "TestClient[Any]", databases: Databases, tmp_path: Path
    ) -> None:
        with TestClient(create_app(Settings(database=databases.migrated(), data=tmp_path))) as other:
            assert other.get(OPENAPI).content == client.get(OPENAPI).content

    def test_every_route_is_in_it_and_nothing_else(self, document: Any) -> None:
        described = {
            (method.upper(), path)
            for path, methods in document["paths"].items()
            for method in methods
            if path.startswith("/v1")
        }
        assert described == {(route.method, route.path) for route in ROUTES}

    def test_every_operation_has_a_name_of_its_own(self, document: Any) -> None:
        names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize("route", ROUTES, ids=str)
    def test_every_error_is_described(self, document: Any, route: Any) -> None:
        answers = operation(document, route.path, route.method)["responses"]
        assert set(answers) >= PROBLEMS
        for status in PROBLEMS:
            content = answers[status]["content"]
            oauth = route.operation in OAUTH and status not in ("401", "403", "404", "405", "409")
            assert ("application/json" if oauth else "application/problem+json") in content
        needed = operation(document, route.path, route.method).get("security")
        assert needed == (None if route.operation in ANONYMOUS else [{"bearer": []}])

    @pytest.mark.parametrize("route", READING, ids=str)
    def test_every_body_is_described(self, document: Any, route: Any) -> None:
        body = operation(document, route.path, route.method)["requestBody"]
        assert body["required"] is True
        assert body["content"]["application/json"]["schema"]

    @pytest.mark.parametrize("operation_id", ["putSubject", "registerRelease", "revokeEvidence", "evaluate"])
    def test_a_body_is_closed(self, document: Any, operation_id: str) -> None:
        (found,) = (
            each
            for methods in document["paths"].values()
            for each in methods.values()
            if each["operationId"] == operation_id
        )
        assert found["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] is False

    def test_the_query_of_each_route_is_described(self, document: Any) -> None:
        described = {
            each["operationId"]: {p["name"] for p in each.get("parameters", []) if p["in"] == "query"}
            for methods in document["paths"].values()
            for each in methods.values()
        }
        assert described["getDecision"] == {"gate", "at", "wait"}
        assert described["listSubjects"] == {"team", "kind", "cursor", "limit"}
        assert described["submitEvidence"] >= {"type", "format", "collected_at", "exit_code", "raw"}

    def test_it_shows_no_body_of_the_framework(self, document: Any) -> None:
        assert '"extra"' not in json.dumps(document)


class Seen(HTMLParser):
    """Elements, and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.references: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src", "action", "srcset", "data", "poster"):
                self.references.add(value or "")


class TestWhatItExplains:
    def test_every_parameter(self, document: Any) -> None:
        silent = [
            (path, method, parameter["name"])
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            for parameter in operation.get("parameters", ())
            if not parameter.get("description")
        ]
        assert silent == []

    def test_every_body_by_an_example_that_fits(self, document: Any) -> None:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                    if media_type in ("application/json", "application/x-www-form-urlencoded"):
                        several = [each["value"] for each in content.get("examples", {}).values()]
                        shown = several or [content.get("example")]
                        assert shown != [None], (method, path)
                        for each in shown:
                            Draft202012Validator(content["schema"]).validate(each)

    def test_a_property_called_title(self, document: Any) -> None:
        for method, path in (("put", "/v1/subjects/{subject}"), ("put", "/v1/tools/{tool}"), ("post", "/v1/orgs")):
            schema = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
            assert schema["properties"]["title"]["maxLength"]
            assert "title" not in schema

    def test_no_answer_in_the_words_of_the_standard_library(self, document: Any) -> None:
        text = json.dumps(document)
        assert "Request fulfilled" not in text
        assert "URL follows" not in text


class TestPage:
    def test_it_needs_no_script_and_nothing_from_outside(self, world: World) -> None:
        answer = world.get("/schema", token=None)
        assert answer.headers["content-type"].startswith("text/html")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        seen = Seen()
        seen.feed(answer.text)
        assert not seen.tags & {"script", "iframe", "object", "embed", "img", "base", "form"}
        assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}
        assert seen.references
        for reference in seen.references:
            assert re.match(r"[/#](?!/)", reference), reference
            assert world.get(reference, token=None).status_code == 200

    def test_it_names_every_operation(self, world: World, document: Any) -> None:
        shown = world.get("/schema", token=None).text
        for route in ROUTES:
            assert route.path in shown

    def test_it_escapes(self) -> None:
        nasty = "<script>alert('x')</script>\"&"
        described = {
            "info": {"title": nasty, "description": nasty},
            "paths": {
                nasty: {
                    "get": {
                        "operationId": nasty,
                        "summary": nasty,
                        "description": nasty,
                        "parameters": [{"name": nasty, "in": "query"}],
                        "requestBody": {"content": {nasty: {"schema": {"title": nasty}}}},
                        "responses": {"200": {"description": nasty}},
                    }
                }
            },
        }
        seen = Seen()
        seen.feed(page_of(described))
        assert "script" not in seen.tags
        assert not {name for name in seen.attributes if name.startswith(("on", "alert", "<"))}

    def test_nothing_from_outside_anywhere(self, world: World) -> None:
        for path in ("", "/swagger", "/redoc", "/rapidoc", "/elements", "/openapi.json", "/openapi.yaml"):
            problem(world.get(f"/openapi-of-the-framework{path}", token=None), 404)
