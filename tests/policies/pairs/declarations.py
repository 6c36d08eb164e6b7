"""Attributes, parameters, roles, waivers, evidence types, shapes."""

from copy import deepcopy

from tests.policies.pairs.base import (
    APPROVED,
    AT_REPORT,
    BASE,
    FIELDS,
    LEVELS,
    TICKETED,
    TYPE,
    Pair,
    also,
    drop,
    move,
    push,
    put,
)

DECLARATIONS: dict[str, Pair] = {
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
    "shape added": Pair(
        put("shapes/other", {"fields": {"x": {"type": "int"}}}), "minor", "added", "shapes.other", "shape other is new"
    ),
    "shape removed": Pair(drop("shapes/spare"), "major", "removed", "shapes.spare", "shape spare removed"),
    "optional field added": Pair(
        put(f"{FIELDS}/x", {"type": "int", "optional": True}), "minor", "added", f"{AT_REPORT}.x", "may be left out"
    ),
    "required field added": Pair(
        put(f"{FIELDS}/x", {"type": "int"}),
        "major",
        "added",
        f"{AT_REPORT}.x",
        "field x of shape report is new and required",
    ),
    "list field added": Pair(put(f"{FIELDS}/x", {"type": "list<int>"}), "minor", "added", f"{AT_REPORT}.x", "left out"),
    "field removed": Pair(
        drop(f"{FIELDS}/score"), "major", "removed", f"{AT_REPORT}.score", "field score of shape report"
    ),
    "field renamed": Pair(
        move(f"{FIELDS}/score", f"{FIELDS}/points"),
        "major",
        "removed",
        f"{AT_REPORT}.score",
        "points looks the same",
        2,
    ),
    "field retyped": Pair(
        put(f"{FIELDS}/names/type", "list<int>"),
        "major",
        "changed",
        f"{AT_REPORT}.names.type",
        "from list<string> to list<int>",
    ),
    "field made required": Pair(
        put(f"{FIELDS}/score/optional", False), "major", "stricter", f"{AT_REPORT}.score.optional", "is required now"
    ),
    "field made optional": Pair(
        put(f"{FIELDS}/status/optional", True), "minor", "relaxed", f"{AT_REPORT}.status.optional", "optional now"
    ),
    "list field made required": Pair(
        drop(f"{FIELDS}/notes/optional"), "minor", "stricter", f"{AT_REPORT}.notes.optional", "read as empty"
    ),
    "field's bounds narrowed": Pair(
        put(f"{FIELDS}/score/max", 0.5), "major", "stricter", f"{AT_REPORT}.score.max", "from 1 to 0.5: more is refused"
    ),
    "field's bounds widened": Pair(
        put(f"{FIELDS}/score/max", 2.0), "minor", "relaxed", f"{AT_REPORT}.score.max", "from 1 to 2"
    ),
    "field's value added": Pair(
        push(f"{FIELDS}/status/values", "so-so"), "minor", "relaxed", f"{AT_REPORT}.status.values", "include so-so"
    ),
    "field's value removed": Pair(
        drop(f"{FIELDS}/status/values/1"), "major", "stricter", f"{AT_REPORT}.status.values", "no longer include bad"
    ),
    "field's values closed": Pair(
        put(f"{FIELDS}/names/values", ["a", "b"]), "major", "stricter", f"{AT_REPORT}.names.values", "from any to a, b"
    ),
    "fewer entries": Pair(
        put(f"{FIELDS}/names/max_entries", 10), "major", "stricter", f"{AT_REPORT}.names.max_entries", "from 100 to 10"
    ),
    "field inside a field": Pair(
        put(f"{FIELDS}/cases/fields/took", {"type": "duration"}),
        "major",
        "added",
        f"{AT_REPORT}.cases.fields.took",
        "field took of field cases of shape report",
    ),
}
