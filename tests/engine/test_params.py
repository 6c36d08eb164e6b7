"""A subject's own parameter values: within bounds they hold, else nothing passes by the default."""

from datetime import datetime
from typing import Any

import pytest

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence
from phasegate.engine.params import flaws_of_own
from phasegate.policies.publication import candidate_of
from phasegate.shapes import catalogue
from tests.engine.small import DAY, EVIDENCE, HOUR, NOON, criterion, decided, document, facts, record, results
from tests.engine.strategies import digest_of

PARAMS = {
    "least": {"type": "int", "default": 5, "min": 1, "max": 10},
    "share": {"type": "double", "default": 0.5, "max": 1.0},
    "strict": {"type": "bool", "default": False},
    "pattern": {"type": "string", "default": "^ok$"},
}
KINDS = {
    **EVIDENCE,
    "success-criteria": {"shape": "success-criteria", "scope": "subject", "max_age": "P1D"},
    "service-objectives": {"shape": "success-criteria", "scope": "subject"},
}
SHOWN = record(fields={"passed": 7, "score": 0.6})


def compiled(*checks: str, **more: Any) -> CompiledPolicy:
    made = document(criterion("c", *checks, **more), params=PARAMS, evidence=KINDS)
    return candidate_of(made, catalogue()).compiled


def own(at: datetime = NOON - HOUR, kind: str = "success-criteria", **params: Any) -> Evidence:
    data = {"minimum": {}, "maximum": {}, "dimensions": [], "params": params}
    return Evidence(kind, data, at, at, digest_of(kind, data, at))


def judged(check: str, *evidence: Evidence, at: datetime = NOON, **more: Any) -> tuple[str, str | None]:
    result = results(decided(compiled(check, **more), facts(SHOWN, *evidence), at))["c"]
    return result.status, result.reason


def test_the_default_holds_without_a_value_of_their_own() -> None:
    assert judged("params.least == 5")[0] == "pass"
    assert judged("params.least == 5", own())[0] == "pass"
    assert judged("params.least == 5", own(share=0.7))[0] == "pass"


@pytest.mark.parametrize(
    ("check", "params"),
    [
        ("params.least == 8", {"least": 8}),
        ("params.least == 8", {"least": 8.0}),
        ("params.least == 1", {"least": 1}),
        ("params.least == 10", {"least": 10}),
        ("params.share == 1.0", {"share": 1}),
        ("params.share == 0.25 && params.least == 5", {"share": 0.25}),
        ("params.strict", {"strict": True}),
    ],
)
def test_a_value_of_their_own_holds_within_bounds(check: str, params: dict[str, Any]) -> None:
    assert judged(check, own(**params))[0] == "pass"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"least": 11}, "least must be at most 10"),
        ({"least": 0}, "least must be at least 1"),
        ({"least": 1.5}, "least must be a whole number"),
        ({"least": True}, "least must be a whole number"),
        ({"share": 1.01}, "share must be at most 1.0"),
        ({"strict": 1}, "strict must be true or false"),
        ({"pattern": 1}, "pattern can't be set"),
    ],
)
def test_any_other_value_is_an_error_for_who_reads_it_and_never_the_default(params: dict[str, Any], told: str) -> None:
    (name,) = params
    # What is read doesn't decide here, and is an error all the same.
    reads = f"evidence.passed == 7 || string(params.{name}) == ''"
    status, reason = judged(reads, own(**params))
    assert status == "error"
    assert told in (reason or "")
    assert judged("evidence.passed == 7", own(**params))[0] == "pass"


def test_a_false_check_comes_before_such_an_error() -> None:
    made = compiled("params.least > 0", "evidence.passed > 100")
    assert results(decided(made, facts(SHOWN, own(least=99))))["c"].status == "fail"


def test_a_when_that_reads_such_a_value_applies() -> None:
    assert judged("true == (evidence.passed > 0)", when="params.least > 5")[0] == "not-applicable"
    assert judged("true == (evidence.passed > 0)", own(least=99), when="params.least > 5 && false")[0] == "error"


def test_a_name_that_the_policy_does_not_know_concerns_nobody() -> None:
    assert judged("params.least == 5", own(most=3))[0] == "pass"


def test_only_the_type_success_criteria_carries_them() -> None:
    assert judged("params.least == 5", own(kind="service-objectives", least=8))[0] == "pass"


def test_the_latest_speaks_and_a_revoked_one_does_not() -> None:
    older, newer = own(NOON - 2 * HOUR, least=8), own(NOON - HOUR, least=9)
    assert judged("params.least == 9", newer, older)[0] == "pass"


def test_one_that_has_expired_still_holds() -> None:
    """Waiting must not bring a laxer default back."""
    assert judged("params.least == 9", own(least=9), at=NOON + 3 * DAY)[0] == "pass"


@pytest.mark.parametrize(
    ("kind", "params", "told"),
    [
        ("success-criteria", {"least": 99}, [("data.params.least", "must be at most 10")]),
        ("success-criteria", {"leest": 3}, [("data.params.leest", "small@1.0.0 has no such parameter")]),
        (
            "success-criteria",
            {"pattern": True},
            [("data.params.pattern", "can't be set: a text is the policy's alone")],
        ),
        ("success-criteria", {"least": 9, "share": 0.1, "strict": False}, []),
        ("service-objectives", {"least": 9}, [("data.params.least", "own values are read from evidence of type")]),
        ("report", {"least": 99}, []),
    ],
)
def test_what_is_refused_at_submission(kind: str, params: dict[str, Any], told: list[tuple[str, str]]) -> None:
    flaws = list(flaws_of_own(compiled("evidence.passed > 0").policy, kind, {"params": params}))
    assert [".".join(map(str, flaw.path)) for flaw in flaws] == [path for path, _ in told]
    assert all(text in flaw.message for flaw, (_, text) in zip(flaws, told, strict=True))
