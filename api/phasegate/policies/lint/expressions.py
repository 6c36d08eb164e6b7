"""Expressions that say nothing, or fall silent where they should speak."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from phasegate.engine.cel import NotComputable
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.facts import Evidence, Facts, Release, Subject
from phasegate.engine.judge import view
from phasegate.engine.places import criteria
from phasegate.engine.policy import Field
from phasegate.engine.selection import select
from phasegate.engine.shape import parse_type
from phasegate.errors import Flaw
from phasegate.policies.lint.finding import Finding
from phasegate.policies.lint.places import expressions

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NOTHING: Mapping[str, Any] = {
    "bool": False,
    "int": 0,
    "double": 0.0,
    "string": "",
    "timestamp": "2000-01-01T00:00:00Z",
    "duration": "PT0S",
    "scalar": 0,
}


def constant(policy: CompiledPolicy) -> Iterator[Finding]:
    """An expression that reads nothing has one answer for every release."""
    for path, _, program in expressions(policy):
        if not program.reads.paths and not program.types:
            yield Finding("constant", Flaw(path, "reads nothing, so it is the same for every release"))


def passes_when_empty(policy: CompiledPolicy) -> Iterator[Finding]:
    """A report in which nothing happened must not satisfy a criterion."""
    for path, criterion in criteria(policy.policy):
        rule = policy.rules[criterion.id]
        if rule.checks and _passes_on_nothing(policy, rule):
            told = f"every check of {rule.id} passes on evidence in which nothing happened"
            yield Finding("passes-when-empty", Flaw(path, told, "demand a count, as in evidence.total >= 1"))


def unguarded(policy: CompiledPolicy) -> Iterator[Finding]:
    """A field that may be absent is asked for before it is read, or the check ends in an error."""
    for path, _, program in expressions(policy):
        found = {_optional_in(policy, read) for read in program.reads.paths} - {None}
        for field in sorted(field for field in found if field is not None and field not in program.reads.tested):
            told = f"reads {field}, which may be absent, without has(…)"
            yield Finding("unguarded", Flaw(path, told, f"has(…{field.rpartition('.')[2]}) && …"))


def _passes_on_nothing(policy: CompiledPolicy, rule: Rule) -> bool:
    evidence = tuple(_empty(policy, kind) for kind in rule.required)
    facts = Facts(Subject("nothing", "", ""), Release("0", (), _LONG_AGO), evidence)
    inputs = view(policy, facts, select(policy, facts, _LONG_AGO), _LONG_AGO).inputs
    try:
        return all(check.program.run(inputs) is True for check in rule.checks)
    except NotComputable:
        return False


def _empty(policy: CompiledPolicy, kind: str) -> Evidence:
    declared = policy.policy.evidence[kind]
    data = _nothing(policy.shapes[declared.shape].fields)
    context = dict.fromkeys(declared.required_context, "")
    return Evidence(kind, data, _LONG_AGO, _LONG_AGO, f"sha256:{kind}", context, strength="attested")


def _nothing(fields: Mapping[str, Field]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, field in fields.items():
        kind = parse_type(field.type)
        if kind is None or field.optional:
            continue
        if kind.holds != "one":
            data[name] = [] if kind.holds == "list" else {}
        else:
            data[name] = _nothing(field.fields) if kind.item == "object" else _NOTHING[kind.item]
    return data


def _optional_in(policy: CompiledPolicy, path: str) -> str | None:
    """The outermost optional field on the way of a path such as `edge-case-tests.evidence.cases[].message`."""
    kind, _, rest = path.partition(".")
    if kind not in policy.policy.evidence or not rest.startswith("evidence."):
        return None
    fields: Mapping[str, Field] = policy.shapes[policy.policy.evidence[kind].shape].fields
    walked = f"{kind}.evidence"
    for step in rest.removeprefix("evidence.").split("."):
        field = fields.get(step.removesuffix("[]"))
        if field is None:
            return None
        walked = f"{walked}.{step.removesuffix('[]')}"
        if field.optional:
            return walked
        walked += "[]" if step.endswith("[]") else ""
        fields = field.fields
    return None
