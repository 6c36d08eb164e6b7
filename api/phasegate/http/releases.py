"""Releases, their decisions and their launch."""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from phasegate.engine.facts import Artifact
from phasegate.errors import Fault, Invalid
from phasegate.http.auth import allow
from phasegate.http.bodies import ReasonText, as_shown, cursor_key, json_response, page, page_limit, read_body, visible
from phasegate.http.openapi import json_operation
from phasegate.http.services import Call, actor, services
from phasegate.http.subjects import read_name
from phasegate.operations.releases import found_release, found_subject, move_pin, register
from phasegate.operations.tokens import may_touch
from phasegate.reading import Name, Sha256
from phasegate.storage import releases as stored
from phasegate.storage.releases import ReleaseRecord

_AT_ONCE = 200
"""Releases looked at together where a token's patterns leave some out."""
_WILD = re.compile(r"[*?\[]")
_Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class ArtifactBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    sha256: Sha256


class SourceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the release was built from."""

    repository: _Text = ""
    commit: _Text = ""
    ref: _Text = ""
    run_url: _Text = ""


class ReleaseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An immutable candidate."""

    version: Name
    artifacts: Annotated[tuple[ArtifactBody, ...], msgspec.Meta(min_length=1, max_length=100)]
    source: SourceBody | None = None


class PinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of its policy that a release is held to from now on."""

    version: _Text
    reason: ReasonText


class PinnedPolicy(msgspec.Struct, frozen=True):
    name: str
    version: str


class ReleaseShown(msgspec.Struct, frozen=True):
    subject: str
    version: str
    artifacts: tuple[Artifact, ...]
    policy: PinnedPolicy
    """The exact version that it is held to."""
    registered_at: datetime
    registered_by: str
    registered_for: tuple[str, ...]
    source: dict[str, str] | None


class ReleasePage(msgspec.Struct, frozen=True):
    items: list[ReleaseShown]
    next_cursor: str | None


@post(
    "/subjects/{subject:str}/releases",
    operation_id="registerRelease",
    summary="Register a release",
    opt={"scope": "releases:write"},
    operation_class=json_operation(ReleaseBody),
    responses={200: ResponseSpec(ReleaseShown, description="It was registered before, with the same artifacts")},
    status_code=201,
)
async def post_release(request: Call, subject: FromPath[str]) -> Response[ReleaseShown]:
    """It pins the newest policy version that the subject's binding admits. The same version with other
    artifacts: 409."""
    here = services(request)
    body = await read_body(request, ReleaseBody)
    artifacts = _artifacts(body.artifacts)
    source = None if body.source is None else msgspec.to_builtins(body.source)
    release, new = await register(here.database, actor(request), subject, body.version, artifacts, source, here.clock())
    return json_response(_shown(release), 201 if new else 200)


@get(
    "/subjects/{subject:str}/releases",
    operation_id="listReleases",
    summary="Releases of a subject, newest first",
    opt={"scope": "read", "query": ("cursor", "limit")},
)
async def list_releases(
    request: Call,
    subject: FromPath[str],
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[ReleasePage]:
    """By registration."""
    count, before, org = page_limit(limit), cursor_key(cursor), request.auth.org

    def work(connection: Any) -> list[ReleaseRecord]:
        found_subject(connection, org, subject)
        return stored.page(connection, org, subject, before, count + 1)

    found = await services(request).database.read(work)
    return json_response(page(found, count, lambda each: each.id, _shown))


@get(
    "/subjects/{subject:str}/releases/{version:str}",
    operation_id="getRelease",
    summary="One release",
    opt={"scope": "read"},
)
async def get_release(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[ReleaseShown]:
    """With its artifacts and the policy version that it pins."""
    org = request.auth.org

    def work(connection: Any) -> ReleaseRecord:
        found_subject(connection, org, subject)
        return found_release(connection, org, subject, version)

    found = await services(request).database.read(work)
    return json_response(_shown(found))


@post(
    "/subjects/{subject:str}/releases/{version:str}/policy",
    operation_id="movePin",
    summary="Hold a release to another version of its policy",
    opt={"scope": "subjects:write"},
    operation_class=json_operation(PinBody),
    status_code=200,
)
async def post_pin(request: Call, subject: FromPath[str], version: FromPath[str]) -> Response[ReleaseShown]:
    """From now on; what is decided for an earlier instant stays. Sign-offs given under the other version are void.
    422 where the version isn't published."""
    here = services(request)
    body = await read_body(request, PinBody)
    moved = await move_pin(here.database, actor(request), subject, version, body.version, body.reason, here.clock)
    return json_response(_shown(moved))


@get(
    "/releases",
    operation_id="findReleases",
    summary="Releases by artifact, commit or subject, newest first",
    opt={"scope": "read", "query": ("sha256", "commit", "subject", "cursor", "limit")},
)
async def find_releases(
    request: Call,
    sha256: Annotated[str | None, QueryParameter()] = None,
    commit: Annotated[str | None, QueryParameter()] = None,
    subject: Annotated[str | None, QueryParameter()] = None,
    cursor: Annotated[str | None, QueryParameter()] = None,
    limit: Annotated[str | None, QueryParameter()] = None,
) -> Response[ReleasePage]:
    """Those that have all that is asked for, within the token's subjects. `sha256` is of one artifact; an item names
    the whole set. `commit` is matched as it was registered."""
    count, before, token = page_limit(limit), cursor_key(cursor), request.auth
    if sha256 is not None:
        read_name(sha256, "sha256", Sha256)
    if subject is not None:
        read_name(subject)
        allow(token, subject)
    prefixes = tuple(_WILD.split(pattern)[0] for pattern in token.subjects)

    def work(connection: Any) -> list[ReleaseRecord]:
        return visible(
            lambda last, most: stored.search(
                connection, token.org, last, most, sha256=sha256, commit=commit, subject=subject, prefixes=prefixes
            ),
            lambda each: each.id,
            lambda each: may_touch(token, each.subject),
            before,
            count,
            at_once=_AT_ONCE,
        )

    found = await services(request).database.read(work)
    return json_response(page(found, count, lambda each: each.id, _shown))


def _artifacts(given: tuple[ArtifactBody, ...]) -> tuple[Artifact, ...]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for n, artifact in enumerate(given):
        if not artifact.name.isprintable() or artifact.name != artifact.name.strip():
            faults.append(Fault(f"artifacts[{n}].name", "must be visible characters"))
        if artifact.name in seen:
            faults.append(Fault(f"artifacts[{n}].name", f"{artifact.name!r} stands there twice"))
        seen.add(artifact.name)
    if faults:
        raise Invalid.of(faults)
    return tuple(Artifact(artifact.name, artifact.sha256) for artifact in given)


def _shown(release: ReleaseRecord) -> ReleaseShown:
    return as_shown(ReleaseShown, release, policy=PinnedPolicy(release.policy, release.policy_version))


HANDLERS = [post_release, list_releases, get_release, post_pin, find_releases]
