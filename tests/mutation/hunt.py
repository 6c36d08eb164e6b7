"""Running the cases of a policy version against each of its mutants."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.facts import Facts
from phasegate.engine.policy import Policy
from phasegate.errors import Flawed
from phasegate.operations.cases import given, observe, run
from phasegate.policies.cases.comparison import differences
from phasegate.policies.cases.form import Case
from phasegate.policies.cases.reading import read_cases
from phasegate.policies.publication import candidate
from phasegate.policies.source import load
from phasegate.reading import read
from phasegate.shapes import catalogue
from tests.mutation.mutants import Mutant, mutants

KILLED, SURVIVED, NO_POLICY = "killed", "survived", "does not compile"


class Prey(NamedTuple):
    """A policy version, and its cases as facts, which no mutant changes."""

    document: Any
    policy: CompiledPolicy
    cases: tuple[tuple[Case, frozenset[str], Facts, datetime], ...]
    """With the rules that each names. A case whose facts are refused says nothing of any rule."""
    mutants: tuple[Mutant, ...]


def prey(folder: Path) -> Prey:
    """What is hunted in a version folder. Raises ValueError where its cases fail without a mutation."""
    source = load((folder / "policy.yaml").read_bytes())
    policy = candidate(source.text.encode(), catalogue()).compiled
    cases = read_cases({file.name: file.read_bytes() for file in (folder / "cases").glob("*.yaml")}, policy)
    failed = [each.case.name for each in run(policy, cases) if each.differences]
    if failed or not cases:
        raise ValueError(f"cases that fail as it is: {', '.join(failed)}" if failed else "there are no cases")
    decided = [case for case in cases if not isinstance(case.expect.refused, str)]
    rules = {*policy.rules, *policy.requirements}
    ready = tuple((case, _named(case, rules), *given(policy, case)) for case in decided)
    return Prey(source.document, policy, ready, tuple(mutants(source, policy)))


def fate(of: Prey, mutant: Mutant) -> str:
    """What becomes of a mutant: the first case that differs kills it; those that name its rules come first."""
    try:
        policy = compile_policy(read(Policy, mutant.applied(of.document)), of.policy.digest, catalogue())
    except Flawed:
        return NO_POLICY
    for case, _, facts, at in sorted(of.cases, key=lambda case: case[1].isdisjoint(mutant.rules)):
        if differences(case, observe(policy, facts, at)):
            return KILLED
    return SURVIVED


def fates(folder: Path, of: Prey, workers: int) -> Sequence[str]:
    """What becomes of each mutant, in their order."""
    if workers == 1:
        return [fate(of, mutant) for mutant in of.mutants]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(folder,)) as pool:
        return list(pool.map(_fate, range(len(of.mutants)), chunksize=8))


_PREPARED: list[Prey] = []


def _prepare(folder: Path) -> None:
    _PREPARED.append(prey(folder))


def _fate(n: int) -> str:
    (of,) = _PREPARED
    return fate(of, of.mutants[n])


def _named(case: Case, rules: set[str]) -> frozenset[str]:
    expect = case.expect
    expected = {name for each in (expect.statuses, expect.false, expect.uncomputable, expect.reasons) for name in each}
    return frozenset(expected | {rule for rule in rules if rule in case.name})
