"""Criteria, checks, phases, sign-offs, levels."""

from tests.policies.pairs.base import (
    ACTIVE,
    APPROVED,
    AT_ACTIVE,
    AT_APPROVED,
    AT_FAST,
    AT_LEVELS,
    AT_SIGNOFF,
    FAST,
    LASTING,
    LEVELS,
    NEW_CRITERION,
    NOTED,
    SIGNOFF,
    TICKETED,
    Pair,
    also,
    drop,
    move,
    push,
    put,
)

CRITERIA: dict[str, Pair] = {
    "check added": Pair(
        push(f"{FAST}/checks", {"that": "evidence.passed < 99", "otherwise": "many"}),
        "minor",
        "stricter",
        f"{AT_FAST}.checks[3]",
        "new check evidence.passed < 99",
    ),
    "check added in front": Pair(
        lambda d: d["phases"][0]["criteria"][0]["checks"].insert(
            0, {"that": "evidence.passed < 99", "otherwise": "many"}
        ),
        "minor",
        "stricter",
        f"{AT_FAST}.checks[0]",
        "new check",
    ),
    "check removed": Pair(drop(f"{FAST}/checks/1"), "minor", "relaxed", f"{AT_FAST}.checks[1]", "no longer checks"),
    "check changed": Pair(
        put(f"{FAST}/checks/0/that", "evidence.passed > params.least"),
        "minor",
        "changed",
        f"{AT_FAST}.checks[0].that",
        'from "evidence.passed >= params.least" to "evidence.passed > params.least"',
    ),
    "white space inside a text of a check": Pair(
        put(f"{FAST}/checks/2/that", 'evidence.status == "o k"'),
        "minor",
        "changed",
        f"{AT_FAST}.checks[2].that",
        '"o k"',
    ),
    "when changed": Pair(
        put(f"{FAST}/when", "subject.attributes.regulated == true"), "minor", "changed", f"{AT_FAST}.when", "== true"
    ),
    "when added": Pair(
        put(f"{LASTING}/when", "subject.attributes.regulated == true"),
        "minor",
        "relaxed",
        "phases.first.criteria.lasting.when",
        "applies only when",
    ),
    "when removed": Pair(drop(f"{FAST}/when"), "minor", "stricter", f"{AT_FAST}.when", "now always applies"),
    "another type is read": Pair(
        put(f"{LASTING}/evidence", "ticket"),
        "minor",
        "changed",
        "phases.first.criteria.lasting.evidence",
        "from load-test to ticket",
    ),
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
        put(f"{FAST}/strength", "attested"), "minor", "stricter", f"{AT_FAST}.strength", "measured to attested"
    ),
    "strength dropped": Pair(drop(f"{FAST}/strength"), "minor", "relaxed", f"{AT_FAST}.strength", "measured to any"),
    "waivable": Pair(
        put(f"{APPROVED}/waivable", True), "minor", "relaxed", f"{AT_APPROVED}.waivable", "from false to true"
    ),
    "depends_on": Pair(
        put(f"{APPROVED}/depends_on", ["fast", "lasting"]),
        "minor",
        "added",
        f"{AT_APPROVED}.depends_on",
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
    "sign-off added": Pair(
        put(f"{LASTING}/signoff", {"roles": ["owner"]}),
        "minor",
        "stricter",
        "phases.first.criteria.lasting.signoff",
        "asks for sign-offs",
    ),
    "sign-off role added": Pair(
        push(f"{SIGNOFF}/roles", "spare"), "minor", "stricter", f"{AT_SIGNOFF}.roles", "needs the role spare"
    ),
    "sign-off role removed": Pair(
        drop(f"{SIGNOFF}/roles/1"), "minor", "relaxed", f"{AT_SIGNOFF}.roles", "no longer needs the role legal"
    ),
    "one person for all roles": Pair(
        drop(f"{SIGNOFF}/distinct_persons"), "minor", "relaxed", f"{AT_SIGNOFF}.distinct_persons", "one person"
    ),
    "covers another phase": Pair(
        push(f"{SIGNOFF}/covers/phases", "second"), "minor", "stricter", f"{AT_SIGNOFF}.covers.phases", "phase second"
    ),
    "covers a criterion less": Pair(
        drop(f"{SIGNOFF}/covers/criteria"), "minor", "relaxed", f"{AT_SIGNOFF}.covers.criteria", "criterion fast"
    ),
    "acknowledgement added": Pair(
        put(f"{SIGNOFF}/acknowledge/cost", "I know the cost."),
        "minor",
        "stricter",
        f"{AT_SIGNOFF}.acknowledge.cost",
        "acknowledgement cost",
    ),
    "acknowledgement removed": Pair(
        drop(f"{SIGNOFF}/acknowledge/limits"), "minor", "relaxed", f"{AT_SIGNOFF}.acknowledge.limits", "no longer needs"
    ),
    "acknowledgement in other words": Pair(
        put(f"{SIGNOFF}/acknowledge/limits", "I bear the risk."),
        "minor",
        "changed",
        f"{AT_SIGNOFF}.acknowledge.limits",
        'from "I know the limits." to "I bear the risk."',
    ),
    "sign-off expires sooner": Pair(
        put(f"{SIGNOFF}/max_age", "P10D"), "minor", "stricter", f"{AT_SIGNOFF}.max_age", "a sign-off expires sooner"
    ),
    "channel removed": Pair(drop(f"{SIGNOFF}/via/1"), "minor", "stricter", f"{AT_SIGNOFF}.via", "can't come via slack"),
    "channel added": Pair(
        push(f"{SIGNOFF}/via", "api"), "minor", "relaxed", f"{AT_SIGNOFF}.via", "may now come via api"
    ),
    "second factor": Pair(
        put(f"{SIGNOFF}/mfa", True), "minor", "stricter", f"{AT_SIGNOFF}.mfa", "second factor is needed"
    ),
    "no maturity": Pair(drop("maturity"), "major", "removed", "maturity", "no maturity levels any more"),
    "level appended": Pair(
        push(LEVELS, {"level": 4, "id": "top", "name": "Top"}), "minor", "added", f"{AT_LEVELS}.top", "level top is new"
    ),
    "level inserted in the middle": Pair(
        lambda d: (
            d["maturity"]["levels"].insert(2, {"level": 3, "id": "mid", "name": "Mid"}),
            d["maturity"]["levels"][3].update(level=4),
        ),
        "major",
        "changed",
        f"{AT_LEVELS}.ready.level",
        "from 3 to 4",
        2,
    ),
    "last level removed": Pair(drop(f"{LEVELS}/2"), "major", "removed", f"{AT_LEVELS}.ready", "level ready removed", 3),
    "requirement added": Pair(
        push(f"{LEVELS}/1/requires", "lasting"), "minor", "stricter", f"{AT_LEVELS}.basic.requires.lasting", "is new"
    ),
    "requirement removed": Pair(
        drop(f"{LEVELS}/1/requires/0"),
        "minor",
        "relaxed",
        f"{AT_LEVELS}.basic.requires.fast",
        "requirement fast removed",
    ),
    "requirement moved": Pair(
        move(f"{LEVELS}/1/requires/0", f"{LEVELS}/2/requires"),
        "minor",
        "relaxed",
        f"{AT_LEVELS}.ready.requires.fast",
        "from level basic to level ready",
    ),
    "requirement required again": Pair(
        push(f"{LEVELS}/2/requires", "fast"),
        "minor",
        "stricter",
        f"{AT_LEVELS}.ready.requires.fast",
        "requirement fast",
    ),
    "requirement's criteria": Pair(
        drop(f"{LEVELS}/1/requires/1/criteria/0"),
        "minor",
        "relaxed",
        f"{AT_LEVELS}.basic.requires.most.criteria",
        "no longer needs criterion fast",
    ),
    "requirement of all criteria": Pair(
        put(f"{LEVELS}/1/requires/1/criteria", "all"),
        "minor",
        "changed",
        f"{AT_LEVELS}.basic.requires.most.criteria",
        "from fast, lasting to all",
    ),
    "requirement's check": Pair(
        put(f"{ACTIVE}/checks/0/that", "evidence.passed > 3"), "minor", "changed", f"{AT_ACTIVE}.checks[0].that", "> 3"
    ),
    "requirement's strength": Pair(
        put(f"{ACTIVE}/strength", "declared"), "minor", "relaxed", f"{AT_ACTIVE}.strength", "measured to declared"
    ),
    "requirement's type": Pair(
        put(f"{ACTIVE}/evidence", "load-test"), "minor", "changed", f"{AT_ACTIVE}.evidence", "other evidence"
    ),
    "requirement's condition": Pair(
        put(f"{ACTIVE}/when", "subject.attributes.regulated == true"),
        "minor",
        "relaxed",
        f"{AT_ACTIVE}.when",
        "applies only when",
    ),
    "another policy": Pair(put("policy", "another"), "major", "changed", "policy", "it is another policy"),
}
