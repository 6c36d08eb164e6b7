"""Random small policies.

All instants lie on a coarse grid, half a second aside of it at most, and every length of time is a
few steps of the grid, so that ends are met exactly again and again.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.facts import STRENGTHS
from phasegate.engine.policy import (
    Check,
    Covers,
    Criterion,
    EvidenceType,
    Field,
    Level,
    MaturityModel,
    Parameter,
    Phase,
    Policy,
    Requirement,
    Shape,
    SignOff,
    WaiverLimits,
)

STEP = timedelta(minutes=30)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TYPES = ("alpha", "beta", "gamma", "delta")
OWN_VALUES = "success-criteria"
ROLES = ("owner", "legal")

offsets = st.sampled_from(
    [steps * STEP + half for steps in (-1, -2, 0, -3, -4, 1) for half in (timedelta(), timedelta(seconds=0.5))][:-1]
)
"""Of instants near that of the question, more of them before it than after it."""


instants = st.sampled_from([START + steps * STEP for steps in range(9)])
_effective = st.sampled_from([steps * STEP for steps in (-1, 0, 1, 2)] + [timedelta(seconds=0.5)])
lengths = st.sampled_from((STEP, 2 * STEP, 2 * STEP, 4 * STEP, STEP + timedelta(seconds=0.5)))

REPORT = Shape(
    fields={
        "passed": Field(type="int", min=0),
        "total": Field(type="int", min=0),
        "score": Field(type="double", optional=True),
        "flag": Field(type="bool", optional=True),
        "at": Field(type="timestamp", optional=True),
        "took": Field(type="duration", optional=True),
        "metrics": Field(type="map<string,double>"),
        "names": Field(type="list<string>"),
        "times": Field(type="list<timestamp>"),
        "cases": Field(
            type="list<object>",
            fields={
                "name": Field(type="string"),
                "status": Field(type="string"),
                "note": Field(type="string", optional=True),
            },
        ),
    }
)

CRITERIA = Shape(fields={"params": Field(type="map<string,double>")})
"""Of the subject's own values. Random ones are of other types too, as no shape would let them in."""

OF_ONE = (
    "evidence.passed >= 1",
    "evidence.passed == evidence.total && evidence.total > 0",
    "evidence.passed / evidence.total >= 1",
    "evidence.passed + 9223372036854775806 > 0",
    "evidence.score >= 0.5",
    "has(evidence.score) && evidence.score >= 0.5",
    "!has(evidence.score) || evidence.score >= 0.5",
    "evidence.flag",
    "evidence.flag || evidence.passed >= 1",
    "!(evidence.score < 0.5)",
    'evidence.metrics["auc"] >= 0.5',
    '"auc" in evidence.metrics',
    "evidence.at <= record.collected_at",
    'evidence.took < duration("1h")',
    'size(evidence.cases) > 0 && evidence.cases.all(c, c.status == "ok")',
    'evidence.cases.exists(c, c.note == "seen")',
    'context.env == "staging"',
    'has(context.env) && context.env == "staging"',
    'record.strength != "declared"',
    'record.submitted_by != "cyd"',
    "record.received_at > record.collected_at",
    "evidence.passed >= params.least",
    "double(evidence.passed) >= params.share * double(evidence.total)",
    "release.registered_at <= record.collected_at",
    "evidence.names.exists(evidence, evidence == 'ann') && evidence.passed >= 1",
    "'ann' in evidence.names || evidence.score > 0.5",
    "evidence.names.all(n, n.startsWith('a') || n.contains('e')) && size(evidence.names) > 0",
    "evidence.names.exists_one(n, n.matches('^a.*n$'))",
    "evidence.names.map(n, size(n)).all(s, s > 2) && !(evidence.names == [])",
    "evidence.times.exists(t, t <= record.collected_at)",
    "evidence.times.all(t, t < record.received_at || t == record.collected_at)",
    "record.received_at - record.collected_at < duration('31m')",
    "evidence.cases.filter(c, has(c.note)).size() == size(evidence.cases)",
    "evidence.cases.all(c, c.note == 'seen' || c.status == 'ok')",
    "!evidence.cases.exists(c, c.status == 'bad' && c.note != '')",
    "evidence.metrics.all(m, evidence.metrics[m] > 0.5)",
    "(has(evidence.score) ? evidence.score : 0.0) * 2.0 > 0.9",
    "evidence.passed - evidence.total * 2 < 0 || evidence.flag",
    "evidence.total > 0 && evidence.passed * 4611686018427387904 / 4611686018427387904 == evidence.passed",
    "string(evidence.passed) in ['1', '2'] && context.env != 'laptop'",
    "subject.attributes.regulated == true || evidence.passed >= 1",
    "subject.attributes.tier != 3 && subject.attributes.tier in ['high', 'low']",
    "has(subject.attributes.tier) && string(subject.attributes.tier) != 'low'",
    "context.env == params.env",
    "!params.strict || evidence.passed == evidence.total",
    "evidence.passed >= 1 || params.least > 2",
    "evidence.passed >= 1 && params.share >= 0.5",
    'evidence.passed >= 1 || "params.share" == ""',
    "evidence.passed >= 1 // params.least",
    'facts["success-criteria"].record.received_at <= record.collected_at',
    '!("success-criteria" in facts) || facts["success-criteria"].record.received_at <= record.collected_at',
    'evidence.passed >= 1 // not facts["alpha"]',
    '"facts[0]" != "" && evidence.total > 0',
)
OF_TWO = (
    'facts["%s"].evidence.passed >= 1',
    'facts["%s"].record.collected_at <= record.collected_at',
    'facts["%s"].evidence.score >= 0.5 && evidence.passed >= 1',
    'facts["%s"].context.env == "staging"',
    '!("%s" in facts) || facts["%s"].evidence.passed >= 1',
    '"%s" in facts ? facts["%s"].evidence.score >= 0.5 : evidence.passed >= 1',
    '"%s" in facts && facts["%s"].evidence.total > 0',
    '"%s" in facts || evidence.passed >= 1',
    '!("%s" in facts)',
)
OF_ANOTHER = (
    'facts["%s"].evidence.passed >= 1',
    'facts["%s"].context.env == params.env',
    '!("%s" in facts) || facts["%s"].evidence.passed >= params.least',
    "release.version != ''",
)
"""For a criterion without a primary type."""
WHEN = (
    "subject.attributes.regulated == true",
    "subject.attributes.regulated != false",
    'subject.attributes.tier == "high"',
    'subject.attributes.tier > 2 || release.version == ""',
    'release.predecessor != ""',
    "params.least > 1",
    "1 / (params.least - params.least) == 1",
    "size(release.artifacts) == 1",
    "params.strict",
    "params.share >= 0.25 || release.predecessor == ''",
)


def _expression(template: str, other: str) -> str:
    return template.replace("%s", other)


checks = st.builds(
    lambda that: Check(that=that, otherwise="not so"),
    st.one_of(
        st.sampled_from(OF_ONE[:2]),
        st.sampled_from(OF_ONE),
        st.builds(_expression, st.sampled_from(OF_TWO), st.sampled_from(TYPES)),
    ),
)
_check_lists = st.lists(checks, min_size=1, max_size=3).map(tuple)
_strengths = st.none() | st.none() | st.sampled_from(STRENGTHS)
_when = st.none() | st.sampled_from(WHEN)


_without_primary = st.builds(
    lambda template, other: Check(that=_expression(template, other), otherwise="not so"),
    st.sampled_from(OF_ANOTHER),
    st.sampled_from(TYPES),
)
_CHANNELS: tuple[dict[str, Any], ...] = (*({},) * 4, {"via": ("web", "api")}, {"mfa": True})


_role_sets = st.sampled_from((ROLES[:1], ROLES, ROLES[::-1]))
_acknowledgements: st.SearchStrategy[dict[str, str]] = st.sampled_from(({}, {"limits": "I know the limits."}))
_channels = st.sampled_from(_CHANNELS)
_types = st.sampled_from(TYPES)
_few_checks = st.lists(_without_primary, max_size=1)
_one_in = {n: st.sampled_from((False,) * (n - 1) + (True,)) for n in (4, 5, 6)}
_ages = st.none() | lengths


@st.composite
def _sign_offs_asked(draw: st.DrawFn, criteria: tuple[str, ...], phases: tuple[str, ...]) -> SignOff:
    return SignOff(
        roles=draw(_role_sets),
        distinct_persons=draw(st.booleans()),
        covers=Covers(
            phases=draw(st.sampled_from(((), phases[:1], phases))),
            criteria=draw(st.sampled_from(((), (), *((criterion,) for criterion in criteria)))),
        ),
        acknowledge=draw(_acknowledgements),
        max_age=draw(_ages),
        **draw(_channels),
    )


@st.composite
def _criteria(
    draw: st.DrawFn, name: str, criteria: tuple[str, ...], phases: tuple[str, ...], forward: bool, at: datetime
) -> Criterion:
    signed = draw(_one_in[4])
    alone = signed and draw(st.booleans())
    others = criteria[criteria.index(name) + 1 :] if forward else criteria[: criteria.index(name)]
    return Criterion(
        id=name,
        title=f"Criterion {name}",
        evidence=None if alone else draw(_types),
        checks=tuple(draw(_few_checks)) if alone else draw(_check_lists),
        when=draw(_when),
        strength=draw(_strengths),
        waivable=not draw(_one_in[4]),
        signoff=draw(_sign_offs_asked(criteria, phases)) if signed else None,
        depends_on=draw(st.sampled_from(((), others[-1:], others))) if others else (),
        effective_from=at + draw(_effective) if draw(_one_in[5]) else None,
        advisory=draw(_one_in[6]),
    )


@st.composite
def _requirements(draw: st.DrawFn, criteria: tuple[str, ...], phases: tuple[str, ...], name: str) -> str | Requirement:
    kind = draw(st.sampled_from(("id", "phase", "all", "some", "rule")))
    if kind == "id":
        return draw(st.sampled_from(criteria))
    if kind == "phase":
        return draw(st.sampled_from(phases))
    if kind == "all":
        return Requirement(id=name, criteria="all")
    if kind == "some":
        return Requirement(id=name, criteria=tuple(draw(st.lists(st.sampled_from(criteria), min_size=1, max_size=2))))
    return Requirement(
        id=name,
        evidence=draw(_types),
        checks=draw(_check_lists),
        when=draw(_when),
        strength=draw(_strengths),
    )


@st.composite
def _maturity(draw: st.DrawFn, criteria: tuple[str, ...], phases: tuple[str, ...]) -> MaturityModel:
    levels = [Level(level=1, id="level-1", name="One")]
    for n in range(2, 1 + draw(st.integers(1, 3))):
        requires = tuple(draw(_requirements(criteria, phases, f"r{n}-{i}")) for i in range(draw(st.integers(0, 2))))
        levels.append(Level(level=n, id=f"level-{n}", name=f"Level {n}", requires=requires))
    return MaturityModel(levels=tuple(levels))


@st.composite
def policies(draw: st.DrawFn, at: datetime) -> Policy:
    """A policy of one to three phases over four types of evidence of one shape, to be asked around `at`."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    names = [tuple(f"c{p}{c}" for c in range(size)) for p, size in enumerate(sizes)]
    criteria = tuple(name for of_phase in names for name in of_phase)
    ids = tuple(f"p{p}" for p in range(len(sizes)))
    forward = draw(st.booleans())
    scopes = {"alpha": "release", "beta": "subject", "gamma": "release", "delta": "subject"}
    return Policy(
        policy="random",
        version="1.0.0",
        params={
            "least": Parameter(type="int", default=draw(st.sampled_from((1, 2))), min=1, max=3),
            "share": Parameter(type="double", default=draw(st.sampled_from((0, 1, 0.5))), min=0, max=1.0),
            "env": Parameter(type="string", default="staging"),
            "strict": Parameter(type="bool", default=draw(st.booleans())),
        },
        roles=ROLES,
        waivers=draw(st.sampled_from((WaiverLimits(max=2 * STEP), WaiverLimits(max=4 * STEP), None))),
        shapes={"report": REPORT, OWN_VALUES: CRITERIA},
        evidence={
            **{
                name: EvidenceType(
                    shape="report",
                    scope="release" if scopes[name] == "release" else "subject",
                    max_age=draw(_ages),
                    context=("env?",),
                    recurring=name == "delta",
                )
                for name in TYPES
            },
            OWN_VALUES: EvidenceType(shape=OWN_VALUES, scope="subject", max_age=draw(_ages)),
        },
        phases=tuple(
            _able_to_block(
                Phase(id=name, criteria=tuple(draw(_criteria(c, criteria, ids, forward, at)) for c in of_phase))
            )
            for name, of_phase in zip(ids, names, strict=True)
        ),
        maturity=draw(st.none() | _maturity(criteria, ids)),
    )


def blocking(criterion: Criterion) -> bool:
    """Whether it can ever block."""
    return not criterion.advisory


def _able_to_block(phase: Phase) -> Phase:
    first, *others = phase.criteria
    if any(blocking(criterion) for criterion in phase.criteria):
        return phase
    return replace(phase, criteria=(replace(first, advisory=False), *others))
