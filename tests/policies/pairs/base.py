"""The base policy, the ways to edit it, and what is expected of a difference."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from phasegate.policies.diff import Kind, Step

Document = dict[str, Any]
Edit = Callable[[Document], object]

BASE: Document = {
    "policy": "prepared",
    "version": "1.0.0",
    "title": "Prepared",
    "introduction": "A policy with one of everything.",
    "frameworks": {"nist": {"title": "NIST AI RMF", "url": "https://example.org/nist"}, "iso": {"title": "ISO 42001"}},
    "attributes": {
        "regulated": {"type": "bool", "doc": "Whether the law looks on."},
        "tier": {"type": "string", "values": ["low", "medium", "high"]},
    },
    "params": {
        "least": {"type": "int", "default": 3, "min": 1, "max": 10, "unit": "tests", "doc": "Fewest tests."},
        "pattern": {"type": "string", "default": "^ok$"},
    },
    "roles": ["owner", "legal", "spare"],
    "waivers": {"max": "P30D"},
    "shapes": {
        "report": {
            "doc": "A report.",
            "fields": {
                "passed": {"type": "int", "min": 0},
                "score": {"type": "double", "optional": True, "min": 0.0, "max": 1.0, "unit": "ratio", "doc": "Score."},
                "status": {"type": "string", "values": ["ok", "bad"]},
                "names": {"type": "list<string>", "max_entries": 100},
                "notes": {"type": "list<string>", "optional": True},
                "cases": {"type": "list<object>", "fields": {"name": {"type": "string"}}},
            },
        },
        "spare": {"fields": {"done": {"type": "bool"}}},
    },
    "evidence": {
        "load-test": {
            "shape": "report",
            "scope": "release",
            "max_age": "P30D",
            "context": ["split", "dataset", "rows?"],
            "title": "Load test",
            "doc": "What the service bears.",
        },
        "ticket": {"shape": "report", "scope": "subject"},
    },
    "phases": [
        {
            "id": "first",
            "title": "First",
            "overview": "What comes first.",
            "criteria": [
                {
                    "id": "fast",
                    "title": "It is fast",
                    "label": "Step 1",
                    "owner": "engineer",
                    "why": "Nobody waits.",
                    "guidance": "Load it.",
                    "remediation": "Make it faster.",
                    "traps": ["a warm cache", "one client"],
                    "references": ["a book", "a page"],
                    "frameworks": {"nist": ["MEASURE 2.3"]},
                    "source": "It must be fast.",
                    "tags": ["speed", "cost"],
                    "evidence": "load-test",
                    "when": "subject.attributes.regulated != false",
                    "checks": [
                        {"that": "evidence.passed >= params.least", "otherwise": "only {evidence.passed} passed"},
                        {"that": 'context.split == "test"', "otherwise": "measured on {context.split}"},
                        {"that": 'evidence.status == "ok"', "otherwise": "it is {evidence.status}"},
                    ],
                    "strength": "measured",
                },
                {
                    "id": "lasting",
                    "title": "It lasts",
                    "evidence": "load-test",
                    "checks": [{"that": "evidence.passed > 0", "otherwise": "nothing passed"}],
                },
            ],
        },
        {
            "id": "second",
            "title": "Second",
            "criteria": [
                {
                    "id": "approved",
                    "title": "It is approved",
                    "waivable": False,
                    "depends_on": ["fast"],
                    "signoff": {
                        "roles": ["owner", "legal"],
                        "distinct_persons": True,
                        "covers": {"phases": ["first"], "criteria": ["fast"]},
                        "acknowledge": {"limits": "I know the limits."},
                        "max_age": "P20D",
                        "via": ["web", "slack"],
                        "mfa": False,
                    },
                },
                {
                    "id": "ticketed",
                    "title": "There is a ticket",
                    "evidence": "ticket",
                    "effective_from": "2027-01-01T00:00:00Z",
                    "checks": [{"that": "evidence.passed > 0", "otherwise": "no ticket"}],
                },
                {
                    "id": "noted",
                    "title": "It is noted",
                    "advisory": True,
                    "evidence": "ticket",
                    "checks": [{"that": "evidence.passed > 1", "otherwise": "not noted"}],
                },
            ],
        },
    ],
    "maturity": {
        "levels": [
            {"level": 1, "id": "ad-hoc", "name": "Ad Hoc"},
            {
                "level": 2,
                "id": "basic",
                "name": "Basic",
                "description": "The basics hold.",
                "anti_patterns": ["heroes", "luck"],
                "next_step": "Measure.",
                "requires": ["fast", {"id": "most", "title": "Most hold", "criteria": ["fast", "lasting"]}],
            },
            {
                "level": 3,
                "id": "ready",
                "name": "Ready",
                "requires": [
                    {"id": "all-hold", "criteria": "all", "otherwise": "not all hold"},
                    {
                        "id": "active",
                        "title": "Active",
                        "evidence": "ticket",
                        "strength": "measured",
                        "owner": "team",
                        "remediation": "Act.",
                        "checks": [{"that": "evidence.passed > 2", "otherwise": "not active"}],
                    },
                ],
            },
        ]
    },
}


class Pair(NamedTuple):
    """An edit of `BASE`, and one change that the difference holds. `step` is that of the whole."""

    edit: Edit
    step: Step
    kind: Kind
    path: str
    words: str
    changes: int = 1
    """How many there are in all."""


def put(path: str, value: Any) -> Edit:
    """Set the value at a path like `phases/0/criteria/1/title`."""

    def edit(document: Document) -> None:
        holder, key = _find(document, path)
        holder[key] = value

    return edit


def drop(*paths: str) -> Edit:
    def edit(document: Document) -> None:
        for path in paths:
            holder, key = _find(document, path)
            del holder[key]

    return edit


def push(path: str, *values: Any) -> Edit:
    """Append to the list at a path."""

    def edit(document: Document) -> None:
        holder, key = _find(document, path)
        holder[key].extend(values)

    return edit


def flip(path: str) -> Edit:
    """Reverse the list at a path."""

    def edit(document: Document) -> None:
        holder, key = _find(document, path)
        holder[key].reverse()

    return edit


def move(path: str, to: str) -> Edit:
    """Take what is at a path out of its list or map, and append it to the list, or put it at the key, `to`."""

    def edit(document: Document) -> None:
        holder, key = _find(document, path)
        value = holder.pop(key)
        target, name = _find(document, to)
        if isinstance(target.get(name), list):
            target[name].append(value)
        else:
            target[name] = value

    return edit


def also(*edits: Edit) -> Edit:
    return lambda document: [edit(document) for edit in edits]


def edited(edit: Edit) -> Document:
    """`BASE` with an edit."""
    document = deepcopy(BASE)
    edit(document)
    return document


def _find(document: Any, path: str) -> tuple[Any, Any]:
    *steps, last = path.split("/")
    for step in steps:
        document = document[int(step) if isinstance(document, list) else step]
    return document, int(last) if isinstance(document, list) else last


FAST, LASTING, APPROVED = "phases/0/criteria/0", "phases/0/criteria/1", "phases/1/criteria/0"
TICKETED, NOTED = "phases/1/criteria/1", "phases/1/criteria/2"
FIELDS, TYPE, SIGNOFF = "shapes/report/fields", "evidence/load-test", f"{APPROVED}/signoff"
LEVELS, ACTIVE = "maturity/levels", "maturity/levels/2/requires/1"
AT_FAST, AT_APPROVED = "phases.first.criteria.fast", "phases.second.criteria.approved"
AT_SIGNOFF, AT_REPORT, AT_LEVELS = f"{AT_APPROVED}.signoff", "shapes.report.fields", "maturity.levels"
AT_ACTIVE = f"{AT_LEVELS}.ready.requires.active"
NEW_CRITERION = {
    "id": "new",
    "title": "New",
    "evidence": "ticket",
    "checks": [{"that": "evidence.passed > 5", "otherwise": "no"}],
}
MAPPING = {"reads": "json", "shape": "report", "detect": "has(doc.a)", "fields": {"passed": "int(doc.a)"}}
