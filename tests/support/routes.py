"""Every route of the API, found in the application itself, so that none can be forgotten."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from litestar.routes import HTTPRoute

from phasegate.http.app import create_app
from phasegate.settings import Settings
from tests.support.policies import as_json, countersigned, document, report
from tests.support.world import A, World

SERVED = ("/v1", "/health", "/schema")
PAGES = ("/login", "/logout", "/subjects/", "/tokens")
"""For people; beside them `/` itself."""


class Route(NamedTuple):
    """One operation under `/v1`."""

    method: str
    path: str
    """With its parameters in braces."""
    scope: str
    or_scope: str
    """Another that is enough for some of its bodies; mostly empty."""
    operation: str

    def __str__(self) -> str:
        return self.operation


def http_routes() -> list[HTTPRoute]:
    """Those of an application that was never started."""
    app = create_app(Settings(database="sqlite:////nowhere/never.db", data=Path("/nowhere")))
    return [route for route in app.routes if isinstance(route, HTTPRoute)]


def found() -> list[Route]:
    """The operations under `/v1`, by path and method."""
    routes = []
    for route in http_routes():
        for handler in route.route_handlers:
            methods = sorted(str(method) for method in handler.http_methods if method != "OPTIONS")
            if methods and route.path_format.startswith("/v1"):
                (method,) = methods
                name = str(handler.operation_id or f"{method} {route.path_format}")
                scope, other = (str(handler.opt.get(key, "")) for key in ("scope", "or_scope"))
                routes.append(Route(method, route.path_format, scope, other, name))
    return sorted(routes, key=lambda route: (route.path, route.method))


ROUTES = found()
ANONYMOUS = {"enrol", "exchangeToken"}
"""Operations that need no token."""
OAUTH = {"exchangeToken"}
"""Operations whose errors are OAuth's, and whose body is a form."""
AUDITING = {"listAudit", "listRoles"}
"""Reads that need `audit:read`."""
NAMED = [route for route in ROUTES if "{" in route.path]
"""Those that name something."""


_RELEASE = "/v1/subjects/{subject}/releases/{version}"
QUERIES = {"/v1/policies/{name}/diff": "?from=1.0.0&to=1.0.0", f"{_RELEASE}/waivers/{{id}}": "?reason=mended"}
"""What paths require beside names."""


class Things(NamedTuple):
    """What there is in an org for routes to name."""

    subject: str
    version: str
    name: str
    id: str
    """Of evidence."""
    decision: str
    """Id of a stored one."""
    shape: str = "test-report"
    gate: str = "launch"
    format: str = "junit"
    key: str = "01890000-0000-7000-8000-000000000000"
    rule: str = "01890000-0000-7000-8000-000000000000"
    person: str = "dana"
    tool: str = "ci"
    role: str = ""
    token: str = ""
    beside: Mapping[str, str] = {}
    """Ids of what belongs to a release, by the kind that its path names."""

    def fill(self, path: str) -> str:
        """The path of a route with these names; `version` is a policy's where a policy is named. With the
        query parameters that it can't do without."""
        version = "1.0.0" if "/policies/" in path else self.version
        query = QUERIES.get(path, "")
        of_kind = {
            "/decisions/": self.decision,
            "/keys/": self.key,
            "/trust/": self.rule,
            "/v1/people": self.role,
            "/v1/tokens": self.token,
        }
        found = next((each for part, each in of_kind.items() if part in path and each), self.id)
        found = next((each for kind, each in self.beside.items() if f"/{kind}/{{id}}" in path), found)
        return path.format(**(self._asdict() | {"version": version, "id": found})) + query


def things(world: World, subject: str | None = None) -> Things:
    """A policy, a subject, a release and a JUnit file as evidence; a person with a role, a tool and its token; a public
    key and a rule of trust; a sign-off, a waiver and a request for one."""
    world.publish()
    world.publish(countersigned())
    subject = world.subject(subject, policy="countersigned@^1")
    path = world.release(subject)
    raw = b'<testsuite name="s" tests="1"><testcase classname="t" name="n"/></testsuite>'
    answer = world.post(f"{path}/evidence?type=unit-tests", raw, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 201, answer.text
    kept = world.post(f"{path}/decision")
    assert kept.status_code == 201, kept.text
    dana = world.person("dana")
    role = world.role(dana)
    assert world.put("/v1/tools/ci", {"owner": dana, "title": "CI"}).status_code in (200, 201)
    return Things(
        subject,
        "1.0.0",
        "acceptance",
        answer.json()["id"],
        kept.json()["id"],
        key=world.post("/v1/keys", BODIES["registerKey"]).json()["id"],
        rule=world.post("/v1/trust", BODIES["addTrust"]).json()["id"],
        role=role,
        token=world.post("/v1/tokens", {"name": "ci", "principal": "ci", "scopes": ["read"]}).json()["id"],
        beside=_beside(world, path),
    )


def _beside(world: World, path: str) -> dict[str, str]:
    """A sign-off, a waiver and a request for one, each by whoever may."""
    world.person(SIGNER)
    world.role(SIGNER, "business-owner")
    given = {kind: world.own(who, "read", scope) for kind, (who, scope) in _GIVEN.items()}
    bodies = {
        "signoffs": {"role": "business-owner", "verdict": "reject"},
        "waivers": _WAIVER,
        "waiver-requests": {**_WAIVER, "criterion": "good-enough"},
    }
    made = {kind: world.post(f"{path}/{kind}", body, token=given[kind]) for kind, body in bodies.items()}
    assert [answer.status_code for answer in made.values()] == [201] * 3
    return {kind: str(answer.json()["id"]) for kind, answer in made.items()}


SIGNER = "sam"
"""A person who signs and waives."""
PERSONAL = {"signOff", "withdrawSignOff", "grantWaiver", "decideWaiverRequest"}
"""What a person does himself."""
_GIVEN = {
    "signoffs": (SIGNER, "signoffs:write"),
    "waivers": ("wim", "waivers:write"),
    "waiver-requests": ("ria", "read"),
}
_WAIVER = {"criterion": "tests-pass", "reason": "for once", "expires_at": "2027-03-08T00:00:00Z"}
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEANxw/0ShFXFH46UFtq1ZZZvV3zAkPVkrNjUi26v8B89s=
-----END PUBLIC KEY-----
"""
BODIES: dict[str, Any] = {
    "publishPolicy": document(),
    "validatePolicy": document(),
    "putSubject": {"kind": "model", "team": "risk", "attributes": {"regulated": False}, "policy": "acceptance@^1"},
    "registerRelease": {"version": "1.0.0", "artifacts": [{"name": "file-0", "sha256": A}]},
    "submitEvidence": {"type": "unit-tests", "data": report()},
    "submitSubjectEvidence": {"type": "change-ticket", "data": {"approved": True}},
    "acceptEvidence": {"artifacts": [{"sha256": A}], "type": "unit-tests", "data": report()},
    "revokeEvidence": {"reason": "a mistake"},
    "movePin": {"version": "1.0.0", "reason": "a stricter one"},
    "retireSubject": {"reason": "replaced"},
    "registerKey": {"name": "ci", "public_key": PUBLIC_KEY, "subjects": ["*"], "types": ["*"]},
    "revokeKey": {"reason": "a mistake"},
    "addTrust": {
        "name": "ci",
        "use": "sigstore",
        "issuer": "https://issuer.example",
        "match": {"identity": "https://ci.example/job"},
        "subjects": ["*"],
    },
    "signOff": {"role": "business-owner", "verdict": "reject"},
    "withdrawSignOff": {"reason": "a mistake"},
    "grantWaiver": _WAIVER,
    "requestWaiver": _WAIVER,
    "decideWaiverRequest": {"verdict": "approve"},
    "putPerson": {"display_name": "Dana"},
    "invitePerson": {"scopes": ["read"]},
    "grantRole": {"role": "compliance", "reason": "asked for"},
    "putTool": {"owner": "dana"},
    "issueToken": {"name": "ci", "principal": "ci", "scopes": ["read"]},
    "createOrg": {"org": "another", "title": "Another"},
    "enrol": {"code": "pge_x"},
    "evaluate": {
        "policy": {"name": "acceptance", "version": "1.0.0"},
        "subject": {"name": "model-x", "attributes": {"regulated": False}},
        "release": {"version": "1.0.0", "artifacts": [{"name": "file-0", "sha256": A}]},
        "evidence": [{"type": "unit-tests", "collected_at": "2027-03-05T11:00:00Z", "data": report()}],
    },
}
"""A valid body for each operation that reads one."""
READING = [route for route in ROUTES if route.operation in BODIES]
WITHOUT_BODY = {
    *OAUTH,
    "launchRelease",
    "recordDecision",
    "askGate",
    "removeTrust",
    "endRole",
    "rotateToken",
    "revokeToken",
    "revokeWaiver",
}
"""Writes that need none."""


def sent(route: Route, content: Any = None) -> dict[str, Any]:
    """The valid body of a route, or another, as arguments of a call."""
    if route.method == "GET" or route.operation in WITHOUT_BODY:
        return {}
    body = BODIES[route.operation] if content is None else content
    raw = body if isinstance(body, bytes) else as_json(body)
    return {"content": raw, "headers": {"Content-Type": "application/json"}}
