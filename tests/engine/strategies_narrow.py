"""Random cases in which one thing alone varies, so that each way of it comes up: sign-offs, and own values."""

from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.facts import Artifact, Evidence, Facts, Release, SignOff, Subject
from phasegate.engine.policy import Check, Covers, Criterion, EvidenceType, Parameter, Phase, Policy
from phasegate.engine.policy import SignOff as Asked
from tests.engine.strategies import DIGEST, MODEL, TOKENIZER, Case, digest_of, good_record, signed
from tests.engine.strategies_policies import CRITERIA, OWN_VALUES, REPORT, ROLES, START, STEP, TYPES

AT = START + 8 * STEP
_PASSES = Check(that="evidence.passed >= 1", otherwise="not so")
_GUARDED = Check(that='!("gamma" in facts) || facts["gamma"].evidence.passed >= 1', otherwise="not so")
_moments = st.sampled_from([AT - steps * STEP / 4 for steps in (1, 2, 3, 4, 5, 6, 0, -1)])
_COVERS = (
    Covers(phases=("p0",)),
    Covers(phases=("p0",)),
    Covers(criteria=("tests",)),
    Covers(criteria=("tests", "sign-off")),
    Covers(),
)
_PLAIN: tuple[dict[str, Any], ...] = ({},)
_asked = st.builds(
    lambda roles, distinct, covers, max_age, further: Asked(
        roles=roles, distinct_persons=distinct, covers=covers, max_age=max_age, **further
    ),
    st.sampled_from((ROLES[:1], ROLES, ROLES[::-1])),
    st.booleans(),
    st.sampled_from(_COVERS),
    st.sampled_from((None, STEP / 2, STEP)),
    st.sampled_from((*_PLAIN, {"acknowledge": {"limits": "I know the limits."}}, {"via": ("web",)}, {"mfa": True})),
)
_signers = st.sampled_from(("eve", "fay", "eve", "fay", "eve", "fay", "ann", "dee", "ben"))
_verdicts = st.sampled_from(("approve", "approve", "approve", "reject"))
_FLAWS: tuple[dict[str, Any], ...] = (
    *({"criterion": None}, {"criterion": "tests"}, {"artifacts": (TOKENIZER, MODEL, MODEL)}, {"artifacts": (MODEL,)}),
    *({"policy_digest": DIGEST}, {"policy_digest": "sha256:" + "1" * 64}, {"via": "slack"}),
)
_half = st.booleans()
_several = st.sampled_from((2, 1, 3, 0))
_third = st.sampled_from((False, False, True))
_quarter = st.sampled_from((False, False, False, True))
_submitters = st.sampled_from((("ben", ()), ("ben", ()), ("cyd", ("eve",)), ("eve", ())))
_RELEASE = Release(
    "2.0.0",
    (Artifact("model.onnx", MODEL), Artifact("tokenizer.json", TOKENIZER)),
    registered_at=AT - 9 * STEP,
    registered_by="ann",
    registered_for=("dee",),
)
_MORE = ("alpha", "beta", "gamma", "delta")


@st.composite
def contested_cases(draw: st.DrawFn) -> Case:
    """One criterion on evidence and one on sign-offs; receipts, revocations, verdicts and withdrawals come in turns."""
    asking = Criterion(
        id="sign-off",
        title="Signed",
        evidence="beta" if draw(_half) else None,
        signoff=draw(_asked),
        when="subject.attributes.regulated == true" if draw(_quarter) else None,
    )
    tests = Criterion(id="tests", title="Tested", evidence="alpha", checks=(_PASSES, _GUARDED))
    nightly = Criterion(id="nightly", title="Nightly", evidence="delta", checks=(_PASSES,))
    rival = Criterion(id="rival", title="Signed too", signoff=Asked(roles=ROLES[:1]), advisory=True)
    policy = Policy(
        policy="contested",
        version="1.0.0",
        roles=ROLES,
        shapes={"report": REPORT},
        evidence={
            name: EvidenceType(shape="report", scope="release", context=("env?",), recurring=name == "delta")
            for name in TYPES
        },
        phases=(Phase(id="p0", criteria=(tests, nightly, asking, *((rival,) if draw(_quarter) else ()))),),
    )
    facts = Facts(
        Subject("fraud-scorer", "model", "risk", attributes={"regulated": draw(_half)}),
        _RELEASE,
        (
            *(_received(kind, n) for n, kind in enumerate(("alpha", "beta", "delta"))),
            *(draw(_further(n)) for n in range(draw(_several))),
        ),
        signoffs=tuple(draw(_given(asking)) for _ in range(draw(st.sampled_from((3, 2, 4, 5))))),
    )
    case = Case(policy, facts, "p0", AT)
    note(case)
    return case


def _received(kind: str, number: int) -> Evidence:
    long_ago = AT - 8 * STEP
    return replace(good_record(kind, long_ago, long_ago), digest=digest_of("first", number))


@st.composite
def _further(draw: st.DrawFn, number: int) -> Evidence:
    """Speaks from its receipt on, until it is revoked; or is older than what speaks already."""
    came = draw(_moments)
    collected_at = AT - 9 * STEP if draw(_third) else came
    gone = max(came, draw(_moments)) if draw(_half) else None
    by, for_whom = draw(_submitters)
    record = good_record(draw(st.sampled_from(_MORE)), collected_at, came)
    return replace(
        record, revoked_at=gone, submitted_by=by, submitted_for=for_whom, digest=digest_of("further", number)
    )


@st.composite
def _given(draw: st.DrawFn, asking: Criterion) -> SignOff:
    assert asking.signoff is not None
    at = draw(_moments)
    return signed(
        asking,
        draw(st.sampled_from(asking.signoff.roles)),
        at,
        **{
            "verdict": draw(_verdicts),
            "by": draw(_signers),
            "withdrawn_at": max(at, draw(_moments)) if draw(_quarter) else None,
            **draw(st.sampled_from(_plain_or_flawed(asking.signoff))),
        },
    )


def _plain_or_flawed(asked: Asked) -> tuple[dict[str, Any], ...]:
    """What a sign-off has other than it should; mostly nothing, else mostly what the criterion asks for."""
    lacking: tuple[dict[str, Any], ...] = (
        *(({"acknowledged": ()}, {"acknowledged": ("more", "limits")}) if asked.acknowledge else ()),
        *(({"via": "slack"},) if "slack" not in asked.via else ()),
        *(({"mfa": False},) if asked.mfa else ()),
    )
    return (*_PLAIN * 12, *lacking * 3, *_FLAWS)


_CHECKS = (
    *("evidence.passed >= params.least", "params.share <= 0.5", "params.strict", "context.env == params.env"),
    *("evidence.passed >= 1 || params.least > 2", "evidence.passed < 1 && params.share > 0.0", "evidence.passed >= 1"),
    *("evidence.passed < 1", '"params.least" != ""', "evidence.passed >= 1 // params.share"),
)
_own_checks = st.lists(
    st.sampled_from(_CHECKS).map(lambda that: Check(that=that, otherwise="{params.least} is not so")),
    min_size=1,
    max_size=2,
).map(tuple)
_whens = st.sampled_from(
    (None, None, "params.least > 1", "params.strict", "params.share > 0.5 || true", "params.least > 1 && false")
)
_own_values = st.fixed_dictionaries(
    {},
    optional={
        "least": st.sampled_from((1, 3, 2, 2.0, 0, 4, 2.5, "2", True)),
        "share": st.sampled_from((0, 1, 1.0, 0.25, -0.5, 1.5, "x", False)),
        "env": st.sampled_from(("staging", "laptop")),
        "strict": st.sampled_from((True, False, 1, "no")),
        "of_no_policy": st.just(5),
    },
)


@st.composite
def own_value_cases(draw: st.DrawFn) -> Case:
    """Criteria that read parameters, in a check, in `when` or not at all, under values of the subject's own."""
    criteria = tuple(
        Criterion(id=name, title=name, evidence="alpha", checks=draw(_own_checks), when=draw(_whens))
        for name in ("one", "two")
    )
    policy = Policy(
        policy="own-values",
        version="1.0.0",
        params={
            "least": Parameter(type="int", default=2, min=1, max=3),
            "share": Parameter(type="double", default=0, min=0, max=1.0),
            "env": Parameter(type="string", default="staging"),
            "strict": Parameter(type="bool", default=True),
        },
        shapes={"report": REPORT, OWN_VALUES: CRITERIA},
        evidence={
            "alpha": EvidenceType(shape="report", scope="release", context=("env?",)),
            OWN_VALUES: EvidenceType(shape=OWN_VALUES, scope="subject", max_age=STEP),
        },
        phases=(Phase(id="p0", criteria=criteria),),
    )
    own = tuple(
        Evidence(
            OWN_VALUES,
            {"params": draw(_own_values)},
            collected_at=at,
            received_at=at,
            digest=digest_of("own", number),
            revoked_at=max(at, draw(_moments)) if draw(_quarter) else None,
        )
        for number, at in enumerate(draw(st.sampled_from(([AT - 2 * STEP], [AT], [AT - 2 * STEP, AT - STEP / 2]))))
    )
    evidence = (_received("alpha", 0), *own)
    case = Case(policy, Facts(Subject("fraud-scorer", "model", "risk"), _RELEASE, evidence), "p0", AT)
    note(case)
    return case
