"""What a verdict covers: the records of some types as its giver saw them, and what differs from them now."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence, Facts, SignOff
from phasegate.engine.instants import rfc3339
from phasegate.engine.selection import Selection, selected_at


class Change(NamedTuple):
    """One thing that is no longer what a verdict was given for."""

    what: str
    """An evidence type, `policy` or `artifacts`."""
    id: str | None
    """Of the record that came or was revoked, of the policy version, or of the release; null in a stateless call."""
    at: datetime | None
    """None where nothing tells when: the record was erased."""

    def told(self) -> str:
        if self.what == "policy":
            return f"the policy is another one, {self.id} since {rfc3339(self.at)}" if self.at else "of another policy"
        return f"{self.what} changed {rfc3339(self.at)}" if self.at else f"{self.what} was erased"


class Covered:
    """The records that verdicts on one criterion cover, at one instant."""

    def __init__(
        self, policy: CompiledPolicy, facts: Facts, selection: Selection, criterion: str, at: datetime
    ) -> None:
        types = policy.covered[criterion]
        self._policy = policy
        self._facts = facts
        self._types = types
        self.now: Mapping[str, Evidence] = {
            name: selection.shown[name].evidence for name in types if name in selection.shown
        }
        """By type."""
        moments = [
            moment
            for record in facts.evidence
            if record.type in types
            for moment in (record.received_at, record.revoked_at)
            if moment is not None and moment <= at
        ]
        self._moved = max(moments, default=None)

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the records covered now, sorted."""
        return digests_of(self.now.values())

    def submitted_by(self, signoff: SignOff) -> list[str]:
        """The types of covered evidence that whoever gave `signoff` submitted, or had submitted for him."""
        records = self._then(signoff).values()
        return sorted(r.type for r in records if signoff.by == r.submitted_by or signoff.by in r.submitted_for)

    def changes(self, signoff: SignOff) -> tuple[Change, ...]:
        """What differs from what a verdict was given for, by name."""
        if signoff.policy_digest is not None and signoff.policy_digest != self._policy.digest:
            release, policy = self._facts.release, self._policy.policy
            return (Change("policy", f"{policy.policy}@{policy.version}", release.pinned_at or release.registered_at),)
        then = self._then(signoff)
        erased = set(signoff.covered or ()) - {record.digest for record in then.values()}
        return (
            *(
                _change(name, then.get(name), self.now.get(name), signoff.at)
                for name in sorted(self._types)
                if _digest(then.get(name)) != _digest(self.now.get(name))
            ),
            *(Change("a covered record", None, None) for _ in sorted(erased)),
        )

    def _then(self, signoff: SignOff) -> Mapping[str, Evidence]:
        """What was covered: told by the sign-off itself, else what was selected when it was given."""
        if signoff.covered is not None:
            covered = set(signoff.covered)
            if covered == {record.digest for record in self.now.values()}:
                return self.now
            return {r.type: r for r in self._facts.evidence if r.digest in covered and r.type in self._types}
        if self._moved is None or self._moved <= signoff.at:
            return self.now
        return selected_at(self._policy, self._facts, self._types, signoff.at)


def digests_of(records: Iterable[Evidence]) -> tuple[str, ...]:
    """The digests of records, sorted."""
    return tuple(sorted(record.digest for record in records))


def covers(
    org: str,
    subject: str,
    artifacts: Iterable[str],
    policy_digest: str,
    criterion: str,
    role: str,
    evidence: Iterable[str],
) -> str:
    """The digest that a verdict is bound to; `evidence`: the digests of the covered records."""
    return digest(
        {
            "org": org,
            "subject": subject,
            "artifacts": sorted(set(artifacts)),
            "policy_digest": policy_digest,
            "criterion": criterion,
            "role": role,
            "evidence": sorted(evidence),
        }
    )


def _digest(record: Evidence | None) -> str | None:
    return None if record is None else record.digest


def _change(name: str, then: Evidence | None, now: Evidence | None, signed: datetime) -> Change:
    """A type is told by another record: a new one was received, or the old one revoked."""
    if now is not None and (now.received_at > signed or then is None or then.revoked_at is None):
        return Change(name, now.id, now.received_at)
    gone = then or now
    assert gone is not None
    return Change(name, gone.id, gone.revoked_at)
