"""Sign-offs: which verdicts stand for a criterion, and why another doesn't count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from phasegate.engine import policy as written
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.covered import Change, Covered
from phasegate.engine.decision import SignOffShown
from phasegate.engine.facts import Facts, SignOff
from phasegate.engine.instants import end_of, rfc3339, spoken
from phasegate.engine.policy import Criterion
from phasegate.engine.selection import Selection

State = Literal["in-force", "void", "expired", "withdrawn", "superseded"]


class Bar(NamedTuple):
    """Why a verdict is as good as not given."""

    code: str
    """Stable, as of a problem."""
    told: str


class Verdict(NamedTuple):
    """A sign-off, and what has become of it."""

    signoff: SignOff
    state: State
    reason: str | None
    """Why it doesn't count; None where it does."""
    changed: tuple[Change, ...] = ()


class Tally(NamedTuple):
    """The sign-offs of one criterion at one instant: a reason for each role that stands in the way."""

    rejected: tuple[str, ...]
    missing: tuple[str, ...]
    """A role without a verdict, or with an approval that is void."""
    expired: tuple[str, ...]
    shown: tuple[SignOffShown, ...]
    ends: tuple[datetime, ...]
    """When the approvals that count expire."""
    verdicts: tuple[Verdict, ...] = ()
    """In the order in which they were given."""


NONE_ASKED = Tally((), (), (), (), ())


def tally(policy: CompiledPolicy, criterion: Criterion, facts: Facts, selection: Selection, at: datetime) -> Tally:
    """What the sign-offs received by `at` amount to for `criterion`."""
    asked = criterion.signoff
    if asked is None:
        return NONE_ASKED
    covered = Covered(policy, facts, selection, criterion.id, at)
    given = _given(criterion.id, asked, facts, at)
    latest, refused = _admitted(policy, criterion, facts, covered, given, at)
    rejected, missing, expired, ends = [], [], [], []
    lapsed: dict[SignOff, Verdict] = {
        signoff: Verdict(signoff, "withdrawn" if bar.code == "withdrawn" else "void", bar.told, _bar_change(bar, facts))
        for signoff, bar in refused.items()
    }
    silent = sorted(role for role in asked.roles if role not in latest)
    if silent:
        missing.append(f"no verdict of: {', '.join(silent)}")
        missing += [
            f"that of {signoff.role} by {signoff.by} does not count: {bar.told}"
            for signoff, bar in refused.items()
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
        elif changed := covered.changes(signoff):
            void = ", ".join(change.told() for change in changed)
            lapsed[signoff] = Verdict(signoff, "void", f"void: {void}", changed)
            missing.append(f"{of_whom} is void: {void}")
        elif (end := end_of(signoff.at, asked.max_age)) is not None and end <= at:
            assert asked.max_age is not None
            lapsed[signoff] = Verdict(signoff, "expired", f"expired at {rfc3339(end)}")
            expired.append(f"{of_whom} was given {rfc3339(signoff.at)}, valid for {spoken(asked.max_age)}")
        elif end is not None:
            ends.append(end)
    verdicts = tuple(lapsed.get(signoff) or _standing(signoff, latest.get(signoff.role)) for signoff in given)
    shown = tuple(_shown(verdict) for verdict in verdicts)
    return Tally(tuple(rejected), tuple(missing), tuple(expired), shown, tuple(ends), verdicts)


def bar(
    policy: CompiledPolicy, criterion: Criterion, facts: Facts, selection: Selection, candidate: SignOff
) -> Bar | None:
    """What keeps a verdict given now from being admitted, beside those that stand already; None where nothing
    does. `criterion` asks for its role."""
    asked = criterion.signoff
    assert asked is not None
    at = candidate.at
    covered = Covered(policy, facts, selection, criterion.id, at)
    latest, _ = _admitted(policy, criterion, facts, covered, _given(criterion.id, asked, facts, at), at)
    return _inadmissible(policy, criterion.id, asked, facts, candidate, latest, covered, at)


def _given(criterion: str, asked: written.SignOff, facts: Facts, at: datetime) -> list[SignOff]:
    """In the order in which they were given; of two at one instant the rejection is the later one."""
    meant = {
        signoff
        for signoff in facts.signoffs
        if signoff.at <= at and signoff.role in asked.roles and signoff.criterion in (None, criterion)
    }
    return sorted(meant, key=lambda s: (s.at, s.verdict == "reject", s.role, s.by, s.comment, repr(s)))


def _admitted(
    policy: CompiledPolicy,
    criterion: Criterion,
    facts: Facts,
    covered: Covered,
    given: list[SignOff],
    at: datetime,
) -> tuple[dict[str, SignOff], dict[SignOff, Bar]]:
    """By role the latest verdict that is admissible, and why the inadmissible ones are that."""
    asked = criterion.signoff
    assert asked is not None
    latest: dict[str, SignOff] = {}
    refused: dict[SignOff, Bar] = {}
    for signoff in given:
        why_not = _inadmissible(policy, criterion.id, asked, facts, signoff, latest, covered, at)
        if why_not is None:
            latest[signoff.role] = signoff
        else:
            refused[signoff] = why_not
    return latest, refused


def _inadmissible(
    policy: CompiledPolicy,
    criterion: str,
    asked: written.SignOff,
    facts: Facts,
    signoff: SignOff,
    latest: Mapping[str, SignOff],
    covered: Covered,
    at: datetime,
) -> Bar | None:
    """Why a verdict is as good as not given. Whoever may not approve can still reject,
    and a rejection that names no criterion is one of all that ask for the role: that opens no gate."""
    if signoff.withdrawn_at is not None and signoff.withdrawn_at <= at:
        return Bar("withdrawn", f"withdrawn at {rfc3339(signoff.withdrawn_at)}")
    if signoff.artifacts is not None and frozenset(signoff.artifacts) != facts.release.digests:
        since = f"{facts.release.version} has its own since {rfc3339(facts.release.registered_at)}"
        return Bar("other_artifacts", f"given for other artifacts; {since}")
    if signoff.verdict == "reject":
        return None
    if signoff.criterion is None and len(policy.asking[signoff.role]) > 1:
        told = f"more than one criterion asks for the role {signoff.role}; name the one that is meant"
        return Bar("ambiguous_role", told)
    if (involved := involvement(facts, covered.submitted_by(signoff), signoff.by)) is not None:
        return Bar("duties_not_separate", f"{signoff.by} {involved}")
    if asked.distinct_persons:
        for role, other in latest.items():
            if role != signoff.role and other.by == signoff.by and other.verdict == "approve":
                told = f"{signoff.by} approved as {role}; each role needs a person of its own"
                return Bar("distinct_persons", told)
    lacking = [name for name in asked.acknowledge if name not in signoff.acknowledged]
    if lacking:
        return Bar("not_acknowledged", f"not acknowledged: {', '.join(lacking)}")
    if signoff.via not in asked.via:
        return Bar("other_channel", f"given through {signoff.via}; the policy asks for {' or '.join(asked.via)}")
    if asked.mfa and not signoff.mfa:
        return Bar("second_factor", "given without a second factor, which the policy asks for")
    return None


def involvement(facts: Facts, submitted: list[str], person: str) -> str | None:
    """What a person had to do with what he would approve; None: nothing. `submitted`: the types of the covered
    evidence that he submitted, or had submitted for him."""
    if person in (facts.release.registered_by, *facts.release.registered_for):
        return "registered the release"
    return f"submitted covered evidence: {', '.join(submitted)}" if submitted else None


def _bar_change(bar: Bar, facts: Facts) -> tuple[Change, ...]:
    if bar.code != "other_artifacts":
        return ()
    return (Change("artifacts", facts.release.version, facts.release.registered_at),)


def _standing(signoff: SignOff, latest: SignOff | None) -> Verdict:
    if latest is None or latest is signoff:
        return Verdict(signoff, "in-force", None)
    return Verdict(signoff, "superseded", f"superseded by the verdict of {latest.by} at {rfc3339(latest.at)}")


def _shown(verdict: Verdict) -> SignOffShown:
    of, reason = verdict.signoff, verdict.reason
    return SignOffShown(of.role, of.by, of.verdict, rfc3339(of.at), reason is None, reason)
