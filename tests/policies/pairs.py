"""Prepared pairs: a base policy, one edit of it, and what the difference amounts to."""

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
_FAST, _APPROVED = "phases.first.criteria.fast", "phases.second.criteria.approved"
_SIGNOFF, _REPORT, _LEVELS = f"{_APPROVED}.signoff", "shapes.report.fields", "maturity.levels"
_ACTIVE = f"{_LEVELS}.ready.requires.active"
NEW_CRITERION = {
    "id": "new",
    "title": "New",
    "evidence": "ticket",
    "checks": [{"that": "evidence.passed > 5", "otherwise": "no"}],
}
MAPPING = {"reads": "json", "shape": "report", "detect": "has(doc.a)", "fields": {"passed": "int(doc.a)"}}

PAIRS: dict[str, Pair] = {
    # Wording: patch.
    "title": Pair(put("title", "Prepared well"), "patch", "wording", "title", '"Prepared" to "Prepared well"'),
    "introduction": Pair(put("introduction", "Other."), "patch", "wording", "introduction", "reworded"),
    "framework's title": Pair(put("frameworks/iso/title", "ISO"), "patch", "wording", "frameworks.iso.title", "ISO"),
    "framework's url": Pair(
        put("frameworks/nist/url", "https://example.org"), "patch", "wording", "frameworks.nist.url", "framework nist"
    ),
    "framework added": Pair(
        put("frameworks/eu", {"title": "AI Act"}), "patch", "added", "frameworks.eu", "framework eu is new"
    ),
    "framework removed": Pair(drop("frameworks/iso"), "patch", "removed", "frameworks.iso", "framework iso removed"),
    "criterion's title": Pair(put(f"{FAST}/title", "Fast"), "patch", "wording", f"{_FAST}.title", "title of fast"),
    "label": Pair(put(f"{FAST}/label", "Step 9"), "patch", "wording", f"{_FAST}.label", "Step 9"),
    "owner": Pair(put(f"{FAST}/owner", "team"), "patch", "wording", f"{_FAST}.owner", '"engineer" to "team"'),
    "why": Pair(put(f"{FAST}/why", "x"), "patch", "wording", f"{_FAST}.why", "Nobody waits."),
    "guidance": Pair(drop(f"{FAST}/guidance"), "patch", "wording", f"{_FAST}.guidance", '"Load it." to ""'),
    "remediation": Pair(put(f"{FAST}/remediation", "x"), "patch", "wording", f"{_FAST}.remediation", "reworded"),
    "trap added": Pair(push(f"{FAST}/traps", "x"), "patch", "wording", f"{_FAST}.traps", "one client, x"),
    "traps in another order": Pair(flip(f"{FAST}/traps"), "patch", "reordered", f"{_FAST}.traps", "order"),
    "references": Pair(drop(f"{FAST}/references"), "patch", "wording", f"{_FAST}.references", "to none"),
    "criterion's frameworks": Pair(
        put(f"{FAST}/frameworks/nist", ["MAP 1"]), "patch", "wording", f"{_FAST}.frameworks", "MAP 1"
    ),
    "source": Pair(put(f"{FAST}/source", "x"), "patch", "wording", f"{_FAST}.source", "reworded"),
    "tags": Pair(push(f"{FAST}/tags", "x"), "patch", "wording", f"{_FAST}.tags", "speed, cost, x"),
    "phase's title": Pair(put("phases/0/title", "1"), "patch", "wording", "phases.first.title", "title of phase first"),
    "phase's overview": Pair(drop("phases/0/overview"), "patch", "wording", "phases.first.overview", "reworded"),
    "type's title": Pair(put(f"{TYPE}/title", "x"), "patch", "wording", "evidence.load-test.title", "Load test"),
    "type's doc": Pair(put(f"{TYPE}/doc", "x"), "patch", "wording", "evidence.load-test.doc", "load-test"),
    "shape's doc": Pair(put("shapes/report/doc", "x"), "patch", "wording", "shapes.report.doc", "shape report"),
    "field's unit": Pair(put(f"{FIELDS}/score/unit", "%"), "patch", "wording", f"{_REPORT}.score.unit", '"ratio"'),
    "field's doc": Pair(put(f"{FIELDS}/score/doc", "x"), "patch", "wording", f"{_REPORT}.score.doc", "field score of"),
    "parameter's doc": Pair(put("params/least/doc", "x"), "patch", "wording", "params.least.doc", "parameter least"),
    "parameter's unit": Pair(put("params/least/unit", "x"), "patch", "wording", "params.least.unit", "tests"),
    "attribute's doc": Pair(
        put("attributes/regulated/doc", "x"), "patch", "wording", "attributes.regulated.doc", "attribute regulated"
    ),
    "level's name": Pair(put(f"{LEVELS}/1/name", "x"), "patch", "wording", f"{_LEVELS}.basic.name", "level basic"),
    "level's description": Pair(
        put(f"{LEVELS}/1/description", "x"), "patch", "wording", f"{_LEVELS}.basic.description", "basics hold"
    ),
    "anti-patterns": Pair(
        put(f"{LEVELS}/1/anti_patterns", ["x"]), "patch", "wording", f"{_LEVELS}.basic.anti_patterns", "heroes, luck"
    ),
    "next step": Pair(put(f"{LEVELS}/1/next_step", "x"), "patch", "wording", f"{_LEVELS}.basic.next_step", "Measure."),
    "requirement's title": Pair(put(f"{ACTIVE}/title", "x"), "patch", "wording", f"{_ACTIVE}.title", "Active"),
    "requirement's owner": Pair(put(f"{ACTIVE}/owner", "x"), "patch", "wording", f"{_ACTIVE}.owner", "team"),
    "requirement's remediation": Pair(
        put(f"{ACTIVE}/remediation", "x"), "patch", "wording", f"{_ACTIVE}.remediation", "Act."
    ),
    "requirement's otherwise": Pair(
        put(f"{LEVELS}/2/requires/0/otherwise", "x"),
        "patch",
        "wording",
        f"{_LEVELS}.ready.requires.all-hold.otherwise",
        "not all hold",
    ),
    "check's message": Pair(
        put(f"{FAST}/checks/1/otherwise", "on {context.split} only"),
        "patch",
        "wording",
        f"{_FAST}.checks[1].otherwise",
        'from "measured on {context.split}" to "on {context.split} only"',
    ),
    "check's white space and comments": Pair(
        put(f"{FAST}/checks/0/that", "evidence.passed>=params.least // enough"),
        "patch",
        "wording",
        f"{_FAST}.checks[0].that",
        "white space or comments only",
    ),
    "white space in when": Pair(
        put(f"{FAST}/when", "subject.attributes.regulated\n  != false"), "patch", "wording", f"{_FAST}.when", "only"
    ),
    # Order: patch, but for phases.
    "criteria in another order": Pair(
        flip("phases/0/criteria"), "patch", "reordered", "phases.first.criteria", "criteria of phase first"
    ),
    "roles in another order": Pair(flip("roles"), "patch", "reordered", "roles", "roles of the policy"),
    "values in another order": Pair(flip("attributes/tier/values"), "patch", "reordered", "attributes.tier.values", ""),
    "context keys in another order": Pair(
        flip(f"{TYPE}/context"), "patch", "reordered", "evidence.load-test.context", "another order"
    ),
    "sign-off roles in another order": Pair(
        flip(f"{SIGNOFF}/roles"), "patch", "reordered", f"{_SIGNOFF}.roles", "roles of the sign-off approved"
    ),
    "checks in another order": Pair(flip(f"{FAST}/checks"), "patch", "reordered", f"{_FAST}.checks", "any order"),
    "requirements in another order": Pair(
        flip(f"{LEVELS}/1/requires"), "patch", "reordered", f"{_LEVELS}.basic.requires", "requires of level basic"
    ),
    "phases in another order": Pair(flip("phases"), "major", "reordered", "phases", "first, second became second"),
    # Checks and conditions.
    "check added": Pair(
        push(f"{FAST}/checks", {"that": "evidence.passed < 99", "otherwise": "many"}),
        "minor",
        "stricter",
        f"{_FAST}.checks[3]",
        "new check evidence.passed < 99",
    ),
    "check added in front": Pair(
        lambda d: d["phases"][0]["criteria"][0]["checks"].insert(
            0, {"that": "evidence.passed < 99", "otherwise": "many"}
        ),
        "minor",
        "stricter",
        f"{_FAST}.checks[0]",
        "new check",
    ),
    "check removed": Pair(drop(f"{FAST}/checks/1"), "minor", "relaxed", f"{_FAST}.checks[1]", "no longer checks"),
    "check changed": Pair(
        put(f"{FAST}/checks/0/that", "evidence.passed > params.least"),
        "minor",
        "changed",
        f"{_FAST}.checks[0].that",
        'from "evidence.passed >= params.least" to "evidence.passed > params.least"',
    ),
    "white space inside a text of a check": Pair(
        put(f"{FAST}/checks/2/that", 'evidence.status == "o k"'), "minor", "changed", f"{_FAST}.checks[2].that", '"o k"'
    ),
    "when changed": Pair(
        put(f"{FAST}/when", "subject.attributes.regulated == true"), "minor", "changed", f"{_FAST}.when", "== true"
    ),
    "when added": Pair(
        put(f"{LASTING}/when", "subject.attributes.regulated == true"),
        "minor",
        "relaxed",
        "phases.first.criteria.lasting.when",
        "applies only when",
    ),
    "when removed": Pair(drop(f"{FAST}/when"), "minor", "stricter", f"{_FAST}.when", "now always applies"),
    "another type is read": Pair(
        put(f"{LASTING}/evidence", "ticket"),
        "minor",
        "changed",
        "phases.first.criteria.lasting.evidence",
        "from load-test to ticket",
    ),
    # Parameters.
    "default": Pair(put("params/least/default", 5), "minor", "changed", "params.least.default", "from 3 to 5"),
    "bounds narrowed": Pair(put("params/least/max", 5), "minor", "stricter", "params.least.max", "from 10 to 5"),
    "bounds widened": Pair(put("params/least/min", 0), "minor", "relaxed", "params.least.min", "from 1 to 0"),
    "bound removed": Pair(drop("params/least/max"), "minor", "relaxed", "params.least.max", "from 10 to none"),
    "parameter retyped": Pair(
        put("params/pattern", {"type": "bool", "default": True}),
        "major",
        "changed",
        "params.pattern.type",
        "string to bool",
        2,
    ),
    "parameter added": Pair(
        put("params/most", {"type": "int", "default": 1}), "minor", "added", "params.most", "parameter most is new"
    ),
    "parameter removed": Pair(
        drop("params/pattern"), "major", "removed", "params.pattern", "parameter pattern removed"
    ),
    # Attributes, roles, waivers.
    "attribute added": Pair(
        put("attributes/x", {"type": "int"}), "minor", "added", "attributes.x", "attribute x is new"
    ),
    "attribute removed": Pair(drop("attributes/tier"), "major", "removed", "attributes.tier", "attribute tier removed"),
    "attribute retyped": Pair(
        put("attributes/tier", {"type": "list<string>", "values": ["low", "medium", "high"]}),
        "major",
        "changed",
        "attributes.tier.type",
        "string to list<string>",
    ),
    "attribute's value removed": Pair(
        drop("attributes/tier/values/1"), "minor", "stricter", "attributes.tier.values", "no longer include medium"
    ),
    "attribute's value added": Pair(
        push("attributes/tier/values", "x"), "minor", "relaxed", "attributes.tier.values", "now include x"
    ),
    "attribute's values opened": Pair(
        drop("attributes/tier/values"), "minor", "relaxed", "attributes.tier.values", "to any"
    ),
    "attributes no longer declared": Pair(drop("attributes"), "minor", "relaxed", "attributes", "may read any"),
    "role added": Pair(push("roles", "x"), "minor", "added", "roles", "new role x"),
    "role removed": Pair(drop("roles/2"), "major", "removed", "roles", "role spare removed"),
    "waivers last longer": Pair(
        put("waivers/max", "P60D"), "minor", "relaxed", "waivers.max", "from 30 days to 60 days"
    ),
    "waivers last less long": Pair(put("waivers/max", "P7D"), "minor", "stricter", "waivers.max", "shortened from 30"),
    "no waivers": Pair(drop("waivers"), "minor", "stricter", "waivers", "nothing can be waived"),
    # Evidence types.
    "max_age shortened": Pair(
        put(f"{TYPE}/max_age", "P14D"),
        "minor",
        "stricter",
        "evidence.load-test.max_age",
        "load-test shortened from 30 days to 14 days: evidence expires sooner",
    ),
    "max_age extended": Pair(
        put(f"{TYPE}/max_age", "P60D"), "minor", "relaxed", "evidence.load-test.max_age", "extended"
    ),
    "max_age set": Pair(
        put("evidence/ticket/max_age", "PT1H"), "minor", "stricter", "evidence.ticket.max_age", "no limit to 1 hour"
    ),
    "max_age dropped": Pair(drop(f"{TYPE}/max_age"), "minor", "relaxed", "evidence.load-test.max_age", "to no limit"),
    "scope": Pair(
        put(f"{TYPE}/scope", "subject"), "major", "changed", "evidence.load-test.scope", "release to subject"
    ),
    "shape of a type": Pair(
        also(put("shapes/twin", deepcopy(BASE["shapes"]["report"])), put(f"{TYPE}/shape", "twin")),
        "major",
        "changed",
        "evidence.load-test.shape",
        "from report to twin",
        2,
    ),
    "recurring": Pair(
        put(f"{TYPE}/recurring", True), "minor", "relaxed", "evidence.load-test.recurring", "sign-offs don't cover it"
    ),
    "required context key added": Pair(
        push(f"{TYPE}/context", "host"), "major", "stricter", "evidence.load-test.context", "needs the context key host"
    ),
    "optional context key added": Pair(
        push(f"{TYPE}/context", "host?"), "minor", "added", "evidence.load-test.context", "may now state"
    ),
    "context key made optional": Pair(
        put(f"{TYPE}/context/1", "dataset?"), "minor", "relaxed", "evidence.load-test.context", "is optional now"
    ),
    "context key made required": Pair(
        put(f"{TYPE}/context/2", "rows"), "major", "stricter", "evidence.load-test.context", "is required now"
    ),
    "required context key removed": Pair(
        drop(f"{TYPE}/context/1"), "minor", "relaxed", "evidence.load-test.context", "no longer declares"
    ),
    "optional context key removed": Pair(
        drop(f"{TYPE}/context/2"), "minor", "removed", "evidence.load-test.context", "key rows"
    ),
    "type added": Pair(
        put("evidence/soak", {"shape": "report", "scope": "release"}), "minor", "added", "evidence.soak", "soak is new"
    ),
    "type removed": Pair(
        also(
            drop("evidence/ticket", TICKETED, f"{LEVELS}/2/requires/1"),
            drop(f"{APPROVED}/depends_on"),
            drop("phases/1/criteria/1"),
        ),
        "major",
        "removed",
        "evidence.ticket",
        "evidence type ticket removed",
        5,
    ),
    # Shapes.
    "shape added": Pair(
        put("shapes/other", {"fields": {"x": {"type": "int"}}}), "minor", "added", "shapes.other", "shape other is new"
    ),
    "shape removed": Pair(drop("shapes/spare"), "major", "removed", "shapes.spare", "shape spare removed"),
    "optional field added": Pair(
        put(f"{FIELDS}/x", {"type": "int", "optional": True}), "minor", "added", f"{_REPORT}.x", "may be left out"
    ),
    "required field added": Pair(
        put(f"{FIELDS}/x", {"type": "int"}),
        "major",
        "added",
        f"{_REPORT}.x",
        "field x of shape report is new and required",
    ),
    "list field added": Pair(put(f"{FIELDS}/x", {"type": "list<int>"}), "minor", "added", f"{_REPORT}.x", "left out"),
    "field removed": Pair(
        drop(f"{FIELDS}/score"), "major", "removed", f"{_REPORT}.score", "field score of shape report"
    ),
    "field renamed": Pair(
        move(f"{FIELDS}/score", f"{FIELDS}/points"), "major", "removed", f"{_REPORT}.score", "points looks the same", 2
    ),
    "field retyped": Pair(
        put(f"{FIELDS}/names/type", "list<int>"),
        "major",
        "changed",
        f"{_REPORT}.names.type",
        "from list<string> to list<int>",
    ),
    "field made required": Pair(
        put(f"{FIELDS}/score/optional", False), "major", "stricter", f"{_REPORT}.score.optional", "is required now"
    ),
    "field made optional": Pair(
        put(f"{FIELDS}/status/optional", True), "minor", "relaxed", f"{_REPORT}.status.optional", "optional now"
    ),
    "list field made required": Pair(
        drop(f"{FIELDS}/notes/optional"), "minor", "stricter", f"{_REPORT}.notes.optional", "read as empty"
    ),
    "field's bounds narrowed": Pair(
        put(f"{FIELDS}/score/max", 0.5), "major", "stricter", f"{_REPORT}.score.max", "from 1 to 0.5: more is refused"
    ),
    "field's bounds widened": Pair(
        put(f"{FIELDS}/score/max", 2.0), "minor", "relaxed", f"{_REPORT}.score.max", "from 1 to 2"
    ),
    "field's value added": Pair(
        push(f"{FIELDS}/status/values", "so-so"), "minor", "relaxed", f"{_REPORT}.status.values", "include so-so"
    ),
    "field's value removed": Pair(
        drop(f"{FIELDS}/status/values/1"), "major", "stricter", f"{_REPORT}.status.values", "no longer include bad"
    ),
    "field's values closed": Pair(
        put(f"{FIELDS}/names/values", ["a", "b"]), "major", "stricter", f"{_REPORT}.names.values", "from any to a, b"
    ),
    "fewer entries": Pair(
        put(f"{FIELDS}/names/max_entries", 10), "major", "stricter", f"{_REPORT}.names.max_entries", "from 100 to 10"
    ),
    "field inside a field": Pair(
        put(f"{FIELDS}/cases/fields/took", {"type": "duration"}),
        "major",
        "added",
        f"{_REPORT}.cases.fields.took",
        "field took of field cases of shape report",
    ),
    # Criteria and phases.
    "criterion added": Pair(
        push("phases/0/criteria", NEW_CRITERION), "minor", "added", "phases.first.criteria.new", "criterion new is new"
    ),
    "criterion removed": Pair(
        drop("phases/0/criteria/1", f"{LEVELS}/1/requires/1"),
        "major",
        "removed",
        "phases.first.criteria.lasting",
        "criterion lasting removed",
        2,
    ),
    "criterion renamed": Pair(
        also(put(f"{LASTING}/id", "lasts"), put(f"{LEVELS}/1/requires/1/criteria", ["fast", "lasts"])),
        "major",
        "removed",
        "phases.first.criteria.lasting",
        "lasts looks the same: to whoever holds the id, a rename is a removal",
        4,
    ),
    "criterion moved to a later phase": Pair(
        move(LASTING, "phases/1/criteria"),
        "minor",
        "relaxed",
        "phases.second.criteria.lasting",
        "moved from phase first to phase second: it is asked for later",
    ),
    "criterion moved to an earlier phase": Pair(
        move(TICKETED, "phases/0/criteria"),
        "minor",
        "stricter",
        "phases.first.criteria.ticketed",
        "it is asked for earlier",
    ),
    "phase appended": Pair(
        push("phases", {"id": "third", "criteria": [NEW_CRITERION]}),
        "minor",
        "added",
        "phases.third",
        "phase third is new",
        2,
    ),
    "phase inserted": Pair(
        lambda d: d["phases"].insert(1, {"id": "third", "criteria": [NEW_CRITERION]}),
        "minor",
        "added",
        "phases.third",
        "gates behind it",
        2,
    ),
    "phase renamed": Pair(put("phases/1/id", "last"), "major", "removed", "phases.second", "last looks the same", 5),
    "strength raised": Pair(
        put(f"{FAST}/strength", "attested"), "minor", "stricter", f"{_FAST}.strength", "measured to attested"
    ),
    "strength dropped": Pair(drop(f"{FAST}/strength"), "minor", "relaxed", f"{_FAST}.strength", "measured to any"),
    "waivable": Pair(
        put(f"{APPROVED}/waivable", True), "minor", "relaxed", f"{_APPROVED}.waivable", "from false to true"
    ),
    "depends_on": Pair(
        put(f"{APPROVED}/depends_on", ["fast", "lasting"]),
        "minor",
        "added",
        f"{_APPROVED}.depends_on",
        "depends on lasting",
    ),
    "effective later": Pair(
        put(f"{TICKETED}/effective_from", "2028-01-01T00:00:00Z"),
        "minor",
        "relaxed",
        "phases.second.criteria.ticketed.effective_from",
        "put off from 2027-01-01T00:00:00Z to 2028-01-01T00:00:00Z",
    ),
    "effective at once": Pair(
        drop(f"{TICKETED}/effective_from"),
        "minor",
        "stricter",
        "phases.second.criteria.ticketed.effective_from",
        "to always",
    ),
    "no longer advisory": Pair(
        drop(f"{NOTED}/advisory"), "minor", "stricter", "phases.second.criteria.noted.advisory", "it blocks"
    ),
    # Sign-offs.
    "sign-off added": Pair(
        put(f"{LASTING}/signoff", {"roles": ["owner"]}),
        "minor",
        "stricter",
        "phases.first.criteria.lasting.signoff",
        "asks for sign-offs",
    ),
    "sign-off role added": Pair(
        push(f"{SIGNOFF}/roles", "spare"), "minor", "stricter", f"{_SIGNOFF}.roles", "needs the role spare"
    ),
    "sign-off role removed": Pair(
        drop(f"{SIGNOFF}/roles/1"), "minor", "relaxed", f"{_SIGNOFF}.roles", "no longer needs the role legal"
    ),
    "one person for all roles": Pair(
        drop(f"{SIGNOFF}/distinct_persons"), "minor", "relaxed", f"{_SIGNOFF}.distinct_persons", "one person"
    ),
    "covers another phase": Pair(
        push(f"{SIGNOFF}/covers/phases", "second"), "minor", "stricter", f"{_SIGNOFF}.covers.phases", "phase second"
    ),
    "covers a criterion less": Pair(
        drop(f"{SIGNOFF}/covers/criteria"), "minor", "relaxed", f"{_SIGNOFF}.covers.criteria", "criterion fast"
    ),
    "acknowledgement added": Pair(
        put(f"{SIGNOFF}/acknowledge/cost", "I know the cost."),
        "minor",
        "stricter",
        f"{_SIGNOFF}.acknowledge.cost",
        "acknowledgement cost",
    ),
    "acknowledgement removed": Pair(
        drop(f"{SIGNOFF}/acknowledge/limits"), "minor", "relaxed", f"{_SIGNOFF}.acknowledge.limits", "no longer needs"
    ),
    "acknowledgement in other words": Pair(
        put(f"{SIGNOFF}/acknowledge/limits", "I bear the risk."),
        "minor",
        "changed",
        f"{_SIGNOFF}.acknowledge.limits",
        'from "I know the limits." to "I bear the risk."',
    ),
    "sign-off expires sooner": Pair(
        put(f"{SIGNOFF}/max_age", "P10D"), "minor", "stricter", f"{_SIGNOFF}.max_age", "a sign-off expires sooner"
    ),
    "channel removed": Pair(drop(f"{SIGNOFF}/via/1"), "minor", "stricter", f"{_SIGNOFF}.via", "can't come via slack"),
    "channel added": Pair(push(f"{SIGNOFF}/via", "api"), "minor", "relaxed", f"{_SIGNOFF}.via", "may now come via api"),
    "second factor": Pair(
        put(f"{SIGNOFF}/mfa", True), "minor", "stricter", f"{_SIGNOFF}.mfa", "second factor is needed"
    ),
    # Maturity.
    "no maturity": Pair(drop("maturity"), "major", "removed", "maturity", "no maturity levels any more"),
    "level appended": Pair(
        push(LEVELS, {"level": 4, "id": "top", "name": "Top"}), "minor", "added", f"{_LEVELS}.top", "level top is new"
    ),
    "level inserted in the middle": Pair(
        lambda d: (
            d["maturity"]["levels"].insert(2, {"level": 3, "id": "mid", "name": "Mid"}),
            d["maturity"]["levels"][3].update(level=4),
        ),
        "major",
        "changed",
        f"{_LEVELS}.ready.level",
        "from 3 to 4",
        2,
    ),
    "last level removed": Pair(drop(f"{LEVELS}/2"), "major", "removed", f"{_LEVELS}.ready", "level ready removed", 3),
    "requirement added": Pair(
        push(f"{LEVELS}/1/requires", "lasting"), "minor", "stricter", f"{_LEVELS}.basic.requires.lasting", "is new"
    ),
    "requirement removed": Pair(
        drop(f"{LEVELS}/1/requires/0"), "minor", "relaxed", f"{_LEVELS}.basic.requires.fast", "requirement fast removed"
    ),
    "requirement moved": Pair(
        move(f"{LEVELS}/1/requires/0", f"{LEVELS}/2/requires"),
        "minor",
        "relaxed",
        f"{_LEVELS}.ready.requires.fast",
        "from level basic to level ready",
    ),
    "requirement required again": Pair(
        push(f"{LEVELS}/2/requires", "fast"), "minor", "stricter", f"{_LEVELS}.ready.requires.fast", "requirement fast"
    ),
    "requirement's criteria": Pair(
        drop(f"{LEVELS}/1/requires/1/criteria/0"),
        "minor",
        "relaxed",
        f"{_LEVELS}.basic.requires.most.criteria",
        "no longer needs criterion fast",
    ),
    "requirement of all criteria": Pair(
        put(f"{LEVELS}/1/requires/1/criteria", "all"),
        "minor",
        "changed",
        f"{_LEVELS}.basic.requires.most.criteria",
        "from fast, lasting to all",
    ),
    "requirement's check": Pair(
        put(f"{ACTIVE}/checks/0/that", "evidence.passed > 3"), "minor", "changed", f"{_ACTIVE}.checks[0].that", "> 3"
    ),
    "requirement's strength": Pair(
        put(f"{ACTIVE}/strength", "declared"), "minor", "relaxed", f"{_ACTIVE}.strength", "measured to declared"
    ),
    "requirement's type": Pair(
        put(f"{ACTIVE}/evidence", "load-test"), "minor", "changed", f"{_ACTIVE}.evidence", "other evidence"
    ),
    "requirement's condition": Pair(
        put(f"{ACTIVE}/when", "subject.attributes.regulated == true"),
        "minor",
        "relaxed",
        f"{_ACTIVE}.when",
        "applies only when",
    ),
    "another policy": Pair(put("policy", "another"), "major", "changed", "policy", "it is another policy"),
}
