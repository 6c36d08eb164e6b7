"""Mutants of a policy: the document with one thing changed that its cases should notice."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.instants import parse_length
from phasegate.errors import Fault, Flaw, Path
from phasegate.policies.source import Source

_TOKEN = re.compile(
    r"""\bduration\(\s*["'](?P<length>[0-9]+)[a-z]+["']\s*\)"""
    r"""|[bB]?[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|//[^\n]*"""
    r"|\.\s*(?P<loop>all|exists)\s*\("
    r"|(?P<compared><=|>=|==|!=|<|>)"
    r"|(?P<number>(?<![\w.])[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![\w.]))"
)
"""What is changed in an expression; texts and comments are passed over."""
_COMPARISONS = {
    "<": (">=", "<="),
    "<=": (">", "<"),
    ">": ("<=", ">="),
    ">=": ("<", ">"),
    "==": ("!=",),
    "!=": ("==",),
}
_LOOPS = {"all": "exists", "exists": "all"}
_STEP = 10
"""A bound is moved by a tenth of itself, and by 1 at least where it is whole."""


class Mutant(NamedTuple):
    """One change."""

    name: str
    """Where, and the text that stands there after it: unique, and another one as soon as the policy changes."""
    told: str
    """What it does, in short."""
    place: Fault
    """Line and column in the policy file."""
    path: Path
    value: Any
    """What stands at `path` after it."""
    rules: frozenset[str]
    """Criteria and maturity requirements that it can concern."""

    def applied(self, document: Any) -> Any:
        """The document with this change; what was given stays as it is."""
        return _put(document, self.path, self.value)


def mutants(source: Source, policy: CompiledPolicy) -> Iterator[Mutant]:
    """Every mutant of a policy that compiles."""
    for path, rule in _rules(source.document):
        name, concerned = rule["id"], frozenset({rule["id"]})
        if "when" in rule:
            yield from _expression(source, (*path, "when"), f"{name} when", concerned)
        for n in range(len(rule.get("checks", ()))):
            here, where = (*path, "checks", n, "that"), f"{name} checks[{n}]"
            yield _mutant(source, here, "true", f"{where}: true", f"{where} dropped", concerned)
            yield from _expression(source, here, where, concerned)
        if "max_age" in rule.get("signoff", {}):
            yield from _length(source, (*path, "signoff", "max_age"), f"{name} signoff max_age", concerned)
    everything = {**policy.rules, **policy.requirements}
    for name, parameter in source.document.get("params", {}).items():
        if parameter["type"] in ("int", "double"):
            readers = frozenset(rule.id for rule in everything.values() if name in rule.params)
            yield from _default(source, name, parameter, readers)
    for name, kind in source.document.get("evidence", {}).items():
        if kind.get("max_age") is not None:
            readers = frozenset(rule.id for rule in everything.values() if name in rule.types)
            yield from _length(source, ("evidence", name, "max_age"), f"evidence.{name} max_age", readers)
    if source.document.get("waivers") is not None:
        yield from _length(source, ("waivers", "max"), "waivers max", frozenset(policy.rules))


def _rules(document: Any) -> Iterator[tuple[Path, Any]]:
    for p, phase in enumerate(document["phases"]):
        for c, criterion in enumerate(phase["criteria"]):
            yield ("phases", p, "criteria", c), criterion
    for n, level in enumerate((document.get("maturity") or {}).get("levels", ())):
        for r, requirement in enumerate(level.get("requires", ())):
            if isinstance(requirement, dict) and "criteria" not in requirement:
                yield ("maturity", "levels", n, "requires", r), requirement


def _expression(source: Source, path: Path, where: str, rules: frozenset[str]) -> Iterator[Mutant]:
    text: str = _at(source.document, path)
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind is None:
            continue
        start, end = token.span(kind)
        before, old = text[:start], text[start:end]
        for new in _instead(kind, old):
            changed = f"{before}{new}{text[end:]}"
            name = f"{where}: {' '.join(changed.split())}"
            within = before.count("\n") + 1, len(before) - before.rfind("\n")
            yield _mutant(source, path, changed, name, f"{where} {old} to {new}", rules, within)


def _instead(kind: str, old: str) -> tuple[str, ...]:
    if kind == "compared":
        return _COMPARISONS[old]
    if kind == "loop":
        return (_LOOPS[old],)
    if kind == "length":
        return tuple(map(str, _moved(int(old))))
    moved = _moved(int(old) if old.isdigit() else float(old))
    return tuple(f"({bound})" if bound < 0 else str(bound) for bound in moved)


def _default(source: Source, name: str, parameter: Any, rules: frozenset[str]) -> Iterator[Mutant]:
    default = parameter["default"]
    for moved in _moved(float(default) if parameter["type"] == "double" else default):
        told = f"params.{name} {default} to {moved}"
        yield _mutant(source, ("params", name, "default"), moved, f"params.{name}: {moved}", told, rules)


def _length(source: Source, path: Path, where: str, rules: frozenset[str]) -> Iterator[Mutant]:
    old = _at(source.document, path)
    for seconds in _moved(int(parse_length(old).total_seconds())):
        new = f"PT{seconds}S"
        yield _mutant(source, path, new, f"{where}: {new}", f"{where} {old} to {new}", rules)


def _moved(bound: Any) -> tuple[Any, Any]:
    if isinstance(bound, int):
        step = max(1, bound // _STEP)
        return bound + step, bound - step
    away = bound / _STEP or 1 / _STEP
    return round(bound + away, 12), round(bound - away, 12)


def _mutant(
    source: Source,
    path: Path,
    value: Any,
    name: str,
    told: str,
    rules: frozenset[str],
    within: tuple[int, int] = (1, 1),
) -> Mutant:
    return Mutant(name, told, source.fault(Flaw(path, told, within=within)), path, value, rules)


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _put(document: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[step] = _put(copy[step], tuple(rest), value)  # type: ignore[index]  # a step fits what it leads into
    return copy
