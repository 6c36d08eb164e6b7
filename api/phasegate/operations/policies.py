"""Publishing policies, and finding the compiled version that a name means."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from semver import Version
from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.policy import NUMBER, SEMVER, Shape
from phasegate.errors import Conflict, Fault, Invalid, NotFound, nearest
from phasegate.mappings.adapter import refuse_taken_names
from phasegate.operations.succession import refuse_small_step
from phasegate.policies.publication import Candidate, candidate, recompile
from phasegate.storage import policies as stored
from phasegate.storage.audit import Actor, record
from phasegate.storage.database import Database
from phasegate.storage.policies import Published, Source

_KEPT = 64
"""Compiled versions; each takes some three megabytes."""
_BINDING = re.compile(
    rf"(?P<name>[a-z0-9][a-z0-9-]{{0,63}})@(?:(?P<exact>{SEMVER})|\^(?P<caret>{NUMBER}(?:\.{NUMBER}){{0,2}}))"
)


class Policies:
    """Compiled policy versions, kept in the process: a published version never changes."""

    def __init__(self, catalogue: Mapping[str, Shape]) -> None:
        self.catalogue = catalogue
        self._compiled: OrderedDict[tuple[str, str, str], CompiledPolicy] = OrderedDict()
        self._lock = Lock()
        """Writes are done on a thread of their own, which looks here, too."""

    def get(self, connection: Connection, org: str, name: str, version: str) -> CompiledPolicy:
        """The compiled version. Raises `NotFound`."""
        with self._lock:
            found = self._compiled.get((org, name, version))
            if found is not None:
                self._compiled.move_to_end((org, name, version))
                return found
        source = stored.source(connection, org, name, version)
        if source is None:
            raise NotFound("there is no such policy version; publish it first")
        compiled = recompile(source.content, source.shapes)
        self.keep(org, compiled)
        return compiled

    def keep(self, org: str, compiled: CompiledPolicy) -> None:
        """Keep a version that was compiled elsewhere."""
        with self._lock:
            self._compiled[(org, compiled.policy.policy, compiled.policy.version)] = compiled
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)


def _candidate(raw: bytes, catalogue: Mapping[str, Shape]) -> Candidate:
    """What can be published here: its mappings take no adapter's name. Raises `Malformed` or `Invalid`."""
    found = candidate(raw, catalogue)
    refuse_taken_names(found)
    return found


async def validate(database: Database, policies: Policies, org: str, raw: bytes) -> Candidate:
    """The checks of a publication, and nothing stored. Raises `Malformed` or `Invalid` as `publish` does."""
    # A large one takes seconds, for which other callers must not wait.
    found = await asyncio.to_thread(_candidate, raw, policies.catalogue)

    def work(connection: Connection) -> None:
        if stored.version(connection, org, found.policy.policy, found.policy.version) is None:
            refuse_small_step(connection, org, found.edition, raw)

    await database.read(work)
    return found


async def publish(
    database: Database, policies: Policies, actor: Actor, raw: bytes, media_type: str, at: datetime
) -> tuple[Published, bool]:
    """Publish a policy file; whether it is new. The same meaning again changes nothing.

    Raises `Malformed` or `Invalid` with every fault, `Conflict` where the version has another meaning, and
    `Invalid` with the code `semver_step` where it is too small a step from its neighbours.
    """
    found = await asyncio.to_thread(_candidate, raw, policies.catalogue)
    published = Published(found.policy.policy, found.policy.version, found.digest, at)
    source = Source(found.digest, media_type, raw, found.document, found.compiled.shapes)

    def work(connection: Connection) -> tuple[Published, bool]:
        # Of two publishers at once, the second must see what the first published.
        stored.lock(connection, actor.org)
        existing = stored.version(connection, actor.org, published.name, published.version)
        if existing is None:
            refuse_small_step(connection, actor.org, found.edition, raw)
            new = stored.insert_version(connection, actor.org, published, source, actor.principal)
            assert new, "whoever publishes holds the lock"
            target = ("policy", f"{published.name}@{published.version}")
            record(connection, actor, at, "policy.published", target, after={"digest": published.digest})
            return published, True
        if existing.digest != published.digest:
            raise Conflict(
                f"{published.name}@{published.version} is published with another meaning; "
                "a published version never changes: raise the version",
                code="version_exists",
            )
        return existing, False

    result = await database.write(work)
    if result[1]:
        policies.keep(actor.org, found.compiled)
    return result


class Binding(NamedTuple):
    """What a subject is bound to: an exact version, or the newest from `least` on and below `below`."""

    name: str
    least: Version
    below: Version | None

    def admits(self, version: Version) -> bool:
        if self.below is None:
            return version == self.least
        return version.prerelease is None and self.least <= version < self.below


def parse_binding(text: str) -> Binding:
    """Read `NAME@X.Y.Z` or `NAME@^X[.Y[.Z]]`. Raises `Invalid`."""
    found = _BINDING.fullmatch(text)
    if found is None:
        fault = Fault("policy", "must be NAME@X.Y.Z or NAME@^X[.Y[.Z]]", suggestion="as in ml-deployment@^1")
        raise Invalid(f"{text[:200]!r} names no policy version", faults=(fault,))
    if found["exact"] is not None:
        return Binding(found["name"], Version.parse(found["exact"]), None)
    parts = [int(part) for part in found["caret"].split(".")]
    return Binding(found["name"], Version(*parts), _below(parts))


def _below(parts: list[int]) -> Version:
    """A caret keeps the first number that isn't zero (or the last one given)."""
    kept = next((n for n, part in enumerate(parts) if part), len(parts) - 1)
    raised = [*parts[:kept], parts[kept] + 1]
    return Version(*[*raised, 0, 0][:3])


def resolve(connection: Connection, org: str, binding: str) -> Published:
    """The newest published version that a binding admits now. Raises `Invalid` where there is none."""
    wanted = parse_binding(binding)
    versions = stored.versions(connection, org, wanted.name)
    admitted = [(Version.parse(each.version), each) for each in versions]
    matching = [pair for pair in admitted if wanted.admits(pair[0])]
    if matching:
        return max(matching, key=lambda pair: pair[0])[1]
    if versions:
        known = ", ".join(each.version for each in versions[-5:])
        fault = Fault("policy", f"no published version of {wanted.name} matches; there are: {known}")
    else:
        names = stored.names(connection, org, "", 200)
        hint = nearest(wanted.name, names) or "publish it first"
        fault = Fault("policy", f"there is no policy {wanted.name!r}", suggestion=hint)
    raise Invalid(f"no published policy matches {binding!r}", faults=(fault,), code="no_such_policy")
