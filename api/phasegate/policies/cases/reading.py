"""Reading the files of `cases/`, with the place of every fault."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Status
from phasegate.errors import Fault, Flaw, Flawed, Path, Problem, nearest
from phasegate.policies.cases.change import changed
from phasegate.policies.cases.form import Base, BaseFile, Case, Changed, Changes, Expectation
from phasegate.policies.cases.names import Known, expectation, known, misnamed
from phasegate.policies.source import Source, load
from phasegate.reading import read


class FaultyCases(Exception):
    """Files that can't be read as cases of a policy: by name of the file, everything wrong with it."""

    def __init__(self, faults: Mapping[str, tuple[Fault, ...]]) -> None:
        super().__init__(f"the cases can't be run: {', '.join(faults)}")
        self.faults = faults


class _Base(NamedTuple):
    body: dict[str, Any]
    types: frozenset[str]
    statuses: Mapping[str, Status]


def read_cases(files: Mapping[str, bytes], policy: CompiledPolicy) -> tuple[Case, ...]:
    """The cases in these files (content by name), bases first, each file's in its order. Raises `FaultyCases`."""
    work = _Reader(known(policy))
    sources: dict[str, Source] = {}
    for name in sorted(files):
        try:
            sources[name] = load(files[name])
        except Problem as problem:
            work.unreadable(name, problem)
    documents = {name: source.document for name, source in sources.items()}
    of_mappings = {
        name for name, document in documents.items() if isinstance(document, dict) and "mappings" in document
    }
    bases = {name for name, document in documents.items() if isinstance(document, dict) and "base" in document}
    for name in sorted(sources.keys() - of_mappings, key=lambda name: (name not in bases, name)):
        flaws = list(work.base(name, sources[name]) if name in bases else work.changes(name, sources[name]))
        if flaws:
            work.faults[name] = tuple(map(sources[name].fault, flaws))
    if work.faults:
        raise FaultyCases(dict(sorted(work.faults.items())))
    return tuple(work.cases)


class _Reader:
    """Collects the cases of all files."""

    def __init__(self, known: Known) -> None:
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
        flaws = [*_types(file.base), *expectation(file.expect, self._known, ("expect",))]
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
            told = f"there is no base {start!r} beside this file" if "from" in document else "is required"
            yield Flaw(("from",), told, nearest(str(start), self._bases))
        try:
            file = read(Changes, {key: value for key, value in document.items() if key != "from"})
        except Flawed as flawed:
            yield from flawed.flaws
            return
        for n, written in enumerate(file.cases):
            path = ("cases", n)
            yield from expectation(written.expect, self._known, (*path, "expect"))
            base = self._bases.get(str(start))
            if base is None:
                continue
            flaws = list(misnamed(written.change, base.types, (*path, "change")))
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


def _types(base: Base) -> Iterator[Flaw]:
    types = [record.get("type") for record in base.evidence]
    for n, kind in enumerate(types):
        path = ("base", "evidence", n)
        if not isinstance(kind, str):
            yield Flaw((*path, "type"), "is required, as text")
        elif kind in types[:n]:
            yield Flaw((*path, "type"), f"a base holds one record of each type; there is another {kind!r}")
