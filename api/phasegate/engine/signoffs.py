"""Sign-offs: which verdicts stand for a criterion, and why another doesn't count."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from phasegate.engine import policy as written
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SignOffShown
from phasegate.engine.facts import Evidence, Facts, SignOff
from phasegate.engine.instants import end_of, rfc3339, spoken
from phasegate.engine.policy import Criterion
from phasegate.engine.selection import Selection, selected_at


class Tally(NamedTuple):
    """The sign-offs of one criterion at one instant: a reason for each role that stands in the way."""

    rejected: tuple[str, ...]
    missing: tuple[str, ...]
    """A role without a verdict, or with an approval that is void."""
    expired: tuple[str, ...]
    shown: tuple[SignOffShown, ...]
    ends: tuple[datetime, ...]
    """When the approvals that count expire."""


NONE_ASKED = Tally((), (), (), (), ())


def tally(policy: CompiledPolicy, criterion: Criterion, facts: Facts, selection: Selection, at: datetime) -> Tally:
    """What the sign-offs received by `at` amount to for `criterion`."""
    asked = criterion.signoff
    if asked is None:
        return NONE_ASKED
    covered = _Covered(policy, facts, selection, policy.covered[criterion.id], at)
    latest: dict[str, SignOff] = {}
    refused: dict[SignOff, str] = {}
    given = _given(criterion.id, asked, facts, at)
    for signoff in given:
        why_not = _inadmissible(policy, criterion.id, asked, facts, signoff, latest, covered, at)
        if why_not is None:
            latest[signoff.role] = signoff
        else:
            refused[signoff] = why_not
    rejected, missing, expired, ends = [], [], [], []
    silent = sorted(role for role in asked.roles if role not in latest)
    if silent:
        missing.append(f"no verdict of: {', '.join(silent)}")
        missing += [
            f"that of {signoff.role} by {signoff.by} does not count: {why_not}"
            for signoff, why_not in refused.items()
            if signoff.role in silent
        ]
    for role in asked.roles:
        if role not in latest:
            continue
        signoff = latest[role]
        of_whom = f"the approval of {role} by {signoff.by}"
        if signoff.verdict == "reject":
            comment = f': "{signoff.comment}"' if signoff.comment.strip() else ""
            rejected.append(f"rejected by {signoff.by} as {role} at {rfc3339(signoff.at)}{comment}")
        elif (void := covered.changes(signoff)) is not None:
            refused[signoff] = f"void: {void}"
            missing.append(f"{of_whom} is void: {void}")
        elif (end := end_of(signoff.at, asked.max_age)) is not None and end <= at:
            assert asked.max_age is not None
            refused[signoff] = f"expired at {rfc3339(end)}"
            expired.append(f"{of_whom} was given {rfc3339(signoff.at)}, valid for {spoken(asked.max_age)}")
        elif end is not None:
            ends.append(end)
    shown = tuple(_shown(signoff, refused.get(signoff), latest.get(signoff.role)) for signoff in given)
    return Tally(tuple(rejected), tuple(missing), tuple(expired), shown, tuple(ends))


def _given(criterion: str, asked: written.SignOff, facts: Facts, at: datetime) -> list[SignOff]:
    """In the order in which they were given; of two at one instant the rejection is the later one."""
    meant = {
        signoff
        for signoff in facts.signoffs
        if signoff.at <= at and signoff.role in asked.roles and signoff.criterion in (None, criterion)
    }
    return sorted(meant, key=lambda s: (s.at, s.verdict == "reject", s.role, s.by, s.comment, repr(s)))


def _inadmissible(
    policy: CompiledPolicy,
    criterion: str,
    asked: written.SignOff,
    facts: Facts,
    signoff: SignOff,
    latest: Mapping[str, SignOff],
    covered: "_Covered",
    at: datetime,
) -> str | None:
    """Why a verdict is as good as not given. Whoever may not approve can still reject,
    and a rejection that names no criterion is one of all that ask for the role: that opens no gate."""
    if signoff.withdrawn_at is not None and signoff.withdrawn_at <= at:
        return f"withdrawn at {rfc3339(signoff.withdrawn_at)}"
    if signoff.artifacts is not None and frozenset(signoff.artifacts) != facts.release.digests:
        return "given for other artifacts"
    if signoff.verdict == "reject":
        return None
    if signoff.criterion is None and len(policy.asking[signoff.role]) > 1:
        return f"more than one criterion asks for the role {signoff.role}; name the one that is meant"
    if signoff.by in (facts.release.registered_by, *facts.release.registered_for):
        return f"{signoff.by} registered the release"
    submitted = covered.submitted_by(signoff)
    if submitted:
        return f"{signoff.by} submitted covered evidence: {', '.join(submitted)}"
    if asked.distinct_persons:
        for role, other in latest.items():
            if role != signoff.role and other.by == signoff.by and other.verdict == "approve":
                return f"{signoff.by} approved as {role}; each role needs a person of its own"
    lacking = [name for name in asked.acknowledge if name not in signoff.acknowledged]
    if lacking:
        return f"not acknowledged: {', '.join(lacking)}"
    if signoff.via not in asked.via:
        return f"given through {signoff.via}; the policy asks for {' or '.join(asked.via)}"
    if asked.mfa and not signoff.mfa:
        return "given without a second factor, which the policy asks for"
    return None


class _Covered:
    """What approvals of one criterion cover: the records of some types, as selected when they were given."""

    def __init__(
        self, policy: CompiledPolicy, facts: Facts, selection: Selection, types: frozenset[str], at: datetime
    ) -> None:
        self._policy = policy
        self._facts = facts
        self._types = types
        self._now = {name: selection.shown[name].evidence for name in types if name in selection.shown}
        moments = [
            moment
            for record in facts.evidence
            if record.type in types
            for moment in (record.received_at, record.revoked_at)
            if moment is not None and moment <= at
        ]
        self._moved = max(moments, default=None)

    def submitted_by(self, signoff: SignOff) -> list[str]:
        """The types of covered evidence that whoever gave `signoff` submitted, or had submitted."""
        records = self._then(signoff).values()
        return sorted(r.type for r in records if signoff.by == r.submitted_by or signoff.by in r.submitted_for)

    def changes(self, signoff: SignOff) -> str | None:
        """What differs from what an approval was given for; None where nothing does."""
        if signoff.policy_digest is not None and signoff.policy_digest != self._policy.digest:
            return "it was given under another version of the policy"
        then = self._then(signoff)
        told = [
            f"{name} changed {rfc3339(_changed(then.get(name), self._now.get(name), signoff.at))}"
            for name in sorted(self._types)
            if _digest(then.get(name)) != _digest(self._now.get(name))
        ]
        return ", ".join(told) or None

    def _then(self, signoff: SignOff) -> Mapping[str, Evidence]:
        if self._moved is None or self._moved <= signoff.at:
            return self._now
        return selected_at(self._policy, self._facts, self._types, signoff.at)


def _digest(record: Evidence | None) -> str | None:
    return None if record is None else record.digest


def _changed(then: Evidence | None, now: Evidence | None, signed: datetime) -> datetime:
    """When a type came to be told by another record: the new one was received, or the old one revoked."""
    if now is not None and now.received_at > signed:
        return now.received_at
    assert then is not None
    assert then.revoked_at is not None
    return then.revoked_at


def _shown(signoff: SignOff, refused: str | None, latest: SignOff | None) -> SignOffShown:
    reason = refused
    if reason is None and latest is not None and latest is not signoff:
        reason = f"superseded by the verdict of {latest.by} at {rfc3339(latest.at)}"
    return SignOffShown(signoff.role, signoff.by, signoff.verdict, rfc3339(signoff.at), reason is None, reason)
