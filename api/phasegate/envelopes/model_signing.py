"""Statements of OpenSSF model signing: one subject that is no file, and the files as resources of the predicate."""

from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec

from phasegate.envelopes.message import artifact_set
from phasegate.envelopes.statement import Statement
from phasegate.errors import Invalid
from phasegate.reading import Sha256, read_struct

PREDICATE = "https://model_signing/signature/v1.0"
_ONLY = "only files hashed by sha256 can be matched to artifacts"


class _Resource(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=4_096)]
    algorithm: Literal["sha256"]
    digest: Sha256


class _Serialization(msgspec.Struct, frozen=True):
    method: Literal["files"]
    hash_type: Literal["sha256"]


class _Predicate(msgspec.Struct, frozen=True):
    serialization: _Serialization
    resources: Annotated[tuple[_Resource, ...], msgspec.Meta(min_length=1)]


class Bound(msgspec.Struct, frozen=True):
    """Which artifacts a release must have for the statement to name them all: the files, or the one root."""

    files: tuple[str, ...]
    root: tuple[str, ...]


def bound(statement: Statement) -> Bound:
    """What a statement with this predicate is about. Raises `Invalid` for shards, other hashes, and a root that is
    not that of the resources: what can't be bound is never taken for bound."""
    predicate = read_struct(_Predicate, _known(statement.predicate))
    names = [each.name for each in predicate.resources]
    if len(set(names)) != len(names):
        raise _refused("predicate.resources", "name a file twice")
    root = sha256(b"".join(bytes.fromhex(each.digest) for each in predicate.resources)).hexdigest()
    if len(statement.subjects) != 1 or statement.subjects[0].sha256 != root:
        raise _refused("subject", f"must be the one root of the resources, {root}")
    return Bound(artifact_set([each.digest for each in predicate.resources]), (root,))


def _known(predicate: dict[str, Any]) -> dict[str, Any]:
    """The parts that are read; of others, such as `ignore_paths`, none makes more of the statement."""
    found: dict[str, Any] = {key: predicate[key] for key in ("serialization", "resources") if key in predicate}
    if isinstance(inner := found.get("serialization"), dict):
        found["serialization"] = {key: inner[key] for key in ("method", "hash_type") if key in inner}
        for key, wanted in (("method", "files"), ("hash_type", "sha256")):
            if inner.get(key) != wanted:
                raise _refused(f"predicate.serialization.{key}", f"must be {wanted}: {_ONLY}")
    if isinstance(listed := found.get("resources"), list):
        found["resources"] = [
            {key: each[key] for key in ("name", "algorithm", "digest") if key in each}
            if isinstance(each, dict)
            else each
            for each in listed
        ]
    return found


def _refused(path: str, told: str) -> Invalid:
    return Invalid.at(path, told, code="unbound_statement")
