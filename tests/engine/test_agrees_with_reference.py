"""The engine and the reference, two readings of the same rules, answer alike on random policies and facts."""

import re
from datetime import datetime

from hypothesis import given

from phasegate.engine.decision import Decision
from phasegate.engine.gate import decide
from tests.engine.reference import CriterionSays, PhaseSays, Says, what_the_text_says
from tests.engine.strategies import DIGEST, Case, bounded, cases, likely_cases
from tests.engine.strategies_narrow import contested_cases, own_value_cases


def as_said(decision: Decision) -> Says:
    """A decision of the engine in the words of the reference."""
    maturity = decision.maturity
    return Says(
        decision.outcome,
        decision.current_phase,
        tuple(PhaseSays(p.id, p.status, p.applicable, p.satisfied) for p in decision.phases),
        {
            c.id: CriterionSays(
                c.status,
                c.underlying,
                tuple(check.passed for check in c.checks)
                if (c.underlying or c.status) in ("pass", "fail", "error")
                else None,
                frozenset(read.digest for read in c.evidence),
                frozenset(gone.digest for gone in c.revoked),
                instant(c.expires_at),
                None
                if c.waiver is None
                else (c.waiver.granted_by, datetime.fromisoformat(c.waiver.expires_at), c.waiver.used),
                c.blocking,
                c.because_of,
                frozenset((s.role, s.by, s.verdict, datetime.fromisoformat(s.at)) for s in c.signoffs if s.counts),
            )
            for phase in decision.phases
            for c in phase.criteria
        },
        None
        if maturity is None
        else (maturity.level, () if maturity.next is None else tuple(unmet.id for unmet in maturity.next.unmet)),
        instant(decision.valid_until),
        None if decision.outcome == "go" else counted(decision.summary),
    )


def counted(summary: str) -> int:
    """The number of criteria that a summary says stand in the way; 0 where it names none."""
    found = re.match(r"([0-9]+) of [0-9]+ criteria stands? between ", summary)
    return int(found[1]) if found else 0


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def agree(case: Case) -> None:
    decision = decide(case.compiled(), case.facts, case.gate, case.at)
    told, said = as_said(decision), what_the_text_says(case.policy, DIGEST, case.facts, case.gate, case.at)
    for name, criterion in said.criteria.items():
        if criterion.checks is None:
            # Where no check is looked at, as under a standing rejection, the text leaves open what is shown of them.
            told.criteria[name] = told.criteria[name]._replace(checks=None)
    assert told == said
    assert (decision.next_change.at if decision.next_change else None) == decision.valid_until


@bounded(130)
@given(cases())
def test_on_any_facts(case: Case) -> None:
    agree(case)


@bounded(100)
@given(likely_cases())
def test_on_facts_that_nearly_pass(case: Case) -> None:
    agree(case)


@bounded(500)
@given(contested_cases())
def test_on_sign_offs_that_contradict_each_other(case: Case) -> None:
    agree(case)


@bounded(150)
@given(own_value_cases())
def test_on_own_values_of_parameters(case: Case) -> None:
    agree(case)
