"""The questions of the decision vectors, each a small change of one base.

`python -m tests.vectors.questions` writes the files anew; whoever does so reads the difference, since these
answers are what other implementations, and later versions of this one, are held to.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from phasegate.engine.decision import encode
from phasegate.engine.instants import parse_instant
from phasegate.operations.evaluate import Question, evaluate
from phasegate.policies.publication import candidate_of
from phasegate.reading import read_struct

Json = dict[str, Any]
FOLDER = Path(__file__).parent
A, B = "a" * 64, "b" * 64

POLICY: Json = {
    "policy": "service-release",
    "version": "1.2.0",
    "title": "Release of a service",
    "attributes": {"public": {"type": "bool"}},
    "params": {
        "least": {"type": "int", "default": 3, "min": 1, "max": 10},
        "share": {"type": "double", "default": 0.5, "min": 0.0, "max": 1.0},
    },
    "roles": ["owner", "operator"],
    "waivers": {"max": "P30D"},
    "shapes": {
        "success-criteria-of-service": {"fields": {"limit": {"type": "double"}}},
        "run": {
            "fields": {
                "passed": {"type": "int"},
                "failed": {"type": "int"},
                "score": {"type": "double", "optional": True},
                "started": {"type": "timestamp", "optional": True},
                "took": {"type": "duration", "optional": True},
                "names": {"type": "list<string>"},
                "figures": {"type": "map<string,double>"},
            }
        },
    },
    "evidence": {
        "run": {"shape": "run", "scope": "release", "max_age": "P7D", "context": ["environment", "note?"]},
        "agreement": {"shape": "success-criteria-of-service", "scope": "subject", "max_age": "P30D"},
        "nightly": {"shape": "run", "scope": "subject", "max_age": "P1D", "recurring": True},
    },
    "phases": [
        {
            "id": "checked",
            "title": "Checked",
            "criteria": [
                {
                    "id": "runs",
                    "title": "It ran",
                    "evidence": "run",
                    "owner": "developer",
                    "remediation": "Run it again.",
                    "checks": [
                        {"that": "evidence.passed >= params.least", "otherwise": "{evidence.passed} passed"},
                        {"that": "evidence.failed == 0", "otherwise": "{evidence.failed} failed: {evidence.names}"},
                    ],
                },
                {
                    "id": "agreed",
                    "title": "The limit was agreed before the run",
                    "evidence": "run",
                    "checks": [
                        {
                            "that": 'facts["agreement"].record.received_at <= record.collected_at',
                            "otherwise": 'agreed at {facts["agreement"].record.received_at}',
                        }
                    ],
                },
                {
                    "id": "quiet",
                    "title": "Nights are quiet",
                    "evidence": "run",
                    "checks": [
                        {
                            "that": '!("nightly" in facts) || facts["nightly"].evidence.failed == 0',
                            "otherwise": "the nightly run failed",
                        }
                    ],
                },
            ],
        },
        {
            "id": "approved",
            "title": "Approved",
            "criteria": [
                {
                    "id": "review",
                    "title": "Owner and operator approve",
                    "waivable": False,
                    "signoff": {
                        "roles": ["owner", "operator"],
                        "distinct_persons": True,
                        "covers": {"phases": ["checked"]},
                        "acknowledge": {"risk": "I accept the risk."},
                        "max_age": "P10D",
                    },
                },
                {
                    "id": "notice",
                    "title": "The public was told",
                    "evidence": "agreement",
                    "when": "subject.attributes.public != false",
                    "checks": [{"that": "evidence.limit > 0.0", "otherwise": "the limit is {evidence.limit}"}],
                },
            ],
        },
    ],
    "maturity": {
        "levels": [
            {"level": 1, "id": "ad-hoc", "name": "Ad hoc"},
            {"level": 2, "id": "checked", "name": "Checked", "requires": ["checked"]},
            {
                "level": 3,
                "id": "measured",
                "name": "Measured",
                "requires": [
                    {"id": "all-met", "title": "Everything", "criteria": "all", "otherwise": "not without exception"},
                    {"id": "measured-run", "title": "Measured", "evidence": "run", "strength": "measured"},
                ],
            },
        ]
    },
}
RUN: Json = {
    "type": "run",
    "data": {"passed": 5, "failed": 0, "names": [], "figures": {}},
    "context": {"environment": "staging"},
    "collected_at": "2027-03-01T10:00:00Z",
    "received_at": "2027-03-01T10:01:00Z",
    "submitted_by": "ci",
    "producer": {"tool": "runner", "version": "2"},
    "strength": "measured",
    "format": "runner",
}
AGREEMENT: Json = {
    "type": "agreement",
    "data": {"limit": 0.5},
    "collected_at": "2027-02-20T08:00:00Z",
    "received_at": "2027-02-20T08:00:01Z",
    "submitted_by": "ci",
}
OWNER: Json = {
    "role": "owner",
    "verdict": "approve",
    "by": "olga",
    "at": "2027-03-02T09:00:00Z",
    "acknowledged": ["risk"],
}
OPERATOR: Json = {**OWNER, "role": "operator", "by": "omar", "at": "2027-03-02T09:30:00Z"}
WAIVER: Json = {
    "criterion": "runs",
    "reason": "the runner is being replaced",
    "granted_by": "wim",
    "granted_at": "2027-03-02T00:00:00Z",
    "expires_at": "2027-03-20T00:00:00Z",
}
BASE: Json = {
    "policy": POLICY,
    "subject": {"name": "shop", "kind": "service", "team": "web", "title": "Shop", "attributes": {"public": True}},
    "release": {
        "version": "2.1.0",
        "artifacts": [{"name": "shop.tar", "sha256": A}],
        "registered_at": "2027-03-01T08:00:00Z",
        "registered_by": "ci",
        "registered_for": ["dora"],
        "predecessor": "2.0.0",
    },
    "evidence": [RUN, AGREEMENT],
    "signoffs": [OWNER, OPERATOR],
    "waivers": [],
    "gate": "launch",
    "at": "2027-03-03T12:00:00Z",
}


def run(**changes: Any) -> Json:
    """The run with changed data and, for keys that a record has, a changed record."""
    record = deepcopy(RUN)
    for key, value in changes.items():
        (record if key in RUN or key in ("revoked_at", "artifacts") else record["data"])[key] = value
    if record["data"]["failed"] and not record["data"]["names"]:
        record["data"]["names"] = ["slow"]
    return record


def later(**changes: Any) -> Json:
    """A run of the third, received behind the approvals."""
    moved = {"collected_at": "2027-03-03T10:00:00Z", "received_at": "2027-03-03T10:01:00Z"}
    return run(**{**moved, **changes})


def shown(*evidence: Json, **changes: Any) -> Json:
    return {**BASE, "evidence": [*evidence, AGREEMENT], **changes}


def ruled(criterion: str, **keys: Any) -> Json:
    """The policy with a changed criterion."""
    policy = deepcopy(POLICY)
    for phase in policy["phases"]:
        for each in phase["criteria"]:
            if each["id"] == criterion:
                each.update(keys)
    return policy


def questions() -> Iterator[tuple[str, str, Json]]:
    """Name, what it shows, and the body of `POST /v1/evaluate`."""
    yield "go", "everything is shown and approved; level 3 of 3", BASE
    yield "no-facts", "no evidence, no go: every criterion that applies is missing", {
        key: BASE[key] for key in ("policy", "subject", "release", "at")
    }  # fmt: skip
    yield "gate-of-a-phase", "the first gate needs no approval", {**BASE, "gate": "checked", "signoffs": []}
    yield "locked", "a shut gate locks the phases behind it, whose criteria are evaluated all the same", shown(
        run(passed=0, failed=2, names=["a", "b"]), signoffs=[]
    )  # fmt: skip
    yield (
        "at-the-end",
        "half-open: at the first instant past its max_age evidence has expired",
        {
            **BASE,
            "at": "2027-03-08T10:00:00Z",
        },
    )
    yield "before-the-end", "and a microsecond before it has not", {**BASE, "at": "2027-03-08T09:59:59.999999Z"}
    yield "latest-speaks", "a later failing run beats an earlier passing one, and voids the approvals", shown(
        RUN, later(failed=1, names=["slow"])
    )  # fmt: skip
    yield "late-and-old", "what is received late but was collected earlier doesn't speak, and voids nothing", shown(
        RUN, run(failed=1, collected_at="2027-03-01T09:00:00Z", received_at="2027-03-03T10:00:00Z")
    )  # fmt: skip
    yield "not-yet-received", "what is received after the instant is not seen", shown(
        RUN, later(failed=1, received_at="2027-03-03T12:00:00.5Z")
    )  # fmt: skip
    yield "sub-second", "instants are compared as instants: .5Z is after Z", shown(
        run(collected_at="2027-02-20T08:00:01.5Z", received_at="2027-02-20T08:00:02Z"), at="2027-02-25T00:00:00Z",
        signoffs=[], gate="checked",
    )  # fmt: skip
    yield (
        "sub-second-behind",
        "agreed half a second after the run",
        {
            **shown(run(collected_at="2027-02-20T08:00:00.5Z", received_at="2027-02-20T08:00:02Z")),
            "at": "2027-02-25T00:00:00Z",
            "signoffs": [],
            "gate": "checked",
        },
    )
    yield "other-artifacts", "evidence for another set of artifacts counts for none of it", shown(run(artifacts=[A, B]))
    yield "same-artifacts", "the set is what counts, not the order or the number of names", shown(run(artifacts=[A, A]))
    yield "revoked", "a revoked record is listed and no longer counts; the approvals are void", shown(
        run(revoked_at="2027-03-03T00:00:00Z")
    )  # fmt: skip
    yield "revoked-restores", "revoking the record that voided the approvals restores them", shown(
        RUN, later(failed=1, revoked_at="2027-03-03T11:00:00Z")
    )  # fmt: skip
    yield (
        "guarded",
        "a guarded type that is shown is judged, and where it recurs voids no approval",
        {
            **BASE,
            "evidence": [
                RUN,
                AGREEMENT,
                later(type="nightly", context={}, failed=1),
            ],
        },
    )
    yield (
        "guarded-expired",
        "a guarded type that was shown and has grown old makes the criterion expired",
        {
            **BASE,
            "evidence": [RUN, AGREEMENT, run(type="nightly", context={})],
        },
    )
    yield (
        "error",
        "an absent field can't be compared, so nothing is passed",
        {
            **BASE,
            "policy": ruled("runs", checks=[{"that": "evidence.score > 0.5", "otherwise": "low"}]),
        },
    )
    yield (
        "number-types",
        "the shape says that a score is a double, whatever the JSON wrote",
        {
            **shown(run(score=1)),
            "policy": ruled("runs", checks=[{"that": "evidence.score == 1.0", "otherwise": "not one"}]),
        },
    )
    yield (
        "message",
        "lists show ten items, what can't be computed is a question mark",
        {
            **shown(run(failed=12, names=[f"case {n}" for n in range(12)])),
            "policy": ruled(
                "runs",
                checks=[
                    {
                        "that": "evidence.failed == 0",
                        "otherwise": "{{{evidence.failed}}} {evidence.names} {evidence.score}",
                    }
                ],
            ),
        },
    )
    yield (
        "strength",
        "declared evidence where measured is demanded",
        {
            **shown(run(strength="declared")),
            "policy": ruled("runs", strength="measured"),
        },
    )
    yield (
        "not-applicable",
        "an explicit false exempts",
        {**BASE, "subject": {**BASE["subject"], "attributes": {"public": False}}},
    )
    yield (
        "applies-when-unknown",
        "an absent attribute does not exempt",
        {
            **BASE,
            "subject": {**BASE["subject"], "attributes": {}},
        },
    )
    yield (
        "waived",
        "a waiver counts for the gate and never for maturity",
        {
            **shown(run(failed=1)),
            "waivers": [WAIVER],
        },
    )
    yield (
        "waiver-ended",
        "at its end a waiver counts for nothing",
        {
            **shown(later(failed=1), signoffs=[]),
            "waivers": [{**WAIVER, "expires_at": "2027-03-03T12:00:00Z"}],
        },
    )
    yield "waiver-unused", "a waiver for what passes is shown as unused", {**BASE, "waivers": [WAIVER]}
    yield (
        "waiver-by-registrant",
        "who registered the release excuses nothing",
        {
            **shown(run(failed=1)),
            "waivers": [{**WAIVER, "granted_by": "dora"}],
        },
    )
    yield (
        "waiver-too-long",
        "nor does a waiver beyond the policy's limit",
        {
            **shown(run(failed=1)),
            "waivers": [{**WAIVER, "expires_at": "2027-04-02T00:00:00Z"}],
        },
    )
    yield "rejected", "a rejection stands, whatever else is approved", {
        **BASE,
        "signoffs": [OWNER, OPERATOR, {**OPERATOR, "verdict": "reject", "by": "ophelia", "at": "2027-03-02T10:00:00Z",
                                       "comment": "nobody is on call"}],
    }  # fmt: skip
    yield (
        "rejection-lifted",
        "until the same role approves anew",
        {
            **BASE,
            "signoffs": [
                OWNER,
                {**OPERATOR, "verdict": "reject", "comment": "nobody is on call"},
                {**OPERATOR, "at": "2027-03-02T11:00:00Z"},
            ],
        },
    )
    yield "one-person", "each role needs a person of its own", {**BASE, "signoffs": [OWNER, {**OPERATOR, "by": "olga"}]}
    yield (
        "submitter",
        "whoever submitted covered evidence can't approve",
        {
            **shown({**RUN, "submitted_for": ["omar"]}),
        },
    )
    yield (
        "not-acknowledged",
        "an approval acknowledges all that is asked for",
        {
            **BASE,
            "signoffs": [OWNER, {**OPERATOR, "acknowledged": []}],
        },
    )
    yield (
        "withdrawn",
        "a withdrawn approval is as if it had never been",
        {
            **BASE,
            "signoffs": [OWNER, {**OPERATOR, "withdrawn_at": "2027-03-03T00:00:00Z"}],
        },
    )
    yield (
        "approval-expired",
        "an approval has an age of its own",
        {
            **shown(RUN, later(collected_at="2027-03-02T08:00:00Z", received_at="2027-03-02T08:00:00Z")),
            "policy": ruled("review", signoff={**POLICY["phases"][1]["criteria"][0]["signoff"], "max_age": "P1D"}),
        },
    )
    yield (
        "advisory",
        "an advisory criterion is shown and never blocks",
        {
            **shown(run(failed=1)),
            "policy": ruled("runs", advisory=True),
        },
    )
    yield (
        "not-yet-effective",
        "warn first: it blocks from its date on, and the answer stands until then",
        {
            **shown(run(failed=1)),
            "policy": ruled("runs", effective_from="2027-03-05T00:00:00Z"),
        },
    )
    yield (
        "effective",
        "from that instant on it blocks",
        {
            **shown(run(failed=1)),
            "policy": ruled("runs", effective_from="2027-03-05T00:00:00Z"),
            "at": "2027-03-05T00:00:00Z",
        },
    )
    yield (
        "because-of",
        "an echo names its cause and is not counted",
        {
            **shown(run(failed=1), signoffs=[]),
            "policy": ruled("review", depends_on=["runs"]),
        },
    )


def answer(question: Json) -> bytes:
    """The decision as `POST /v1/evaluate` gives it."""
    policy = candidate_of(question["policy"], {}).compiled
    read = read_struct(Question, question)
    return encode(evaluate(policy, read, parse_instant(question["at"])))


if __name__ == "__main__":
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, about, question in questions():
        vector = {"about": about, "question": question, "decision": json.loads(answer(question))}
        (FOLDER / f"{name}.json").write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
