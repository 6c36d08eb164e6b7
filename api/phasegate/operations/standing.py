"""How a release stands at one instant, for whoever signs or waives: what is shown, and what that covers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.covered import Change, Covered, covers
from phasegate.engine.facts import Facts, SignOff
from phasegate.engine.policy import Criterion
from phasegate.engine.selection import select
from phasegate.engine.signoffs import Verdict, tally
from phasegate.errors import Fault, Invalid, nearest
from phasegate.operations.facts import gather, latest
from phasegate.operations.policies import Policies
from phasegate.operations.releases import found_release
from phasegate.storage import subjects
from phasegate.storage.releases import ReleaseRecord


class Standing:
    """One release, as facts and as its pinned policy reads them."""

    def __init__(self, org: str, release: ReleaseRecord, policy: CompiledPolicy, facts: Facts, at: datetime) -> None:
        self.org = org
        self.release = release
        self.policy = policy
        self.facts = facts
        self.at = at
        self.selection = select(policy, facts, at)

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """By id."""
        return {criterion.id: criterion for criterion in self.policy.policy.criteria}

    @property
    def artifacts(self) -> tuple[str, ...]:
        """The set of sha256, sorted."""
        return tuple(sorted(self.facts.release.digests))

    def covered(self, criterion: str) -> Covered:
        """The records that a verdict on `criterion` given now covers."""
        return Covered(self.policy, self.facts, self.selection, criterion, self.at)

    def covers(self, criterion: str, role: str) -> str:
        """The digest that a verdict given now is bound to; shown to a signer, and compared when he signs."""
        records = self.covered(criterion).digests
        subject = self.release.subject
        return covers(self.org, subject, self.artifacts, self.policy.digest, criterion, role, records)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What has become of each sign-off that a criterion asks for."""
        return tuple(
            verdict
            for criterion in self.policy.policy.criteria
            for verdict in tally(self.policy, criterion, self.facts, self.selection, self.at).verdicts
        )

    def verdict_of(self, signoff: SignOff) -> Verdict:
        """What has become of one; of one that no criterion asks for any more, that."""
        found = next((each for each in self.verdicts if each.signoff.id == signoff.id), None)
        if found is not None:
            return found
        if signoff.withdrawn_at is not None and signoff.withdrawn_at <= self.at:
            return Verdict(signoff, "withdrawn", None)
        release, policy = self.facts.release, self.policy.policy
        change = Change("policy", f"{policy.policy}@{policy.version}", release.pinned_at or release.registered_at)
        return Verdict(signoff, "void", change.told(), (change,))


def standing(connection: Connection, policies: Policies, org: str, release: ReleaseRecord, at: datetime) -> Standing:
    """How a release stands at `at`."""
    policy = policies.get(connection, org, release.policy, release.policy_version)
    return Standing(org, release, policy, gather(connection, org, release, policy, at), at)


def settled(connection: Connection, policies: Policies, org: str, release: ReleaseRecord, now: datetime) -> Standing:
    """How a release that is held stands now, or at the latest instant that is recorded of it where that lies ahead:
    what came in while one waited, or from a server whose clock is ahead, is not to be overlooked."""
    here = standing(connection, policies, org, release, now)
    ahead = latest(here.facts)
    return here if ahead <= now else standing(connection, policies, org, release, ahead)


def held_release(connection: Connection, org: str, subject: str, version: str) -> ReleaseRecord:
    """The release, whose facts nobody changes until the transaction ends: who signs or waives does so on what stands,
    and of two at once the second sees what the first did. Raises `NotFound`."""
    found = found_release(connection, org, subject, version)
    subjects.lock_counters(connection, org, subject, found.bound)
    # While one waited, the release may have been moved to another version of its policy.
    return found_release(connection, org, subject, version)


def not_before(now: datetime, recorded: Iterable[datetime]) -> datetime:
    """An instant that isn't before what is recorded already: whoever waited for the other must not be earlier."""
    return max([now, *recorded])


def known_criterion(here: Standing, name: str) -> Criterion:
    """The criterion of that id. Raises `Invalid` with a suggestion."""
    criterion = here.criteria.get(name)
    if criterion is None:
        told = f"{here.policy.policy.policy}@{here.policy.policy.version} has no criterion {name[:64]!r}"
        hint = nearest(name, here.criteria) or f"there are: {', '.join(sorted(here.criteria))}"
        fault = Fault("criterion", "is unknown", suggestion=hint)
        raise Invalid(f"{told}; {hint}", faults=(fault,), code="unknown_criterion")
    return criterion
