"""What releases are found by, besides their names: an artifact, the whole set of them, a commit."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select

from phasegate.storage.statements import table_of
from phasegate.storage.tables.releases import ReleaseKey

_key = table_of(ReleaseKey)
_MOST = 1_000
"""Releases looked at; nobody can be told of more."""
_FOUND = (_key.c.subject, _key.c.version, _key.c.release)
_BY_SET = (
    select(*_FOUND)
    .where(_key.c.org == bindparam("org"), _key.c.kind == "set", _key.c.value == bindparam("bound"))
    .order_by(_key.c.release.desc())
)
_OF_SUBJECT_BY_SET = _BY_SET.where(_key.c.subject == bindparam("subject")).limit(1)
_HOLDERS = (
    select(_key.c.subject)
    .where(_key.c.org == bindparam("org"), _key.c.kind == "set", _key.c.value == bindparam("bound"))
    .distinct()
    .order_by(_key.c.subject)
    .limit(_MOST)
)
_NAMING = (
    select(*_FOUND)
    .where(
        _key.c.org == bindparam("org"),
        _key.c.kind == "artifact",
        _key.c.value.in_(bindparam("digests", expanding=True)),
    )
    .group_by(*_FOUND)
    .having(func.count() == bindparam("number"))
    .order_by(_key.c.release.desc())
    .limit(_MOST)
)
_OF_SUBJECT_NAMING = _NAMING.where(_key.c.subject == bindparam("subject"))


class Found(NamedTuple):
    """A release that was found."""

    subject: str
    version: str
    id: str


def insert(
    connection: Connection, org: str, found: Found, digests: Sequence[str], bound: str, commit: str | None
) -> None:
    """Let a release be found by its artifacts, by the set of them, and by its commit."""
    values = {("artifact", digest) for digest in digests} | {("set", bound)}
    if commit:
        values.add(("commit", _hashed(commit)))
    same = {"org": org, "subject": found.subject, "version": found.version, "release": found.id}
    connection.execute(_key.insert(), [{**same, "kind": kind, "value": value} for kind, value in sorted(values)])


def with_set(connection: Connection, org: str, subject: str, bound: str) -> Found | None:
    """The newest release of a subject with exactly this set of artifacts."""
    row = connection.execute(_OF_SUBJECT_BY_SET, {"org": org, "subject": subject, "bound": bound}).first()
    return None if row is None else Found(*row)


def subjects_with_set(connection: Connection, org: str, bound: str) -> list[str]:
    """Subjects that have a release with exactly this set of artifacts, by name."""
    return list(connection.execute(_HOLDERS, {"org": org, "bound": bound}).scalars())


def naming(connection: Connection, org: str, digests: Sequence[str], subject: str | None = None) -> list[Found]:
    """Releases, of one subject or of all, that have all of these artifacts, newest first."""
    asked: dict[str, Any] = {"org": org, "digests": list(digests), "number": len(digests)}
    if subject is None:
        return [Found(*row) for row in connection.execute(_NAMING, asked)]
    return [Found(*row) for row in connection.execute(_OF_SUBJECT_NAMING, {**asked, "subject": subject})]


def wanted(artifact: str | None, commit: str | None) -> list[Select[Any]]:
    """The keys by which a search goes, each as rows of `org` and `release`."""
    pairs = [("artifact", artifact), ("commit", None if commit is None else _hashed(commit))]
    return [
        select(_key.c.org, _key.c.release).where(_key.c.kind == kind, _key.c.value == value)
        for kind, value in pairs
        if value is not None
    ]


def _hashed(commit: str) -> str:
    """The name of a commit is free text, longer perhaps than an index takes."""
    return sha256(commit.encode()).hexdigest()
