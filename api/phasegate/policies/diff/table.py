"""What a difference in each key of a policy file amounts to.

Who breaks? Whoever submits evidence, holds an id or reads a decision by it: major. Nobody, but a
verdict can be another: minor. Not even that: patch. What that leaves open:

- A field that gets narrower (bounds, `values`, entries) refuses data that was taken: major. Bounds of
  a parameter are minor all the same.
- Attributes and roles are ids that others hold (registrants, people): removed or retyped is major.
- A new phase is minor wherever it stands: gates behind it ask for more, as with a new criterion. A
  level in the middle is major, since levels are read by their number.
- A criterion or requirement that moves keeps its id: minor.
- What a signer acknowledges is what he puts his name to: a rule, not wording.
- Who signs, how and for what are rules of one verdict: minor, though a call can then be refused.
"""

import math
from collections import abc
from datetime import datetime, timedelta
from typing import Any

import msgspec

from phasegate.engine.facts import STRENGTHS
from phasegate.engine.policy import (
    Attribute,
    Check,
    Covers,
    Criterion,
    EvidenceType,
    Field,
    Framework,
    Level,
    Mapping,
    MaturityModel,
    Parameter,
    Phase,
    Policy,
    Requirement,
    Shape,
    SignOff,
    WaiverLimits,
)
from phasegate.engine.shape import parse_type
from phasegate.policies.diff.change import Kind, Move, Step
from phasegate.policies.diff.groups import Groups
from phasegate.policies.diff.rules import (
    Altered,
    Elsewhere,
    Formula,
    Names,
    Part,
    Parts,
    Rule,
    Scale,
    Wording,
    Written,
)
from phasegate.policies.diff.structures import Checks, ContextKeys, Optional, new_field


def _relaxed(text: str, step: Step = "minor") -> Move:
    return Move("relaxed", step, text)


def _stricter(text: str, step: Step = "minor") -> Move:
    return Move("stricter", step, text)


def _added(text: str = "{item} is new", step: Step = "minor") -> Move:
    return Move("added", step, text)


def _removed(text: str = "{item} removed", step: Step = "minor") -> Move:
    return Move("removed", step, text)


def _any(move: Move) -> Any:
    return lambda _: move


def _longer(length: timedelta | None) -> float:
    return math.inf if length is None else length.total_seconds()


def _later(instant: datetime | None) -> float:
    return -math.inf if instant is None else instant.timestamp()


def _least(bound: float | None) -> float:
    return -math.inf if bound is None else bound


def _most(bound: float | None) -> float:
    return math.inf if bound is None else bound


def _age(of: str) -> Scale:
    up, down = f"{of} counts for longer", f"{of} expires sooner"
    extended = "{name} extended from {old} to {new}: "
    return Scale(
        _longer, _relaxed(extended + up), _stricter("{name} shortened from {old} to {new}: " + down), "no limit"
    )


def _switch(on: tuple[Kind, str], off: tuple[Kind, str]) -> Scale:
    told = "{name} turned from {old} to {new}: "
    return Scale(bool, Move(on[0], "minor", told + on[1]), Move(off[0], "minor", told + off[1]), "false")


def _bounds(narrower: Step, out: str) -> dict[str, Rule]:
    raised, lowered = "{name} raised from {old} to {new}", "{name} lowered from {old} to {new}"
    return {
        "min": Scale(_least, _stricter(f"{raised}: less is {out}", narrower), _relaxed(f"{lowered}: less is taken")),
        "max": Scale(_most, _relaxed(f"{raised}: more is taken"), _stricter(f"{lowered}: more is {out}", narrower)),
    }


def _values(narrower: Step, out: str) -> Names:
    return Names(
        added=_relaxed("{name} now include {item}"),
        removed=_stricter("{name} no longer include {item}: it is " + out, narrower),
        closed=_stricter("{name} limited from {old} to {new}: anything else is " + out, narrower),
        opened=_relaxed("{name} opened from {old} to {new}"),
    )


SAME = Elsewhere()
TEXT = Wording()
RETYPED = Altered("major", "what was sent so far no longer fits", parse_type)
WHEN = Formula(
    appears=_relaxed("{owner} now applies only when {new}"),
    vanishes=_stricter("{owner} now always applies; so far only when {old}"),
)
CHECKS = Checks(
    added=_stricter("{owner} has a new check {item}"),
    removed=_relaxed("{owner} no longer checks {item}"),
    reordered=Move("reordered", "patch", "checks of {owner} have another order; all of them must be true in any order"),
)
READS = Altered("minor", "it is judged on other evidence")
READ_OTHERWISE = Written(
    Move("changed", "minor", "{name} changed from {old} to {new}: the same file can be read otherwise")
)
STRENGTH = Scale(
    lambda named: -1 if named is None else STRENGTHS.index(named),
    up=_stricter("{name} raised from {old} to {new}: weaker evidence no longer counts"),
    down=_relaxed("{name} lowered from {old} to {new}: weaker evidence counts"),
    absent="any",
)

RULES: abc.Mapping[type[msgspec.Struct], abc.Mapping[str, Rule]] = {
    Policy: {
        "policy": Altered("major", "it is another policy"),
        "version": SAME,  # what the step is measured by
        "title": TEXT,
        "introduction": TEXT,
        "frameworks": Parts("framework {name}", _any(_added(step="patch")), _removed(step="patch")),
        "attributes": Parts(
            "attribute {name}",
            _any(_added()),
            _removed("{item} removed: no rule reads it any more", "major"),
            closed=_stricter("attributes are declared now: rules may read only {new}"),
            opened=_relaxed("attributes are no longer declared (so far {old}): rules may read any"),
        ),
        "params": Parts(
            "parameter {name}", _any(_added()), _removed("{item} removed: a subject's own value has no place", "major")
        ),
        "roles": Names(
            _added("there is a new role {item}"), _removed("role {item} removed: who holds it can't sign", "major")
        ),
        "waivers": Part(
            _relaxed("criteria can now be waived"), _stricter("nothing can be waived any more"), called="waivers"
        ),
        "shapes": SAME,  # compared with the built-in ones in sight, as resolved
        "evidence": Parts(
            "evidence type {name}", _any(_added()), _removed("{item} removed: submissions of it are refused", "major")
        ),
        "mappings": Parts(
            "mapping {name}",
            _any(_added("{item} is new: its format can be submitted")),
            _removed("{item} removed: its format is no longer read", "major"),
        ),
        "phases": Groups(
            called="phase",
            items="criteria",
            item="criterion",
            added=_added("{item} is new: gates behind it ask for it, too"),
            removed=_removed("{item} removed: its gate can't be asked for", "major"),
            order=Move("reordered", "major", "phases have another order: {old} became {new}"),
            item_added=_added(),
            item_removed=_removed("{item} removed: waivers and readers that name it find nothing", "major"),
        ),
        "maturity": Part(
            _added("there are maturity levels now"),
            _removed("there are no maturity levels any more: decisions carry none", "major"),
            called="maturity",
        ),
    },
    Framework: {"title": TEXT, "url": TEXT},
    Attribute: {
        "type": RETYPED,
        "values": _values("minor", "kept with a warning"),
        "doc": TEXT,
    },
    Parameter: {
        "type": RETYPED,
        "default": Altered("minor", "it holds where a subject has no value of its own"),
        **_bounds("minor", "out of bounds"),
        "unit": TEXT,
        "doc": TEXT,
    },
    Mapping: {
        "reads": Altered("major", "files of this format fit no longer"),
        "shape": Altered("major", "files of this format fit no longer"),
        "detect": READ_OTHERWISE,
        "collected_at": READ_OTHERWISE,
        "let": READ_OTHERWISE,
        "fields": READ_OTHERWISE,
    },
    WaiverLimits: {"max": _age("a waiver")},
    Shape: {
        "doc": TEXT,
        "fields": Parts(
            "field {name} of {owner}", new_field, _removed("{item} removed: data with it is refused", "major")
        ),
    },
    Field: {
        "type": RETYPED,
        "doc": TEXT,
        "optional": Optional(),  # required from optional is major, unless it is a list or map
        "unit": TEXT,
        **_bounds("major", "refused"),
        "values": _values("major", "refused"),
        "fields": Parts(
            "field {name} of {owner}", new_field, _removed("{item} removed: data with it is refused", "major")
        ),
        "max_entries": Scale(
            int,
            up=_relaxed("{name} raised from {old} to {new}: more entries are taken"),
            down=_stricter("{name} lowered from {old} to {new}: more entries are refused", "major"),
        ),
    },
    EvidenceType: {
        "shape": Altered("major", "what was sent so far no longer fits"),
        "scope": Altered("major", "what is bound to the one doesn't count for the other"),
        "max_age": _age("evidence"),
        "context": ContextKeys(),  # newly required is major, everything else minor, order patch
        "recurring": _switch(
            on=("relaxed", "sign-offs don't cover it"), off=("stricter", "new evidence voids sign-offs that cover it")
        ),
        "title": TEXT,
        "doc": TEXT,
    },
    Phase: {"id": SAME, "title": TEXT, "overview": TEXT, "criteria": SAME},
    Criterion: {
        "id": SAME,
        "title": TEXT,
        "label": TEXT,
        "owner": TEXT,
        "why": TEXT,
        "guidance": TEXT,
        "remediation": TEXT,
        "traps": TEXT,
        "references": TEXT,
        "frameworks": TEXT,
        "source": TEXT,
        "tags": TEXT,
        "evidence": READS,
        "when": WHEN,
        "checks": CHECKS,
        "signoff": Part(
            _stricter("{owner} now asks for sign-offs"),
            _relaxed("{owner} no longer asks for sign-offs"),
            called="the sign-off {}",
        ),
        "strength": STRENGTH,
        "waivable": _switch(on=("relaxed", "it can be waived"), off=("stricter", "it can't be waived any more")),
        "depends_on": Names(
            _added("{owner} now depends on {item}: while that is unmet, it is shown as the cause"),
            _removed("{owner} no longer depends on {item}: it counts as a cause of its own"),
        ),
        "effective_from": Scale(
            _later,
            up=_relaxed("{name} put off from {old} to {new}: until then it keeps no gate shut"),
            down=_stricter("{name} brought forward from {old} to {new}: from then on it blocks"),
            absent="always",
        ),
        "advisory": _switch(on=("relaxed", "it never blocks"), off=("stricter", "it blocks")),
    },
    Check: {"that": SAME, "otherwise": SAME},  # one check is known by both
    SignOff: {
        "roles": Names(
            _stricter("{owner} now needs the role {item}"), _relaxed("{owner} no longer needs the role {item}")
        ),
        "distinct_persons": _switch(
            on=("stricter", "each role signs by another person"),
            off=("relaxed", "one person may sign in several roles"),
        ),
        "covers": Part(_stricter("{owner} covers something now"), _relaxed("{owner} covers nothing any more")),
        "acknowledge": Parts(
            "{name}",
            _any(_stricter("{owner} now needs the acknowledgement {item}")),
            _relaxed("{owner} no longer needs the acknowledgement {item}"),
        ),
        "max_age": _age("a sign-off"),
        "via": Names(_relaxed("{owner} may now come via {item}"), _stricter("{owner} can't come via {item} any more")),
        "mfa": _switch(on=("stricter", "a second factor is needed"), off=("relaxed", "no second factor is needed")),
    },
    Covers: {
        key: Names(
            _stricter("{owner} now covers " + word + " {item}: a change there voids it"),
            _relaxed("{owner} no longer covers " + word + " {item}"),
        )
        for key, word in (("phases", "phase"), ("criteria", "criterion"))
    },
    MaturityModel: {
        "levels": Groups(
            called="level",
            items="requires",
            item="requirement",
            added=_added(),
            removed=_removed("{item} removed: no subject can reach it", "major"),
            order=None,  # the numbers of the levels tell
            item_added=_stricter("{item} is new"),
            item_removed=_relaxed("{item} removed"),
        )
    },
    Level: {
        "level": Altered("major", "who asks for a level by its number now asks for another"),
        "id": SAME,
        "name": TEXT,
        "description": TEXT,
        "anti_patterns": TEXT,
        "next_step": TEXT,
        "requires": SAME,
    },
    Requirement: {
        "id": SAME,
        "title": TEXT,
        "otherwise": TEXT,
        "criteria": Names(
            _stricter("{owner} now needs criterion {item}"),
            _relaxed("{owner} no longer needs criterion {item}"),
            closed=Move("changed", "minor", "{name} changed from {old} to {new}"),
            opened=Move("changed", "minor", "{name} changed from {old} to {new}"),
        ),
        "evidence": READS,
        "when": WHEN,
        "checks": CHECKS,
        "strength": STRENGTH,
        "owner": TEXT,
        "remediation": TEXT,
    },
}
"""Every key of every struct of a policy file."""
