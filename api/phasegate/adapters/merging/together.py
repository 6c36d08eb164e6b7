"""Files of one submission as one reading.

Their order says nothing: they are taken by their digests, so the same files give the same record however a shell
listed them. A file that is sent twice is one file.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.adapters.json_file import lost_numbers
from phasegate.adapters.merging import counted, declared, united
from phasegate.adapters.merging.parts import Data, same
from phasegate.adapters.text import Warnings, shown
from phasegate.engine.facts import Producer
from phasegate.errors import Fault, Invalid, Malformed

Rule = Callable[[Sequence[Data], Warnings], Data]
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        counted.TESTS: counted.merge_tests,
        counted.CHECKS: counted.merge_checks,
        counted.SCAN: counted.merge_scans,
        united.FAIRNESS: united.merge_fairness,
        united.REGISTRY: united.merge_registries,
        declared.WORKLOADS: declared.merge_workloads,
        declared.RULES: declared.merge_rules,
    }
)
"""By shape. One that isn't there takes one file alone."""


class File(NamedTuple):
    """A tool's file as it was sent."""

    name: str
    """As the sender calls it: for messages alone. Empty for a file that is the whole body."""
    raw: bytes

    @property
    def digest(self) -> str:
        """sha256, in hex."""
        return sha256(self.raw).hexdigest()


class Together(NamedTuple):
    adapter: Adapter
    reading: Reading
    """`collected_at` is left out: the files may differ in it."""
    times: tuple[datetime | None, ...]
    """What each file says of its own time."""


def read_together(
    files: Sequence[File], pick: Callable[[bytes], Adapter], fit: Callable[[Data], Data], hints: Hints
) -> Together:
    """What the files say as one of `hints.shape`.

    `pick` gives the adapter that reads a file, `fit` its data as the shape has it; both raise `Invalid`. Raises
    `Invalid` where the shape has no rule for several files, where they are in different formats, or where they
    contradict each other; `Malformed` or `Invalid`, naming the file, where one can't be read.
    """
    if len(files) > 1 and hints.shape not in RULES:
        raise _refused(
            f"{hints.shape} is read from one file alone; sent were {', '.join(shown(file.name) for file in files)}"
        )
    warnings = Warnings()
    distinct = sorted({file.digest: file for file in reversed(files)}.items())
    if len(distinct) < len(files):
        warnings.add(f"of {len(files)} files only {len(distinct)} differ; what is sent twice counts once")
    ordered = [file for _, file in distinct]
    adapter = _one_format(ordered, pick)
    readings = _readings(ordered, adapter, hints)
    for file, reading in zip(ordered, readings, strict=True):
        for warning in reading.warnings:
            warnings.add(f"{shown(file.name)}: {warning}" if len(files) > 1 else warning)
    data = readings[0].data
    if len(readings) > 1:
        data = RULES[hints.shape]([fit(reading.data) for reading in readings], warnings)
    reading = Reading(hints.shape, data, None, _producer(readings), warnings.all())
    return Together(adapter, reading, tuple(reading.collected_at for reading in readings))


def _one_format(files: Sequence[File], pick: Callable[[bytes], Adapter]) -> Adapter:
    found: list[tuple[File, Adapter]] = []
    refusals: list[tuple[File, Invalid]] = []
    for file in files:
        try:
            found.append((file, pick(file.raw)))
        except Invalid as error:
            refusals.append((file, error))
    if refusals and len(files) == 1:
        raise refusals[0][1]
    if refusals:
        told = "; ".join(f"{shown(file.name)}: {error.detail}" for file, error in refusals[:5])
        more = f"; and {len(refusals) - 5} more files" if len(refusals) > 5 else ""
        faults = tuple(_named(fault, file) for file, error in refusals for fault in error.faults)
        raise Invalid(told + more, faults=faults)
    if len({adapter.name for _, adapter in found}) > 1:
        told = ", ".join(f"{shown(file.name)} is {adapter.name}" for file, adapter in found)
        raise _refused(f"the files are in different formats: {told}; send those of each format by themselves")
    return found[0][1]


def _readings(files: Sequence[File], adapter: Adapter, hints: Hints) -> list[Reading]:
    """One of each file. There was one exit code: a file that shows the failure explains it, else one file bears it."""
    if not hints.exit_code or len(files) == 1:
        return [_read(file, adapter, hints, len(files)) for file in files]
    fine = msgspec.structs.replace(hints, exit_code=0)
    readings = [_read(file, adapter, fine, len(files)) for file in files]
    burdened = [_read(file, adapter, hints, len(files)) for file in files]
    if any(one == other for one, other in zip(readings, burdened, strict=True)):
        return readings
    return [burdened[0], *readings[1:]]


def _read(file: File, adapter: Adapter, hints: Hints, among: int) -> Reading:
    try:
        reading = adapter.read(file.raw, hints)
    except (Malformed, Invalid) as error:
        if among == 1:
            raise
        faults = tuple(_named(fault, file) for fault in error.faults)
        raise type(error)(f"{shown(file.name)}: {error.detail}", faults=faults, code=error.reason) from None
    if reading.shape != hints.shape:
        raise _refused(
            f"{adapter.name} read the file as {reading.shape!r}, not as {hints.shape!r}; send the JSON envelope"
        )
    if lost := lost_numbers(file.raw):
        return msgspec.structs.replace(reading, warnings=(*reading.warnings, lost))
    return reading


def _producer(readings: Sequence[Reading]) -> Producer:
    """The tool, and its version where they agree."""
    whole = same(reading.producer for reading in readings)
    tool = same(reading.producer.tool for reading in readings)
    return whole or Producer(tool or "")


def _named(fault: Fault, file: File) -> Fault:
    return msgspec.structs.replace(fault, message=f"{shown(file.name)}: {fault.message}")


def _refused(message: str) -> Invalid:
    return Invalid(message, faults=(Fault("", message),))
