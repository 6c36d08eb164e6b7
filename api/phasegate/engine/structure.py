"""What no type can say of a policy: names that must exist, ids that must be unique, order that must hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from phasegate.engine.params import OWN_VALUES
from phasegate.engine.places import criteria
from phasegate.engine.policy import Criterion, Field, Policy, Requirement, Shape
from phasegate.engine.shape import LONGEST, parse_type, read_scalar
from phasegate.errors import Flaw, Path, nearest

LAUNCH = "launch"
"""The gate behind the last phase."""
_DEEPEST = 4


def flaws_of(policy: Policy, catalogue: Mapping[str, Shape]) -> list[Flaw]:
    """Everything wrong with the structure of `policy`; `catalogue` holds the built-in shapes."""
    return [
        *_declarations(policy, catalogue),
        *_phases(policy),
        *_criteria(policy),
        *_dependencies(policy),
        *_maturity(policy),
    ]


def _declarations(policy: Policy, catalogue: Mapping[str, Shape]) -> Iterator[Flaw]:
    for name, shape in policy.shapes.items():
        if name in catalogue:
            yield Flaw(("shapes", name), "is the name of a built-in shape; choose another")
        yield from _fields(shape.fields, ("shapes", name, "fields"), 0)
    shapes = {*catalogue, *policy.shapes}
    for name, kind in policy.evidence.items():
        path: Path = ("evidence", name)
        if kind.shape not in shapes:
            yield Flaw((*path, "shape"), f"there is no shape {kind.shape!r}", nearest(kind.shape, shapes))
        if name == OWN_VALUES and (kind.shape, kind.scope) != (OWN_VALUES, "subject"):
            told = f"carries a subject's own parameter values: it has the shape {OWN_VALUES} and the scope subject"
            yield Flaw(path, told, "give the type another name")
        yield from _length(kind.max_age, (*path, "max_age"))
        for key in _twice(k.removesuffix("?") for k in kind.context):
            yield Flaw((*path, "context"), f"names {key!r} twice")
    for name, attribute in policy.attributes.items() if policy.attributes is not None else ():
        if (found := parse_type(attribute.type)) is None or found.item in ("object", "scalar"):
            yield Flaw(("attributes", name, "type"), f"{attribute.type!r} is no type of an attribute")
    for name, parameter in policy.params.items():
        yield from _parameter(parameter, ("params", name))
    if policy.waivers is not None:
        yield from _length(policy.waivers.max, ("waivers", "max"))
    for role in _twice(policy.roles):
        yield Flaw(("roles",), f"names {role!r} twice")


def _fields(fields: Mapping[str, Field], path: Path, depth: int) -> Iterator[Flaw]:
    if depth > _DEEPEST:
        yield Flaw(path, f"objects are nested more than {_DEEPEST} deep")
        return
    for name, field in fields.items():
        here = (*path, name)
        kind = parse_type(field.type)
        if kind is None:
            known = {
                "bool",
                "int",
                "double",
                "string",
                "timestamp",
                "duration",
                "object",
                "list<string>",
                "map<string,double>",
            }
            yield Flaw((*here, "type"), f"{field.type!r} is no type of a field", nearest(field.type, known))
            continue
        if kind.item == "scalar":
            yield Flaw((*here, "type"), f"{field.type!r} is no type of an own field", "choose bool, int or double")
        if (kind.item == "object") != bool(field.fields):
            told = "needs `fields`" if kind.item == "object" else "only an object has `fields`"
            yield Flaw(here, told)
        yield from _fields(field.fields, (*here, "fields"), depth + 1)
        for value in field.values or ():
            yield from _scalar(kind.item, value, (*here, "values"))
        yield from _bounds(field.min, field.max, kind.item, here)


def _parameter(parameter: Any, path: Path) -> Iterator[Flaw]:
    yield from _bounds(parameter.min, parameter.max, parameter.type, path)
    wrong = list(_scalar(parameter.type, parameter.default, (*path, "default")))
    yield from wrong
    if wrong or parameter.type not in ("int", "double"):
        return
    if parameter.min is not None and parameter.default < parameter.min:
        yield Flaw((*path, "default"), f"is below its own minimum {parameter.min}")
    if parameter.max is not None and parameter.default > parameter.max:
        yield Flaw((*path, "default"), f"is above its own maximum {parameter.max}")


def _scalar(kind: str, value: Any, path: Path) -> Iterator[Flaw]:
    try:
        if kind != "object":
            read_scalar(kind, value)
    except ValueError as error:
        yield Flaw(path, f"{error} (it is declared as {kind})")


def _bounds(low: Any, high: Any, kind: str, path: Path) -> Iterator[Flaw]:
    if (low is not None or high is not None) and kind not in ("int", "double"):
        yield Flaw(path, f"only numbers have bounds, not {kind}")
    elif low is not None and high is not None and low > high:
        yield Flaw((*path, "min"), "is above its own maximum")


def _length(length: timedelta | None, path: Path) -> Iterator[Flaw]:
    if length is not None and not timedelta() < length <= LONGEST:
        yield Flaw(path, f"must be longer than nothing and at most {LONGEST.days} days")


def _phases(policy: Policy) -> Iterator[Flaw]:
    for n, phase in enumerate(policy.phases):
        path: Path = ("phases", n)
        if phase.id == LAUNCH:
            yield Flaw((*path, "id"), "no phase is called `launch`: that is the gate behind the last one")
        if phase.id in {earlier.id for earlier in policy.phases[:n]}:
            yield Flaw((*path, "id"), f"there is an earlier phase {phase.id!r}; ids are unique")
        if all(criterion.advisory for criterion in phase.criteria):
            yield Flaw(path, "has no criterion that can ever block; a gate is not passed by being empty")


def _criteria(policy: Policy) -> Iterator[Flaw]:
    seen: set[str] = set()
    phases = {phase.id for phase in policy.phases}
    everything = {criterion.id for criterion in policy.criteria}
    for path, criterion in criteria(policy):
        if criterion.id in seen:
            yield Flaw((*path, "id"), f"there is an earlier criterion {criterion.id!r}; ids are unique in a policy")
        seen.add(criterion.id)
        if not criterion.checks and criterion.signoff is None:
            yield Flaw(path, "has neither checks nor a sign-off, so it would pass by being empty")
        if criterion.evidence is None and criterion.signoff is None:
            yield Flaw(path, "has neither an evidence type nor a sign-off")
        yield from _evidence(criterion, policy, path)
        for framework in criterion.frameworks:
            if framework not in policy.frameworks:
                hint = nearest(framework, policy.frameworks)
                yield Flaw((*path, "frameworks", framework), f"there is no framework {framework!r}", hint)
        if criterion.signoff is None:
            continue
        for role in _twice(criterion.signoff.roles):
            yield Flaw((*path, "signoff", "roles"), f"names {role!r} twice")
        for role in criterion.signoff.roles:
            if role not in policy.roles:
                yield Flaw(
                    (*path, "signoff", "roles"),
                    f"there is no role {role!r}",
                    nearest(role, policy.roles),
                )
        yield from _length(criterion.signoff.max_age, (*path, "signoff", "max_age"))
        for key, names, known in (
            ("phases", criterion.signoff.covers.phases, phases),
            ("criteria", criterion.signoff.covers.criteria, everything),
        ):
            for name in names:
                if name not in known:
                    yield Flaw((*path, "signoff", "covers", key), f"there is no {name!r}", nearest(name, known))


def _dependencies(policy: Policy) -> Iterator[Flaw]:
    depends_on = {criterion.id: criterion.depends_on for criterion in policy.criteria}
    for path, criterion in criteria(policy):
        for name in criterion.depends_on:
            if name not in depends_on:
                yield Flaw((*path, "depends_on"), f"there is no criterion {name!r}", nearest(name, depends_on))
        reached: set[str] = set()
        ahead = [*criterion.depends_on]
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += depends_on.get(name, ())
        if criterion.id in reached:
            yield Flaw((*path, "depends_on"), "leads back to this criterion, so that nothing would be the cause")


def _evidence(of: Criterion | Requirement, policy: Policy, path: Path) -> Iterator[Flaw]:
    if of.evidence is not None and of.evidence not in policy.evidence:
        hint = nearest(of.evidence, policy.evidence)
        yield Flaw((*path, "evidence"), f"there is no evidence type {of.evidence!r}", hint)


def _maturity(policy: Policy) -> Iterator[Flaw]:
    known = {criterion.id for criterion in policy.criteria}
    phases = {phase.id for phase in policy.phases}
    seen: set[str] = set()
    for n, level in enumerate(policy.maturity.levels if policy.maturity else ()):
        path: Path = ("maturity", "levels", n)
        if level.level != n + 1:
            yield Flaw((*path, "level"), f"is {level.level} where {n + 1} is due: levels are 1 to n, in order")
        if n == 0 and level.requires:
            yield Flaw((*path, "requires"), "level 1 requires nothing")
        for r, requirement in enumerate(level.requires):
            here = (*path, "requires", r)
            if isinstance(requirement, str):
                yield from _known(requirement, known, phases, here)
                continue
            if requirement.id in seen or requirement.id in known:
                yield Flaw((*here, "id"), f"{requirement.id!r} is taken; ids are unique")
            seen.add(requirement.id)
            yield from _requirement(requirement, policy, known, here)


def _requirement(requirement: Requirement, policy: Policy, known: set[str], path: Path) -> Iterator[Flaw]:
    yield from _evidence(requirement, policy, path)
    if requirement.criteria is None:
        if requirement.evidence is None or not (requirement.checks or requirement.strength):
            yield Flaw(path, "needs `criteria`, or an evidence type with checks or a strength")
        return
    if requirement.evidence is not None or requirement.checks or requirement.when or requirement.strength:
        yield Flaw(path, "has `criteria` and a rule of its own; choose one")
    if requirement.criteria == "all":
        return
    if not requirement.criteria:
        yield Flaw((*path, "criteria"), "names no criterion, so it would hold by being empty")
    for name in requirement.criteria:
        if name not in known:
            yield Flaw((*path, "criteria"), f"there is no criterion {name!r}", nearest(name, known))


def _known(name: str, criteria: set[str], phases: set[str], path: Path) -> Iterator[Flaw]:
    if name in criteria and name in phases:
        yield Flaw(path, f"{name!r} is a phase and a criterion; rename one")
    elif name not in criteria and name not in phases:
        yield Flaw(path, f"there is no criterion or phase {name!r}", nearest(name, criteria | phases))


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
