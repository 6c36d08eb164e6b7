"""The laws of what blocks, what only warns and what only echoes, each on random policies and facts."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.decision import encode
from phasegate.engine.facts import Evidence
from phasegate.engine.policy import Check, Criterion, EvidenceType
from tests.engine.laws import any_cases, asked, before_the_gate, can_spare, changed, extended, without
from tests.engine.strategies import Case, bounded, digest_of
from tests.engine.strategies_policies import OWN_VALUES, STEP

NEVER_TRUE = Check(that="release.version == ''", otherwise="never true")


@bounded(40)
@given(any_cases, st.data())
def test_what_an_advisory_criterion_says_never_changes_an_outcome(case: Case, data: Any) -> None:
    """Passing, failing or not applicable: the gates stand as they stood."""
    spared = can_spare(case.policy)
    assume(spared)
    criterion = data.draw(st.sampled_from(spared))
    variants = (
        changed(case.policy, criterion, advisory=True),
        changed(case.policy, criterion, advisory=True, checks=(*criterion.checks, NEVER_TRUE)),
        changed(case.policy, criterion, advisory=True, when=NEVER_TRUE.that),
    )
    decisions = [asked(case, policy=policy) for policy in variants]
    assert len({decision.outcome for decision in decisions}) == 1
    assert len({tuple(phase.status for phase in decision.phases) for decision in decisions}) == 1


@bounded(40)
@given(any_cases, st.data())
def test_adding_an_advisory_criterion_never_changes_an_outcome(case: Case, data: Any) -> None:
    """Not even one for which nothing was shown."""
    added = Criterion(id="added", title="Added", evidence="unshown", checks=(NEVER_TRUE,), advisory=True)
    n = data.draw(st.integers(0, len(case.policy.phases) - 1), "phase")
    types = {**case.policy.evidence, "unshown": EvidenceType(shape="report", scope="release")}
    after = asked(case, policy=replace(extended(case.policy, n, added), evidence=types))
    assert after.outcome == asked(case).outcome


@bounded(40)
@given(any_cases, st.data())
def test_a_criterion_blocks_from_its_effective_date_on_and_not_before(case: Case, data: Any) -> None:
    """With a date ahead it is as good as advisory; with one that has come it is as if it had none."""
    criterion = data.draw(st.sampled_from(case.policy.criteria))
    come = changed(case.policy, criterion, effective_from=case.at - data.draw(st.sampled_from((0 * STEP, STEP))))
    undated = changed(case.policy, criterion, effective_from=None)
    assert encode(asked(case, policy=come)) == encode(asked(case, policy=undated))
    if criterion in can_spare(case.policy):
        ahead = changed(case.policy, criterion, effective_from=case.at + STEP)
        advisory = changed(case.policy, criterion, effective_from=None, advisory=True)
        left_out = ("valid_until", "next_change", "reason", "inputs_digest")
        assert without(asked(case, policy=ahead), *left_out) == without(asked(case, policy=advisory), *left_out)


@bounded(40)
@given(any_cases, st.data())
def test_a_further_dependency_changes_nothing_but_what_is_called_a_cause(case: Case, data: Any) -> None:
    """Adding a dependency, satisfied or not, changes no outcome and no status, and some cause is always left."""
    bare = [replace(criterion, depends_on=()) for criterion in case.policy.criteria]
    policy = case.policy
    for criterion in bare:
        policy = changed(policy, criterion, depends_on=())
    assume(len(bare) > 1)
    on, dependent = sorted(data.draw(st.lists(st.sampled_from(range(len(bare))), min_size=2, max_size=2, unique=True)))
    further = changed(policy, bare[dependent], depends_on=(bare[on].id,))
    before, after = asked(case, policy=policy), asked(case, policy=further)
    left_out = ("because_of", "summary", "reason")
    assert without(after, *left_out) == without(before, *left_out)
    shut = [c for c in before_the_gate(after) if c.blocking and c.status not in ("pass", "waived", "not-applicable")]
    assert after.summary.startswith("0 of") is False
    assert bool(shut) == after.summary[0].isdigit()


_fitting = st.fixed_dictionaries(
    {},
    optional={
        "least": st.sampled_from((1, 2, 3)),
        "share": st.sampled_from((0, 0.25, 1)),
        "strict": st.booleans(),
    },
)


@bounded(40)
@given(any_cases, _fitting)
def test_own_values_within_bounds_are_as_if_the_policy_had_them_as_defaults(case: Case, values: Any) -> None:
    """However old they are: past its max_age the record is no evidence, but still what was promised."""
    record = Evidence(OWN_VALUES, {}, case.at - 9 * STEP, case.at - 9 * STEP, digest_of("own values"))
    others = tuple(record for record in case.facts.evidence if record.type != OWN_VALUES)
    own = replace(case.facts, evidence=(*others, replace(record, data={"params": values})))
    none = replace(case.facts, evidence=(*others, replace(record, data={"params": {}})))
    defaults = {
        name: replace(parameter, default=values.get(name, parameter.default))
        for name, parameter in case.policy.params.items()
    }
    assert encode(asked(case, facts=own)) == encode(
        asked(case, facts=none, policy=replace(case.policy, params=defaults))
    )
