"""A small policy that has one of everything that HTTP tests need, and the evidence that it reads."""

import json
from typing import Any

Document = dict[str, Any]


def document(name: str = "acceptance", version: str = "1.0.0") -> Document:
    """Two phases; evidence of both scopes, built-in and own shapes, ages, context, attributes, levels."""
    return {
        "policy": name,
        "version": version,
        "title": "Acceptance",
        "attributes": {
            "regulated": {"type": "bool"},
            "tier": {"type": "string", "values": ["low", "high"]},
        },
        "params": {"min_auc": {"type": "double", "default": 0.75, "min": 0.5, "max": 1.0}},
        "waivers": {"max": "P30D"},
        "shapes": {
            "ticket": {
                "fields": {
                    "approved": {"type": "bool"},
                    "risk": {"type": "double", "optional": True},
                    "reviewers": {"type": "int", "optional": True},
                }
            }
        },
        "evidence": {
            "unit-tests": {"shape": "test-report", "scope": "release", "max_age": "P7D"},
            "evaluation": {
                "shape": "metrics-report",
                "scope": "release",
                "context": ["split", "dataset?"],
                "max_age": "P30D",
            },
            "change-ticket": {"shape": "ticket", "scope": "subject"},
        },
        "phases": [
            {
                "id": "testing",
                "title": "Testing",
                "criteria": [
                    {
                        "id": "tests-pass",
                        "title": "Tests ran, and all passed",
                        "evidence": "unit-tests",
                        "checks": [
                            {
                                "that": "evidence.passed > 0 && evidence.failed == 0 && evidence.errors == 0",
                                "otherwise": "{evidence.failed} of {evidence.total} failed",
                            }
                        ],
                    },
                    {
                        "id": "good-enough",
                        "title": "Good enough on the test set",
                        "evidence": "evaluation",
                        "checks": [
                            {"that": 'context.split == "test"', "otherwise": "measured on {context.split}"},
                            {"that": "evidence.metrics.roc_auc >= params.min_auc", "otherwise": "too low"},
                        ],
                    },
                ],
            },
            {
                "id": "approval",
                "title": "Approval",
                "criteria": [
                    {
                        "id": "ticket-approved",
                        "title": "The change was approved",
                        "evidence": "change-ticket",
                        "when": "subject.attributes.regulated == true",
                        "checks": [{"that": "evidence.approved", "otherwise": "the ticket is not approved"}],
                    }
                ],
            },
        ],
        "maturity": {
            "levels": [
                {"level": 1, "id": "ad-hoc", "name": "Ad Hoc"},
                {"level": 2, "id": "tested", "name": "Tested", "requires": ["tests-pass"]},
                {"level": 3, "id": "measured", "name": "Measured", "requires": ["good-enough"]},
            ]
        },
    }


def countersigned(version: str = "1.0.0", **changes: Any) -> Document:
    """The same with people: two approve what was tested, and a risk officer where the subject is regulated.
    `changes`: of the first sign-off."""
    made = document("countersigned", version)
    made["roles"] = ["model-owner", "business-owner", "risk-officer"]
    regulated = "subject.attributes.regulated == true"
    made["phases"][1]["criteria"] += [
        {
            "id": "business-review",
            "title": "Owners approve",
            "waivable": False,
            "signoff": {
                "roles": ["model-owner", "business-owner"],
                "distinct_persons": True,
                "covers": {"phases": ["testing"]},
                "acknowledge": {"limits": "I know what the model can't do."},
                "max_age": "P30D",
                **changes,
            },
        },
        {
            "id": "risk-review",
            "title": "Risk approves",
            "when": regulated,
            "signoff": {"roles": ["risk-officer"], "via": ["web"]},
        },
        {
            "id": "second-look",
            "title": "Risk looks again",
            "when": regulated,
            "advisory": True,
            "signoff": {"roles": ["risk-officer"], "mfa": True},
        },
    ]
    return made


def simple(name: str, version: str = "1.0.0", check: str = "evidence.passed > 0") -> Document:
    """One criterion on one type that never grows old."""
    criterion = {
        "id": "tests-pass",
        "title": "Tests pass",
        "evidence": "unit-tests",
        "checks": [{"that": check, "otherwise": "no test passed"}],
    }
    return {
        "policy": name,
        "version": version,
        "title": "Simple",
        "evidence": {"unit-tests": {"shape": "test-report", "scope": "release"}},
        "phases": [{"id": "testing", "title": "Testing", "criteria": [criterion]}],
    }


def as_json(content: Any) -> bytes:
    return json.dumps(content).encode()


def report(passed: int = 3, failed: int = 0) -> Document:
    """Data of the shape `test-report`."""
    return {
        "total": passed + failed,
        "passed": passed,
        "failed": failed,
        "errors": 0,
        "skipped": 0,
        "cases": [],
        "properties": {},
    }


def metrics(auc: float = 0.9) -> Document:
    """Data of the shape `metrics-report`."""
    return {"metrics": {"roc_auc": auc}, "baseline": {}, "non_finite": [], "slices": [], "conditions": []}


def junit(passed: int = 2, failed: int = 0, stamp: str = "", mark: str = "") -> bytes:
    """A JUnit file; `stamp` is its own time, `mark` makes it another file."""
    bad = "".join(f'<testcase classname="t" name="f{n}"><failure message="no"/></testcase>' for n in range(failed))
    good = "".join(f'<testcase classname="t{mark}" name="p{n}"/>' for n in range(passed))
    time = f' timestamp="{stamp}"' if stamp else ""
    counts = f'tests="{passed + failed}" failures="{failed}" errors="0" skipped="0"'
    suite = f'<testsuite name="s" {counts}{time}>{good}{bad}</testsuite>'
    return f'<?xml version="1.0"?><testsuites>{suite}</testsuites>'.encode()
