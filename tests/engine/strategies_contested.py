"""Random sign-offs, close to each other, on one criterion whose status hangs on them alone."""

from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from msgspec.structs import replace

from phasegate.engine.facts import Artifact, Evidence, Facts, Release, SignOff, Subject
from phasegate.engine.policy import Check, Covers, Criterion, EvidenceType, Phase, Policy
from phasegate.engine.policy import SignOff as Asked
from tests.engine.strategies import DIGEST, MODEL, TOKENIZER, Case, digest_of, good_record, signed
from tests.engine.strategies_policies import REPORT, ROLES, START, STEP, TYPES

AT = START + 8 * STEP
_PASSES = Check(that="evidence.passed >= 1", otherwise="not so")
_GUARDED = Check(that='!("gamma" in facts) || facts["gamma"].evidence.passed >= 1', otherwise="not so")
_moments = st.sampled_from([AT - steps * STEP / 4 for steps in (1, 2, 3, 4, 5, 6, 0, -1)])
_COVERS = (Covers(phases=("p0",)), Covers(criteria=("tests",)), Covers(criteria=("tests", "sign-off")), Covers())
_PLAIN: tuple[dict[str, Any], ...] = ({},) * 3
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
_signers = st.sampled_from(("eve", "eve", "fay", "fay", "ann", "dee", "ben", "cyd"))
_verdicts = st.sampled_from(("approve", "approve", "approve", "reject"))
_flaws = st.sampled_from(
    (
        *_PLAIN * 4,
        *({"criterion": None}, {"acknowledged": ()}, {"acknowledged": ("more", "limits")}, {"via": "slack"}),
        *({"mfa": False}, {"artifacts": (TOKENIZER, MODEL, MODEL)}, {"artifacts": (MODEL,)}),
        *({"policy_digest": DIGEST}, {"policy_digest": "sha256:" + "1" * 64}, {"criterion": "tests"}),
    )
)
_half = st.booleans()
_quarter = st.sampled_from((False, False, False, True))
_submitters = st.sampled_from((("ben", ()), ("ben", ()), ("cyd", ("ben",)), ("eve", ())))
_MORE = ("alpha", "alpha", "beta", "gamma", "delta")


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
        Release(
            "2.0.0",
            (Artifact("model.onnx", MODEL), Artifact("tokenizer.json", TOKENIZER)),
            registered_at=AT - 9 * STEP,
            registered_by="ann",
            registered_for=("dee",),
        ),
        (
            *(_received(kind, n) for n, kind in enumerate(("alpha", "beta", "delta"))),
            *(draw(_further(n)) for n in range(draw(st.integers(0, 2)))),
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
    """Speaks from its receipt on, until it is revoked."""
    came = draw(_moments)
    gone = max(came, draw(_moments)) if draw(_half) else None
    by, for_whom = draw(_submitters)
    record = good_record(draw(st.sampled_from(_MORE)), came - timedelta(seconds=1), came)
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
            **draw(_flaws),
        },
    )
