"""To what evidence is bound that names artifacts by digest, and which policy types it.

It is bound to a subject and the exact set of artifacts that it names, registered or not. So a statement that
names some of a release's artifacts counts for a release of exactly these and for no other. Where it is sent to a
release and names other artifacts than that has, nobody can tell which of the two is meant: it counts for none.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.engine.canonical import digest
from phasegate.errors import Fault, Invalid
from phasegate.operations.evidence import UNBOUND, Target, target_of
from phasegate.operations.policies import Policies, resolve
from phasegate.operations.releases import found_subject
from phasegate.operations.tokens import may_touch, refuse_outside
from phasegate.storage import release_keys, releases
from phasegate.storage.tokens import TokenRecord

_NAMED = 10
"""Subjects listed in one message."""


class Bound(NamedTuple):
    """Where evidence belongs."""

    target: Target
    version: str
    """Of a release with exactly these artifacts, or as stated; empty where there is none."""
    warnings: tuple[str, ...] = ()


def bind(
    connection: Connection,
    policies: Policies,
    token: TokenRecord,
    subject: str | None,
    release: str | None,
    artifacts: tuple[str, ...] | None,
) -> Bound:
    """What is stated, resolved. Raises `Forbidden` outside the token's subjects, `NotFound` for a subject, or a
    release without artifacts, that isn't there, and `Invalid` where nobody can tell whose it is.

    Typed by the policy version that the newest release with this set pins; without one, by the version that the
    subject's binding admits now.
    """
    if subject is not None:
        refuse_outside(token, subject)
    if artifacts is None:
        if subject is None:
            fault = Fault("artifacts", "are required, or the subject and release that have them")
            raise Invalid("say which artifacts it is about, or which release has them", faults=(fault,))
        return Bound(target_of(connection, policies, token.org, subject, release), release or "")
    bound = digest(list(artifacts))
    name = subject or _holder(connection, token, artifacts, bound)
    binding = found_subject(connection, token.org, name).policy
    exact = release_keys.with_set(connection, token.org, name, bound)
    version = release or ("" if exact is None else exact.version)
    stated = None if release is None else releases.find(connection, token.org, name, release)
    if stated is not None:
        target = target_of(connection, policies, token.org, name, stated.version)
        if stated.bound == bound:
            return Bound(target, version)
        told = f"it was sent to release {version} and doesn't name exactly its artifacts: it counts for no release"
        return Bound(target._replace(bound=UNBOUND, artifacts=artifacts), version, (told,))
    if exact is not None:
        told = f"{name} has no release {release} yet; it counts for {exact.version}, which has exactly these artifacts"
        target = target_of(connection, policies, token.org, name, exact.version)
        return Bound(target, version, () if release is None else (told,))
    warnings = (_without(connection, token.org, name, artifacts),)
    published = resolve(connection, token.org, binding)
    policy = policies.get(connection, token.org, published.name, published.version)
    return Bound(Target(policy, name, bound, artifacts, version or None), version, warnings)


def _holder(connection: Connection, token: TokenRecord, artifacts: tuple[str, ...], bound: str) -> str:
    """The one subject within the token's patterns that has these artifacts, all of a release's if any does."""
    holders = release_keys.subjects_with_set(connection, token.org, bound)
    if not holders:
        holders = sorted({each.subject for each in release_keys.naming(connection, token.org, artifacts)})
    within = [each for each in holders if may_touch(token, each)]
    if len(within) == 1:
        return within[0]
    if holders and not within:
        refuse_outside(token, holders[0])
    if within:
        names = ", ".join(within[:_NAMED]) + (f" and {len(within) - _NAMED} more" if len(within) > _NAMED else "")
        told = f"several subjects have these artifacts: {names}; say which"
    else:
        told = "no release with these artifacts is registered yet; say whose they are"
    fault = Fault("subject", told, suggestion="as in ?subject=fraud-scorer")
    raise Invalid(f"{told}: subject", faults=(fault,), code="which_subject")


def _without(connection: Connection, org: str, subject: str, artifacts: tuple[str, ...]) -> str:
    """Why evidence counts for no release yet."""
    partial = release_keys.naming(connection, org, artifacts, subject)
    if partial:
        return (
            f"it names some of the artifacts of release {partial[0].version} and not all, so it does not count for "
            "that release"
        )
    return f"no release of {subject} has exactly these artifacts yet; it counts once one is registered"
