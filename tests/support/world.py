"""One org of its own on a server that tests share: its tokens, and the calls that build a release."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import httpx
from sqlalchemy import Connection

from phasegate.operations.tokens import SCOPES, NewToken, add, create, new_secret, revoke
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from tests.support.clock import Clock
from tests.support.databases import Sql
from tests.support.policies import Document, as_json, document, metrics, report

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

A, B, C = "a" * 64, "b" * 64, "c" * 64
Execute = Callable[[Callable[[Database], Awaitable[Any]]], Any]
Sent = httpx.Response


class Made(NamedTuple):
    """A token and its secret."""

    id: str
    secret: str


class World:
    """An org, called with all scopes unless a call says `token=`."""

    def __init__(self, http: httpx.Client, execute: Execute, clock: Clock, url: str) -> None:
        self.http = http
        self.clock = clock
        self.org = f"org-{uuid4().hex[:12]}"
        self.sql = Sql(url)
        self._execute = execute
        self._numbers = count(1)
        self._published = False
        self.admin = self.token(*SCOPES).secret

    def another(self) -> "World":
        """Another org on the same server."""
        return World(self.http, self._execute, self.clock, self.sql.url)

    def token(
        self,
        *scopes: str,
        subjects: tuple[str, ...] = ("*",),
        age: timedelta = timedelta(),
        life: timedelta = timedelta(days=90),
        revoked: bool = False,
        kind: str = "tool",
    ) -> Made:
        """A token that was made `age` ago; a person's is his own."""
        number = next(self._numbers)
        actor = Actor(self.org, "operator", "", "cli")
        wanted = NewToken(f"t{number}", f"p{number}", kind, frozenset(scopes), subjects, life)

        async def work(database: Database) -> Made:
            if kind == "person":
                secret, at = new_secret(), self.clock() - age
                made = await database.write(lambda connection: add(connection, actor, wanted, secret, at, "enrolled"))
            else:
                made, secret = await create(database, actor, wanted, self.clock() - age)
            if revoked:
                await revoke(database, actor, made.id, self.clock())
            return Made(made.id, secret)

        made: Made = self._execute(work)
        return made

    def execute(self, work: Callable[[Database], Awaitable[Any]]) -> Any:
        """Run a piece of work on the server's own database."""
        return self._execute(work)

    def write(self, work: Callable[[Connection], Any]) -> Any:
        """Run a piece of work in a transaction of the server's own."""
        return self._execute(lambda database: database.write(work))

    def expired(self) -> str:
        """The secret of a token with all scopes whose time is up."""
        return self.token(*SCOPES, age=timedelta(hours=2), life=timedelta(hours=1)).secret

    def revoked(self) -> str:
        """The secret of a token with all scopes that was revoked."""
        return self.token(*SCOPES, revoked=True).secret

    def call(self, method: str, path: str, *, token: str | None = "", **more: Any) -> Sent:
        """Call the API; `token` None sends none. Whatever was sent, a server error is a bug."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self.admin}"
        answer = self.http.request(method, path, headers=headers, **more)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer

    def get(self, path: str, **more: Any) -> Sent:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Sent:
        return self.call("POST", path, **_content(body, more))

    def put(self, path: str, body: Any, **more: Any) -> Sent:
        return self.call("PUT", path, **_content(body, more))

    def fresh(self, stem: str = "model") -> str:
        """A name that nobody has used in this org."""
        return f"{stem}-{next(self._numbers)}"

    def publish(self, policy: Document | None = None) -> Document:
        """Publish a policy, `document()` by default."""
        answer = self.post("/v1/policies", policy or document())
        assert answer.status_code in (200, 201), answer.text
        published: Document = answer.json()
        return published

    def subject(self, name: str | None = None, policy: str = "acceptance@^1", **changes: Any) -> str:
        """Create a subject (and publish its policy where it is the usual one); its name."""
        if policy.startswith("acceptance@") and not self._published:
            self.publish()
            self._published = True
        name = name or self.fresh()
        body = {"kind": "model", "team": "risk", "attributes": {"regulated": False}, "policy": policy} | changes
        answer = self.put(f"/v1/subjects/{name}", body)
        assert answer.status_code in (200, 201), answer.text
        return name

    def release(self, subject: str | None = None, version: str = "1.0.0", *shas: str) -> str:
        """Register a release; its path."""
        subject = subject or self.subject()
        artifacts = [{"name": f"file-{n}", "sha256": sha} for n, sha in enumerate(shas or (A,))]
        answer = self.post(f"/v1/subjects/{subject}/releases", {"version": version, "artifacts": artifacts})
        assert answer.status_code == 201, answer.text
        return f"/v1/subjects/{subject}/releases/{version}"

    def submit(self, path: str, kind: str = "unit-tests", data: Document | None = None, **more: Any) -> Document:
        """Send an envelope to a release's or subject's path."""
        body = {"type": kind, "data": report() if data is None else data} | more
        answer = self.post(f"{path}/evidence", body)
        assert answer.status_code in (200, 201), answer.text
        accepted: Document = answer.json()
        return accepted

    def person(self, name: str | None = None, **changes: Any) -> str:
        """Create a person; his id."""
        name = name or self.fresh("person")
        answer = self.put(f"/v1/people/{name}", {"display_name": name.title()} | changes)
        assert answer.status_code in (200, 201), answer.text
        return name

    def role(self, person: str, role: str = "legal", **limits: str) -> str:
        """Give a person a role; the id of the grant."""
        answer = self.post(f"/v1/people/{person}/roles", {"role": role, "reason": "asked for"} | limits)
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    def own(self, person: str, *scopes: str, subjects: tuple[str, ...] = ("*",)) -> str:
        """The secret of a token of a person's own, who is created if need be."""
        return self.enrolled(self.person(person), *scopes, subjects=list(subjects)).secret

    def tool(self, name: str, owner: str, *scopes: str) -> str:
        """The secret of a token of a tool that acts for a person."""
        assert self.put(f"/v1/tools/{name}", {"owner": owner, "title": ""}).is_success
        answer = self.post("/v1/tokens", {"name": name, "principal": name, "scopes": scopes})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["secret"])

    def enrolled(self, person: str, *scopes: str, **more: Any) -> Made:
        """A token of the person's own, as he gets it for a code."""
        invited = self.post(f"/v1/people/{person}/enrolment", {"scopes": scopes} | more)
        assert invited.status_code == 201, invited.text
        answer = self.post("/v1/enrolment", {"code": invited.json()["code"]}, token=None)
        assert answer.status_code == 201, answer.text
        return Made(answer.json()["token"]["id"], answer.json()["secret"])

    def cleared(self, path: str) -> None:
        """Submit what makes the release go."""
        self.submit(path)
        self.submit(path, "evaluation", metrics(), context={"split": "test"})

    def decision(self, path: str, **query: str) -> Document:
        answer = self.get(f"{path}/decision", params=query)
        assert answer.status_code == 200, answer.text
        found: Document = answer.json()
        return found

    def status(self, path: str, criterion: str, **query: str) -> str:
        """The status of one criterion."""
        return str(result(self.decision(path, **query), criterion)["status"])

    def audited(self) -> list[str]:
        """The actions in this org's audit, in order."""
        rows = self.sql.rows("SELECT action FROM audit WHERE org = :org ORDER BY id", org=self.org)
        return [str(action) for (action,) in rows]

    def count(self, table: str) -> int:
        """How many rows a table has of this org."""
        return self.sql.number(f"SELECT count(*) FROM {table} WHERE org = :org", org=self.org)


def world_in(client: "TestClient[Litestar]", clock: Clock) -> World:
    """A new org in an application that runs in this process."""
    here = client.app.state.services
    return World(client, lambda work: client.blocking_portal.call(work, here.database), clock, here.settings.database)


def result(decision: Document, criterion: str) -> Document:
    """What a decision says of one criterion."""
    found: list[Document] = [each for phase in decision["phases"] for each in phase["criteria"]]
    return next(each for each in found if each["id"] == criterion)


def _content(body: Any, more: dict[str, Any]) -> dict[str, Any]:
    if body is None:
        return more
    headers = {"Content-Type": "application/json"} | dict(more.pop("headers", {}))
    content = body if isinstance(body, bytes) else as_json(body)
    return {"content": content, "headers": headers, **more}
