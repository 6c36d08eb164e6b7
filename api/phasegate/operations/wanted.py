"""Which sign-offs a release waits for: what each covers, who may give it, and what changed since the last."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.engine.covered import Change
from phasegate.engine.gate import decide
from phasegate.engine.policy import Criterion
from phasegate.engine.signoffs import Verdict
from phasegate.engine.structure import LAUNCH
from phasegate.operations.facts import as_fact
from phasegate.operations.policies import Policies
from phasegate.operations.releases import found_release
from phasegate.operations.signoffs import eligible
from phasegate.operations.standing import Standing, standing
from phasegate.storage import signoffs as stored
from phasegate.storage.signoffs import SignOffRecord


class CoveredRecord(NamedTuple):
    """A record that a criterion reads, and that a verdict covers."""

    criterion: str
    type: str
    evidence: str | None
    """Its id."""
    digest: str


class Wanted(NamedTuple):
    """A verdict that isn't given, or doesn't stand."""

    criterion: str
    role: str
    covers: str
    covered: tuple[CoveredRecord, ...]
    acknowledge: dict[str, str]
    """The sentences to confirm, by id."""
    eligible: tuple[str, ...]
    barred: tuple[tuple[str, str], ...]
    """Who holds the role and can't approve, each with why."""
    since_last: tuple[Change, ...]
    """What changed since the last verdict in this role."""


class SignOffs(NamedTuple):
    """The sign-offs of a release with what has become of each, and those that are wanted."""

    items: tuple[tuple[SignOffRecord, Verdict], ...]
    wanted: tuple[Wanted, ...]


def signoffs_of(
    connection: Connection, policies: Policies, org: str, subject: str, version: str, now: datetime
) -> SignOffs:
    """How a release stands with its sign-offs. Raises `NotFound`."""
    release = found_release(connection, org, subject, version)
    return signoffs_on(connection, standing(connection, policies, org, release, now))


def signoffs_on(connection: Connection, here: Standing) -> SignOffs:
    """How what stands is signed off."""
    release = here.release
    given = [
        each
        for each in stored.of_bound(connection, here.org, release.subject, release.bound)
        if each.given_at <= here.at
    ]
    items = tuple((each, here.verdict_of(as_fact(each))) for each in given)
    return SignOffs(items, _wanted(connection, here))


def _wanted(connection: Connection, here: Standing) -> tuple[Wanted, ...]:
    if not here.policy.asking:
        return ()
    decision = decide(here.policy, here.facts, LAUNCH, here.at)
    exempt = {c.id for phase in decision.phases for c in phase.criteria if c.status == "not-applicable"}
    wanted = []
    for criterion in here.policy.policy.criteria:
        if criterion.signoff is None or criterion.id in exempt:
            continue
        for role in dict.fromkeys(criterion.signoff.roles):
            given = [v for v in here.verdicts if v.signoff.role == role and _about(v, criterion)]
            if not any(v.state == "in-force" and v.signoff.verdict == "approve" for v in given):
                wanted.append(_of_role(connection, here, criterion, role, given))
    return tuple(wanted)


def _about(verdict: Verdict, criterion: Criterion) -> bool:
    return verdict.signoff.criterion == criterion.id and verdict.state != "withdrawn"


def _of_role(connection: Connection, here: Standing, criterion: Criterion, role: str, given: list[Verdict]) -> Wanted:
    assert criterion.signoff is not None
    last = given[-1] if given else None
    since: tuple[Change, ...] = ()
    if last is not None:
        since = last.changed or here.covered(criterion.id).changes(last.signoff)
    free, barred = eligible(connection, here, criterion, role)
    return Wanted(
        criterion.id,
        role,
        here.covers(criterion.id, role),
        records_covered(here, criterion),
        dict(criterion.signoff.acknowledge),
        free,
        barred,
        since,
    )


def records_covered(here: Standing, criterion: Criterion) -> tuple[CoveredRecord, ...]:
    """What a verdict covers, by the criteria that read it, in the policy's order."""
    assert criterion.signoff is not None
    covers, now = criterion.signoff.covers, here.covered(criterion.id).now
    return tuple(
        CoveredRecord(each.id, kind, now[kind].id, now[kind].digest)
        for phase in here.policy.policy.phases
        for each in phase.criteria
        if each.id == criterion.id or each.id in covers.criteria or phase.id in covers.phases
        for kind in here.policy.rules[each.id].types
        if kind in now
    )
