"""Cases of mappings: a tool's file, and the data that must come out of it (`mappings:` in a file of `cases/`)."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from phasegate.engine.instants import parse_instant
from phasegate.engine.policy import Policy
from phasegate.errors import Fault, Flaw, Flawed, Path, Problem, nearest
from phasegate.policies.cases.reading import FaultyCases
from phasegate.policies.source import Source, load
from phasegate.reading import read

KEY = "mappings"
_Text = Annotated[str, Meta(min_length=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts of a file: an unknown key is a fault."""


class Read(_Part, frozen=True, kw_only=True):
    """What must come out: all of the data, or a refusal."""

    data: dict[str, Any] | UnsetType = UNSET
    collected_at: str | UnsetType | None = UNSET
    refused: _Text | UnsetType = UNSET
    """The file doesn't fit; what is told contains this."""


class Written(_Part, frozen=True, kw_only=True):
    """One case as written."""

    name: _Text
    mapping: _Text
    file: _Text
    """Beside the file with the case."""
    expect: Read


class _File(_Part, frozen=True, kw_only=True):
    mappings: Annotated[tuple[Written, ...], Meta(min_length=1)]


class MappingCase(NamedTuple):
    """A case ready to be run."""

    name: str
    file: str
    """The file that holds the case."""
    line: int
    mapping: str
    content: bytes
    """Of the tool's file."""
    expect: Read


def tool_files(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The tools' files that the cases in these files name."""
    found = (case.file for name, source in _sources(files) for case in _written(source, []))
    return tuple(dict.fromkeys(found))


def read_mapping_cases(
    files: Mapping[str, bytes], policy: Policy, content: Mapping[str, bytes]
) -> tuple[MappingCase, ...]:
    """The cases of mappings in these files (content by name); `content` holds the tools' files that are there.

    Raises `FaultyCases`.
    """
    cases: list[MappingCase] = []
    faults: dict[str, tuple[Fault, ...]] = {}
    for name, source in _sources(files):
        flaws: list[Flaw] = []
        for n, written in enumerate(_written(source, flaws)):
            path: Path = (KEY, n)
            wrong = list(_flaws(written, policy, content, {case.name for case in cases}, path))
            flaws += wrong
            if not wrong:
                place = source.places.get(path)
                line = place.line if place else 1
                made = (written.name, name, line, written.mapping, content[written.file], written.expect)
                cases.append(MappingCase(*made))
        if flaws:
            faults[name] = tuple(map(source.fault, flaws))
    if faults:
        raise FaultyCases(faults)
    return tuple(cases)


def _sources(files: Mapping[str, bytes]) -> Iterator[tuple[str, Source]]:
    for name in sorted(files):
        if KEY.encode() not in files[name]:
            continue
        try:
            source = load(files[name])
        except Problem:
            continue  # told where the other cases are read
        if isinstance(source.document, dict) and KEY in source.document:
            yield name, source


def _written(source: Source, flaws: list[Flaw]) -> tuple[Written, ...]:
    try:
        return read(_File, source.document).mappings
    except Flawed as flawed:
        flaws += flawed.flaws
        return ()


def _flaws(case: Written, policy: Policy, content: Mapping[str, bytes], names: set[str], path: Path) -> Iterator[Flaw]:
    if case.name in names:
        yield Flaw((*path, "name"), f"there is another case {case.name!r}; names are unique in the folder")
    if case.mapping not in policy.mappings:
        told = f"there is no mapping {case.mapping!r}"
        yield Flaw((*path, "mapping"), told, nearest(case.mapping, policy.mappings))
    if case.file not in content:
        yield Flaw((*path, "file"), f"there is no file {case.file!r} in the folder", nearest(case.file, content))
    expect = case.expect
    if (expect.data is UNSET) == (expect.refused is UNSET):
        yield Flaw((*path, "expect"), "takes either `data`, all of it, or `refused`")
    if isinstance(expect.collected_at, str):
        try:
            parse_instant(expect.collected_at)
        except ValueError as error:
            yield Flaw((*path, "expect", "collected_at"), str(error))
