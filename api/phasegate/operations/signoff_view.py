"""One criterion and role of a release, as the person sees it who would sign."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from phasegate.engine.decision import Decision
from phasegate.engine.gate import decide
from phasegate.engine.policy import Criterion
from phasegate.engine.signoffs import Verdict
from phasegate.engine.structure import LAUNCH
from phasegate.errors import NotFound
from phasegate.operations.policies import Policies
from phasegate.operations.releases import found_release
from phasegate.operations.standing import Standing, standing
from phasegate.operations.wanted import CoveredRecord, Wanted, records_covered, signoffs_on
from phasegate.storage import roles
from phasegate.storage.signoffs import SignOffRecord


class View(NamedTuple):
    here: Standing
    decision: Decision
    """Of the launch gate, now."""
    criterion: Criterion
    role: str
    given: tuple[tuple[SignOffRecord, Verdict], ...]
    """Verdicts in this role, newest first, and what has become of each."""
    wanted: Wanted | None
    """None where an approval stands, or the criterion does not apply."""
    holds: bool
    """Whether the person who looks holds the role."""
    covers: str
    covered: tuple[CoveredRecord, ...]


def view(
    connection: Connection,
    policies: Policies,
    org: str,
    subject: str,
    version: str,
    criterion: str,
    role: str,
    person: str,
    now: datetime,
) -> View:
    """Raises `NotFound` where the release's policy asks for no such sign-off."""
    here = standing(connection, policies, org, found_release(connection, org, subject, version), now)
    found = here.criteria.get(criterion)
    if found is None or found.signoff is None or role not in found.signoff.roles:
        raise NotFound("the policy of this release asks for no such sign-off")
    signoffs = signoffs_on(connection, here)
    grants = roles.held(connection, org, person, now)
    return View(
        here,
        decide(here.policy, here.facts, LAUNCH, now),
        found,
        role,
        tuple(each for each in reversed(signoffs.items) if (each[0].criterion, each[0].role) == (criterion, role)),
        next((each for each in signoffs.wanted if (each.criterion, each.role) == (criterion, role)), None),
        any(grant.role == role and grant.covers(here.facts.subject.team, subject) for grant in grants),
        here.covers(criterion, role),
        records_covered(here, found),
    )
