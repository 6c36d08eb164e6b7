"""A new policy version beside its neighbours: the difference between two, and whether the step is large enough."""

from msgspec.structs import replace
from sqlalchemy import Connection

from phasegate.engine.policy import Policy
from phasegate.errors import Invalid, NotFound
from phasegate.policies.diff import Change, Edition, core, diff, least, neighbours, required_step, too_large
from phasegate.policies.diff.places import fault_of
from phasegate.policies.source import load
from phasegate.reading import MOST_FAULTS, read
from phasegate.storage import policies as stored


def edition(connection: Connection, org: str, name: str, version: str) -> Edition:
    """A published version, to be compared and not decided on. Raises `NotFound`."""
    source = stored.source(connection, org, name, version)
    if source is None:
        raise NotFound("there is no such policy version; publish it first")
    return Edition(read(Policy, source.content), source.shapes)


def refuse_small_step(connection: Connection, org: str, new: Edition, raw: bytes) -> None:
    """Raise `Invalid` (`semver_step`) where a version is too near to the one before or behind it in order.

    `raw` is the text of the new version, in which the faults have their lines.
    """
    name, version = new.policy.policy, new.policy.version
    published = [each.version for each in stored.versions(connection, org, name)]
    below, above = neighbours(version, published)
    lower = None if below is None else edition(connection, org, name, below)
    upper = None if above is None else edition(connection, org, name, above)
    if lower is not None and (found := _too_large(lower, new)):
        steps = (lower.policy.version, version)
    elif upper is not None and (found := _too_large(new, upper)):
        steps = (version, upper.policy.version)
    else:
        return
    mend = f"raise the version to at least {_enough(lower, new, upper)}"
    source = load(raw)
    faults = tuple(fault_of(change, source, mend) for change in found[:MOST_FAULTS])
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    told = f"{required_step(found)} changes need a larger step than from {steps[0]} to {steps[1]}"
    raise Invalid(f"{told}: {found[0].text}{more}; {mend}", faults=faults, code="semver_step")


def _too_large(old: Edition, new: Edition) -> tuple[Change, ...]:
    return too_large(old.policy.version, new.policy.version, diff(old, new))


def _enough(lower: Edition | None, new: Edition, upper: Edition | None) -> str:
    """The least version that is far enough from the one below, and not too near to the one above."""
    if lower is not None:
        version = least(lower.policy.version, required_step(diff(lower, new)) or "patch")
        if upper is None or (core(version) < core(upper.policy.version) and not _too_large(_as(new, version), upper)):
            return version
    assert upper is not None
    return least(upper.policy.version, required_step(diff(upper, new)) or "patch")


def _as(new: Edition, version: str) -> Edition:
    return new._replace(policy=replace(new.policy, version=version))
