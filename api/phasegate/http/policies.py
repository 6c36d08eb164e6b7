"""Policies: publish, check, list, read."""

import asyncio
import re
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.canonical import digest
from phasegate.engine.policy import SEMVER
from phasegate.errors import Fault, Invalid, NotFound, Unsupported
from phasegate.http.bodies import cursor_key, encode, json_response, page, page_limit
from phasegate.http.encodings import body_of
from phasegate.http.openapi import PolicyBody, RenderedToo
from phasegate.http.problems import UNACCEPTABLE
from phasegate.http.rendered import UNCHANGED, VARY, document_response, known, suffix, unchanged, wanted
from phasegate.http.services import Call, actor, services
from phasegate.operations.policies import publish as publish_policy
from phasegate.operations.policies import validate as validate_policy
from phasegate.operations.succession import edition
from phasegate.policies.diff import Change, Step, diff, required_step
from phasegate.policies.lint.registry import lint
from phasegate.reading import read_json
from phasegate.rendering.checklist import render_policy
from phasegate.rendering.documents import MEDIA_TYPES
from phasegate.storage import policies as stored

_MEDIA_TYPES = ("application/yaml", "application/json")


class PublishedPolicy(msgspec.Struct, frozen=True):
    name: str
    version: str
    digest: str
    published_at: datetime


class PolicyWarning(msgspec.Struct, frozen=True):
    rule: str
    path: str
    message: str
    line: int | None
    column: int | None
    suggestion: str | None


class CheckedPolicy(msgspec.Struct, frozen=True):
    name: str
    version: str
    digest: str
    criteria: int
    checks: int
    warnings: list[PolicyWarning]
    """What is legal and senseless all the same; it keeps nobody from publishing."""


class PolicyVersionItem(msgspec.Struct, frozen=True):
    version: str
    digest: str
    published_at: datetime


class PolicyVersions(msgspec.Struct, frozen=True):
    name: str
    versions: list[PolicyVersionItem]


class PolicyPage(msgspec.Struct, frozen=True):
    items: list[PolicyVersions]
    next_cursor: str | None


class PolicyDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions; `step` is the smallest that may bring it, null where nothing differs."""

    name: str
    from_: str = msgspec.field(name="from")
    to: str
    step: Step | None
    changes: tuple[Change, ...]


@post(
    "/policies",
    operation_id="publishPolicy",
    summary="Publish a policy version",
    opt={"scope": "policies:write"},
    operation_class=PolicyBody,
    responses={200: ResponseSpec(PublishedPolicy, description="It was published before, with the same meaning")},
    status_code=201,
)
async def publish(request: Call) -> Response[PublishedPolicy]:
    """Immutable from then on: the same meaning again answers 200, another meaning 409. 422 with the code
    `semver_step` where the version is too small a step from the published one before or behind it."""
    here = services(request)
    raw, media_type = await _policy_file(request)
    published, new = await publish_policy(here.database, here.policies, actor(request), raw, media_type, here.clock())
    return json_response(published, 201 if new else 200)


@post(
    "/policies/validate",
    operation_id="validatePolicy",
    summary="Check a policy file; nothing is stored",
    opt={"scope": "read"},
    operation_class=PolicyBody,
    status_code=200,
)
async def validate(request: Call) -> Response[CheckedPolicy]:
    """The same checks as publication, the semver step included."""
    here = services(request)
    raw, _ = await _policy_file(request)
    found = await validate_policy(here.database, here.policies, request.auth.org, raw)
    criteria = found.policy.criteria
    checks = sum(len(criterion.checks) for criterion in criteria)
    warnings = [
        PolicyWarning(each.rule, fault.path, fault.message, fault.line, fault.column, fault.suggestion)
        for each in await asyncio.to_thread(lint, found, None)
        for fault in (each.fault,)
    ]
    return json_response(
        CheckedPolicy(found.policy.policy, found.policy.version, found.digest, len(criteria), checks, warnings)
    )


@get(
    "/policies",
    operation_id="listPolicies",
    summary="All policies with their versions",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_policies(
    request: Call,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[PolicyPage]:
    """By name."""
    count = page_limit(limit)
    after = cursor_key(cursor)
    org = request.auth.org

    def work(connection: Any) -> list[PolicyVersions]:
        names = stored.names(connection, org, after, count + 1)
        return [_versions(name, stored.versions(connection, org, name)) for name in names]

    found = await services(request).database.read(work)
    return json_response(page(found, count, lambda each: each.name, lambda each: each))


@get("/policies/{name:str}", operation_id="getPolicy", summary="One policy's versions", opt={"scope": "read"})
async def get_policy(request: Call, name: FromPath[str]) -> Response[PolicyVersions]:
    """In the order of publication."""
    org = request.auth.org
    found = await services(request).database.read(lambda connection: stored.versions(connection, org, name))
    if not found:
        raise NotFound("there is no such policy; publish it first")
    return json_response(_versions(name, found))


@get(
    "/policies/{name:str}/versions/{version:str}",
    operation_id="getPolicyVersion",
    summary="One version: its content as JSON, the bytes as published, or the finished checklist",
    opt={"scope": "read"},
    operation_class=RenderedToo,
    responses={304: UNCHANGED, 406: UNACCEPTABLE},
)
async def get_version(request: Call, name: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """By `Accept`: `application/json` (the content, whatever it was published as), `application/yaml`
    (the exact bytes published), `text/markdown` or `text/html` (the finished checklist)."""
    here, org = services(request), request.auth.org
    found = await here.database.read(lambda connection: stored.source(connection, org, name, version))
    if found is None:
        raise NotFound("there is no such policy version; publish it first")
    media_type = wanted(request, *_MEDIA_TYPES[::-1])
    if media_type in MEDIA_TYPES:
        policy = await here.database.read(lambda connection: here.policies.get(connection, org, name, version))
        headers = _headers(f'W/"{policy.digest}:{digest(policy.shape_digests)[7:23]}:{suffix(media_type)}"')
        if known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return unchanged(headers)
        return await document_response(partial(render_policy, policy, MEDIA_TYPES[media_type]), media_type, headers)
    headers = _headers(f'"{found.digest}{":yaml" if media_type == "application/yaml" else ""}"')
    if known(request.headers.get("if-none-match", ""), headers["ETag"]):
        return unchanged(headers)
    content = found.source if media_type == "application/yaml" else encode(found.content)
    return Response(content, media_type=media_type, headers=headers)


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Vary": VARY}


@get(
    "/policies/{name:str}/diff",
    operation_id="diffPolicy",
    summary="What differs between two versions, and the semver step it needs",
    opt={"scope": "read", "query": ("from", "to")},
)
async def get_diff(
    request: Call,
    name: FromPath[str],
    from_: Annotated[str | None, QueryParameter(name="from", required=True)] = None,
    to: Annotated[str | None, QueryParameter(required=True)] = None,
) -> Response[PolicyDiff]:
    """Patch: wording and order. Minor: a verdict can be another. Major: a call or an id that others hold breaks."""
    old, new = _version(from_, "from"), _version(to, "to")
    org = request.auth.org
    found = await services(request).database.read(
        lambda connection: (edition(connection, org, name, old), edition(connection, org, name, new))
    )
    changes = diff(*found)
    return json_response(PolicyDiff(name=name, from_=old, to=new, step=required_step(changes), changes=changes))


def _version(text: str | None, path: str) -> str:
    if text is not None and re.fullmatch(SEMVER, text):
        return text
    told = "is required" if text is None else "is no version"
    fault = Fault(path, told, suggestion="a published version, as in ?from=1.0.0&to=1.1.0")
    raise Invalid(f"query parameter {path} {told}", faults=(fault,))


def _versions(name: str, found: list[stored.Published]) -> PolicyVersions:
    return PolicyVersions(name, [PolicyVersionItem(each.version, each.digest, each.published_at) for each in found])


async def _policy_file(request: Call) -> tuple[bytes, str]:
    media_type = request.content_type[0]
    if media_type not in _MEDIA_TYPES:
        raise Unsupported("send the policy as application/yaml or application/json")
    raw = await body_of(request)
    if media_type == "application/json":
        read_json(raw)
    return raw, media_type


HANDLERS = [publish, validate, list_policies, get_policy, get_version, get_diff]
