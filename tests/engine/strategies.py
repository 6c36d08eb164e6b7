"""Random facts to decide on, under random policies."""

import os
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from hypothesis import Phase as HypothesisPhase
from hypothesis import note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.facts import STRENGTHS, Artifact, Evidence, Facts, Producer, Release, SignOff, Subject, Waiver
from phasegate.engine.policy import Criterion, Policy
from tests.engine.strategies_policies import OWN_VALUES, STEP, TYPES, around, instants, lengths, policies

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


_FLAWS: tuple[dict[str, Any], ...] = (
    *({},) * 10,
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
    given_at = draw(around(at))
    return signed(
        criterion,
        draw(st.sampled_from(criterion.signoff.roles)),
        given_at,
        **{
            "verdict": draw(st.sampled_from(("approve", "approve", "reject"))),
            "by": draw(st.sampled_from(SIGNERS)),
            "withdrawn_at": max(given_at, draw(around(at))) if draw(st.integers(0, 5)) == 0 else None,
            **draw(st.sampled_from(_FLAWS)),
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
def _registered(draw: st.DrawFn, number: int, at: datetime) -> Evidence:
    """The subject's own values for the parameters."""
    values = draw(_own_values)
    collected_at = draw(around(at))
    return Evidence(
        type=OWN_VALUES,
        data={"params": values} if draw(st.integers(0, 5)) else {},
        collected_at=collected_at,
        received_at=collected_at,
        digest=digest_of("own", number, values, collected_at),
        revoked_at=max(collected_at, draw(around(at))) if draw(st.integers(0, 5)) == 0 else None,
        submitted_by="cyd",
    )


@st.composite
def facts_for(draw: st.DrawFn, policy: Policy, at: datetime) -> Facts:
    """What might have been shown of a release under `policy` by `at`, and what might come later."""
    criteria = tuple(criterion.id for criterion in policy.criteria)
    asking = signing(policy)
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
        (
            *(draw(_records(n, at)) for n in range(draw(st.sampled_from((6, 10, 3, 8, 0))))),
            *(draw(_registered(n, at)) for n in range(draw(st.sampled_from((1, 0, 0, 2))))),
        ),
        tuple(draw(_waivers(criteria, at)) for _ in range(draw(st.sampled_from((2, 0, 4))))),
        tuple(draw(sign_offs(asking, at)) for _ in range(draw(st.sampled_from((4, 2, 6, 0))))) if asking else (),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A policy, facts, one of its gates and an instant."""
    at = draw(instants)
    policy = draw(policies(at))
    gate = draw(st.sampled_from(("launch", *(phase.id for phase in policy.phases))))
    case = Case(policy, draw(facts_for(policy, at)), gate, at)
    note(case)
    return case


@st.composite
def likely_cases(draw: st.DrawFn) -> Case:
    """Cases in which a go is not rare: one good record of each type is there, most roles have approved, and
    what else was shown is little; some of it comes between receipt, signing and decision."""
    case = draw(cases())
    late = draw(st.sampled_from((*TYPES, *(None,) * 12)))
    good = tuple(
        good_record(kind, case.at - draw(_ages), case.at if kind == late else case.at - STEP / 2)
        for kind in TYPES
        if draw(st.integers(0, 11))
    )
    if draw(st.integers(0, 4)) == 0:
        came = case.at - draw(st.sampled_from((STEP / 8, STEP / 8, STEP / 2)))
        fleeting = good_record(draw(st.sampled_from(TYPES)), came, came)
        gone = case.at + draw(st.sampled_from((timedelta(), timedelta(), STEP)))
        good += (replace(fleeting, revoked_at=gone, digest=digest_of("fleeting")),)
    own = tuple(record for record in case.facts.evidence if record.type == OWN_VALUES)
    kept = case.facts.evidence[: draw(st.integers(0, 3))]
    approvals = tuple(
        signed(criterion, role, case.at - draw(_delays), by=draw(st.sampled_from(("gil", *BY_ROLE[role]))))
        for criterion in signing(case.policy)
        if criterion.signoff is not None
        for role in criterion.signoff.roles
        if draw(st.integers(0, 11))
    )
    further = case.facts.signoffs[: draw(st.sampled_from((0, 0, 1, 2)))]
    likely = case._replace(
        facts=replace(case.facts, evidence=(*kept, *own, *good), signoffs=(*approvals, *further)),
    )
    note(likely)
    return likely


_ages = st.sampled_from((*(STEP / 2,) * 5, timedelta(), STEP, 2 * STEP))
_delays = st.sampled_from((*(STEP / 4,) * 6, timedelta(), STEP / 2, 2 * STEP))
BY_ROLE = {"owner": ("eve",) * 9, "legal": ("fay",) * 9}


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
