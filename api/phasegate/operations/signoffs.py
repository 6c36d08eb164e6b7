"""Signing off, and taking it back."""

from typing import Literal, NamedTuple

from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.facts import SignOff
from phasegate.engine.policy import Criterion
from phasegate.engine.signoffs import Bar, Verdict, bar
from phasegate.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Problem, nearest
from phasegate.operations.decisions import Clock
from phasegate.operations.facts import as_fact
from phasegate.operations.people_only import Person, instant_of, require_person
from phasegate.operations.policies import Policies
from phasegate.operations.standing import Standing, held_release, known_criterion, not_before, settled, standing
from phasegate.storage import roles
from phasegate.storage import signoffs as stored
from phasegate.storage.audit import record
from phasegate.storage.roles import RoleGrant
from phasegate.storage.signoffs import SignOffRecord
from phasegate.storage.subjects import raise_counter


class NewSignOff(NamedTuple):
    """What a signer says."""

    role: str
    verdict: Literal["approve", "reject"]
    criterion: str | None
    comment: str
    acknowledged: tuple[str, ...]
    covers: str | None
    """As it was shown to him; None: he wasn't shown any."""


class Signed(NamedTuple):
    record: SignOffRecord
    verdict: Verdict
    """What has become of it."""
    created: bool


def sign(
    connection: Connection,
    policies: Policies,
    caller: Person,
    subject: str,
    version: str,
    given: NewSignOff,
    clock: Clock,
) -> Signed:
    """Record a verdict on what stands. The same again, while it is in force, is the same sign-off.

    Raises `Forbidden` (no person, role not held, duties not separate, another channel), `Conflict` (`stale`,
    `ambiguous_role`) or `Invalid` (an acknowledgement lacks, a name is unknown), each with what to do.
    """
    org = caller.actor.org
    release = held_release(connection, org, subject, version)
    require_person(caller, "signs off")
    here = settled(connection, policies, org, release, instant_of(connection, caller.actor, clock))
    criterion = _meant(here, given)
    new = _drawn_up(here, caller, given, criterion, _grant(connection, here, caller.id, given.role))
    if given.covers not in (None, new.covers):
        why = Fault("covers", "is not what stands now", suggestion="GET …/signoffs shows what there is now")
        told = "what the sign-off covers has changed since it was shown; look at it anew, then sign"
        raise Conflict(told, faults=(why,), code="stale")
    for each in stored.of_bound(connection, org, subject, release.bound):
        if _same(each, new) and (verdict := here.verdict_of(as_fact(each))).state == "in-force":
            return Signed(each, verdict, False)
    why_not = bar(here.policy, criterion, here.facts, here.selection, as_fact(new))
    if why_not is not None:
        raise _refusal(connection, here, criterion, given, why_not)
    stored.insert(connection, org, new)
    raise_counter(connection, org, subject, release.bound)
    after = {"criterion": new.criterion, "role": new.role, "verdict": new.verdict, "covers": new.covers}
    record(
        connection,
        caller.actor,
        here.at,
        "signoff.recorded",
        ("signoff", new.id),
        after=after,
        subject=subject,
        release=version,
    )
    return Signed(new, Verdict(as_fact(new), "in-force", None), True)


def withdraw(
    connection: Connection,
    policies: Policies,
    caller: Person,
    subject: str,
    version: str,
    identifier: str,
    reason: str,
    clock: Clock,
) -> Signed:
    """Take a sign-off back, from now on. Doing so again changes nothing.

    By its signer or an administrator; a tool or service that is one may take back an approval, and no rejection,
    since that could open a gate. Raises `NotFound`, `Forbidden` or `Invalid`.
    """
    org = caller.actor.org
    release = held_release(connection, org, subject, version)
    found = stored.by_id(connection, org, identifier)
    if found is None or (found.subject, found.bound) != (subject, release.bound):
        raise NotFound("the release has no such sign-off")
    if found.given_by != caller.id and not caller.admin:
        raise Forbidden(f"only {found.given_by}, who gave it, or an administrator can take it back", code="not_yours")
    if found.verdict == "reject":
        require_person(caller, "takes back a rejection")
    if not reason.strip():
        raise Invalid.at("reason", "must say why it is taken back", code="reason_missing")
    at = not_before(instant_of(connection, caller.actor, clock), (found.given_at,))
    if stored.withdraw(connection, org, found, str(uuid7()), reason, caller.id, at):
        # Releases with other artifacts tell of it, too.
        raise_counter(connection, org, subject, "")
        raise_counter(connection, org, subject, release.bound)
        record(
            connection,
            caller.actor,
            at,
            "signoff.withdrawn",
            ("signoff", found.id),
            after={"withdrawn_at": at},
            subject=subject,
            release=version,
        )
    gone = stored.by_id(connection, org, identifier)
    assert gone is not None
    return Signed(gone, standing(connection, policies, org, release, at).verdict_of(as_fact(gone)), False)


def _meant(here: Standing, given: NewSignOff) -> Criterion:
    """The criterion that a verdict is about."""
    asking = here.policy.asking
    if given.criterion is None:
        of_role = asking.get(given.role, ())
        if len(of_role) > 1:
            told = f"more than one criterion asks for the role {given.role}: {', '.join(of_role)}"
            why = Fault("criterion", "is required here", suggestion=f"one of: {', '.join(of_role)}")
            raise Conflict(f"{told}; say which one is meant", faults=(why,), code="ambiguous_role")
        if not of_role:
            hint = nearest(given.role, asking) or f"asked for are: {', '.join(sorted(asking)) or 'none'}"
            raise Invalid.at("role", "is not one that this release asks for", code="unknown_role", suggestion=hint)
        return here.criteria[of_role[0]]
    criterion = known_criterion(here, given.criterion)
    if criterion.signoff is None:
        hint = f"those that do: {', '.join(sorted({name for names in asking.values() for name in names})) or 'none'}"
        raise Invalid.at("criterion", "asks for no sign-off", code="no_signoff_asked", suggestion=hint)
    if given.role not in criterion.signoff.roles:
        hint = nearest(given.role, criterion.signoff.roles) or f"it asks for: {', '.join(criterion.signoff.roles)}"
        raise Invalid.at("role", f"is not one that {criterion.id} asks for", code="unknown_role", suggestion=hint)
    return criterion


def _grant(connection: Connection, here: Standing, person: str, role: str) -> RoleGrant:
    """By what the person holds the role for this subject."""
    team, subject = here.facts.subject.team, here.release.subject
    for grant in roles.held(connection, here.org, person, here.at):
        # An end ahead is told by a server whose clock is ahead: for whoever signs behind it, it has been.
        if grant.role == role and grant.covers(team, subject) and grant.ended_at is None:
            return grant
    told = f"{person} does not hold the role {role} for {subject} (team {team})"
    holders = roles.holders(connection, here.org, role, team, subject, here.at)
    mend = f"who does: {', '.join(holders)}" if holders else "nobody does; an administrator can give it to somebody"
    raise Forbidden(f"{told}; {mend}", code="role_not_held")


def _drawn_up(
    here: Standing, caller: Person, given: NewSignOff, criterion: Criterion, grant: RoleGrant
) -> SignOffRecord:
    """The verdict, bound to what stands."""
    release = here.release
    return SignOffRecord(
        id=str(uuid7()),
        subject=release.subject,
        bound=release.bound,
        release=release.version,
        artifacts=here.artifacts,
        policy=release.policy,
        policy_version=release.policy_version,
        policy_digest=here.policy.digest,
        criterion=criterion.id,
        role=given.role,
        role_grant=grant.id,
        verdict=given.verdict,
        given_by=caller.id,
        given_at=here.at,
        acknowledged=tuple(sorted(set(given.acknowledged))),
        covered=here.covered(criterion.id).digests,
        covers=here.covers(criterion.id, given.role),
        covers_shown=given.covers is not None,
        via=caller.via,
        assurance=caller.assurance,
        mfa=caller.mfa,
        comment=given.comment,
    )


def _same(one: SignOffRecord, other: SignOffRecord) -> bool:
    said = ("criterion", "role", "verdict", "given_by", "acknowledged", "covers", "covers_shown", "comment")
    return all(getattr(one, name) == getattr(other, name) for name in (*said, "via", "assurance", "mfa"))


def _refusal(connection: Connection, here: Standing, criterion: Criterion, given: NewSignOff, why_not: Bar) -> Problem:
    """Why a verdict is refused, and what to do, for a person who knows nothing of policies."""
    asked = criterion.signoff
    assert asked is not None
    if why_not.code == "not_acknowledged":
        lacking = [name for name in asked.acknowledge if name not in given.acknowledged]
        faults = tuple(Fault("acknowledged", f"lacks {name}: {asked.acknowledge[name]}") for name in lacking)
        sentences = "; ".join(f"{asked.acknowledge[name]} ({name})" for name in lacking)
        return Invalid(f"whoever approves has to confirm: {sentences}", faults=faults, code="not_acknowledged")
    if why_not.code == "other_channel":
        return Forbidden(f"the approval of {criterion.id} is refused: {why_not.told}", code=why_not.code)
    if why_not.code == "second_factor":
        return Forbidden(f"the approval of {criterion.id} needs a log-in with a second factor", code=why_not.code)
    others, _ = eligible(connection, here, criterion, given.role)
    ask = f"ask another {given.role}: {', '.join(others)}" if others else f"nobody else holds the role {given.role} yet"
    rule = "who approves must have had no hand in it; " if why_not.code == "duties_not_separate" else ""
    return Forbidden(f"{why_not.told}; {rule}{ask}", code=why_not.code)


def eligible(
    connection: Connection, here: Standing, criterion: Criterion, role: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Who could approve in this role now; and who holds it and can't, each with why."""
    asked = criterion.signoff
    assert asked is not None
    covered = here.covered(criterion.id).digests
    free: list[str] = []
    barred: list[tuple[str, str]] = []
    for person in roles.holders(connection, here.org, role, here.facts.subject.team, here.release.subject, here.at):
        candidate = SignOff(
            role,
            "approve",
            person,
            here.at,
            criterion.id,
            tuple(asked.acknowledge),
            via=asked.via[0] if asked.via else "api",
            mfa=True,
            covered=covered,
        )
        why_not = bar(here.policy, criterion, here.facts, here.selection, candidate)
        if why_not is None:
            free.append(person)
        else:
            barred.append((person, why_not.told))
    return tuple(free), tuple(barred)
