"""Random facts to decide on, under random policies."""

import os
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from random import Random
from typing import Any, Literal, NamedTuple

import msgspec
from hypothesis import Phase as HypothesisPhase
from hypothesis import note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.facts import STRENGTHS, Artifact, Evidence, Facts, Producer, Release, SignOff, Subject, Waiver
from phasegate.engine.policy import Criterion, Policy
from tests.engine.strategies_policies import OWN_VALUES, STEP, TYPES, instants, lengths, offsets, policies

MODEL, TOKENIZER, OTHER = ("a" * 64, "b" * 64, "c" * 64)
PEOPLE = ("", "ann", "ben", "cyd", "dee")
SIGNERS = ("eve", "eve", "fay", "fay", "gil", "ben", "ann", "dee")
DIGEST = "sha256:" + "0" * 64
"""Of every random policy."""
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
    return compile_policy(policy, DIGEST, {})


@lru_cache(maxsize=8)
def _kept(encoded: bytes) -> CompiledPolicy:
    return compiled(msgspec.json.decode(encoded, type=Policy))


TIMES = ["2026-03-01T12:00:00Z", "2026-03-01T13:30:00.5Z", "2026-03-01T13:30:00Z"]


def _content(random: Random) -> dict[str, Any]:
    """Data of the shape `report`; chosen among many, as drawing each field costs more than deciding."""
    optional = {
        "score": random.choice((0.9, 0.5, 0.1)),
        "flag": random.random() < 0.5,
        "at": random.choice(TIMES),
        "took": random.choice(("PT30M", "PT60M", "PT90M")),
    }
    case = {"name": "case", "status": random.choice(("ok", "bad"))}
    return {
        "passed": random.choice((1, 2, 2, 2, 0)),
        "total": random.choice((2, 2, 2, 1, 0)),
        "metrics": random.choice(({"auc": 0.9}, {"auc": 0.9}, {"auc": 0.1}, {})),
        "cases": random.choice(([], [case], [case, {"name": "case", "status": "ok", "note": "seen"}])),
        "names": random.choice((["ann"], ["ann", "ben"], ["ann", "ann"], [])),
        "times": random.choice(([TIMES[0]], TIMES, [])),
        **{name: value for name, value in optional.items() if random.random() < 0.5},
    }


_contents = st.sampled_from([_content(Random(seed)) for seed in range(500)])
_kinds = st.sampled_from((*TYPES, *TYPES, "of-no-policy"))
_strengths = st.sampled_from(STRENGTHS)
_contexts = st.sampled_from(({"env": "staging"}, {"env": "staging", "more": "x"}, {"env": "laptop"}, {}))
_submitters = st.sampled_from([(by, for_whom) for by in PEOPLE for for_whom in ((), (), ("dee",))])
_reasons = st.sampled_from(("known", "known", "known", " "))
_granters = st.sampled_from(("eve", "eve", *PEOPLE))
_signers = st.sampled_from(SIGNERS)
_verdicts: st.SearchStrategy[Literal["approve", "reject"]] = st.sampled_from(("approve", "approve", "reject"))
_bindings = st.sampled_from(
    (
        *(None, None, None, (MODEL, TOKENIZER), (MODEL, TOKENIZER), (TOKENIZER, MODEL, MODEL)),
        *((MODEL,), (MODEL, TOKENIZER, OTHER), (OTHER,), ()),
    )
)


def digest_of(*content: Any) -> str:
    """A digest in the form of a record's."""
    return "sha256:" + sha256(repr(content).encode()).hexdigest()


_now_and_then = st.sampled_from((False,) * 5 + (True,))


def _ended(draw: st.DrawFn, start: datetime, at: datetime) -> datetime | None:
    """When what began at `start` was revoked or withdrawn, which most is not."""
    return max(start, at + draw(offsets)) if draw(_now_and_then) else None


@st.composite
def _records(draw: st.DrawFn, number: int, at: datetime) -> Evidence:
    kind = draw(_kinds)
    content = draw(_contents)
    collected_at = at + draw(offsets)
    received_at = max(collected_at, at + draw(offsets))
    submitted_by, submitted_for = draw(_submitters)
    return Evidence(
        type=kind,
        data=content,
        collected_at=collected_at,
        received_at=received_at,
        digest=digest_of(number, kind, content, collected_at),
        context=draw(_contexts),
        revoked_at=_ended(draw, received_at, at),
        submitted_by=submitted_by,
        submitted_for=submitted_for,
        producer=Producer("pytest", "9"),
        strength=draw(_strengths),
        artifacts=draw(_bindings),
    )


@st.composite
def _waivers(draw: st.DrawFn, criteria: tuple[str, ...], at: datetime) -> Waiver:
    granted_at = at + draw(offsets)
    return Waiver(
        criterion=draw(st.sampled_from(criteria)),
        reason=draw(_reasons),
        granted_by=draw(_granters),
        granted_at=granted_at,
        expires_at=granted_at + draw(lengths),
        revoked_at=_ended(draw, granted_at, at),
    )


_SOUND: tuple[dict[str, Any], ...] = ({},) * 10
_flaws = st.sampled_from(
    (
        *_SOUND,
        *({"criterion": None},) * 3,
        {"acknowledged": ()},
        {"acknowledged": ("limits", "more")},
        {"via": "slack"},
        {"mfa": False},
        {"artifacts": (TOKENIZER, MODEL, MODEL)},
        {"artifacts": (MODEL,)},
        {"policy_digest": DIGEST},
        {"policy_digest": "sha256:" + "1" * 64},
        {"criterion": "of-no-policy"},
        {"role": "of-no-policy"},
    )
)


def signed(criterion: Criterion, role: str, at: datetime, /, **other: Any) -> SignOff:
    """An approval with everything that the criterion asks for."""
    assert criterion.signoff is not None
    return SignOff(
        **{
            "role": role,
            "verdict": "approve",
            "by": "eve",
            "at": at,
            "criterion": criterion.id,
            "acknowledged": tuple(criterion.signoff.acknowledge),
            "via": criterion.signoff.via[0],
            "mfa": criterion.signoff.mfa,
            **other,
        }
    )


def signing(policy: Policy) -> tuple[Criterion, ...]:
    """The sign-off criteria."""
    return tuple(criterion for criterion in policy.criteria if criterion.signoff is not None)


@st.composite
def sign_offs(draw: st.DrawFn, asking: tuple[Criterion, ...], at: datetime) -> SignOff:
    """A verdict on one of these sign-off criteria near `at`."""
    criterion = draw(st.sampled_from(asking))
    assert criterion.signoff is not None
    given_at = at + draw(offsets)
    return signed(
        criterion,
        draw(st.sampled_from(criterion.signoff.roles)),
        given_at,
        **{
            "verdict": draw(_verdicts),
            "by": draw(_signers),
            "withdrawn_at": _ended(draw, given_at, at),
            **draw(_flaws),
        },
    )


_own_values = st.fixed_dictionaries(
    {},
    optional={
        "least": st.sampled_from((1, 1, 2, 3, 2.0, 0, 4, 2.5, "2", True)),
        "share": st.sampled_from((0, 0.5, 0.5, 1, 1.0, 0.25, -0.5, 1.5, "x", False)),
        "env": st.just("laptop"),
        "strict": st.sampled_from((True, False, False, 1, "no")),
        "of_no_policy": st.just(5),
    },
)


@st.composite
def _own_records(draw: st.DrawFn, number: int, at: datetime) -> Evidence:
    """The subject's own values for the parameters."""
    values = draw(_own_values)
    collected_at = at + draw(offsets)
    return Evidence(
        type=OWN_VALUES,
        data={} if draw(_now_and_then) else {"params": values},
        collected_at=collected_at,
        received_at=collected_at,
        digest=digest_of("own", number, values, collected_at),
        revoked_at=_ended(draw, collected_at, at),
        submitted_by="cyd",
    )


class Amounts(NamedTuple):
    """How many of each to choose among."""

    records: tuple[int, ...] = (6, 10, 3, 8, 0)
    own_values: tuple[int, ...] = (1, 0, 0, 2)
    waivers: tuple[int, ...] = (2, 0, 4)
    signoffs: tuple[int, ...] = (4, 2, 6, 0)


MANY = Amounts()
FEW = Amounts((1, 0, 2, 3), (1, 0, 0, 2), (0, 0, 1, 2), (0, 0, 1, 2))
_attributes = st.fixed_dictionaries(
    {}, optional={"regulated": st.sampled_from((True, False, "yes")), "tier": st.sampled_from(("high", "low", 3))}
)
_registered_for: st.SearchStrategy[tuple[str, ...]] = st.sampled_from(((), ("dee",)))
_predecessors = st.sampled_from(("", "1.0.0"))


@st.composite
def facts_for(draw: st.DrawFn, policy: Policy, at: datetime, amounts: Amounts = MANY) -> Facts:
    """What might have been shown of a release under `policy` by `at`, and what might come later."""
    criteria = tuple(criterion.id for criterion in policy.criteria)
    asking = signing(policy)
    several = [draw(st.sampled_from(amount)) for amount in amounts]
    return Facts(
        Subject("fraud-scorer", "model", "risk", attributes=draw(_attributes)),
        Release(
            "2.0.0",
            (Artifact("model.onnx", MODEL), Artifact("tokenizer.json", TOKENIZER)),
            registered_at=at + draw(offsets),
            registered_by="ann",
            registered_for=draw(_registered_for),
            predecessor=draw(_predecessors),
        ),
        (
            *(draw(_records(n, at)) for n in range(several[0])),
            *(draw(_own_records(n, at)) for n in range(several[1])),
        ),
        tuple(draw(_waivers(criteria, at)) for _ in range(several[2])),
        tuple(draw(sign_offs(asking, at)) for _ in range(several[3])) if asking else (),
    )


@st.composite
def cases(draw: st.DrawFn, amounts: Amounts = MANY) -> Case:
    """A policy, facts, one of its gates and an instant."""
    at = draw(instants)
    policy = draw(policies(at))
    gate = draw(st.sampled_from(("launch", *(phase.id for phase in policy.phases))))
    case = Case(policy, draw(facts_for(policy, at, amounts)), gate, at)
    note(case)
    return case


@st.composite
def likely_cases(draw: st.DrawFn) -> Case:
    """Cases in which a go is not rare: one good record of each type is there, most roles have approved, and
    what else was shown is little; some of it comes between receipt, signing and decision."""
    case = draw(cases(FEW))
    late = draw(_late)
    good = tuple(
        good_record(kind, case.at - draw(_ages), case.at if kind == late else case.at - STEP / 2)
        for kind in TYPES
        if not draw(_seldom)
    )
    if draw(_now_and_then):
        came = case.at - draw(_just_before)
        fleeting = good_record(draw(_types), came, came)
        good += (replace(fleeting, revoked_at=case.at + draw(_soon), digest=digest_of("fleeting")),)
    approvals = tuple(
        signed(criterion, role, case.at - draw(_delays), by="gil" if draw(_seldom) else BY_ROLE[role])
        for criterion in signing(case.policy)
        if criterion.signoff is not None
        for role in criterion.signoff.roles
        if not draw(_seldom)
    )
    evidence = (*case.facts.evidence, *good)
    likely = case._replace(
        facts=replace(case.facts, evidence=evidence, signoffs=(*approvals, *case.facts.signoffs)),
    )
    note(likely)
    return likely


_types = st.sampled_from(TYPES)
_late = st.sampled_from((None,) * 12 + TYPES)
_seldom = st.sampled_from((False,) * 11 + (True,))
_just_before = st.sampled_from((STEP / 8, STEP / 8, STEP / 2))
_soon = st.sampled_from((timedelta(), timedelta(), STEP))
_ages = st.sampled_from((*(STEP / 2,) * 5, timedelta(), STEP, 2 * STEP))
_delays = st.sampled_from((*(STEP / 4,) * 6, timedelta(), STEP / 2, 2 * STEP))
BY_ROLE = {"owner": "eve", "legal": "fay"}


def good_record(kind: str, collected_at: datetime, received_at: datetime) -> Evidence:
    """A record with which most checks are true."""
    return Evidence(
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
        collected_at=collected_at,
        received_at=max(collected_at, received_at),
        digest=digest_of("good", kind),
        context={"env": "staging"},
        submitted_by="ben",
        strength="attested",
    )


def received_by(facts: Facts, at: datetime) -> Facts:
    """What was known at `at`: nothing received, revoked, granted, signed or withdrawn later."""

    def known(instant: datetime | None) -> datetime | None:
        return instant if instant is not None and instant <= at else None

    return Facts(
        facts.subject,
        facts.release,
        tuple(
            replace(record, revoked_at=known(record.revoked_at))
            for record in facts.evidence
            if record.received_at <= at
        ),
        tuple(
            replace(waiver, revoked_at=known(waiver.revoked_at)) for waiver in facts.waivers if waiver.granted_at <= at
        ),
        tuple(
            replace(signoff, withdrawn_at=known(signoff.withdrawn_at)) for signoff in facts.signoffs if signoff.at <= at
        ),
    )
