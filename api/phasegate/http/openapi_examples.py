"""What the OpenAPI document says of parameters, by name, and an example of each body that has no better one."""

from typing import Any

PARAMETERS = {
    "action": "What was done, such as `evidence.revoked`",
    "actor": "Who did it: a principal",
    "artifact": "sha256 of an artifact, once for each",
    "at": "As of this instant, RFC 3339 with a zone; now unless given",
    "collected_at": "When the tool collected it, RFC 3339 with a zone",
    "commit": "The commit that it was built from",
    "cursor": "`next_cursor` of the page before",
    "exit_code": "With which the tool ended",
    "format": "How the tool encodes its output, such as `junit`",
    "from": "The start: an instant (the audit), or a version (a difference)",
    "gate": "A phase of the policy, or `launch`",
    "id": "Id of the record, as it was answered",
    "kind": "What the subject is, such as `model`",
    "limit": "Items on a page: 1 to 200, 50 unless given",
    "name": "Name of the policy",
    "outcome": "`go` or `no-go`",
    "person": "Id of the person",
    "raw": "`true`: the body is a tool's own file, though it is application/json",
    "reason": "Why it is revoked",
    "release": "Version of the release",
    "role": "The role that is held",
    "sha256": "Of a file of the release, 64 lower-case hex digits",
    "shape": "Name of the shape",
    "state": "What has become of it, such as `in-force`",
    "subject": "Name of the subject",
    "team": "The team",
    "to": "The end: an instant (the audit), or a version (a difference)",
    "tool": "Id of the tool",
    "type": "The evidence type",
    "version": "Version of the release; of the policy under `/v1/policies`",
    "wait": "Seconds to wait for a go, 60 at most",
    "within": "Only what ends within this ISO 8601 duration, such as `P14D`",
}

_UNTIL = "2026-12-07T08:00:00Z"
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f00a8"
_POLICY = {
    "policy": "release-check",
    "version": "1.0.0",
    "title": "Release check",
    "evidence": {"unit-tests": {"shape": "test-report", "scope": "release", "max_age": "P30D"}},
    "phases": [
        {
            "id": "validation",
            "title": "Validation",
            "criteria": [
                {
                    "id": "tests-pass",
                    "title": "The tests ran, and all of them passed",
                    "evidence": "unit-tests",
                    "checks": [
                        {"that": "evidence.passed >= 1", "otherwise": "no test passed"},
                        {
                            "that": "evidence.failed + evidence.errors == 0",
                            "otherwise": "{evidence.failed} failed and {evidence.errors} broken",
                        },
                    ],
                }
            ],
        }
    ],
}
_WAIVER = {"criterion": "autoscaling", "reason": "the cluster is frozen until Monday", "expires_at": _UNTIL}
_RELEASE = "/v1/subjects/{subject}/releases/{version}"
_JSON: dict[str, Any] = {
    "post /v1/policies": _POLICY,
    "post /v1/policies/validate": _POLICY,
    "put /v1/subjects/{subject}": {
        "kind": "model",
        "team": "retention",
        "title": "Churn scorer",
        "attributes": {"regulated": True, "risk_tier": "medium"},
        "policy": "ml-deployment@^1",
    },
    "post /v1/subjects/{subject}/retirement": {"reason": "replaced by churn-scorer-2"},
    "post /v1/subjects/{subject}/releases": {
        "version": "2.1.0",
        "artifacts": [{"name": "model.onnx", "sha256": _DIGEST}],
        "source": {"repository": "https://git.example/churn", "commit": "4f2c1e9", "ref": "refs/tags/v2.1.0"},
    },
    f"post {_RELEASE}/policy": {"version": "1.1.0", "reason": "the new checks are met, too"},
    "post /v1/evidence/{id}/revocation": {"reason": "measured on the wrong data set"},
    "post /v1/evaluate": {
        "policy": {"name": "ml-deployment", "version": "1.1.0"},
        "subject": {"name": "churn-scorer", "kind": "model", "team": "retention", "attributes": {"regulated": False}},
        "release": {
            "version": "2.1.0",
            "artifacts": [{"name": "model.onnx", "sha256": _DIGEST}],
            "registered_at": "2026-11-23T11:00:00Z",
        },
        "evidence": [
            {
                "type": "edge-case-tests",
                "data": {"total": 2, "passed": 2, "failed": 0, "errors": 0, "skipped": 0},
                "collected_at": "2026-11-23T11:30:00Z",
            }
        ],
        "gate": "model-validation",
        "at": "2026-11-23T12:00:00Z",
    },
    f"post {_RELEASE}/launch": {},
    f"post {_RELEASE}/signoffs": {
        "role": "model-owner",
        "verdict": "approve",
        "criterion": "business-review",
        "acknowledged": ["limitations"],
        "covers": f"sha256:{_DIGEST}",
    },
    f"post {_RELEASE}/signoffs/{{id}}/withdrawal": {"reason": "signed for the wrong release"},
    f"post {_RELEASE}/waivers": _WAIVER,
    f"post {_RELEASE}/waiver-requests": _WAIVER,
    f"post {_RELEASE}/waiver-requests/{{id}}/verdict": {"verdict": "approve", "comment": "until Monday, no longer"},
    "post /v1/keys": {
        "name": "training-pipeline",
        "public_key": "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n",
        "subjects": ["churn-*"],
        "types": ["edge-case-tests"],
    },
    "post /v1/keys/{id}/revocation": {"reason": "lost", "compromised_since": "2026-11-20T00:00:00Z"},
    "post /v1/trust": {
        "name": "churn-scorer-main",
        "use": "exchange",
        "issuer": "https://token.actions.githubusercontent.com",
        "match": {"repository_id": "74", "repository_owner_id": "65", "ref": "refs/heads/main"},
        "principal": "ci",
        "scopes": ["read", "releases:write", "evidence:write"],
        "subjects": ["churn-*"],
        "max_ttl": "PT1H",
    },
    "put /v1/people/{person}": {
        "display_name": "Mia",
        "identities": [{"issuer": "https://login.example.com", "subject": "00u1a2b3"}],
    },
    "post /v1/people/{person}/enrolment": {"scopes": ["read", "signoffs:write"], "expires_in": "PT24H"},
    "post /v1/people/{person}/roles": {"role": "model-owner", "team": "retention", "reason": "owns the model"},
    "put /v1/tools/{tool}": {"owner": "dana", "title": "The training pipeline"},
    "post /v1/tokens": {
        "name": "ci",
        "principal": "ci",
        "scopes": ["read", "releases:write", "evidence:write"],
        "subjects": ["churn-*"],
    },
    "post /v1/tokens/{id}/rotation": {"overlap": "PT24H"},
    "post /v1/orgs": {"org": "acme", "title": "Acme"},
    "post /v1/enrolment": {"code": "pge_…"},
}
_FORM = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token": "eyJhbGciOi…",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}


def example(method: str, path: str, media_type: str) -> Any:
    """What such a body looks like; None where there is no example."""
    if media_type == "application/x-www-form-urlencoded":
        return _FORM
    return _JSON.get(f"{method} {path}") if media_type == "application/json" else None
