"""Who a record of evidence is: the digest of everything that makes it another one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from phasegate.engine.canonical import digest
from phasegate.engine.facts import Producer, Strength
from phasegate.engine.instants import rfc3339


def evidence_digest(
    *,
    org: str | None,
    subject: str,
    artifacts: Collection[str] | None,
    type: str,  # noqa: A002 - the contract's name
    data: dict[str, Any],
    context: dict[str, str],
    producer: Producer,
    strength: Strength,
    stated_at: datetime | None,
    files: Collection[str] = (),
    unbound: bool = False,
) -> str:
    """`sha256:…` of a record. Fields and their names are frozen: records carry this digest for good.

    `artifacts`: sha256 of the set that it is bound to, in any order; None for evidence of the subject itself.
    `stated_at`: when it was collected, as somebody said; None where nobody did.
    `files`: sha256 of the tool's files, in any order; none for an envelope.
    `unbound`: it counts for no release, whatever artifacts it names; so it is another than what counts.
    """
    distinct = sorted(set(files))
    return digest(
        {
            "org": org,
            "subject": subject,
            "artifacts": None if artifacts is None else sorted(set(artifacts)),
            "type": type,
            "data": data,
            "context": context,
            "producer": producer,
            "strength": strength,
            "stated_at": None if stated_at is None else rfc3339(stated_at),
            "raw": None if not distinct else distinct[0] if len(distinct) == 1 else distinct,
            **({"unbound": True} if unbound else {}),
        }
    )
