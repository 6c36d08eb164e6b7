"""A policy and a release in which every text that comes from outside is one and the same."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision
from phasegate.engine.facts import Artifact, Evidence, Facts, Producer, Release, SignOff, Subject, Waiver
from phasegate.engine.gate import decide
from phasegate.policies.publication import candidate_of
from phasegate.rendering.checklist import render_policy
from phasegate.rendering.documents import Format
from phasegate.rendering.review import render_review
from phasegate.shapes import catalogue

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def document(text: str = "plain words", prose: str = "plain words") -> dict[str, Any]:
    """A policy in which `text` stands in each place for plain text, and `prose` in each for Markdown."""
    message = text[:1500].replace("{", "{{").replace("}", "}}")
    check = {"that": "evidence.failed == 0", "otherwise": f"{message} {{evidence.failed}} {message}"}
    common = {
        "label": text, "owner": text, "source": prose, "why": prose, "guidance": prose, "remediation": prose,
        "traps": [prose], "references": [prose], "frameworks": {"std": [text]},
    }  # fmt: skip
    return {
        "policy": "sample",
        "version": "1.0.0",
        "title": text,
        "introduction": prose,
        "frameworks": {"std": {"title": text, "url": "https://std.example/x"}},
        "attributes": {"regulated": {"type": "bool", "doc": prose}},
        "params": {
            "least": {"type": "int", "default": 1, "min": 0, "max": 9, "unit": text, "doc": prose},
            "note": {"type": "string", "default": text, "doc": prose},
        },
        "roles": ["owner", "second"],
        "waivers": {"max": "P30D"},
        "shapes": {
            "own": {
                "doc": prose,
                "fields": {
                    "failed": {"type": "int"},
                    "name": {"type": "string"},
                    "names": {"type": "list<string>"},
                    "metrics": {"type": "map<string,double>"},
                },
            }
        },
        "evidence": {
            "tests": {
                "shape": "own",
                "scope": "release",
                "max_age": "P90D",
                "context": ["split", "note?"],
                "title": text,
                "doc": prose,
            },
            "nightly": {"shape": "own", "scope": "subject", "max_age": "PT36H", "recurring": True},
            "card": {"shape": "model-card", "scope": "release", "max_age": "P180D", "title": text},
            "never": {"shape": "own", "scope": "release", "title": text},
        },
        "phases": [
            {
                "id": "first",
                "title": text,
                "overview": prose,
                "criteria": [
                    {"id": "passes", "title": text[:500], "evidence": "tests", **common,
                     "checks": [{"that": 'evidence.failed == 0 && context.split != "" && evidence.name != "" && '
                                         'evidence.names.all(n, n != "") && evidence.metrics.all(m, m != "") && '
                                         'params.note != "" && record.submitted_by != ""', "otherwise": message},
                                {"that": 'evidence.failed >= 0 || "note" in context || params.least > 3',
                                 "otherwise": "{params.least}"}]},
                    {"id": "fails", "title": text[:500], "evidence": "nightly", **common, "checks": [check]},
                    {"id": "waived", "title": text[:500], "evidence": "nightly", "checks": [check]},
                    {"id": "absent", "title": text[:500], "evidence": "never", **common, "checks": [check]},
                    {"id": "exempt", "title": text[:500], "evidence": "tests", "checks": [check],
                     "when": "subject.attributes.regulated != false"},
                    {"id": "broken", "title": text[:500], "evidence": "tests", "waivable": False,
                     "checks": [{"that": 'evidence.metrics["absent"] > 1.0', "otherwise": message}]},
                    {"id": "old", "title": text[:500], "evidence": "card", "advisory": True,
                     "depends_on": ["absent"], "strength": "measured",
                     "checks": [{"that": "evidence.words >= 0", "otherwise": message}]},
                ],
            },
            {
                "id": "second",
                "title": text,
                "criteria": [
                    {
                        "id": "signed",
                        "title": text[:500],
                        "signoff": {
                            "roles": ["owner", "second"],
                            "distinct_persons": True,
                            "covers": {"phases": ["first"], "criteria": []},
                            "acknowledge": {"limits": prose},
                            "max_age": "P30D",
                            "mfa": True,
                        },
                    }
                ],
            },
        ],
        "maturity": {
            "levels": [
                {"level": 1, "id": "one", "name": text, "description": prose, "anti_patterns": [prose],
                 "next_step": prose},
                {"level": 2, "id": "two", "name": text, "requires": [
                    "passes", "first", {"id": "all", "title": text, "criteria": "all", "otherwise": text},
                    {"id": "rule", "title": text, "evidence": "tests", "strength": "measured", "checks": [check]}]},
            ]
        },
    }  # fmt: skip


def policy(text: str = "plain words", prose: str = "plain words") -> CompiledPolicy:
    return candidate_of(document(text, prose), catalogue()).compiled


def facts(text: str = "plain words") -> Facts:
    """A release with one of each status, two sign-offs and two submissions beside the one that speaks."""
    own = {"failed": 0, "name": text, "names": [text, text], "metrics": {text: 0.5}}
    card = {
        "name": text, "version": text, "license": text, "sections": [f"{text} limits", text], "placeholder_text": True,
        "metrics": {text: 0.75}, "datasets": [text], "limitations": 1, "fairness_assessments": 0, "words": 9,
    }  # fmt: skip

    def record(kind: str, data: dict[str, Any], digit: str, age: timedelta = DAY, **more: Any) -> Evidence:
        at = NOON - age
        return Evidence(
            kind,
            data,
            at,
            at,
            f"sha256:{digit * 64}",
            context={"split": text, "note": text},
            submitted_by=text,
            submitted_for=(text,),
            producer=Producer(text, text),
            strength="measured",
            format=text,
            id=text,
            **more,
        )

    return Facts(
        Subject(text, text, text, text, {"regulated": False, "other": text}),
        Release(text, (Artifact(text, "a" * 64),), NOON - 9 * DAY, registered_by="ann"),
        (
            record("tests", own, "1"),
            record("tests", {**own, "failed": 1}, "2", 2 * DAY),
            record("tests", {**own, "failed": 2}, "3", 3 * DAY, revoked_at=NOON - 2 * DAY),
            record("nightly", {**own, "failed": 3}, "4"),
            record("card", card, "5", 200 * DAY),
        ),
        (
            Waiver("waived", text, f"{text} boss", NOON - DAY, NOON + 10 * DAY),
            Waiver("passes", text, "b", NOON - DAY, NOON + DAY),
        ),
        (
            SignOff("owner", "approve", "pat", NOON, acknowledged=("limits",), comment=text, mfa=True),
            SignOff("second", "reject", text, NOON, comment=text, mfa=True),
        ),
    )


class Sample(NamedTuple):
    policy: CompiledPolicy
    facts: Facts
    decision: Decision

    def both(self, form: Format) -> dict[str, str]:
        """Both documents in a form."""
        return {"checklist": render_policy(self.policy, form), "review": self.review(form)}

    def review(self, form: Format, **more: Any) -> str:
        return render_review(self.policy, self.decision, self.facts, form, **more)


@cache
def sample(text: str = "plain words", prose: str = "plain words", at: datetime = NOON) -> Sample:
    compiled, known = policy(text, prose), facts(text)
    return Sample(compiled, known, decide(compiled, known, "launch", at))
