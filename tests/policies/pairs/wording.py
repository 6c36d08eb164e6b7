"""Wording and order: patch, but for the order of phases."""

from tests.policies.pairs.base import (
    ACTIVE,
    AT_ACTIVE,
    AT_FAST,
    AT_LEVELS,
    AT_REPORT,
    AT_SIGNOFF,
    FAST,
    FIELDS,
    LEVELS,
    SIGNOFF,
    TYPE,
    Pair,
    drop,
    flip,
    push,
    put,
)

WORDING: dict[str, Pair] = {
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
    "criterion's title": Pair(put(f"{FAST}/title", "Fast"), "patch", "wording", f"{AT_FAST}.title", "title of fast"),
    "label": Pair(put(f"{FAST}/label", "Step 9"), "patch", "wording", f"{AT_FAST}.label", "Step 9"),
    "owner": Pair(put(f"{FAST}/owner", "team"), "patch", "wording", f"{AT_FAST}.owner", '"engineer" to "team"'),
    "why": Pair(put(f"{FAST}/why", "x"), "patch", "wording", f"{AT_FAST}.why", "Nobody waits."),
    "guidance": Pair(drop(f"{FAST}/guidance"), "patch", "wording", f"{AT_FAST}.guidance", '"Load it." to ""'),
    "remediation": Pair(put(f"{FAST}/remediation", "x"), "patch", "wording", f"{AT_FAST}.remediation", "reworded"),
    "trap added": Pair(push(f"{FAST}/traps", "x"), "patch", "wording", f"{AT_FAST}.traps", "one client, x"),
    "traps in another order": Pair(flip(f"{FAST}/traps"), "patch", "reordered", f"{AT_FAST}.traps", "order"),
    "references": Pair(drop(f"{FAST}/references"), "patch", "wording", f"{AT_FAST}.references", "to none"),
    "criterion's frameworks": Pair(
        put(f"{FAST}/frameworks/nist", ["MAP 1"]), "patch", "wording", f"{AT_FAST}.frameworks", "MAP 1"
    ),
    "source": Pair(put(f"{FAST}/source", "x"), "patch", "wording", f"{AT_FAST}.source", "reworded"),
    "tags": Pair(push(f"{FAST}/tags", "x"), "patch", "wording", f"{AT_FAST}.tags", "speed, cost, x"),
    "phase's title": Pair(put("phases/0/title", "1"), "patch", "wording", "phases.first.title", "title of phase first"),
    "phase's overview": Pair(drop("phases/0/overview"), "patch", "wording", "phases.first.overview", "reworded"),
    "type's title": Pair(put(f"{TYPE}/title", "x"), "patch", "wording", "evidence.load-test.title", "Load test"),
    "type's doc": Pair(put(f"{TYPE}/doc", "x"), "patch", "wording", "evidence.load-test.doc", "load-test"),
    "shape's doc": Pair(put("shapes/report/doc", "x"), "patch", "wording", "shapes.report.doc", "shape report"),
    "field's unit": Pair(put(f"{FIELDS}/score/unit", "%"), "patch", "wording", f"{AT_REPORT}.score.unit", '"ratio"'),
    "field's doc": Pair(
        put(f"{FIELDS}/score/doc", "x"), "patch", "wording", f"{AT_REPORT}.score.doc", "field score of"
    ),
    "parameter's doc": Pair(put("params/least/doc", "x"), "patch", "wording", "params.least.doc", "parameter least"),
    "parameter's unit": Pair(put("params/least/unit", "x"), "patch", "wording", "params.least.unit", "tests"),
    "attribute's doc": Pair(
        put("attributes/regulated/doc", "x"), "patch", "wording", "attributes.regulated.doc", "attribute regulated"
    ),
    "level's name": Pair(put(f"{LEVELS}/1/name", "x"), "patch", "wording", f"{AT_LEVELS}.basic.name", "level basic"),
    "level's description": Pair(
        put(f"{LEVELS}/1/description", "x"), "patch", "wording", f"{AT_LEVELS}.basic.description", "basics hold"
    ),
    "anti-patterns": Pair(
        put(f"{LEVELS}/1/anti_patterns", ["x"]), "patch", "wording", f"{AT_LEVELS}.basic.anti_patterns", "heroes, luck"
    ),
    "next step": Pair(
        put(f"{LEVELS}/1/next_step", "x"), "patch", "wording", f"{AT_LEVELS}.basic.next_step", "Measure."
    ),
    "requirement's title": Pair(put(f"{ACTIVE}/title", "x"), "patch", "wording", f"{AT_ACTIVE}.title", "Active"),
    "requirement's owner": Pair(put(f"{ACTIVE}/owner", "x"), "patch", "wording", f"{AT_ACTIVE}.owner", "team"),
    "requirement's remediation": Pair(
        put(f"{ACTIVE}/remediation", "x"), "patch", "wording", f"{AT_ACTIVE}.remediation", "Act."
    ),
    "requirement's otherwise": Pair(
        put(f"{LEVELS}/2/requires/0/otherwise", "x"),
        "patch",
        "wording",
        f"{AT_LEVELS}.ready.requires.all-hold.otherwise",
        "not all hold",
    ),
    "check's message": Pair(
        put(f"{FAST}/checks/1/otherwise", "on {context.split} only"),
        "patch",
        "wording",
        f"{AT_FAST}.checks[1].otherwise",
        'from "measured on {context.split}" to "on {context.split} only"',
    ),
    "check's white space and comments": Pair(
        put(f"{FAST}/checks/0/that", "evidence.passed>=params.least // enough"),
        "patch",
        "wording",
        f"{AT_FAST}.checks[0].that",
        "white space or comments only",
    ),
    "white space in when": Pair(
        put(f"{FAST}/when", "subject.attributes.regulated\n  != false"), "patch", "wording", f"{AT_FAST}.when", "only"
    ),
    "criteria in another order": Pair(
        flip("phases/0/criteria"), "patch", "reordered", "phases.first.criteria", "criteria of phase first"
    ),
    "roles in another order": Pair(flip("roles"), "patch", "reordered", "roles", "roles of the policy"),
    "values in another order": Pair(flip("attributes/tier/values"), "patch", "reordered", "attributes.tier.values", ""),
    "context keys in another order": Pair(
        flip(f"{TYPE}/context"), "patch", "reordered", "evidence.load-test.context", "another order"
    ),
    "sign-off roles in another order": Pair(
        flip(f"{SIGNOFF}/roles"), "patch", "reordered", f"{AT_SIGNOFF}.roles", "roles of the sign-off approved"
    ),
    "checks in another order": Pair(flip(f"{FAST}/checks"), "patch", "reordered", f"{AT_FAST}.checks", "any order"),
    "requirements in another order": Pair(
        flip(f"{LEVELS}/1/requires"), "patch", "reordered", f"{AT_LEVELS}.basic.requires", "requires of level basic"
    ),
    "phases in another order": Pair(flip("phases"), "major", "reordered", "phases", "first, second became second"),
}
