"""The bodies of `POST /v1/evidence`, for the OpenAPI document: a schema and a real example of each."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Parameter, RequestBody, Schema

from phasegate.envelopes.own import PREDICATE, Envelope
from phasegate.http.openapi import inline, plain_schema

SHA256 = "fe91e3a56e4131074cc7a3daeb9d6fe614b45072344bfe117357db771b135795"
_ARTIFACTS = [{"name": "churn-scorer-2.1.0.onnx", "sha256": SHA256}]
_DATA = {"total": 2, "passed": 2, "failed": 0, "errors": 0, "skipped": 0, "cases": [], "properties": {}}
ENVELOPE: dict[str, Any] = {
    "artifacts": _ARTIFACTS,
    "type": "edge-case-tests",
    "data": _DATA,
    "producer": {"tool": "pytest", "version": "9.2"},
}
STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "churn-scorer-2.1.0.onnx", "digest": {"sha256": SHA256}}],
    "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
    "predicate": {
        "result": "PASSED",
        "configuration": [{"name": "pytest.ini"}],
        "passedTests": ["rollback_drill_staging", "fallback_rule_engine"],
    },
}
OWN_STATEMENT: dict[str, Any] = {
    **STATEMENT,
    "predicateType": PREDICATE,
    "predicate": {"type": "edge-case-tests", "data": _DATA},
}
_SIGNATURE = "CrAxf5TkqOZcoSifZiWeL5AEQ86Tb2Ic1yFVH1v19kOxGRLf/25CH5/e/DfV+PNNXPB4Qo+vGVhLHUra6oV9AQ=="
KEYID = "4a75e98cd55de870e953c730081a884e8fef9d0300e5c6a7eeed81d78a7aa760"
SIGNED: dict[str, Any] = {
    "payload": base64.b64encode(json.dumps(OWN_STATEMENT, separators=(",", ":")).encode()).decode(),
    "payloadType": "application/vnd.in-toto+json",
    "signatures": [{"keyid": KEYID, "sig": _SIGNATURE}],
}
BUNDLE: dict[str, Any] = {
    "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "verificationMaterial": {"publicKey": {"hint": KEYID}},
    "dsseEnvelope": SIGNED,
}
CLOUDEVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "0190b2c0-0000-7000-8000-000000000001",
    "source": "https://ci.example/job/42",
    "type": "phasegate.evidence.received",
    "subject": "churn-scorer/2.1.0",
    "time": "2026-01-02T03:04:05Z",
    "datacontenttype": "application/json",
    "data": {"type": "edge-case-tests", "artifacts": _ARTIFACTS, "data": _DATA},
}
FILE_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "0190b2c0-0000-7000-8000-000000000002",
    "source": "https://ci.example/job/42",
    "type": "phasegate.evidence.received",
    "subject": "churn-scorer/2.1.0",
    "evidencetype": "edge-case-tests",
    "datacontenttype": "application/xml",
    "data_base64": "PHRlc3RzdWl0ZSB0ZXN0cz0iMSI+PHRlc3RjYXNlIG5hbWU9ImEiLz48L3Rlc3RzdWl0ZT4=",
}
CDEVENT: dict[str, Any] = {
    "context": {
        "specversion": "0.5.1",
        "id": "0190b2c0-0000-7000-8000-000000000003",
        "source": "https://ci.example/job/42",
        "type": "dev.cdevents.testsuiterun.finished.0.3.0",
        "timestamp": "2026-01-02T03:04:05Z",
    },
    "subject": {
        "id": "run-42",
        "content": {
            "outcome": "success",
            "environment": {"id": "staging"},
            "testSuite": {"id": "edge-cases", "name": "Edge cases", "version": "1.4"},
        },
    },
    "customDataContentType": "application/json",
    "customData": {
        "phasegate": {
            "subject": "churn-scorer",
            "release": "2.1.0",
            "type": "edge-case-tests",
            "artifacts": _ARTIFACTS,
        }
    },
}
_STATEMENT_SCHEMA = {
    "type": "object",
    "required": ["_type", "subject", "predicateType"],
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["digest"],
                "properties": {
                    "name": {"type": "string"},
                    "digest": {
                        "type": "object",
                        "required": ["sha256"],
                        "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
                    },
                },
            },
        },
        "predicateType": {"type": "string", "minLength": 1},
        "predicate": {"type": "object"},
    },
}
_EVENT_SCHEMA = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "type": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "description": "SUBJECT or SUBJECT/RELEASE"},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"type": "string"},
        "evidencetype": {"type": "string"},
        "evidenceformat": {"type": "string"},
        "data": {},
        "data_base64": {"type": "string"},
    },
}
_CDEVENT_SCHEMA = {
    "type": "object",
    "required": ["context", "subject"],
    "additionalProperties": False,
    "properties": {
        "context": {"type": "object", "required": ["id", "source", "type", "timestamp"]},
        "subject": {"type": "object", "required": ["id", "content"]},
        "customData": {},
        "customDataContentType": {"type": "string"},
    },
}

_DSSE_SCHEMA = {
    "type": "object",
    "required": ["payload", "payloadType", "signatures"],
    "properties": {
        "payload": {"type": "string", "description": "a statement, in base64"},
        "payloadType": {"type": "string"},
        "signatures": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["sig"],
                "properties": {"sig": {"type": "string"}, "keyid": {"type": "string"}},
            },
        },
    },
}
_BUNDLE_SCHEMA = {
    "type": "object",
    "required": ["mediaType", "verificationMaterial", "dsseEnvelope"],
    "properties": {
        "mediaType": {"type": "string"},
        "verificationMaterial": {"type": "object"},
        "dsseEnvelope": _DSSE_SCHEMA,
    },
}


_BESIDE = {"test_result": "with type=edge-case-tests in the query"}
"""What an example needs beside it."""


@dataclass
class AddressedBody(Operation):
    """Evidence that names its artifacts by digest."""

    def __post_init__(self) -> None:
        event, statement = plain_schema(_EVENT_SCHEMA), plain_schema(_STATEMENT_SCHEMA)
        self.parameters = [
            _parameter("subject", "SUBJECT or SUBJECT/RELEASE, where the body doesn't say it"),
            _parameter("artifact", "sha256 of an artifact, once for each", many=True),
            _parameter("type", "the evidence type"),
            _parameter("format", "of a tool's file; left out, it is detected"),
            _parameter("collected_at", "RFC 3339"),
            _parameter("exit_code", "of the tool"),
        ]
        self.request_body = RequestBody(
            required=True,
            description="One piece of evidence, or a batch of events, or one JSON value a line.",
            content={
                "application/json": _media(
                    plain_schema(
                        {"anyOf": [inline(Envelope).to_schema(), _STATEMENT_SCHEMA, _CDEVENT_SCHEMA, _EVENT_SCHEMA]}
                    ),
                    envelope=ENVELOPE,
                    statement=OWN_STATEMENT,
                    cdevent=CDEVENT,
                    event=CLOUDEVENT,
                ),
                "application/vnd.in-toto+json": _media(statement, envelope=OWN_STATEMENT, test_result=STATEMENT),
                "application/vnd.dsse.envelope.v1+json": _media(plain_schema(_DSSE_SCHEMA), envelope=SIGNED),
                "application/vnd.dev.sigstore.bundle.v0.3+json": _media(plain_schema(_BUNDLE_SCHEMA), by_key=BUNDLE),
                "application/cloudevents+json": _media(event, envelope=CLOUDEVENT, file=FILE_EVENT),
                "application/cloudevents-batch+json": _media(
                    plain_schema({"type": "array", "items": _EVENT_SCHEMA}), two=[CLOUDEVENT, FILE_EVENT]
                ),
                "application/x-ndjson": OpenAPIMediaType(schema=plain_schema({"type": "string"})),
                "application/xml": OpenAPIMediaType(
                    schema=plain_schema({"type": "string", "description": "A file, with the event in ce- headers"})
                ),
            },
        )


def _media(schema: Schema, **examples: Any) -> OpenAPIMediaType:
    return OpenAPIMediaType(
        schema=schema,
        examples={name: Example(value=value, summary=_BESIDE.get(name)) for name, value in examples.items()},
    )


def _parameter(name: str, description: str, *, many: bool = False) -> Parameter:
    text = {"type": "string"}
    schema = plain_schema({"type": "array", "items": text} if many else text)
    return Parameter(name=name, param_in="query", description=description, required=False, schema=schema)
