"""Published policy versions."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from phasegate.engine.policy import Shape
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.policies import PolicyVersion
from phasegate.storage.tables.principals import Org

_policy = table_of(PolicyVersion)
_org = table_of(Org)
_shapes = msgspec.json.Decoder(dict[str, Shape])


class Published(msgspec.Struct, frozen=True):
    """One published version."""

    name: str
    version: str
    digest: str
    published_at: datetime


class Source(msgspec.Struct, frozen=True):
    """What a version was published as, and what it was published with."""

    digest: str
    media_type: str
    source: bytes
    content: Any
    shapes: dict[str, Shape]


def lock(connection: Connection, org: str) -> None:
    """Hold the org's policies until the transaction ends: whoever publishes waits for who does."""
    connection.execute(select(_org.c.org).where(_org.c.org == org).with_for_update(key_share=True))


def insert_version(
    connection: Connection,
    org: str,
    published: Published,
    source: Source,
    by: str,
) -> bool:
    """Insert a version unless one of that name and number is there; whether it was inserted."""
    values = {
        "org": org,
        "name": published.name,
        "version": published.version,
        "digest": published.digest,
        "published_at": published.published_at,
        "published_by": by,
        "media_type": source.media_type,
        "source": source.source,
        "content": msgspec.json.encode(source.content),
        "shapes": msgspec.json.encode(source.shapes),
    }
    return insert_if_new(connection, _policy, values, ("org", "name", "version"))


def version(connection: Connection, org: str, name: str, number: str) -> Published | None:
    query = _listed().where(_policy.c.org == org, _policy.c.name == name, _policy.c.version == number)
    row = connection.execute(query).first()
    return None if row is None else Published(*row)


def versions(connection: Connection, org: str, name: str) -> list[Published]:
    """All versions of a policy, in the order of publication."""
    query = _listed().where(_policy.c.org == org, _policy.c.name == name)
    return [Published(*row) for row in connection.execute(query.order_by(_policy.c.published_at, _policy.c.version))]


def names(connection: Connection, org: str, after: str, limit: int) -> list[str]:
    """Names of policies behind `after`, in order."""
    query = (
        select(_policy.c.name)
        .where(_policy.c.org == org, _policy.c.name > after)
        .group_by(_policy.c.name)
        .order_by(_policy.c.name)
        .limit(limit)
    )
    return [str(row.name) for row in connection.execute(query)]


def count(connection: Connection, org: str) -> int:
    """How many versions are published."""
    query = select(func.count()).select_from(_policy).where(_policy.c.org == org)
    return int(connection.execute(query).scalar_one())


def source(connection: Connection, org: str, name: str, number: str) -> Source | None:
    query = select(_policy.c.digest, _policy.c.media_type, _policy.c.source, _policy.c.content, _policy.c.shapes).where(
        _policy.c.org == org, _policy.c.name == name, _policy.c.version == number
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Source(row.digest, row.media_type, row.source, msgspec.json.decode(row.content), _shapes.decode(row.shapes))


def _listed() -> Any:
    return select(_policy.c.name, _policy.c.version, _policy.c.digest, _policy.c.published_at)
