"""Random small policies and random facts to decide on.

All instants lie on a coarse grid, half a second aside of it at most, and every length of time is a
few steps of the grid, so that ends are met exactly again and again.
"""

import os
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from hypothesis import Phase as HypothesisPhase
from hypothesis import note, settings
from hypothesis import strategies as st

from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.facts import STRENGTHS, Artifact, Evidence, Facts, Producer, Release, Subject, Waiver
from phasegate.engine.policy import (
    Check,
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
MODEL, TOKENIZER, OTHER = ("a" * 64, "b" * 64, "c" * 64)
TYPES = ("alpha", "beta", "gamma", "delta")
PEOPLE = ("", "ann", "ben", "cyd", "dee")
_EXAMPLES = float(os.environ.get("PHASEGATE_EXAMPLES", "1"))


def bounded(examples: int) -> settings:
    """The settings of a property: the same cases every time; `PHASEGATE_EXAMPLES` multiplies their number."""
    return settings(
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=max(1, int(examples * _EXAMPLES)),
        phases=(HypothesisPhase.explicit, HypothesisPhase.generate, HypothesisPhase.shrink),
    )


class Case(NamedTuple):
    """One question for the engine."""

    policy: Policy
    facts: Facts
    gate: str
    at: datetime

    def compiled(self) -> CompiledPolicy:
        """The policy, compiled once for all questions about one case."""
        return _kept(msgspec.json.encode(self.policy))


def compiled(policy: Policy) -> CompiledPolicy:
    """`policy` ready to be decided on, compiled anew."""
    return compile_policy(policy, "sha256:" + "0" * 64, {})


@lru_cache(maxsize=8)
def _kept(encoded: bytes) -> CompiledPolicy:
    return compiled(msgspec.json.decode(encoded, type=Policy))


_offsets = st.sampled_from(
    [steps * STEP + half for steps in (-1, -2, 0, -3, -4, 1) for half in (timedelta(), timedelta(seconds=0.5))][:-1]
)


def around(at: datetime) -> st.SearchStrategy[datetime]:
    """Instants of the grid near `at`, more of them before it than after it."""
    return _offsets.map(lambda offset: at + offset)


instants = st.sampled_from([START + steps * STEP for steps in range(9)])
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
WHEN = (
    "subject.attributes.regulated == true",
    "subject.attributes.regulated != false",
    'subject.attributes.tier == "high"',
    'subject.attributes.tier > 2 || release.version == ""',
    'release.predecessor != ""',
    "params.least > 1",
    "1 / (params.least - params.least) == 1",
    "size(release.artifacts) == 1",
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


@st.composite
def _criteria(draw: st.DrawFn, name: str) -> Criterion:
    signed = draw(st.integers(0, 11)) == 0
    return Criterion(
        id=name,
        title=f"Criterion {name}",
        evidence=draw(st.sampled_from(TYPES)),
        checks=draw(_check_lists),
        when=draw(_when),
        strength=draw(_strengths),
        waivable=draw(st.sampled_from((True, True, True, False))),
        signoff=SignOff(roles=("owner",)) if signed else None,
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
        evidence=draw(st.sampled_from(TYPES)),
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
def policies(draw: st.DrawFn) -> Policy:
    """A policy of one to three phases over four types of evidence of one shape."""
    phases = tuple(
        Phase(id=f"p{p}", criteria=tuple(draw(_criteria(f"c{p}{c}")) for c in range(draw(st.integers(1, 3)))))
        for p in range(draw(st.integers(1, 3)))
    )
    criteria = tuple(criterion.id for phase in phases for criterion in phase.criteria)
    scopes = {"alpha": "release", "beta": "subject", "gamma": "release", "delta": "subject"}
    return Policy(
        policy="random",
        version="1.0.0",
        params={
            "least": Parameter(type="int", default=draw(st.sampled_from((1, 2)))),
            "share": Parameter(type="double", default=draw(st.sampled_from((0, 1, 0.5)))),
        },
        roles=("owner",),
        waivers=draw(st.sampled_from((WaiverLimits(max=2 * STEP), WaiverLimits(max=4 * STEP), None))),
        shapes={"report": REPORT},
        evidence={
            name: EvidenceType(
                shape="report",
                scope="release" if scopes[name] == "release" else "subject",
                max_age=draw(st.none() | lengths),
                context=("env?",),
            )
            for name in TYPES
        },
        phases=phases,
        maturity=draw(st.none() | _maturity(criteria, tuple(phase.id for phase in phases))),
    )


_cases = st.fixed_dictionaries(
    {"name": st.just("case"), "status": st.sampled_from(("ok", "bad"))}, optional={"note": st.just("seen")}
)
TIMES = ["2026-03-01T12:00:00Z", "2026-03-01T13:30:00.5Z", "2026-03-01T13:30:00Z"]
data = st.fixed_dictionaries(
    {
        "passed": st.sampled_from((1, 2, 2, 2, 0)),
        "total": st.sampled_from((2, 2, 2, 1, 0)),
        "metrics": st.sampled_from(({"auc": 0.9}, {"auc": 0.9}, {"auc": 0.1}, {})),
        "cases": st.lists(_cases, max_size=2),
        "names": st.sampled_from((["ann"], ["ann", "ben"], ["ann", "ann"], [])),
        "times": st.sampled_from(([TIMES[0]], TIMES, [])),
    },
    optional={
        "score": st.sampled_from((0.9, 0.5, 0.1)),
        "flag": st.booleans(),
        "at": st.sampled_from(TIMES),
        "took": st.sampled_from(("PT30M", "PT60M", "PT90M")),
    },
)
_bindings = st.sampled_from(
    (
        *(None, None, None, (MODEL, TOKENIZER), (MODEL, TOKENIZER), (TOKENIZER, MODEL, MODEL)),
        *((MODEL,), (MODEL, TOKENIZER, OTHER), (OTHER,), ()),
    )
)


def digest_of(*content: Any) -> str:
    """A digest in the form of a record's."""
    return "sha256:" + sha256(repr(content).encode()).hexdigest()


@st.composite
def _records(draw: st.DrawFn, number: int, at: datetime) -> Evidence:
    kind = draw(st.sampled_from((*TYPES, *TYPES, "of-no-policy")))
    content = draw(data)
    collected_at = draw(around(at))
    received_at = max(collected_at, draw(around(at)))
    revoked_at = max(received_at, draw(around(at))) if draw(st.integers(0, 5)) == 0 else None
    strength = draw(st.sampled_from(STRENGTHS))
    return Evidence(
        type=kind,
        data=content,
        collected_at=collected_at,
        received_at=received_at,
        digest=digest_of(number, kind, content, collected_at),
        context=draw(st.sampled_from(({"env": "staging"}, {"env": "staging", "more": "x"}, {"env": "laptop"}, {}))),
        revoked_at=revoked_at,
        submitted_by=draw(st.sampled_from(PEOPLE)),
        submitted_for=draw(st.sampled_from(((), (), ("dee",)))),
        producer=Producer("pytest", "9"),
        strength=strength,
        artifacts=draw(_bindings),
    )


@st.composite
def _waivers(draw: st.DrawFn, criteria: tuple[str, ...], at: datetime) -> Waiver:
    granted_at = draw(around(at))
    return Waiver(
        criterion=draw(st.sampled_from(criteria)),
        reason=draw(st.sampled_from(("known", "known", "known", " "))),
        granted_by=draw(st.sampled_from(("eve", "eve", *PEOPLE))),
        granted_at=granted_at,
        expires_at=granted_at + draw(lengths),
        revoked_at=max(granted_at, draw(around(at))) if draw(st.integers(0, 5)) == 0 else None,
    )


@st.composite
def facts_for(draw: st.DrawFn, policy: Policy, at: datetime) -> Facts:
    """What might have been shown of a release under `policy` by `at`, and what might come later."""
    criteria = tuple(criterion.id for criterion in policy.criteria)
    attributes: dict[str, Any] = {}
    if draw(st.booleans()):
        attributes["regulated"] = draw(st.sampled_from((True, False, "yes")))
    if draw(st.booleans()):
        attributes["tier"] = draw(st.sampled_from(("high", "low", 3)))
    return Facts(
        Subject("fraud-scorer", "model", "risk", attributes=attributes),
        Release(
            "2.0.0",
            (Artifact("model.onnx", MODEL), Artifact("tokenizer.json", TOKENIZER)),
            registered_at=draw(around(at)),
            registered_by="ann",
            registered_for=draw(st.sampled_from(((), ("dee",)))),
            predecessor=draw(st.sampled_from(("", "1.0.0"))),
        ),
        tuple(draw(_records(n, at)) for n in range(draw(st.sampled_from((6, 10, 3, 8, 0))))),
        tuple(draw(_waivers(criteria, at)) for _ in range(draw(st.sampled_from((2, 0, 4))))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A policy, facts, one of its gates and an instant."""
    policy = draw(policies())
    gate = draw(st.sampled_from(("launch", *(phase.id for phase in policy.phases))))
    at = draw(instants)
    case = Case(policy, draw(facts_for(policy, at)), gate, at)
    note(case)
    return case


@st.composite
def likely_cases(draw: st.DrawFn) -> Case:
    """Cases in which a go is not rare: one good record of each type is there, and rules are few."""
    case = draw(cases())
    ages = st.sampled_from((timedelta(), timedelta(), STEP, 2 * STEP))
    good = tuple(
        Evidence(
            type=kind,
            data={
                "passed": 2,
                "total": 2,
                "score": 0.9,
                "flag": True,
                "at": "2026-03-01T12:00:00Z",
                "took": "PT30M",
                "metrics": {"auc": 0.9},
                "names": ["ann"],
                "times": TIMES[:1],
                "cases": [{"name": "case", "status": "ok", "note": "seen"}],
            },
            collected_at=case.at - draw(ages),
            received_at=case.at,
            digest=digest_of("good", kind),
            context={"env": "staging"},
            submitted_by="ben",
            strength="attested",
        )
        for kind in TYPES
        if draw(st.integers(0, 7))
    )
    kept = case.facts.evidence[: draw(st.integers(0, 3))]
    likely = case._replace(facts=msgspec.structs.replace(case.facts, evidence=(*kept, *good)))
    note(likely)
    return likely


def received_by(facts: Facts, at: datetime) -> Facts:
    """What was known at `at`: nothing received, revoked or granted later."""

    def known(instant: datetime | None) -> datetime | None:
        return instant if instant is not None and instant <= at else None

    return Facts(
        facts.subject,
        facts.release,
        tuple(
            msgspec.structs.replace(record, revoked_at=known(record.revoked_at))
            for record in facts.evidence
            if record.received_at <= at
        ),
        tuple(
            msgspec.structs.replace(waiver, revoked_at=known(waiver.revoked_at))
            for waiver in facts.waivers
            if waiver.granted_at <= at
        ),
    )
