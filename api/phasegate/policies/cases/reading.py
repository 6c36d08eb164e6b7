"""Reading the files of `cases/`, with the place of every fault."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Status
from phasegate.engine.policy import Requirement
from phasegate.engine.structure import LAUNCH
from phasegate.errors import Fault, Flaw, Flawed, Problem, nearest
from phasegate.policies.cases.change import changed
from phasegate.policies.cases.form import Base, BaseFile, Case, Change, Changed, Changes, Expectation
from phasegate.policies.source import Path, Source, load
from phasegate.reading import read


class FaultyCases(Exception):
    """Files that can't be read as cases of a policy: by name of the file, everything wrong with it."""

    def __init__(self, faults: Mapping[str, tuple[Fault, ...]]) -> None:
        super().__init__(f"the cases can't be run: {', '.join(faults)}")
        self.faults = faults


class _Known(NamedTuple):
    """What cases of a policy may name."""

    criteria: Mapping[str, int]
    """How many checks each has."""
    rules: Mapping[str, int]
    """The same, with maturity requirements of their own."""
    gates: frozenset[str]
    unmet: frozenset[str]


class _Base(NamedTuple):
    body: dict[str, Any]
    types: frozenset[str]
    statuses: Mapping[str, Status]


def read_cases(files: Mapping[str, bytes], policy: CompiledPolicy) -> tuple[Case, ...]:
    """The cases in these files (content by name), bases first, each file's in its order. Raises `FaultyCases`."""
    work = _Reader(_known(policy))
    sources: dict[str, Source] = {}
    for name in sorted(files):
        try:
            sources[name] = load(files[name])
        except Problem as problem:
            work.unreadable(name, problem)
    documents = {name: source.document for name, source in sources.items()}
    bases = {name for name, document in documents.items() if isinstance(document, dict) and "base" in document}
    for name in sorted(sources, key=lambda name: (name not in bases, name)):
        flaws = list(work.base(name, sources[name]) if name in bases else work.changes(name, sources[name]))
        if flaws:
            work.faults[name] = tuple(map(sources[name].fault, flaws))
    if work.faults:
        raise FaultyCases(dict(sorted(work.faults.items())))
    return tuple(work.cases)


def _known(policy: CompiledPolicy) -> _Known:
    criteria = {name: len(rule.checks) for name, rule in policy.rules.items()}
    rules = criteria | {name: len(rule.checks) for name, rule in policy.requirements.items()}
    levels = policy.policy.maturity.levels if policy.policy.maturity else ()
    own = {each.id for level in levels for each in level.requires if isinstance(each, Requirement)}
    gates = frozenset({*(phase.id for phase in policy.policy.phases), LAUNCH})
    return _Known(criteria, rules, gates, frozenset({*criteria, *own}))


class _Reader:
    """Collects the cases of all files."""

    def __init__(self, known: _Known) -> None:
        self.cases: list[Case] = []
        self.faults: dict[str, tuple[Fault, ...]] = {}
        self._known = known
        self._bases: dict[str, _Base | None] = {}
        """None: it has flaws of its own, which are told."""
        self._names: dict[str, str] = {}

    def unreadable(self, name: str, problem: Problem) -> None:
        """A file that may be meant as a base."""
        self.faults[name] = problem.faults or (Fault("", problem.detail),)
        self._bases[name] = None

    def base(self, name: str, source: Source) -> Iterator[Flaw]:
        """Take a file with a base; its flaws."""
        self._bases[name] = None
        try:
            file = read(BaseFile, source.document)
        except Flawed as flawed:
            yield from flawed.flaws
            return
        flaws = [*_types(file.base), *self._expectation(file.expect, ("expect",))]
        statuses = self._statuses(file.expect, {})
        if file.expect.refused is not UNSET:
            flaws.append(Flaw(("expect", "refused"), "a base is decided on; let a case of its own be refused"))
        elif silent := [criterion for criterion in self._known.criteria if criterion not in statuses]:
            told = f"a base names every criterion, or `others`; not named: {', '.join(silent)}"
            flaws.append(Flaw(("expect",), told))
        yield from flaws
        if not flaws:
            body: dict[str, Any] = msgspec.to_builtins(file.base)
            self._bases[name] = _Base(body, frozenset(record["type"] for record in file.base.evidence), statuses)
            yield from self._take(Case(name, name, 1, body, file.expect, statuses), ("base",))

    def changes(self, name: str, source: Source) -> Iterator[Flaw]:
        """Take a file with cases that change a base; its flaws."""
        document = source.document
        if not isinstance(document, dict) or not ("from" in document or "cases" in document):
            yield Flaw((), "must have the keys `base` and `expect`, or `from` and `cases`")
            return
        start = document.get("from")
        if not isinstance(start, str) or start not in self._bases:
            told = f"there is no base {start!r} beside this file" if "from" in document else "the key 'from' is missing"
            yield Flaw(("from",), told, nearest(str(start), set(self._bases)))
        try:
            file = read(Changes, {key: value for key, value in document.items() if key != "from"})
        except Flawed as flawed:
            yield from flawed.flaws
            return
        for n, written in enumerate(file.cases):
            path = ("cases", n)
            yield from self._expectation(written.expect, (*path, "expect"))
            base = self._bases.get(str(start))
            if base is None:
                continue
            flaws = list(_misnamed(written.change, base.types, (*path, "change")))
            yield from flaws
            if not flaws:
                place = source.places.get(path)
                yield from self._take(self._case(written, base, name, place.line if place else 1), (*path, "name"))

    def _case(self, written: Changed, base: _Base, file: str, line: int) -> Case:
        statuses = self._statuses(written.expect, base.statuses)
        return Case(written.name, file, line, changed(base.body, written.change), written.expect, statuses)

    def _take(self, case: Case, path: Path) -> Iterator[Flaw]:
        if case.name in self._names:
            where = self._names[case.name]
            yield Flaw(path, f"there is another case {case.name!r} in {where}; names are unique in the folder")
        self._names.setdefault(case.name, case.file)
        self.cases.append(case)

    def _statuses(self, expect: Expectation, base: Mapping[str, Status]) -> dict[str, Status]:
        of = {name: base.get(name) if expect.others is UNSET else expect.others for name in self._known.criteria}
        return {name: status for name, given in of.items() if (status := expect.statuses.get(name, given)) is not None}

    def _expectation(self, expect: Expectation, path: Path) -> Iterator[Flaw]:
        """What an expectation names that the policy doesn't have."""
        if expect.refused is not UNSET and expect != Expectation(refused=expect.refused):
            yield Flaw((*path, "refused"), "stands alone: where the facts are refused, nothing is decided")
        for key in ("statuses", "underlying", "reasons", "unsigned", "because_of", "blocking"):
            for name in getattr(expect, key):
                yield from _unknown(name, self._known.criteria, "criterion", (*path, key, name))
        for name, causes in expect.because_of.items():
            for n, cause in enumerate(causes):
                yield from _unknown(cause, self._known.criteria, "criterion", (*path, "because_of", name, n))
        for key in ("false", "uncomputable"):
            for name, indices in getattr(expect, key).items():
                here = (*path, key, name)
                if flaws := list(_unknown(name, self._known.rules, "criterion or maturity requirement", here)):
                    yield from flaws
                    continue
                count = self._known.rules[name]
                for n, index in enumerate(indices):
                    if index >= count:
                        yield Flaw((*here, n), f"{name} has {count} checks, counted from 0; there is no {index}")
        for gate in expect.gates if isinstance(expect.gates, dict) else ():
            yield from _unknown(gate, self._known.gates, "gate", (*path, "gates", gate))
        for n, name in enumerate(expect.unmet or () if expect.unmet is not UNSET else ()):
            yield from _unknown(name, self._known.unmet, "criterion or maturity requirement", (*path, "unmet", n))


def _types(base: Base) -> Iterator[Flaw]:
    types = [record.get("type") for record in base.evidence]
    for n, kind in enumerate(types):
        path = ("base", "evidence", n)
        if not isinstance(kind, str):
            yield Flaw(path, "the key 'type' is missing, or no text")
        elif kind in types[:n]:
            yield Flaw((*path, "type"), f"a base holds one record of each type; there is another {kind!r}")


def _misnamed(change: Change, types: frozenset[str], path: Path) -> Iterator[Flaw]:
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
        yield Flaw(path, f"there is no {what} {name!r}", nearest(name, set(known)))
