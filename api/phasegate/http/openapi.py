"""The OpenAPI document: request bodies that handlers read themselves, and words for what the framework has none for."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody, Schema

from phasegate.http.openapi_examples import PARAMETERS, example
from phasegate.http.problems import MEDIA_TYPE, ProblemDetails
from phasegate.rendering.documents import MEDIA_TYPES
from phasegate.wording import portable

_PROBLEMS = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500)


def _json_body(kind: Any, required: bool) -> RequestBody:
    return RequestBody(required=required, content={"application/json": OpenAPIMediaType(schema=inline(kind))})


def inline(kind: Any) -> Any:
    """The JSON Schema of a struct, with every struct inside it written out."""
    (schema,), parts = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    return _Raw(_resolved(schema, parts))


def plain_schema(content: dict[str, Any]) -> Schema:
    """A JSON Schema that is written out already."""
    return _Raw(content)


class _Raw(Schema):
    """A schema as plain JSON; Litestar's own structs know no `additionalProperties: false` of ours."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__()
        self._content = content

    def to_schema(self) -> dict[str, Any]:
        return self._content


def _resolved(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _resolved(parts[schema["$ref"].removeprefix("#/$defs/")], parts)
        # A title that is text is the name of a struct; one that is a schema, a property of that name.
        named = {key: value for key, value in schema.items() if key != "title" or isinstance(value, dict)}
        resolved = {key: _resolved(value, parts) for key, value in named.items()}
        if isinstance(resolved.get("pattern"), str):
            resolved["pattern"] = portable(resolved["pattern"])
        return resolved
    return [_resolved(item, parts) for item in schema] if isinstance(schema, list) else schema


@dataclass
class PolicyBody(Operation):
    """A policy file."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="A policy file.",
            content={
                "application/yaml": OpenAPIMediaType(schema=_Raw({"type": "string"})),
                "application/json": OpenAPIMediaType(schema=_Raw({"type": "object"})),
            },
        )


_ENVELOPE = {
    "type": "load-test",
    "data": {
        "requests": 11500,
        "failures": 0,
        "error_rate": 0.0,
        "duration_s": 60.0,
        "metrics": {"latency_p95_ms": 48.2, "throughput_rps": 191.7, "error_rate": 0.0},
        "thresholds_failed": 0,
        "checks_failed": 0,
    },
    "context": {"environment": "staging"},
    "collected_at": "2026-11-23T12:00:00Z",
    "producer": {"tool": "our-load-runner", "version": "3.2"},
}
_JUNIT = (
    '<testsuite name="edge-cases" tests="2" failures="0" errors="0" timestamp="2026-11-23T12:00:00Z">'
    '<testcase classname="scorer" name="test_missing_column_fails_loudly" time="0.002"/>'
    '<testcase classname="scorer" name="test_extra_column_ignored" time="0.001"/></testsuite>'
)
_TAP = "TAP version 13\n1..2\nok 1 - a missing column fails loudly\nok 2 - an extra column is ignored\n"
_QUERY = {"type": "edge-case-tests", "format": "junit", "collected_at": "2026-11-23T12:00:00Z", "exit_code": "0"}
"""Of a tool's file, which has no place for them."""


@dataclass
class EvidenceBody(Operation):
    """The JSON envelope, a tool's file as it is, or several of them in a form."""

    def __post_init__(self) -> None:
        envelope = {
            "type": "object",
            "required": ["type", "data"],
            "additionalProperties": False,
            "properties": {
                "type": {"type": "string"},
                "data": {"type": "object"},
                "context": {"type": "object", "additionalProperties": {"type": "string"}},
                "collected_at": {"type": ["string", "null"], "format": "date-time"},
                "producer": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"tool": {"type": "string"}, "version": {"type": "string"}},
                },
            },
        }
        file = {"type": "string", "format": "binary"}
        form = {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
                **{key: {"type": "string"} for key in ("type", "format", "collected_at", "exit_code")},
            },
            "additionalProperties": {"type": "string"},
        }
        self.request_body = RequestBody(
            required=True,
            description="The JSON envelope as application/json; a tool's file under any other type; several files of"
            " one format as multipart/form-data. Any of them may be compressed: Content-Encoding gzip or zstd.",
            content={
                "application/json": OpenAPIMediaType(schema=_Raw(envelope), example=_ENVELOPE),
                "application/xml": OpenAPIMediaType(schema=_Raw(file), example=_JUNIT),
                "application/octet-stream": OpenAPIMediaType(schema=_Raw(file), example=_TAP),
                "multipart/form-data": OpenAPIMediaType(schema=_Raw(form)),
            },
        )
        for parameter in self.parameters or ():
            if isinstance(parameter, Parameter) and parameter.name in _QUERY:
                parameter.example = _QUERY[parameter.name]


@dataclass
class RenderedToo(Operation):
    """An operation that by `Accept` answers with a document for people as well."""

    def __post_init__(self) -> None:
        content = (self.responses or {})["200"].content  # type: ignore[union-attr]  # handlers have no $ref here
        for media_type in MEDIA_TYPES:
            content[media_type] = OpenAPIMediaType(schema=_Raw({"type": "string"}))  # type: ignore[index]


def answering(example: Callable[[], Any]) -> type[Operation]:
    """An operation whose document shows what it really answers."""

    @dataclass
    class Shown(Operation):
        def __post_init__(self) -> None:
            content = (self.responses or {})["200"].content  # type: ignore[union-attr]  # handlers have no $ref here
            content["application/json"].example = example()  # type: ignore[index]

    return Shown


def json_operation(kind: Any, *, required: bool = True) -> type[Operation]:
    """An operation whose body is the JSON of a struct."""

    @dataclass
    class JsonBody(Operation):
        def __post_init__(self) -> None:
            self.request_body = _json_body(kind, required)

    return JsonBody


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the problems that every operation can give, and closed error bodies."""
    problem = inline(ProblemDetails).to_schema()
    document["components"].setdefault("schemas", {})["ProblemDetails"] = problem
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _explain(method, path, operation)
            for status in _PROBLEMS if path.startswith("/v1") else (405, 500):
                known = operation["responses"].get(str(status))
                # The framework describes a 400 of its own, in the words of the standard library.
                if known is None or known["description"] == HTTPStatus.BAD_REQUEST.phrase:
                    operation["responses"][str(status)] = {
                        "description": HTTPStatus(status).phrase,
                        "content": content,
                    }
            operation["responses"] = dict(sorted(operation["responses"].items()))
    ordered: dict[str, Any] = _ordered(document)
    return ordered


def _explain(method: str, path: str, operation: dict[str, Any]) -> None:
    """What the framework has no words for."""
    for parameter in operation.get("parameters", ()):
        if not parameter.get("description") and parameter["name"] in PARAMETERS:
            parameter["description"] = PARAMETERS[parameter["name"]]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        found = None if "example" in content else example(method, path, media_type)
        if found is not None:
            content["example"] = found
    for status, answer in operation["responses"].items():
        if answer["description"] == HTTPStatus(int(status)).description:
            answer["description"] = HTTPStatus(int(status)).phrase


def _ordered(schema: Any) -> Any:
    """The same with alternatives in one order; the framework collects them in sets."""
    if isinstance(schema, dict):
        found = {key: _ordered(value) for key, value in schema.items()}
        if "oneOf" in found:
            found["oneOf"] = sorted(found["oneOf"], key=json.dumps)
        return found
    return [_ordered(item) for item in schema] if isinstance(schema, list) else schema
