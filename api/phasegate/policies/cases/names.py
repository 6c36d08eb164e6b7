"""What cases name that their policy or their base doesn't have."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.places import requirements
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Flaw, Path, nearest
from phasegate.policies.cases.form import Change, Expectation


class Known(NamedTuple):
    """What cases of a policy may name."""

    criteria: Mapping[str, int]
    """How many checks each has."""
    rules: Mapping[str, int]
    """The same, with maturity requirements of their own."""
    gates: frozenset[str]
    unmet: frozenset[str]


def known(policy: CompiledPolicy) -> Known:
    """What cases of this policy may name."""
    criteria = {name: len(rule.checks) for name, rule in policy.rules.items()}
    rules = criteria | {name: len(rule.checks) for name, rule in policy.requirements.items()}
    own = {requirement.id for _, requirement in requirements(policy.policy)}
    gates = frozenset({*(phase.id for phase in policy.policy.phases), LAUNCH})
    return Known(criteria, rules, gates, frozenset({*criteria, *own}))


def expectation(expect: Expectation, known: Known, path: Path) -> Iterator[Flaw]:
    """What an expectation names that the policy doesn't have."""
    if expect.refused is not UNSET and expect != Expectation(refused=expect.refused):
        yield Flaw((*path, "refused"), "stands alone: where the facts are refused, nothing is decided")
    for key in ("statuses", "underlying", "reasons", "unsigned", "because_of", "blocking"):
        for name in getattr(expect, key):
            yield from _unknown(name, known.criteria, "criterion", (*path, key, name))
    for name, causes in expect.because_of.items():
        for n, cause in enumerate(causes):
            yield from _unknown(cause, known.criteria, "criterion", (*path, "because_of", name, n))
    for key in ("false", "uncomputable"):
        for name, indices in getattr(expect, key).items():
            here = (*path, key, name)
            if flaws := list(_unknown(name, known.rules, "criterion or maturity requirement", here)):
                yield from flaws
                continue
            count = known.rules[name]
            for n, index in enumerate(indices):
                if index >= count:
                    yield Flaw((*here, n), f"{name} has {count} checks, counted from 0; there is no {index}")
    for gate in expect.gates if isinstance(expect.gates, dict) else ():
        yield from _unknown(gate, known.gates, "gate", (*path, "gates", gate))
    for n, name in enumerate(expect.unmet or () if expect.unmet is not UNSET else ()):
        yield from _unknown(name, known.unmet, "criterion or maturity requirement", (*path, "unmet", n))


def misnamed(change: Change, types: frozenset[str], path: Path) -> Iterator[Flaw]:
    """Evidence types that a change names and that the base doesn't have: it would change nothing."""
    told = "record in the base of type"
    removed = () if isinstance(change.remove, str) else change.remove
    for n, kind in enumerate(removed):
        yield from _unknown(kind, types, told, (*path, "remove", n))
    for kind in change.replace:
        here = (*path, "replace", kind)
        yield from _unknown(kind, types, told, here)
        if change.remove == "all" or kind in removed:
            yield Flaw(here, "its record is taken out by `remove`; there is nothing to replace in")
    for n, record in enumerate(change.add):
        here = (*path, "add", n)
        if isinstance(like := record.get("like"), str):
            yield from _unknown(like, types, told, (*here, "like"))
        elif "like" in record:
            yield Flaw((*here, "like"), "must be the type of a record of the base")


def _unknown(name: str, known: Mapping[str, int] | frozenset[str], what: str, path: Path) -> Iterator[Flaw]:
    if name not in known:
        yield Flaw(path, f"there is no {what} {name!r}", nearest(name, known))
